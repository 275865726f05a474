// A gate of one's own: proportions that do not depend on covariates, pi = softmax(0, u_2, ..., u_K). What a gate says
// of itself are its predictors, the probabilities, and first and second derivatives, each of a whole block of rows.
#include <expertmix/expertmix.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>

using namespace expertmix;

class Proportions final : public Gate {
 public:
  /// One number for each expert but the first, on the constant column.
  std::vector<Predictor> predictors(uword experts) const override {
    std::vector<Predictor> list;
    for (uword k = 1; k < experts; ++k) list.push_back({Design::constant, Unit::none, k});
    return list;
  }
  std::size_t scratch(uword experts) const override { return experts; }

  void probabilities(const Rows& rows, GateTables& out) const override {
    for (uword k = 0; k < rows.experts; ++k) {
      const double logit = k == 0 ? 0.0 : rows.predictor[k - 1][0];  // the same in all rows
      std::fill_n(out.own[k], rows.count, logit);
      out.logit[k] = out.own[k];
    }
    for (std::size_t i = 0; i < rows.count; ++i) {
      double top = 0.0, sum = 0.0;
      for (uword k = 1; k < rows.experts; ++k) top = std::max(top, out.logit[k][i]);
      for (uword k = 0; k < rows.experts; ++k) sum += out.pi[k][i] = std::exp(out.logit[k][i] - top);
      for (uword k = 0; k < rows.experts; ++k) out.pi[k][i] /= sum;
      out.top[i] = top;
      out.inverse[i] = 1.0 / sum;
    }
  }

  /// w (r_a - pi_a)
  void score(const Rows& rows, const GateTables& at, Table r, const double* w, const PairTable& out) const override {
    for (uword a = 1; a < rows.experts; ++a)
      for (std::size_t i = 0; i < rows.count; ++i) out(a - 1, a - 1)[i] = w[i] * (r[a][i] - at.pi[a][i]);
  }

  /// w (1{a = b} pi_a - pi_a pi_b)
  void information(const Rows& rows, const GateTables& at, const double* w, const PairTable& out) const override {
    each_pair(rows, [&](uword a, uword b, std::size_t i, double same) {
      out(a - 1, b - 1)[i] = w[i] * at.pi[a][i] * (same - at.pi[b][i]);
    });
  }

  /// The same less the covariance of the indicators under r, w (1{a = b} r_a - r_a r_b).
  void observed(const Rows& rows, const GateTables& at, Table r, const double* w, const PairTable& out) const override {
    each_pair(rows, [&](uword a, uword b, std::size_t i, double same) {
      out(a - 1, b - 1)[i] = w[i] * (at.pi[a][i] * (same - at.pi[b][i]) - r[a][i] * (same - r[b][i]));
    });
  }

  /// r_a sum_k w r_k t_k - w r_a t_a
  void crossed(const Rows& rows, const GateTables&, Table r, const double* const* weighted, const double* sum,
               std::size_t b, const PairTable& out) const override {
    for (uword a = 1; a < rows.experts; ++a)
      for (std::size_t i = 0; i < rows.count; ++i)
        out(a - 1, b)[i] = r[a][i] * sum[i] - (weighted[a] ? weighted[a][i] : 0.0);
  }

 private:
  template <class Visit>
  static void each_pair(const Rows& rows, Visit visit) {
    for (uword a = 1; a < rows.experts; ++a)
      for (uword b = a; b < rows.experts; ++b)
        for (std::size_t i = 0; i < rows.count; ++i) visit(a, b, i, a == b ? 1.0 : 0.0);
  }
};

int main() {
  const uword n = 400;
  mat x(n, 2, arma::fill::ones);
  x.col(1) = arma::linspace(-2.0, 2.0, n);
  vec y(n);
  for (uword i = 0; i < n; ++i)
    y(i) = (i % 3 == 0 ? 2.0 + x(i, 1) : -1.0) + 0.2 * std::sin(7.0 * static_cast<double>(i));
  const Data data(x, y);

  const auto gaussian = family_named("gaussian");
  const Fit own = fit(data, Mixture(std::make_shared<Proportions>(), gaussian, 2));
  const mat ones(n, 1, arma::fill::ones);
  const Fit softmax = fit(Data(x, y).gate(ones), Mixture(gate_named("identity", "softmax"), gaussian, 2));
  std::cout << "log-likelihood " << own.log_likelihood << ", of a softmax gate without covariates "
            << softmax.log_likelihood << '\n';
  arma::sqrt(own.covariance.diag()).t().print("standard errors:");
  return std::abs(own.log_likelihood - softmax.log_likelihood) < 1e-6 ? 0 : 1;
}
