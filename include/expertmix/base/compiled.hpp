#pragma once

/// `fit` and `lasso_path` cost a compiler most of its time. They are defined in `fit/job.hpp` and `path/job.hpp`:
/// inline, in every file that includes `fit.hpp` and `lasso.hpp`, unless EXPERTMIX_COMPILED says that one file of the
/// program includes these two definitions and compiles them for all others.
#ifdef EXPERTMIX_COMPILED
#define EXPERTMIX_DEFINITION
#else
#define EXPERTMIX_DEFINITION inline
#endif
