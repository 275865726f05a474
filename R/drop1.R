#' Tests of single terms by fitting again
#'
#' `drop1()` leaves out every term that may be (none that another contains), from the experts and from the gate one by
#' one, `add1()` puts terms in. Every fit is the better of two: one starts at the posterior probabilities of `object`
#' and climbs to the maximum next to it, the other searches starting values as [moe()] does. A formula with one part
#' counts as one with two equal ones.
#'
#' [stats::step()] writes formulas with one part: it is refused. [step_terms()] does the same for both.
#' @param object,fit A fit by [moe()], without `penalty`.
#' @param scope `drop1()`: the terms to leave out, all by default: names of rows such as `"gate: x"`, or a formula with
#'   them, `~ x1 | x2`, of which one part stands for both. `add1()`: the same with terms to put in, in which `.` is what
#'   there is, `~ . + x1 | . + x2`.
#' @param test `"Chisq"` adds likelihood-ratio tests, see [anova.moe()].
#' @param k What a parameter costs in the AIC: 2, or `log(nobs(fit))` for BIC.
#' @param search `FALSE` leaves the search out: faster, but where a term has a share in telling experts apart, the
#'   maximum without it may be far away, and the test says too much.
#' @param scale Zero: the scale of these families is estimated.
#' @param ... Not used: anything else is an error.
#' @return A data frame of class `"anova"`, a row for the fit and every term (`"experts: x"`, `"gate: x"`): `Df`, `AIC`,
#'   and with the test `LRT` and `Pr(>Chi)`. `NA` stands, with a warning of class `expertmix_warning_terms`, where a fit
#'   has spikes, did not converge, or is worse than one that is nested in it; tests whose limit may not hold are warned
#'   of as by [anova.moe()].
#'
#'   `extractAIC()`: the number of parameters, and the AIC.
#' @section Errors: `expertmix_error_terms` for fits that have no likelihood-ratio test, for unknown terms and for
#'   `step()`; `expertmix_error_rows` where the number of rows changes with a term, because of missing values.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' drop1(fit, test = "Chisq")
#' add1(update(fit, . ~ . | 1), ~ . | speed, test = "Chisq")
#' @importFrom stats drop1
#' @export
drop1.moe <- function(object, scope, test = c("none", "Chisq"), k = 2, search = TRUE, ...) {
  check_call(...)
  test <- check_choice(test, c("none", "Chisq"), "test")
  check_stepped(object, search, k)
  droppable <- part_terms(object, stats::drop.scope)
  terms <- if (missing(scope)) droppable else chosen_terms(scope, droppable, formula_terms)
  changed_terms(object, terms, "-", test, k, search, parent.frame())
}

#' @rdname drop1.moe
#' @importFrom stats add1
#' @export
add1.moe <- function(object, scope, test = c("none", "Chisq"), k = 2, search = TRUE, ...) {
  check_call(...)
  check_required(terms = "scope")
  test <- check_choice(test, c("none", "Chisq"), "test")
  check_stepped(object, search, k)
  terms <- if (is.character(scope)) named_terms(scope) else terms_beyond(object, wider_parts(object, scope))
  if (nrow(terms) == 0) abort_moe("terms", "`scope` has no term that the fit has not.")
  changed_terms(object, terms, "+", test, k, search, parent.frame())
}

#' @rdname drop1.moe
#' @importFrom stats extractAIC
#' @export
extractAIC.moe <- function(fit, scale = 0, k = 2, ...) { # nolint: object_name_linter.
  check_call(...)
  if (!identical(as.double(scale), 0)) abort_moe("scale", "`scale` must be 0: it is estimated.")
  check_k(k)
  if (inherits(fit$formula, "terms")) {
    abort_moe("terms", "`step()` has no formulas with two parts.", "Use `step_terms()`.")
  }
  c(fit$df, -2 * fit$log_likelihood + k * fit$df)
}

check_k <- function(k) {
  if (!is_number(k) || !is.finite(k) || k < 0) abort_moe("k", "`k` must be one number, 0 or more.")
}

check_stepped <- function(object, search, k) {
  check_k(k)
  check_testable(object, "terms")
  check_flag(search, "search")
  if (is.null(object$terms)) abort_moe("terms", "A fit to matrices has no terms.", "Fit by a formula.")
}

# The table of fits with single terms less or more.
changed_terms <- function(object, terms, sign, test, k, search, caller) {
  rows <- seq_len(nrow(terms))
  fits <- lapply(rows, function(i) {
    tryCatch(refit(object, terms[i, ], sign, search, caller), expertmix_error_argument = identity)
  })
  causes <- lapply(fits, function(fit) {
    if (inherits(fit, "condition")) conditionMessage(fit) else unsound_words(fit) %||% worse_words(object, fit)
  })
  lacking <- lengths(causes) > 0
  for (i in which(lacking)) warn_moe("terms", sprintf("`%s %s`: %s.", sign, term_labels(terms[i, ]), causes[[i]]))
  if (test == "Chisq") warn_no_limit(if (sign == "-") fits[!lacking] else list(object))
  of_fits <- function(name) vapply(fits, function(fit) as.double(fit[[name]] %||% NA), 0)
  change <- of_fits("df") - object$df
  ratio <- 2 * abs(of_fits("log_likelihood") - object$log_likelihood)
  value <- k * of_fits("df") - 2 * of_fits("log_likelihood")
  table <- data.frame(
    Df = c(NA, abs(change)), AIC = c(extractAIC(object, k = k)[2], replace(value, lacking, NA)),
    row.names = c("<none>", term_labels(terms))
  )
  if (test == "Chisq") {
    table$LRT <- c(NA, replace(ratio, lacking, NA))
    table$LRT[table$Df %in% 0] <- NA
    table$`Pr(>Chi)` <- stats::pchisq(table$LRT, table$Df, lower.tail = FALSE)
  }
  what <- if (sign == "-") "Single term deletions" else "Single term additions"
  structure(table, heading = c(what, "\nModel:", model_words(object)), class = c("anova", "data.frame"))
}

# The fit with a term less or more: the better of those from the posterior probabilities of a fit and from a search.
refit <- function(object, term, sign, search, caller) {
  call <- changed_call(object, NULL, list())
  call$formula <- changed_formula(object, term, sign)
  posterior <- predict_rows(object, fitted_design(object), "posterior")
  started <- call
  started$start <- as.call(list(function() posterior))
  fit <- tryCatch(silenced(eval(started, caller)), expertmix_error_start = function(cause) NULL)
  if (is.null(fit) || !identical(unname(fitted_design(fit)$y), unname(fitted_design(object)$y))) {
    abort_moe("rows", sprintf("The rows change with `%s`: it has missing values.", term_labels(term)),
      "Fit to the complete rows.")
  }
  if (search) fit <- better_fit(fit, silenced(eval(call, caller)))
  fit$call <- call
  fit
}

# Evaluates without the warnings and messages of the package: they are about fits that nobody asked for by name.
silenced <- function(expression) {
  suppressMessages(suppressWarnings(expression, "expertmix_warning"), "expertmix_message")
}

# Of two fits that with the higher likelihood, if it says something.
better_fit <- function(a, b) {
  if (!is.null(unsound_words(b))) return(a)
  if (!is.null(unsound_words(a)) || b$log_likelihood > a$log_likelihood) b else a
}

changed_formula <- function(object, term, sign) {
  parts <- lapply(object$terms[c("experts", "gate")], formula)
  change <- stats::as.formula(paste("~ .", sign, term$term), environment(object$formula))
  parts[[term$part]] <- update(parts[[term$part]], change)
  right <- lapply(parts, function(part) part[[length(part)]])
  stats::as.formula(call("~", parts$experts[[2]], call("|", right$experts, right$gate)), environment(object$formula))
}

# Why a fit's likelihood says nothing; NULL where it does.
unsound_words <- function(fit) {
  if (length(fit$record$spikes) || length(fit$record$collapsed)) return("an expert follows a few rows")
  if (!fit$record$converged) "no convergence"
}

# Of two nested fits, that the one with more parameters is worse.
worse_words <- function(a, b) {
  small <- if (a$df <= b$df) a else b
  large <- if (a$df <= b$df) b else a
  if (large$log_likelihood < small$log_likelihood - 1e-6 * (1 + abs(small$log_likelihood))) {
    "the larger fit is worse, its search missed the maximum: take more `starts`"
  }
}
