# The log-density of every row under a fit's model at other values of its free parameters, written out in R, and its
# numerical derivatives.

slow_activations <- list(
  identity = identity, tanh = tanh, sigmoid = plogis, gelu = function(u) u * pnorm(u),
  softplus = function(u) log1p(exp(u)), relu = function(u) pmax(u, 0)
)

# Parameters as coefficients: `gate` (terms x K), `experts` (terms x classes x K), log sigma and log temperature.
spread_parameters <- function(theta, fit, terms) {
  table <- as.list(fit$parameters)
  k <- length(fit$mass)
  out <- list(
    gate = matrix(0, terms$gate, k), experts = array(0, c(terms$experts, max(1, length(fit$classes$labels)), k)),
    log_sigma = numeric(k), log_temperature = log(fit$gate$temperature %||% 1)
  )
  for (i in seq_along(theta)) {
    row <- lapply(table, `[[`, i)
    if (row$kind != "coefficient") {
      own <- if (row$kind == "log_sigma" && !is.na(row$expert)) row$expert else seq_along(out[[row$kind]])
      out[[row$kind]][own] <- theta[i]
    } else if (row$part == "gate") {
      out$gate[row$column, row$expert] <- theta[i]
    } else {
      out$experts[row$column, if (is.na(row$outcome)) 1 else row$outcome, row$expert] <- theta[i]
    }
  }
  out
}

slow_gate <- function(gate, coefficients, z, log_temperature) {
  slopes <- sweep(z[, -1, drop = FALSE], 2, gate$origin %||% 0) %*% coefficients[-1, , drop = FALSE]
  scores <- sweep(slow_activations[[gate$activation]](slopes), 2, coefficients[1, ], "+") / exp(log_temperature)
  size <- if (gate$normaliser == "sigmoid") plogis(scores) else exp(scores)
  size / rowSums(size)
}

# Intercepts stand first in x and z.
slow_log_density <- function(theta, fit, x, z, y, offset = 0) {
  at <- spread_parameters(theta, fit, list(gate = ncol(z), experts = ncol(x)))
  density <- vapply(seq_along(fit$mass), function(k) {
    means <- x %*% at$experts[, , k] + offset
    if (is.factor(y)) {
      shares <- exp(means) / rowSums(exp(means))
      return(shares[cbind(seq_along(y), as.integer(y))])
    }
    dnorm(y, means, exp(at$log_sigma[k]))
  }, numeric(length(y)))
  log(rowSums(slow_gate(fit$gate, at$gate, z, at$log_temperature) * density))
}

# Derivatives of a vector-valued function, a column a parameter, by fourth-order central differences.
numerical_jacobian <- function(f, at, step = 1e-3) {
  steps <- step * pmax(1, abs(at))
  vapply(seq_along(at), function(j) {
    moved <- function(by) f(replace(at, j, at[j] + by * steps[j]))
    (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * steps[j])
  }, numeric(length(f(at))))
}
