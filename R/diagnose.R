#' What may be wrong with a fit
#'
#' Looks for what makes a fit doubtful and says it in sentences, with what to do. Nothing is fitted again.
#'
#' From the record of the fit: warnings (spikes, collapsed variances, separation of the gate or of classes, empty
#' experts, no convergence, collinear columns), bounds, and the search (no search, fewer than 10 independent starts, a
#' chance of an optimum not seen yet above .2, an optimum that only hops reached). From the estimates: an information
#' that is singular, experts that hold fewer rows than parameters, and pairs of experts whose parameters do not differ
#' (p > .05 of a Wald test and of a bound of the likelihood ratio): too many experts. And from tests:
#' * **left out of gate or experts**: score tests for every covariate of the data that the part does not use (numbers,
#'   dates, and factors of at most ten levels, without missing values) and for the square of every numeric term that it
#'   has, with one coefficient for every expert (in the gate, every expert but the reference). Of a fit to matrices, the
#'   columns of the other design;
#' * **normality** of quantile residuals (not for classes): are the means of \eqn{\tanh(q_i)}{tanh(q_i)} and
#'   \eqn{\log \cosh(q_i)}{log cosh(q_i)}, that is skewness and tails, those of a normal variable (the contrasts of
#'   Hyvarinen 1998)? Of counts a draw of randomised residuals from R's generator;
#' * **heteroscedasticity** within Gaussian or Student-t experts: the score test of \eqn{\log \sigma_k}{log sigma_k}
#'   that is linear in the mean of the expert (Breusch and Pagan 1979);
#' * **dispersion** within Poisson experts: the score test of \eqn{\alpha = 0} where the experts' variance is \eqn{m_k +
#'   \alpha m_k^2}{m_k + alpha m_k^2} (Dean and Lawless 1989), for more or for less variance.
#'
#' All tests are of one form. With \eqn{m_i} the score of the new parameters (or another moment that is zero on
#' average where the model is right) in row i, \eqn{s_i} the scores of the fit, \eqn{I} its information and \eqn{M =
#' \sum_i \partial m_i / \partial\theta'}{M = sum_i d m_i / d theta'}, the statistic is \deqn{U' \Bigl(\sum_i m^*_i
#' m^{*\prime}_i \Bigr)^{-1} U, \quad U = \sum_i m^*_i, \quad m^*_i = m_i + M I^{-1} s_i,}{U' (sum_i m*_i m*_i')^-1 U,
#' U = sum_i m*_i, m*_i = m_i + M I^-1 s_i,} on as many degrees of freedom as there are moments (White 1982; Newey
#' 1985): estimation of the parameters is accounted for. Tests are findings where p < .05 after Holm's correction for
#' all of them, so that of sound fits about one in twenty has any. On 200 and 500 rows of two Gaussian or Poisson
#' experts the tests' levels are right to about .02; where the data hardly tell the experts apart, as with two classes,
#' levels are smaller than they should be, and faults may go unseen.
#'
#' @section What is not tested: penalised fits, whose scores do not sum to zero, and fits without a covariance (see
#'   [vcov.moe()]) have no tests; the gate of a top-1 gate has none, nor one whose `transform` does not act column by
#'   column; terms that the columns of the part already span, and tests whose moments are collinear, are left out.
#' @param object A fit by [moe()].
#' @param x An object of class `"moe_diagnosis"`.
#' @param digits Significant digits.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"moe_diagnosis"`, a list of
#'   * `findings`: a data frame with columns `check`, `finding` and `remedy` (sentences; the latter may be `NA`) and
#'     `severity`: `"serious"` (estimates or errors are not what they seem), `"doubt"` (the model or the maximum may be
#'     another) or `"note"`; the most severe first, no rows where nothing was found;
#'   * `tests`: a data frame of all tests: `check`, `part`, `term`, `statistic`, `df`, `p.value` and `p.holm`; `NULL`
#'     where there are none;
#'   * `untested`: why there are no tests, or none of covariates outside the formula, in words; or `NULL`.
#' @references White, H. (1982). Maximum likelihood estimation of misspecified models. Econometrica 50, 1-25.
#'
#'   Newey, W. K. (1985). Maximum likelihood specification testing and conditional moment tests. Econometrica 53,
#'   1047-1070.
#'
#'   Breusch, T. S. and Pagan, A. R. (1979). A simple test for heteroscedasticity and random coefficient variation.
#'   Econometrica 47, 1287-1294.
#'
#'   Dean, C. and Lawless, J. F. (1989). Tests for detecting overdispersion in Poisson regression models. Journal of the
#'   American Statistical Association 84, 467-472.
#'
#'   Hyvarinen, A. (1998). New approximations of differential entropy for independent component analysis and projection
#'   pursuit. Advances in Neural Information Processing Systems 10, 273-279.
#'
#'   Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6,
#'   65-70.
#' @examplesIf requireNamespace("MASS", quietly = TRUE)
#' boston <- MASS::Boston[c("medv", "lstat", "rm")]
#' fit <- moe(log(medv) ~ lstat | lstat, boston, control = moe_control(seed = 1))
#' diagnose(fit)
#' @export
diagnose <- function(object, ...) {
  check_call(...)
  check_is_fit(object)
  untestable <- untestable_words(object)
  tests <- if (is.null(untestable)) diagnostic_tests(object)
  findings <- do.call(rbind, c(
    warning_findings(object), search_findings(object), expert_findings(object), test_findings(object, tests)
  ))
  findings <- findings %||% finding(character(), character(), character(), character())
  findings <- findings[order(match(findings$severity, c("serious", "doubt", "note"))), ]
  rownames(findings) <- NULL
  new_object(list(findings = findings, tests = tests[names(tests) != "remedy"], untested = untestable %||%
    lost_words(object)), class = "moe_diagnosis")
}

finding <- function(check, severity, finding, remedy = NA_character_) {
  data.frame(check = check, finding = finding, severity = severity, remedy = remedy)
}

untestable_words <- function(object) {
  if (!is.null(object$penalty)) return("There are no tests: the scores of a penalised fit do not sum to zero.")
  if (is.null(object$covariance)) return("There are no tests: the fit has no covariance.")
}

lost_words <- function(object) {
  if (is.null(object$terms) || is.null(object$call$data) || !is.null(data_of_rows(object))) return(NULL)
  "No covariates outside the formula were tested: the data are not found any more, or not as a data frame."
}

# All tests, with Holm's correction.
diagnostic_tests <- function(object) {
  tests <- rbind(left_out_tests(object), distribution_tests(object, fitted_design(object)))
  tests <- tests[!is.na(tests$p.value), ]
  tests$p.holm <- stats::p.adjust(tests$p.value, "holm")
  rownames(tests) <- NULL
  tests
}

# What a fit warned of.
warning_findings <- function(object) {
  notes <- c("aliased", "unidentified", "temperature")
  lapply(names(object$record$warnings), function(name) {
    warning <- object$record$warnings[[name]]
    finding(name, if (name %in% notes) "note" else "serious", warning$message, warning$hint %||% NA_character_)
  })
}

# Whether the maximum that was found is the one that was sought.
search_findings <- function(object) {
  record <- object$record
  starts <- record$starts
  if (length(object$mass) == 1 || !is.null(object$penalty)) return(NULL)
  tried <- starts[["tried"]]
  again <- "Try `update(fit, search = TRUE, control = moe_control(search = \"thorough\"))`."
  if (nrow(record$optima) == 0) {
    return(list(finding("search", "note", "Only one start was tried, the given one.", again)))
  }
  list(
    if (tried < 10) {
      finding("starts", "doubt", sprintf("The search had %d independent %s: what it missed may be likely.", tried,
        ngettext(tried, "start", "starts")), again)
    },
    if (tried >= 10 && isTRUE(record$unseen > 0.2)) {
      finding("unseen optimum", "doubt", sprintf("One more start would end at an optimum not seen yet with chance %s.",
        format(record$unseen, digits = 2)), again)
    },
    if (starts[["reached"]] == 0) {
      finding("hops", "note", "Only hops reached this optimum, no independent start: its basin is small.",
        "Compare it with the next ones: `fit$record$optima`.")
    }
  )
}

# Whether all experts are needed.
expert_findings <- function(object) {
  record <- object$record
  c(
    if (length(record$at_bounds)) {
      list(finding("bounds", "serious", sprintf("At a bound: %s; there are no standard errors.", listed(
        record$at_bounds)), "Widen `moe_bounds()` unless the bounds are meant."))
    },
    list(flat_finding(object), small_finding(object), narrow_finding(object)), alike_findings(object)
  )
}

flat_finding <- function(object) {
  causes <- c("separation", "classes", "variance", "spike", "unidentified", "scalars")
  if (all(object$estimable) || any(causes %in% names(object$record$warnings))) return(NULL)
  finding("information", "serious", sprintf("The likelihood is flat along %s: the information is singular.", listed(
    quoted_each(names(which(!object$estimable))))), "Use fewer experts or terms.")
}

quoted_each <- function(names) paste0("`", names, "`")

# Experts that hold fewer rows than they have parameters, and that are not said to be empty.
small_finding <- function(object) {
  table <- object$parameters
  own <- table$expert[table$part == "experts"]
  count <- tabulate(own[!is.na(own)], length(object$mass))
  small <- setdiff(which(object$mass < count + 1), object$record$empty)
  if (length(small) == 0) return(NULL)
  each <- sprintf("Expert %d holds %s rows for %d parameters", small, format(object$mass[small], digits = 2),
    count[small])
  finding("small expert", "doubt", paste0(paste(each, collapse = "; "), "."), "Use fewer experts.")
}

# Experts that are narrow beside the widest, and no spikes by the rule of the search.
narrow_finding <- function(object) {
  share <- object$estimates$sigma / max(object$estimates$sigma, 0)
  known <- vapply(object$record$spikes, function(spike) spike$expert, 0)
  narrow <- setdiff(which(share < 0.05), known)
  if (length(narrow) == 0) return(NULL)
  each <- sprintf("Expert %d has a standard deviation of %s of the largest", narrow, format(share[narrow], digits = 2))
  finding("narrow expert", "doubt", paste0(paste(each, collapse = "; "), ": it may follow rounded or repeated values."),
    "Compare with `moe_control(spike = c(rows = 2, sd = 0.05))`.")
}

# Pairs of experts whose parameters do not differ: by a Wald test, and by the fall of the likelihood to where the Wald
# test's quadratic has them alike, which bounds the likelihood ratio from above (a Wald test alone fails to see experts
# apart whose errors are large since they are far apart, Hauck and Donner 1977).
alike_findings <- function(object) {
  if (length(object$mass) == 1 || is.null(object$covariance) || !is.null(object$penalty)) return(NULL)
  pairs <- utils::combn(length(object$mass), 2)
  lapply(seq_len(ncol(pairs)), function(pair) alike_finding(object, pairs[1, pair], pairs[2, pair]))
}

alike_finding <- function(object, first, second) {
  table <- object$parameters
  key <- paste(table$kind, table$column, table$outcome)
  own <- lapply(c(first, second), function(k) which(table$part == "experts" & table$expert %in% k & object$estimable))
  shared <- intersect(key[own[[1]]], key[own[[2]]])
  if (length(shared) == 0) return(NULL)
  at <- lapply(own, function(rows) rows[match(shared, key[rows])])
  difference <- object$coefficients[at[[1]]] - object$coefficients[at[[2]]]
  contrast <- matrix(0, length(shared), nrow(table))
  contrast[cbind(seq_along(shared), at[[1]])] <- 1
  contrast[cbind(seq_along(shared), at[[2]])] <- -1
  inverse <- inverse_of_products(contrast %*% tcrossprod(object$covariance, contrast))
  if (is.null(inverse)) return(NULL)
  wald <- sum(difference * (inverse %*% difference))
  alike <- object$coefficients - as.vector(tcrossprod(object$covariance, contrast) %*% inverse %*% difference)
  ratio <- max(wald, 2 * (object$log_likelihood - log_likelihood_at(object, alike)))
  p <- stats::pchisq(ratio, length(shared), lower.tail = FALSE)
  if (p <= 0.05) return(NULL)
  finding("experts alike", "doubt", sprintf("Experts %d and %d do not differ (statistic %s on %d df, %s).", first,
    second, format(ratio, digits = 3), length(shared), p_words(p)), "Use fewer experts.")
}

log_likelihood_at <- function(object, values) {
  object$estimates <- estimates_at(object, values)
  design <- fitted_design(object)
  sum((design$weights %||% 1) * predict_rows(object, design, "log_density"))
}

p_words <- function(p) if (p < 0.001) "p < .001" else sub("0[.]", ".", sprintf("p = %.3f", p))

# The tests that are findings, with the sentences that say what they found.
test_findings <- function(object, tests) {
  if (is.null(tests)) return(NULL)
  found <- tests[which(tests$p.holm < 0.05), ]
  found <- found[order(found$p.value), ]
  lapply(seq_len(nrow(found)), function(i) test_finding(object, found[i, ]))
}

test_finding <- function(object, test) {
  score <- sprintf("%s on %d df, %s (Holm)", format(test$statistic, digits = 3), test$df, p_words(test$p.holm))
  words <- switch(test$check,
    normality = list(
      sprintf("Quantile residuals are not normal: moment test %s.", score),
      "See `plot(fit, which = \"worm\")`; more experts or a transformed response may be needed."
    ),
    heteroscedasticity = list(
      sprintf("The spread within experts changes with their means: score test %s.", score),
      paste("Transform the response, or use more experts; errors of the nearest mixture are",
        "`vcov(fit, type = \"sandwich\")`.")
    ),
    dispersion = dispersion_words(object, score),
    list(sprintf("The %s: score test %s.", needed_words(test$part, test$term), score), test$remedy)
  )
  finding(test$check, "doubt", words[[1]], words[[2]])
}

# gate needs `rm`, experts need `I(x^2)`
needed_words <- function(part, term) {
  paste(part, if (part == "gate") "needs" else "need", paste0("`", gsub("`", "", term), "`"))
}

dispersion_words <- function(object, score) {
  design <- fitted_design(object)
  excess <- sum(dispersion_moments(design)(object))
  weights <- design$weights %||% 1
  pearson <- sum(weights * pearson_residuals(object, design)^2) / stats::df.residual(object)
  list(
    sprintf("Counts vary %s than Poisson experts do: score test %s; Pearson dispersion %s.",
      if (excess > 0) "more" else "less", score, format(pearson, digits = 3)),
    paste0(if (excess > 0) "Use `negative_binomial()`, or more experts or terms; errors" else "Errors",
      " of the nearest mixture are `vcov(fit, type = \"sandwich\")`.")
  )
}

#' @rdname diagnose
#' @export
print.moe_diagnosis <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  check_call(..., .passed = print_arguments)
  findings <- x$findings
  for (severity in unique(findings$severity)) {
    cat(switch(severity, serious = "Serious:", doubt = "Doubts:", note = "Notes:"), "\n", sep = "")
    shown <- findings[findings$severity == severity, ]
    sentences <- trimws(paste(shown$finding, ifelse(is.na(shown$remedy), "", shown$remedy)))
    for (sentence in sentences) cat(wrapped(sentence), sep = "\n")
  }
  if (nrow(findings) == 0) cat("Nothing was found.\n")
  cat(strwrap(tested_words(x, digits), width = 80), sep = "\n")
  invisible(x)
}

# A sentence as an item of a list, in lines that do not break within code or p = .012.
wrapped <- function(sentence) {
  words <- regmatches(sentence, gregexpr("(`[^`]*`|p [<=] [.0-9]+|[^ ])+", sentence, perl = TRUE))[[1]]
  add <- function(lines, word) {
    last <- length(lines)
    if (nchar(lines[last]) + nchar(word) >= 80) return(c(lines, paste(" ", word)))
    replace(lines, last, paste(lines[last], word))
  }
  Reduce(add, words, "-")
}

# How much was tested, or why nothing was.
tested_words <- function(x, digits) {
  if (NROW(x$tests) == 0) return(paste("The record was read.", x$untested %||% "There was nothing to test."))
  least <- which.min(x$tests$p.value)
  term <- x$tests$term[least]
  about <- paste0(if (!is.na(term)) paste0(gsub("`", "", term), ", "), x$tests$check[least])
  words <- sprintf(
    "The record was read and %d %s made; the smallest p (%s) is %s before and %s after Holm's correction.",
    nrow(x$tests), if (nrow(x$tests) == 1) "test was" else "tests were", about,
    format(x$tests$p.value[least], digits = digits), format(x$tests$p.holm[least], digits = digits)
  )
  paste(c(words, x$untested), collapse = " ")
}
