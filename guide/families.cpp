// Counts: Poisson, negative binomial and, as shares of ten trials, binomial experts.
#include <expertmix/expertmix.hpp>

#include <iostream>

int main() {
  const arma::uword n = 500;
  arma::mat x(n, 2, arma::fill::ones);
  x.col(1) = arma::linspace(-1.0, 1.0, n);

  // Counts are drawn from a mixture of two Poisson regressions.
  const auto softmax = expertmix::gate_named("identity", "softmax");
  const expertmix::Mixture poisson(softmax, expertmix::family_named("poisson"), 2);
  expertmix::Coefficients truth;
  truth.gate = {{0.0, 0.5}, {0.0, 3.0}};
  truth.experts = {{0.2, 1.5}, {0.3, -0.5}};
  const arma::mat y = expertmix::draw(expertmix::Data(x), poisson, truth, 1).y;

  for (const std::string family : {"poisson", "negative_binomial"}) {
    const expertmix::Mixture mixture(softmax, expertmix::family_named(family), 2);
    const expertmix::Fit fit = expertmix::fit(expertmix::Data(x, y), mixture);
    std::cout << family << ": log-likelihood " << fit.log_likelihood << '\n';
    fit.experts.print("experts:");
  }

  expertmix::FamilyChoices choices;
  choices.counts = true;  // the second column is the number of trials
  const arma::vec trials(n, arma::fill::value(10.0));
  const expertmix::Mixture binomial(softmax, expertmix::family_named("binomial", choices), 2);
  const arma::mat events = arma::join_rows(arma::clamp(y, 0.0, 10.0), trials);
  const expertmix::Fit fit = expertmix::fit(expertmix::Data(x, events), binomial);
  std::cout << "binomial: log-likelihood " << fit.log_likelihood << '\n';
}
