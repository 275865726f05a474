#' Fit a mixture of experts to matrices
#'
#' The verb that [moe()] calls, for design matrices that are already there.
#'
#' @param x Expert design, \eqn{n \times p}{n x p}, numeric; with a `penalty` also a sparse matrix of package 'Matrix',
#'   which is never made dense. Columns without a name are called `x1`, `x2`, ...
#' @param y Response: \eqn{n} numbers; or, for multinomial experts, a factor, a logical vector or a matrix of counts.
#' @param z Gate design, \eqn{n \times q}{n x q}, as `x`.
#' @param intercept Whether a design without a column of ones gets one, called `(Intercept)`, in front: `TRUE`, or
#'   `FALSE` for no intercept. `NULL` adds none and warns (class `expertmix_warning_intercept`).
#' @param weights,offset `NULL` or \eqn{n} numbers each, as in [moe()].
#' @param start `NULL`, a fit, a [mixing_measure()], or an \eqn{n \times K}{n x K} matrix of responsibilities.
#' @param ... Not used: anything else is an error.
#' @inheritParams moe
#' @return An object of class `"moe"`, as from [moe()], that keeps the matrices instead of a model frame. The `newdata`
#'   of [predict()] is then a matrix (both designs), or a list of `x`, `z`, and, where they are needed, `y` and
#'   `offset`.
#' @inheritSection moe Errors
#' @examples
#' x <- cbind(`(Intercept)` = 1, speed = cars$speed)
#' moe_fit(x, cars$dist, z = x[, 1, drop = FALSE])
#' @export
moe_fit <- function(x, y, z = x, experts = 2, family = gaussian(), gate = gate_softmax(),
                    sigma = c("separate", "common"), penalty = NULL, weights = NULL, offset = NULL, start = NULL,
                    control = moe_control(), intercept = NULL, common = NULL, fixed = NULL, equal = NULL, ...) {
  check_call(..., .hints = model_hints)
  call <- match.call()
  check_required(design = "x", response = "y")
  family <- if (missing(family)) implied_family(y) else check_family(family)
  data <- matrix_data(x, z, y, family, weights, offset, intercept)
  ties <- asked_ties(common_columns(common, data$x, NULL), fixed, equal)
  fit <- fit_matrices(data, experts, sigma, gate, family, start, control, penalty, ties)
  fit$call <- call
  fit$data <- data
  fit
}

# Checks a design (y, x, z, weights, offset; z is NULL where it is x) and fits it.
fit_matrices <- function(design, experts, sigma, gate, family, start, control, penalty, ties = NULL) {
  check_penalty(penalty)
  control <- check_control(control)
  if (!is.null(penalty)) refuse_tied_penalty(ties)
  checked <- check_fit(design, experts, sigma, gate, family, start, sparse = !is.null(penalty), ties = ties)
  check_bounded(control$bounds, checked$gate, penalty, checked$start)
  check_sigma_bounds(control$bounds, family)
  if (!is.null(penalty)) {
    if (is.null(start)) checked <- started_at_pilot(checked, penalty)
    return(fit_penalised(checked, control, penalty))
  }
  fit <- fit_labelled(checked, seeded(control))
  finish_fit(fit, checked, control, fit_warnings)
}

# The maximum of the likelihood with the labels that it is to keep, or that its ties name.
fit_labelled <- function(checked, settings) {
  fit <- fit_likelihood(checked, settings, checked$start)
  if (isTRUE(checked$mixture$ties$naming)) return(fit)
  order <- kept_order(checked, fit$estimates)
  if (!is.unsorted(order)) return(fit)
  named <- fit_likelihood(checked, settings, relabelled(fit$estimates, order))
  named$record[c("starts", "optima")] <- fit$record[c("starts", "optima")]
  named
}

fit_likelihood <- function(checked, settings, start) {
  structure(computed_fit(checked$design, checked$mixture, settings, start), class = "moe")
}

# What a fit keeps of how it was asked for; its warnings are kept and given. That columns are collinear is not said
# again of a fit that starts from another.
finish_fit <- function(fit, checked, control, warnings) {
  kept <- c("family", "gate", "common_sigma", "transformed")
  fit[kept] <- checked[c("family", "gate", "common", "transformed")]
  fit$gate["origin"] <- list(fitted_origin(fit$estimates))
  fit$control <- control
  fit[c("classes", "events")] <- checked$design[c("classes", "events")]
  fit$ties <- kept_ties(fit, checked$mixture$ties)
  fit$map <- NULL
  fit$record$spikes <- labelled_spikes(fit, checked$design)
  fit$record$warnings <- warnings(fit)
  said <- if (identical(checked$known, fit$aliased)) "aliased"
  emit_warnings(fit$record$warnings[setdiff(names(fit$record$warnings), said)])
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
check_fit <- function(design, experts, sigma, gate, family, start, sparse = FALSE, ties = NULL) {
  common <- check_choice(sigma, c("separate", "common"), "sigma") == "common"
  if (common && !experts_of(family)$sigma) {
    abort_moe("sigma", sprintf("Experts that are %s have no `sigma` to be common.", experts_of(family)$label))
  }
  rows <- NROW(design$y)
  label <- design$label %||% identity
  design$weights <- check_weights(design$weights, rows, label)
  experts <- check_experts(experts, rows, design$weights)
  design$offset <- check_offset(design$offset, rows, label)
  check_link(family, design$offset, label)
  experts_of(family)$check(design, experts)
  design$x <- check_design(design$x, rows, "x", label, sparse)
  if (!is.null(design$z)) design$z <- check_design(design$z, rows, "z", label, sparse)
  if (sparse) design <- alike_designs(design)
  gate <- check_gate(gate, experts)
  columns <- transformed_columns(gate, design)
  design$z <- transformed_z(gate, design, columns)
  gate <- gate_at_origin(gate, start, design, experts)
  mixture <- new_mixture(experts, family, gate, common, length(design$classes$labels), is.matrix(design$y))
  mixture$ties <- resolved_ties(ties, design, mixture)
  checked <- list(
    design = design, experts = experts, common = common, gate = gate, family = family, transformed = columns,
    start = check_start(start, mixture, design), mixture = mixture, known = known_aliases(start)
  )
  check_start_likelihood(checked, label)
  checked
}

# The collinear columns of a fit that serves as a start.
known_aliases <- function(start) {
  if (inherits(start, "kept_fit")) start$fit$aliased else if (inherits(start, "moe")) start$aliased
}

# A mixture of experts without its parameters. `symmetric`: no expert of the gate and no class is a reference. Its
# `ties`, where there are some, are a field that is added.
new_mixture <- function(experts, family, gate, common_sigma = FALSE, classes = 0, counts = FALSE, symmetric = FALSE) {
  list(
    experts = as.double(experts), family = family, gate = gate, common_sigma = common_sigma,
    classes = as.double(classes), counts = counts, symmetric = symmetric
  )
}

mixture_of_fit <- function(fit) {
  mixture <- new_mixture(
    length(fit$mass), fit$family, fit$gate, fit$common_sigma, length(fit$classes$labels),
    identical(fit$classes$kind, "counts") || has_trials(fit), is_symmetric(fit)
  )
  mixture$ties <- fit$ties
  mixture
}

is_symmetric <- function(fit) !is.null(fit$penalty) && is.null(fit$penalty$reference)

expert_labels <- function(experts) paste0("expert", seq_len(experts))

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
