#include <expertmix/path/job.hpp>
