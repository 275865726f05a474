// How far an estimate is from the truth: a Voronoi loss of the papers, and distances of the conditional densities.
#include <expertmix/expertmix.hpp>

#include <iostream>

int main() {
  const arma::uword n = 1000;
  arma::mat x(n, 2, arma::fill::ones);
  x.col(1) = arma::linspace(-1.0, 1.0, n);
  const expertmix::Mixture two(expertmix::gate_named("identity", "softmax"), expertmix::family_named("gaussian"), 2);
  expertmix::Coefficients truth;
  truth.gate = {{0.0, 0.5}, {0.0, 2.0}};
  truth.experts = {{-1.0, 1.0}, {-1.0, 2.0}};
  truth.sigma = {0.4, 0.6};

  // One expert more than there are.
  const expertmix::Mixture three(two.gate, two.family, 3);
  const expertmix::Data data(x, expertmix::draw(expertmix::Data(x), two, truth, 1).y);
  const expertmix::Fit fit = expertmix::fit(data, three);

  const expertmix::Outcomes numbers;  // one mean an expert
  const expertmix::Atoms estimate = expertmix::atoms_of(fit, numbers, false),
                         measure = expertmix::atoms_of(truth, numbers, false);
  const expertmix::Voronoi loss =
      expertmix::voronoi(estimate, measure, expertmix::gauge_of(*two.gate, 2), expertmix::loss_named("softmax over"));
  std::cout << "Voronoi loss " << loss.value << '\n';

  const expertmix::Divergence distance = expertmix::divergence({x, {}, two, truth}, {x, {}, three, fit});
  std::cout << "Hellinger distance " << distance.hellinger << ", total variation " << distance.total_variation << '\n';
}
