// A Lasso path over a sparse design, which is never made dense.
#include <expertmix/expertmix.hpp>

#include <iostream>

int main() {
  const arma::uword n = 300, p = 60;
  expertmix::Random random(1, 0);
  arma::sp_mat x(n, p);
  arma::vec y(n);
  for (arma::uword i = 0; i < n; ++i) {
    x(i, 0) = 1.0;  // intercept
    for (arma::uword j = 1; j < p; ++j)
      if (random.uniform() < 0.15) x(i, j) = 1.0;
    const double mean = random.uniform() < 0.5 ? 2.0 + 1.5 * x(i, 1) : -2.0 - 1.5 * x(i, 2);
    y(i) = mean + 0.3 * random.normal();
  }

  const expertmix::Mixture mixture(expertmix::gate_named("identity", "softmax"), expertmix::family_named("gaussian"),
                                   2);
  expertmix::PathOptions options;
  options.count = 20;
  const expertmix::LassoPath path = expertmix::lasso_path(expertmix::SparseData(x, y), mixture, {}, options);
  for (const expertmix::LassoFit& fit : path.fits)
    std::cout << "lambda " << fit.lambda << ": " << fit.slopes << " slopes, log-likelihood " << fit.log_likelihood
              << '\n';
}
