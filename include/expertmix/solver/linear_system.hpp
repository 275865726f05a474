#pragma once

#include <optional>

#include "../model/statistics.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Cholesky solver for an information matrix, block by block.
class CholeskyFactor {
 public:
  /// Nothing where the matrix is empty, not finite or not positive definite.
  static std::optional<CholeskyFactor> of(const Information& information) {
    CholeskyFactor out(information.first);
    for (const mat& block : information.block)
      if (!block.is_finite() || !arma::chol(out.factor_.emplace_back(), block)) return {};
    return information.empty() ? std::nullopt : std::optional(std::move(out));
  }

  vec solve(const vec& right) const { return backward(forward(right)); }

  /// R'^-1 b, so that |forward(b)|^2 = b' A^-1 b with A = R' R.
  vec forward(const vec& right) const {
    vec out(right.n_elem);
    for (std::size_t b = 0; b < factor_.size(); ++b)
      out(span(b)) = arma::solve(arma::trimatl(mat(factor_[b].t())), vec(right(span(b))), arma::solve_opts::fast);
    return out;
  }

  mat inverse() const {
    const uword size = first_.back() + factor_.back().n_rows;
    mat out(size, size, arma::fill::zeros);
    for (std::size_t b = 0; b < factor_.size(); ++b) {
      const uword n = factor_[b].n_rows;
      const mat half = arma::solve(arma::trimatu(factor_[b]), arma::eye(n, n), arma::solve_opts::fast);
      out(span(b), span(b)) = half * half.t();
    }
    return out;
  }

 private:
  explicit CholeskyFactor(std::vector<uword> first) : first_(std::move(first)) {}

  vec backward(const vec& right) const {
    vec out(right.n_elem);
    for (std::size_t b = 0; b < factor_.size(); ++b)
      out(span(b)) = arma::solve(arma::trimatu(factor_[b]), vec(right(span(b))), arma::solve_opts::fast);
    return out;
  }

  arma::span span(std::size_t b) const { return arma::span(first_[b], first_[b] + factor_[b].n_rows - 1); }

  std::vector<uword> first_;
  std::vector<mat> factor_;
};

/// The information with enough added to the diagonal of each singular block to make it safely positive definite.
inline Information regularised(Information information) {
  for (mat& block : information.block) {
    const double largest = std::max(block.diag().max(), 1e-12);
    mat factor;
    double added = 1e-12;
    block.diag() += added * largest;
    for (; !arma::chol(factor, block) && added < 1.0; added *= 100.0) block.diag() += 99.0 * added * largest;
  }
  return information;
}

/// a + scale b, where the blocks of b lie within those of a.
inline Information combine(Information a, double scale, const Information& b) {
  for (std::size_t k = 0; k < b.block.size(); ++k) {
    const std::size_t to = a.find(b.first[k]);
    const uword start = b.first[k] - a.first[to], n = b.block[k].n_rows;
    a.block[to].submat(start, start, arma::size(n, n)) += scale * b.block[k];
  }
  return a;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
