#' Tidy a fit
#'
#' @param x A fit by [moe()].
#' @param conf.int,conf.level Add Wald intervals, of that level.
#' @param type,cluster Which standard errors, see [vcov.moe()].
#' @param data Data to add to; by default the rows of the fit: the model frame, or, for a fit by [moe_fit()], the
#'   response and the columns of its designs (the response alone where they are sparse).
#' @param newdata New data to add to, as in [predict.moe()]; takes the place of `data`.
#' @param ... Not used: anything else is an error.
#' @return Data frames, tibbles where package 'tibble' is installed.
#'
#'   `tidy()`: a row for every free parameter, which `part` (`"gate"`, `"experts"`, `"sigma"`, `"temperature"`, or
#'   another scalar of the family, as `"theta"`),
#'   `expert` (its number; `NA` for what all share), `y.level` (for multinomial experts, the class) and `term` tell from
#'   all others; `estimate`, `std.error`, `statistic`, `p.value`. Standard deviations, other scalars and the temperature
#'   are on the scale of their logarithms.
#'
#'   `glance()`: one row; where `spikes`, the number of experts that follow a few rows, is not zero, its log-likelihood,
#'   AIC and BIC say nothing.
#'
#'   `augment()`: the data (with `.rownames`, where rows have names) with `.fitted` and, where they hold the response,
#'   `.resid` and `.expert`, the most likely one; for multinomial experts `.fitted` is the most likely class,
#'   `.probability` that of this class, and there is no `.resid`.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' generics::tidy(fit)
#' generics::glance(fit)
#' @importFrom generics tidy
#' @export
tidy.moe <- function(x, conf.int = FALSE, conf.level = 0.95, type = c("observed", "sandwich", "opg"), cluster = NULL,
                     ...) {
  check_call(..., .hints = c(exponentiate = "Take exp() of `estimate`."))
  check_flag(conf.int, "conf.int")
  table <- summary(x, type = type, cluster = cluster)$coefficients
  result <- data.frame(
    terms_of_parameters(x$parameters), estimate = table[, 1], std.error = table[, 2], statistic = table[, 3],
    p.value = table[, 4], row.names = NULL
  )
  if (!conf.int) return(as_table(result))
  check_level(conf.level)
  bounds <- wald_interval(table[, 1], table[, 2], conf.level)
  as_table(cbind(result, conf.low = bounds[, 1], conf.high = bounds[, 2], row.names = NULL))
}

# The columns that say which parameter a row is of; the class where some parameter has one.
terms_of_parameters <- function(parameters) {
  terms <- data.frame(
    part = tidy_parts(parameters), expert = parameters$expert, y.level = parameters$class,
    term = unname(parameter_labels(parameters))
  )
  if (all(is.na(terms$y.level))) terms$y.level <- NULL
  terms
}

# "gate" or "experts" for coefficients; scalars have parts of their own, where no covariate's name can be theirs.
tidy_parts <- function(parameters) {
  ifelse(parameters$kind == "coefficient", parameters$part, scalar_of(parameters))
}

# A data frame as tidy verbs give it: a tibble, where package tibble is installed.
as_table <- function(frame) if (requireNamespace("tibble", quietly = TRUE)) tibble::as_tibble(frame) else frame

#' @rdname tidy.moe
#' @importFrom generics glance
#' @export
glance.moe <- function(x, ...) {
  check_call(...)
  as_table(data.frame(
    experts = length(x$mass), logLik = x$log_likelihood, AIC = stats::AIC(x), BIC = stats::BIC(x),
    df = x$df, df.residual = df.residual(x), nobs = x$nobs, converged = x$record$converged,
    spikes = length(x$record$spikes)
  ))
}

#' @rdname tidy.moe
#' @importFrom generics augment
#' @export
augment.moe <- function(x, data = NULL, newdata = NULL, ...) {
  check_call(...)
  given <- newdata %||% data
  result <- if (is.null(given)) fitted_frame(x) else given_frame(x, given)
  predicted <- function(type) {
    if (is.null(given)) predict_rows(x, fitted_design(x), type) else predict(x, given, type = type)
  }
  fitted <- unname(predicted("response"))
  if (has_classes(x)) {
    result$.fitted <- most_likely(fitted, x$classes$labels)
    result$.probability <- apply(fitted, 1, max)
  } else {
    result$.fitted <- fitted
  }
  y <- known_response(x, given)
  if (!is.null(y)) {
    if (!has_classes(x)) result$.resid <- observed(x, y) - fitted
    result$.expert <- most_likely(predicted("posterior"))
  }
  as_table(with_row_names(result))
}

# The names of rows, where they have some, as a column in front.
with_row_names <- function(frame) {
  named <- is.character(attr(frame, "row.names")) && nrow(frame) > 0
  if (named) cbind(.rownames = row.names(frame), frame, row.names = NULL) else frame
}

# The rows of a fit as a data frame: the model frame; of a fit to matrices the response and the columns of the designs,
# of sparse ones the response alone.
fitted_frame <- function(object) {
  if (!is.null(object$terms)) return(structure(as.data.frame(model.frame(object)), terms = NULL))
  data <- kept_data(object)
  response <- response_of_core(as.matrix(data$y), response_form(object))
  result <- data.frame(y = seq_len(NROW(data$y)))
  result$y <- response
  if (is_sparse(data$x)) return(result)
  cbind(result, covariate_columns_of(list(x = data$x, z = data$z)))
}

given_frame <- function(object, newdata) {
  if (is.data.frame(newdata)) return(newdata)
  if (!is.null(object$terms)) return(as.data.frame(newdata))
  parts <- if (is.list(newdata)) newdata else list(x = newdata)
  result <- covariate_columns_of(parts)
  if (!is.null(parts[["y"]])) result$y <- parts[["y"]]
  result
}

# The columns of both designs, those of the gate that the experts have too only once.
covariate_columns_of <- function(parts) {
  x <- as.data.frame(as.matrix(parts[["x"]]))
  if (is.null(parts[["z"]])) return(x)
  z <- as.data.frame(as.matrix(parts[["z"]]))
  cbind(x, z[setdiff(names(z), names(x))])
}

# The response of the rows of a fit or of new data, as the core takes it; NULL where it is not there.
known_response <- function(object, newdata) {
  if (is.null(newdata)) return(fitted_design(object)$y)
  if (is.null(object$terms)) {
    y <- if (is.list(newdata)) newdata[["y"]]
    return(if (!is.null(y)) experts_of(object)$read_new(object, y))
  }
  if (!all(object$columns$response %in% names(newdata))) return(NULL)
  new_design(object, newdata, TRUE, stats::na.pass)$y
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
