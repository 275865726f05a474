#' Tests of nested fits
#'
#' Twice the difference of log-likelihoods of two fits, one of which is the other with less freedom, with the
#' chi-square distribution on as many degrees of freedom as there are parameters more. Expert terms, gate terms and
#' `sigma` (`"common"` within `"separate"`) and ties of coefficients may differ; response, rows, weights, family, gate
#' and number of experts may not. Fits are put in the order of their numbers of parameters, and each is tested within
#' the next one.
#'
#' A different number of experts cannot be tested so: where the truth has fewer experts, parameters of the others are
#' not identified, and the statistic has no chi-square limit. Two tests take its place. `test = "bootstrap"` draws
#' responses at the smaller fit and fits both to each of them, by the search of the fits. `test = "split"` fits the
#' larger model to one half of the rows and compares its likelihood on the other half with the largest that the smaller
#' model has there: its ratio U, averaged over both ways, has expectation 1 at most under the smaller model, so that
#' 1 / U is a p-value that holds for every number of rows (if the largest likelihood is found), with less power.
#'
#' A gate that separates the rows in the *larger* fit does no harm: the statistic is finite although coefficients grow
#' without bound, and its distribution is that under the smaller one. Where the smaller fit has parameters without
#' standard errors, or the gate selects experts (`top_k`), the limit is not known to hold, of which a warning tells.
#' @param object,... Two fits or more by [moe()] or [moe_fit()], without `penalty`.
#' @param test `"LR"`, `"bootstrap"` or `"split"`, or `"Wald"`: of fits that differ in their ties alone, the Wald
#'   test of those of the smaller one
#'   at the larger one's estimates. Both must have the same labels, as `update(smaller, fixed = NULL)` has.
#' @param replicates,seed Of the bootstrap, its number of replicates; of this and the split, the seed (drawn from R's
#'   generator by default). Replicates run on mirai daemons where these are set.
#' @return A data frame of class `"anova"` with a row for every fit: its number of parameters `npar`, `AIC`, `BIC`,
#'   `logLik`, and, against the fit before, `Chisq`, `Df` and `Pr(>Chisq)`; or `LR` and `Pr(>LR)`; or `log(U)` and
#'   `Pr(>log(U))`.
#' @section Errors and warnings: `expertmix_error_anova` for one fit alone, other objects, fits to other data, that are
#'   not nested, with different numbers of experts, with a penalty, spikes, active bounds, without convergence, and for
#'   a larger fit whose likelihood is lower: then its search missed the maximum. `expertmix_warning_anova` where the
#'   chi-square limit may not hold.
#' @references Wilks, S. S. (1938). The large-sample distribution of the likelihood ratio for testing composite
#'   hypotheses. Annals of Mathematical Statistics 9, 60-62.
#'
#'   Wasserman, L., Ramdas, A. and Balakrishnan, S. (2020). Universal inference. Proceedings of the National Academy of
#'   Sciences 117, 16880-16890.
#' @seealso [drop1.moe()] tests every term of a fit, [test_terms()] without fitting again.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' anova(update(fit, . ~ . | 1), fit)
#' anova(update(fit, common = ~ speed), fit)
#' anova(update(fit, common = ~ speed), fit, test = "Wald")
#' anova(update(fit, experts = 1), fit, test = "bootstrap", replicates = 19, seed = 1)
#' @importFrom stats anova
#' @export
anova.moe <- function(object, ..., test = c("LR", "Wald", "bootstrap", "split"), replicates = 199, seed = NULL) {
  check_call(..., .passed = "")
  test <- check_choice(test, c("LR", "Wald", "bootstrap", "split"), "test")
  fits <- list(object, ...)
  if (length(fits) == 1) {
    abort_moe("anova", "One fit has no sequence of tests: give two nested fits or more.",
      "`drop1(fit, test = \"Chisq\")` tests every term of one fit.")
  }
  for (fit in fits) check_testable(fit)
  fits <- fits[order(vapply(fits, `[[`, 0, "df"))]
  if (test %in% c("bootstrap", "split")) return(anova_of_experts(fits, test, replicates, seed))
  for (i in seq_along(fits)[-1]) check_nested(fits[[i - 1]], fits[[i]])
  warn_no_limit(fits[-length(fits)])
  statistic <- mapply(list(LR = likelihood_ratio, Wald = wald_of_ties)[[test]], fits[-length(fits)], fits[-1])
  degrees <- diff(vapply(fits, `[[`, 0, "df"))
  table <- data.frame(Chisq = statistic, Df = degrees, p = stats::pchisq(statistic, degrees, lower.tail = FALSE))
  names(table)[3] <- "Pr(>Chisq)"
  anova_table(fits, table, c(LR = "Likelihood-ratio", Wald = "Wald")[[test]])
}

# Tests without a chi-square limit: `LR`, or of a split the logarithm of its ratio.
anova_of_experts <- function(fits, test, replicates, seed) {
  if (!is_whole(replicates) || replicates < 1) abort_moe("anova", "`replicates` must be a whole number, 1 or more.")
  for (i in seq_along(fits)[-1]) check_fewer_experts(fits[[i - 1]], fits[[i]])
  seed <- seed_or_drawn(seed, "anova")
  tests <- lapply(seq_along(fits)[-1], function(i) {
    if (test == "split") split_test(fits[[i - 1]], fits[[i]], seed)
    else bootstrap_test(fits[[i - 1]], fits[[i]], replicates, seed)
  })
  column <- if (test == "split") "log(U)" else "LR"
  table <- data.frame(vapply(tests, `[[`, 0, "statistic"), vapply(tests, `[[`, 0, "p"))
  names(table) <- c(column, sprintf("Pr(>%s)", column))
  words <- c(split = "Split likelihood-ratio", bootstrap = sprintf("Bootstrap (%d replicates)", as.integer(replicates)))
  anova_table(fits, table, words[[test]])
}

# A row for every fit, with what `tests` has for each but the first.
anova_table <- function(fits, tests, test) {
  number <- vapply(fits, `[[`, 0, "df")
  value <- vapply(fits, `[[`, 0, "log_likelihood")
  table <- data.frame(
    npar = number, AIC = vapply(fits, stats::AIC, 0), BIC = vapply(fits, stats::BIC, 0), logLik = value,
    rbind(NA, tests), check.names = FALSE
  )
  words <- vapply(fits, model_words, "")
  count <- vapply(fits, function(fit) length(fit$mass), 0L)
  if (length(unique(count)) > 1) words <- sprintf("%s, experts: %d", words, count)
  models <- sprintf("Model %d: %s", seq_along(fits), words)
  structure(table,
    heading = c(
      sprintf("%s tests of nested mixtures of %s %s experts\n", test, paste(unique(count), collapse = ", "),
        experts_of(fits[[1]])$label),
      paste0(paste(models, collapse = "\n"), "\n")
    ),
    class = c("anova", "data.frame")
  )
}

# dist ~ speed | 1, common sigma, expert1:speed = expert2:speed
model_words <- function(fit) {
  model <- if (is.null(fit$formula)) {
    sprintf("%d columns | %d columns", nrow(fit$estimates$experts), nrow(fit$estimates$gate))
  } else {
    paste(deparse(formula(fit$formula), 500L), collapse = " ")
  }
  paste(c(model, if (fit$common_sigma) "common sigma", fit$ties$words), collapse = ", ")
}

# Refuses what has no likelihood-ratio test, whatever it is compared with.
check_testable <- function(fit, what = "anova") {
  if (!inherits(fit, "moe")) abort_moe(what, "All that is compared must be fits by `moe()`.")
  check_version(fit)
  record <- fit$record
  cause <- if (!is.null(fit$penalty)) {
    "A penalised fit has no likelihood-ratio test."
  } else if (length(record$spikes) || length(record$collapsed)) {
    "A fit has an expert that follows a few rows: its likelihood says nothing."
  } else if (length(record$at_bounds)) {
    "A fit is at an active bound: the likelihood ratio has no chi-square limit."
  } else if (!record$converged) {
    "A fit did not converge: its likelihood is not a maximum."
  }
  if (!is.null(cause)) abort_moe(what, cause, "See `fit$record`.")
}

# Refuses two fits unless the first is the second with less freedom, and no better.
check_nested <- function(small, large) {
  check_same_data(small, large)
  if (length(small$mass) != length(large$mass)) {
    abort_moe("anova",
      sprintf("Fits with %d and %d experts: the likelihood ratio has no chi-square limit between numbers of experts.",
        length(small$mass), length(large$mass)),
      "Compare their BIC."
    )
  }
  if (!same_gate(small$gate, large$gate)) {
    abort_moe("anova", "The fits have different gates.", "Compare their AIC or BIC.")
  }
  if (small$df == large$df || !is_nested(small, large)) {
    abort_moe("anova", sprintf("`%s` is not nested in `%s`.", model_words(small), model_words(large)),
      "Compare their AIC or BIC.")
  }
  if (small$log_likelihood > large$log_likelihood + 1e-6 * (1 + abs(large$log_likelihood))) {
    abort_moe("anova",
      sprintf("`%s` has a lower likelihood than `%s`, which is nested in it: its search missed the maximum.",
        model_words(large), model_words(small)),
      "Fit it with more `starts`, or `start = predict(smaller, type = \"posterior\")`."
    )
  }
}

check_same_data <- function(a, b) {
  if (!identical(a$family$family, b$family$family)) abort_moe("anova", "The fits have different families.")
  own <- fitted_design(a)
  other <- fitted_design(b)
  if (NROW(own$y) != NROW(other$y)) {
    abort_moe("anova", sprintf("The fits have %d and %d rows.", NROW(own$y), NROW(other$y)),
      "Rows with missing values were dropped, it seems: fit all to the complete rows.")
  }
  same <- identical(unname(own$y), unname(other$y)) && identical(a$classes$labels, b$classes$labels)
  if (!same) abort_moe("anova", "The fits have different responses.")
  if (!identical(own$weights, other$weights)) abort_moe("anova", "The fits have different weights.")
}

# Whether the predictors of every expert and of the gate that one fit can have are among those of another.
is_nested <- function(small, large) {
  if (large$common_sigma && !small$common_sigma && length(small$mass) > 1) return(FALSE)
  if (!is.null(large$ties) && !implies_ties(small, large)) return(FALSE)
  if (!is.null(large$family$df) && !identical(small$family$df, large$family$df)) return(FALSE)
  own <- score_design(small)
  other <- score_design(large)
  offset <- (own$offset %||% 0) - (other$offset %||% 0)
  in_span(cbind(own$x, offset), other$x) &&
    (length(small$mass) == 1 || in_span(own$z %||% own$x, other$z %||% other$x))
}

# Whether columns are linear combinations of others.
in_span <- function(columns, others) {
  unit <- function(x) {
    size <- sqrt(colSums(x^2))
    x[, size > 0, drop = FALSE] / rep(size[size > 0], each = nrow(x))
  }
  all(abs(qr.resid(qr(unit(others)), unit(columns))) < 1e-7)
}

# Whether a fit's parameters, whatever their values, keep the ties of another: those of terms that it lacks are zero,
# and a common sigma is that of every expert.
implies_ties <- function(small, large) {
  ties <- tie_contrasts(large)
  names <- all_parameters(large)$name
  own <- all_parameters(small)$name
  at <- match(names, own)
  at[is.na(at)] <- match(sub("^expert[0-9]+:(log\\(.*\\))$", "\\1", names), own)[is.na(at)]
  slope <- (small$ties$slope %||% diag(length(own)))[at, , drop = FALSE]
  origin <- (small$ties$origin %||% numeric(length(own)))[at]
  slope[is.na(at), ] <- origin[is.na(at)] <- 0
  all(abs(ties$rows %*% slope) < 1e-8) && all(abs(ties$rows %*% origin - ties$value) < 1e-8)
}

likelihood_ratio <- function(small, large) max(2 * (large$log_likelihood - small$log_likelihood), 0)

# The Wald statistic, at the larger of two fits, of the ties of the smaller one.
wald_of_ties <- function(small, large) {
  alike <- !is.null(small$ties) && identical(all_parameters(small)$name, all_parameters(large)$name)
  if (!alike) {
    abort_moe("anova", "A Wald test is of fits that differ in their ties alone.", "Use `test = \"LR\"`.")
  }
  overlap <- crossprod(predict_rows(small, fitted_design(small), "posterior"),
    predict_rows(large, fitted_design(large), "posterior"))
  if (is.unsorted(least_cost(-overlap))) {
    abort_moe("anova", "The experts of the two fits have other labels.",
      "Fit the larger by `update()` of the smaller, with `common`, `fixed` and `equal` as `NULL`.")
  }
  ties <- tie_contrasts(small)
  covariance <- full_covariance(large, list(type = "observed"))
  contrast <- free_contrast(ties$rows, large, ties$value)
  if (!is.null(covariance) && all(are_held(large, contrast$rows, covariance))) {
    return(wald_statistic(contrast, large$coefficients, covariance))
  }
  warn_moe("singular", "There is no Wald test of these ties: the data do not hold what is compared.",
    "Use `test = \"LR\"`.")
  NA_real_
}

# Says of smaller fits of tests that the limit, which needs parameters that the data hold, may not be there.
warn_no_limit <- function(fits) {
  words <- unique(unlist(lapply(fits, no_limit_words)))
  for (cause in words) warn_moe("anova", paste(cause, "the chi-square limit is not known to hold.", sep = ": "))
}

no_limit_words <- function(fit) {
  if (!is.null(fit$gate$top_k) && fit$gate$top_k < length(fit$mass)) {
    return("The likelihood of a gate with `top_k` jumps")
  }
  lacking <- fit$parameters$name[!fit$estimable]
  if (length(lacking)) sprintf("The data do not hold %s of `%s`", listed(lacking), model_words(fit))
}

# lmtest's default would give a chi-square p-value for any two fits.
#' @exportS3Method lmtest::lrtest
lrtest.moe <- function(object, ...) anova.moe(object, ...)
