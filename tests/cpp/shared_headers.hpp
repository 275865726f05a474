// The headers that cost a compiler most, compiled once for all test files.
#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/mixture/registry.hpp>
#include <expertmix/source/fold.hpp>
#include <expertmix/source/memory.hpp>
