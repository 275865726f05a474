#' Tidy a fit
#'
#' @param x A fit by [moe()].
#' @param conf.int,conf.level Add Wald intervals, of that level.
#' @param data Data to add to; by default the model frame.
#' @param ... Not used.
#' @return Data frames. `tidy()`: a row for every free parameter, with `component`, `term`, `estimate`, `std.error`,
#'   `statistic`, `p.value`. `glance()`: one row. `augment()`: the data with `.fitted`, `.resid` (for the model frame) and
#'   `.expert`, the most likely one.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' generics::tidy(fit)
#' generics::glance(fit)
#' @importFrom generics tidy
#' @export
tidy.moe <- function(x, conf.int = FALSE, conf.level = 0.95, ...) { # nolint: object_name_linter.
  table <- summary(x)$coefficients
  names <- rownames(table)
  prefix <- regexpr("^(gate|expert)[0-9]+:", names)
  result <- data.frame(
    component = ifelse(prefix < 0, "all", substr(names, 1, attr(prefix, "match.length") - 1)),
    term = sub("^(gate|expert)[0-9]+:", "", names),
    estimate = table[, 1], std.error = table[, 2], statistic = table[, 3], p.value = table[, 4], row.names = NULL
  )
  if (!conf.int) return(result)
  bounds <- confint(x, level = conf.level)
  cbind(result, conf.low = bounds[, 1], conf.high = bounds[, 2], row.names = NULL)
}

#' @rdname tidy.moe
#' @importFrom generics glance
#' @export
glance.moe <- function(x, ...) {
  data.frame(
    experts = length(sigma(x)), logLik = x$log_likelihood, AIC = stats::AIC(x), BIC = stats::BIC(x),
    df = length(coef(x)), df.residual = df.residual(x), nobs = x$nobs, converged = x$record$converged
  )
}

#' @rdname tidy.moe
#' @importFrom generics augment
#' @export
augment.moe <- function(x, data = NULL, ...) {
  result <- as.data.frame(data %||% model.frame(x))
  new <- !is.null(data)
  result$.fitted <- if (new) predict(x, data) else predict_rows(x, fitted_design(x), "response")
  if (!new) result$.resid <- fitted_design(x)$y - result$.fitted
  if (!new || all(x$columns$response %in% names(data))) {
    posterior <- if (new) predict(x, data, type = "posterior") else predict_rows(x, fitted_design(x), "posterior")
    result$.expert <- most_likely(posterior)
  }
  result
}

# The most likely expert of every row; NA where a row has no probabilities.
most_likely <- function(posterior) {
  complete <- !is.na(posterior[, 1])
  result <- rep(NA_integer_, nrow(posterior))
  result[complete] <- max.col(posterior[complete, , drop = FALSE], "first")
  factor(result, levels = seq_len(ncol(posterior)))
}

#' @export
generics::tidy

#' @export
generics::glance

#' @export
generics::augment
