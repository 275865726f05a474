#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "../base/armadillo.hpp"
#include "../base/error.hpp"

namespace expertmix {

/// rbar(m) of 2305.03288: 4 and 6 for two and three atoms. For more, only rbar >= 7 is known: `larger` is taken.
inline double rbar(uword atoms, double larger = 7.0) {
  return atoms <= 1 ? 1.0 : atoms == 2 ? 4.0 : atoms == 3 ? 6.0 : larger;
}

/// Blocks of an atom's parameters that one norm joins, and the power of that norm.
struct LossTerm {
  std::string blocks;  ///< of the letters g(ate slopes), t(emperature), a (expert slopes), b (intercept), v(ariance)
  double power;

  bool has(char block) const { return blocks.find(block) != std::string::npos; }
};

/// A Voronoi loss sum_j { sum_{i in A_j} exp(beta_0i) sum_terms ||.||^power + |sum_{i in A_j} exp(beta_0i) -
/// exp(beta_0j*)| }; `terms` takes rbar(|A_j|). With `active` the sum over j runs over the so many cells where it is
/// largest: the maximum over subsets of the true experts (2309.13850).
struct Loss {
  std::function<std::vector<LossTerm>(double rbar)> terms;
  uword active = 0;
  double larger = 7.0;  ///< rbar of cells of more than three atoms

  std::vector<LossTerm> of_cell(uword atoms) const { return terms(rbar(atoms, larger)); }
};

/// The papers' losses; throws `invalid_argument` for another. In cells of one atom rbar = 1, and every power of an
/// "over" loss is 1.
inline Loss loss_named(const std::string& name, uword active, double power, double larger) {
  using Terms = std::vector<LossTerm>;
  const auto apart = [](double g, double a, double b, double v) {
    return Terms{{"g", g}, {"t", g}, {"a", a}, {"b", b}, {"v", v}};
  };
  const auto half = [](double r) { return r > 1.0 ? r / 2.0 : 1.0; };
  const auto two = [](double r) { return r > 1.0 ? 2.0 : 1.0; };
  const std::map<std::string, std::function<Terms(double)>> table{
      // 2305.03288: joint norms
      {"softmax exact",
       [](double) {
         return Terms{{"gabv", 1.0}};
       }},
      {"softmax over",
       [half](double r) {
         return r > 1.0 ? Terms{{"gb", r}, {"av", half(r)}} : Terms{{"gabv", 1.0}};
       }},
      // 2309.13850: sums of norms
      {"topk exact", [apart](double) { return apart(1.0, 1.0, 1.0, 1.0); }},
      {"topk over", [apart, half](double r) { return apart(r, half(r), r, half(r)); }},
      // 2401.13875, activation gates: gate slopes, temperature and expert slopes no longer interact with b
      {"activation exact", [apart](double) { return apart(1.0, 1.0, 1.0, 1.0); }},
      {"activation over", [apart, half, two](double r) { return apart(two(r), two(r), r, half(r)); }},
      // 2310.14188
      {"multinomial exact", [apart](double) { return apart(1.0, 1.0, 1.0, 1.0); }},
      {"multinomial over", [apart, two](double r) { return apart(two(r), two(r), two(r), two(r)); }},
      // D_{1,r} of 2401.13875 and D_{2,r} of 2310.14188
      {"power", [apart, power](double) { return apart(power, power, power, power); }},
  };
  require(power > 0.0 && std::isfinite(power), "loss", "power", "must be positive");
  require(larger > 0.0 && std::isfinite(larger), "loss", "larger", "must be positive");
  const auto found = table.find(name);
  require(found != table.end(), "loss", "loss", "\"" + name + "\" is not known");
  return {found->second, active, larger};
}

}  // namespace expertmix
