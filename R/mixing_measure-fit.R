# Between fits and measures: designs of a fit may lack an intercept, or have it elsewhere than first.

# The measure of a fit: rows of zeros where a design has no intercept.
measure_of_fit <- function(fit) {
  if (has_offset(fit)) {
    abort_moe("measure", "A measure has no offset: this fit has one.", "Subtract it from the response before the fit.")
  }
  estimates <- fit$estimates
  gating <- fit$gate
  gating$temperature <- estimates$temperature
  gating["origin"] <- list(fitted_origin(estimates))
  rows <- intercept_first(nrow(estimates$gate), estimates$gate_intercept)
  transformed <- if (length(fit$transformed)) match(fit$transformed, rows)
  experts <- intercept_first(nrow(estimates$experts), estimates$expert_intercept)
  new_measure(
    pick_rows(estimates$gate, rows), pick_rows(estimates$experts, experts), unname(estimates$sigma), gating, fit$family,
    transformed, estimates$scalars
  )
}

has_offset <- function(fit) {
  if (is.null(fit$terms)) !is.null(fit$data$offset) else !is.null(stats::model.offset(fit$model))
}

# The first column of ones of a design; 0 where there is none.
ones_column <- function(x) {
  if (nrow(x) == 0) return(0L)
  likely <- which(if (is.matrix(x)) x[1, ] == 1 else diff(x@p) == nrow(x))
  Find(function(j) isTRUE(all(x[, j] == 1)), likely) %||% 0L
}

# The numbers of a design's columns with the intercept first; 0 where there is none.
intercept_first <- function(columns, intercept) {
  if (intercept > columns) intercept <- 0
  c(intercept, setdiff(seq_len(columns), intercept))
}

# Rows of coefficients by number; 0 gives a row of zeros.
pick_rows <- function(coefficients, rows) {
  flat <- matrix(coefficients, nrow(coefficients))
  out <- matrix(0, length(rows), ncol(flat))
  out[rows > 0, ] <- flat[rows, ]
  names <- rep("(Intercept)", length(rows))
  names[rows > 0] <- rownames(coefficients)[rows]
  dim(out) <- c(length(rows), dim(coefficients)[-1])
  dimnames(out) <- c(list(names), dimnames(coefficients)[-1])
  out
}

# Experts of coefficients by number.
pick_experts <- function(coefficients, experts) {
  if (length(dim(coefficients)) == 3) return(coefficients[, , experts, drop = FALSE])
  coefficients[, experts, drop = FALSE]
}

# A measure as a start for the coefficients of a design under a gate, whose unit of scores may be another.
start_from_measure <- function(measure, mixture, design) {
  check_same_size(measure_size(measure), mixture$experts)
  check_same_scalars(measure, mixture)
  if (length(measure$classes) != length(design$classes$labels)) {
    abort_moe("start", "`start` has another number of classes than the response.")
  }
  z <- design$z %||% design$x
  gate <- mixture$gate
  if (gate$homogeneous) measure <- at_temperature(measure, gate$temperature %||% 1)
  estimates <- list(
    gate = start_rows(measure$gate, z, "gate"), experts = start_rows(measure$experts, design$x, "expert"),
    sigma = measure$sigma, temperature = measure$gating$temperature, gate_intercept = max(1, ones_column(z)),
    scalars = measure$scalars
  )
  if (acts_alone(gate, mixture$experts) || !is.null(measure$gating$origin)) {
    estimates$origin <- origin_of_measure(measure, z)
  }
  if (mixture$common_sigma && length(measure$sigma)) estimates$sigma <- sqrt(mean(measure$sigma^2))
  counted_from(estimates, gate, z)
}

# The same measure of a homogeneous activation at another temperature.
at_temperature <- function(measure, temperature) {
  measure$gate <- measure$gate * (temperature / measure$gating$temperature)
  measure$gating$temperature <- temperature
  measure
}

start_rows <- function(coefficients, design, part) {
  intercept <- ones_column(design)
  names <- colnames(design)[setdiff(seq_len(ncol(design)), intercept)]
  own <- rownames(coefficients)[-1]
  if (length(own) != length(names)) {
    abort_moe("start", sprintf("`start` has %d %s slopes where the design has %d.", length(own), part, length(names)))
  }
  if (intercept == 0 && any(pick_rows(coefficients, 1) != 0)) {
    abort_moe("start", sprintf("`start` has %s intercepts where the design has none.", part))
  }
  rows <- integer(ncol(design))
  rows[intercept] <- 1
  rows[setdiff(seq_len(ncol(design)), intercept)] <- 1 + if (setequal(own, names)) match(names, own) else seq_along(own)
  pick_rows(coefficients, rows)
}
