#pragma once

#include <boost/random/binomial_distribution.hpp>
#include <boost/random/gamma_distribution.hpp>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/poisson_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include <cmath>
#include <cstdint>
#include <unordered_set>

#include "abi.hpp"
#include "armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A stream of random numbers that belongs to one work item (start, fold, replication): a function of (seed, item)
/// only, the same on every platform and for any number of threads.
class Random {
 public:
  /// The stream of a work item.
  Random(std::uint64_t seed, std::uint64_t item) : engine_(mix(mix(seed) + item)) {}

  /// Uniform on [0, 1).
  double uniform() { return uniform_(engine_); }
  /// Standard normal.
  double normal() { return normal_(engine_); }

  /// Uniform on 0, ..., n - 1.
  uword index(uword n) { return boost::random::uniform_int_distribution<uword>(0, n - 1)(engine_); }

  /// An index below n with the given probabilities, which stand `stride` numbers apart and sum to one.
  uword choose(const double* probability, std::size_t stride, uword n) {
    double u = uniform();
    uword chosen = n, k = 0;
    for (; k < n && u >= 0.0; u -= probability[stride * k++])
      if (probability[stride * k] > 0.0) chosen = k;
    return chosen;
  }

  /// How many of `trials` (a whole number up to 2^53) succeed, each with the given probability.
  double binomial(double trials, double probability) {
    if (trials == 0.0 || probability <= 0.0) return 0.0;
    if (probability >= 1.0) return trials;
    boost::random::binomial_distribution<std::int64_t> distribution(static_cast<std::int64_t>(trials), probability);
    return static_cast<double>(distribution(engine_));
  }

  /// A Poisson count; above a mean of 1e15 the normal limit, rounded down.
  double poisson(double mean) {
    if (mean <= 0.0) return 0.0;
    if (mean > 1e15) return std::floor(mean + std::sqrt(mean) * normal());
    return static_cast<double>(boost::random::poisson_distribution<std::int64_t>(mean)(engine_));
  }

  /// Gamma distributed with mean and variance `shape`.
  double gamma(double shape) { return boost::random::gamma_distribution<double>(shape)(engine_); }

  /// `count` different indices below n, in random order (Floyd's method, then a shuffle).
  uvec sample(uword n, uword count) {
    std::unordered_set<uword> taken;
    uvec chosen(count);
    for (uword i = 0; i < count; ++i) {
      const uword top = n - count + i, candidate = index(top + 1);
      chosen(i) = taken.insert(candidate).second ? candidate : top;
      taken.insert(chosen(i));
    }
    for (uword i = count; i > 1; --i) std::swap(chosen(i - 1), chosen(index(i)));
    return chosen;
  }

 private:
  /// SplitMix64's finaliser: neighbouring seeds and items give unrelated streams.
  static std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }

  boost::random::mt19937_64 engine_;
  boost::random::uniform_01<double> uniform_;
  boost::random::normal_distribution<double> normal_;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
