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
#' @param ... Not used: anything else is an error.
#' @return `log_density()`: \eqn{\log f(y | x, z)}{log f(y|x,z)}, one number a row. `rmoe()`: a data frame of the
#'   response `y`, the covariates (`x1`, `x2`, ... where they have no names) and `expert`, from which the row was
#'   drawn. Draws are reproduced by [set.seed()].
#' @section Errors: `expertmix_error_measure` where covariates or responses do not fit the measure.
#' @examples
#' truth <- mixing_measure(cbind(c(-8, 25), c(0, 0)), cbind(c(15, -20), c(-5, 20)), c(0.3, 0.4))
#' set.seed(1)
#' data <- rmoe(200, truth, function(n) runif(n))
#' head(data)
#' log_density(truth, data$y[1:3], data$x1[1:3])
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
  measure_rows(measure, design, "log_density")
}

#' @rdname log_density
#' @export
rmoe <- function(n, measure, x, z = x, ...) {
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
  drawn <- measure_draw(measure, design)
  covariates <- covariate_frame(x, rownames(measure$experts)[-1])
  if (!identical(x, z)) {
    more <- covariate_frame(z, rownames(measure$gate)[-1])
    covariates <- cbind(covariates, more[setdiff(names(more), names(covariates))])
  }
  taken <- intersect(names(covariates), c("y", "expert"))
  if (length(taken)) {
    abort_moe("measure", sprintf("`x` has a column %s, the name of what is drawn.", quoted(taken)), "Rename it.")
  }
  frame <- data.frame(y = seq_len(n), expert = drawn$expert)
  frame$y <- drawn$y
  cbind(frame["y"], covariates, frame["expert"])
}

#' Simulate responses from a fit
#'
#' @param object A fit by [moe()].
#' @param nsim Number of responses for every row of the fit's data.
#' @param seed `NULL`, or a number for [set.seed()]; R's generator is then left as it was.
#' @param ... Not used: anything else is an error.
#' @return A data frame with columns `sim_1`, `sim_2`, ... like the response of the fit: numbers, factors, or matrices
#'   of counts with the totals of the data. Rows with weights are drawn once each. The attribute `"seed"` is as in
#'   [stats::simulate()].
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' head(simulate(fit, 3, seed = 1))
#' @importFrom stats simulate
#' @export
simulate.moe <- function(object, nsim = 1, seed = NULL, ...) {
  check_call(..., .hints = c(newdata = "Draw at other covariates by `rmoe(n, mixing_measure(fit), x)`."))
  if (!is_whole(nsim) || nsim < 1) abort_moe("rows", "`nsim` must be a whole number, 1 or more.")
  if (!is.null(seed) && !(is_whole(seed) && abs(seed) <= .Machine$integer.max)) {
    abort_moe("seed", "`seed` must be a whole number, or NULL.")
  }
  if (!exists(".Random.seed", globalenv(), inherits = FALSE)) stats::runif(1)
  before <- get(".Random.seed", globalenv())
  if (!is.null(seed)) {
    on.exit(assign(".Random.seed", before, globalenv()))
    set.seed(seed)
  }
  state <- if (is.null(seed)) before else structure(seed, kind = as.list(RNGkind()))
  dense <- dense_part(object, fitted_design(object))
  object <- dense$object
  design <- replace(dense$design, "weights", list(NULL))
  rows <- core_data(replace(design, "z", list(transformed_z(object$gate, design, object$transformed))))
  draws <- lapply(seq_len(nsim), function(i) {
    drawn <- core_draws(rows, object$core, core_coefficients(object$estimates))
    response_of_core(drawn$y, object$classes)
  })
  names(draws) <- paste0("sim_", seq_len(nsim))
  structure(draws, class = "data.frame", row.names = rownames(design$x) %||% seq_len(nrow(design$x)), seed = state)
}

core_draws <- function(data, model, estimates) {
  checked_result(core_draw(data, model, estimates, sample.int(.Machine$integer.max, 1)))
}

# The core's numbers as responses of the kind that was given.
response_of_core <- function(y, classes) {
  if (is.null(classes)) return(y[, 1])
  if (classes$kind == "counts") return(structure(y, dimnames = list(NULL, classes$labels)))
  out <- factor(classes$labels[y[, 1] + 1], levels = classes$labels)
  if (classes$kind == "logical") as.logical(out) else out
}

measure_draw <- function(measure, design) {
  drawn <- core_draws(core_data(design), measure_model(measure), measure_estimates(measure))
  classes <- if (!is.null(measure$classes)) list(labels = measure$classes, kind = "factor")
  list(y = response_of_core(drawn$y, classes), expert = as.integer(drawn$expert))
}

# What the core computes for every row.
measure_rows <- function(measure, design, type) {
  checked_result(core_predict(core_data(design), measure_model(measure), measure_estimates(measure), type))
}

measure_model <- function(measure) {
  list(
    experts = measure_size(measure), family = measure$family$family, common_sigma = FALSE,
    gate = core_gate(measure$gating), classes = as.double(length(measure$classes)), counts = FALSE
  )
}

measure_estimates <- function(measure) {
  core_coefficients(list(
    gate = measure$gate, experts = measure$experts, sigma = measure$sigma, temperature = measure$gating$temperature,
    gate_intercept = 1
  ))
}

# The designs of a measure at covariates: intercepts added, the gate's transform applied; z is NULL where it is x.
measure_design <- function(measure, x, z = x) {
  same <- identical(x, z) && is.null(measure$gating$transform)
  x <- covariate_matrix(x, rownames(measure$experts)[-1], "x")
  out <- list(x = cbind(1, x))
  if (same && identical(rownames(measure$gate), rownames(measure$experts))) return(out)
  z <- covariate_matrix(z, rownames(measure$gate)[-1], "z")
  if (nrow(z) != nrow(x)) abort_moe("measure", sprintf("`z` has %d rows where `x` has %d.", nrow(z), nrow(x)))
  out$z <- cbind(1, z)
  out$z <- transform_design(measure$gating, out$z, measure$transformed %||% (seq_len(ncol(z)) + 1))
  out
}

# Covariates as a matrix with the columns that a measure names, by name or else in order.
covariate_matrix <- function(x, names, argument) {
  refuse_integer64(x, argument, "measure")
  if (is.data.frame(x)) x <- as.matrix(x)
  if (is.numeric(x) && is.null(dim(x))) x <- matrix(x, ncol = 1)
  if (!is.numeric(x) || length(dim(x)) != 2) {
    abort_moe("measure", sprintf("`%s` must be a numeric matrix of covariates.", argument))
  }
  if (nrow(x) == 0) abort_moe("measure", sprintf("`%s` has no rows.", argument))
  if (length(names) == 0) x <- matrix(0, nrow(x), 0)
  if (length(names) && all(names %in% colnames(x))) {
    x <- x[, names, drop = FALSE]
  } else if (ncol(x) != length(names)) {
    abort_moe("measure", sprintf("`%s` has %d columns where the measure has %d covariates.", argument, ncol(x),
      length(names)), "Leave the intercept out.")
  }
  storage.mode(x) <- "double"
  check_finite_matrix(x, argument, class = "measure")
  unname(x)
}

covariate_frame <- function(x, names) {
  if (is.null(dim(x))) x <- matrix(x, ncol = 1)
  if (is.null(colnames(x))) colnames(x) <- if (length(names) == ncol(x)) names else paste0("x", seq_len(ncol(x)))
  as.data.frame(x)
}

# Responses as the core takes them.
measure_response <- function(measure, y, rows) {
  if (!is.null(measure$classes)) y <- class_numbers(y, measure$classes)
  if (!is.numeric(y)) abort_moe("measure", "`y` must be numeric: the measure's experts are Gaussian.")
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
