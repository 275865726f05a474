#pragma once

#include <algorithm>

#include "../mixture/registry.hpp"
#include "../save.hpp"
#include "fields.hpp"
#include "layout.hpp"
#include "reader.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// Whether a gate's or a family's predictors are those that a file has.
inline bool same_predictors(std::vector<Predictor> one, std::vector<Predictor> other) {
  const auto differ = [](Predictor& a, Predictor& b) { return members(a) != members(b); };
  if (one.size() != other.size()) return false;
  for (std::size_t i = 0; i < one.size(); ++i)
    if (differ(one[i], other[i])) return false;
  return true;
}

/// The gate or the family of a file: the one that was handed over, else the one that the description names. Throws
/// `file_error`.
template <class Part, class Make>
std::shared_ptr<const Part> part_of(const char* name, const Description& written, std::shared_ptr<const Part> handed,
                                    Make make, const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    throw file_error(file_error::Fault::own, "load", path + " has a " + name + " " + why);
  };
  if (handed && !(handed->description() == written)) refuse("that is another one than the one handed over");
  if (handed) return handed;
  if (written.name.empty()) refuse("from outside the library: hand it over, as in load<Fit>(path, {gate, family})");
  try {
    return make(written);
  } catch (const invalid_argument& cause) {
    refuse(std::string("that is not known here: ") + cause.what());
  }
  return nullptr;
}

/// The mixture of a file. Throws `file_error`.
inline Mixture mixture_of(const WrittenModel& written, const Own& own, const std::string& path) {
  Mixture out(part_of("gate", written.gate, own.gate, gate_described, path),
              part_of("family", written.family, own.family, family_described, path), written.experts, written.ties);
  const bool same = same_predictors(out.gate->predictors(out.experts), written.gate_predictors) &&
                    same_predictors(out.family->predictors(out.experts), written.family_predictors) &&
                    out.gate->scalars() == written.gate_scalars && out.family->scalars() == written.family_scalars;
  if (!same)
    throw file_error(file_error::Fault::own, "load",
                     path + " has a gate or a family with other parameters than the one of its name has here");
  return out;
}

/// Refuses what no file that was written has; so that what is read can be used without a look at it.
class Soundness {
 public:
  Soundness(const Reader& reader) : reader_(reader) {}

  void need(bool holds) const {
    if (!holds) reader_.refuse();
  }
  void experts(const WrittenModel& written) const {
    const double classes = written.family.number("classes", 1.0);
    need(written.experts >= 1 && written.experts <= written.gate_predictors.size() + written.family_predictors.size());
    need(classes <= static_cast<double>(written.family_predictors.size() + 1));
  }
  void square(const mat& value, uword size) const {
    need(value.empty() || (value.n_rows == size && value.n_cols == size));
  }
  template <class Numbers>
  void below(const Numbers& numbers, uword end) const {
    for (uword number : numbers) need(number < end);
  }

  void coefficients(const Coefficients& it, const Mixture& mixture) const {
    try {
      mixture.check("load");
      it.check("load", "path", mixture, it.gate.n_rows, it.experts.n_rows);
    } catch (const invalid_argument&) {
      reader_.refuse();
    }
    need(it.gate.n_rows > 0 && it.experts.n_rows > 0 && it.gate_intercept <= it.gate.n_rows);
    need(!mixture.gate->splits(mixture.experts) || it.gate_intercept < it.gate.n_rows);
  }
  void masses(const vec& mass, const vec& gate_mass, uword experts) const {
    need(mass.n_elem == experts && gate_mass.n_elem == experts);
  }

  void operator()(const Record& it, const Fit& fit) const {
    const uword experts = fit.mixture.experts;
    below(it.collapsed, experts);
    below(it.separated, experts);
    below(it.empty, experts);
    for (const Spike& spike : it.spikes) need(spike.expert < experts);
    const uword outcomes = fit.mixture.family->outcomes().count, scalars = fit.mixture.family->scalars().size();
    for (const Runaway& runaway : it.runaways) need(runaway.expert < experts && runaway.outcome < outcomes);
    for (const BoundedScalar& bounded : it.scalars) need(bounded.expert <= experts && bounded.scalar < scalars);
  }

  void operator()(const AffineMap& it, uword size) const {
    if (!it.given()) return need(it.slope.empty() && it.free.empty());
    need(it.origin.n_elem == size && it.slope.n_rows == size && it.slope.n_cols == it.free.n_elem);
    below(it.free, size);
  }

  /// Also makes the table of the parameters.
  void operator()(Fit& it) const {
    coefficients(it, it.mixture);
    need(it.gate_aliased.size() == it.gate.n_rows && it.experts_aliased.size() == it.experts.n_rows);
    it.parameter_table = parameter_table(layout_of(it), kept_of(it));
    const uword size = it.parameter_table.size();
    need(it.parameters.n_elem == size && it.identified.size() == size && it.estimable.size() == size);
    square(it.covariance, size);
    square(it.loose, size);
    masses(it.mass, it.gate_mass, it.mixture.experts);
    (*this)(it.map, size);
    need(it.map.given() == !it.mixture.ties.empty());
    for (const Tie& tie : it.mixture.ties)
      for (const Tie::Term& term : tie.terms)
        need(std::count(it.parameter_table.begin(), it.parameter_table.end(), term.parameter) == 1);
    (*this)(it.record, it);
  }

  void operator()(const LassoFit& it, const Mixture& mixture) const {
    coefficients(it, mixture);
    masses(it.mass, it.gate_mass, mixture.experts);
    below(it.empty, mixture.experts);
    below(it.spikes, mixture.experts);
  }

  void operator()(LassoPath& it) const {
    for (const LassoFit& fit : it.fits) (*this)(fit, it.mixture);
    for (const auto& fit : it.refits)
      if (fit) (*this)(*fit, it.mixture);
  }

 private:
  const Reader& reader_;
};

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
