#' Mixing measures
#'
#' The parameter object of theory and simulation: a mixture of experts with given parameters, in the papers' notation
#' \eqn{G = \sum_k \exp(\beta_{0k}) \delta_{(\beta_{1k}, a_k, b_k, \nu_k)}}{G = sum_k exp(beta_0k) delta_(beta_1k, a_k,
#' b_k, nu_k)}.
#'
#' Two measures are equal, by `all.equal()`, where they are the same up to what is not identified: the experts' labels;
#' a common translation of the gate (of its intercepts only, where the gate has an activation); for `"tanh"` and
#' `"sigmoid"` with two experts the change from \eqn{(\beta_1, \beta_2)}{(b1, b2)} to \eqn{(-\beta_2, -\beta_1)}{(-b2,
#' -b1)}; with the activations `"identity"` and `"relu"` the temperature, as only \eqn{\beta / \tau}{beta / tau}
#' matters. Experts with the same parameters count as one, whose weight is their sum.
#'
#' @param gate A matrix, a column for every expert, of gate coefficients: the intercepts \eqn{\beta_{0k}}{beta_0k} in
#'   the first row, slopes below. No column need be zero. Or a fit by [moe()] or a [theory_design()], whose measure is
#'   returned.
#' @param experts A matrix, a column for every expert, of regression coefficients: the intercepts \eqn{b_k} in the
#'   first row, slopes \eqn{a_k} below. For multinomial experts an array of terms by classes by experts, of which only
#'   differences to the first class matter. Row names, where there are any, are the covariates' names.
#' @param sigma Standard deviations, one for each expert or one for all, in units of the response; none for multinomial
#'   experts.
#' @param scalars Of families whose experts have other positive numbers beside their coefficients, as `theta` of
#'   [negative_binomial()] or `df` of [student_t()]: one for each expert or one for all; a matrix of experts by scalars,
#'   where there are several.
#' @param gating The gate, as from [gate_softmax()], with a number as temperature.
#' @param family As in [moe()].
#' @param x,target,current Measures.
#' @param tolerance Differences that do not count, relative to the size of the parameters where that is above one.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"mixing_measure"`, a list of `gate`, `experts`, `sigma`, `scalars` (experts by scalars),
#'   `gating`, `family` and `classes`. It can be the `start` of [moe()].
#' @section Errors: `expertmix_error_measure` for coefficients that do not belong together, are not finite or above
#'   1e150, `expertmix_error_sigma` for a standard deviation that is not between 1e-150 and 1e150,
#'   `expertmix_error_scalars` for scalars that the family does not have or that are not positive and finite,
#'   `expertmix_error_gate`.
#' @seealso [rmoe()], [log_density()], [voronoi_loss()], [rate_study()].
#' @examples
#' # the truth of the simulations of arXiv:2305.03288
#' truth <- mixing_measure(
#'   gate = cbind(c(-8, 25), c(0, 0)), experts = cbind(c(15, -20), c(-5, 20)), sigma = c(0.3, 0.4)
#' )
#' truth
#'
#' # the same measure with the other expert as reference
#' same <- mixing_measure(cbind(c(8, -25), c(0, 0)), cbind(c(-5, 20), c(15, -20)), c(0.4, 0.3))
#' all.equal(truth, same)
#'
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' mixing_measure(fit)
#' @export
mixing_measure <- function(gate, experts, sigma = NULL, gating = gate_softmax(), family = gaussian(), scalars = NULL,
                           ...) {
  check_call(..., .what = "measure")
  if (missing(gate)) abort_moe("measure", "`gate` is missing: give gate coefficients, or a fit.")
  if (inherits(gate, c("mixing_measure", "moe", "theory_design"))) {
    if (nargs() > 1) abort_moe("measure", "A fit, measure or design has a measure already: give nothing beside it.")
    return(measure_of(gate))
  }
  if (inherits(gate, "moe_path")) abort_moe("measure", "A path has many measures.", "Choose a fit by `select_fit()`.")
  if (missing(experts)) abort_moe("measure", "`experts` is missing.")
  family <- check_family(family)
  kind <- experts_of(family)
  gate <- check_coefficients(gate, "gate", 2)
  experts <- check_coefficients(experts, "experts", if (kind$classes) 3 else 2)
  if (ncol(gate) != rev(dim(experts))[1]) {
    abort_moe("measure", sprintf("`gate` has %d columns where `experts` has %d experts.", ncol(gate),
      rev(dim(experts))[1]))
  }
  new_measure(gate, experts, check_sigmas(sigma, ncol(gate), kind), check_gating(gating, ncol(gate)), family,
    scalars = check_scalars(scalars, ncol(gate), kind))
}

measure_of <- function(object) {
  check_version(object)
  if (inherits(object, "moe")) return(measure_of_fit(object))
  if (inherits(object, "theory_design")) object$truth else object
}

# A measure from checked parts; classes relative to the first. `transformed`: which rows of `gate` the gate's transform
# sees the covariates of; NULL for all slopes.
new_measure <- function(gate, experts, sigma, gating, family, transformed = NULL, scalars = NULL) {
  labels <- expert_labels(ncol(gate))
  classes <- NULL
  if (length(dim(experts)) == 3) {
    experts <- experts - experts[, rep(1, ncol(experts)), , drop = FALSE]
    classes <- dimnames(experts)[[2]] %||% as.character(seq_len(ncol(experts)))
  }
  dimnames(gate) <- list(term_names(gate), labels)
  gating["origin"] <- list(measure_origin(gating, gate))
  dimnames(experts) <- c(list(term_names(experts)), if (!is.null(classes)) list(classes), list(labels))
  new_object(
    list(
      gate = gate, experts = experts, sigma = if (length(sigma)) stats::setNames(sigma, labels) else numeric(),
      scalars = named_scalars(scalars, labels, scalar_names(family)), gating = gating, family = family,
      classes = classes, transformed = transformed
    ),
    class = "mixing_measure"
  )
}

term_names <- function(coefficients) {
  slopes <- seq_len(nrow(coefficients))[-1]
  c("(Intercept)", rownames(coefficients)[slopes] %||% paste0("x", seq_along(slopes)))[seq_len(nrow(coefficients))]
}

check_coefficients <- function(values, argument, dimensions) {
  refuse_integer64(values, argument, "measure")
  if (!is.numeric(values) || length(dim(values)) != dimensions || length(values) == 0) {
    wanted <- if (dimensions == 2) "a matrix of terms by experts" else "an array of terms by classes by experts"
    abort_moe("measure", sprintf("`%s` must be %s, numeric.", argument, wanted))
  }
  bad <- which(!is.finite(values), arr.ind = TRUE)
  if (length(bad)) {
    abort_moe("measure", sprintf("`%s` is not finite in row %d, expert %d.", argument, bad[1, 1], bad[1, ncol(bad)]))
  }
  if (max(abs(values)) > 1e150) {
    abort_moe("measure", sprintf("`%s` has a coefficient above 1e150.", argument), "Rescale covariates or response.")
  }
  if (dimensions == 3 && ncol(values) < 2) abort_moe("measure", "`experts` must have two or more classes.")
  storage.mode(values) <- "double"
  values
}

check_sigmas <- function(sigma, experts, kind) {
  if (!kind$sigma) {
    if (length(sigma)) abort_moe("sigma", sprintf("Experts that are %s have no `sigma`.", kind$label))
    return(numeric())
  }
  if (!is.numeric(sigma) || !length(sigma) %in% c(1, experts)) {
    abort_moe("sigma", sprintf("`sigma` must be %d standard deviations, or one.", experts))
  }
  bad <- which(!(is.finite(sigma) & sigma > 0))
  if (length(bad)) {
    abort_moe("sigma", sprintf("`sigma` is not positive for expert %s: %s.", listed(bad), listed(sigma[bad])))
  }
  if (any(sigma < 1e-150 | sigma > 1e150)) {
    abort_moe("sigma", "`sigma` must be between 1e-150 and 1e150.", "Rescale the response.")
  }
  rep_len(as.double(sigma), experts)
}

# Experts by scalars.
check_scalars <- function(scalars, experts, kind) {
  names <- kind$scalars %||% character()
  if (length(names) == 0 && length(scalars)) {
    abort_moe("scalars", sprintf("Experts that are %s have no `scalars`.", kind$label))
  }
  shaped <- if (is.matrix(scalars)) identical(dim(scalars), c(as.integer(experts), length(names))) else
    length(names) < 2 && length(scalars) %in% c(length(names), experts * length(names))
  if (!shaped || (length(names) && !is.numeric(scalars))) {
    abort_moe("scalars", sprintf("`scalars` must be %d numbers, one for each expert, or one: %s.", experts,
      listed(names)))
  }
  bad <- which(!(is.finite(scalars) & scalars > 0))
  if (length(bad)) abort_moe("scalars", sprintf("`scalars` is not positive and finite: %s.", listed(scalars[bad])))
  matrix(as.double(scalars), experts, length(names))
}

check_gating <- function(gating, experts) {
  gating <- check_gate(gating, experts)
  if (is.null(gating$temperature)) {
    abort_moe("gate", "The gate of a measure needs a number as temperature.", "For example gate_temperature(2).")
  }
  gating
}

check_measure <- function(measure, argument = "measure") {
  measure <- measure_of(measure)
  if (!inherits(measure, "mixing_measure")) {
    abort_moe("measure", sprintf("`%s` must be a measure by `mixing_measure()`, or a fit.", argument))
  }
  measure
}

# Number of experts.
measure_size <- function(measure) ncol(measure$gate)

#' @rdname mixing_measure
#' @export
print.mixing_measure <- function(x, ...) {
  check_call(..., .passed = print_arguments)
  cat(sprintf("A mixing measure: %d %s experts, %s\n\nGate:\n", measure_size(x),
    experts_of(x)$label, format(x$gating)))
  print(x$gate, ...)
  print_origin(x$gating, getOption("digits") - 3)
  cat("\nExperts:\n")
  print(x$experts, ...)
  if (length(x$sigma)) {
    cat("\nsigma:\n")
    print(x$sigma, ...)
  }
  for (name in colnames(x$scalars)) {
    cat("\n", name, ":\n", sep = "")
    print(x$scalars[, name], ...)
  }
  invisible(x)
}

#' @rdname mixing_measure
#' @method all.equal mixing_measure
#' @export
all.equal.mixing_measure <- function(target, current, tolerance = 1e-8, ...) {
  check_call(...)
  if (!inherits(current, "mixing_measure")) return("`current` is no mixing measure")
  check_version(current)
  different <- tryCatch(check_comparable(target, current), expertmix_error = conditionMessage)
  if (is.character(different)) return(different)
  target <- distinct_experts(target)
  current <- distinct_experts(current)
  if (measure_size(target) != measure_size(current)) {
    return(sprintf("Different experts: %d, %d", measure_size(target), measure_size(current)))
  }
  matched <- match_experts(current, target)
  if (anyDuplicated(matched$cell)) return("Experts do not correspond")
  size <- max(1, abs(target$gate), abs(target$experts), target$sigma^2)
  scalars <- current$scalars / target$scalars[matched$cell, , drop = FALSE]
  difference <- max(abs(matched$differences) / size, abs(log(scalars)))
  if (difference <= tolerance) TRUE else paste("Largest difference of parameters:", format(difference))
}

# Experts with the same parameters as one. Selection counts experts: there, every one stays.
distinct_experts <- function(measure) {
  if (!is.null(measure$gating$top_k) || !measure$gating$translates) return(measure)
  flat <- rbind(measure$gate[-1, , drop = FALSE], matrix(measure$experts, ncol = measure_size(measure)), measure$sigma,
    t(measure$scalars))
  first <- match(as.data.frame(flat), as.data.frame(flat))
  temperature <- measure$gating$temperature
  for (k in unique(first[duplicated(first)])) {
    weights <- measure$gate[1, first == k] / temperature
    measure$gate[1, k] <- temperature * (max(weights) + log(sum(exp(weights - max(weights)))))
  }
  keep_experts(measure, unique(first))
}

keep_experts <- function(measure, keep) {
  measure$experts <- pick_experts(measure$experts, keep)
  measure$gate <- measure$gate[, keep, drop = FALSE]
  measure$sigma <- measure$sigma[keep[keep <= length(measure$sigma)]]
  measure$scalars <- measure$scalars[keep, , drop = FALSE]
  measure
}
