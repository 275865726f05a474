#pragma once

#include "base/context.hpp"
#include "mixture/coefficients.hpp"
#include "mixture/gradient.hpp"
#include "mixture/highest_density.hpp"
#include "source/data.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Row-wise quantities of a mixture with coefficients on the user's scale (a `Fit`, for example) at a data set, which
/// needs a response for `posterior`, `log_density` and `distribution` only. They throw `invalid_argument` for arguments
/// that do not go together, `numerical_error` for numbers that overflow. Gate probabilities pi_k(z): n x K.
mat gate_probabilities(const Data& data, const Mixture& mixture, const Coefficients& coefficients);

/// Expert means x' b_k + offset, n x K; or the probabilities of C outcomes, n x (C K), expert by expert.
mat expert_means(const Data& data, const Mixture& mixture, const Coefficients& coefficients);

/// Responsibilities r_k = pi_k f_k(y) / f(y): n x K.
mat posterior(const Data& data, const Mixture& mixture, const Coefficients& coefficients);

/// Mean of the mixture, sum_k pi_k (x' b_k + offset): n x 1; or the probabilities of C outcomes, n x C.
mat predict(const Data& data, const Mixture& mixture, const Coefficients& coefficients);

/// log f(y | x, z): n.
vec log_density(const Data& data, const Mixture& mixture, const Coefficients& coefficients);

/// Distribution function F(y | x, z) = sum_k pi_k F_k(y), of classes in their order: n. Throws `invalid_argument` for
/// rows of counts, which have no order.
vec distribution(const Data& data, const Mixture& mixture, const Coefficients& coefficients);

/// 1 - F(y | x, z), exact where F is close to 1: n. Throws as `distribution` does.
vec survival(const Data& data, const Mixture& mixture, const Coefficients& coefficients);

/// Quantiles of the mixture, the smallest y with F(y | x, z) >= p for each of the probabilities p, between 0 and 1: n x
/// their number. Throws as `distribution` does.
mat quantiles(const Data& data, const Mixture& mixture, const Coefficients& coefficients, const vec& probabilities);

/// Highest-density sets {y : f(y | x, z) >= c}, with the c of every row at which the mixture gives them the probability
/// `level` (of integers, the likeliest that together have at least that): row by row their intervals, in increasing
/// order, several where the mixture has several modes. Throws `invalid_argument`, also for responses without an order.
std::vector<DensityInterval> highest_density(const Data& data, const Mixture& mixture, const Coefficients& coefficients,
                                             double level = 0.95);

/// Scores: row i is the derivative of w_i log f(y_i | x_i, z_i) in the parameters of the columns that are kept, in the
/// order of `parameter_table`, the active sets of a top-K gate held: n x P. Needs a response; the same bits for any
/// number of threads. Also throws `interrupted`.
mat scores(const Data& data, const Mixture& mixture, const Coefficients& coefficients, const KeptColumns& kept,
           const Context& context = {});

/// The sum of s_i s_i' over the rows' scores s_i, without a matrix of them: P x P.
mat score_products(const Data& data, const Mixture& mixture, const Coefficients& coefficients, const KeptColumns& kept,
                   const Context& context = {});

/// Derivatives of a predicted quantity: row i is that of row i's in the parameters, in the order and with the columns
/// of `scores`: n x P. With the covariance V of the parameters the quantity's variance is g' V g (delta method).
mat gradients(const Data& data, const Mixture& mixture, const Coefficients& coefficients, const KeptColumns& kept,
              const Quantity& quantity, const Context& context = {});

namespace detail {

/// The weighted mean of `log_density`, 0 where all weights are.
double mean_log_density(const Data& data, const Mixture& mixture, const Coefficients& at);

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "predict.ipp"
#endif
