# Two regressions on x, whose turn it is decided by z.
two_lines <- function(n, seed = 1) {
  set.seed(seed)
  d <- data.frame(x = runif(n, -2, 2), z = rnorm(n))
  d$y <- ifelse(runif(n) < plogis(d$z), 1 + 2 * d$x, -1 - 1.5 * d$x) + rnorm(n, 0, 0.4)
  d
}

# Two experts that overlap, under a gate that the covariate decides.
overlapping_lines <- function(n, seed = 1, intercept = 1) {
  set.seed(seed)
  x <- runif(n, -2, 2)
  first <- runif(n) < plogis(2 * x)
  data.frame(x = x, y = ifelse(first, intercept + x + rnorm(n, sd = 0.4), -1 - 0.5 * x + rnorm(n, sd = 0.7)))
}
