#pragma once

#include <cstddef>

#include "kernel.hpp"

namespace expertmix {

/// out = a b.
EXPERTMIX_KERNEL void multiply(const double* a, const double* b, double* __restrict out,
                               std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] * b[i];
}

/// out = out + a b.
EXPERTMIX_KERNEL void multiply_add(const double* a, const double* b, double* __restrict out,
                                   std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += a[i] * b[i];
}

/// x = x + a.
EXPERTMIX_KERNEL void add(const double* __restrict a, double* __restrict x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) x[i] += a[i];
}

/// out = scale x.
EXPERTMIX_KERNEL void multiply_by(double scale, const double* x, double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = scale * x[i];
}

/// out = (x - centre) scale.
EXPERTMIX_KERNEL void recode(const double* __restrict x, double centre, double scale, double* __restrict out,
                             std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = (x[i] - centre) * scale;
}

/// out = a b; returns sum_i a_i b_i, in eight interleaved partial sums; n is a multiple of 8.
EXPERTMIX_KERNEL double multiply_total(const double* a, const double* b, double* __restrict out, std::size_t n) {
  double lane[8] = {};
  for (std::size_t i = 0; i < n; i += 8)
    for (std::size_t j = 0; j < 8; ++j) {
      out[i + j] = a[i + j] * b[i + j];
      lane[j] += out[i + j];
    }
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/// sum_i a_i b_i, likewise.
EXPERTMIX_KERNEL double dot(const double* a, const double* b, std::size_t n) {
  double lane[8] = {};
  for (std::size_t i = 0; i < n; i += 8)
    for (std::size_t j = 0; j < 8; ++j) lane[j] += a[i + j] * b[i + j];
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/// sum_i a_i, likewise.
EXPERTMIX_KERNEL double total(const double* a, std::size_t n) {
  double lane[8] = {};
  for (std::size_t i = 0; i < n; i += 8)
    for (std::size_t j = 0; j < 8; ++j) lane[j] += a[i + j];
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

}  // namespace expertmix
