#' Wald tests of terms across experts
#'
#' Is a slope the same in all experts, and does a covariate move the gate at all? For the coefficients \eqn{b} of a term
#' in all experts, with covariance \eqn{V}, and a matrix of contrasts \eqn{L}, the statistic is
#' \eqn{(L b)' (L V L')^{-1} L b}{(L b)' (L V L')^-1 L b}, with a chi-square distribution on as many degrees of freedom
#' as \eqn{L} has rows. Nothing is fitted again, and the covariance may be one that holds under a wrong model.
#'
#' Each term is tested given all others. A term that an interaction contains is tested at zero of the others, which
#' depends on contrasts. In a gate whose first expert is the reference, to be equal is to be zero.
#' @param fit A fit by [moe()] or [moe_fit()], without `penalty`.
#' @param terms Names of rows, such as `"experts: x"`; all terms by default.
#' @param null `"equal"`: the coefficients of a term are the same in all experts (also `"sigma"`, where there is one for
#'   each). `"zero"`: they are zero in all experts, the term has no part in it; intercepts are left out.
#' @param ... Not used: anything else is an error.
#' @inheritParams vcov.moe
#' @return A data frame of class `"anova"` with a row for every term, named `"experts: x"` or `"gate: x"`: `Df`,
#'   `Chisq`, `Pr(>Chisq)`. They are `NA`, with a warning of class `expertmix_warning_singular`, where some of the
#'   coefficients have no covariance: [anova.moe()] and [drop1.moe()] test such a term.
#' @section Package 'car': `car::linearHypothesis(fit, "expert1:x = expert2:x")` works by `coef()` and `vcov()`.
#'   `car::Anova(fit)` is `test_terms(fit, null = "zero")`; for terms that an interaction contains only as
#'   `type = "III"`, else an error of class `expertmix_error_type`.
#' @section Errors: `expertmix_error_terms` for unknown terms and where one expert is to be compared,
#'   `expertmix_error_penalty` for penalised fits, `expertmix_error_cluster` for no more clusters than degrees of
#'   freedom.
#' @seealso [anova.moe()] and [drop1.moe()] for likelihood-ratio tests, whose errors are smaller where the likelihood is
#'   not quadratic, as that of gates often is.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' test_terms(fit)
#' test_terms(fit, "experts: speed", type = "sandwich")
#' test_terms(fit, null = "zero")
#' @export
test_terms <- function(fit, terms = NULL, null = c("equal", "zero"), type = c("observed", "sandwich", "opg"),
                       cluster = NULL, ...) {
  check_call(...)
  if (!inherits(fit, "moe")) abort_moe("terms", "`fit` must be a fit by `moe()`.")
  null <- check_choice(null, c("equal", "zero"), "null")
  refuse_penalised(fit, "Wald tests")
  if (null == "equal" && length(fit$mass) == 1) {
    abort_moe("terms", "One expert has none to compare with.", 'Use `null = "zero"`.')
  }
  errors <- chosen_errors(fit, type, cluster)
  contrasts <- chosen_contrasts(term_contrasts(fit, null), terms)
  covariance <- full_covariance(fit, errors)
  degrees <- vapply(contrasts, function(contrast) nrow(contrast$rows), 0L)
  if (!is.null(errors$cluster) && any(degrees >= nlevels(errors$cluster))) {
    abort_moe("cluster", sprintf("%d clusters are too few for a test on %d degrees of freedom.",
      nlevels(errors$cluster), max(degrees)), "Such tests need more clusters than degrees of freedom, and many more.")
  }
  statistics <- vapply(contrasts, function(contrast) {
    held <- !is.null(covariance) && all(are_held(fit, contrast$rows, covariance))
    if (held) wald_statistic(contrast, fit$coefficients, covariance) else NA_real_
  }, 0)
  lacking <- names(contrasts)[is.na(statistics)]
  if (length(lacking)) {
    warn_moe("singular", sprintf("There is no Wald test of %s: the data do not hold what is compared.",
      listed(lacking)), "`drop1(fit, test = \"Chisq\")` and `anova()` test by the likelihood ratio.")
  }
  table <- data.frame(
    Df = degrees, Chisq = statistics, `Pr(>Chisq)` = stats::pchisq(statistics, degrees, lower.tail = FALSE),
    row.names = names(contrasts), check.names = FALSE
  )
  what <- switch(null, equal = "the coefficients of a term are equal in all experts",
    zero = "the coefficients of a term are zero in all experts"
  )
  heading <- c(sprintf("Wald tests that %s", what), sprintf("Standard errors: %s\n", error_words(errors)))
  structure(table, heading = heading, class = c("anova", "data.frame"))
}

chosen_contrasts <- function(contrasts, terms) {
  if (is.null(terms)) return(contrasts)
  strange <- setdiff(terms, names(contrasts))
  if (length(strange)) {
    known <- paste0('"', names(contrasts), '"')
    abort_moe("terms", sprintf("There is no test of %s.", quoted(strange)), paste("Known are", listed(known, 20)))
  }
  contrasts[unique(terms)]
}

# For every term of both parts, and sigma, the contrasts L phi + shift of the free parameters: `rows` L, and `shift`.
term_contrasts <- function(fit, null) {
  table <- all_parameters(fit)
  coefficient <- table$kind == "coefficient"
  found <- lapply(c("experts", "gate"), function(part) {
    columns <- term_columns(fit, part)
    if (part == "gate" || null == "zero") columns <- columns[names(columns) != "(Intercept)"]
    own <- lapply(columns, function(at) {
      contrast_rows(fit, which(coefficient & table$part == part & table$column %in% at), null)
    })
    stats::setNames(own, paste(rep(part, length(own)), names(own), sep = ": "))
  })
  sigma <- which(table$kind == "log_sigma")
  more <- if (null == "equal" && length(sigma) > 1) list(sigma = contrast_rows(fit, sigma, null))
  contrasts <- lapply(c(unlist(found, FALSE), more), free_contrast, fit = fit)
  Filter(function(contrast) nrow(contrast$rows) > 0, contrasts)
}

# A contrast of all parameters, less a value, as one of the free ones, without rows that ties make zero or repeat.
free_contrast <- function(rows, fit, value = numeric(nrow(rows))) {
  if (is.null(fit$ties)) return(list(rows = rows, shift = -value))
  free <- rows %*% fit$ties$slope
  independent <- qr(t(free))
  kept <- sort(independent$pivot[seq_len(independent$rank)])
  list(rows = free[kept, , drop = FALSE], shift = as.vector(rows %*% fit$ties$origin - value)[kept])
}

# Rows that pick parameters, or that subtract from each that of the first expert, if that is free.
contrast_rows <- function(fit, chosen, null) {
  table <- all_parameters(fit)
  rows <- diag(nrow(table))[chosen, , drop = FALSE]
  if (null == "zero" || length(chosen) == 0) return(rows)
  parameters <- table[chosen, ]
  own <- paste(parameters$column, parameters$outcome)
  first <- match(paste(own, 1), paste(own, parameters$expert))
  held <- !is.na(first)
  rows[held, ] <- rows[held, , drop = FALSE] - rows[first[held], , drop = FALSE]
  rows[parameters$expert != 1, , drop = FALSE]
}

# Columns of the design of a part, by the term that they belong to; of a fit to matrices every column is a term.
term_columns <- function(fit, part) {
  names <- rownames(fit$estimates[[part]])
  if (is.null(fit$terms)) {
    names[flat_columns(part_design(fit, fitted_design(fit), part))] <- "(Intercept)"
    return(stats::setNames(as.list(seq_along(names)), names))
  }
  terms <- c("(Intercept)", attr(fit$terms[[part]], "term.labels"))
  assigned <- attr(model.matrix(fit, part = part), "assign")
  split(seq_along(assigned), factor(terms[assigned + 1], unique(terms[assigned + 1])))
}

wald_statistic <- function(contrast, estimates, covariance) {
  used <- colSums(contrast$rows != 0) > 0
  contrasts <- contrast$rows[, used, drop = FALSE]
  difference <- contrasts %*% estimates[used] + contrast$shift
  spread <- contrasts %*% covariance[used, used, drop = FALSE] %*% t(contrasts)
  inverse <- if (!anyNA(spread)) inverse_of_products(spread)
  if (is.null(inverse)) NA_real_ else drop(crossprod(difference, inverse %*% difference))
}

#' @exportS3Method car::Anova
Anova.moe <- function(mod, type = c("II", "III", 2, 3), vcov. = NULL, ...) { # nolint: object_name_linter.
  check_call(..., .hints = c(test.statistic = "The tests are Wald's; `drop1()` has those of the likelihood ratio."))
  if (!is.null(vcov.)) {
    abort_moe("type", "`vcov.` is not used.", "`test_terms(fit, null = \"zero\", type = \"sandwich\")` has it.")
  }
  if (!all(as.character(type) %in% c("II", "III", "2", "3"))) abort_moe("type", '`type` must be "II" or "III".')
  contained <- vapply(c("experts", "gate"), function(part) has_contained_terms(mod$terms[[part]]), NA)
  if (type[1] %in% c("II", "2") && any(contained)) {
    abort_moe("type", "Tests of type II of a term that an interaction contains are not available.",
      'Use `type = "III"`, which depends on contrasts, or `drop1()`.')
  }
  test_terms(mod, null = "zero")
}

# Whether some term of others contains one.
has_contained_terms <- function(terms) !is.null(terms) && length(stats::drop.scope(terms)) < length(labels(terms))
