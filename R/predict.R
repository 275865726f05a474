#' Predict from a mixture of experts
#'
#' @param object A fit by [moe()].
#' @param newdata A data frame with the variables of the formula; by default the data of the fit. For a fit by
#'   [moe_fit()]: a matrix, or a list of `x`, `z`, `y` and `offset`; columns are taken by name where both matrices have
#'   names.
#' @param type What to return, for every row:
#'   * `"response"`: the mean \eqn{\sum_k \pi_k(z) (x' b_k + offset)}{sum_k pi_k(z) (x'b_k + offset)}; for multinomial
#'     experts the \eqn{C} class probabilities \eqn{\sum_k \pi_k(z) p_{kc}(x)}{sum_k pi_k(z) p_kc(x)};
#'   * `"class"`: the most likely class (multinomial experts only);
#'   * `"experts"`: the \eqn{K} means \eqn{x' b_k + offset}{x'b_k + offset}, or the class probabilities of every expert;
#'   * `"gate"`: the \eqn{K} gate probabilities \eqn{\pi_k(z)}{pi_k(z)};
#'   * `"posterior"`: the \eqn{K} probabilities of the experts given the response too,
#'     \eqn{\pi_k(z) f_k(y | x) / f(y | x, z)}{pi_k(z) f_k(y|x) / f(y|x,z)};
#'   * `"density"`: \eqn{f(y | x, z)}{f(y|x,z)}, per unit of the response; the probability of the class or the row of
#'     counts;
#'   * `"cdf"`: the distribution function \eqn{F(y | x, z)}{F(y|x,z)} of the mixture at the response (not of classes,
#'     which have no order);
#'   * `"quantile"`: the smallest \eqn{y} with \eqn{F(y | x, z) \ge p}{F(y|x,z) >= p} for each of `probs`, found to
#'     rounding.
#' @param na.action What to do with missing values in `newdata`; by default their rows are predicted `NA`.
#' @param probs Probabilities of `type = "quantile"`, between 0 and 1.
#' @param interval `"prediction"`: with `type = "response"`, the interval between the two quantiles of the mixture that
#'   leave out `(1 - level) / 2` on either side. The coefficients are taken as they are (plug-in): with \eqn{n} rows the
#'   coverage misses `level` by an order of \eqn{1 / n}, while a wrong model can miss it by any amount; see
#'   `type = "quantile"` of [residuals.moe()] for a check. Where the mixture has several modes the interval holds what
#'   is between them. Of counts, whose probability lies on points, it holds at least `level`.
#' @param level Probability of the interval, between 0 and 1.
#' @param ... Not used: anything else is an error.
#' @return A vector (`"response"`, `"density"`), a factor (`"class"`) or a matrix with a column for every expert; for
#'   multinomial experts `"response"` is a matrix with a column for every class, and `"experts"` an array of rows by
#'   classes by experts. Quantiles are a matrix with a column for every probability, named as by [stats::quantile()]; an
#'   interval is a matrix with columns `fit` (the mean), `lwr` and `upr`, as by [predict.lm()]. One element or row for
#'   every row of `newdata`.
#' @section Errors: a missing column, an unknown factor level or values that are not finite are errors of class
#'   `expertmix_error_newdata`; probabilities that are not between 0 and 1 of class `expertmix_error_probs` or
#'   `expertmix_error_level`.
#' @section Collinear columns: where columns of the fit are combinations of others, their coefficients were left out.
#'   Rows of `newdata` in which they are another combination are predicted with a warning of class
#'   `expertmix_warning_rank`, as by [predict.lm()].
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' new <- data.frame(speed = c(5, 10, NA), dist = c(2, 30, 20))
#' predict(fit, new)
#' predict(fit, new, type = "gate")
#' predict(fit, new, type = "posterior")
#' predict(fit, new, interval = "prediction", level = 0.9)
#' predict(fit, new, type = "quantile", probs = c(0.25, 0.75))
#' @export
predict.moe <- function(object, newdata,
                        type = c("response", "class", "experts", "gate", "posterior", "density", "cdf", "quantile"),
                        na.action = stats::na.pass, probs = c(0.025, 0.5, 0.975), interval = c("none", "prediction"),
                        level = 0.95, ...) {
  check_call(..., .hints = c(
    data = "Did you mean `newdata`?", se.fit = "Standard errors of predictions are not available.",
    quantiles = "Did you mean `probs`?"
  ))
  type <- check_choice(type, eval(formals()$type), "type")
  interval <- check_choice(interval, c("none", "prediction"), "interval")
  if (!missing(probs) && type != "quantile") abort_moe("probs", '`probs` goes with `type = "quantile"`.')
  if (!missing(level) && interval == "none") abort_moe("level", '`level` goes with `interval = "prediction"`.')
  asked <- check_prediction(object, type, probs, interval, level)
  if (missing(newdata) || is.null(newdata)) {
    return(pad_rows(object$na.action, predicted(object, fitted_design(object), asked)))
  }
  design <- given_design(object, newdata, type %in% c("posterior", "density", "cdf"), na.action)
  warn_not_estimable(object, design, type)
  predicted(object, design, asked)
}

# The designs of new data, of a fit by a formula or to matrices.
given_design <- function(object, newdata, needs_response, na.action = stats::na.pass) {
  if (is.null(object$terms)) return(matrix_design(object, newdata, needs_response))
  new_design(object, newdata, needs_response, na.action)
}

# What is to be predicted: a type, with its probabilities, or an interval between two quantiles.
check_prediction <- function(object, type, probs, interval, level) {
  experts <- experts_of(object)
  if (!type %in% experts$types) {
    abort_moe("type", sprintf('`type = "%s"` is not possible for %s experts.', type, experts$label))
  }
  if (interval == "none") {
    if (type == "quantile") check_probabilities(probs)
    return(list(type = type, probabilities = if (type == "quantile") probs, interval = FALSE))
  }
  if (type != "response" || !"quantile" %in% experts$types) {
    abort_moe("interval", "An interval is one of the response of experts whose responses are numbers.",
      if (type != "response") 'Use `type = "response"`.')
  }
  check_level(level)
  list(type = type, probabilities = 0.5 + c(-0.5, 0.5) * level, interval = TRUE)
}

check_probabilities <- function(probs) {
  if (!is.numeric(probs) || length(probs) == 0 || anyNA(probs) || any(probs <= 0 | probs >= 1)) {
    abort_moe("probs", "`probs` must be between 0 and 1.")
  }
}

predicted <- function(object, design, asked) {
  if (!asked$interval) return(predict_rows(object, design, asked$type, asked$probabilities))
  ends <- predict_rows(object, design, "quantile", asked$probabilities)
  colnames(ends) <- c("lwr", "upr")
  cbind(fit = predict_rows(object, design, "response"), ends)
}

fitted_design <- function(object) if (is.null(object$terms)) object$data else model_design(object, object$family)

# Asks the core for the rows of a design that are complete; NA for the others.
predict_rows <- function(object, design, type, probabilities = double()) {
  dense <- dense_part(object, design)
  object <- dense$object
  asked <- if (type == "class") "response" else type
  result <- for_complete_rows(dense$design, row_names(object, asked, probabilities), function(rows) {
    rows$z <- transformed_z(object$gate, rows, object$transformed)
    computed_rows(rows, mixture_of_fit(object), object$estimates, asked, probabilities)
  })
  if (type == "class") most_likely(result, object$classes$labels) else result
}

# What `compute` gives of the rows that are complete, with `names` of its columns; NA for the others.
for_complete_rows <- function(design, names, compute) {
  complete <- do.call(stats::complete.cases, Filter(Negate(is.null), design[c("x", "z", "y", "offset")]))
  rows <- if (all(complete)) design else design_rows(design, complete)
  check_finite_rows(rows, function(at) which(complete)[at])
  values <- if (any(complete)) compute(rows)
  spread_rows(values, complete, rownames(design$x), names)
}

check_finite_rows <- function(design, label) {
  check_finite_matrix(design$x, "x", label, "newdata")
  if (!is.null(design$z)) check_finite_matrix(design$z, "z", label, "newdata")
  if (!is.null(design$y)) check_finite_vector(rowSums(as.matrix(design$y)), "The response", label, "newdata")
  if (!is.null(design$offset)) check_finite_vector(design$offset, "The offset", label, "newdata")
}

# Names of the columns (and of the layers behind them) of what is predicted for every row; NULL for one number a row.
row_names <- function(object, type, probabilities) {
  experts <- list(names(object$mass))
  classes <- if (has_classes(object)) list(object$classes$labels)
  switch(type, response = classes, experts = c(classes, experts), gate = experts, posterior = experts,
    quantile = list(paste0(formatC(100 * probabilities, format = "fg", width = 1, digits = 7), "%"))
  )
}

design_rows <- function(design, keep) {
  design$x <- design$x[keep, , drop = FALSE]
  if (!is.null(design$z)) design$z <- design$z[keep, , drop = FALSE]
  design$y <- if (is.matrix(design$y)) design$y[keep, , drop = FALSE] else design$y[keep]
  design$offset <- design$offset[keep]
  design
}

spread_rows <- function(values, complete, rows, names) {
  if (is.null(names)) {
    result <- rep(NA_real_, length(complete))
    result[complete] <- as.vector(values)
    return(stats::setNames(result, rows))
  }
  result <- matrix(NA_real_, length(complete), prod(lengths(names)))
  if (any(complete)) result[complete, ] <- values
  array(result, c(length(complete), lengths(names)), c(list(rows), names))
}

# Predictions for every row of the data under na.exclude(), arrays too.
pad_rows <- function(action, values) {
  if (length(dim(values)) != 3) return(stats::napredict(action, values))
  flat <- matrix(values, nrow(values), dimnames = list(rownames(values), NULL))
  flat <- stats::napredict(action, flat)
  array(flat, c(nrow(flat), dim(values)[-1]), c(list(rownames(flat)), dimnames(values)[-1]))
}
