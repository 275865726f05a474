#' Distances between densities
#'
#' How far the conditional density \eqn{g(y | x)} of an estimate is from the true \eqn{f(y | x)}, averaged over
#' covariates. Unlike the [voronoi_loss()] they compare mixtures under any gates, with any numbers of experts.
#'
#' * `hellinger()`: \eqn{E_X \{\frac12 \int (\sqrt f - \sqrt g)^2 dy\}^{1/2}}{E_X { integral (sqrt f - sqrt g)^2 dy / 2
#'   }^(1/2)};
#' * `total_variation()`: \eqn{E_X \frac12 \int |f - g| dy}{E_X integral |f - g| dy / 2};
#' * `kl_divergence()`: \eqn{E_X \int f \log(f / g) dy}{E_X integral f log(f / g) dy}, the Kullback-Leibler divergence
#'   of the estimate from the truth, in nats.
#'
#' @param estimate,truth Measures by [mixing_measure()], or fits.
#' @param x Covariates over which to average: a matrix without intercept, a row for every point, or a vector where
#'   there is one covariate.
#' @param z Covariates of the gate, where they are not `x`.
#' @param method `"quadrature"`: adaptive Gauss-Kronrod rules over the response, or sums over classes. `"montecarlo"`:
#'   draws from the truth.
#' @param draws Number of draws for every row of `x`, for `"montecarlo"`; they are reproduced by [set.seed()].
#' @param ... Not used: anything else is an error.
#' @return A number.
#' @section Errors: `expertmix_error_measure` where the measures are of different families, or covariates do not fit or
#'   have no rows.
#' @examples
#' truth <- mixing_measure(cbind(c(-8, 25), c(0, 0)), cbind(c(15, -20), c(-5, 20)), c(0.3, 0.4))
#' near <- mixing_measure(cbind(c(-8, 25), c(0, 0)), cbind(c(15.1, -20), c(-5, 20)), c(0.3, 0.4))
#' x <- seq(0, 1, length.out = 51)
#' hellinger(near, truth, x)
#' total_variation(near, truth, x)
#' kl_divergence(near, truth, x)
#' kl_divergence(near, truth, x, method = "montecarlo")
#' @export
hellinger <- function(estimate, truth, x, z = x, method = c("quadrature", "montecarlo"), draws = 1000, ...) {
  check_call(..., .what = "measure")
  check_required("estimate", "truth", "x")
  density_distance(estimate, truth, x, z, method, draws)[["hellinger"]]
}

#' @rdname hellinger
#' @export
total_variation <- function(estimate, truth, x, z = x, method = c("quadrature", "montecarlo"), draws = 1000, ...) {
  check_call(..., .what = "measure")
  check_required("estimate", "truth", "x")
  density_distance(estimate, truth, x, z, method, draws)[["total_variation"]]
}

#' @rdname hellinger
#' @export
kl_divergence <- function(estimate, truth, x, z = x, method = c("quadrature", "montecarlo"), draws = 1000, ...) {
  check_call(..., .what = "measure")
  check_required("estimate", "truth", "x")
  density_distance(estimate, truth, x, z, method, draws)[["kullback_leibler"]]
}

density_distance <- function(estimate, truth, x, z, method, draws) {
  method <- check_choice(method, c("quadrature", "montecarlo"), "method")
  estimate <- check_measure(estimate, "estimate")
  truth <- check_measure(truth, "truth")
  check_same_family(truth, estimate)
  if (!is_whole(draws) || draws < 1 || draws > 1e9) {
    abort_moe("measure", "`draws` must be a whole number from 1 to 1e9.")
  }
  distances <- function(...) {
    computed_distances(truth, estimate, measure_design(truth, x, z), measure_design(estimate, x, z), ...)
  }
  if (method == "quadrature") distances() else distances(draws, sample.int(.Machine$integer.max, 1))
}
