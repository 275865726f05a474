#' @export
print.moe <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  print_heading(x)
  if (length(x$estimates$sigma) > 1) {
    cat("Gate:\n")
    print(coef(x, part = "gate"), digits = digits, ...)
    if (is.null(x$gate$temperature)) cat("Temperature:", format(x$estimates$temperature, digits = digits), "\n")
    cat("\n")
  }
  cat("Experts:\n")
  print(rbind(coef(x, part = "experts"), sigma = sigma(x)), digits = digits, ...)
  cat("\n")
  cat(format_value(logLik(x), x$nobs, digits), "\n", sep = "")
  print_warnings(x$record$warnings)
  invisible(x)
}

print_heading <- function(x) {
  count <- length(x$estimates$sigma)
  common <- if (x$common_sigma && count > 1) ", common sigma" else ""
  cat(sprintf("Mixture of %d Gaussian expert%s, %s%s\n\n", count, if (count > 1) "s" else "", format(x$gate), common))
  cat("Call:\n", paste(deparse(x$call), collapse = "\n"), "\n\n", sep = "")
}

format_value <- function(value, nobs, digits) {
  sprintf(
    "Log-likelihood %s on %d parameters, %s observations; AIC %s, BIC %s",
    format(c(value), digits = digits + 3), attr(value, "df"), format(nobs),
    format(stats::AIC(value), digits = digits + 2), format(stats::BIC(value), digits = digits + 2)
  )
}

print_warnings <- function(warnings) {
  for (warning in warnings) cat("Warning: ", warning$message, "\n", sep = "")
}
