#' Summary of a fit
#'
#' Estimates with standard errors, z statistics and two-sided normal p-values, and how the fit was found. The z test of
#' a gate coefficient compares an expert with the reference, expert 1.
#'
#' @inheritParams vcov.moe
#' @param object A fit by [moe()].
#' @param vcov A covariance in place of those of `type` and `cluster`: a matrix, such as `vcov(moe_boot(fit))`, or a
#'   function that makes one of a fit.
#' @param x A summary.
#' @param digits Significant digits.
#' @param table `"compact"` prints experts side by side, `estimate (standard error)`, and one sentence on the search.
#'   `"full"` prints a row for every coefficient, with z statistics and p-values, the certificate of the end point and
#'   the iterations; so do the summaries of one expert and of penalised fits.
#' @param signif.stars Print stars: `***` for p below 0.001, `**` 0.01, `*` 0.05, `.` 0.1.
#' @param ... Of `print()` with `table = "full"`: passed to [stats::printCoefmat()]. Anything else is an error.
#' @return A list of class `"summary.moe"`: `coefficients` (a matrix; estimate, standard error, z, p), `errors` (which
#'   standard errors these are, in words; see [vcov.moe()]), `tied` (of a fit with ties `coefficients` for all
#'   parameters, with error 0 where they are fixed; else `NULL`), `unheld` (in words, why some are `NA`; else `NULL`),
#'   `sigma` (with standard errors by the delta method; `NULL` for experts without), `scalars` (a list of such tables of
#'   the family's other scalars, as `theta`), `classification` (for multinomial experts, on the data of the fit: the
#'   table of observed and predicted classes; `accuracy`; `log_score`, the mean log-probability of the observed class;
#'   `brier`, the mean squared distance of the class probabilities from the indicators), `mass` (posterior and gate mass
#'   of every expert, in observations), `logLik`, `dropped` (how many rows had missing values), `record` (starts tried,
#'   finished and at the returned optimum; certificate; status; warnings).
#' @examples
#' summary(moe(dist ~ speed, cars, control = moe_control(seed = 1)))
#' @export
summary.moe <- function(object, type = c("observed", "sandwich", "opg"), cluster = NULL, vcov = NULL, ...) {
  check_call(...)
  if (!is.null(vcov) && !(missing(type) && is.null(cluster))) {
    abort_moe("vcov", "`vcov` takes the place of `type` and `cluster`: give one of them.")
  }
  chosen <- chosen_errors(object, type, cluster)
  covariance <- if (is.null(vcov)) error_covariance(object, chosen) else given_covariance(object, vcov)
  estimates <- coef(object)
  known <- or_unknown(covariance, object)
  errors <- standard_errors(known)
  all_errors <- standard_errors(all_covariance(object, known))
  structure(
    list(
      fit = object[intersect(
        c("call", "family", "classes", "estimates", "gate", "common_sigma", "nobs", "parameters", "penalty", "ties"),
        names(object)
      )],
      coefficients = z_table(estimates, errors),
      tied = if (!is.null(object$ties)) z_table(all_values(object, estimates), all_errors),
      errors = if (is.null(vcov)) error_words(chosen) else "given",
      unheld = if (!is.null(covariance)) unheld_words(object),
      sigma = if (experts_of(object)$sigma) scalar_table(object, all_errors, "sigma", sigma(object)),
      scalars = scalar_tables(object, all_errors),
      classification = if (has_classes(object) && !isTRUE(object$data$absent)) classification(object),
      mass = rbind(posterior = object$mass, gate = object$gate_mass),
      logLik = logLik(object),
      dropped = length(object$na.action),
      record = object$record
    ),
    class = "summary.moe"
  )
}

# z tests of estimates, with two-sided normal p-values.
z_table <- function(estimates, errors) {
  z <- estimates / errors
  cbind(Estimate = estimates, `Std. Error` = errors, `z value` = z, `Pr(>|z|)` = 2 * stats::pnorm(-abs(z)))
}

given_covariance <- function(object, vcov) {
  refuse_penalised(object, "`vcov`")
  if (!is.matrix(vcov) && !is.function(vcov)) abort_moe("vcov", "`vcov` must be a matrix, or a function of a fit.")
  asked_covariance(object, vcov)
}

# Estimates of a scalar of every expert, with standard errors by the delta rule.
scalar_table <- function(object, errors, name, values) {
  errors <- errors[all_parameters(object)$kind == paste0("log_", name)]
  cbind(Estimate = values, `Std. Error` = values * errors)
}

scalar_tables <- function(object, errors) {
  scalars <- object$estimates$scalars
  own <- function(name) stats::setNames(scalars[, name], rownames(scalars))
  sapply(colnames(scalars), function(name) scalar_table(object, errors, name, own(name)), simplify = FALSE)
}

#' @rdname summary.moe
#' @export
print.summary.moe <- function(x, digits = max(3, getOption("digits") - 3), table = c("compact", "full"),
                              signif.stars = getOption("show.signif.stars"), ...) { # nolint: object_name_linter.
  check_call(..., .passed = union(print_arguments, names(formals(stats::printCoefmat))))
  table <- check_choice(table, c("compact", "full"), "table")
  full <- table == "full" || !is.null(x$fit$penalty) || ncol(x$mass) == 1
  strange <- setdiff(...names(), print_arguments)
  if (!full && length(strange)) abort_moe("table", sprintf('%s goes with `table = "full"`.', quoted(strange)))
  print_heading(x$fit)
  x <- with_tied_rows(x)
  if (is.null(x$fit$penalty)) cat(paste("Standard errors:", x$errors), x$unheld, "\n", sep = "\n")
  if (full) print_full(x, digits, signif.stars, ...) else print_compact(x, digits, isTRUE(signif.stars))
  if (!is.null(x$classification)) print_classification(x$classification, digits)
  cat("Rows held by each expert (sum of weights):\n")
  print(x$mass, digits = digits)
  cat("\n", format_value(x$logLik, x$fit$nobs, digits, x$record$spikes), "\n", sep = "")
  print_dropped(x$dropped)
  print_record(x$record, ncol(x$mass), full)
  invisible(x)
}

# A summary whose table has all parameters, those that are tied or fixed among them; these have no test.
with_tied_rows <- function(x) {
  if (is.null(x$tied)) return(x)
  x$fit$parameters <- x$fit$ties$parameters
  x$tied[x$tied[, 2] %in% 0, 3:4] <- NA
  x$coefficients <- x$tied
  x
}

# A block for every part of every expert, a row a parameter.
print_full <- function(x, digits, stars, ...) {
  titles <- block_titles(x$fit)
  for (title in unique(titles)) print_block(x, titles == title, title, digits, signif.stars = stars, ...)
  print_scalar(x$sigma, experts_of(x$fit)$scale %||% "Standard deviations", digits)
  for (name in names(x$scalars)) print_scalar(x$scalars[[name]], name, digits)
}

print_scalar <- function(table, title, digits) {
  if (is.null(table)) return(invisible())
  cat(title, ":\n", sep = "")
  print(table, digits = digits)
  cat("\n")
}

# How many rows of the data `na.action` left out.
print_dropped <- function(rows) {
  if (rows > 0) cat(sprintf(ngettext(rows, "%d row with missing values was left out\n",
    "%d rows with missing values were left out\n"), rows))
}

# What each parameter is printed under; NA for standard deviations and other scalars, which have tables of their own.
block_titles <- function(fit) {
  table <- fit$parameters
  gate <- table$part == "gate"
  against <- if (any(gate & table$expert %in% 1)) "" else " against expert 1"
  class <- ifelse(is.na(table$class), "", paste0(", ", table$class))
  if (!is_symmetric(fit)) class[nzchar(class)] <- paste0(class[nzchar(class)], " against ", fit$classes$labels[1])
  title <- ifelse(gate, paste0("Gate, expert ", table$expert, against), paste0("Expert ", table$expert, class))
  title[table$kind == "log_temperature"] <- "Temperature of the gate"
  title[table$part == "experts" & table$kind != "coefficient"] <- NA
  title
}

# Terms that are not zero in every column, the intercept's row anyway, and how many are.
print_nonzero <- function(table, intercept, digits, ...) {
  kept <- rowSums(table != 0) > 0 | seq_len(nrow(table)) %in% intercept
  print(table[kept, , drop = FALSE], digits = digits, ...)
  if (!all(kept)) cat(sprintf("and %d that are zero\n", sum(!kept)))
}

print_block <- function(x, shown, title, digits, ...) {
  shown <- which(shown)
  if (length(shown) == 0) return(invisible())
  parameters <- x$fit$parameters[shown, ]
  rows <- x$coefficients[shown, , drop = FALSE]
  rownames(rows) <- parameter_labels(parameters)
  cat(title, ":\n", sep = "")
  if (is.null(x$fit$penalty)) {
    stats::printCoefmat(rows, digits = digits, signif.legend = FALSE, na.print = "NA", ...)
  } else {
    print_nonzero(rows[, 1, drop = FALSE], which(is_intercept(parameters, x$fit$estimates)), digits)
  }
  cat("\n")
}

print_penalised_record <- function(record) {
  cat(sprintf("Certificate: largest violation of the optimality conditions %.1e (%s)\n", record$certificate$violation,
    record$objective))
  cat(sprintf("Status: %s (%d iterations, %d passes over the data)\n", record$status, as.integer(record$iterations),
    as.integer(record$passes)))
  print_warnings(record$warnings)
}

# What a search saw, and what that says of the rest.
search_sentence <- function(record, experts) {
  starts <- record$starts
  seen <- nrow(record$optima)
  if (starts[["tried"]] == 0) return("Search: time ran out before its first start came to an end")
  if (seen == 0) return("Search: none, from the given start")
  if (experts == 1) return("Search: none needed for one expert")
  tried <- sprintf(ngettext(starts[["tried"]], "%d independent start", "%d independent starts"), starts[["tried"]])
  led <- if (starts[["reached"]] > 0) sprintf("%d of the starts", starts[["reached"]]) else "hops alone"
  sprintf(
    paste("Search: %s and %d hops saw %d optim%s, %s led here; one more start would end at one not seen yet",
      "with chance %.2g (of any that %s missed: below %.2g)"),
    tried, starts[["hops"]], seen, if (seen == 1) "um" else "a", led, record$unseen, tried,
    min(1, 3 / starts[["tried"]])
  )
}

# In full, or the search and what is wrong alone.
print_record <- function(record, experts, full) {
  if (!is.null(record$certificate$violation)) return(print_penalised_record(record))
  certificate <- record$certificate
  cat(search_sentence(record, experts), "\n", sep = "")
  if (full || !certificate$maximum) {
    cat(sprintf("Certificate: the objective can rise by %.2g; largest scaled score %.2g; %s\n", certificate$decrement,
      certificate$scaled_score, if (certificate$maximum) "a maximum" else "not a strict maximum"))
  }
  if (full || !record$converged) {
    cat(sprintf("Status: %s (%s, %d iterations, %d passes over the data)\n", record$status, record$method,
      record$iterations, record$passes))
  }
  if (length(record$at_bounds)) {
    cat("At a bound: ", listed(record$at_bounds), ". There are no standard errors.\n", sep = "")
  }
  print_warnings(record$warnings)
}
