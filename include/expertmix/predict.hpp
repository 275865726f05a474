#pragma once

#include "model/gaussian.hpp"
#include "model/mixture_pass.hpp"
#include "model/softmax.hpp"
#include "source/design.hpp"
#include "source/memory.hpp"

namespace expertmix {

namespace detail {

/// Walks a mixture of Gaussian experts, coefficients on the user's scale, over the rows of a data set: `visit(first row,
/// rows, block, workspace)` for every block.
template <class Visit>
void walk(const Data& data, const mat& gate, const mat& experts, const vec& sigma, Visit visit) {
  const UnionDesign design = union_design(data);
  const Mixture mixture(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(), sigma.n_elem);
  const Layout layout = mixture.layout(design.columns);
  vec parameters(layout.parameters);
  for (std::size_t p = 0; p < layout.predictors.size(); ++p) {
    const Predictor& predictor = layout.predictors[p];
    if (predictor.design == Design::gate) parameters(layout.span(p)) = gate.col(predictor.expert) - gate.col(0);
    if (predictor.design == Design::experts) parameters(layout.span(p)) = experts.col(predictor.expert);
    if (predictor.design == Design::constant) parameters(layout.offset[p]) = std::log(sigma(predictor.expert));
  }
  const Memory source(data, design.pointers, Scaling::identity(design.columns.count));
  Workspace work(mixture, layout);
  AlignedVector buffer;
  for (std::size_t b = 0, first = 0; first < data.rows(); ++b) {
    const Block block = source.block(b, buffer);
    mixture.evaluate(block, layout, parameters, {}, work);
    const std::size_t rows = std::min<std::size_t>(block.rows, data.rows() - first);
    visit(first, rows, block, work);
    first += rows;
  }
}

/// Copies K columns of every block's table into an n x K matrix.
template <class Pick>
mat collect(const Data& data, const mat& gate, const mat& experts, const vec& sigma, Pick pick) {
  mat out(data.rows(), sigma.n_elem);
  walk(data, gate, experts, sigma, [&](std::size_t first, std::size_t rows, const Block& block, Workspace& work) {
    const Table table = pick(block, work);
    for (uword k = 0; k < sigma.n_elem; ++k) std::copy_n(table[k], rows, out.colptr(k) + first);
  });
  return out;
}

}  // namespace detail

/// Row-wise quantities of a mixture with coefficients on the user's scale (`Fit::gate`, `experts`, `sigma`) at a data set.
/// Gate probabilities pi_k(z): n x K.
inline mat gate_probabilities(const Data& data, const mat& gate, const mat& experts, const vec& sigma) {
  return detail::collect(data, gate, experts, sigma, [](const Block&, Workspace& work) { return work.gate.pi; });
}

/// Expert means x' b_k + offset: n x K.
inline mat expert_means(const Data& data, const mat& gate, const mat& experts, const vec& sigma) {
  const GaussianExperts family;
  return detail::collect(data, gate, experts, sigma, [&](const Block& block, Workspace& work) {
    family.mean({block.rows, sigma.n_elem, work.predictor.from(work.layout.gate_predictors)}, block, work.r);
    return work.r;
  });
}

/// Responsibilities r_k = pi_k f_k(y) / f(y): n x K.
inline mat posterior(const Data& data, const mat& gate, const mat& experts, const vec& sigma) {
  return detail::collect(data, gate, experts, sigma, [](const Block&, Workspace& work) { return work.r; });
}

/// Mean of the mixture, sum_k pi_k (x' b_k + offset): n.
inline vec predict(const Data& data, const mat& gate, const mat& experts, const vec& sigma) {
  return arma::sum(gate_probabilities(data, gate, experts, sigma) % expert_means(data, gate, experts, sigma), 1);
}

/// log f(y | x, z): n.
inline vec log_density(const Data& data, const mat& gate, const mat& experts, const vec& sigma) {
  vec out(data.rows());
  detail::walk(data, gate, experts, sigma, [&](std::size_t first, std::size_t rows, const Block&, Workspace& work) {
    std::copy_n(work.log_density, rows, out.memptr() + first);
  });
  return out;
}

}  // namespace expertmix
