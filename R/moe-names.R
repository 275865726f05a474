#' Names of what a fit consists of
#'
#' @param object A fit by [moe()] or [moe_fit()].
#' @param part Of the formula: `"experts"` or `"gate"`.
#' @param full `variable.names()`: also columns that are left out as combinations of others. `case.names()`: also rows
#'   of zero weight. Both as for [lm()].
#' @param ... Not used: anything else is an error.
#' @return Character vectors: `variable.names()` the columns of a part's design, `labels()` its terms, `case.names()`
#'   the rows that were used. For a fit to matrices every column is a term.
#'
#'   `dummy.coef()` is an error of class `expertmix_error_dummy`: a level of a factor has a coefficient in every expert,
#'   under the fit's contrasts, see `coef(fit, part = "experts")`; means at the levels are `emmeans::emmeans()`'s.
#' @examples
#' fit <- moe(dist ~ poly(speed, 2) | speed, cars, control = moe_control(seed = 1))
#' variable.names(fit)
#' labels(fit, part = "gate")
#' head(case.names(fit))
#' @name moe_names
NULL

#' @rdname moe_names
#' @importFrom stats variable.names
#' @export
variable.names.moe <- function(object, part = c("experts", "gate"), full = FALSE, ...) {
  check_call(...)
  aliased <- object$aliased[[check_choice(part, c("experts", "gate"), "part")]]
  if (check_full(full)) names(aliased) else names(aliased)[!aliased]
}

#' @rdname moe_names
#' @export
labels.moe <- function(object, part = c("experts", "gate"), ...) {
  check_call(...)
  part <- check_choice(part, c("experts", "gate"), "part")
  if (is.null(object$terms)) setdiff(names(term_columns(object, part)), "(Intercept)") else labels(object$terms[[part]])
}

#' @rdname moe_names
#' @importFrom stats case.names
#' @export
case.names.moe <- function(object, full = FALSE, ...) {
  check_call(...)
  design <- fitted_design(object)
  names <- rownames(design$x) %||% as.character(seq_len(fitted_rows(object)))
  if (check_full(full) || is.null(design$weights)) names else names[design$weights > 0]
}

#' @rdname moe_names
#' @importFrom stats dummy.coef
#' @export
dummy.coef.moe <- function(object, ...) {
  check_call(...)
  abort_moe("dummy", "A level of a factor has a coefficient in every expert: there is no one table of them.",
    'See `coef(fit, part = "experts")`, or `emmeans::emmeans()` for means at the levels.')
}

check_full <- function(full) {
  if (!rlang::is_bool(full)) abort_moe("full", "`full` must be TRUE or FALSE.")
  full
}
