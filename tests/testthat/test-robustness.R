# Input on which other packages stop with an obscure message, or go on silently with nonsense.

usable <- function(fit) {
  expect_true(all(is.finite(coef(fit))))
  expect_true(is.finite(logLik(fit)))
  expect_true(all(is.finite(fitted(fit))))
  expect_true(all(sigma(fit) > 0))
}

test_that("constant and collinear columns, few distinct points, fewer rows than columns", {
  data <- simulated(200)
  usable(quietly(moe(y ~ x + v + I(0 * x + 4), data, control = few(seed = 1))))
  usable(quietly(moe(y ~ x + v + I(x + v), data, control = few(seed = 1))))
  three <- data.frame(x = rep(1:3, 20), y = rep(c(1, 5, 2), 20))
  usable(quietly(moe(y ~ x, three, experts = 5, control = few(seed = 1))))
  set.seed(1)
  wide <- data.frame(y = rnorm(20), matrix(rnorm(600), 20))
  expect_warning(
    fit <- quiet_but(moe(y ~ ., wide, control = few(seed = 1)), "variance"), class = "expertmix_warning_variance"
  )
  usable(fit)
})

test_that("an outlier, scales, many experts", {
  data <- simulated(200)
  usable(quietly(moe(y ~ x + v, transform(data, y = replace(y, 9, 1e6)), control = few(seed = 1))))
  plain <- moe(y ~ x + v, data, control = few(seed = 1))
  scaled <- moe(y ~ x + v, transform(data, x = 1e8 * x, v = 1e8 * v, y = 1e6 * y), control = few(seed = 1))
  expect_equal(as.numeric(logLik(scaled)), as.numeric(logLik(plain)) - 200 * log(1e6), tolerance = 1e-9)
  usable(quietly(moe(y ~ x + v, data, experts = 12, control = few(seed = 1))))
  usable(quietly(moe(y ~ x, data[1:8, ], experts = 8, control = few(seed = 1))))
})

test_that("a matrix of one column is a response, and weights need not be whole", {
  data <- simulated(100)
  data$m <- as.matrix(data$y)
  expect_equal(coef(moe(m ~ x, data, control = few(seed = 1))), coef(moe(y ~ x, data, control = few(seed = 1))))
  half <- moe(y ~ x, data, weights = w / 2, control = few(seed = 1))
  whole <- moe(y ~ x, data, weights = w, control = few(seed = 1))
  expect_equal(as.numeric(logLik(half)), as.numeric(logLik(whole)) / 2, tolerance = 1e-7)
})
