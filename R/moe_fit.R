#' Fit a mixture of experts to matrices
#'
#' The verb that [moe()] calls, for design matrices that are already there.
#'
#' @param x Expert design, \eqn{n \times p}{n x p}, numeric, with the intercept column where one is wanted; with a
#'   `penalty` also a sparse `dgCMatrix` of package 'Matrix', which is never made dense.
#' @param y Response: \eqn{n} numbers; or, for multinomial experts, a factor, a logical vector or a matrix of counts.
#' @param z Gate design, \eqn{n \times q}{n x q}, as `x`.
#' @param weights,offset `NULL` or \eqn{n} numbers each, as in [moe()].
#' @param start `NULL`, a fit, a [mixing_measure()], or an \eqn{n \times K}{n x K} matrix of responsibilities.
#' @param ... Not used: anything else is an error.
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
                    control = moe_control(), ...) {
  check_dots(..., .hints = model_hints)
  call <- match.call()
  shared <- missing(z) || rlang::is_reference(x, z)
  family <- if (missing(family)) implied_family(y) else check_family(family)
  sigma <- check_choice(sigma, c("separate", "common"), "sigma")
  check_penalty(penalty)
  control <- check_control(control)
  if (family$family == "multinomial") y <- drop_empty_classes(y)
  data <- list(
    y = read_response(y, family), classes = response_classes(y, family), x = named_design(x, "x"), z = if (!shared) named_design(z, "z"), weights = weights,
    offset = offset, named = list(x = !is.null(colnames(x)), z = !is.null(colnames(z)))
  )
  if (NROW(data$y) == 0) abort_moe("rows", "The response has no rows.")
  fit <- fit_matrices(data, experts, sigma == "common", gate, family, start, control, penalty)
  fit$call <- call
  fit$data <- data
  fit
}

named_design <- function(x, argument) {
  if (is.matrix(x) && is.null(colnames(x)) && ncol(x) > 0) colnames(x) <- paste0(argument, seq_len(ncol(x)))
  x
}

# Checks a design (y, x, z, weights, offset; z is NULL where it is x) and fits it.
fit_matrices <- function(design, experts, common, gate, family, start, control, penalty = NULL) {
  checked <- check_fit(design, experts, common, gate, family, start, sparse = !is.null(penalty))
  if (!is.null(penalty)) return(fit_penalised(checked, control, penalty))
  settings <- core_control(control)
  fit <- fit_likelihood(checked, settings, checked$start)
  order <- kept_order(checked, fit$estimates)
  if (is.unsorted(order)) {
    named <- fit_likelihood(checked, settings, relabelled(fit$estimates, order))
    named$record[c("starts", "optima")] <- fit$record[c("starts", "optima")]
    fit <- named
  }
  finish_fit(fit, checked, control, fit_warnings)
}

fit_likelihood <- function(checked, settings, start) {
  design <- checked$design
  result <- with_progress(settings$progress, function(report) {
    core_fit(core_data(design), checked$model, settings, core_coefficients(start), report)
  })
  new_moe(checked_result(result), colnames(design$x), colnames(design$z %||% design$x), design$classes$labels)
}

# What a fit keeps of how it was asked for; its warnings are kept and given.
finish_fit <- function(fit, checked, control, warnings) {
  kept <- c("family", "gate", "common_sigma", "core", "transformed")
  fit[kept] <- checked[c("family", "gate", "common", "model", "transformed")]
  fit$control <- control
  fit$classes <- checked$design$classes
  fit$record$spikes <- labelled_spikes(fit, checked$design)
  fit$record$warnings <- warnings(fit)
  emit_warnings(fit$record$warnings)
  fit
}

# The spikes of a record with the names of their rows; the core leaves the rows of a penalised fit's to prediction.
labelled_spikes <- function(fit, design) {
  label <- design$label %||% identity
  r <- if (!is.null(fit$penalty) && length(fit$record$spikes)) predict_rows(fit, design, "posterior")
  lapply(fit$record$spikes, function(spike) {
    spike$rows <- label(spike$rows %||% which(r[, spike$expert] > 0.5))
    spike
  })
}

# A design, with its gate's transform applied, and all that is asked of it, in the form that the core takes.
check_fit <- function(design, experts, common, gate, family, start, sparse = FALSE) {
  rows <- NROW(design$y)
  label <- design$label %||% identity
  experts <- check_experts(experts, rows)
  design$weights <- check_weights(design$weights, rows, label)
  design$offset <- check_offset(design$offset, rows, label)
  if (!is.null(design$classes)) check_classified(design, experts)
  design$x <- check_design(design$x, rows, "x", label, sparse)
  if (!is.null(design$z)) design$z <- check_design(design$z, rows, "z", label, sparse)
  if (sparse) design <- alike_designs(design)
  gate <- check_gate(gate, experts)
  columns <- transformed_columns(gate, design)
  design$z <- transformed_z(gate, design, columns)
  model <- core_model(experts, common, family, gate, design)
  list(
    design = design, experts = experts, common = common, gate = gate, family = family, transformed = columns,
    start = check_start(start, experts, design, common, gate, model), model = model
  )
}

core_data <- function(design) {
  list(x = design$x, z = design$z, y = design$y, weights = design$weights, offset = design$offset)
}

# The mixture as the core knows it.
core_model <- function(experts, common, family, gate, design) {
  list(
    experts = experts, family = family$family, common_sigma = common, gate = core_gate(gate),
    classes = as.double(length(design$classes$labels)), counts = is.matrix(design$y)
  )
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

# Coefficients as the core takes them: an array of expert coefficients (terms x classes x experts) expert by expert.
core_coefficients <- function(estimates) {
  if (length(dim(estimates$experts)) == 3) dim(estimates$experts) <- c(nrow(estimates$experts), prod(dim(estimates$experts)[-1]))
  estimates
}

# A fit from the core's result, the names of the design columns and, for multinomial experts, of the classes.
new_moe <- function(result, expert_terms, gate_terms, classes) {
  labels <- paste0("expert", seq_len(ncol(result$gate)))
  predictors <- class_predictors(result$predictor, classes)
  names <- parameter_names(predictors, result$column, expert_terms, gate_terms)
  free <- result$identified
  covariance <- if (all(dim(result$covariance) == length(names))) result$covariance[free, free, drop = FALSE]
  names <- names[free]
  if (!is.null(covariance)) dimnames(covariance) <- list(names, names)
  structure(
    list(
      coefficients = stats::setNames(result$parameters[free], names),
      estimates = named_estimates(result, expert_terms, gate_terms, labels, classes),
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

# Coefficients as a fit keeps them, from the core's.
named_estimates <- function(result, expert_terms, gate_terms, labels, classes) {
  dimnames(result$gate) <- list(gate_terms, labels)
  if (!is.null(classes)) dim(result$experts) <- c(length(expert_terms), length(classes), length(labels))
  dimnames(result$experts) <- c(list(expert_terms), if (!is.null(classes)) list(classes), list(labels))
  list(
    gate = result$gate, experts = result$experts,
    sigma = if (length(result$sigma)) stats::setNames(result$sigma, labels) else numeric(),
    temperature = result$temperature, gate_intercept = result$gate_intercept
  )
}

# expert1:<label> from expert1:<number of a class>.
class_predictors <- function(predictors, classes) {
  of_class <- grepl("^expert[0-9]+:[0-9]+$", predictors)
  number <- as.integer(sub("^.*:", "", predictors[of_class]))
  predictors[of_class] <- paste0(sub(":.*$", "", predictors[of_class]), ":", classes[number])
  predictors
}

# gate2:x, expert1:x and expert1:log(sigma) from predictors (gate2, expert1, expert1:log(sigma)) and design columns.
parameter_names <- function(predictors, columns, expert_terms, gate_terms) {
  of_gate <- startsWith(predictors, "gate")
  alone <- endsWith(predictors, "log(sigma)") | predictors == "log(temperature)"
  terms <- ifelse(of_gate, gate_terms[columns], expert_terms[columns])
  ifelse(alone, predictors, paste0(predictors, ":", terms))
}
