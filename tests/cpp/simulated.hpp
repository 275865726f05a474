#pragma once

#include <expertmix/base/random.hpp>

/// A simulated data set of a softmax-gated mixture of Gaussian experts, and what it was drawn from.
struct Simulated {
  arma::mat x, gate, experts;
  arma::vec y, sigma;
};

inline Simulated simulate(arma::uword n, arma::uword p, arma::uword experts, std::uint64_t seed, double spread = 2.0) {
  expertmix::Random random(seed, 0);
  const auto normal = [&random] { return random.normal(); };
  Simulated out;
  out.x.set_size(n, p + 1);
  out.gate.set_size(p + 1, experts);
  out.experts.set_size(p + 1, experts);
  out.y.set_size(n);
  out.sigma.set_size(experts);
  out.x.imbue(normal), out.gate.imbue(normal), out.experts.imbue([&] { return spread * random.normal(); });
  out.x.col(0).ones();
  out.gate.col(0).zeros();
  out.sigma.imbue([&] { return 0.5 + 0.5 * random.uniform(); });
  for (arma::uword i = 0; i < n; ++i) {
    const arma::rowvec weight = arma::exp(out.x.row(i) * out.gate);
    double u = random.uniform() * arma::accu(weight);
    arma::uword k = 0;
    while (k + 1 < experts && u > weight(k)) u -= weight(k++);
    out.y(i) = arma::dot(out.x.row(i), out.experts.col(k)) + out.sigma(k) * random.normal();
  }
  return out;
}

/// log f(y | x) summed over the rows, written out.
inline double slow_log_likelihood(const arma::mat& x, const arma::mat& z, const arma::vec& y, const arma::mat& gate,
                                  const arma::mat& experts, const arma::vec& sigma) {
  double sum = 0.0;
  for (arma::uword i = 0; i < y.n_elem; ++i) {
    arma::rowvec pi = arma::exp(z.row(i) * gate - (z.row(i) * gate).max());
    pi /= arma::accu(pi);
    double density = 0.0;
    for (arma::uword k = 0; k < sigma.n_elem; ++k) {
      const double e = (y(i) - arma::dot(x.row(i), experts.col(k))) / sigma(k);
      density += pi(k) * std::exp(-0.5 * e * e) / (sigma(k) * std::sqrt(2.0 * arma::datum::pi));
    }
    sum += std::log(density);
  }
  return sum;
}
