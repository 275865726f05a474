#pragma once

/// Catch2 of either generation, in what both have in common: version 3, or the single header of version 2.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
