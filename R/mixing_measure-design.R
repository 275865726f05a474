# A measure as a mixture with estimates, and designs of covariates for it.

measure_draw <- function(measure, design) {
  classes <- if (!is.null(measure$classes)) list(labels = measure$classes, kind = "factor")
  computed_draw(design, measure_mixture(measure), measure_estimates(measure), classes)
}

# Responses of which each is replaced, with probability `outliers$eps`, by one of other draws.
contaminated <- function(measure, y, outliers) {
  if (is.null(outliers)) return(list(y = y, outlying = logical(length(y))))
  outlying <- stats::runif(length(y)) < outliers$eps
  other <- rethrow(outliers$draw(length(y)), "outliers", "The function `outliers` failed.")
  other <- tryCatch(drawn_response(measure, other, length(y)), expertmix_error = function(error) {
    abort_moe("outliers", c("What the function `outliers` returns is no response.", x = conditionMessage(error)))
  })
  if (has_classes(measure)) other <- factor(measure$classes[other + 1], measure$classes)
  y[outlying] <- other[outlying]
  list(y = y, outlying = outlying)
}

# Responses that the measure's experts could have.
drawn_response <- function(measure, y, rows) {
  y <- measure_response(measure, y, rows)
  if (has_classes(measure)) y else experts_of(measure)$read(y, "y", identity)
}

# How often responses are replaced, and by what; NULL for never.
check_outliers <- function(eps, outliers) {
  if (!is_number(eps) || eps < 0 || eps >= 1) {
    abort_moe("outliers", "`eps` must be a probability: a number from 0 to below 1.")
  }
  if (is.null(outliers) && eps == 0) return(NULL)
  if (!is.function(outliers)) {
    abort_moe("outliers", "`outliers` must be a function of n that returns n responses.",
      "For example `function(n) runif(n, -10, 10)`.")
  }
  if (eps == 0) abort_moe("outliers", "`outliers` are never drawn: `eps` is 0.", "Give `eps`, such as 0.03.")
  list(eps = eps, draw = outliers)
}

measure_mixture <- function(measure) {
  new_mixture(measure_size(measure), measure$family, measure$gating, classes = length(measure$classes))
}

measure_estimates <- function(measure) {
  list(
    gate = measure$gate, experts = measure$experts, sigma = measure$sigma, scalars = measure$scalars,
    temperature = measure$gating$temperature, gate_intercept = 1,
    origin = if (!is.null(measure$gating$origin)) c(0, measure$gating$origin)
  )
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
