// The same data under several gates: softmax, top-1, an estimated temperature with a tanh, normalised sigmoids.
#include <expertmix/expertmix.hpp>

#include <iostream>

int main() {
  const arma::uword n = 400;
  arma::mat x(n, 2, arma::fill::ones);
  x.col(1) = arma::linspace(-2.0, 2.0, n);
  const arma::vec y = arma::abs(x.col(1)) + 0.1 * arma::sin(40.0 * x.col(1));
  const expertmix::Data data(x, y);

  const std::vector<std::pair<std::string, std::shared_ptr<const expertmix::Gate>>> gates{
      {"softmax", expertmix::gate_softmax()},
      {"top-1", expertmix::gate_topk(1)},
      {"tanh, temperature", expertmix::gate_temperature(0.0, "tanh")},
      {"sigmoid", expertmix::gate_sigmoid()}};
  for (const auto& [name, gate] : gates) {
    const expertmix::Mixture mixture(gate, expertmix::family_named("gaussian"), 2);
    const expertmix::Fit fit = expertmix::fit(data, mixture);
    std::cout << name << ": log-likelihood " << fit.log_likelihood << ", temperature " << fit.temperature << '\n';
  }
}
