#pragma once

#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "../simulate.ipp"
#include "../source/walk.hpp"
#include "distance.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

EXPERTMIX_DEFINITION vec Conditional::log_density(const uvec& rows, const mat& y) const try {
  return expertmix::log_density(Data(x->rows(rows), y).gate(data().gate().rows(rows)), mixture, coefficients);
} catch (...) {
  detail::leave("log_density");
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
  check_model(where, p.data(), p.mixture, p.coefficients);
  check_model(where, q.data(), q.mixture, q.coefficients);
  const Experts &own = *p.mixture.family, &other = *q.mixture.family;
  require(own.response() == other.response(), where, "q",
          "is a density of " + other.response() + ", p one of " + own.response());
  require(own.responses() == 1, where, "p", "is of counts: too many to sum over");
  require(p.x->n_rows == q.x->n_rows, where, "q", "has other rows than p");
}

inline Divergence averaged(mat of_rows) {
  of_rows.col(0) = arma::sqrt(arma::clamp(of_rows.col(0), 0.0, 1.0));
  of_rows.col(1) = arma::clamp(of_rows.col(1), 0.0, 1.0);
  const arma::rowvec mean = arma::mean(of_rows, 0);
  return {mean(0), mean(1), mean(2)};
}

/// Of every row the points, or the ends of intervals, that hold nearly all probability of both mixtures, in order.
inline std::vector<std::vector<double>> supports(const Conditional& p, const Conditional& q, const uvec& rows) {
  std::vector<std::vector<double>> out(rows.n_elem);
  for (const Conditional* each : {&p, &q}) {
    const auto visit = [&](std::size_t first, std::size_t n, const Block& block, Workspace& work) {
      const Rows own = work.family_rows(block);
      for (std::size_t i = 0; i < n; ++i)
        for (uword k = 0; k < own.experts; ++k) each->mixture.family->support(own, block, i, k, out[first + i]);
    };
    walk(each->data(rows), each->mixture, each->coefficients, visit);
  }
  for (std::vector<double>& points : out) {
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
  }
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

/// Calls visit(first, last) for pieces of 0, ..., count - 1, of so many each. Throws `interrupted`.
template <class Visit>
void in_pieces(std::size_t count, std::size_t size, StopWatch& watch, Visit visit) {
  for (std::size_t first = 0; first < count; first += size) {
    watch.check();
    visit(first, std::min(count, first + size) - 1);
  }
}

/// Adds the sums over the points of every row.
inline void over_points(const Conditional& p, const Conditional& q, const uvec& rows, StopWatch& watch, mat& sum) {
  const auto points = supports(p, q, rows);
  std::vector<uword> row;
  std::vector<double> y;
  for (std::size_t i = 0; i < points.size(); ++i) {
    row.insert(row.end(), points[i].size(), rows(i));
    y.insert(y.end(), points[i].begin(), points[i].end());
  }
  in_pieces(row.size(), 8192, watch, [&](std::size_t first, std::size_t last) {
    const uvec own(std::vector<uword>(&row[first], &row[last] + 1));
    const mat response(std::vector<double>(&y[first], &y[last] + 1));
    const mat values = integrands(p.log_density(own, response), q.log_density(own, response));
    for (uword i = 0; i < own.n_elem; ++i) sum.row(own(i)) += values.row(i);
  });
}

/// Panels whose nodes are in memory at once, and most panels a row that are halved again.
constexpr std::size_t panels_at_once = 1024, most_panels = 1024;

using Kronrod = boost::math::quadrature::gauss_kronrod<double, 15>;

/// How many places a node of the rule, 0 to 14, is from the middle one.
inline std::size_t from_centre(uword node) { return node < 7 ? 7 - node : node - 7; }

/// The integrands at the nodes of panels first, ..., last, times half the panel's width: 15 rows a panel.
inline mat at_nodes(const Conditional& p, const Conditional& q, const Panels& panels, std::size_t first,
                    std::size_t last) {
  const uword count = 15 * (last - first + 1);
  uvec rows(count);
  mat y(count, 1);
  vec log_half(count);
  for (uword a = 0; a < count; ++a) {
    const Panel& panel = panels[first + a / 15];
    const double side = a % 15 < 7 ? -1.0 : 1.0;
    rows(a) = panel.row;
    y(a) = panel.from + panel.half() * (1.0 + side * Kronrod::abscissa()[from_centre(a % 15)]);
    log_half(a) = std::log(panel.half());
  }
  return integrands(p.log_density(rows, y) + log_half, q.log_density(rows, y) + log_half);
}

/// Integrals over a panel by the 15-point Gauss-Kronrod rule and by the 7-point Gauss rule within it.
struct Integral {
  arma::rowvec fine, coarse;

  /// Whether they differ by no more than `tolerance`, relatively where the integral is above one, or cannot.
  bool settled(double tolerance) const {
    const arma::rowvec size = arma::clamp(arma::abs(fine), 1.0, arma::datum::inf);
    return !fine.is_finite() || arma::all(arma::abs(fine - coarse) <= tolerance * size);
  }
};

/// From the integrands at a panel's nodes, which begin in row `first`.
inline Integral integral(const mat& values, uword first) {
  const auto& weight = Kronrod::weights();
  const auto& gauss = boost::math::quadrature::gauss<double, 7>::weights();
  Integral out{arma::rowvec(3, arma::fill::zeros), arma::rowvec(3, arma::fill::zeros)};
  for (uword j = 0; j < 15; ++j) {
    const auto value = values.row(first + j);
    const std::size_t off = from_centre(j);
    out.fine += weight[off] * value;
    if (off % 2 == 0) out.coarse += gauss[off / 2] * value;
  }
  return out;
}

/// Adds the panels' integrals to those of their rows; panels whose integral is not settled come back in halves, unless
/// it is the last round.
inline Panels integrate(const Conditional& p, const Conditional& q, const Panels& panels, double tolerance, bool last,
                        StopWatch& watch, mat& sum) {
  Panels halves;
  in_pieces(panels.size(), panels_at_once, watch, [&](std::size_t from, std::size_t to) {
    const mat values = at_nodes(p, q, panels, from, to);
    for (std::size_t b = from; b <= to; ++b) {
      const Panel& panel = panels[b];
      const Integral over = integral(values, 15 * (b - from));
      if (last || over.settled(tolerance)) {
        sum.row(panel.row) += over.fine;
      } else {
        halves.push_back({panel.row, panel.from, panel.middle()});
        halves.push_back({panel.row, panel.middle(), panel.to});
      }
    }
  });
  return halves;
}

/// Adds the integrals of every row: in at most 26 rounds, and from 1024 panels a row on in one.
inline void over_intervals(const Conditional& p, const Conditional& q, const uvec& rows, double tolerance,
                           StopWatch& watch, mat& sum) {
  Panels panels;
  const auto ends = supports(p, q, rows);
  for (std::size_t i = 0; i < ends.size(); ++i)
    for (std::size_t b = 1; b < ends[i].size(); ++b) panels.push_back({rows(i), ends[i][b - 1], ends[i][b]});
  for (int round = 0; !panels.empty(); ++round) {
    const bool last = round == 25 || panels.size() > most_panels * rows.n_elem;
    panels = integrate(p, q, panels, tolerance, last, watch, sum);
  }
}

/// 1 - (q / p)^(1/2), (1 - q / p)_+ and log(p / q) of responses drawn from p.
inline mat sampled_integrands(const vec& log_ratio) {
  return arma::join_rows(1.0 - exponentials(0.5 * log_ratio), arma::clamp(1.0 - exponentials(log_ratio), 0.0, 1.0),
                         -log_ratio);
}

}  // namespace detail

EXPERTMIX_DEFINITION Divergence sampled_divergence(const Conditional& p, const Conditional& q, uword draws,
                                                   std::uint64_t seed, const Context& context) try {
  detail::check_pair("sampled_divergence", p, q);
  require(draws > 0 && draws <= most_draws, "sampled_divergence", "draws", "must be between 1 and 1e9");
  detail::StopWatch watch(context);
  Random random(seed, 0);
  const uword n = p.x->n_rows;
  mat mean(n, 3, arma::fill::zeros);
  detail::in_pieces(n * draws, 8192, watch, [&](std::size_t first, std::size_t last) {
    uvec rows = arma::regspace<uvec>(first, last);
    rows.transform([&](uword i) { return i % n; });
    const mat y = detail::draw_rows(random, p.data(rows), p.mixture, p.coefficients, context).y;
    const mat each = detail::sampled_integrands(q.log_density(rows, y) - p.log_density(rows, y));
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
  detail::StopWatch watch(context);
  mat sum(p.x->n_rows, 3, arma::fill::zeros);
  detail::in_pieces(p.x->n_rows, 64, watch, [&](std::size_t first, std::size_t last) {
    const uvec rows = arma::regspace<uvec>(first, last);
    if (p.mixture.family->discrete())
      detail::over_points(p, q, rows, watch, sum);
    else
      detail::over_intervals(p, q, rows, tolerance, watch, sum);
  });
  return detail::averaged(sum);
} catch (...) {
  detail::leave("divergence");
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
