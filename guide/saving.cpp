// A fit in a file that R's read_moe() reads, too, and what is said of a file that is none.
#include <expertmix/expertmix.hpp>

#include <cstdio>
#include <iostream>

int main() {
  const arma::uword n = 400;
  arma::mat x(n, 2, arma::fill::ones);
  x.col(1) = arma::linspace(-2.0, 2.0, n);
  const arma::vec y = arma::abs(x.col(1)) + 0.1 * arma::sin(40.0 * x.col(1));
  const expertmix::Fit fit = expertmix::fit(expertmix::Data(x, y), 2);

  const char* const path = "guide_saving.moe";
  expertmix::save(fit, path, {{"x", {"(Intercept)", "x"}}});
  const auto again = expertmix::load<expertmix::Fit>(path);
  const bool same = arma::all(again.parameters == fit.parameters);
  std::cout << "every bit is the same: " << std::boolalpha << same << '\n';
  std::cout << "columns: " << expertmix::notes_of(path).at("x").back() << " and an intercept\n";
  std::remove(path);
  try {
    expertmix::load<expertmix::Fit>(path);
  } catch (const expertmix::file_error& error) {
    std::cout << error.what() << '\n';
  }
}
