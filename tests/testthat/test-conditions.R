data <- simulated(60)

expect_class <- function(code, class) {
  condition <- expect_error(code, class = paste0("expertmix_error_", class))
  expect_s3_class(condition, "expertmix_error")
}

test_that("bad input is a classed error", {
  expect_class(moe(y ~ x, transform(data, y = as.character(y))), "family")
  expect_class(moe(y ~ x, transform(data, y = replace(y, 3, Inf))), "nonfinite")
  expect_error(moe(y ~ x, transform(data, x = replace(x, 3, Inf))), "row 3", class = "expertmix_error_nonfinite")
  expect_class(moe(y ~ x, transform(data, x = NA_real_)), "rows")
  expect_error(moe(y ~ x, data, weights = replace(w, 2, -1)), "row 2", class = "expertmix_error_weights")
  expect_class(moe(y ~ x, data, weights = replace(w, 2, Inf)), "weights")
  expect_class(moe(y ~ x, data, weights = 0 * w), "weights")
  for (experts in list(0, 1.5, 61, NA, "2", c(2, 3))) expect_class(moe(y ~ x, data, experts = experts), "experts")
  expect_class(moe(y ~ x | v | g, data), "formula")
  expect_class(moe(y ~ x | offset(o), data), "offset")
  expect_class(moe_control(steps = 3), "control")
  expect_class(moe(y ~ x, data, start = matrix(1, 3, 2)), "start")
  expect_class(moe(y ~ x, data, family = Gamma()), "family")
  expect_class(moe(y ~ x, data, penalty = 1), "penalty")
})

test_that("newdata without a needed column is named", {
  fit <- moe(y ~ x | v, data, control = few(seed = 1))
  expect_error(predict(fit, data["x"]), "v", class = "expertmix_error")
  expect_error(predict(fit, data[c("x", "v")], type = "posterior"), "y", class = "expertmix_error")
})

test_that("a constant or exactly fitted response is degenerate", {
  expect_class(moe(y ~ x, transform(data, y = 0.1)), "degenerate")
  expect_class(moe(y ~ x, transform(data, y = 1 + 2 * x)), "degenerate")
})

test_that("warnings carry their class and stay with the fit", {
  outlier <- transform(data, y = replace(y, 5, 1e6))
  expect_warning(
    fit <- quiet_but(moe(y ~ x, outlier, control = few(seed = 1)), "variance"), class = "expertmix_warning_variance"
  )
  expect_true(length(fit$record$collapsed) > 0)
  split <- transform(data, y = ifelse(x > 0, 5 + x, -5 - x) + 0.3 * v)
  expect_warning(moe(y ~ x, split, control = few(seed = 1)), class = "expertmix_warning_separation")
  expect_warning(moe(y ~ x, data, control = few(seed = 1, time_limit = 1e-9)), class = "expertmix_warning_convergence")
})
