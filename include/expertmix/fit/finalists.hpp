#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "finished.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The best of finished climbs, best first. One that ends where another did is counted with it.
class Finalists {
 public:
  explicit Finalists(std::size_t most) : most_(most) {}

  uword finished = 0;

  bool empty() const { return list_.empty(); }
  Finished& best() { return list_.front(); }

  void consider(Finished candidate);

  /// Those that there are; begins anew without them. How many climbs were finished is kept.
  std::vector<Finished> take() { return std::exchange(list_, {}); }

 private:
  /// Log-likelihoods that are nearer are of the same maximum.
  static constexpr double same = 1e-4;

  std::size_t most_;
  std::vector<Finished> list_;
};

inline void Finalists::consider(Finished candidate) {
  if (!candidate.found()) return;
  ++finished;
  for (Finished& other : list_)
    if (std::abs(other.log_likelihood - candidate.log_likelihood) < same) {
      other.runs += candidate.runs;
      return;
    }
  const auto place =
      std::find_if(list_.begin(), list_.end(), [&](const Finished& other) { return candidate.better_than(other); });
  list_.insert(place, std::move(candidate));
  if (list_.size() > most_) list_.pop_back();
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
