// Where a fit starts: a search with a seed and a time limit, coefficients, or guesses of which rows belong together.
#include <expertmix/expertmix.hpp>

#include <iostream>

int main() {
  const arma::uword n = 400;
  arma::mat x(n, 2, arma::fill::ones);
  x.col(1) = arma::linspace(-2.0, 2.0, n);
  const arma::vec y = arma::abs(x.col(1)) + 0.1 * arma::sin(40.0 * x.col(1));
  const expertmix::Data data(x, y);

  expertmix::Options options;
  options.starts = 20;
  options.seed = 3;
  options.time_limit = 60.0;  // seconds; what has been found by then is finished
  expertmix::Context context;
  context.threads = 2;  // the same bits for any number
  context.progress = [](const expertmix::Progress& now) {
    std::clog << expertmix::name_of(now.stage) << ' ' << now.log_likelihood << '\n';
  };
  const expertmix::Fit searched = expertmix::fit(data, 2, options, {}, context);
  std::cout << "log-likelihood " << searched.log_likelihood << ", found by " << searched.record.reached << " of "
            << searched.record.starts << " starts\n";

  expertmix::Start old;
  static_cast<expertmix::Coefficients&>(old) = searched;  // labels are kept
  std::cout << "from its coefficients " << expertmix::fit(data, 2, {}, old).log_likelihood << '\n';

  expertmix::Start guess;
  guess.responsibilities.zeros(n, 2);
  guess.responsibilities.rows(0, n / 2 - 1).col(0).fill(1.0);
  guess.responsibilities.rows(n / 2, n - 1).col(1).fill(1.0);
  std::cout << "from two halves " << expertmix::fit(data, 2, {}, guess).log_likelihood << '\n';
}
