#pragma once

#include <array>

#include "../search/proposals.hpp"
#include "ascents.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Where a path's search starts: short runs from guesses of which expert a row belongs to.
class LassoStarts {
 public:
  LassoStarts(LassoAscents& ascents, const RowData& rows, const WideDesign& design, const PathOptions& options,
              const Context& context)
      : ascents_(ascents),
        mixture_(ascents.problem().mixture()),
        rows_(rows),
        design_(design),
        options_(options),
        context_(context) {}

  uword count() const {
    if (options_.starts > 0) return options_.starts;
    return rows_.rows() <= 2000 ? 20 : 10;
  }
  std::vector<LassoPoint> short_runs(double lambda);

 private:
  LassoPoint short_run(double lambda, uword start, const mat& features, const vec& relevance);
  std::vector<uword> some_columns(const std::vector<uword>& columns, const vec& relevance, Random& random) const;
  vec relevance(const mat& features) const;

  LassoAscents& ascents_;
  const Mixture& mixture_;
  const RowData& rows_;
  const WideDesign& design_;
  const PathOptions& options_;
  const Context& context_;
};

/// Correlation of every column with the response and its square, the larger one.
inline vec LassoStarts::relevance(const mat& features) const {
  mat centred = features.each_row() - arma::mean(features, 0);
  centred = arma::join_rows(centred, arma::square(centred));
  centred.each_row() -= arma::mean(centred, 0);
  AlignedVector weights(centred.n_cols * weight_stride, 0.0);
  mat sums(centred.n_cols, design_.columns.count, arma::fill::zeros);
  for (uword first = 0; first < centred.n_rows; first += max_block_rows) {
    const uword n = std::min<uword>(max_block_rows, centred.n_rows - first);
    std::fill(weights.begin(), weights.end(), 0.0);
    for (uword s = 0; s < centred.n_cols; ++s)
      std::copy_n(centred.colptr(s) + first, n, weights.data() + s * weight_stride);
    design_.values->add_products(first, n, weights.data(), centred.n_cols, sums);
  }
  const vec size = arma::sqrt(arma::sum(arma::square(centred), 0)).t() + 1e-300;
  sums.each_col() /= size;
  return arma::max(arma::abs(sums), 0).t();
}

/// At most eight of some columns: half of them among the 16 most relevant, the others at random.
inline std::vector<uword> LassoStarts::some_columns(const std::vector<uword>& columns, const vec& relevance,
                                                    Random& random) const {
  std::vector<uword> slopes;
  for (uword c : columns)
    if (c != 0) slopes.push_back(c);
  if (slopes.size() <= 8) return slopes;
  std::stable_sort(slopes.begin(), slopes.end(), [&](uword a, uword b) { return relevance(a) > relevance(b); });
  std::vector<uword> out;
  const auto take = [&](uword among) {
    const uword c = slopes[random.index(std::min<uword>(among, slopes.size()))];
    if (std::find(out.begin(), out.end(), c) == out.end()) out.push_back(c);
  };
  while (out.size() < 4) take(16);
  while (out.size() < 8) take(slopes.size());
  return out;
}

/// A short run from a guess of who belongs to whom, guess and run on a few columns.
inline LassoPoint LassoStarts::short_run(double lambda, uword start, const mat& features, const vec& relevance) {
  constexpr std::array<Proposal, 5> turn = {Proposal::lines, Proposal::clusters, Proposal::segments, Proposal::random,
                                            Proposal::gaussian_gate};
  Random random(options_.seed, start + 1);
  const auto experts = some_columns(design_.columns.experts, relevance, random),
             gate = some_columns(design_.columns.gate, relevance, random);
  mat design(rows_.rows(), 1 + experts.size() + gate.size(), arma::fill::ones);
  Columns columns;
  columns.count = design.n_cols, columns.experts = columns.gate = {0};
  const auto add = [&](uword from, std::vector<uword>& own, uword to) {
    design_.values->recoded(from, 0, rows_.rows(), design.colptr(to));
    own.push_back(to);
  };
  for (uword j = 0; j < experts.size(); ++j) add(experts[j], columns.experts, 1 + j);
  for (uword j = 0; j < gate.size(); ++j) add(gate[j], columns.gate, 1 + experts.size() + j);
  const mat guess = propose(turn[start % turn.size()], Features(design, features, columns), mixture_.experts, random);
  return ascents_.short_run(lambda, guess, 1);
}

/// The different end points of short runs, best first.
inline std::vector<LassoPoint> LassoStarts::short_runs(double lambda) {
  const Scaling& scaling = design_.scaling;
  const mat features = mixture_.family->features_less(rows_.offset() / scaling.response_scale,
                                                      (rows_.y() - scaling.response_centre) / scaling.response_scale);
  const vec relevant = relevance(features);
  std::vector<LassoPoint> found;
  for (uword start = 0; start < count() && (start == 0 || !context_.deadline.passed()); ++start) {
    found.push_back(short_run(lambda, start, features, relevant));
    context_.report(
        {Stage::starts, static_cast<double>(start) + 1.0, static_cast<double>(count()), found.back().log_likelihood});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const LassoPoint& a, const LassoPoint& b) { return a.better_than(b); });
  const auto alike = [](const LassoPoint& a, const LassoPoint& b) { return std::abs(a.value - b.value) < 0.05; };
  found.erase(std::unique(found.begin(), found.end(), alike), found.end());
  found.resize(std::min<std::size_t>(5, found.size()));
  return found;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
