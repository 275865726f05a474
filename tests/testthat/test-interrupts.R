# What a time limit of R's does to a call: R_CheckUserInterrupt() ends it, as Ctrl-C does.
seconds_to_stop <- function(expression) {
  began <- proc.time()[["elapsed"]]
  setTimeLimit(elapsed = 0.3, transient = TRUE)
  on.exit(setTimeLimit())
  stopped <- tryCatch({
    force(expression)
    FALSE
  }, interrupt = function(condition) TRUE, error = function(condition) TRUE)
  expect_true(stopped)
  proc.time()[["elapsed"]] - began
}

test_that("long computations on measures end soon after they are interrupted", {
  skip_on_cran()
  random <- function(k, d, seed) {
    set.seed(seed)
    mixing_measure(matrix(rnorm((d + 1) * k), d + 1), matrix(rnorm((d + 1) * k), d + 1), runif(k, 0.5, 1))
  }
  truth <- random(3, 2, 1)
  other <- random(3, 2, 2)
  x <- matrix(rnorm(40000), 20000)
  expect_lt(seconds_to_stop(rbar_check(6, 12, starts = 1e6)), 30)
  expect_lt(seconds_to_stop(hellinger(other, truth, x, method = "montecarlo", draws = 1e6)), 30)
  expect_lt(seconds_to_stop(for (i in 1:100) total_variation(other, truth, x)), 30)
  expect_lt(seconds_to_stop(for (i in 1:100) kl_divergence(other, truth, x)), 30)
  wide <- random(12, 40, 3)
  expect_lt(seconds_to_stop(for (i in 1:100) voronoi_loss(random(14, 40, i), wide)), 30)
  expect_lt(seconds_to_stop(for (i in 1:100) voronoi_cells(random(14, 40, i), wide)), 30)
})

test_that("a loss of a hundred covariates takes seconds", {
  set.seed(1)
  measure <- function(k) {
    mixing_measure(matrix(rnorm(101 * k), 101), matrix(rnorm(101 * k), 101), runif(k, 0.5, 1))
  }
  truth <- measure(3)
  loss <- voronoi_loss(measure(3), truth)
  expect_true(is.finite(loss))
  moved <- truth
  moved$gate <- moved$gate + rnorm(101)
  expect_equal(c(voronoi_loss(moved, truth)), 0, tolerance = 1e-9, ignore_attr = TRUE)
})
