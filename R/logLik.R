#' Likelihood of a fit
#'
#' @param object A fit by [moe()].
#' @param ... Not used: anything else is an error, but for `use.fallback`, which other functions give to `nobs()`.
#' @return `logLik()`: the log-likelihood, with the number of free parameters as `df` and the sum of the weights as
#'   `nobs`; `AIC()` and `BIC()` build on it. `deviance()`: minus twice the log-likelihood. `nobs()`: the sum of the
#'   weights, the number of rows where there are none. `df.residual()`: `nobs` minus `df`.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' logLik(fit)
#' BIC(fit)
#' @export
logLik.moe <- function(object, ...) {
  check_call(...)
  structure(object$log_likelihood, df = object$df, nobs = object$nobs, class = "logLik")
}

#' @rdname logLik.moe
#' @export
nobs.moe <- function(object, ...) {
  check_call(..., .passed = "use.fallback")
  object$nobs
}

#' @rdname logLik.moe
#' @export
deviance.moe <- function(object, ...) {
  check_call(...)
  -2 * object$log_likelihood
}

#' @rdname logLik.moe
#' @export
df.residual.moe <- function(object, ...) {
  check_call(...)
  object$nobs - object$df
}
