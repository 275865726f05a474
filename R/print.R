#' @export
print.moe <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  check_call(..., .passed = print_arguments)
  print_heading(x)
  if (length(x$mass) > 1) {
    cat("Gate:\n")
    print_table(coef(x, part = "gate"), x, x$estimates$gate_intercept, digits, ...)
    print_origin(x$gate, digits)
    if (is.null(x$gate$temperature)) cat("Temperature:", format(x$estimates$temperature, digits = digits), "\n")
    cat("\n")
  }
  cat("Experts:\n")
  experts_of(x)$print_experts(x, digits, ...)
  cat("\n")
  cat(format_value(logLik(x), x$nobs, digits, x$record$spikes), "\n", sep = "")
  print_dropped(length(x$na.action))
  print_warnings(x$record$warnings)
  invisible(x)
}

print_heading <- function(x) {
  count <- ncol(x$estimates$gate)
  kind <- experts_of(x)$label
  common <- if (x$common_sigma && count > 1) ", common sigma" else ""
  cat(sprintf("Mixture of %d %s expert%s, %s%s\n", count, kind, if (count > 1) "s" else "", format(x$gate), common))
  if (has_classes(x)) {
    reference <- if (!is_symmetric(x)) "; the first is the reference"
    cat("Classes: ", listed(x$classes$labels, 10), reference, "\n", sep = "")
  }
  if (!is.null(x$penalty)) print(x$penalty)
  print_ties(x$ties)
  cat("\n")
  cat("Call:\n", paste(call_in_words(x$call), collapse = "\n"), "\n\n", sep = "")
}

# A table of coefficients; of a penalised fit, the terms that are not zero everywhere.
print_table <- function(table, fit, intercept, digits, ...) {
  if (is.null(fit$penalty)) print(table, digits = digits, ...) else print_nonzero(table, intercept, digits, ...)
}

# One matrix of terms by experts, standard deviations and other scalars below.
print_regressions <- function(fit, digits, ...) {
  experts <- coef(fit, part = "experts")
  scalars <- rbind(sigma = sigma(fit), t(fit$estimates$scalars))
  rownames(experts) <- told_apart(rownames(experts), rownames(scalars))
  print_table(rbind(experts, scalars), fit, fit$estimates$expert_intercept, digits, ...)
}

# Terms that have the name of a scalar, in backticks.
told_apart <- function(terms, scalars) ifelse(terms %in% scalars, paste0("`", terms, "`"), terms)

# One matrix of terms by classes for every expert, without the zeros of the reference.
print_classes <- function(fit, digits, ...) {
  coefficients <- coef(fit, part = "experts")
  for (expert in dimnames(coefficients)[[3]]) {
    cat(expert, ":\n", sep = "")
    slice <- array(coefficients[, , expert], dim(coefficients)[1:2], dimnames(coefficients)[1:2])
    if (all(slice[, 1] == 0 | is.na(slice[, 1]))) slice <- slice[, -1, drop = FALSE]
    print_table(slice, fit, fit$estimates$expert_intercept, digits, ...)
  }
}

format_value <- function(value, nobs, digits, spikes) {
  sprintf(
    "Log-likelihood %s on %d parameters, %s observations; AIC %s, BIC %s%s",
    format(c(value), digits = digits + 3), attr(value, "df"), format(nobs),
    format(stats::AIC(value), digits = digits + 2), format(stats::BIC(value), digits = digits + 2),
    if (length(spikes)) " (of a spike: see the warning)" else ""
  )
}

print_warnings <- function(warnings) {
  for (name in names(warnings)) {
    cat(if (name %in% notes) "Note: " else "Warning: ", warnings[[name]]$message, "\n", sep = "")
  }
}

# A call as lines; values that stand in it in place of a name, as starts and gates of other functions' fits or data by
# do.call(), by their class.
call_in_words <- function(call, ...) {
  for (i in seq_along(call)[-1]) {
    value <- call[[i]]
    written <- is.language(value) || is.null(value) || (is.atomic(value) && length(value) <= 20 && is.null(dim(value)))
    if (!written) call[[i]] <- as.name(sprintf("<%s>", class(value)[1]))
  }
  if (is.function(call[[1]])) call[[1]] <- as.name("<function>")
  gsub("`(<[^`<>]+>)`", "\\1", deparse(call, ...))
}
