// Prints how this program's own Armadillo is set. It includes nothing of expertmix, and prints the same whether it
// links expertmix or Armadillo alone.
#include <armadillo>
#include <iostream>

#ifdef _OPENMP
constexpr bool openmp = true;
#else
constexpr bool openmp = false;
#endif

int main() {
  using arma::arma_config;
  std::cout << sizeof(arma::uword) << ' ' << sizeof(arma::mat) << ' ' << arma_config::warn_level << arma_config::debug
            << arma_config::openmp << arma_config::blas << arma_config::lapack << arma_config::hdf5 << ' '
            << arma_config::mp_threshold << ' ' << arma_config::mp_threads << ' ' << openmp << '\n';
}
