truth <- mixing_measure(cbind(c(-8, 25), c(0, 0)), cbind(c(15, -20), c(-5, 20)), c(0.3, 0.4))
normal <- function(mean, sigma) mixing_measure(matrix(0, 1, 1), matrix(mean, 1, 1), sigma)

test_that("distances are the closed forms of normal distributions", {
  none <- matrix(0, 2, 0)
  expect_equal(kl_divergence(normal(1, 2), normal(0, 1), none), log(2) + 2 / 8 - 0.5, tolerance = 1e-8)
  expect_equal(hellinger(normal(1, 2), normal(0, 1), none), sqrt(1 - sqrt(4 / 5) * exp(-1 / 20)), tolerance = 1e-8)
  expect_equal(total_variation(normal(1, 1), normal(0, 1), none), 2 * pnorm(0.5) - 1, tolerance = 1e-7)
})

test_that("distances agree with draws, across gates and numbers of experts", {
  x <- seq(0, 1, length.out = 21)
  other <- mixing_measure(cbind(c(-6, 20), c(0, 0), c(-1, 1)), cbind(c(15, -20), c(-5, 20), c(0, 0)), 0.5, gate_topk(2))
  set.seed(1)
  for (distance in list(hellinger, total_variation, kl_divergence)) {
    drawn <- distance(other, truth, x, method = "montecarlo", draws = 5000)
    expect_equal(drawn, distance(other, truth, x), tolerance = 0.02)
  }
  expect_equal(kl_divergence(truth, truth, x), 0)
})

test_that("measures of different families, or covariates that do not fit, are classed errors", {
  choice <- mixing_measure(matrix(0, 2, 1), array(0, c(2, 2, 1)), family = multinomial())
  expect_error(hellinger(choice, truth, 1), "families", class = "expertmix_error_measure")
  expect_error(hellinger(truth, truth, cbind(1, 2)), class = "expertmix_error_measure")
  expect_error(hellinger(truth, truth, 1, method = "guess"), class = "expertmix_error_method")
  expect_error(hellinger(truth, truth, 1, draws = 0), class = "expertmix_error_measure")
  expect_equal(kl_divergence(choice, choice, 1), 0)
})

test_that("the system of rbar is solved below it and not at it", {
  below <- rbar_check(2, 3)
  expect_true(below$solvable)
  expect_lt(below$residual, 1e-10)
  expect_equal(max(abs(below$solution[, "t3"])), 1)
  at <- rbar_check(2, 4, starts = 10)
  expect_false(at$solvable)
  expect_gt(at$residual, 1e-4)
  expect_true(rbar_check(3, 5)$solvable)
  expect_false(rbar_check(3, 6, starts = 5)$solvable)
  expect_output(print(below), "rbar(2) > 3", fixed = TRUE)
  expect_output(print(at), "evidence")
  for (bad in list(c(0, 3), c(7, 3), c(2, 0), c(2, 13), c(1.5, 2))) {
    expect_error(rbar_check(bad[1], bad[2]), class = "expertmix_error_rbar")
  }
})
