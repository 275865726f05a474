// A rate of convergence by simulation, and a path of penalised fits from which criteria and folds choose.
#include <expertmix/expertmix.hpp>

#include <iostream>

int main() {
  const expertmix::TheoryDesign design = expertmix::theory_design("softmax-exact");
  const expertmix::RateStudy study = expertmix::rate_study(design, 1, {200, 400, 800, 1600}, 5);
  std::cout << "slope " << study.slope << ", by theory " << design.slope << '\n';
  // One replication alone, here or on another machine: the same numbers.
  std::cout << "loss " << expertmix::replicate(design, 400, 1, 1).loss << '\n';

  const arma::uword n = 120;
  arma::arma_rng::set_seed(1);
  arma::mat x(n, 6, arma::fill::randn);
  x.col(0).ones();
  const arma::vec y = 2.0 * x.col(1) - x.col(2) + 0.5 * arma::vec(n, arma::fill::randn);
  const expertmix::Data data(x, y);
  const expertmix::Mixture one(expertmix::gate_named("identity", "softmax"), expertmix::family_named("gaussian"), 1);
  expertmix::Lasso lasso;
  lasso.scaled = true;
  const expertmix::LassoPath path = expertmix::lasso_path(data, one, lasso);
  std::cout << path.fits[expertmix::select_fit(path)].slopes << " slopes by the EBIC, ";
  const expertmix::CrossValidation folds = expertmix::cross_validate(data, one, lasso, path, 5);
  std::cout << path.fits[folds.simple].slopes << " by cross-validation\n";
}
