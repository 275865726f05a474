#pragma once

#include <algorithm>

#include "base/context.hpp"
#include "base/parallel.hpp"
#include "families/gaussian.hpp"
#include "gates/softmax.hpp"
#include "mixture/coefficients.hpp"
#include "mixture/extremes.hpp"
#include "mixture/pass.hpp"
#include "source/checks.hpp"
#include "source/design.hpp"
#include "source/memory.hpp"

namespace expertmix {

namespace detail {

/// Walks a mixture, coefficients on the user's scale, over the rows of a data set: `visit(first row, rows, block,
/// workspace)` for every block. Throws `invalid_argument` where a predictor overflows, `interrupted`.
template <class Visit>
void walk(const Data& data, const Mixture& mixture, const Coefficients& coefficients, Visit visit,
          const Context& context = {}) {
  const UnionDesign design =
      mixture.gate->splits(mixture.experts) ? split_design(data, coefficients.gate_intercept) : union_design(data);
  const Layout layout = mixture.layout(design.columns);
  const vec parameters = parameters_of(layout, KeptColumns::all(data.gate().n_cols, data.x().n_cols), coefficients);
  const Memory source(data, design.pointers, Scaling::identity(design.columns.count));
  Workspace work(mixture, layout);
  AlignedVector buffer;
  StopWatch watch(context);
  for (std::size_t b = 0, first = 0; first < data.rows(); ++b) {
    watch.check();
    const Block block = source.block(b, buffer);
    mixture.evaluate(block, layout, parameters, {}, work);
    const std::size_t rows = std::min<std::size_t>(block.rows, data.rows() - first);
    require_predictors(work, rows, first, "predict");
    mend_extremes(mixture, block, work);
    visit(first, rows, block, work);
    first += rows;
  }
}

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
  const uword columns = mixture.experts * mixture.family->outcomes();
  AlignedVector memory(columns * column_stride(max_block_rows));
  const Table means{memory.data(), column_stride(max_block_rows)};
  return collect(data, mixture, coefficients, columns, [&](const Block& block, Workspace& work) {
    const Rows rows{block.rows, mixture.experts, work.predictor.from(work.layout.gate_predictors)};
    mixture.family->mean(rows, block, means);
    return means;
  });
}

inline mat posterior_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  return collect(data, mixture, coefficients, mixture.experts, [](const Block&, Workspace& work) { return work.r; });
}

inline mat predict_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  const mat pi = gate_probabilities_at(data, mixture, coefficients),
            means = expert_means_at(data, mixture, coefficients);
  const uword outcomes = mixture.family->outcomes();
  mat out(data.rows(), outcomes, arma::fill::zeros);
  for (uword k = 0; k < mixture.experts; ++k)
    for (uword c = 0; c < outcomes; ++c) out.col(c) += pi.col(k) % means.col(k * outcomes + c);
  return out;
}

inline vec log_density_at(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  vec out(data.rows());
  walk(data, mixture, coefficients, [&](std::size_t first, std::size_t rows, const Block&, Workspace& work) {
    std::copy_n(work.log_density, rows, out.memptr() + first);
  });
  return out;
}

/// Throws `numerical_error` for what overflowed on the way.
inline void check_numbers(const char* where, const mat& values) {
  const auto usable = [](double value) { return value < arma::datum::inf; };
  const uword bad = std::find_if_not(values.begin(), values.end(), usable) - values.begin();
  if (bad == values.n_elem) return;
  throw numerical_error(where, "",
                        "row " + std::to_string(bad % values.n_rows + 1) + " overflows: its numbers are too large");
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

/// Row-wise quantities of a mixture with coefficients on the user's scale (a `Fit`, for example) at a data set, which
/// needs a response for `posterior` and `log_density` only. They throw `invalid_argument` for arguments that do not go
/// together, `numerical_error` for numbers that overflow. Gate probabilities pi_k(z): n x K.
inline mat gate_probabilities(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  return detail::evaluated("gate_probabilities", data.without_response(), mixture, coefficients,
                           detail::gate_probabilities_at);
}

/// Expert means x' b_k + offset, n x K; or the probabilities of C outcomes, n x (C K), expert by expert.
inline mat expert_means(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  return detail::evaluated("expert_means", data.without_response(), mixture, coefficients, detail::expert_means_at);
}

/// Responsibilities r_k = pi_k f_k(y) / f(y): n x K.
inline mat posterior(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  data.require_response("posterior");
  return detail::evaluated("posterior", data, mixture, coefficients, detail::posterior_at);
}

/// Mean of the mixture, sum_k pi_k (x' b_k + offset): n x 1; or the probabilities of C outcomes, n x C.
inline mat predict(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  return detail::evaluated("predict", data.without_response(), mixture, coefficients, detail::predict_at);
}

/// log f(y | x, z): n.
inline vec log_density(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  data.require_response("log_density");
  return detail::evaluated("log_density", data, mixture, coefficients, detail::log_density_at);
}

}  // namespace expertmix
