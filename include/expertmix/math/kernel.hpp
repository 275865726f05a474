#pragma once

#include "../base/abi.hpp"
#include "../base/arithmetic.hpp"

/// Marks a hot, non-template loop: compiled once per x86-64 level with full optimisation, the best version chosen when
/// the program loads. Where the compiler was told the machine (`-march=native`) there is one version, for that machine;
/// elsewhere (other compilers, other machines) it is an ordinary inline function.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__)
#define EXPERTMIX_X86
#define EXPERTMIX_OPTIMIZED optimize("O3,no-math-errno,no-trapping-math,no-tree-loop-distribute-patterns")
#ifdef __SSE3__
#define EXPERTMIX_KERNEL __attribute__((EXPERTMIX_OPTIMIZED)) inline
#else
#define EXPERTMIX_VERSIONS
#define EXPERTMIX_KERNEL \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), EXPERTMIX_OPTIMIZED)) inline
#endif
#else
#define EXPERTMIX_KERNEL inline
#endif

/// Where clang may take sums in another order, which no macro tells, it must not in the block that begins with this.
#if defined(__clang__) && __clang_major__ >= 11
#define EXPERTMIX_AS_WRITTEN _Pragma("clang fp reassociate(off)")
#else
#define EXPERTMIX_AS_WRITTEN
#endif

/// Marks a small function that must become part of the kernel that calls it.
#if defined(__GNUC__)
#define EXPERTMIX_INLINE __attribute__((always_inline)) inline
#else
#define EXPERTMIX_INLINE inline
#endif
