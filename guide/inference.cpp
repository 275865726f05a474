// What R's summary() says of a fit; its errors, intervals and criteria as numbers.
#include <expertmix/expertmix.hpp>

#include <iostream>

int main() {
  const arma::uword n = 400;
  arma::mat x(n, 2, arma::fill::ones);
  x.col(1) = arma::linspace(-2.0, 2.0, n);
  const arma::vec y = arma::abs(x.col(1)) + 0.1 * arma::sin(40.0 * x.col(1));
  const expertmix::Data data(x, y);
  const expertmix::Fit fit = expertmix::fit(data, 2);

  std::cout << expertmix::report(fit, {{"(Intercept)", "x"}, {}, {}}) << '\n';
  const arma::mat wald = expertmix::confidence_intervals(fit, 0.9);
  arma::join_rows(fit.parameters, expertmix::standard_errors(fit), wald).print("estimate, error, 90 % interval:");
  expertmix::profile_intervals(fit, data, 0.9).ends.print("by profile likelihood:");
  std::cout << "BIC " << expertmix::information_criteria(fit).bic << '\n';
  expertmix::prediction_intervals(fit, expertmix::Data(x)).head_rows(2).print("of a new response:");
  std::cout << arma::accu(expertmix::likeliest_experts(fit, data) == 0) << " rows are of expert 0\n";
}
