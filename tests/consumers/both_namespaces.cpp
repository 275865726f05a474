// All of the standard library and all of expertmix without a qualifier: none of the names that are used here is
// ambiguous.
#include <algorithm>
#include <cmath>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <valarray>
#include <vector>

#if __cplusplus > 201703L
#include <ranges>
#include <span>
#endif

#include <expertmix/expertmix.hpp>

using namespace std;
using namespace expertmix;

int main() {
  mat x(100, 2, arma::fill::ones);
  vec y(100);
  for (uword i = 0; i < 100; ++i) {
    x(i, 1) = 0.02 * static_cast<double>(i) - 1.0;
    y(i) = abs(x(i, 1)) + 0.01 * static_cast<double>(i % 7);
  }
  Options options;
  options.method = Method::newton;
  options.starts = 5;
  const Data data(x, y);
  const Mixture mixture(gate_named("identity", "softmax"), family_named("gaussian"), 2);
  try {
    const Fit found = fit(data, mixture, options);
    const mat mean = predict(found, data), ends = quantiles(found, data, vec{0.1, 0.9});
    const Draws draws = draw(data, mixture, found, 1);
    const LassoPath path = lasso_path(data, mixture);
    cout << found.log_likelihood << ' ' << mean(0) << ' ' << ends(0) << ' ' << draws.y(0) << ' ' << path.fits.size()
         << ' ' << accu(posterior(data, mixture, found)) << ' ' << max(distribution(data, mixture, found)) << '\n';
  } catch (const error& failure) {
    cout << failure.argument << ": " << failure.what() << '\n';
    return 1;
  }
}
