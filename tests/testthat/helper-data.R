# Two regressions on x, whose turn it is decided by z.
two_lines <- function(n, seed = 1) {
  set.seed(seed)
  d <- data.frame(x = runif(n, -2, 2), z = rnorm(n))
  d$y <- ifelse(runif(n) < plogis(d$z), 1 + 2 * d$x, -1 - 1.5 * d$x) + rnorm(n, 0, 0.4)
  d
}
