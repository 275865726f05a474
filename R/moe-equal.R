#' Compare fits
#'
#' Whether two fits are the same model with the same estimates, expert by expert. How they were found (calls, settings,
#' starts, times) does not count. Measures, which have no order of experts, are compared by [mixing_measure()].
#'
#' @param target,current Fits by [moe()] or [moe_fit()].
#' @param tolerance Relative differences below it do not count.
#' @param ... Not used: anything else is an error.
#' @return `TRUE`, or a character vector of differences, as of [all.equal()].
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' all.equal(fit, update(fit))
#' all.equal(fit, update(fit, experts = 1))
#' @method all.equal moe
#' @export
all.equal.moe <- function(target, current, tolerance = 1e-6, ...) {
  check_call(...)
  if (!inherits(current, "moe")) return("`current` is no fit by `moe()`")
  check_version(current)
  all.equal(compared_parts(target), compared_parts(current), tolerance = tolerance)
}

compared_parts <- function(fit) {
  list(
    family = fit$family$family, gate = format(fit$gate), penalty = unclass(fit$penalty),
    ties = fit$ties$words, classes = fit$classes$labels,
    estimates = fit$estimates, aliased = fit$aliased, df = fit$df, log_likelihood = fit$log_likelihood, nobs = fit$nobs
  )
}
