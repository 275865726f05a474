#' Log-density of and draws from a mixture of experts
#'
#' Both are computed by the C++ library, from the same formulas as the likelihood of a fit.
#'
#' @param measure A [mixing_measure()], a fit by [moe()] or a [theory_design()].
#' @param y Responses: numbers; for multinomial experts a factor, class labels, or class numbers from 1.
#' @param x Covariates without intercept: a matrix with a row for every response, or a vector where there is one
#'   covariate. For `rmoe()` also a function of `n` that returns one. Columns are taken by name where they have the
#'   measure's names, else by their order.
#' @param z Covariates of the gate, where they are not `x`.
#' @param n Number of rows to draw.
#' @param eps,outliers Each response is replaced, with probability `eps`, by one that `outliers`, a function of `n` that
#'   returns as many responses, draws: eps-contamination. Its `expert` is then `NA`. Without it the same seed draws the
#'   same responses in the other rows.
#' @param ... Not used: anything else is an error.
#' @return `log_density()`: \eqn{\log f(y | x, z)}{log f(y|x,z)}, one number a row. `rmoe()`: a data frame of the
#'   response `y`, the covariates (`x1`, `x2`, ... where they have no names) and `expert`, from which the row was
#'   drawn. Draws are reproduced by [set.seed()].
#' @section Errors: `expertmix_error_measure` where covariates or responses do not fit the measure;
#'   `expertmix_error_outliers` for `eps` and `outliers` that are none.
#' @examples
#' truth <- mixing_measure(cbind(c(-8, 25), c(0, 0)), cbind(c(15, -20), c(-5, 20)), c(0.3, 0.4))
#' set.seed(1)
#' data <- rmoe(200, truth, function(n) runif(n))
#' head(data)
#' log_density(truth, data$y[1:3], data$x1[1:3])
#' wide <- function(n) runif(n, -30, 30)
#' table(rmoe(200, truth, runif, eps = 0.03, outliers = wide)$expert, useNA = "always")
#'
#' fit <- moe(y ~ x1, data, start = truth)
#' voronoi_loss(fit, truth)
#' @export
log_density <- function(measure, y, x, z = x, ...) {
  check_call(..., .what = "measure")
  check_required("measure", "y", "x")
  measure <- check_measure(measure)
  design <- measure_design(measure, x, z)
  design$y <- measure_response(measure, y, nrow(design$x))
  computed_rows(design, measure_mixture(measure), measure_estimates(measure), "log_density")
}

#' @rdname log_density
#' @export
rmoe <- function(n, measure, x, z = x, eps = 0, outliers = NULL, ...) {
  check_call(..., .what = "measure")
  check_required("n", "measure")
  measure <- check_measure(measure)
  if (!is_whole(n) || n < 1) abort_moe("rows", "`n` must be a whole number, 1 or more.")
  if (missing(x)) abort_moe("measure", "`x`, the covariates, is missing.", "Give a matrix or a function of n.")
  if (is.function(x)) x <- rethrow(x(n), "measure", "The function `x` failed.")
  if (is.function(z)) z <- rethrow(z(n), "measure", "The function `z` failed.")
  design <- measure_design(measure, x, z)
  if (nrow(design$x) != n) {
    abort_moe("measure", sprintf("`x` has %d rows where `n` is %d.", nrow(design$x), as.integer(n)))
  }
  outliers <- check_outliers(eps, outliers)
  drawn <- measure_draw(measure, design)
  replaced <- contaminated(measure, drawn$y, outliers)
  covariates <- covariate_frame(x, rownames(measure$experts)[-1])
  if (!identical(x, z)) {
    more <- covariate_frame(z, rownames(measure$gate)[-1])
    covariates <- cbind(covariates, more[setdiff(names(more), names(covariates))])
  }
  taken <- intersect(names(covariates), c("y", "expert"))
  if (length(taken)) {
    abort_moe("measure", sprintf("`x` has a column %s, the name of what is drawn.", quoted(taken)), "Rename it.")
  }
  frame <- data.frame(y = seq_len(n), expert = replace(drawn$expert, replaced$outlying, NA))
  frame$y <- replaced$y
  cbind(frame["y"], covariates, frame["expert"])
}

covariate_frame <- function(x, names) {
  if (is.null(dim(x))) x <- matrix(x, ncol = 1)
  if (is.null(colnames(x))) colnames(x) <- if (length(names) == ncol(x)) names else paste0("x", seq_len(ncol(x)))
  as.data.frame(x)
}

# Responses as the core takes them.
measure_response <- function(measure, y, rows) {
  if (has_classes(measure)) y <- class_numbers(y, measure$classes)
  if (!is.numeric(y)) {
    abort_moe("measure", sprintf("`y` must be numeric: the measure's experts are %s.", experts_of(measure)$label))
  }
  if (length(y) != rows) abort_moe("measure", sprintf("`y` has %d values where `x` has %d rows.", length(y), rows))
  check_finite_vector(as.double(y), "`y`", identity, "measure")
  as.double(y)
}

class_numbers <- function(y, classes) {
  found <- if (is.numeric(y)) match(y, seq_along(classes)) else match(as.character(y), classes)
  bad <- which(is.na(found))
  if (length(bad)) {
    abort_moe("measure", sprintf("`y` is none of the classes %s in row %s.", quoted(classes), listed(bad)))
  }
  found - 1
}
