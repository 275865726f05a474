#' Coefficients and standard deviations of a fit
#'
#' @param object A fit by [moe()].
#' @param part `"all"`: the free parameters as one named vector, aligned with [vcov()][vcov.moe]. `"gate"`, `"experts"`:
#'   a matrix of terms by experts, with the zeros of the reference expert 1 in the gate, and `NA` where a column is a
#'   linear combination of earlier ones; for multinomial experts an array of terms by classes by experts, with the zeros
#'   of the first class.
#' @param ... Not used: anything else is an error.
#' @return `coef()`: a named vector: `gate2:(Intercept)`, `gate2:x1`, ..., `expert1:(Intercept)`, `expert1:x1`, ...,
#'   `expert1:log(sigma)`, or `log(sigma)` once, at the end, where it is common; `expert1:log(theta)` of
#'   [negative_binomial()] and `expert1:log(df)` of [student_t()]; for multinomial experts
#'   `expert1:virginica:(Intercept)` and so on; or a matrix or array. A term stands in backticks where another parameter
#'   has its name already: of a covariate called `log(sigma)` the slope is `` expert1:`log(sigma)` ``. What each
#'   parameter is, the data frame `object$parameters` says: `part` (`"gate"`, `"experts"`), `expert` (`NA` for what all
#'   share), `outcome` and `class`, `column` and `term` (of the design; `NA` for scalars), `kind` (`"coefficient"`,
#'   `"log_sigma"`, `"log_theta"`, `"log_df"`, `"log_temperature"`) and `name`. Where coefficients are tied (see
#'   [moe()]), the first of a group stands for all, and those that are fixed are not among them.
#'   `sigma()`: the \eqn{K} standard deviations, in units of the response, of Student-t experts the scales, of Gamma
#'   experts the coefficients of variation; `NULL` for experts without, see [families]. The family's other scalars are
#'   the columns of the matrix `object$estimates$scalars`, a row for every expert.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' coef(fit)
#' coef(fit, part = "gate")
#' coef(fit, part = "experts")
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
sigma.moe <- function(object, ...) {
  check_call(...)
  if (length(object$estimates$sigma)) object$estimates$sigma
}
