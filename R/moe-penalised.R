# Penalised fits: one at a given penalty, and what a path's fits become.

# The fit of a checked design at one penalty, or (`refit`) unpenalised on the support of the start.
fit_penalised <- function(checked, control, penalty, refit = FALSE) {
  if (length(penalty$gate) > 1) {
    abort_moe("penalty", "`gate` must be one number: a fit has one penalty.", "`moe_path()` tries several.")
  }
  penalty <- completed_penalty(penalty, checked)
  path <- solve_path(checked, penalty, control, path_grid(1), refit = refit)
  path <- with_kept_labels(path, path$fits[[1]], checked, penalty)
  penalised_fit(path$fits[[1]], path, checked, penalty, control)
}

# Adaptive weights belong to the labels of their pilot: the fit starts there.
started_at_pilot <- function(checked, penalty) {
  if (length(penalty$adaptive)) checked$start <- penalty$adaptive$estimates
  checked
}

# A path whose fits have the labels that they are to keep, as one of them tells.
with_kept_labels <- function(path, fit, checked, penalty) {
  if (length(penalty$adaptive)) return(path)
  order <- kept_order(checked, fit$estimates, penalty$reference)
  if (!is.unsorted(order)) return(path)
  free_intercepts <- !is.null(penalty$reference) || !checked$gate$translates
  with_fits(path, function(fit) relabelled_result(fit, order, free_intercepts))
}

penalised_fit <- function(result, path, checked, penalty, control) {
  fit <- new_penalised(result, path, checked, penalty, control)
  finish_fit(fit, checked, control, penalised_warnings)
}

# Fits at the lambdas of a grid.
solve_path <- function(checked, penalty, control, grid, ...) {
  check_penalised(penalty, checked$design, checked$experts, checked$gate)
  settings <- seeded(control)
  path <- computed_path(checked$design, checked$mixture, penalty, settings, checked$start, grid, ...)
  path$seed <- settings$seed
  path
}

# One fit of a path as an object of class "moe".
new_penalised <- function(result, path, checked, penalty, control) {
  design <- checked$design
  gate_terms <- colnames(design$z %||% design$x)
  estimates <- result$estimates
  labels <- colnames(estimates$gate)
  rows <- penalised_rows(estimates, penalty$reference, checked$common)
  parameters <- parameter_table(rows, design)
  structure(
    list(
      coefficients = stats::setNames(parameter_values(parameters, estimates), parameters$name),
      parameters = parameters,
      estimates = estimates,
      aliased = list(
        gate = stats::setNames(logical(length(gate_terms)), gate_terms),
        experts = stats::setNames(logical(ncol(design$x)), colnames(design$x))
      ),
      covariance = NULL, df = result$degrees,
      mass = stats::setNames(result$mass, labels), gate_mass = stats::setNames(result$gate_mass, labels),
      log_likelihood = result$log_likelihood, nobs = path$weight,
      penalty = penalty, record = penalised_record(result, path, control)
    ),
    class = "moe"
  )
}

# The free parameters of a penalised fit: where there is no reference, all slopes of all experts and all classes, and
# the intercepts of all but the first.
penalised_rows <- function(estimates, reference, common) {
  experts <- seq_len(ncol(estimates$gate))
  gates <- lapply(if (length(experts) > 1) experts, function(k) {
    free <- if (identical(as.double(k), as.double(reference))) integer() else seq_len(nrow(estimates$gate))
    if (is.null(reference) && k == 1) free <- setdiff(free, estimates$gate_intercept)
    coefficient_rows("gate", k, NA_integer_, free)
  })
  means <- lapply(experts, function(k) {
    if (length(dim(estimates$experts)) == 3) return(class_rows(k, estimates, reference))
    own <- coefficient_rows("experts", k, NA_integer_, seq_len(nrow(estimates$experts)))
    each <- c(if (!common && length(estimates$sigma)) "sigma", colnames(estimates$scalars))
    rbind(own, do.call(rbind, lapply(each, scalar_row, expert = k)))
  })
  shared <- if (common && length(estimates$sigma)) list(scalar_row("sigma", NA_integer_))
  do.call(rbind, c(gates, means, shared))
}

class_rows <- function(expert, estimates, reference) {
  rows <- lapply(seq_len(ncol(estimates$experts)), function(c) {
    free <- if (c == 1 && !is.null(reference)) integer() else seq_len(nrow(estimates$experts))
    if (c == 1) free <- setdiff(free, estimates$expert_intercept)
    coefficient_rows("experts", expert, c, free)
  })
  do.call(rbind, rows)
}

coefficient_rows <- function(part, expert, outcome, columns) {
  if (length(columns) == 0) return(NULL)
  data.frame(part = part, expert = expert, outcome = outcome, column = columns, kind = "coefficient")
}

scalar_row <- function(name, expert) {
  data.frame(part = "experts", expert = expert, outcome = NA_integer_, column = NA_integer_,
    kind = paste0("log_", name))
}

penalised_record <- function(result, path, control) {
  guard <- if (result$guarded && length(result$estimates$sigma)) " with variance guard" else ""
  late <- path$status == "time limit"
  list(
    objective = paste0("Lasso-penalised log-likelihood over n", guard), objective_value = result$objective,
    method = "newton", status = if (late) path$status else result$status, converged = result$converged && !late,
    certificate = list(violation = result$violation), iterations = result$iterations, passes = path$passes,
    starts = c(tried = path$starts), began = result$began, guarded = result$guarded, tolerance = control$tolerance,
    seconds = path$seconds, seed = path$seed, version = this_version(),
    spike_rule = control$spike, spikes = lapply(result$spikes, function(k) list(expert = k)), empty = result$empty
  )
}

penalised_warnings <- function(fit) {
  record <- fit$record
  has_variance <- length(fit$estimates$sigma) > 0
  found <- list(
    variance = if (record$guarded && has_variance) list(
      "An expert's variance collapses at this penalty; the variance guard bounds it.",
      "The penalised likelihood has no maximum nearby: use a larger `lambda` or fewer experts."
    ),
    few = if (record$guarded && !has_variance) list(
      "An expert has fewer than three rows for each of its slopes at this penalty.",
      "Use a larger `lambda` or fewer experts."
    ),
    spike = spike_warning(record$spikes),
    empty = if (length(record$empty)) list(
      empty_experts(record$empty), "Use fewer experts, or a smaller `lambda`."
    ),
    convergence = if (!record$converged) list(
      sprintf("The fit did not converge: %s.", record$status), way_to_converge(record$status)
    )
  )
  named_warnings(found)
}

# What lets a penalised fit arrive that ended otherwise.
way_to_converge <- function(status) {
  switch(status,
    `time limit` = "Raise `time_limit` in `moe_control()`.",
    `iteration limit` = "Raise `iterations` in `moe_control()`.",
    "Use a larger `lambda` or fewer experts."
  )
}

is_sparse <- function(x) inherits(x, "dgCMatrix")

# Sparse designs are read where a penalty makes most coefficients zero: prediction makes dense only the columns that
# count.
dense_part <- function(object, design) {
  if (!is_sparse(design$x)) return(list(object = object, design = design))
  used <- function(values) which(rowSums(values != 0) > 0)
  flat <- function(values) matrix(values, nrow(values))
  experts <- used(flat(object$estimates$experts))
  gate <- union(used(object$estimates$gate), object$estimates$gate_intercept)
  design$z <- transformed_z(object$gate, design, object$transformed) %||% design$x
  object$transformed <- integer()
  gate <- sort(gate[gate <= ncol(design$z)])
  gate <- if (length(gate)) gate else 1
  experts <- if (length(experts)) experts else 1
  object$estimates$gate <- object$estimates$gate[gate, , drop = FALSE]
  if (length(object$estimates$origin)) object$estimates$origin <- object$estimates$origin[gate]
  object$estimates$gate_intercept <- match(object$estimates$gate_intercept, gate, nomatch = 1)
  object$estimates$experts <- pick_rows(object$estimates$experts, experts)
  design$x <- as.matrix(design$x[, experts, drop = FALSE])
  design$z <- as.matrix(design$z[, gate, drop = FALSE])
  list(object = object, design = design)
}
