lines_fit <- moe(y ~ x, overlapping_lines(400), control = moe_control(seed = 1))
new <- data.frame(x = c(-1.5, 0, 0.7))

counts_data <- local({
  set.seed(2)
  x <- runif(300)
  data.frame(x = x, e = runif(300), n = rpois(300, ifelse(runif(300) < 0.5, exp(x), exp(2.5 - x))))
})

# Standard errors with derivatives by central differences.
numerical_errors <- function(fit, new, type, covariance = vcov(fit)) {
  theta <- coef(fit)
  at <- function(values) {
    fit$estimates <- expertmix:::estimates_at(fit, values)
    c(predict(fit, new, type = type))
  }
  jacobian <- sapply(seq_along(theta), function(j) {
    h <- replace(0 * theta, j, 1e-5 * max(1, abs(theta[j])))
    (at(theta + h) - at(theta - h)) / (2 * sum(h))
  })
  unname(sqrt(rowSums((jacobian %*% covariance) * jacobian)))
}

test_that("standard errors of predictions are those of numerical derivatives, of all types, gates and families", {
  fits <- list(
    lines_fit,
    moe(y ~ x, overlapping_lines(400), gate = gate_sigmoid(), control = moe_control(seed = 1)),
    moe(y ~ x | 1, overlapping_lines(400), sigma = "common", control = moe_control(seed = 1)),
    moe(n ~ x + offset(e), counts_data, family = poisson(), control = moe_control(seed = 1)),
    moe(cut(y, 3) ~ x | 1, overlapping_lines(2000), control = moe_control(seed = 1, starts = 10))
  )
  for (fit in fits) {
    data <- if (is.null(fit$model$x)) counts_data[1:3, ] else transform(new, e = 0.3)
    for (type in c("response", "experts", "gate")) {
      result <- predict(fit, data, type = type, se.fit = TRUE)
      expect_identical(result$fit, predict(fit, data, type = type))
      expect_identical(dimnames(result$se.fit), dimnames(result$fit))
      expect_equal(c(unname(result$se.fit)), numerical_errors(fit, data, type), tolerance = 1e-6)
    }
  }
})

test_that("one expert has the errors of lm() and glm()", {
  fit <- moe(dist ~ speed, cars, experts = 1)
  line <- lm(dist ~ speed, cars)
  by_lm <- predict(line, se.fit = TRUE)$se.fit * sqrt(48 / 50)
  expect_equal(unname(predict(fit, se.fit = TRUE)$se.fit), unname(by_lm), tolerance = 1e-8)
  interval <- predict(fit, interval = "confidence", level = 0.9)
  expect_equal(interval, cbind(fit = fitted(line), lwr = fitted(line) - qnorm(0.95) * by_lm,
    upr = fitted(line) + qnorm(0.95) * by_lm), tolerance = 1e-8)

  fit <- moe(n ~ x, counts_data, family = poisson(), experts = 1)
  counts <- glm(n ~ x, poisson(), counts_data)
  link <- predict(counts, new, se.fit = TRUE)
  expect_equal(predict(fit, new, se.fit = TRUE)$se.fit, predict(counts, new, type = "response", se.fit = TRUE)$se.fit,
    tolerance = 1e-6)
  expect_equal(predict(fit, new, interval = "confidence")[, "upr"], exp(link$fit + qnorm(0.975) * link$se.fit),
    tolerance = 1e-6)

  fit <- moe(am == 1 ~ wt, mtcars, experts = 1)
  logistic <- glm(am ~ wt, binomial(), mtcars, epsilon = 1e-14)
  link <- predict(logistic, se.fit = TRUE)
  band <- predict(fit, interval = "confidence")
  expect_identical(dim(band), c(32L, 2L, 3L))
  expect_equal(band[, "TRUE", "lwr"], plogis(unname(link$fit - qnorm(0.975) * link$se.fit)), tolerance = 1e-5,
    ignore_attr = TRUE)
})

test_that("intervals of small probabilities hold them", {
  far <- predict(lines_fit, data.frame(x = c(-60, 60)), type = "gate", interval = "confidence")
  expect_true(all(far[, , "lwr"] <= far[, , "fit"] & far[, , "fit"] <= far[, , "upr"]))
  expect_lt(min(far[, , "upr"]), 1e-20)
})

test_that("a covariance can be of another type, or given", {
  sandwich <- predict(lines_fit, new, se.fit = TRUE, vcov = "sandwich")$se.fit
  expect_equal(unname(sandwich), numerical_errors(lines_fit, new, "response", vcov(lines_fit, type = "sandwich")),
    tolerance = 1e-6)
  given <- predict(lines_fit, new, se.fit = TRUE, vcov = 4 * vcov(lines_fit))$se.fit
  expect_equal(given, 2 * predict(lines_fit, new, se.fit = TRUE)$se.fit)
})

test_that("simultaneous bands hold whole curves as often as they say", {
  grid <- data.frame(x = seq(-2, 2, length.out = 25))
  truth <- with(grid, plogis(2 * x) * (1 + x) + plogis(-2 * x) * (-1 - 0.5 * x))
  held <- sapply(1:200, function(seed) {
    fit <- moe(y ~ x, overlapping_lines(500, seed), start = lines_fit, control = moe_control(seed = 1))
    band <- predict(fit, grid, interval = "confidence", level = 0.9, simultaneous = TRUE)
    all(truth > band[, "lwr"] & truth < band[, "upr"])
  })
  # three standard errors of 200 replications on either side
  expect_gt(mean(held), 0.9 - 3 * sqrt(0.9 * 0.1 / 200))
  expect_lt(mean(held), 0.9 + 3 * sqrt(0.9 * 0.1 / 200))
})

test_that("at one row a simultaneous band is nearly the pointwise interval", {
  set.seed(1)
  one <- new[1, , drop = FALSE]
  width <- function(...) diff(predict(lines_fit, one, interval = "confidence", ...)[, c("lwr", "upr")])
  expect_equal(width(simultaneous = TRUE), width(), tolerance = 0.05)
})

test_that("where a gate separates, predictions away from the split keep their errors", {
  data <- data.frame(x = c(seq(-2, -0.5, 0.01), seq(0.5, 2, 0.01)))
  set.seed(3)
  data$y <- ifelse(data$x > 0, 5 + data$x, -5 - data$x) + rnorm(nrow(data), sd = 0.3)
  fit <- suppressWarnings(moe(y ~ x, data, control = moe_control(seed = 1)))
  right <- lm(y ~ x, data[data$x > 0, ])
  se <- predict(fit, data.frame(x = c(-1, 0, 1)), se.fit = TRUE)$se.fit
  count <- nrow(data) / 2
  expect_equal(se[[3]], predict(right, data.frame(x = 1), se.fit = TRUE)$se.fit * sqrt((count - 2) / count),
    tolerance = 1e-3)
  expect_identical(is.na(unname(se)), c(FALSE, TRUE, FALSE))
  gate <- predict(fit, data.frame(x = 1), type = "gate", interval = "confidence")
  # how near to one the probability is, depends on how steep the split is
  expect_true(all(is.na(gate[, , c("lwr", "upr")])))
})

test_that("contrasts of a gate that the data hold keep their errors beside a split", {
  skip_if_not_installed("MASS")
  whole <- suppressWarnings(moe(accel ~ times, MASS::mcycle, experts = 3, control = moe_control(seed = 1)))
  expect_false(any(whole$estimable[1:4]))
  # the third expert has the rows from 24.1 on
  left <- moe(accel ~ times, subset(MASS::mcycle, times < 24.1), experts = 2, control = moe_control(seed = 1))
  data <- data.frame(times = c(14, 20))
  expect_equal(predict(whole, data, se.fit = TRUE)$se.fit, predict(left, data, se.fit = TRUE)$se.fit, tolerance = 0.01)
  gates <- lapply(list(whole, left), predict, data, type = "gate", se.fit = TRUE)
  expect_equal(unname(gates[[1]]$se.fit[, 2:3]), unname(gates[[2]]$se.fit), tolerance = 0.01)
  expect_warning(tests <- test_terms(whole), class = "expertmix_warning_singular")
  expect_identical(unname(is.na(tests$Chisq)), rownames(tests) == "gate: times")
})

test_that("conformal intervals hold new rows as often as they say, though the model is wrong", {
  wrong <- function(n) {
    x <- runif(n)
    data.frame(x = x, y = sin(6 * x) + (0.1 + x) * rt(n, 2.5))
  }
  set.seed(4)
  fit <- moe(y ~ x, wrong(200), experts = 1)
  coverage <- sapply(1:200, function(i) {
    fresh <- wrong(200)
    interval <- predict(fit, fresh, interval = "conformal", calibration = wrong(79), level = 0.9)
    mean(fresh$y >= interval[, "lwr"] & fresh$y <= interval[, "upr"])
  })
  expect_equal(mean(coverage), 0.9, tolerance = 0.015)
  set.seed(5)
  fit <- moe(n ~ x, counts_data, family = poisson(), experts = 1)
  coverage <- sapply(1:200, function(i) {
    rows <- sample(300)
    fresh <- counts_data[rows[1:150], ]
    interval <- predict(fit, fresh, interval = "conformal", calibration = counts_data[rows[151:249], ])
    mean(fresh$n >= interval[, "lwr"] & fresh$n <= interval[, "upr"])
  })
  expect_gt(mean(coverage), 0.94)
})

test_that("a fit at its bounds has predictions without errors", {
  bounded <- suppressWarnings(
    moe(y ~ x, overlapping_lines(100), control = moe_control(seed = 1, bounds = moe_bounds(experts = 0.6)))
  )
  expect_warning(band <- predict(bounded, new, interval = "confidence", simultaneous = TRUE),
    class = "expertmix_warning_singular")
  expect_identical(unname(is.na(band[1, ])), c(FALSE, TRUE, TRUE))
})

test_that("too few rows to calibrate give everything", {
  interval <- predict(lines_fit, new, interval = "conformal", calibration = overlapping_lines(5, 9))
  expect_identical(unname(interval[, "upr"]), rep(Inf, 3))
})

test_that("missing values, no rows and na.exclude() keep the shape", {
  result <- predict(lines_fit, data.frame(x = c(1, NA)), se.fit = TRUE, interval = "confidence")
  expect_identical(is.na(unname(result$se.fit)), c(FALSE, TRUE))
  expect_true(all(is.na(result$fit[2, ])) && !anyNA(result$fit[1, ]))
  none <- predict(lines_fit, new[0, , drop = FALSE], type = "gate", interval = "confidence")
  expect_identical(dim(none), c(0L, 2L, 3L))
  data <- overlapping_lines(100)
  data$y[7] <- NA
  fit <- moe(y ~ x, data, na.action = na.exclude, control = moe_control(seed = 1))
  expect_length(predict(fit, se.fit = TRUE)$se.fit, 100)
  expect_identical(dim(predict(fit, type = "experts", interval = "confidence")), c(100L, 2L, 3L))
})

test_that("arguments that do not go together are errors", {
  expect_class <- function(code, class) expect_error(code, class = paste0("expertmix_error_", class))
  expect_class(predict(lines_fit, new, type = "density", se.fit = TRUE), "type")
  expect_class(predict(lines_fit, new, vcov = "sandwich"), "vcov")
  expect_class(predict(lines_fit, new, se.fit = TRUE, vcov = "HC3"), "vcov")
  expect_class(predict(lines_fit, new, se.fit = TRUE, vcov = diag(3)), "vcov")
  expect_class(predict(lines_fit, new, se.fit = TRUE, vcov = -vcov(lines_fit)), "vcov")
  expect_class(predict(lines_fit, new, se.fit = NA), "se.fit")
  expect_class(predict(lines_fit, new, interval = "prediction", se.fit = TRUE), "se.fit")
  expect_class(predict(lines_fit, new, simultaneous = TRUE), "simultaneous")
  expect_class(predict(lines_fit, new, interval = "conformal"), "calibration")
  expect_class(predict(lines_fit, new, interval = "prediction", calibration = new), "calibration")
  expect_class(predict(lines_fit, new, interval = "conformal", calibration = new), "calibration")
  expect_class(predict(lines_fit, new, type = "gate", interval = "prediction"), "interval")
  penalised <- moe(y ~ x, overlapping_lines(100), penalty = penalty_lasso(0.1), control = moe_control(seed = 1))
  expect_class(predict(penalised, new, se.fit = TRUE), "penalty")
})
