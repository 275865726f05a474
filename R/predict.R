#' Predict from a mixture of experts
#'
#' @param object A fit by [moe()].
#' @param newdata A data frame with the variables of the formula; by default the data of the fit. For a fit by [moe_fit()]:
#'   a matrix, or a list of `x`, `z`, `y` and `offset`.
#' @param type What to return, for every row:
#'   * `"response"`: the mean \eqn{\sum_k \pi_k(z) (x' b_k + offset)}{sum_k pi_k(z) (x'b_k + offset)};
#'   * `"experts"`: the \eqn{K} means \eqn{x' b_k + offset}{x'b_k + offset};
#'   * `"gate"`: the \eqn{K} gate probabilities \eqn{\pi_k(z)}{pi_k(z)};
#'   * `"posterior"`: the \eqn{K} probabilities of the experts given the response too,
#'     \eqn{\pi_k(z) f_k(y | x) / f(y | x, z)}{pi_k(z) f_k(y|x) / f(y|x,z)};
#'   * `"density"`: \eqn{f(y | x, z)}{f(y|x,z)}, per unit of the response.
#' @param na.action What to do with missing values in `newdata`; by default their rows are predicted `NA`.
#' @param ... Not used.
#' @return A vector (`"response"`, `"density"`) or a matrix with a column for every expert. One element or row for every row of
#'   `newdata`.
#' @section Errors: a missing column, an unknown factor level or values that are not finite are errors of class
#'   `expertmix_error_newdata`.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' new <- data.frame(speed = c(5, 10, NA), dist = c(2, 30, 20))
#' predict(fit, new)
#' predict(fit, new, type = "gate")
#' predict(fit, new, type = "posterior")
#' @export
predict.moe <- function(object, newdata, type = c("response", "experts", "gate", "posterior", "density"),
                        na.action = stats::na.pass, ...) {
  type <- check_choice(type, c("response", "experts", "gate", "posterior", "density"), "type")
  if (missing(newdata) || is.null(newdata)) {
    return(stats::napredict(object$na.action, predict_rows(object, fitted_design(object), type)))
  }
  needs_response <- type %in% c("posterior", "density")
  design <- if (is.null(object$terms)) {
    matrix_design(object, newdata, needs_response)
  } else {
    new_design(object, newdata, needs_response, na.action)
  }
  predict_rows(object, design, type)
}

#' Fitted values and residuals
#'
#' @param object A fit by [moe()].
#' @param type `"response"`: observed minus fitted.
#' @param ... Not used.
#' @return A vector with an element for every row that was used, for every row of the data under [na.exclude()], in units of
#'   the response. Fitted values are the means of the mixture, as from [predict.moe()].
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' head(fitted(fit))
#' head(residuals(fit))
#' @export
fitted.moe <- function(object, ...) predict(object)

#' @rdname fitted.moe
#' @export
residuals.moe <- function(object, type = "response", ...) {
  check_choice(type, "response", "type")
  design <- fitted_design(object)
  stats::naresid(object$na.action, design$y - predict_rows(object, design, "response"))
}

fitted_design <- function(object) if (is.null(object$terms)) object$data else model_design(object)

# Asks the core for the rows of a design that are complete; NA for the others.
predict_rows <- function(object, design, type) {
  complete <- do.call(stats::complete.cases, Filter(Negate(is.null), design[c("x", "z", "y", "offset")]))
  rows <- if (all(complete)) design else design_rows(design, complete)
  check_finite_matrix(rows$x, "x", class = "newdata")
  if (!is.null(rows$z)) check_finite_matrix(rows$z, "z", class = "newdata")
  values <- if (any(complete)) core_rows(object, rows, type)
  spread_rows(values, complete, rownames(design$x), if (type %in% matrix_types) names(object$mass))
}

matrix_types <- c("experts", "gate", "posterior")

core_rows <- function(object, rows, type) {
  rows$weights <- NULL
  rows$z <- transformed_z(object$gate, rows, object$transformed)
  checked_result(core_predict(core_data(rows), object$core, object$estimates, type))
}

design_rows <- function(design, keep) {
  design$x <- design$x[keep, , drop = FALSE]
  if (!is.null(design$z)) design$z <- design$z[keep, , drop = FALSE]
  design$y <- design$y[keep]
  design$offset <- design$offset[keep]
  design
}

spread_rows <- function(values, complete, rows, experts) {
  if (is.null(experts)) {
    result <- rep(NA_real_, length(complete))
    result[complete] <- as.vector(values)
    return(stats::setNames(result, rows))
  }
  result <- matrix(NA_real_, length(complete), length(experts), dimnames = list(rows, experts))
  if (any(complete)) result[complete, ] <- values
  result
}
