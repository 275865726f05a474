// A family and a gate from outside the library through all that a fit goes through: search, errors, prediction, choice
// of the number of experts, Lasso path, files. The gate is a softmax of the covariates again, the family normal with
// standard deviation 1, so that the library's own gate has to give the same fit.
#include <expertmix/expertmix.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>

using namespace expertmix;

namespace {

class UnitNormal final : public CanonicalExperts {
 public:
  std::string response() const override { return "a number"; }
  bool runs_away() const override { return false; }

 protected:
  void cumulant(const double* eta, double* b, double* mean, double* variance, std::size_t n) const override {
    for (std::size_t i = 0; i < n; ++i) {
      b[i] = 0.5 * eta[i] * eta[i];
      mean[i] = eta[i];
      variance[i] = 1.0;
    }
  }
  double base(double y, double) const override { return -0.5 * y * y - 0.5 * std::log(2.0 * arma::datum::pi); }
  bool possible(double, double) const override { return true; }
  double cumulative(double y, double, double mean) const override { return arma::normcdf(y, mean, 1.0); }
  void bracket(double, double mean, std::vector<double>& points) const override {
    points.insert(points.end(), {mean - 9.0, mean + 9.0});
  }
  double draw_one(double, double mean, Random& random) const override { return mean + random.normal(); }
};

class Logistic final : public Gate {
 public:
  std::vector<Predictor> predictors(uword experts) const override {
    std::vector<Predictor> list;
    for (uword k = 1; k < experts; ++k) list.push_back({Design::gate, Unit::none, k});
    return list;
  }
  std::size_t scratch(uword experts) const override { return experts; }

  void probabilities(const Rows& rows, GateTables& out) const override {
    std::fill_n(out.own[0], rows.count, 0.0);
    for (uword k = 0; k < rows.experts; ++k) out.logit[k] = k == 0 ? out.own[0] : rows.predictor[k - 1];
    for (std::size_t i = 0; i < rows.count; ++i) {
      double top = 0.0, sum = 0.0;
      for (uword k = 1; k < rows.experts; ++k) top = std::max(top, out.logit[k][i]);
      for (uword k = 0; k < rows.experts; ++k) sum += out.pi[k][i] = std::exp(out.logit[k][i] - top);
      for (uword k = 0; k < rows.experts; ++k) out.pi[k][i] /= sum;
      out.top[i] = top;
      out.inverse[i] = 1.0 / sum;
    }
  }
  void score(const Rows& rows, const GateTables& at, Table r, const double* w, const PairTable& out) const override {
    for (uword a = 1; a < rows.experts; ++a)
      for (std::size_t i = 0; i < rows.count; ++i) out(a - 1, a - 1)[i] = w[i] * (r[a][i] - at.pi[a][i]);
  }
  void information(const Rows& rows, const GateTables& at, const double* w, const PairTable& out) const override {
    each_pair(rows, [&](uword a, uword b, std::size_t i, double same) {
      out(a - 1, b - 1)[i] = w[i] * at.pi[a][i] * (same - at.pi[b][i]);
    });
  }
  void observed(const Rows& rows, const GateTables& at, Table r, const double* w, const PairTable& out) const override {
    each_pair(rows, [&](uword a, uword b, std::size_t i, double same) {
      out(a - 1, b - 1)[i] = w[i] * (at.pi[a][i] * (same - at.pi[b][i]) - r[a][i] * (same - r[b][i]));
    });
  }
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

int failures = 0;

void check(bool holds, const char* what) {
  if (holds) return;
  std::cout << "wrong: " << what << '\n';
  ++failures;
}

bool near(const mat& a, const mat& b, double within) {
  return a.n_rows == b.n_rows && a.n_cols == b.n_cols && arma::abs(a - b).max() <= within;
}

}  // namespace

int main() {
  const uword n = 600;
  mat x(n, 3, arma::fill::ones);
  x.col(1) = arma::linspace(-2.0, 2.0, n);
  x.col(2) = arma::cos(13.0 * arma::regspace(1.0, static_cast<double>(n)));
  const auto family = std::make_shared<UnitNormal>();
  const auto gate = std::make_shared<Logistic>();
  const Mixture own(gate, family, 2), known(gate_named("identity", "softmax"), family, 2);
  Coefficients truth;
  truth.gate = {{0.0, 0.5}, {0.0, 2.0}, {0.0, 0.0}};
  truth.experts = {{-3.0, 3.0}, {-1.0, 2.0}, {0.0, 0.0}};
  const Data data(x, draw(Data(x), own, truth, 7).y);

  const Fit found = fit(data, own), same = fit(data, known);
  std::cout << "log-likelihood " << found.log_likelihood << '\n' << found.report();
  check(std::abs(found.log_likelihood - same.log_likelihood) < 1e-7, "the log-likelihood");
  check(near(standard_errors(found), standard_errors(same), 1e-5), "standard errors");
  check(near(predict(found, data), predict(same, data), 1e-5), "predictions");
  check(near(quantiles(found, data, {0.1, 0.9}), quantiles(same, data, {0.1, 0.9}), 1e-4), "quantiles");
  check(near(posterior(data, own, found), posterior(data, known, same), 1e-5), "responsibilities");
  check(near(profile_intervals(found, data).ends, profile_intervals(same, data).ends, 1e-3), "profile intervals");

  SelectionOptions options;
  options.starts = 5;
  check(select_experts(data, Mixture(gate, family, 3), options).best().mass.n_elem == 2, "the number of experts");

  PathOptions few;
  few.count = 10;
  const LassoPath path = lasso_path(data, own, {}, few), path_of_known = lasso_path(data, known, {}, few);
  check(path.fits.size() == 10, "the path");
  for (std::size_t i = 0; i < path.fits.size() && i < path_of_known.fits.size(); ++i)
    check(path.fits[i].log_likelihood > path_of_known.fits[i].log_likelihood - 5.0, "a fit of the path");
  std::cout << path.fits[select_fit(path)].slopes << " slopes by the EBIC, "
            << path_of_known.fits[select_fit(path_of_known)].slopes << " with the library's gate\n";

  const char* const file = "own.moe";
  save(found, file);
  const Fit back = load<Fit>(file, {gate, family});
  check(near(back.parameters, found.parameters, 0.0) && near(predict(back, data), predict(found, data), 0.0), "a file");
  save(path, file);
  check(load<LassoPath>(file, {gate, family}).fits.size() == path.fits.size(), "a file of a path");
  try {
    load<LassoPath>(file);
    check(false, "a file without gate and family");
  } catch (const file_error& error) {
    check(error.fault == file_error::Fault::own, "what is said of it");
  }
  std::remove(file);
  return failures;
}
