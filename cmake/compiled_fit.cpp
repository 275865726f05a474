#include <expertmix/fit/job.hpp>
