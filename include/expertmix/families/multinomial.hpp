#pragma once

#include <boost/math/special_functions/gamma.hpp>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "../math/columns.hpp"
#include "../math/softmax.hpp"
#include "../model/experts.hpp"

namespace expertmix {

namespace detail {

/// out = u where y = c
EXPERTMIX_KERNEL void select_class(const double* y, double c, const double* u, double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = y[i] == c ? u[i] : out[i];
}

/// out += y (u - log_sum), with a finite difference where u and log_sum are large
EXPERTMIX_KERNEL void add_count(const double* y, const double* u, const double* log_sum, double* __restrict out,
                                std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += y[i] * (u[i] - log_sum[i]);
}

/// v (1{y = c} - p)
EXPERTMIX_KERNEL void class_residual(const double* y, double c, const double* p, const double* v,
                                     double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = v[i] * ((y[i] == c ? 1.0 : 0.0) - p[i]);
}

/// v (y - N p)
EXPERTMIX_KERNEL void count_residual(const double* y, const double* total, const double* p, const double* v,
                                     double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = v[i] * (y[i] - total[i] * p[i]);
}

/// v p (1 - p)
EXPERTMIX_KERNEL void class_variance(const double* p, const double* v, double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = v[i] * p[i] * (1.0 - p[i]);
}

/// -v p q
EXPERTMIX_KERNEL void class_covariance(const double* p, const double* q, const double* v, double* __restrict out,
                                       std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = -v[i] * p[i] * q[i];
}

/// log m!, from a table where m is small.
inline double log_factorial(double m) {
  static const auto table = [] {
    std::array<double, 256> list{};
    for (std::size_t i = 2; i < list.size(); ++i) list[i] = list[i - 1] + std::log(static_cast<double>(i));
    return list;
  }();
  return m < 256.0 ? table[static_cast<std::size_t>(m)] : boost::math::lgamma(m + 1.0);
}

}  // namespace detail

/// Multinomial-logistic experts for C classes (2310.14188): p_k = softmax(0, u_k1, ..., u_k,C-1), class 0 the
/// reference; C = 2 is logistic regression. The response is a column of classes 0, ..., C - 1, and f_k = p_ky; or, as
/// rows of C counts y_c with sum N, log f_k = log N! - sum_c log y_c! + sum_c y_c log p_kc. Predictors: the classes 1,
/// ..., C - 1 of expert 1, then those of expert 2, and so on; `symmetric` experts, as a penalty wants them, have one
/// for class 0, too.
///
/// With u as coordinates the derivatives are those of an exponential family: d log f_k / d u_c = y_c - N p_c, and minus
/// the second derivative is its own expectation, N (1{c = d} p_c - p_c p_d).
class MultinomialExperts final : public Experts {
 public:
  explicit MultinomialExperts(uword classes, bool counts = false, bool symmetric = false)
      : classes_(classes), counts_(counts), first_(symmetric ? 0 : 1) {
    require(classes >= 2, "MultinomialExperts", "classes", "must be two or more");
  }

  uword outcomes() const override { return classes_; }
  uword responses() const override { return counts_ ? classes_ : 1; }

  void check(const mat& response, const char* where) const override {
    Experts::check(response, where);
    const double limit = counts_ ? arma::datum::inf : static_cast<double>(classes_);
    for (uword c = 0; c < response.n_cols; ++c)
      for (uword i = 0; i < response.n_rows; ++i) {
        const double value = response(i, c);
        require(value >= 0.0 && value < limit && value == std::floor(value), where, "y",
                "row " + std::to_string(i + 1) + (counts_ ? " is no row of counts" : " is no class"));
      }
  }

  /// Indicators of the classes, or their shares in a row of counts.
  mat features(const mat& response) const override {
    mat out(response.n_rows, classes_, arma::fill::zeros);
    for (uword i = 0; i < response.n_rows; ++i)
      if (counts_)
        out.row(i) = response.row(i) / std::max(1.0, arma::accu(response.row(i)));
      else
        out(i, static_cast<uword>(response(i))) = 1.0;
    return out;
  }

  std::shared_ptr<const Experts> without_reference() const override {
    return std::make_shared<MultinomialExperts>(classes_, counts_, true);
  }

  bool symmetric() const override { return first_ == 0; }
  std::shared_ptr<const Experts> with_reference() const override {
    return symmetric() ? std::make_shared<MultinomialExperts>(classes_, counts_) : nullptr;
  }

  std::vector<Predictor> predictors(uword experts) const override {
    std::vector<Predictor> list;
    for (uword k = 0; k < experts; ++k)
      for (uword c = first_; c < classes_; ++c) list.push_back({Design::experts, Unit::none, k, c});
    return list;
  }

  std::vector<Term> terms(uword experts) const override {
    std::vector<Term> list;
    for (uword k = 0; k < experts; ++k)
      for (uword c = first_; c < classes_; ++c) list.push_back({k, predictor(k, c)});
    return list;
  }

  std::vector<TermPair> pairs(uword experts) const override {
    std::vector<TermPair> list;
    for (uword k = 0; k < experts; ++k)
      for (uword c = first_; c < classes_; ++c)
        for (uword d = c; d < classes_; ++d) list.push_back({predictor(k, c), predictor(k, d), true});
    return list;
  }

  /// K C columns of probabilities, the response, N, v N, log sum_c exp(u_c), log N! - sum_c log y_c! and zeros.
  std::size_t scratch(uword experts) const override { return experts * classes_ + responses() + 5; }

  void log_density(const Rows& rows, const Block& block, Table scratch, Table log_f) const override {
    const Scratch own = parts(rows, scratch);
    std::fill_n(own.zero, rows.count, 0.0);
    for (uword c = 0; c < responses(); ++c) std::copy_n(block.response_column(c), rows.count, own.response[c]);
    if (counts_) count(rows.count, own);
    const LogRatio log_sum{own.zero, block.column(0), own.log_sum};
    for (uword k = 0; k < rows.experts; ++k) {
      probabilities(rows, k, own.zero, {own.p[k * classes_], own.p.stride, nullptr, nullptr}, &log_sum);
      std::copy_n(counts_ ? own.coefficient : own.zero, rows.count, log_f[k]);
      if (counts_ && first_ == 1) detail::add_count(own.response[0], own.zero, own.log_sum, log_f[k], rows.count);
      for (uword c = first_; c < classes_; ++c) {
        const double* u = rows.predictor[predictor(k, c)];
        if (counts_)
          detail::add_count(own.response[c], u, own.log_sum, log_f[k], rows.count);
        else
          detail::select_class(own.response[0], c, u, log_f[k], rows.count);
      }
      if (!counts_) subtract(own.log_sum, log_f[k], rows.count);
    }
  }

  /// -sum_c (y_c / N) log p_kc
  Distance distance(const Rows& rows, const Block& block, std::size_t i, uword k) const override {
    vec u(classes_, arma::fill::zeros), share(classes_, arma::fill::zeros);
    for (uword c = 0; c < classes_; ++c) {
      if (c >= first_) u(c) = rows.predictor[predictor(k, c)][i];
      share(c) = counts_ ? block.response_column(c)[i] : block.response[i] == c;
    }
    const double log_sum = u.max() + std::log(arma::accu(arma::exp(u - u.max())));
    return {arma::dot(share / std::max(1.0, arma::accu(share)), log_sum - u), 0.0, 0.0};
  }

  void first(const Rows& rows, Table scratch, Table v, double* const* out) const override {
    const Scratch own = parts(rows, scratch);
    for (uword k = 0; k < rows.experts; ++k)
      for (uword c = first_; c < classes_; ++c) {
        double* to = out[predictor(k, c)];
        const double* p = own.p[k * classes_ + c];
        if (counts_)
          detail::count_residual(own.response[c], own.total, p, v[k], to, rows.count);
        else
          detail::class_residual(own.response[0], c, p, v[k], to, rows.count);
      }
  }

  void second(const Rows& rows, Table scratch, Table v, double* const* out) const override {
    const Scratch own = parts(rows, scratch);
    for (uword k = 0; k < rows.experts; ++k) {
      const double* weight = v[k];
      if (counts_) {
        multiply(v[k], own.total, own.weight, rows.count);
        weight = own.weight;
      }
      for (uword c = first_; c < classes_; ++c) {
        const Table p = own.p.from(k * classes_);
        detail::class_variance(p[c], weight, *out++, rows.count);
        for (uword d = c + 1; d < classes_; ++d) detail::class_covariance(p[c], p[d], weight, *out++, rows.count);
      }
    }
  }

  void information(const Rows& rows, Table scratch, Table v, double* const* out) const override {
    second(rows, scratch, v, out);
  }

  /// One Newton step d of each expert, shortened to log(1 + S) / S of its length, where S is the range of x'd over the
  /// classes: that far the likelihood's curvature can be trusted (generalised self-concordance; Bach 2010, Electronic
  /// Journal of Statistics 4, 384-414). x is a row of columns that are all 1, the size of standardised ones.
  void maximise(const Statistics& /*at*/, const Layout& layout, const vec& step, vec& parameters) const override {
    for (uword k = 0; k < layout.experts; ++k) {
      const std::size_t first = layout.gate_predictors + predictor(k, first_);
      double range = 0.0;
      for (uword c = 0; c + first_ < classes_; ++c)
        range = std::max(range, 2.0 * arma::norm(step(layout.span(first + c)), 1));
      const double length = range > 0.0 ? std::log1p(range) / range : 1.0;
      for (uword c = 0; c + first_ < classes_; ++c)
        parameters(layout.span(first + c)) += length * step(layout.span(first + c));
    }
  }

  void mean(const Rows& rows, const Block& /*block*/, Table out) const override {
    alignas(64) double zero[max_block_rows] = {}, top[max_block_rows], inverse[max_block_rows];
    for (uword k = 0; k < rows.experts; ++k)
      probabilities(rows, k, zero, {out[k * classes_], out.stride, top, inverse}, nullptr);
  }

  void draw(const Rows& rows, const Block& block, Table mean, const uword* expert, Random& random,
            Table response) const override {
    for (std::size_t i = 0; i < rows.count; ++i) {
      const double* p = mean[expert[i] * classes_] + i;
      if (counts_)
        draw_counts(i, block, p, mean.stride, random, response);
      else
        response[0][i] = static_cast<double>(random.choose(p, mean.stride, classes_));
    }
  }

 private:
  /// One binomial draw a class: y_c of those that no class before has, with probability p_c / (p_c + ... + p_C).
  void draw_counts(std::size_t i, const Block& block, const double* p, std::size_t stride, Random& random,
                   Table response) const {
    double left = 0.0;
    vec rest(classes_ + 1, arma::fill::zeros);
    for (uword c = classes_; c-- > 0;) {
      left += block.response_column(c)[i];
      rest(c) = rest(c + 1) + p[c * stride];
    }
    require(left <= 9007199254740992.0, "draw", "y", "a row's total is above 2^53");
    for (uword c = 0; c < classes_; ++c) {
      const double share = rest(c) > 0.0 ? p[c * stride] / rest(c) : 0.0;
      response[c][i] = random.binomial(left, share);
      left -= response[c][i];
    }
  }

  struct Scratch {
    Table p, response;
    double *total, *weight, *log_sum, *coefficient, *zero;
  };

  Scratch parts(const Rows& rows, Table scratch) const {
    const Table response = scratch.from(rows.experts * classes_), rest = response.from(responses());
    return {scratch, response, rest[0], rest[1], rest[2], rest[3], rest[4]};
  }

  std::size_t predictor(uword k, uword c) const { return k * (classes_ - first_) + c - first_; }

  /// N and log N! - sum_c log y_c! of every row.
  void count(std::size_t n, const Scratch& own) const {
    std::fill_n(own.total, n, 0.0), std::fill_n(own.coefficient, n, 0.0);
    for (uword c = 0; c < classes_; ++c) {
      add(own.response[c], own.total, n);
      for (std::size_t i = 0; i < n; ++i) own.coefficient[i] -= detail::log_factorial(own.response[c][i]);
    }
    for (std::size_t i = 0; i < n; ++i) own.coefficient[i] += detail::log_factorial(own.total[i]);
  }

  void probabilities(const Rows& rows, uword k, const double* zero, const SoftmaxOutput& out,
                     const LogRatio* log_sum) const {
    std::vector<const double*> u(first_, zero);
    for (uword c = first_; c < classes_; ++c) u.push_back(rows.predictor[predictor(k, c)]);
    Ahead none;
    softmax({u.data(), nullptr, 1.0, classes_, rows.count}, out, none, log_sum);
  }

  uword classes_;
  bool counts_;
  uword first_;  ///< class with predictors
};

}  // namespace expertmix
