#' Tidy a fit
#'
#' @param x A fit by [moe()].
#' @param conf.int,conf.level Add Wald intervals, of that level.
#' @param data Data to add to; by default the model frame.
#' @param ... Not used.
#' @return Data frames. `tidy()`: a row for every free parameter, with `component`, (for multinomial experts) `y.level`, `term`, `estimate`, `std.error`,
#'   `statistic`, `p.value`. `glance()`: one row. `augment()`: the data with `.fitted`, `.resid` (for the model frame) and
#'   `.expert`, the most likely one; for multinomial experts `.fitted` is the most likely class, `.probability` that of this
#'   class, and there is no `.resid`.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' generics::tidy(fit)
#' generics::glance(fit)
#' @importFrom generics tidy
#' @export
tidy.moe <- function(x, conf.int = FALSE, conf.level = 0.95, ...) { # nolint: object_name_linter.
  table <- summary(x)$coefficients
  parameters <- x$parameters
  component <- parameter_components(parameters)
  result <- data.frame(
    component = replace(component, is.na(component), "all"), y.level = parameters$class,
    term = unname(parameter_labels(parameters)), estimate = table[, 1], std.error = table[, 2],
    statistic = table[, 3], p.value = table[, 4], row.names = NULL
  )
  if (!is_multinomial(x)) result$y.level <- NULL
  if (!conf.int) return(result)
  bounds <- confint(x, level = conf.level)
  cbind(result, conf.low = bounds[, 1], conf.high = bounds[, 2], row.names = NULL)
}

#' @rdname tidy.moe
#' @importFrom generics glance
#' @export
glance.moe <- function(x, ...) {
  data.frame(
    experts = length(x$mass), logLik = x$log_likelihood, AIC = stats::AIC(x), BIC = stats::BIC(x),
    df = x$df, df.residual = df.residual(x), nobs = x$nobs, converged = x$record$converged
  )
}

#' @rdname tidy.moe
#' @importFrom generics augment
#' @export
augment.moe <- function(x, data = NULL, ...) {
  result <- as.data.frame(data %||% model.frame(x))
  new <- !is.null(data)
  fitted <- if (new) predict(x, data) else predict_rows(x, fitted_design(x), "response")
  if (is_multinomial(x)) {
    result$.fitted <- most_likely(fitted, x$classes$labels)
    result$.probability <- apply(fitted, 1, max)
  } else {
    result$.fitted <- fitted
    if (!new) result$.resid <- fitted_design(x)$y - fitted
  }
  if (!new || all(x$columns$response %in% names(data))) {
    posterior <- if (new) predict(x, data, type = "posterior") else predict_rows(x, fitted_design(x), "posterior")
    result$.expert <- most_likely(posterior)
  }
  result
}

# The most likely expert (or class) of every row; NA where a row has no probabilities.
most_likely <- function(probabilities, labels = seq_len(ncol(probabilities))) {
  complete <- !is.na(probabilities[, 1])
  result <- rep(NA_integer_, nrow(probabilities))
  result[complete] <- max.col(probabilities[complete, , drop = FALSE], "first")
  factor(labels[result], levels = labels)
}

#' @export
generics::tidy

#' @export
generics::glance

#' @export
generics::augment
