#pragma once

#include <algorithm>

#include "math/columns.hpp"
#include "mixture/quantiles.hpp"
#include "predict.hpp"
#include "source/fold.hpp"
#include "source/walk.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// Copies the first columns of every block's table into a matrix.
template <class Pick>
mat collect(const Data& data, const Mixture& mixture, const Coefficients& coefficients, uword columns, Pick pick) {
  mat out(data.rows(), columns);
  walk(data, mixture, coefficients, [&](std::size_t first, std::size_t rows, const Block& block, Workspace& work) {
    const Table table = pick(block, work);
    for (uword k = 0; k < columns; ++k) std::copy_n(table[k], rows, out.colptr(k) + first);
  });
  return out;
}

inline mat gate_probabilities_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  return collect(data, mixture, coefficients, mixture.experts,
                 [](const Block&, Workspace& work) { return work.gate.pi; });
}

inline mat expert_means_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  const uword columns = mixture.family->outcomes().columns(mixture.experts);
  AlignedVector memory(columns * column_stride(max_block_rows));
  const Table means{memory.data(), column_stride(max_block_rows)};
  return collect(data, mixture, coefficients, columns, [&](const Block& block, Workspace& work) {
    mixture.family->mean(work.family_rows(block), block, means);
    return means;
  });
}

inline mat posterior_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  return collect(data, mixture, coefficients, mixture.experts, [](const Block&, Workspace& work) { return work.r; });
}

inline mat predict_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  const mat pi = gate_probabilities_at(data, mixture, coefficients),
            means = expert_means_at(data, mixture, coefficients);
  const Outcomes outcomes = mixture.family->outcomes();
  mat out(data.rows(), outcomes.count, arma::fill::zeros);
  for (uword k = 0; k < mixture.experts; ++k)
    for (uword c = 0; c < outcomes.count; ++c) out.col(c) += pi.col(k) % means.col(outcomes.column(k, c));
  return out;
}

inline vec log_density_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  vec out(data.rows());
  walk(data, mixture, coefficients, [&](std::size_t first, std::size_t rows, const Block&, Workspace& work) {
    std::copy_n(work.log_density, rows, out.memptr() + first);
  });
  return out;
}

/// sum_k pi_k g_k, where `fill` writes g_k of a block.
template <class Fill>
vec mixed(const Data& data, const Mixture& mixture, const Coefficients& coefficients, Fill fill) {
  vec out(data.rows());
  AlignedVector memory(mixture.experts * column_stride(max_block_rows));
  const Table of_expert{memory.data(), column_stride(max_block_rows)};
  walk(data, mixture, coefficients, [&](std::size_t first, std::size_t rows, const Block& block, Workspace& work) {
    fill(work.family_rows(block), block, of_expert);
    mix(work, of_expert, mixture.experts, rows, out.memptr() + first);
  });
  return out;
}

inline vec distribution_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  return mixed(data, mixture, coefficients, [&](const Rows& rows, const Block& block, Table out) {
    mixture.family->distribution(rows, block, out);
  });
}

inline vec survival_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  return mixed(data, mixture, coefficients,
               [&](const Rows& rows, const Block& block, Table out) { mixture.family->survival(rows, block, out); });
}

inline mat quantiles_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients,
                        const vec& probabilities) {
  mat out(data.rows(), probabilities.n_elem);
  walk(data, mixture, coefficients, [&](std::size_t first, std::size_t rows, const Block& block, Workspace& work) {
    BlockQuantiles search(mixture, block, work, rows);
    for (uword j = 0; j < probabilities.n_elem; ++j) search.find(probabilities(j), out.colptr(j) + first);
  });
  return out;
}

inline std::vector<DensityInterval> highest_density_at(const Data& data, const Mixture& mixture,
                                                       const Coefficients& coefficients, double level) {
  std::vector<DensityInterval> out;
  walk(data, mixture, coefficients, [&](std::size_t first, std::size_t rows, const Block& block, Workspace& work) {
    for (std::size_t i = 0; i < rows; ++i) {
      RowPredictive row(mixture, block, work, i);
      const HighestDensity set(row, mixture.family->discrete(), level);
      for (const auto& part : set.parts())
        out.push_back({static_cast<uword>(first + i), part.lower, part.upper, part.probability});
    }
  });
  return out;
}

/// A block's scores in its own columns: the weight of every predictor times the columns that it owns.
inline void write_scores(const Block& block, const Layout& layout, const Workspace& work, std::size_t first,
                         std::size_t rows, mat& out) {
  for (std::size_t a = 0; a < layout.predictors.size(); ++a) {
    const double* weight = work.weights[layout.score.slots[a * layout.predictors.size() + a]];
    for (uword j = 0; j < layout.size(a); ++j)
      multiply(weight, block.column(layout.owned[a][j]), out.colptr(layout.offset[a] + j) + first, rows);
  }
}

/// Every block, evaluated, by lanes as a fold takes them: `visit(lane, first row, rows, block, workspace)`.
template <class Visit>
void visit_blocks(const Evaluation& at, std::size_t lanes, const Context& context, Visit visit) {
  for_each_item(lanes, context, [&](std::size_t lane, const Worker& worker) {
    Workspace work(at.mixture, at.layout);
    AlignedVector buffer;
    for (std::size_t b = lane; b < at.source.blocks() && !worker.stopped(); b += lanes)
      at.at(b, work, buffer, [&](std::size_t first, std::size_t rows, const Block& block, Workspace&) {
        visit(lane, first, rows, block, work);
      });
  });
}

/// A row for every row of the data: what `differentiate(lane, block, workspace)` leaves as weights of the predictors,
/// times the columns that they own.
template <class Differentiate>
mat rows_of_derivatives(const Evaluation& at, const Context& context, Differentiate differentiate) {
  mat out(at.rows, at.layout.parameters);
  visit_blocks(at, fold_lanes(at.source.blocks()), context,
               [&](std::size_t lane, std::size_t first, std::size_t rows, const Block& block, Workspace& work) {
                 differentiate(lane, block, work);
                 write_scores(block, at.layout, work, first, rows, out);
               });
  return at.map.scores(std::move(out));
}

inline mat scores_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients,
                     const KeptColumns& kept, const Context& context) {
  const Evaluation at(data, mixture, coefficients, kept);
  return rows_of_derivatives(at, context, [&](std::size_t, const Block& block, Workspace& work) {
    mixture.differentiate(block, at.layout, work);
  });
}

inline mat gradients_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients,
                        const KeptColumns& kept, const Quantity& quantity, const Context& context) {
  const Evaluation at(data, mixture, coefficients, kept);
  std::vector<BlockGradient> of_lane(fold_lanes(at.source.blocks()), BlockGradient(quantity, mixture));
  return rows_of_derivatives(at, context, [&](std::size_t lane, const Block& block, Workspace& work) {
    of_lane[lane].write(block, at.layout, work);
  });
}

/// Adds a block's s_i s_i': the product of every two predictors' weights against the pairs of their columns.
inline void add_score_products(const Block& block, const Layout& layout, Workspace& work, AlignedVector& sums) {
  const std::size_t count = layout.predictors.size();
  AlignedVector memory(count * column_stride(max_block_rows));
  const Table weight{memory.data(), column_stride(max_block_rows)};
  for (std::size_t a = 0; a < count; ++a)
    std::copy_n(work.weights[layout.score.slots[a * count + a]], block.rows, weight[a]);
  for (std::size_t a = 0; a < count; ++a)
    for (std::size_t b = a; b < count; ++b)
      multiply(weight[a], weight[b], work.weights[layout.observed.slots[a * count + b]], block.rows);
  add_products(layout.observed, block, work.weights, sums, work.gate.ahead);
}

inline mat score_products_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients,
                             const KeptColumns& kept, const Context& context) {
  const Evaluation at(data, mixture, coefficients, kept);
  const Layout& layout = at.layout;
  std::vector<AlignedVector> sums(fold_lanes(at.source.blocks()), zero_sums(layout.observed, true));
  visit_blocks(at, sums.size(), context,
               [&](std::size_t lane, std::size_t, std::size_t, const Block& block, Workspace& work) {
                 mixture.differentiate(block, layout, work);
                 add_score_products(block, layout, work, sums[lane]);
               });
  for (std::size_t lane = 1; lane < sums.size(); ++lane) add_each(sums[0], sums[lane]);
  const mat own = collect_information(layout, layout.observed, sums[0], {0}, {layout.parameters}).block[0];
  return at.map.scores(at.map.scores(own).t());
}

/// Throws `numerical_error` for what overflowed on the way.
inline void check_numbers(const char* where, const mat& values) {
  const auto usable = [](double value) { return value < arma::datum::inf; };
  const auto bad = static_cast<uword>(std::find_if_not(values.begin(), values.end(), usable) - values.begin());
  if (bad == values.n_elem) return;
  throw numerical_error(where, "",
                        "row " + std::to_string(bad % values.n_rows + 1) + " overflows: its numbers are too large");
}

/// The rows without their response, but where a part of it says how large they are.
inline Data with_sizes(const Data& data, const Mixture& mixture) {
  return mixture.family->responses() > 1 ? data : data.without_response();
}

/// What a public function computes from usable arguments.
template <class Work>
auto evaluated(const char* where, const Data& data, const Mixture& mixture, const Coefficients& coefficients,
               Work work) try {
  check_model(where, data, mixture, coefficients);
  auto out = work(data, mixture, coefficients);
  check_numbers(where, out);
  return out;
} catch (...) {
  leave(where);
}

}  // namespace detail

EXPERTMIX_DEFINITION vec log_density(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  data.require_response("log_density");
  return detail::evaluated("log_density", data, mixture, coefficients, detail::log_density_at);
}

EXPERTMIX_DEFINITION mat predict(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  return detail::evaluated("predict", data.without_response(), mixture, coefficients, detail::predict_at);
}

EXPERTMIX_DEFINITION mat posterior(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  data.require_response("posterior");
  return detail::evaluated("posterior", data, mixture, coefficients, detail::posterior_at);
}

EXPERTMIX_DEFINITION mat expert_means(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  return detail::evaluated("expert_means", data.without_response(), mixture, coefficients, detail::expert_means_at);
}

EXPERTMIX_DEFINITION mat gate_probabilities(const Data& data, const Mixture& mixture,
                                            const Coefficients& coefficients) {
  return detail::evaluated("gate_probabilities", data.without_response(), mixture, coefficients,
                           detail::gate_probabilities_at);
}

EXPERTMIX_DEFINITION mat scores(const Data& data, const Mixture& mixture, const Coefficients& coefficients,
                                const KeptColumns& kept, const Context& context) {
  data.require_response("scores");
  return detail::evaluated("scores", data, mixture, coefficients,
                           [&](const auto&... given) { return detail::scores_at(given..., kept, context); });
}

EXPERTMIX_DEFINITION mat score_products(const Data& data, const Mixture& mixture, const Coefficients& coefficients,
                                        const KeptColumns& kept, const Context& context) {
  data.require_response("score_products");
  return detail::evaluated("score_products", data, mixture, coefficients,
                           [&](const auto&... given) { return detail::score_products_at(given..., kept, context); });
}

EXPERTMIX_DEFINITION mat gradients(const Data& data, const Mixture& mixture, const Coefficients& coefficients,
                                   const KeptColumns& kept, const Quantity& quantity, const Context& context) {
  return detail::evaluated("gradients", data.without_response(), mixture, coefficients, [&](const auto&... given) {
    quantity.check("gradients", mixture);
    return detail::gradients_at(given..., kept, quantity, context);
  });
}

EXPERTMIX_DEFINITION vec distribution(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  data.require_response("distribution");
  return detail::evaluated("distribution", data, mixture, coefficients, detail::distribution_at);
}

EXPERTMIX_DEFINITION vec survival(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  data.require_response("survival");
  return detail::evaluated("survival", data, mixture, coefficients, detail::survival_at);
}

EXPERTMIX_DEFINITION std::vector<DensityInterval> highest_density(const Data& data, const Mixture& mixture,
                                                                  const Coefficients& coefficients, double level) try {
  require(level > 0.0 && level < 1.0, "highest_density", "level", "must be between 0 and 1");
  detail::check_model("highest_density", data, mixture, coefficients);
  require(mixture.family->outcomes().count == 1, "highest_density", "family", "is of classes, which have no order");
  return detail::highest_density_at(detail::with_sizes(data, mixture), mixture, coefficients, level);
} catch (...) {
  detail::leave("highest_density");
}

EXPERTMIX_DEFINITION mat quantiles(const Data& data, const Mixture& mixture, const Coefficients& coefficients,
                                   const vec& probabilities) {
  require(arma::all(probabilities > 0.0 && probabilities < 1.0), "quantiles", "probabilities",
          "must be between 0 and 1");
  return detail::evaluated("quantiles", detail::with_sizes(data, mixture), mixture, coefficients,
                           [&](const Data& d, const Mixture& m, const Coefficients& c) {
                             return detail::quantiles_at(d, m, c, probabilities);
                           });
}

EXPERTMIX_DEFINITION double detail::mean_log_density(const Data& data, const Mixture& mixture, const Coefficients& at) {
  const vec weights = data.weights().empty() ? vec(data.rows(), arma::fill::ones) : data.weights();
  if (weights.max() <= 0.0) return 0.0;
  return arma::dot(weights, log_density(data, mixture, at)) / arma::accu(weights);
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
