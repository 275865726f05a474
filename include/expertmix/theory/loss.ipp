#pragma once

#include <cmath>
#include <map>

#include "loss.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

EXPERTMIX_DEFINITION Loss loss_named(const std::string& name, uword active, double power, const vec& larger) {
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
  const bool usable = !larger.empty() && larger.is_finite() && larger.min() >= 1.0;
  require(usable, "loss", "larger", "must be numbers, 1 or more");
  const auto found = table.find(name);
  require(found != table.end(), "loss", "loss", "\"" + name + "\" is not known");
  return {found->second, active, larger};
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
