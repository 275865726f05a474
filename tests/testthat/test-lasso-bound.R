test_that("the bound is the stated shape", {
  expect_equal(lasso_lambda_bound(1, 3, experts = 1), 1)
  expect_equal(lasso_lambda_bound(100, 7, 3, 2, 0.5), 0.5 * 3 * (2 * log(100) * sqrt(log(15)) + 1) / 10)
  expect_equal(lasso_lambda_bound(100, 7, 3, 2, 0.5), 2.4235, tolerance = 1e-4)
})

test_that("it is linear in the constant and the experts", {
  expect_equal(lasso_lambda_bound(50, 9, constant = 3), 3 * lasso_lambda_bound(50, 9))
  expect_equal(lasso_lambda_bound(50, 9, experts = 6), 3 * lasso_lambda_bound(50, 9, experts = 2))
})

test_that("it falls with n and grows slowly with p, for vectors of either", {
  n <- c(100, 400, 1600, 6400)
  expect_true(all(diff(lasso_lambda_bound(n, 20)) < 0))
  expect_true(all(diff(lasso_lambda_bound(100, n)) > 0))
  expect_lt(lasso_lambda_bound(100, 1e6) / lasso_lambda_bound(100, 1e3), 1.5)
  expect_equal(lasso_lambda_bound(n, n), mapply(lasso_lambda_bound, n, n))
})

test_that("bad arguments are classed errors", {
  bad <- list(
    list(n = 0, p = 5), list(n = 10.5, p = 5), list(n = NA_real_, p = 5), list(n = "a", p = 5),
    list(n = numeric(), p = 5),
    list(n = Inf, p = 5), list(n = 10, p = 0), list(n = 10, p = -1), list(n = 1:2 * 10, p = 1:3),
    list(n = 10, p = 5, experts = 0), list(n = 10, p = 5, experts = 1:2), list(n = 10, p = 5, responses = 0.5),
    list(n = 10, p = 5, constant = 0), list(n = 10, p = 5, constant = NA_real_), list(n = 10, p = 5, constant = Inf)
  )
  for (arguments in bad) {
    expect_error(do.call(lasso_lambda_bound, arguments), class = "expertmix_error_bound")
  }
})
