// How many experts? Fits of one to four, what chooses among them, and what becomes of one expert too many.
#include <expertmix/expertmix.hpp>

#include <iostream>

int main() {
  const arma::uword n = 400;
  arma::mat x(n, 2, arma::fill::ones);
  x.col(1) = arma::linspace(-2.0, 2.0, n);
  const arma::vec y = arma::abs(x.col(1)) + 0.2 * arma::sin(40.0 * x.col(1)) + 0.1 * arma::cos(97.0 * x.col(1));
  const expertmix::Data data(x, y);

  const expertmix::ExpertSelection chosen = expertmix::select_experts(data, 4);
  std::cout << expertmix::report(chosen) << chosen.best().report();
  const std::size_t by_icl = expertmix::select_fit(chosen, expertmix::ExpertCriterion::icl);
  std::cout << "the ICL prefers " << chosen.table[by_icl].fit.mass.n_elem << '\n';

  expertmix::SelectionOptions options;
  options.route = expertmix::ExpertSearch::path;  // a tenth of the work: one search, then merges
  options.criterion = expertmix::ExpertCriterion::cv;
  options.folds = 5;
  options.starts = 5;
  const expertmix::ExpertSelection path = expertmix::select_experts(data, 3, options);
  std::cout << expertmix::report(path) << "merged first: experts " << path.tree[0].into << " and " << path.tree[0].from
            << '\n';
  std::cout << "one less: " << expertmix::merge_experts(chosen.table[2].fit, data).log_likelihood << '\n';
}
