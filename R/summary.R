#' Summary of a fit
#'
#' Estimates with standard errors from the observed information, z statistics and two-sided normal p-values, and how the fit
#' was found. The z test of a gate coefficient compares an expert with the reference, expert 1.
#'
#' @param object A fit by [moe()].
#' @param x A summary.
#' @param digits Significant digits.
#' @param ... Of `print()`: passed to [stats::printCoefmat()]. Anything else is an error.
#' @return A list of class `"summary.moe"`: `coefficients` (a matrix; estimate, standard error, z, p), `sigma` (with
#'   standard errors by the delta method; `NULL` for multinomial experts), `classification` (for multinomial experts, on the
#'   data of the fit: the table of observed and predicted classes; `accuracy`; `log_score`, the mean log-probability of the
#'   observed class; `brier`, the mean squared distance of the class probabilities from the indicators), `mass` (posterior and gate mass of every expert, in observations), `logLik`,
#'   `record` (starts tried, finished and at the returned optimum; certificate; status; warnings).
#' @examples
#' summary(moe(dist ~ speed, cars, control = moe_control(seed = 1)))
#' @export
summary.moe <- function(object, ...) {
  check_dots(...)
  covariance <- if (is.null(object$covariance)) NA_real_ else object$covariance
  errors <- sqrt(pmax(if (is.matrix(covariance)) diag(covariance) else covariance, 0))
  estimates <- coef(object)
  z <- estimates / errors
  structure(
    list(
      fit = object[intersect(
        c("call", "family", "classes", "estimates", "gate", "common_sigma", "nobs", "aliased", "parts", "penalty"),
        names(object)
      )],
      coefficients = cbind(
        Estimate = estimates, `Std. Error` = errors, `z value` = z, `Pr(>|z|)` = 2 * stats::pnorm(-abs(z))
      ),
      sigma = if (!is_multinomial(object)) sigma_table(object, errors),
      classification = if (is_multinomial(object)) classification(object),
      mass = rbind(posterior = object$mass, gate = object$gate_mass),
      logLik = logLik(object),
      record = object$record
    ),
    class = "summary.moe"
  )
}

sigma_table <- function(object, errors) {
  sigmas <- sigma(object)
  errors <- rep_len(errors, length(coef(object)))[endsWith(names(coef(object)), "log(sigma)")]
  cbind(Estimate = sigmas, `Std. Error` = sigmas * errors)
}

#' @rdname summary.moe
#' @export
print.summary.moe <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  check_dots(..., .passed = union(print_arguments, names(formals(stats::printCoefmat))))
  print_heading(x$fit)
  blocks <- coefficient_blocks(x$fit, rownames(x$coefficients))
  for (title in unique(blocks$title)) print_block(x$coefficients, blocks, title, digits, !is.null(x$fit$penalty), ...)
  print_aliased(x$fit$aliased)
  if (!is.null(x$sigma)) {
    cat("Standard deviations:\n")
    print(x$sigma, digits = digits)
  } else {
    print_classification(x$classification, digits)
  }
  cat("\nRows held by each expert (sum of weights):\n")
  print(x$mass, digits = digits)
  cat("\n", format_value(x$logLik, x$fit$nobs, digits, x$record$spikes), "\n", sep = "")
  print_record(x$record)
  invisible(x)
}

coefficient_blocks <- function(fit, names) {
  parts <- parameter_parts(fit, names)
  against <- if (any(parts$predictor == "gate1")) "" else " against expert 1"
  title <- sub("^gate([0-9]+)$", paste0("Gate, expert \\1", against), parts$predictor)
  title <- sub("^log\\(temperature\\)$", "Temperature of the gate", title)
  title <- sub("^expert([0-9]+)$", "Expert \\1", title)
  of_class <- !is.na(parts$class)
  title[of_class] <- paste0(title[of_class], ", ", parts$class[of_class])
  if (is.null(fit$parts)) title[of_class] <- paste0(title[of_class], " against ", fit$classes$labels[1])
  data.frame(title = title, term = parts$term)
}

# Terms that are not zero in every column, and how many are.
print_nonzero <- function(table, digits, ...) {
  kept <- rowSums(table != 0) > 0 | rownames(table) == "(Intercept)"
  print(table[kept, , drop = FALSE], digits = digits, ...)
  if (!all(kept)) cat(sprintf("and %d that are zero\n", sum(!kept)))
}

print_block <- function(coefficients, blocks, title, digits, penalised, ...) {
  rows <- coefficients[blocks$title == title & blocks$term != "log(sigma)", , drop = FALSE]
  if (nrow(rows) == 0) return(invisible())
  rownames(rows) <- blocks$term[blocks$title == title & blocks$term != "log(sigma)"]
  cat(title, ":\n", sep = "")
  if (penalised) {
    print_nonzero(rows[, 1, drop = FALSE], digits)
  } else {
    stats::printCoefmat(rows, digits = digits, signif.legend = FALSE, na.print = "NA", ...)
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

print_aliased <- function(aliased) {
  for (part in names(aliased)) {
    out <- names(which(aliased[[part]]))
    if (length(out)) cat(sprintf("Left out of the %s part, collinear: %s\n\n", sub("s$", "", part), quoted(out)))
  }
}

print_record <- function(record) {
  if (!is.null(record$certificate$violation)) return(print_penalised_record(record))
  starts <- record$starts
  certificate <- record$certificate
  reached <- if (starts[["reached"]] > 0) sprintf("%d at this optimum", starts[["reached"]]) else "this optimum by a move from another"
  cat(sprintf("Starts: %d tried, %d finished, %s\n", starts[["tried"]], starts[["finished"]], reached))
  cat(sprintf("Certificate: the objective can rise by %.2g; largest scaled score %.2g; %s\n", certificate$decrement,
    certificate$scaled_score, if (certificate$maximum) "a maximum" else "not a strict maximum"))
  cat(sprintf("Status: %s (%s, %d iterations, %d passes over the data)\n", record$status, record$method,
    record$iterations, record$passes))
  print_warnings(record$warnings)
}
