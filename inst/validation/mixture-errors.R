# Standard errors of mixtures: second derivatives of the likelihood as it is written.

# log f of two experts on x behind a logistic gate on x; theta is the gate, then each expert: line and, of
# some families, one number more.
slow_value <- function(theta, data, density) {
  design <- cbind(1, data$x)
  second <- stats::plogis(drop(design %*% theta[1:2]))
  each <- matrix(theta[-(1:2)], ncol = 2)
  experts <- design %*% each[1:2, ]
  own <- c(each[-(1:2), ], NA, NA)[1:2]
  sum(log((1 - second) * density(data$y, experts[, 1], own, 1) + second * density(data$y, experts[, 2], own, 2)))
}

slow_densities <- list(
  gaussian = function(y, eta, own, k) stats::dnorm(y, eta, exp(own[k])),
  poisson = function(y, eta, own, k) stats::dpois(y, exp(eta)),
  Gamma = function(y, eta, own, k) stats::dgamma(y, exp(-2 * own[k]), exp(-2 * own[k] - eta)),
  negative_binomial = function(y, eta, own, k) stats::dnbinom(y, exp(own[k]), mu = exp(eta))
)

families <- function(name) {
  switch(name, gaussian = stats::gaussian(), poisson = stats::poisson(), Gamma = stats::Gamma("log"),
    negative_binomial = expertmix::negative_binomial())
}

# Two regressions on x of the family.
drawn <- function(family, n = 400) {
  set.seed(3, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  x <- stats::runif(n, -1, 1)
  second <- stats::runif(n) < stats::plogis(0.3 + 2 * x)
  eta <- ifelse(second, 0.5 + x, 2.5 - x)
  y <- switch(family, gaussian = eta + 0.4 * stats::rnorm(n), poisson = stats::rpois(n, exp(eta)),
    Gamma = stats::rgamma(n, 8, 8 * exp(-eta)), negative_binomial = stats::rnbinom(n, 6, mu = exp(eta)))
  data.frame(x, y)
}

by_num_deriv <- function(family) {
  data <- drawn(family)
  fit <- fitted_mixture(y ~ x, data, family = families(family))
  value <- function(theta) slow_value(theta, data, slow_densities[[family]])
  hessian <- numDeriv::hessian(value, unname(coef(fit)))
  list(
    `log-likelihood` = list(stats::logLik(fit), value(unname(coef(fit)))),
    `standard errors` = list(standard_errors(fit), sqrt(diag(solve(-hessian))))
  )
}

list(
  known_answer("errors of two Gaussian experts and a gate", "simulated", "numDeriv",
    c(`log-likelihood` = 12, `standard errors` = 6), function() by_num_deriv("gaussian")),
  known_answer("errors of two Poisson experts and a gate", "simulated", "numDeriv",
    c(`log-likelihood` = 12, `standard errors` = 6), function() by_num_deriv("poisson")),
  known_answer("errors of two Gamma experts and a gate", "simulated", "numDeriv",
    c(`log-likelihood` = 12, `standard errors` = 6), function() by_num_deriv("Gamma")),
  known_answer("errors of two negative binomial experts and a gate", "simulated", "numDeriv",
    c(`log-likelihood` = 12, `standard errors` = 5), function() by_num_deriv("negative_binomial"))
)
