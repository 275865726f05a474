fit <- moe(y ~ x, overlapping_lines(400, intercept = 3), control = moe_control(seed = 1))
density_at <- function(fit, data, row, y) predict(fit, data.frame(x = data$x[row], y = y), type = "density")

test_that("one Gaussian expert has the interval around its mean", {
  line <- moe(dist ~ speed, cars, experts = 1)
  sets <- highest_density(line, data.frame(speed = c(5, 20)), level = 0.9)
  expect_identical(sets$row, 1:2)
  half <- qnorm(0.95) * sigma(line)[[1]]
  mean <- unname(predict(line, data.frame(speed = c(5, 20))))
  expect_equal(sets$lower, mean - half, tolerance = 1e-8)
  expect_equal(sets$upper, mean + half, tolerance = 1e-8)
})

test_that("sets have their probability, and one density at all their ends, below which all others lie", {
  data <- data.frame(x = c(-1.8, 0, 0.5, 1.8))
  for (level in c(0.5, 0.95)) {
    sets <- highest_density(fit, data, level)
    expect_equal(as.vector(tapply(sets$probability, sets$row, sum)), rep(level, 4), tolerance = 1e-8)
    for (i in seq_len(nrow(data))) {
      own <- sets[sets$row == i, ]
      ends <- density_at(fit, data, i, c(own$lower, own$upper))
      expect_equal(unname(ends), rep(mean(ends), length(ends)), tolerance = 1e-6)
      y <- seq(-5, 8, length.out = 2001)
      inside <- rowSums(outer(y, own$lower, ">=") & outer(y, own$upper, "<=")) > 0
      expect_true(all(density_at(fit, data, i, y[!inside]) <= mean(ends) * (1 + 1e-6)))
      expect_true(all(density_at(fit, data, i, y[inside]) >= mean(ends) * (1 - 1e-6)))
    }
  }
  sets <- highest_density(fit, data.frame(x = 0))
  expect_identical(nrow(sets), 2L)
})

test_that("of counts the set is the likeliest ones", {
  set.seed(2)
  x <- runif(300)
  data <- data.frame(x = x, n = rpois(300, ifelse(runif(300) < 0.5, 1, exp(3 + x))))
  counts <- moe(n ~ x, data, family = poisson(), control = moe_control(seed = 1))
  sets <- highest_density(counts, data[1, ], level = 0.8)
  f <- predict(counts, data.frame(x = data$x[1], n = 0:200), type = "density")
  taken <- unlist(Map(seq, sets$lower, sets$upper))
  expect_gte(sum(f[taken + 1]), 0.8)
  expect_lt(sum(f[taken + 1]) - min(f[taken + 1]), 0.8)
  expect_gte(min(f[taken + 1]), max(f[-(taken + 1)]))
  expect_equal(sum(sets$probability), sum(f[taken + 1]))
  expect_gt(nrow(sets), 1)
  # far out a set is that of a normal variable
  far <- highest_density(moe(n ~ x, data, family = poisson(), experts = 1), data.frame(x = 10))
  mean <- (far$lower + far$upper) / 2
  expect_equal(far$upper - far$lower, 2 * qnorm(0.975) * sqrt(mean), tolerance = 0.01)
})

test_that("new responses lie in the sets as often as they say, offsets and units included", {
  fresh <- overlapping_lines(2000, 9, intercept = 3)
  sets <- highest_density(fit, fresh, level = 0.8)
  inside <- tapply(fresh$y[sets$row] >= sets$lower & fresh$y[sets$row] <= sets$upper, sets$row, any)
  expect_equal(mean(inside), 0.8, tolerance = 0.05)
  moved <- transform(overlapping_lines(400, intercept = 3), y = 10 + y, o = 10)
  shifted <- moe(y ~ x + offset(o), moved, control = moe_control(seed = 1))
  sets <- highest_density(shifted, data.frame(x = 0, o = 10))
  expect_equal(sets$lower, 10 + highest_density(fit, data.frame(x = 0))$lower, tolerance = 1e-4)
})

test_that("missing rows and bad input", {
  sets <- highest_density(fit, data.frame(x = c(NA, 2)))
  expect_identical(sets$row[1], 1L)
  expect_true(is.na(sets$lower[1]) && !anyNA(sets[-1, ]))
  expect_identical(nrow(highest_density(fit, data.frame(x = double()))), 0L)
  expect_error(highest_density(fit, level = 1.2), class = "expertmix_error_level")
  classes <- moe(am == 1 ~ wt, mtcars, experts = 1)
  expect_error(highest_density(classes), class = "expertmix_error_family")
  expect_error(highest_density(fit, data.frame(v = 1)), class = "expertmix_error_newdata")
})
