#' Coefficients, standard deviations and covariance of a fit
#'
#' @param object A fit by [moe()].
#' @param part `"all"`: the free parameters as one named vector, aligned with `vcov()`. `"gate"`, `"experts"`: a matrix
#'   of terms by experts, with the zeros of the reference expert 1 in the gate, and `NA` where a column is a linear
#'   combination of earlier ones; for multinomial experts an array of terms by classes by experts, with the zeros of the
#'   first class.
#' @param ... Not used: anything else is an error.
#' @return `coef()`: a named vector: `gate2:(Intercept)`, `gate2:x1`, ..., `expert1:(Intercept)`, `expert1:x1`, ...,
#'   `expert1:log(sigma)`, or `log(sigma)` once, at the end, where it is common; for multinomial experts
#'   `expert1:virginica:(Intercept)` and so on; or a matrix or array. A term stands in backticks where another parameter
#'   has its name already: of a covariate called `log(sigma)` the slope is `` expert1:`log(sigma)` ``. What each
#'   parameter is, the data frame `object$parameters` says: `part` (`"gate"`, `"experts"`), `expert` (`NA` for what all
#'   share), `outcome` and `class`, `column` and `term` (of the design; `NA` for scalars), `kind` (`"coefficient"`,
#'   `"log_sigma"`, `"log_temperature"`) and `name`.
#'   `vcov()`: the inverse of the observed information at the estimate; where that is singular, or the fit penalised,
#'   `NA` and a warning of class `expertmix_warning_singular`. `sigma()`: the \eqn{K} standard deviations, in units of
#'   the response; `NULL` for multinomial experts. `confint()`: Wald intervals.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' coef(fit)
#' coef(fit, part = "gate")
#' coef(fit, part = "experts")
#' sqrt(diag(vcov(fit)))
#' sigma(fit)
#' @export
coef.moe <- function(object, part = c("all", "gate", "experts"), ...) {
  check_call(...)
  part <- check_choice(part, c("all", "gate", "experts"), "part")
  if (part == "all") return(object$coefficients)
  values <- object$estimates[[part]]
  values[rep_len(object$aliased[[part]], length(values))] <- NA
  if (part == "gate" && identical(unidentified_part(object$gate, ncol(values)), "direction") &&
    object$gate$select == "slope") {
    values[object$estimates$gate_intercept, ] <- NA
  }
  values
}

#' @rdname coef.moe
#' @export
vcov.moe <- function(object, ...) {
  check_call(..., .hints = c(type = "The covariance is the inverse of the observed information."))
  if (!is.null(object$covariance)) return(object$covariance)
  if (!is.null(object$penalty)) {
    warn_moe("singular", "A penalised estimate has no covariance: its distribution has atoms at zero.")
  } else {
    warn_singular()
  }
  names <- names(object$coefficients)
  matrix(NA_real_, length(names), length(names), dimnames = list(names, names))
}

warn_singular <- function() {
  warn_moe("singular", "The observed information is singular: there is no covariance.",
    "See `fit$record`: a collapsed expert, a separated gate or too many experts.")
}

#' @rdname coef.moe
#' @export
sigma.moe <- function(object, ...) {
  check_call(...)
  if (length(object$estimates$sigma)) object$estimates$sigma
}

#' @rdname coef.moe
#' @param parm Names or numbers of parameters; all by default.
#' @param level Confidence level, between 0 and 1.
#' @export
confint.moe <- function(object, parm, level = 0.95, ...) {
  check_call(..., .hints = c(method = "There are Wald intervals only."))
  if (!is_number(level) || level <= 0 || level >= 1) abort_moe("level", "`level` must be one number between 0 and 1.")
  names <- names(coef(object))
  stats::confint.default(object, if (missing(parm)) names else check_parm(parm, names), level)
}

# Names of the parameters that `parm` names or numbers.
check_parm <- function(parm, names) {
  numbers <- if (is.character(parm)) match(parm, names) else parm
  if (!is.numeric(numbers)) abort_moe("parm", "`parm` must hold names or numbers of parameters.")
  strange <- parm[!abs(numbers) %in% seq_along(names)]
  if (length(strange)) {
    abort_moe("parm", sprintf("The fit has no parameter %s.", listed(quoted(strange))), "See `names(coef(fit))`.")
  }
  if (length(unique(sign(numbers))) > 1) abort_moe("parm", "`parm` must not mix positive and negative numbers.")
  names[numbers]
}
