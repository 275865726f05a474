#' Fits, coefficients and predictions of a Lasso path; the fit of a selection
#'
#' Of a [moe_select()], `select_fit()` takes the fit that it chose, or that another `criterion` of its table chooses; no
#' other argument has a meaning there. Of a Lasso path:
#'
#' `select_fit()` takes one fit out of a path as an object of class `"moe"`, with all its methods; `coef()` and
#' `predict()` do that and go on. `lambda` need not be on the path: the fit at the nearest one (in its logarithm) is
#' taken, or with `exact` one at this very lambda, climbed to from there.
#'
#' With `refit`, the coefficients that are not zero are estimated again without penalty. Their likelihood does not know
#' that they were chosen: no standard errors are given.
#'
#' @param path,object A path by [moe_path()], or a cross-validation by [cv_moe()], whose smallest loss then chooses; for
#'   `select_fit()` a selection by [moe_select()], too.
#' @param lambda A number, or `NULL` for the fit that `criterion` chooses.
#' @param criterion `"EBIC"`, `"BIC"` or `"mBIC"`, see [moe_path()]; it also chooses the gate's penalty where only
#'   `lambda` is given. Of a selection one of its criteria, as `"ICL"`.
#' @param refit Estimate without penalty on the support of the fit; by default as the path did.
#' @param gate_penalty `NULL`, or one of the gate penalties of the path (over lambda).
#' @param exact Fit at `lambda` itself.
#' @param part,newdata,type As in [coef.moe()] and [predict.moe()].
#' @param ... For `predict()`: `na.action`, `probs`, `interval` and `level`, as in [predict.moe()]. Anything else is an
#'   error.
#' @return `select_fit()`: a fit of class `"moe"`. `coef()` and `predict()`: as those of such a fit.
#' @section Errors and warnings: `expertmix_error_lambda` where the path ends before a lambda,
#'   `expertmix_warning_lambda` where it begins after it.
#' @examples
#' path <- moe_path(mpg ~ ., mtcars, experts = 1, nlambda = 20)
#' select_fit(path)
#' coef(path, lambda = 0.1, part = "experts", exact = TRUE)
#' predict(path, mtcars[1:3, ])
#' @export
select_fit <- function(path, lambda = NULL, criterion = c("EBIC", "BIC", "mBIC"), refit = !is.null(path$refits),
                       gate_penalty = NULL, exact = FALSE, ...) {
  check_call(..., .hints = selection_hints)
  check_required("path")
  if (inherits(path, "moe_select")) {
    given <- c(lambda = !missing(lambda), refit = !missing(refit), exact = !missing(exact),
      gate_penalty = !missing(gate_penalty))
    return(selected_fit(path, if (missing(criterion)) path$criterion else criterion, names(given)[given]))
  }
  call <- match.call()
  if (inherits(path, "cv_moe")) {
    if (missing(lambda)) lambda <- path$lambda_min
    if (missing(gate_penalty)) gate_penalty <- path$gate_min
    path <- path$path
  }
  check_path(path)
  for (name in c("refit", "exact")) {
    if (!rlang::is_bool(get(name))) abort_moe(name, sprintf("`%s` must be TRUE or FALSE.", name))
  }
  at <- chosen_fit(path, lambda, criterion, gate_penalty)
  fit <- fit_of_path(path, at, refit, if (exact) lambda)
  call$path <- path$call
  fit$call <- call
  fit[names(path$kept)] <- path$kept
  fit$data <- path$data
  fit
}

# One fit of a path, or one at another `lambda` that starts there; `refit`: without penalty, on its support.
fit_of_path <- function(path, at, refit, lambda) {
  checked <- path$checked
  penalty <- penalty_at(path, at, lambda)
  known <- is.null(lambda) || lambda == path$lambda[at]
  again <- if (refit && known) path$refits[[at]]
  if (known && (!refit || !is.null(again))) {
    return(penalised_fit(again %||% path$fits[[at]], path$path, checked, penalty, path$control))
  }
  checked$start <- path$fits[[at]]$estimates
  if (!known) {
    fit <- fit_penalised(checked, path$control, penalty)
    if (!refit) return(fit)
    checked$start <- fit$estimates
  }
  fit_penalised(checked, path$control, penalty, refit = TRUE)
}

check_path <- function(path) {
  if (!inherits(path, "moe_path")) abort_moe("path", "`path` must be made by `moe_path()`.")
}

prediction_arguments <- c("na.action", "probs", "interval", "level")

selection_hints <- c(s = "The penalty is chosen by `lambda`.")

# The penalty of one fit of a path, or at another lambda, the experts' in the unit of the response.
penalty_at <- function(path, at, lambda = NULL) {
  penalty <- path$penalty
  lambda <- lambda %||% path$lambda[at]
  penalty$gate <- path$table$gate[at] * lambda
  penalty$experts <- penalty$experts * lambda / path$path$response_scale
  penalty
}

# The number of the fit that a criterion chooses, or of the one nearest to a lambda, at a gate penalty or the one that
# the criterion chooses.
chosen_fit <- function(path, lambda, criterion, gate_penalty = NULL) {
  criterion <- check_choice(criterion, c("EBIC", "BIC", "mBIC"), "criterion")
  among <- fits_at_gate(path, gate_penalty)
  best <- best_fit(path, criterion, among)
  if (is.null(lambda)) return(best)
  if (!is_number(lambda) || lambda < 0) abort_moe("lambda", "`lambda` must be one number that is not negative.")
  own <- fits_at_gate(path, path$table$gate[best])
  if (lambda >= min(path$lambda[own]) * (1 - 1e-8)) among <- own
  lambdas <- path$lambda[among]
  if (lambda < min(lambdas) * (1 - 1e-8)) {
    abort_moe("lambda", sprintf("The path ends at lambda %s.", format(min(lambdas))),
      "Give `moe_path()` a smaller `ratio`, or this `lambda`.")
  }
  if (lambda > max(lambdas) * (1 + 1e-8)) {
    warn_moe("lambda", sprintf("The path begins at lambda %s: its first fit is taken.", format(max(lambdas))),
      "Beyond it slopes stay zero.")
  }
  among[which.min(abs(log(lambdas + 1e-300) - log(lambda + 1e-300)))]
}

fits_at_gate <- function(path, gate) {
  if (is.null(gate)) return(seq_along(path$lambda))
  if (!is_number(gate) || !any(path$table$gate == gate)) {
    abort_moe("lambda", sprintf("`gate_penalty` must be one of those of the path: %s.",
      paste(format(unique(path$table$gate)), collapse = ", ")))
  }
  which(path$table$gate == gate)
}

# The best fit among some, those with a spiked or collapsed expert passed over where there are others. One with an empty
# expert is a mixture of fewer, whose likelihood can be compared.
best_fit <- function(path, criterion, among) {
  values <- path$table[[criterion]][among]
  if (criterion == "mBIC") values <- -values
  sound <- !path$table$faulty[among] & is.finite(values)
  if (any(sound)) values[!sound] <- Inf
  among[which.min(values)]
}

# A fit of a path without the warnings of the fit itself, which `select_fit()` gives.
quiet_fit <- function(path, lambda, criterion, gate_penalty, exact) {
  withCallingHandlers(
    select_fit(path, lambda, criterion, gate_penalty = gate_penalty, exact = exact),
    expertmix_warning = function(warning) {
      if (!inherits(warning, "expertmix_warning_lambda")) rlang::cnd_muffle(warning)
    }
  )
}

#' @rdname select_fit
#' @export
coef.moe_path <- function(object, lambda = NULL, part = "all", criterion = "EBIC", gate_penalty = NULL, exact = FALSE,
                          ...) {
  check_call(..., .hints = selection_hints)
  coef(quiet_fit(object, lambda, criterion, gate_penalty, exact), part = part)
}

#' @rdname select_fit
#' @export
predict.moe_path <- function(object, newdata, lambda = NULL, type = "response", criterion = "EBIC",
                             gate_penalty = NULL, exact = FALSE, ...) {
  check_call(..., .passed = prediction_arguments, .hints = c(selection_hints, newx = "Did you mean `newdata`?"))
  fit <- quiet_fit(object, lambda, criterion, gate_penalty, exact)
  if (missing(newdata)) predict(fit, type = type, ...) else predict(fit, newdata, type = type, ...)
}
