// What a fit says of new rows: means with standard errors, gate probabilities, quantiles, highest-density sets, draws.
#include <expertmix/expertmix.hpp>

#include <iostream>

int main() {
  const arma::uword n = 400;
  arma::mat x(n, 2, arma::fill::ones);
  x.col(1) = arma::linspace(-2.0, 2.0, n);
  const arma::vec y = arma::abs(x.col(1)) + 0.1 * arma::sin(40.0 * x.col(1));
  const expertmix::Fit fit = expertmix::fit(expertmix::Data(x, y), 2);

  const arma::mat points = {{1.0, -1.0}, {1.0, 0.0}, {1.0, 1.0}};
  const expertmix::Data at(points);
  const expertmix::Quantity mean;  // of the mixture; `kind` names a gate probability or an expert's mean
  arma::join_rows(expertmix::predict(fit, at), expertmix::standard_errors(fit, at, mean))
      .print("mean, standard error:");
  expertmix::gate_probabilities(at, fit.mixture, fit).print("gate probabilities:");
  expertmix::quantiles(fit, at, {0.05, 0.5, 0.95}).print("quantiles:");
  for (const expertmix::DensityInterval& part : expertmix::highest_density(at, fit.mixture, fit, 0.9))
    std::cout << "row " << part.row << ": " << part.lower << " to " << part.upper << '\n';
  expertmix::draw(at, fit.mixture, fit, 1).y.t().print("a response of each row:");
  expertmix::posterior(expertmix::Data(x, y), fit.mixture, fit).head_rows(2).print("responsibilities:");
}
