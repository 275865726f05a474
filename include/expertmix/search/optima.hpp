#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "../solver/end_point.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// A maximum of what a search climbs, and how many independent starts and hops ended there.
struct Optimum : EndPoint {
  explicit Optimum(EndPoint end) : EndPoint(std::move(end)) {}

  uword starts = 0, hops = 0;
};

/// The optima that a search has seen.
class Optima {
 public:
  explicit Optima(double weight) : weight_(weight) {}

  const std::vector<Optimum>& list() const { return list_; }
  bool empty() const { return list_.empty(); }
  const Optimum& best() const { return list_[order().front()]; }

  /// The place of the same optimum, if it was seen before; else where it now stands. The end must have been found.
  std::size_t place(const EndPoint& end) {
    for (std::size_t i = 0; i < list_.size(); ++i)
      if (end.beside(list_[i], weight_)) return i;
    list_.emplace_back(end);
    return list_.size() - 1;
  }

  Optimum& operator[](std::size_t place) { return list_[place]; }

  /// Places, best first.
  std::vector<std::size_t> order() const {
    std::vector<std::size_t> out(list_.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = i;
    std::stable_sort(out.begin(), out.end(),
                     [&](std::size_t a, std::size_t b) { return list_[a].better_than(list_[b]); });
    return out;
  }

  /// The chance that one more independent start ends at an optimum that no start has seen (Good 1953, Biometrika 40,
  /// 237-264): the share of starts that alone saw theirs.
  double unseen() const {
    double alone = 0.0, starts = 0.0;
    for (const Optimum& optimum : list_) {
      starts += static_cast<double>(optimum.starts);
      alone += optimum.starts == 1;
    }
    return starts > 0.0 ? alone / starts : 1.0;
  }

 private:
  double weight_;
  std::vector<Optimum> list_;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
