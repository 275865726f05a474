// Rows that count several times, and a known part of the mean.
#include <expertmix/expertmix.hpp>

#include <iostream>

int main() {
  const arma::uword n = 300;
  arma::mat x(n, 2, arma::fill::ones);  // a column of ones is the intercept
  x.col(1) = arma::linspace(-2.0, 2.0, n);
  const arma::vec trend = 0.3 * x.col(1);
  const arma::vec y = arma::abs(x.col(1)) + trend + 0.1 * arma::sin(40.0 * x.col(1));
  arma::vec weights(n, arma::fill::ones);
  weights.head(100).fill(2.0);  // as if the first hundred rows stood there twice

  const auto data = expertmix::Data(x, y).weights(weights).offset(trend);
  const expertmix::Fit fit = expertmix::fit(data, 2);
  std::cout << "log-likelihood " << fit.log_likelihood << " of weight " << fit.weight << '\n';
  fit.experts.print("experts, the trend taken off:");
}
