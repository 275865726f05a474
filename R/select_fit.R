#' Fits, coefficients and predictions of a Lasso path
#'
#' `select_fit()` takes one fit out of a path as an object of class `"moe"`, with all its methods; `coef()` and
#' `predict()` do that and go on. `lambda` need not be on the path: the fit at the nearest one (in its logarithm) is
#' taken, and `penalty_lasso()` fits at any other.
#'
#' With `refit`, the coefficients that are not zero are estimated again without penalty. Their likelihood does not know
#' that they were chosen: no standard errors are given.
#'
#' @param path,object A path by [moe_path()].
#' @param lambda A number, or `NULL` for the fit that `criterion` chooses.
#' @param criterion `"BIC"`, `"EBIC"` or `"mBIC"`, see [moe_path()].
#' @param refit Estimate without penalty on the support of the fit.
#' @param part,newdata,type As in [coef.moe()] and [predict.moe()].
#' @param ... For `predict()`: `na.action`, as in [predict.moe()]. Anything else is an error.
#' @return `select_fit()`: a fit of class `"moe"`. `coef()` and `predict()`: as those of such a fit.
#' @section Errors: `expertmix_error_lambda`.
#' @examples
#' path <- moe_path(mpg ~ ., mtcars, experts = 1, nlambda = 20)
#' select_fit(path)
#' coef(path, lambda = 0.1, part = "experts")
#' predict(path, mtcars[1:3, ])
#' @export
select_fit <- function(path, lambda = NULL, criterion = c("BIC", "EBIC", "mBIC"), refit = FALSE, ...) {
  check_call(..., .hints = selection_hints)
  check_required("path")
  call <- match.call()
  check_path(path)
  if (!rlang::is_bool(refit)) abort_moe("refit", "`refit` must be TRUE or FALSE.")
  at <- chosen_fit(path, lambda, criterion)
  checked <- path$checked
  penalty <- penalty_at(path, at)
  fit <- penalised_fit(path$fits[[at]], path$path, checked, penalty, path$control)
  if (refit) {
    checked$start <- fit$estimates
    fit <- fit_penalised(checked, path$control, penalty, refit = TRUE)
  }
  call$path <- path$call
  fit$call <- call
  fit[names(path$kept)] <- path$kept
  fit$data <- path$data
  fit
}

check_path <- function(path) {
  if (!inherits(path, "moe_path")) abort_moe("path", "`path` must be made by `moe_path()`.")
}

selection_hints <- c(s = "The penalty is chosen by `lambda`.")

# The penalty of one fit of a path, the experts' in the unit of the response.
penalty_at <- function(path, at) {
  penalty <- path$penalty
  penalty$gate <- penalty$gate * path$lambda[at]
  penalty$experts <- penalty$experts * path$lambda[at] / path$path$response_scale
  penalty
}

chosen_fit <- function(path, lambda, criterion) {
  if (is.null(lambda)) {
    criterion <- check_choice(criterion, c("BIC", "EBIC", "mBIC"), "criterion")
    values <- path$table[[criterion]]
    return(if (criterion == "mBIC") which.max(values) else which.min(values))
  }
  if (!is_number(lambda) || lambda < 0) abort_moe("lambda", "`lambda` must be one number that is not negative.")
  if (lambda > max(path$lambda) * (1 + 1e-8)) return(1L)
  if (lambda < min(path$lambda) * (1 - 1e-8)) {
    abort_moe("lambda", sprintf("The path ends at lambda %s.", format(min(path$lambda))),
      "Give `moe_path()` a smaller `ratio`, or this `lambda`.")
  }
  which.min(abs(log(path$lambda + 1e-300) - log(lambda + 1e-300)))
}

#' @rdname select_fit
#' @export
coef.moe_path <- function(object, lambda = NULL, part = "all", criterion = "BIC", ...) {
  check_call(..., .hints = selection_hints)
  coef(suppressWarnings(select_fit(object, lambda, criterion), "expertmix_warning"), part = part)
}

#' @rdname select_fit
#' @export
predict.moe_path <- function(object, newdata, lambda = NULL, type = "response", criterion = "BIC", ...) {
  check_call(..., .passed = "na.action", .hints = c(selection_hints, newx = "Did you mean `newdata`?"))
  fit <- suppressWarnings(select_fit(object, lambda, criterion), "expertmix_warning")
  if (missing(newdata)) predict(fit, type = type, ...) else predict(fit, newdata, type = type, ...)
}
