#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "merges.hpp"
#include "source/walk.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// Sums over the rows of which distances of experts are made.
class ExpertGaps {
 public:
  explicit ExpertGaps(const Mixture& mixture)
      : mixture_(mixture),
        columns_(mixture.family->outcomes().columns(mixture.experts)),
        memory_(2 * columns_ * column_stride(max_block_rows)),
        level_{memory_.data(), column_stride(max_block_rows)},
        squared_unit_(level_.from(columns_)),
        apart_(mixture.experts, mixture.experts, arma::fill::zeros),
        mass_(mixture.experts, arma::fill::zeros) {}

  void add(const Data& data, std::size_t first, std::size_t rows, const Block& block, const Workspace& work) {
    const Rows own = work.family_rows(block);
    mixture_.family->mean(own, block, level_);
    mixture_.family->levels(own, block, level_, squared_unit_);
    for (std::size_t n = 0; n < rows; ++n) add_row(data.row_weight(first + n), n, work.r);
  }

  mat distances(const vec& sigma) const {
    const uword experts = mass_.n_elem;
    const vec share = mass_ / arma::accu(mass_);
    mat out(experts, experts);
    out.fill(arma::datum::inf);
    for (uword i = 0; i < experts; ++i)
      for (uword j = 0; j < i; ++j) {
        const double apart = apart_(i, j) / std::max(mass_(i) + mass_(j), tiny),
                     spread = sigma.empty() ? 0.0 : std::log(sigma(i) / sigma(j));
        const double together = share(i) * share(j) / std::max(share(i) + share(j), tiny);
        out(i, j) = out(j, i) = together * (apart + spread * spread);
      }
    return out;
  }

 private:
  static constexpr double tiny = std::numeric_limits<double>::min(), most = 1e100;

  void add_row(double weight, std::size_t n, Table r) {
    for (uword i = 0; i < mass_.n_elem; ++i) {
      mass_(i) += weight * r[i][n];
      for (uword j = 0; j < i; ++j) apart_(i, j) += weight * (r[i][n] + r[j][n]) * std::min(gap(n, i, j), most);
    }
  }

  /// sum_c (m_ic - m_jc)^2 / v_c of row n
  double gap(std::size_t n, uword i, uword j) const {
    const Outcomes outcomes = mixture_.family->outcomes();
    double sum = 0.0;
    for (uword c = 0; c < outcomes.count; ++c) {
      const uword a = outcomes.column(i, c), b = outcomes.column(j, c);
      const double difference = level_[a][n] - level_[b][n], unit = 0.5 * (squared_unit_[a][n] + squared_unit_[b][n]);
      sum += difference * difference / std::max(unit, tiny);
    }
    return sum;
  }

  const Mixture& mixture_;
  uword columns_;
  AlignedVector memory_;
  Table level_, squared_unit_;
  mat apart_;
  vec mass_;
};

/// An expert with less than so many rows is not cut in two.
constexpr double least_mass = 1e-6;

/// The predictor of every expert's mean, a number among all.
inline std::vector<std::size_t> mean_predictors(const Mixture& mixture, const Layout& layout) {
  std::vector<std::size_t> out(mixture.experts);
  const std::vector<Term> terms = mixture.family->terms(mixture.experts);
  for (auto term = terms.rbegin(); term != terms.rend(); ++term)
    out[term->expert] = layout.gate_predictors + term->predictor;
  return out;
}

/// Responsibilities of all rows, and whether each row is above an expert's mean: where the score of that is positive.
struct RowsOfExperts {
  RowsOfExperts(const Data& data, const Mixture& mixture, const Coefficients& coefficients)
      : r(data.rows(), mixture.experts), above(data.rows(), mixture.experts) {
    walk(data, mixture, coefficients, [&](std::size_t first, std::size_t rows, const Block& block, Workspace& work) {
      for (uword k = 0; k < mixture.experts; ++k) std::copy_n(work.r[k], rows, r.colptr(k) + first);
      mixture.differentiate(block, work.layout, work);
      const std::vector<std::size_t> own = mean_predictors(mixture, work.layout);
      for (uword k = 0; k < mixture.experts; ++k) {
        const double* score = work.weights[work.layout.score.slots[own[k] * work.layout.predictors.size() + own[k]]];
        std::transform(score, score + rows, above.colptr(k) + first, [](double value) { return value > 0.0; });
      }
    });
  }

  mat r;
  arma::umat above;
};

/// The columns that vary, each by its mean and standard deviation.
inline mat standardised(const mat& z) {
  mat out = z.cols(arma::find(arma::max(z, 0) > arma::min(z, 0)));
  out.each_row() -= arma::rowvec(arma::mean(out, 0));
  out.each_row() /= arma::rowvec(arma::stddev(out, 0, 0));
  return out;
}

/// The largest value that has half of the weight above it or at it, or more.
inline double weighted_median(const vec& values, const vec& weights) {
  const uvec order = arma::sort_index(values);
  const double half = 0.5 * arma::accu(weights);
  double sum = 0.0;
  for (uword i : order)
    if ((sum += weights(i)) >= half) return values(i);
  return values(order.back());
}

/// Whether rows are above the weighted median along the largest principal component of weighted rows.
inline uvec above_along_axis(const mat& z, const vec& weights) {
  mat centred = z;
  centred.each_row() -= arma::rowvec(weights.t() * z / arma::accu(weights));
  mat scaled = centred;
  scaled.each_col() %= arma::sqrt(weights);
  vec values;
  mat axes;
  require(arma::eig_sym(values, axes, arma::symmatu(mat(scaled.t() * scaled))), "split_responsibilities", "data",
          "has columns of z without principal components");
  const vec along = centred * axes.tail_cols(1);
  return along > weighted_median(along, weights);
}

inline mat with_split(const mat& r, uword expert, const uvec& above, double share) {
  const vec part = arma::conv_to<vec>::from(above) * (2.0 * share - 1.0) + (1.0 - share);
  mat out = arma::join_rows(r, vec(r.col(expert) % part));
  out.col(expert) -= out.tail_cols(1);
  return out;
}

}  // namespace detail

EXPERTMIX_DEFINITION mat expert_distances(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  data.require_response("expert_distances");
  detail::check_model("expert_distances", data, mixture, coefficients);
  try {
    detail::ExpertGaps gaps(mixture);
    detail::walk(data, mixture, coefficients,
                 [&](std::size_t first, std::size_t rows, const Block& block, const detail::Workspace& work) {
                   gaps.add(data, first, rows, block, work);
                 });
    return gaps.distances(coefficients.sigma);
  } catch (...) {
    detail::leave("expert_distances");
  }
}

EXPERTMIX_DEFINITION mat merged_responsibilities(const mat& responsibilities, uword into, uword from) {
  require(into != from && std::max(into, from) < responsibilities.n_cols, "merged_responsibilities", "from",
          "must be another expert than `into`, both below the number of columns");
  mat out = responsibilities;
  out.col(into) += out.col(from);
  out.shed_col(from);
  return out;
}

EXPERTMIX_DEFINITION std::vector<mat> split_responsibilities(const Data& data, const Mixture& mixture,
                                                             const Coefficients& coefficients, double share) {
  data.require_response("split_responsibilities");
  require(share > 0.5 && share <= 1.0, "split_responsibilities", "share", "must be above 1/2, at most 1");
  detail::check_model("split_responsibilities", data, mixture, coefficients);
  try {
    const detail::RowsOfExperts rows(data, mixture, coefficients);
    const mat z = detail::standardised(data.gate());
    std::vector<mat> out;
    for (uword k = 0; k < mixture.experts; ++k) {
      if (arma::accu(rows.r.col(k)) < detail::least_mass) continue;
      if (mixture.family->outcomes().count == 1) out.push_back(detail::with_split(rows.r, k, rows.above.col(k), share));
      if (!z.empty()) out.push_back(detail::with_split(rows.r, k, detail::above_along_axis(z, rows.r.col(k)), share));
    }
    return out;
  } catch (...) {
    detail::leave("split_responsibilities");
  }
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
