#pragma once

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/hosted.hpp"
#include "merges.hpp"
#include "mixture/registry.hpp"
#include "select_experts.hpp"
#include "selection.hpp"
#include "source/folds.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// How far log-likelihoods must be apart to be different.
constexpr double smallest_rise = 1e-6;

/// Why a fit is passed over; empty for a sound one.
inline std::string fault_of(const Fit& fit) {
  if (!fit.record.collapsed.empty()) return "a collapsed variance";
  if (!fit.record.spikes.empty()) return "a spike";
  if (!fit.record.empty.empty()) return "an empty expert";
  return fit.record.converged ? "" : "no convergence";
}

inline bool is_sound(const Fit& fit) { return fault_of(fit).empty(); }

/// Whether a fit is to be preferred to another of as many experts: a sound one, then the higher.
inline bool is_sounder(const Fit& fit, const Fit& than) {
  if (is_sound(fit) != is_sound(than)) return is_sound(fit);
  return fit.log_likelihood > than.log_likelihood + smallest_rise;
}

inline bool is_lower(const Fit& fit, const Fit& than) {
  return is_sound(fit) && fit.log_likelihood < than.log_likelihood - smallest_rise;
}

/// Pairs of experts, the nearest first, at most so many.
inline std::vector<Merge> nearest_pairs(const mat& distances, std::size_t most) {
  std::vector<Merge> out;
  for (uword from = 1; from < distances.n_cols; ++from)
    for (uword into = 0; into < from; ++into) out.push_back({distances.n_cols, into, from, distances(into, from)});
  std::stable_sort(out.begin(), out.end(), [](const Merge& a, const Merge& b) { return a.height < b.height; });
  if (out.size() > most) out.resize(most);
  return out;
}

/// The search for the largest fit of a path: ten starts where the options do not say how many.
inline Options short_search(Options options) {
  if (options.search == Thoroughness::thorough) {
    options.search = Thoroughness::usual;
    return options;
  }
  options.search = Thoroughness::quick;
  if (options.starts == 0) options.starts = 10;
  return options;
}

/// Whether a gate that selects experts has so many to select from, or there is one, which needs no gate.
inline bool has_enough(const Mixture& mixture, uword experts) try {
  if (experts > 1) mixture.gate->check(experts);
  return true;
} catch (const invalid_argument&) {
  return false;
}

/// A mixture of fewer experts: a gate that selects more than there are selects all, one expert has none.
inline Mixture with_fewer_experts(const Mixture& mixture, uword experts) {
  if (experts == 1) return {std::make_shared<SoftmaxGate>(), mixture.family, 1};
  if (has_enough(mixture, experts)) return {mixture.gate, mixture.family, experts};
  Description gate = mixture.gate->description();
  if (gate.name.empty()) return {mixture.gate, mixture.family, experts};
  gate.numbers["top_k"] = static_cast<double>(experts);
  return {gate_described(gate), mixture.family, experts};
}

/// Fits of several numbers of experts to one data set that help each other.
class NumberSearch {
 public:
  NumberSearch(const Data& data, const Mixture& mixture, const Options& options, const Context& context)
      : data_(data), mixture_(mixture), options_(options), context_(context) {}

  Fit searched(uword experts) const { return searched(experts, options_); }
  Fit searched(uword experts, const Options& options) const {
    return fit(data_, with_fewer_experts(mixture_, experts), options, {}, context_);
  }

  /// Searches for every number; then climbs from fits of one expert fewer and one more, until none rises.
  std::vector<Fit> sweep(uword fewest) const {
    constexpr int most_rounds = 3;
    std::vector<Fit> fits;
    for (uword experts = fewest; experts <= mixture_.experts; ++experts)
      if (has_enough(mixture_, experts)) fits.push_back(searched(experts));
    for (int round = 0; round < most_rounds && help(fits); ++round) {
    }
    return rising(std::move(fits));
  }

  /// A short search for the largest number, of which two experts are merged, again and again.
  std::vector<Fit> path(uword fewest, std::vector<Merge>& tree) const {
    std::vector<Fit> fits{searched(mixture_.experts, short_search(options_))};
    while (fits.front().mass.n_elem > fewest) {
      std::pair<Fit, Merge> next = merged(fits.front(), 3);
      tree.push_back(next.second);
      fits.insert(fits.begin(), std::move(next.first));
    }
    return at_heights(rising(fits), fits, tree);
  }

  /// Merges with the heights of the fits that there are in the end, the nearest pair's where one has been replaced.
  std::vector<Fit> at_heights(std::vector<Fit> fits, const std::vector<Fit>& before, std::vector<Merge>& tree) const {
    for (std::size_t i = 0; i < fits.size(); ++i)
      for (Merge& merge : tree)
        if (merge.experts == fits[i].mass.n_elem && fits[i].log_likelihood != before[i].log_likelihood)
          merge.height = expert_distances(data_, fits[i].mixture, fits[i]).min();
    return fits;
  }

  /// The best of the climbs from two experts merged, with its pair; or a search where none can be made.
  std::pair<Fit, Merge> merged(const Fit& from, std::size_t pairs) const {
    const mat r = posterior(data_, from.mixture, from);
    const std::vector<Merge> nearest = nearest_pairs(expert_distances(data_, from.mixture, from), pairs);
    std::optional<Fit> best;
    Merge made = nearest.front();
    for (const Merge& pair : nearest) {
      std::optional<Fit> attempt = climbed(merged_responsibilities(r, pair.into, pair.from));
      if (!attempt || (best && !is_sounder(*attempt, *best))) continue;
      best = std::move(attempt);
      made = pair;
    }
    if (!best) best = searched(from.mass.n_elem - 1);
    return {std::move(*best), made};
  }

 private:
  /// A climb from responsibilities; none where it cannot be made, as of rows that one expert fits exactly.
  std::optional<Fit> climbed(const mat& responsibilities) const try {
    Start start;
    start.responsibilities = responsibilities;
    return fit(data_, with_fewer_experts(mixture_, responsibilities.n_cols), options_, start, context_);
  } catch (const interrupted&) {
    throw;
  } catch (const error&) {
    return std::nullopt;
  }

  std::vector<mat> splits(const Fit& of, double share) const {
    return split_responsibilities(data_, of.mixture, of, share);
  }

  /// One round of climbs, up and down; whether a log-likelihood rose.
  bool help(std::vector<Fit>& fits) const {
    bool rose = false;
    const auto next = [&](std::size_t i) { return fits[i].mass.n_elem == fits[i - 1].mass.n_elem + 1; };
    for (std::size_t i = 1; i < fits.size(); ++i) {
      if (!next(i)) continue;
      for (const mat& start : splits(fits[i - 1], 1.0)) rose |= improve(fits[i], climbed(start));
    }
    for (std::size_t i = fits.size() - 1; i-- > 0;) {
      if (!next(i + 1)) continue;
      const Fit& large = fits[i + 1];
      const mat r = posterior(data_, large.mixture, large);
      for (const Merge& pair : nearest_pairs(expert_distances(data_, large.mixture, large), 3))
        rose |= improve(fits[i], climbed(merged_responsibilities(r, pair.into, pair.from)));
    }
    return rose;
  }

  static bool improve(Fit& fit, std::optional<Fit> attempt) {
    if (!attempt || !is_sounder(*attempt, fit)) return false;
    fit = std::move(*attempt);
    return true;
  }

  /// A fit that is faulty, or lower than a smaller sound one, is climbed from the largest of these, with experts cut in
  /// two, or nearly in two equal ones where that leads to no better one.
  std::vector<Fit> rising(std::vector<Fit> fits) const {
    const Fit* best = nullptr;
    for (Fit& fit : fits) {
      for (double share : {1.0, 0.6, 0.51})
        if (best && (!is_sound(fit) || is_lower(fit, *best))) improve(fit, grown(*best, fit.mass.n_elem, share));
      if (is_sound(fit) && !(best && is_lower(fit, *best))) best = &fit;
    }
    return fits;
  }

  /// The best of climbs from a smaller fit, by one expert more at a time; none where all lead to faulty ones on the
  /// way.
  std::optional<Fit> grown(const Fit& small, uword experts, double share) const {
    std::optional<Fit> out = small;
    while (out && is_sound(*out) && out->mass.n_elem < experts) {
      const std::vector<mat> starts = splits(*out, share);
      out.reset();
      for (const mat& start : starts) {
        std::optional<Fit> attempt = climbed(start);
        if (attempt && (!out || is_sounder(*attempt, *out))) out = std::move(attempt);
      }
    }
    if (out && out->mass.n_elem < experts) out.reset();
    return out;
  }

  const Data& data_;
  const Mixture& mixture_;
  const Options& options_;
  const Context& context_;
};

/// -sum_i w_i sum_k r_ik log r_ik
inline double weighted_entropy(const Data& data, const Fit& fit) {
  const mat r = posterior(data, fit.mixture, fit);
  double sum = 0.0;
  for (uword k = 0; k < r.n_cols; ++k)
    for (uword i = 0; i < r.n_rows; ++i)
      if (r(i, k) > 0.0) sum -= data.row_weight(i) * r(i, k) * std::log(r(i, k));
  return sum;
}

inline Candidate candidate(const Data& data, Fit fit) {
  const InformationCriteria criteria = information_criteria(fit);
  const double icl = criteria.bic + 2.0 * weighted_entropy(data, fit);
  std::string fault = fault_of(fit);
  Candidate out{std::move(fit), criteria};
  out.icl = icl;
  out.fault = std::move(fault);
  return out;
}

/// What a criterion makes smallest.
inline double criterion_value(const Candidate& of, ExpertCriterion criterion) {
  switch (criterion) {
    case ExpertCriterion::icl:
      return of.icl;
    case ExpertCriterion::aic:
      return of.criteria.aic;
    case ExpertCriterion::cv:
      return -of.cv;
    case ExpertCriterion::dsc:
      return of.dsc;
    default:
      return of.criteria.bic;
  }
}

inline std::pair<vec, std::vector<bool>> values_of(const ExpertSelection& selection, ExpertCriterion criterion) {
  vec values(selection.table.size());
  std::vector<bool> faulty;
  for (std::size_t i = 0; i < selection.table.size(); ++i) {
    values(i) = criterion_value(selection.table[i], criterion);
    faulty.push_back(!selection.table[i].fault.empty());
  }
  return {values, faulty};
}

/// -(h_K + log(n) l_K / n) of fits of two experts or more, with the heights of their merges.
inline void add_dendrogram_criterion(ExpertSelection& selection) {
  for (const Merge& merge : selection.tree)
    for (Candidate& one : selection.table) {
      const double n = one.fit.weight;
      if (one.fit.mass.n_elem == merge.experts) one.dsc = -(merge.height + std::log(n) * one.fit.log_likelihood / n);
    }
}

/// What is lower than a smaller sound fit is no maximum.
inline void mark_low(ExpertSelection& selection) {
  const Candidate* best = nullptr;
  for (Candidate& one : selection.table) {
    if (best && is_lower(one.fit, best->fit)) one.fault = "below a smaller fit";
    if (one.fault.empty()) best = &one;
  }
}

inline void add_scores(const Data& data, const SelectionOptions& options, const Context& context,
                       ExpertSelection& selection) {
  const uvec folds = folds_of_rows(data.rows(), options.folds, options.seed);
  mat scores(selection.table.size(), options.folds);
  for (uword i = 0; i < scores.n_rows; ++i)
    for (uword f = 0; f < scores.n_cols; ++f)
      scores(i, f) = fold_score(data, selection.table[i].fit.mixture, folds, f, options, context);
  const FoldMeans over(data, folds, scores);
  for (std::size_t i = 0; i < selection.table.size(); ++i) {
    Candidate& one = selection.table[i];
    one.cv = over.mean(i);
    one.error = over.error(i);
    if (one.fault.empty() && !std::isfinite(one.cv)) one.fault = "a fold without a sound fit";
  }
}

inline void check_selection(const Data& data, const Mixture& mixture, const SelectionOptions& options) {
  constexpr const char* where = "select_experts";
  data.check(where);
  data.require_response(where);
  mixture.check(where);
  require(mixture.ties.empty(), where, "mixture", "has ties, which are of one number of experts");
  require(options.fewest >= 1 && options.fewest <= mixture.experts, where, "fewest",
          "must be from 1 to the number of experts of the mixture");
  const auto rows = data.weights().empty() ? data.rows() : arma::accu(data.weights() > 0.0);
  const uword each = data.x().n_cols + 1;
  require(mixture.experts * each <= rows, where, "mixture",
          "has too many experts: there are " + std::to_string(rows) + " rows, and " + std::to_string(each) +
              " for each expert are needed");
  require(options.criterion != ExpertCriterion::dsc || options.route == ExpertSearch::path, where, "criterion",
          "is about the merges of a path");
  require(options.criterion != ExpertCriterion::dsc || options.fewest < mixture.experts, where, "fewest",
          "leaves no merge, which the dendrogram criterion is about");
  if (options.criterion != ExpertCriterion::cv) return;
  require(options.folds >= 2 && options.folds <= data.rows(), where, "folds", "must be from 2 to the number of rows");
  const uvec folds = folds_of_rows(data.rows(), options.folds, options.seed);
  vec held(options.folds, arma::fill::zeros);
  for (uword i = 0; i < folds.n_elem; ++i) held(folds(i)) += data.row_weight(i) > 0.0 ? 1.0 : 0.0;
  require(static_cast<double>(mixture.experts * each) <= arma::accu(held) - held.max(), where, "folds",
          "leave too few rows for so many experts without one of them");
}

inline const char* criterion_name(ExpertCriterion criterion) {
  switch (criterion) {
    case ExpertCriterion::icl:
      return "ICL";
    case ExpertCriterion::aic:
      return "AIC";
    case ExpertCriterion::cv:
      return "The cross-validated log-score";
    case ExpertCriterion::dsc:
      return "DSC";
    default:
      return "BIC";
  }
}

}  // namespace detail

EXPERTMIX_DEFINITION ExpertSelection select_experts(const Data& data, const Mixture& mixture,
                                                    const SelectionOptions& options, const Context& context) {
  return detail::hosted("select_experts", context, [&](const Context& watched) {
    detail::check_selection(data, mixture, options);
    const detail::NumberSearch search(data, mixture, options, watched);
    ExpertSelection out;
    std::vector<Fit> fits =
        options.route == ExpertSearch::sweep ? search.sweep(options.fewest) : search.path(options.fewest, out.tree);
    for (Fit& one : fits)
      if (detail::has_enough(mixture, one.mass.n_elem)) out.table.push_back(detail::candidate(data, std::move(one)));
    detail::mark_low(out);
    detail::add_dendrogram_criterion(out);
    if (options.criterion == ExpertCriterion::cv) detail::add_scores(data, options, watched, out);
    out.criterion = options.criterion;
    out.chosen = select_fit(out, options.criterion);
    return out;
  });
}

EXPERTMIX_DEFINITION std::size_t select_fit(const ExpertSelection& selection, ExpertCriterion criterion) {
  const auto [values, faulty] = detail::values_of(selection, criterion);
  require(!arma::find_finite(values).is_empty(), "select_fit", "criterion", "no fit has a value of it");
  return detail::best_of(values, faulty);
}

EXPERTMIX_DEFINITION std::string report(const ExpertSelection& selection) {
  require(selection.chosen < selection.table.size(), "report", "selection", "has no fits");
  std::ostringstream out;
  const auto [values, faulty] = detail::values_of(selection, selection.criterion);
  const uword chosen = selection.best().mass.n_elem;
  out << detail::criterion_name(selection.criterion) << " chooses " << chosen << (chosen == 1 ? " expert" : " experts");
  std::optional<std::size_t> next;
  for (std::size_t i = 0; i < values.n_elem; ++i)
    if (i != selection.chosen && !faulty[i] && std::isfinite(values(i)) && (!next || values(i) < values(*next)))
      next = i;
  out << std::setprecision(4);
  if (next) {
    out << "; next is " << selection.table[*next].fit.mass.n_elem << ", " << values(*next) - values(selection.chosen)
        << " behind";
  }
  const bool scored = selection.criterion == ExpertCriterion::cv, merged = !selection.tree.empty();
  out << ".\n\n experts  log-likelihood  parameters         AIC         BIC         ICL"
      << (merged ? "         DSC" : "") << (scored ? "          cv      (s.e.)" : "") << '\n'
      << std::fixed;
  for (const Candidate& one : selection.table) {
    out << std::setw(8) << one.fit.mass.n_elem << std::setprecision(3) << std::setw(16) << one.fit.log_likelihood
        << std::setprecision(0) << std::setw(12) << one.criteria.parameters << std::setprecision(2);
    for (double value : {one.criteria.aic, one.criteria.bic, one.icl}) out << std::setw(12) << value;
    if (merged) out << std::setw(12) << one.dsc;
    if (scored) out << std::setprecision(4) << std::setw(12) << one.cv << std::setw(12) << one.error;
    if (&one == &selection.table[selection.chosen]) out << " *";
    out << (one.fault.empty() ? "" : "  ") << one.fault << '\n';
  }
  return out.str();
}

EXPERTMIX_DEFINITION double fold_score(const Data& data, const Mixture& mixture, const uvec& folds, uword fold,
                                       const Options& options, const Context& context) {
  return detail::hosted("fold_score", context, [&](const Context& watched) -> double {
    const detail::RowsOfFold rows("fold_score", data, folds, fold);
    const uvec x = detail::all_columns(data.x()), z = detail::all_columns(data.gate());
    const detail::PartOfData within(data, rows.kept, x, z), out_of_it(data, rows.left, x, z);
    try {
      const Fit found = fit(within.data(), mixture, options, {}, watched);
      if (!found.record.collapsed.empty() || !found.record.converged) return arma::datum::nan;
      return detail::mean_log_density(out_of_it.data(), mixture, found);
    } catch (const degenerate_error&) {
      return arma::datum::nan;
    } catch (const numerical_error&) {
      return arma::datum::nan;
    }
  });
}

EXPERTMIX_DEFINITION Fit merge_experts(const Fit& fit, const Data& data, const Options& options,
                                       const Context& context) {
  return detail::hosted("merge_experts", context, [&](const Context& watched) {
    data.require_response("merge_experts");
    require(fit.mass.n_elem > 1, "merge_experts", "fit", "has one expert");
    require(fit.mixture.ties.empty(), "merge_experts", "fit", "has ties");
    return detail::NumberSearch(data, fit.mixture, options, watched).merged(fit, 6).first;
  });
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
