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
#'     counts.
#' @param na.action What to do with missing values in `newdata`; by default their rows are predicted `NA`.
#' @param ... Not used: anything else is an error.
#' @return A vector (`"response"`, `"density"`), a factor (`"class"`) or a matrix with a column for every expert; for
#'   multinomial experts `"response"` is a matrix with a column for every class, and `"experts"` an array of rows by
#'   classes by experts. One element or row for every row of `newdata`.
#' @section Errors: a missing column, an unknown factor level or values that are not finite are errors of class
#'   `expertmix_error_newdata`.
#' @section Collinear columns: where columns of the fit are combinations of others, their coefficients were left out.
#'   Rows of `newdata` in which they are another combination are predicted with a warning of class
#'   `expertmix_warning_rank`, as by [predict.lm()].
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' new <- data.frame(speed = c(5, 10, NA), dist = c(2, 30, 20))
#' predict(fit, new)
#' predict(fit, new, type = "gate")
#' predict(fit, new, type = "posterior")
#' @export
predict.moe <- function(object, newdata, type = c("response", "class", "experts", "gate", "posterior", "density"),
                        na.action = stats::na.pass, ...) {
  check_call(..., .hints = c(
    data = "Did you mean `newdata`?", se.fit = "Standard errors of predictions are not available.",
    interval = "Prediction intervals are not available."
  ))
  type <- check_choice(type, eval(formals()$type), "type")
  experts <- experts_of(object)
  if (!type %in% experts$types) {
    abort_moe("type", sprintf('`type = "%s"` is not possible for %s experts.', type, experts$label))
  }
  if (missing(newdata) || is.null(newdata)) {
    return(pad_rows(object$na.action, predict_rows(object, fitted_design(object), type)))
  }
  needs_response <- type %in% c("posterior", "density")
  design <- if (is.null(object$terms)) {
    matrix_design(object, newdata, needs_response)
  } else {
    new_design(object, newdata, needs_response, na.action)
  }
  warn_not_estimable(object, design, type)
  predict_rows(object, design, type)
}

#' Fitted values and residuals
#'
#' @param object A fit by [moe()].
#' @param type `"response"`: observed minus fitted; for multinomial experts indicators of the class, or shares of the
#'   counts, minus class probabilities, as in `nnet::multinom()`.
#' @param ... Not used: anything else is an error.
#' @return A vector with an element for every row that was used, for every row of the data under [na.exclude()], in
#'   units of the response; for multinomial experts a matrix with a column for every class. Fitted values are the means
#'   of the mixture, as from [predict.moe()].
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' head(fitted(fit))
#' head(residuals(fit))
#' @export
fitted.moe <- function(object, ...) {
  check_call(...)
  predict(object)
}

#' @rdname fitted.moe
#' @export
residuals.moe <- function(object, type = "response", ...) {
  check_call(...)
  check_choice(type, "response", "type")
  design <- fitted_design(object)
  stats::naresid(object$na.action, observed(object, design$y) - predict_rows(object, design, "response"))
}

fitted_design <- function(object) if (is.null(object$terms)) object$data else model_design(object, object$family)

# Asks the core for the rows of a design that are complete; NA for the others.
predict_rows <- function(object, design, type) {
  dense <- dense_part(object, design)
  object <- dense$object
  design <- dense$design
  complete <- do.call(stats::complete.cases, Filter(Negate(is.null), design[c("x", "z", "y", "offset")]))
  rows <- if (all(complete)) design else design_rows(design, complete)
  check_finite_rows(rows, function(at) which(complete)[at])
  asked <- if (type == "class") "response" else type
  values <- if (any(complete)) transformed_rows(object, rows, asked)
  result <- spread_rows(values, complete, rownames(design$x), row_names(object, asked))
  if (type == "class") most_likely(result, object$classes$labels) else result
}

check_finite_rows <- function(design, label) {
  check_finite_matrix(design$x, "x", label, "newdata")
  if (!is.null(design$z)) check_finite_matrix(design$z, "z", label, "newdata")
  if (!is.null(design$y)) check_finite_vector(rowSums(as.matrix(design$y)), "The response", label, "newdata")
  if (!is.null(design$offset)) check_finite_vector(design$offset, "The offset", label, "newdata")
}

# Names of the columns (and of the layers behind them) of what is predicted for every row; NULL for one number a row.
row_names <- function(object, type) {
  experts <- list(names(object$mass))
  classes <- if (has_classes(object)) list(object$classes$labels)
  switch(type, response = classes, experts = c(classes, experts), gate = experts, posterior = experts)
}

transformed_rows <- function(object, rows, type) {
  rows$z <- transformed_z(object$gate, rows, object$transformed)
  computed_rows(rows, mixture_of_fit(object), object$estimates, type)
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
