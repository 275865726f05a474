# Where a path begins and ends, and that it finds what there is to find.
settings <- moe_control(starts = 5, seed = 1)

test_that("a gate alone may have slopes: the path begins where they are zero", {
  d <- withr::with_seed(2, {
    d <- data.frame(matrix(rnorm(800), 200))
    first <- runif(200) < plogis(2 * d$X1)
    d$y <- ifelse(first, 0, 1.2) + rnorm(200)
    d$class <- factor(ifelse(runif(200) < ifelse(first, 0.9, 0.1), "a", "b"))
    d
  })
  for (formula in list(y ~ 1 | X1 + X2 + X3, class ~ 1 | X1 + X2 + X3)) {
    path <- moe_path(formula, d, nlambda = 10, control = settings)
    expect_length(path$lambda, 10)
    expect_equal(path$table$nonzero[1], 0)
    expect_gt(path$table$nonzero[2], 0)
    expect_gt(logLik(path)[10], logLik(path)[1] + 1)
    expect_lt(max(path$table$violation), 1e-6)
  }
})
