#pragma once

#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "../simulate.ipp"
#include "distance.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

EXPERTMIX_DEFINITION vec Conditional::log_density(const uvec& rows, const mat& y) const try {
  return expertmix::log_density(Data(x->rows(rows), y).gate(data().gate().rows(rows)), mixture, at);
} catch (...) {
  detail::leave("log_density");
}

EXPERTMIX_DEFINITION mat Conditional::means(const uvec& rows) const {
  return expert_means(Data(x->rows(rows)).gate(data().gate().rows(rows)), mixture, at);
}

namespace detail {

/// exp(v), on the calling thread: Armadillo's own takes as many as there are.
inline vec exponentials(vec v) {
  return v.transform([](double value) { return std::exp(value); });
}

/// (sqrt p - sqrt q)^2 / 2, |p - q| / 2 and p log(p / q) - p + q, whose integrals are the distances.
inline mat integrands(const vec& log_p, const vec& log_q) {
  const vec p = exponentials(log_p), q = exponentials(log_q),
            root = exponentials(0.5 * log_p) - exponentials(0.5 * log_q);
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

inline Divergence averaged(mat of_rows) {
  of_rows.col(0) = arma::sqrt(arma::clamp(of_rows.col(0), 0.0, 1.0));
  of_rows.col(1) = arma::clamp(of_rows.col(1), 0.0, 1.0);
  const arma::rowvec mean = arma::mean(of_rows, 0);
  return {mean(0), mean(1), mean(2)};
}

/// Sums over the classes of every row: n x 3.
inline mat over_classes(const Conditional& p, const Conditional& q, const uvec& rows) {
  mat out(rows.n_elem, 3, arma::fill::zeros);
  for (uword c = 0; c < p.mixture.family->outcomes(); ++c)
    out += integrands(p.log_density(rows, mat(rows.n_elem, 1).fill(static_cast<double>(c))),
                      q.log_density(rows, mat(rows.n_elem, 1).fill(static_cast<double>(c))));
  return out;
}

/// An interval of the response at a row.
struct Panel {
  uword row;
  double from, to;

  double half() const { return 0.5 * (to - from); }
  double middle() const { return from + half(); }
};
using Panels = std::vector<Panel>;

/// Between points that bracket every expert of both mixtures, out to 12 standard deviations.
inline Panels first_panels(const Conditional& p, const Conditional& q, const uvec& rows) {
  Panels out;
  const mat means = arma::join_rows(p.means(rows), q.means(rows));
  const vec sigma = arma::join_cols(p.at.sigma, q.at.sigma);
  for (uword i = 0; i < means.n_rows; ++i) {
    std::vector<double> at;
    for (uword k = 0; k < sigma.n_elem; ++k)
      for (double z : {-12.0, -4.0, -1.5, 0.0, 1.5, 4.0, 12.0}) at.push_back(means(i, k) + z * sigma(k));
    std::sort(at.begin(), at.end());
    for (std::size_t b = 1; b < at.size(); ++b)
      if (at[b] > at[b - 1]) out.push_back({rows(i), at[b - 1], at[b]});
  }
  return out;
}

/// Calls visit(first, last) for pieces of 0, ..., count - 1, of so many each. Throws `interrupted`.
template <class Visit>
void in_pieces(std::size_t count, std::size_t size, StopWatch& watch, Visit visit) {
  for (std::size_t first = 0; first < count; first += size) {
    watch.check();
    visit(first, std::min(count, first + size) - 1);
  }
}

using Kronrod = boost::math::quadrature::gauss_kronrod<double, 15>;

/// The integrands at the nodes of panels first, ..., last, times half the panel's width: 15 rows a panel.
inline mat at_nodes(const Conditional& p, const Conditional& q, const Panels& panels, std::size_t first,
                    std::size_t last) {
  const uword count = 15 * (last - first + 1);
  uvec rows(count);
  mat y(count, 1);
  vec log_half(count);
  for (uword a = 0; a < count; ++a) {
    const Panel& panel = panels[first + a / 15];
    const int j = static_cast<int>(a % 15) - 7;
    rows(a) = panel.row;
    y(a) = panel.from + panel.half() * (1.0 + (j < 0 ? -1.0 : 1.0) * Kronrod::abscissa()[std::abs(j)]);
    log_half(a) = std::log(panel.half());
  }
  return integrands(p.log_density(rows, y) + log_half, q.log_density(rows, y) + log_half);
}

/// Adds the panels' integrals by the 15-point Gauss-Kronrod rule to those of their rows; panels where the 7-point Gauss
/// rule disagrees by more than `tolerance`, relatively where the integral is above one, come back in halves, unless it
/// is the last round.
inline Panels integrate(const Conditional& p, const Conditional& q, const Panels& panels, double tolerance, bool last,
                        StopWatch& watch, mat& sum) {
  const auto& weight = Kronrod::weights();
  const auto& gauss = boost::math::quadrature::gauss<double, 7>::weights();
  Panels halves;
  in_pieces(panels.size(), 1024, watch, [&](std::size_t from, std::size_t to) {
    const mat values = at_nodes(p, q, panels, from, to);
    for (std::size_t b = from; b <= to; ++b) {
      arma::rowvec fine(3, arma::fill::zeros), coarse(3, arma::fill::zeros);
      for (int j = -7; j <= 7; ++j) {
        const auto value = values.row(15 * (b - from) + j + 7);
        fine += weight[std::abs(j)] * value;
        if (j % 2 == 0) coarse += gauss[std::abs(j) / 2] * value;
      }
      const arma::rowvec size = arma::clamp(arma::abs(fine), 1.0, arma::datum::inf);
      const Panel& panel = panels[b];
      if (last || !fine.is_finite() || arma::all(arma::abs(fine - coarse) <= tolerance * size)) {
        sum.row(panel.row) += fine;
      } else {
        halves.push_back({panel.row, panel.from, panel.middle()});
        halves.push_back({panel.row, panel.middle(), panel.to});
      }
    }
  });
  return halves;
}

/// In at most 26 rounds, and from 1024 panels a row on in one.
inline void over_numbers(const Conditional& p, const Conditional& q, const uvec& rows, double tolerance,
                         StopWatch& watch, mat& sum) {
  Panels panels = first_panels(p, q, rows);
  for (int round = 0; !panels.empty(); ++round) {
    const bool last = round == 25 || panels.size() > 1024 * rows.n_elem;
    panels = integrate(p, q, panels, tolerance, last, watch, sum);
  }
}

}  // namespace detail

EXPERTMIX_DEFINITION Divergence sampled_divergence(const Conditional& p, const Conditional& q, uword draws,
                                                   std::uint64_t seed, const Context& context) try {
  detail::check_pair("sampled_divergence", p, q);
  require(draws > 0 && draws <= most_draws, "sampled_divergence", "draws", "must be between 1 and 1e9");
  StopWatch watch(context);
  Random random(seed, 0);
  const uword n = p.x->n_rows;
  mat mean(n, 3, arma::fill::zeros);
  detail::in_pieces(n * draws, 8192, watch, [&](std::size_t first, std::size_t last) {
    uvec rows = arma::regspace<uvec>(first, last);
    rows.transform([&](uword i) { return i % n; });
    const Data at = Data(p.x->rows(rows)).gate(p.data().gate().rows(rows));
    const mat y = detail::draw_at(random, at, p.mixture, p.at, context).y;
    const vec log_ratio = q.log_density(rows, y) - p.log_density(rows, y);
    const mat each = arma::join_rows(1.0 - detail::exponentials(0.5 * log_ratio),
                                     arma::clamp(1.0 - detail::exponentials(log_ratio), 0.0, 1.0), -log_ratio);
    for (uword i = 0; i < rows.n_elem; ++i) mean.row(rows(i)) += each.row(i) / static_cast<double>(draws);
  });
  return detail::averaged(mean);
} catch (...) {
  detail::leave("divergence");
}

EXPERTMIX_DEFINITION Divergence divergence(const Conditional& p, const Conditional& q, double tolerance,
                                           const Context& context) try {
  detail::check_pair("divergence", p, q);
  require(tolerance > 0.0 && std::isfinite(tolerance), "divergence", "tolerance", "must be positive");
  StopWatch watch(context);
  mat sum(p.x->n_rows, 3, arma::fill::zeros);
  detail::in_pieces(p.x->n_rows, 64, watch, [&](std::size_t first, std::size_t last) {
    const uvec rows = arma::regspace<uvec>(first, last);
    if (p.mixture.family->numeric())
      detail::over_numbers(p, q, rows, tolerance, watch, sum);
    else
      sum.rows(first, last) = detail::over_classes(p, q, rows);
  });
  return detail::averaged(sum);
} catch (...) {
  detail::leave("divergence");
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
