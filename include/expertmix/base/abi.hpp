#pragma once

/// Heavy definitions stand in .ipp files. A header includes its own, where they are inline; unless EXPERTMIX_COMPILED
/// says that `src/compiled_*.cpp` are part of the program and compile them for all: `expertmix::compiled` in CMake.
///
/// Every name lives in an inline namespace for the version and for which of the two it is, so that objects of several
/// versions, or of both kinds, can be linked or loaded together and share nothing.
#ifdef EXPERTMIX_COMPILED
#define EXPERTMIX_DEFINITION
#define EXPERTMIX_ABI v0_1_11_compiled
#else
#define EXPERTMIX_DEFINITION inline
#define EXPERTMIX_ABI v0_1_11
#endif
