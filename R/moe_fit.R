#' Fit a mixture of experts to matrices
#'
#' The verb that [moe()] calls, for design matrices that are already there.
#'
#' @param x Expert design, \eqn{n \times p}{n x p}, numeric, with the intercept column where one is wanted.
#' @param y Response, \eqn{n} numbers.
#' @param z Gate design, \eqn{n \times q}{n x q}, as `x`.
#' @param weights,offset `NULL` or \eqn{n} numbers each, as in [moe()].
#' @param start `NULL`, a fit, or an \eqn{n \times K}{n x K} matrix of responsibilities.
#' @inheritParams moe
#' @return An object of class `"moe"`, as from [moe()], that keeps the matrices instead of a model frame. The `newdata` of
#'   [predict()] is then a matrix (both designs), or a list of `x`, `z`, and, where they are needed, `y` and `offset`.
#' @inheritSection moe Errors
#' @examples
#' x <- cbind(`(Intercept)` = 1, speed = cars$speed)
#' moe_fit(x, cars$dist, z = x[, 1, drop = FALSE])
#' @export
moe_fit <- function(x, y, z = x, experts = 2, family = gaussian(), gate = gate_softmax(),
                    sigma = c("separate", "common"), penalty = NULL, weights = NULL, offset = NULL, start = NULL,
                    control = moe_control()) {
  call <- match.call()
  shared <- missing(z) || rlang::is_reference(x, z)
  family <- check_family(family)
  sigma <- check_choice(sigma, c("separate", "common"), "sigma")
  check_penalty(penalty)
  control <- check_control(control)
  data <- list(
    y = check_response(y), x = named_design(x, "x"), z = if (!shared) named_design(z, "z"), weights = weights,
    offset = offset
  )
  if (length(data$y) == 0) abort_moe("rows", "The response has no rows.")
  fit <- fit_matrices(data, experts, sigma == "common", gate, family, start, control)
  fit$call <- call
  fit$data <- data
  fit
}

named_design <- function(x, argument) {
  if (is.matrix(x) && is.null(colnames(x)) && ncol(x) > 0) colnames(x) <- paste0(argument, seq_len(ncol(x)))
  x
}

# Checks a design (y, x, z, weights, offset; z is NULL where it is x) and fits it.
fit_matrices <- function(design, experts, common, gate, family, start, control) {
  rows <- length(design$y)
  label <- design$label %||% identity
  experts <- check_experts(experts, rows)
  design$weights <- check_weights(design$weights, rows, label)
  design$offset <- check_offset(design$offset, rows, label)
  design$x <- check_design(design$x, rows, "x", label)
  if (!is.null(design$z)) design$z <- check_design(design$z, rows, "z", label)
  gate <- check_gate(gate, experts)
  columns <- transformed_columns(gate, design)
  design$z <- transformed_z(gate, design, columns)
  start <- check_start(start, experts, design, common)
  settings <- core_control(control)
  model <- core_model(experts, common, gate)
  result <- with_progress(control$progress, function(report) {
    core_fit(core_data(design), model, settings, start, report)
  })
  fit <- new_moe(checked_result(result), colnames(design$x), colnames(design$z %||% design$x))
  fit[c("family", "gate", "common_sigma", "control", "core")] <- list(family, gate, common, control, model)
  fit$transformed <- columns
  fit$record$warnings <- fit_warnings(fit)
  emit_warnings(fit$record$warnings)
  fit
}

core_data <- function(design) {
  list(x = design$x, z = design$z, y = design$y, weights = design$weights, offset = design$offset)
}

# The mixture as the core knows it.
core_model <- function(experts, common, gate) {
  list(experts = experts, common_sigma = common, gate = core_gate(gate))
}

# The columns of the gate design that the gate's transform sees, by number.
transformed_columns <- function(gate, design) {
  if (is.null(gate$transform)) return(integer())
  z <- design$z %||% design$x
  covariate_columns(z, if (is.null(design$gate_terms)) FALSE else dummy_columns(design$gate_terms, z))
}

# The gate design after the gate's transform; NULL where it is the expert design.
transformed_z <- function(gate, design, columns) {
  if (length(columns) == 0) return(design$z)
  transform_design(gate, design$z %||% design$x, columns)
}

# A fit from the core's result and the names of the design columns.
new_moe <- function(result, expert_terms, gate_terms) {
  labels <- paste0("expert", seq_along(result$sigma))
  dimnames(result$gate) <- list(gate_terms, labels)
  dimnames(result$experts) <- list(expert_terms, labels)
  names <- parameter_names(result$predictor, result$column, expert_terms, gate_terms)
  free <- result$identified
  covariance <- if (all(dim(result$covariance) == length(names))) result$covariance[free, free, drop = FALSE]
  names <- names[free]
  if (!is.null(covariance)) dimnames(covariance) <- list(names, names)
  structure(
    list(
      coefficients = stats::setNames(result$parameters[free], names),
      estimates = list(
        gate = result$gate, experts = result$experts, sigma = stats::setNames(result$sigma, labels),
        temperature = result$temperature, gate_intercept = result$gate_intercept
      ),
      aliased = list(
        gate = stats::setNames(result$gate_aliased, gate_terms),
        experts = stats::setNames(result$experts_aliased, expert_terms)
      ),
      covariance = covariance,
      df = result$degrees,
      mass = stats::setNames(result$mass, labels),
      gate_mass = stats::setNames(result$gate_mass, labels),
      log_likelihood = result$log_likelihood,
      nobs = result$weight,
      record = result$record
    ),
    class = "moe"
  )
}

# gate2:x, expert1:x and expert1:log(sigma) from predictors (gate2, expert1, expert1:log(sigma)) and design columns.
parameter_names <- function(predictors, columns, expert_terms, gate_terms) {
  of_gate <- startsWith(predictors, "gate")
  alone <- endsWith(predictors, "log(sigma)") | predictors == "log(temperature)"
  terms <- ifelse(of_gate, gate_terms[columns], expert_terms[columns])
  ifelse(alone, predictors, paste0(predictors, ":", terms))
}
