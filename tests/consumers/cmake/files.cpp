#include <cmath>
#include <iomanip>
#include <iostream>
#include <string>

#include <expertmix/expertmix.hpp>

/// Reads the fit that R wrote, prints what it predicts at 1, 2, 3 with standard errors, and writes a fit of its own to
/// simulated rows for R to read, with what that predicts; the same of penalised fits.
///   files <R's file> <own file> <R's penalised fit> <own penalised fit>
int main(int, char** names) {
  const arma::mat x{{1.0, 1.0}, {1.0, 2.0}, {1.0, 3.0}};
  const auto print = [&](const expertmix::Fit& fit) {
    const arma::vec mean = expertmix::predict(fit, expertmix::Data(x)),
                    error = expertmix::standard_errors(fit, expertmix::Data(x), {});
    std::cout << std::setprecision(17) << fit.log_likelihood;
    for (arma::uword i = 0; i < 3; ++i) std::cout << ' ' << mean(i) << ' ' << error(i);
    std::cout << '\n';
  };
  const auto of_r = expertmix::load<expertmix::Fit>(names[1]);
  std::cerr << expertmix::report(of_r);
  print(of_r);
  arma::mat rows(200, 2, arma::fill::ones);
  arma::vec y(200);
  for (arma::uword i = 0; i < 200; ++i) {
    rows(i, 1) = 0.02 * static_cast<double>(i) - 2.0;
    y(i) = (i % 3 == 0 ? 1.0 + 2.0 * rows(i, 1) : -1.0 - rows(i, 1)) + 0.3 * std::sin(static_cast<double>(7 * i));
  }
  const expertmix::Fit own = expertmix::fit(expertmix::Data(rows, y), 2);
  expertmix::save(own, names[2], {{"x", {"(Intercept)", "v"}}, {"intercept", {"1"}}});
  print(own);

  const auto print_penalised = [&](const expertmix::LassoPath& path) {
    const arma::vec mean = expertmix::predict(expertmix::Data(x), path.mixture, path.fits[0]);
    std::cout << path.fits[0].log_likelihood << ' ' << mean(0) << ' ' << mean(1) << ' ' << mean(2) << '\n';
  };
  print_penalised(expertmix::load<expertmix::LassoPath>(names[3]));
  expertmix::PathOptions one;
  one.lambda = {0.05};
  const expertmix::LassoPath path = expertmix::lasso_path(expertmix::Data(rows, y), own.mixture, {}, one);
  expertmix::save(path, names[4], {{"x", {"(Intercept)", "v"}}, {"intercept", {"1"}}});
  print_penalised(path);
}
