#include <expertmix/fit/lasso_job.hpp>
