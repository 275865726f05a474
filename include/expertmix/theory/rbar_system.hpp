#pragma once

#include <algorithm>
#include <cmath>

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The system of 2305.03288, Lemma 1 (d = 1): for all l1, l2 with 1 <= l1 + l2 <= r,
/// sum_i t5_i^2 sum_{a1 + a2 = l1, a3 + 2 a4 = l2 - a2} t1_i^a1 t2_i^a2 t3_i^a3 t4_i^a4 / (a1! a2! a3! a4!) = 0.
class RbarSystem {
 public:
  RbarSystem(uword atoms, uword order, double least_weight) : m_(atoms), r_(order), least_(least_weight) {}

  uword unknowns() const { return 5 * m_ - 1; }

  /// Free unknowns: t1, t2, t4; t3 = (1, sin u); t5^2 = least + (1 - least) / (1 + exp(-u)).
  mat unpack(const vec& u) const {
    mat t(m_, 5);
    t.col(0) = u.subvec(0, m_ - 1);
    t.col(1) = u.subvec(m_, 2 * m_ - 1);
    t.col(3) = u.subvec(2 * m_, 3 * m_ - 1);
    t.col(4) = arma::sqrt(least_ + (1.0 - least_) / (1.0 + arma::exp(-u.subvec(3 * m_, 4 * m_ - 1))));
    t(0, 2) = 1.0;
    for (uword i = 1; i < m_; ++i) t(i, 2) = std::sin(u(4 * m_ + i - 1));
    return t;
  }

  vec equations(const mat& t) const {
    vec out((r_ + 1) * (r_ + 2) / 2 - 1, arma::fill::zeros);
    for (uword i = 0; i < m_; ++i) {
      const mat term = terms(t.row(i));
      for (uword l1 = 0, e = 0; l1 <= r_; ++l1)
        for (uword l2 = l1 == 0 ? 1 : 0; l1 + l2 <= r_; ++l2) out(e++) += t(i, 4) * t(i, 4) * inner(term, l1, l2);
    }
    return out;
  }

 private:
  /// t^a / a! for a = 0, ..., r, one column each of t1, ..., t4.
  mat terms(const arma::rowvec& t) const {
    mat out(r_ + 1, 4, arma::fill::ones);
    for (uword a = 1; a <= r_; ++a)
      for (uword j = 0; j < 4; ++j) out(a, j) = out(a - 1, j) * t(j) / static_cast<double>(a);
    return out;
  }
  static double inner(const mat& term, uword l1, uword l2) {
    double sum = 0.0;
    for (uword a2 = 0; a2 <= std::min(l1, l2); ++a2)
      for (uword a4 = 0; 2 * a4 <= l2 - a2; ++a4)
        sum += term(l1 - a2, 0) * term(a2, 1) * term(l2 - a2 - 2 * a4, 2) * term(a4, 3);
    return sum;
  }

  uword m_, r_;
  double least_;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
