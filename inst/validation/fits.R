# Fits that end as near to the maximum as rounding lets them, and what is read off them.

tight_glm <- stats::glm.control(epsilon = 1e-15, maxit = 200)

single <- function(formula, data, ...) {
  expertmix::moe(formula, data, experts = 1, control = expertmix::moe_control(seed = 1, tolerance = 1e-14), ...)
}

errors_of <- function(covariance) sqrt(diag(as.matrix(covariance)))

standard_errors <- function(fit, ...) errors_of(stats::vcov(fit, ...))

fitted_mixture <- function(formula, data, experts = 2, ..., gate = expertmix::gate_softmax()) {
  expertmix::moe(formula, data, experts = experts, gate = gate, ...,
    control = expertmix::moe_control(seed = 1, tolerance = 1e-14))
}

posterior <- function(fit) stats::predict(fit, type = "posterior")

# A data set of a package, without attaching either.
from_package <- function(name, package) {
  loaded <- new.env()
  utils::data(list = name, package = package, envir = loaded)
  loaded[[name]]
}
