# The rows of a start matrix that the model frame kept, where it has a row for every row of the data.
select_rows <- function(start, total, rows) {
  if (!is.matrix(start) || nrow(start) == length(rows)) return(start)
  if (nrow(start) != total) {
    abort_moe("start", sprintf("`start` has %d rows; the data have %d and the model frame %d.", nrow(start), total,
      length(rows)))
  }
  start[rows, , drop = FALSE]
}

# Where a search starts: nowhere, at estimates or at responsibilities.
check_start <- function(start, mixture, design) {
  check_version(start)
  if (is.null(start)) return(list())
  if (inherits(start, "kept_fit")) return(start_of_update(start, mixture, design))
  if (inherits(start, "moe")) return(start_from_fit(start, mixture, design))
  if (inherits(start, "mixing_measure")) return(start_from_measure(start, mixture, design))
  if (is.matrix(start)) return(list(responsibilities = check_responsibilities(start, mixture$experts, NROW(design$y))))
  abort_moe("start", "`start` must be a fit by `moe()`, a mixing measure or a matrix of responsibilities.")
}

# The likelihood cannot be climbed from where it is zero: tells the rows at fault.
check_start_likelihood <- function(checked, label) {
  if (is.null(checked$start$experts)) return(invisible())
  if (max(abs(checked$start$experts), abs(checked$start$gate)) > largest_size) {
    abort_moe("start", sprintf("`start` has coefficients beyond %s.", format(largest_size)), "Give another start.")
  }
  if (is_sparse(checked$design$x)) return(invisible())
  density <- computed_rows(checked$design, checked$mixture, checked$start, "log_density")
  weights <- checked$design$weights %||% rep(1, length(density))
  if (is.finite(sum(density[weights > 0]))) return(invisible())
  bad <- which(!is.finite(density) & weights > 0)
  where <- if (length(bad)) paste(" in row", listed(label(bad))) else ""
  abort_moe("start", sprintf("The log-likelihood at `start` is not finite%s.", where),
    "Its experts are too far from these data for their standard deviations: make these larger, or give another start.")
}

check_responsibilities <- function(start, experts, rows) {
  if (!is.numeric(start)) abort_moe("start", "`start` must be a numeric matrix.")
  if (nrow(start) != rows || ncol(start) != experts) {
    abort_moe("start", sprintf("`start` is %d x %d; the fit has %d rows and %d experts.", nrow(start), ncol(start),
      rows, as.integer(experts)))
  }
  bad <- which(!is.finite(rowSums(start)) | rowSums(start < 0) > 0 | abs(rowSums(start) - 1) > 1e-6)
  if (length(bad)) {
    abort_moe("start", sprintf("Row %s of `start` does not hold probabilities that sum to one.", listed(bad)))
  }
  storage.mode(start) <- "double"
  start
}

start_from_fit <- function(start, mixture, design) {
  estimates <- start$estimates
  check_same_size(ncol(estimates$gate), mixture$experts)
  if (!identical(start$classes$labels, design$classes$labels)) {
    abort_moe("start", "`start` has other classes than the response.")
  }
  check_same_scalars(start, mixture)
  check_same_terms(rownames(estimates$experts), colnames(design$x), "expert")
  check_same_terms(rownames(estimates$gate), colnames(design$z %||% design$x), "gate")
  if (mixture$common_sigma && length(estimates$sigma)) {
    estimates$sigma <- sqrt(sum(start$mass * estimates$sigma^2) / sum(start$mass))
  }
  counted_from(estimates, mixture$gate, design$z %||% design$x)
}

check_same_size <- function(own, experts) {
  if (own != experts) {
    abort_moe("start", sprintf("`start` has %d experts where %d are asked for.", own, as.integer(experts)))
  }
}

# Whether what a start has beside coefficients is what these experts have.
check_same_scalars <- function(start, mixture) {
  of <- function(object) c(if (experts_of(object)$sigma) "sigma", scalar_names(object))
  if (identical(of(start), of(mixture))) return(invisible())
  abort_moe("start", sprintf("`start` has %s experts where these are %s: they have other parameters.",
    experts_of(start)$label, experts_of(mixture)$label), "Give `predict(start, type = \"posterior\")`.")
}

check_same_terms <- function(old, new, part) {
  if (!identical(old, new)) {
    abort_moe("start", sprintf("`start` has the %s terms %s, not %s.", part, quoted(old), quoted(new)))
  }
}
