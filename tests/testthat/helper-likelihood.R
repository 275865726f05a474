# The log-likelihood of a mixture of Gaussian experts, written out in R, and data simulated from one.

slow_log_likelihood <- function(y, x, z, gate, experts, sigma, weights = 1, offset = 0) {
  scores <- z %*% gate
  pi <- exp(scores - apply(scores, 1, max))
  pi <- pi / rowSums(pi)
  means <- x %*% experts + offset
  density <- vapply(seq_along(sigma), function(k) dnorm(y, means[, k], sigma[k]), numeric(length(y)))
  sum(weights * log(rowSums(pi * density)))
}

simulated <- function(n, seed = 1) {
  set.seed(seed)
  x <- rnorm(n)
  v <- runif(n, -1, 1)
  first <- runif(n) < plogis(0.5 + 2 * x)
  data.frame(
    x = x, v = v, g = factor(sample(c("a", "b", "c"), n, replace = TRUE)), w = sample(1:3, n, replace = TRUE), o = v^2,
    y = ifelse(first, 1 + 2 * x - v, -2 - x + v) + rnorm(n, sd = 0.4)
  )
}

few <- function(...) moe_control(starts = 20, ...)
