#' A compact set of parameters
#'
#' Theorems about convergence rates suppose that the parameters lie in a compact set. With bounds, the fit is the
#' maximum of the likelihood over such a set, found by the same ascent, whose certificate is then what the quadratic
#' model of the likelihood still promises within the set.
#'
#' The set is the same whatever the experts are called and whichever is the gate's reference. Coefficients that a common
#' shift of all experts' gates leaves unidentified (all of a softmax gate; with an activation the intercepts) are
#' bounded in their differences, \eqn{|\beta_{jk} - \beta_{jl}| \le B}{|beta_jk - beta_jl| <= B} for every row \eqn{j}
#' and all experts \eqn{k, l}, which is to say that some shift brings them all within \eqn{\pm B / 2}{+-B/2}; other
#' coefficients of a gate themselves. Experts' coefficients (of classes: less those of the first one) and standard
#' deviations are bounded as they are printed. An estimated temperature lies between 1/100 and 100 anyway.
#'
#' Where the maximum is at a bound, `fit$record$at_bounds` says of what, and there are no standard errors: the
#' likelihood is not flat there. With a positive lower bound of `sigma` the likelihood is bounded: no variance guard is
#' needed, and experts that follow a few rows are as good as others.
#'
#' @param gate The largest difference of a gate coefficient between two experts, \eqn{B}.
#' @param experts The largest size of every coefficient of every expert, or their lower and upper bound.
#' @param sigma Lower and upper bound of the standard deviations.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"moe_bounds"`, for [moe_control()].
#' @section Errors: bounds that leave no room, or that exclude the start of a fit or the truth of a study, and bounds
#'   for a top-K gate or with a penalty: `expertmix_error_bounds`.
#' @examples
#' bounds <- moe_bounds(gate = 40, experts = 50, sigma = c(0.1, 5))
#' fit <- moe(dist ~ speed, cars, control = moe_control(bounds = bounds, seed = 1))
#' fit$record$at_bounds
#' @export
moe_bounds <- function(gate = Inf, experts = Inf, sigma = c(0, Inf), ...) {
  check_call(..., .what = "bounds")
  if (!is_number(gate) || gate <= 0) abort_moe("bounds", "`gate` must be one positive number.")
  if (is_number(experts)) experts <- c(-experts, experts)
  check_interval(experts, "experts", "one positive number, or a lower and a larger upper bound")
  check_interval(sigma, "sigma", "a lower bound, 0 or more, and a larger upper bound")
  if (sigma[1] < 0) abort_moe("bounds", "`sigma` must not be negative.")
  new_object(list(gate = as.double(gate), experts = as.double(experts), sigma = as.double(sigma)), class = "moe_bounds")
}

check_interval <- function(values, name, wanted) {
  if (!is.numeric(values) || length(values) != 2 || anyNA(values) || values[1] >= values[2]) {
    abort_moe("bounds", sprintf("`%s` must be %s.", name, wanted))
  }
}

check_bounds <- function(bounds) {
  if (is.null(bounds)) return(NULL)
  check_version(bounds)
  if (!inherits(bounds, "moe_bounds")) abort_moe("bounds", "`bounds` must be made by `moe_bounds()`.")
  bounds
}

#' @export
format.moe_bounds <- function(x, ...) {
  check_call(...)
  sprintf("gate differences up to %s, experts from %s to %s, sigma from %s to %s", format(x$gate), format(x$experts[1]),
    format(x$experts[2]), format(x$sigma[1]), format(x$sigma[2]))
}

#' @export
print.moe_bounds <- function(x, ...) {
  check_call(..., .passed = print_arguments)
  cat("Bounds: ", format(x), "\n", sep = "")
  invisible(x)
}

# Bounds of standard deviations are for experts that have some.
check_sigma_bounds <- function(bounds, family) {
  if (is.null(bounds) || experts_of(family)$sigma || identical(bounds$sigma, c(0, Inf))) return(invisible())
  abort_moe("bounds", sprintf("Experts that are %s have no `sigma` to be bounded.", experts_of(family)$label))
}

# Bounds that a model can have, and that do not exclude where it starts (estimates, or none).
check_bounded <- function(bounds, gate, penalty = NULL, start = NULL, name = "start") {
  if (is.null(bounds)) return(invisible())
  if (!is.null(penalty)) abort_moe("bounds", "A penalised fit has no `bounds`.", "Leave `penalty` or `bounds` out.")
  if (!is.null(gate$top_k)) {
    abort_moe("bounds", "A top-K gate has no `bounds`: its likelihood jumps.", "Use a gate with all experts active.")
  }
  if (is.null(start$gate)) return(invisible())
  for (part in c("gate", "experts", "sigma")) {
    allowed <- if (part == "gate") c(0, bounds$gate) else bounds[[part]]
    check_within(reach_of(start[[part]], part, gate), allowed, part, name)
  }
}

# `reach`: numbers that have to lie between two `allowed` ones, up to rounding.
check_within <- function(reach, allowed, part, name) {
  slack <- 1e-9 * max(1, abs(allowed[is.finite(allowed)]))
  out <- reach[!is.na(reach) & (reach < allowed[1] - slack | reach > allowed[2] + slack)]
  if (length(out) == 0) return(invisible())
  abort_moe("bounds", sprintf("The bounds of `%s` exclude the %s, which has %s.", part, name, listed(signif(out, 4))),
    "Make them wider, or begin elsewhere.")
}

# What bounds compare: values of experts and sigma; of a gate's rows the largest difference, or size where it is
# identified.
reach_of <- function(values, part, gate) {
  if (part != "gate" || is.null(values)) return(values)
  shifted <- gate$translates & (seq_len(nrow(values)) == 1 | gate$linear)
  spread <- apply(values, 1, function(row) diff(range(row)))
  ifelse(shifted, spread, apply(abs(values), 1, max))
}
