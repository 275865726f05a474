// A family of one's own: Gaussian experts whose standard deviation is known to be 1. It is canonical, log f(y) = y eta
// - b(eta) + c(y) with b = eta^2 / 2, and says no more than that.
#include <expertmix/expertmix.hpp>

#include <cmath>
#include <iostream>

using namespace expertmix;

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

int main() {
  const uword n = 1000;
  mat x(n, 2, arma::fill::ones);
  x.col(1) = arma::linspace(-2.0, 2.0, n);
  const Mixture mixture(gate_named("identity", "softmax"), std::make_shared<UnitNormal>(), 2);
  Coefficients truth;
  truth.gate = {{0.0, 0.5}, {0.0, 2.0}};
  truth.experts = {{-3.0, 3.0}, {-1.0, 2.0}};
  const Data data(x, draw(Data(x), mixture, truth, 7).y);

  const Fit found = fit(data, mixture);
  std::cout << "log-likelihood " << found.log_likelihood << ", " << found.record.status << '\n';
  found.experts.print("experts:");
  arma::sqrt(found.covariance.diag()).t().print("standard errors:");
  quantiles(found, data, {0.05, 0.95}).head_rows(1).print("90 % of the responses in the first row:");

  const LassoPath path = lasso_path(data, mixture);
  std::cout << path.fits.size() << " penalised fits, " << path.fits.back().slopes << " slopes in the last\n";
}
