#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "../model/experts.hpp"
#include "../model/gate.hpp"
#include "../model/layout.hpp"
#include "ties.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// How responsibilities are made: the posterior r_k ~ pi_k f_k, its annealed form r_k ~ (pi_k f_k)^beta (Ueda and
/// Nakano 1998, Neural Networks 11), or given with the rows.
struct Responsibility {
  enum class Rule { posterior, annealed, given } rule = Rule::posterior;
  double beta = 1.0;
};

struct Workspace;

}  // namespace detail

/// A mixture of experts f(y | x, z) = sum_k pi_k(z) f_k(y | x): a gate, an expert family and the number of experts;
/// ties of its parameters, which a fit keeps. Immutable; parameters are an argument of every call. Its computing is in
/// mixture_pass.hpp.
class Mixture {
 public:
  /// Nothing is checked here, but by every function that takes a mixture.
  Mixture(std::shared_ptr<const Gate> gate_, std::shared_ptr<const Experts> family_, uword experts_,
          std::vector<Tie> ties_ = {})
      : gate(std::move(gate_)), family(std::move(family_)), experts(experts_), ties(std::move(ties_)) {}

  std::shared_ptr<const Gate> gate;       ///< pi
  std::shared_ptr<const Experts> family;  ///< f
  uword experts;                          ///< K
  std::vector<Tie> ties;                  ///< of its parameters; empty: none

  /// Throws `invalid_argument` unless gate and family are there and suit the number of experts.
  void check(const char* where) const;

  /// Its predictors on a design, and where their coefficients stand.
  Layout layout(const Columns& columns, bool informed = true) const;

  /// log pi_k, log f_k, responsibilities and log f(y | x, z) of a block's rows, into the workspace's tables; predictors
  /// and pi_k alone where there is no response. `gate_alone` leaves the experts' tables as they are.
  void evaluate(const Block& block, const Layout& layout, const vec& parameters, detail::Responsibility how,
                detail::Workspace& work, bool gate_alone = false) const;

  /// After `evaluate` with a response: w d log f(y | x, z) / d u of every predictor u, in the weight columns of the
  /// layout's score plan.
  void differentiate(const Block& block, const Layout& layout, detail::Workspace& work) const;

  /// Adds a block's log-likelihood, and what the workspace needs beside it, to the workspace's running sums.
  void add(const Block& block, const Layout& layout, const vec& parameters, detail::Responsibility how,
           detail::Workspace& work, bool gate_alone = false) const;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "mixture.ipp"
#endif
