#pragma once

#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "../simulate.hpp"

namespace expertmix {

/// The conditional densities f(y | x, z) of a mixture at the rows of two designs; x is z, too, where there is none.
struct Conditional {
  Given<mat> x, z;
  Mixture mixture;
  Coefficients at;

  /// The designs, without a response.
  Data data() const { return Data(x).gate(z); }

  vec log_density(const uvec& rows, const mat& y) const try {
    return expertmix::log_density(Data(x->rows(rows), y).gate(data().gate().rows(rows)), mixture, at);
  } catch (...) {
    detail::leave("log_density");
  }
};

/// Distances of a density q from p, averaged over rows.
struct Divergence {
  double hellinger;         ///< E_X { integral (sqrt p - sqrt q)^2 / 2 }^(1/2)
  double total_variation;   ///< E_X integral |p - q| / 2
  double kullback_leibler;  ///< E_X integral p log(p / q)
};

namespace detail {

/// (sqrt p - sqrt q)^2 / 2, |p - q| / 2 and p log(p / q) - p + q, whose integrals are the distances.
inline mat integrands(const vec& log_p, const vec& log_q) {
  const vec p = arma::exp(log_p), q = arma::exp(log_q), root = arma::exp(0.5 * log_p) - arma::exp(0.5 * log_q);
  vec kl = p % (log_p - log_q) - p + q;
  kl.elem(arma::find(p == 0.0)) = q.elem(arma::find(p == 0.0));
  return arma::join_rows(0.5 * arma::square(root), 0.5 * arma::abs(p - q), kl);
}

/// Throws `invalid_argument` unless two densities can be compared.
inline void check_pair(const char* where, const Conditional& p, const Conditional& q) {
  check_model(where, p.data(), p.mixture, p.at);
  check_model(where, q.data(), q.mixture, q.at);
  const Experts &own = *p.mixture.family, &other = *q.mixture.family;
  require(own.outcomes() == other.outcomes() && own.numeric() == other.numeric(), where, "q", "is of another family");
  require(own.responses() == 1 && other.responses() == 1, where, "p", "is of counts: too many to sum over");
  require(p.x->n_rows == q.x->n_rows, where, "q", "has other rows than p");
}

inline mat integrands(const Conditional& p, const Conditional& q, const uvec& rows, const mat& y) {
  return integrands(p.log_density(rows, y), q.log_density(rows, y));
}

inline Divergence averaged(mat of_rows) {
  of_rows.col(0) = arma::sqrt(arma::clamp(of_rows.col(0), 0.0, arma::datum::inf));
  const arma::rowvec mean = arma::mean(of_rows, 0);
  return {mean(0), mean(1), mean(2)};
}

/// Sums over the classes of every row: n x 3.
inline mat over_classes(const Conditional& p, const Conditional& q) {
  const uword n = p.x->n_rows;
  const uvec rows = arma::regspace<uvec>(0, n - 1);
  mat out(n, 3, arma::fill::zeros);
  for (uword c = 0; c < p.mixture.family->outcomes(); ++c)
    out += integrands(p, q, rows, mat(n, 1).fill(static_cast<double>(c)));
  return out;
}

/// Intervals of the response at given rows.
struct Panels {
  std::vector<uword> row;
  std::vector<double> from, to;

  void add(uword r, double a, double b) { row.push_back(r), from.push_back(a), to.push_back(b); }
};

/// Between points that bracket every expert of both mixtures, out to 12 standard deviations.
inline Panels first_panels(const Conditional& p, const Conditional& q) {
  Panels out;
  const mat means = arma::join_rows(expert_means(p.data(), p.mixture, p.at), expert_means(q.data(), q.mixture, q.at));
  const vec sigma = arma::join_cols(p.at.sigma, q.at.sigma);
  for (uword i = 0; i < means.n_rows; ++i) {
    std::vector<double> at;
    for (uword k = 0; k < sigma.n_elem; ++k)
      for (double z : {-12.0, -4.0, -1.5, 0.0, 1.5, 4.0, 12.0}) at.push_back(means(i, k) + z * sigma(k));
    std::sort(at.begin(), at.end());
    for (std::size_t b = 1; b < at.size(); ++b)
      if (at[b] > at[b - 1]) out.add(i, at[b - 1], at[b]);
  }
  return out;
}

/// Adds the panels' integrals by the 15-point Gauss-Kronrod rule to those of their rows; panels where the 7-point Gauss
/// rule disagrees by more than `tolerance` come back in halves, unless it is the last round.
inline Panels integrate(const Conditional& p, const Conditional& q, const Panels& panels, double tolerance, bool last,
                        mat& sum) {
  using Kronrod = boost::math::quadrature::gauss_kronrod<double, 15>;
  const auto &node = Kronrod::abscissa(), &weight = Kronrod::weights();
  const auto& gauss = boost::math::quadrature::gauss<double, 7>::weights();
  const uword count = panels.row.size();
  uvec rows(15 * count);
  mat y(15 * count, 1);
  for (uword b = 0; b < count; ++b)
    for (int j = -7; j <= 7; ++j) {
      const double half = 0.5 * (panels.to[b] - panels.from[b]);
      rows(15 * b + j + 7) = panels.row[b];
      y(15 * b + j + 7) = panels.from[b] + half * (1.0 + (j < 0 ? -1.0 : 1.0) * node[std::abs(j)]);
    }
  const mat values = integrands(p, q, rows, y);
  Panels halves;
  for (uword b = 0; b < count; ++b) {
    const double half = 0.5 * (panels.to[b] - panels.from[b]), middle = panels.from[b] + half;
    arma::rowvec fine(3, arma::fill::zeros), coarse(3, arma::fill::zeros);
    for (int j = -7; j <= 7; ++j) {
      const auto value = values.row(15 * b + j + 7);
      fine += half * weight[std::abs(j)] * value;
      if (j % 2 == 0) coarse += half * gauss[std::abs(j) / 2] * value;
    }
    if (last || arma::abs(fine - coarse).max() <= tolerance)
      sum.row(panels.row[b]) += fine;
    else
      halves.add(panels.row[b], panels.from[b], middle), halves.add(panels.row[b], middle, panels.to[b]);
  }
  return halves;
}

}  // namespace detail

/// Distances of q from p, of one family, at rows with the same covariates: sums over classes, or adaptive quadrature
/// over a numeric response. Throws `invalid_argument`.
inline Divergence divergence(const Conditional& p, const Conditional& q, double tolerance = 1e-9) try {
  detail::check_pair("divergence", p, q);
  require(tolerance > 0.0 && std::isfinite(tolerance), "divergence", "tolerance", "must be positive");
  if (!p.mixture.family->numeric()) return detail::averaged(detail::over_classes(p, q));
  mat sum(p.x->n_rows, 3, arma::fill::zeros);
  detail::Panels panels = detail::first_panels(p, q);
  for (int round = 0; !panels.row.empty(); ++round)
    panels = detail::integrate(p, q, panels, tolerance, round == 25, sum);
  return detail::averaged(sum);
} catch (...) {
  detail::leave("divergence");
}

/// The same by `draws` responses y from p at every row: the means of 1 - (q / p)^(1/2), (1 - q / p)_+ and log(p / q).
inline Divergence sampled_divergence(const Conditional& p, const Conditional& q, uword draws, std::uint64_t seed) try {
  detail::check_pair("divergence", p, q);
  require(draws >= 1, "divergence", "draws", "must be 1 or more");
  const uword n = p.x->n_rows;
  const uvec rows = arma::vectorise(arma::repmat(arma::regspace<uvec>(0, n - 1), 1, draws));
  const mat x = p.x->rows(rows), z = p.data().gate().rows(rows);
  const mat y = draw(Data(x).gate(z), p.mixture, p.at, seed).y;
  const vec log_ratio = q.log_density(rows, y) - p.log_density(rows, y);
  const mat each =
      arma::join_rows(1.0 - arma::exp(0.5 * log_ratio), arma::clamp(1.0 - arma::exp(log_ratio), 0.0, 1.0), -log_ratio);
  mat mean(n, 3, arma::fill::zeros);
  for (uword i = 0; i < rows.n_elem; ++i) mean.row(rows(i)) += each.row(i) / static_cast<double>(draws);
  return detail::averaged(mean);
} catch (...) {
  detail::leave("divergence");
}

}  // namespace expertmix
