# Two regressions with heavy tails.
heavy_tails <- function(n = 500, seed = 1) {
  d <- withr::with_seed(seed, rmoe(n, t_truth(), matrix(runif(n, -2, 2), dimnames = list(NULL, "x"))))
  cbind(d, w = rep(1:2, length.out = n))
}

t_truth <- function() {
  mixing_measure(cbind(c(0.2, 1.5), c(0, 0)), cbind(c(2, 1), c(-2, -0.5)), sigma = c(0.4, 0.7),
    family = student_t(), scalars = c(3, 6))
}

t_fit <- function(d = heavy_tails(), ...) moe(y ~ x, d, family = student_t(), start = t_truth(), ...)

t_density <- function(y, location, sigma, df) dt((y - location) / sigma, df, log = TRUE) - log(sigma)

test_that("one expert is the maximum of the likelihood as it is written, with df fixed or estimated", {
  loss <- function(df) {
    function(p) {
      location <- p[1] + p[2] * cars$speed
      -sum(t_density(cars$dist, location, exp(p[3]), if (is.null(df)) exp(p[4]) else df))
    }
  }
  for (df in list(4, 1, NULL)) {
    ours <- moe(dist ~ speed, cars, experts = 1, family = student_t(df))
    start <- c(-16, 3.7, 2.4, if (is.null(df)) 1.5)
    theirs <- optim(start, loss(df), method = "BFGS", control = list(reltol = 1e-15, maxit = 1000))
    expect_equal(as.numeric(logLik(ours)), -theirs$value, tolerance = 1e-8)
    expect_equal(unname(coef(ours)), theirs$par, tolerance = 1e-3)
    expect_equal(vcov(ours), solve(optimHess(coef(ours), loss(df))), tolerance = 1e-3)
  }
  expect_named(coef(ours)[4], "expert1:log(df)")
  expect_equal(unname(ours$estimates$scalars[1, "df"]), unname(exp(coef(ours)[4])))
})

test_that("with a million degrees of freedom it is the Gaussian fit", {
  d <- overlapping_lines(300)
  gaussian <- moe(y ~ x, d, control = moe_control(seed = 1))
  ours <- moe(y ~ x, d, family = student_t(df = 1e6), control = moe_control(seed = 1))
  expect_equal(as.numeric(logLik(ours)), as.numeric(logLik(gaussian)), tolerance = 1e-6)
  expect_equal(coef(ours), coef(gaussian), tolerance = 1e-4)
  expect_equal(vcov(ours), vcov(gaussian), tolerance = 1e-4)
  expect_equal(scores(ours)$crps, scores(gaussian)$crps, tolerance = 1e-5)
  expect_equal(residuals(ours, "pearson"), residuals(gaussian, "pearson"), tolerance = 1e-4)
  expect_equal(residuals(ours, "deviance"), residuals(gaussian, "deviance"), tolerance = 1e-4)
  expect_equal(residuals(ours, "quantile"), residuals(gaussian, "quantile"), tolerance = 1e-4)
  far <- data.frame(x = 0, y = 1e4)
  expect_equal(predict(ours, far, type = "posterior"), predict(gaussian, far, type = "posterior"), tolerance = 1e-3)
})

test_that("the search finds a mixture as good as the truth", {
  d <- heavy_tails()
  fit <- moe(y ~ x, d, family = student_t(), control = moe_control(seed = 1))
  expect_gte(as.numeric(logLik(fit)), sum(log_density(t_truth(), d$y, d$x)))
  expect_equal(as.numeric(logLik(fit)), sum(log(predict(fit, type = "density"))), tolerance = 1e-10)
  expect_gt(as.numeric(logLik(fit)), as.numeric(logLik(moe(y ~ x, d, control = moe_control(seed = 1)))) + 10)
  common <- moe(y ~ x, d, family = student_t(), sigma = "common", control = moe_control(seed = 1))
  expect_equal(unname(diff(sigma(common))), 0)
  expect_lt(as.numeric(logLik(common)), as.numeric(logLik(fit)))
  expect_equal(attr(logLik(common), "df"), attr(logLik(fit), "df") - 1)
  moved <- moe(I(100 + 10 * y) ~ x, d, family = student_t(), control = moe_control(seed = 1))
  expect_equal(moved$estimates$scalars, fit$estimates$scalars, tolerance = 1e-5)
  expect_equal(sigma(moved), 10 * sigma(fit), tolerance = 1e-5)
})

test_that("rows that are repeated are rows of their weight, and an offset is taken off", {
  d <- heavy_tails()
  weighted <- moe(y ~ x, d, family = student_t(), start = t_truth(), weights = w)
  repeated <- t_fit(d[rep(1:500, d$w), ])
  expect_equal(coef(weighted), coef(repeated), tolerance = 1e-6)
  plain <- t_fit(d)
  shifted <- moe(y ~ x + offset(x), transform(d, y = y + x), family = student_t(), start = t_truth())
  expect_equal(coef(shifted), coef(plain), tolerance = 1e-6)
})

test_that("every verb takes Student-t experts", {
  d <- heavy_tails()
  fit <- t_fit(d)
  expect_output(print(fit), "df")
  expect_output(print(summary(fit)), "df")
  expect_output(print(summary(fit), table = "full"), "Scales:")
  expect_setequal(generics::tidy(fit)$part, c("gate", "experts", "sigma", "df"))
  for (type in c("response", "experts", "gate", "posterior", "density", "cdf")) {
    expect_true(all(is.finite(predict(fit, type = type))))
  }
  quantiles <- predict(fit, d[1:3, ], type = "quantile", probs = c(0.01, 0.9))
  for (j in 1:2) {
    expect_equal(predict(fit, transform(d[1:3, ], y = quantiles[, j]), type = "cdf"), rep(c(0.01, 0.9)[j], 3),
      tolerance = 1e-10, ignore_attr = TRUE)
  }
  expect_true(all(is.finite(predict(fit, d[1:3, ], se.fit = TRUE)$se.fit)))
  for (type in c("response", "pearson", "deviance", "quantile")) {
    expect_true(all(is.finite(residuals(fit, type = type))))
  }
  expect_gt(ks.test(residuals(fit, "quantile"), pnorm)$p.value, 0.001)
  expect_s3_class(ggplot2::autoplot(fit), "ggplot")
  expect_s3_class(ggplot2::autoplot(fit, which = "density"), "ggplot")
  expect_s3_class(diagnose(fit), "moe_diagnosis")
  expect_true(all(is.finite(influence(fit)$cooks)))
  profile <- confint(fit, "expert1:log(df)", method = "profile")
  expect_true(profile[1] < log(3) && log(3) < profile[2])
  measure <- mixing_measure(fit)
  expect_lt(hellinger(measure, fit, c(-0.5, 0.5)), 1e-6)
  expect_equal(measure$scalars, fit$estimates$scalars)
  boot <- suppressWarnings(moe_boot(fit, 4, seed = 1), "expertmix_warning")
  expect_true("expert1:log(df)" %in% names(boot$coefficients))
})

test_that("the crps is the known one of t with 2 degrees of freedom", {
  measure <- mixing_measure(cbind(0), cbind(c(1, 2)), sigma = 2, family = student_t(2))
  d <- withr::with_seed(1, rmoe(50, measure, matrix(runif(50), dimnames = list(NULL, "x"))))
  fit <- moe(y ~ x, d, experts = 1, family = student_t(2))
  # Jordan, Krueger and Lerch 2019, Journal of Statistical Software 90(12)
  z <- (d$y - fitted(fit)) / sigma(fit)
  spread <- 2 * sqrt(2) * beta(0.5, 1.5) / beta(0.5, 1)^2
  known <- z * (2 * pt(z, 2) - 1) + 2 * dt(z, 2) * (2 + z^2) - spread
  expect_equal(scores(fit)$crps, unname(known * sigma(fit)), tolerance = 1e-6)
})

test_that("tails without variance or mean are said, not lost", {
  d <- heavy_tails()
  fit <- moe(y ~ x, d, family = student_t(1), start = mixing_measure(t_truth()$gate, t_truth()$experts,
    c(0.4, 0.7), family = student_t(1)))
  expect_error(residuals(fit, "pearson"), "degrees of freedom", class = "expertmix_error_type")
  expect_true(all(is.finite(residuals(fit))))
  expect_equal(fitted(fit), rowSums(predict(fit, type = "gate") * predict(fit, type = "experts")))
})

test_that("residuals that are normal put df at its bound, which is said", {
  d <- data.frame(x = rep(0, 400), y = qnorm(ppoints(400))) # lighter tails than any t
  expect_warning(fit <- moe(y ~ 1, d, experts = 1, family = student_t()), "df of expert 1 .*upper",
    class = "expertmix_warning_scalars")
  expect_equal(c(fit$estimates$scalars), 1000, tolerance = 1e-8)
  covariance <- suppressWarnings(vcov(fit), "expertmix_warning_singular")
  expect_true(is.na(covariance[3, 3]))
  expect_equal(covariance[1:2, 1:2], vcov(moe(y ~ 1, d, experts = 1)), tolerance = 0.01)
})

test_that("degrees of freedom are one positive number", {
  for (bad in list(0, -1, Inf, NA, c(3, 4), "a")) expect_error(student_t(bad), class = "expertmix_error_family")
  expect_error(moe(dist ~ speed, cars, family = structure(list(family = "student_t", link = "identity", df = -1),
    class = "family")), class = "expertmix_error_family")
  expect_identical(moe(dist ~ speed, cars, experts = 1, family = "student_t")$family, student_t())
  measure <- mixing_measure(cbind(0, 0), cbind(1, 2), 1, family = student_t(4))
  expect_equal(dim(measure$scalars), c(2L, 0L))
  expect_error(mixing_measure(cbind(0, 0), cbind(1, 2), 1, family = student_t()), class = "expertmix_error_scalars")
  expect_error(mixing_measure(cbind(0, 0), cbind(1, 2), 1, family = student_t(4), scalars = 3),
    class = "expertmix_error_scalars")
})

test_that("a path of penalised fits has df, fixed or estimated", {
  d <- heavy_tails(200)
  x <- withr::with_seed(2, cbind(1, d$x, matrix(rnorm(200 * 3), 200)))
  colnames(x) <- c("(Intercept)", paste0("x", 1:4))
  for (family in list(student_t(), student_t(5))) {
    path <- suppressWarnings(moe_path(x, d$y, experts = 2, family = family, lambda = c(0.3, 0.1, 0.05),
      control = moe_control(seed = 1)), "expertmix_warning")
    fit <- select_fit(path, lambda = 0.05)
    expect_equal("expert1:log(df)" %in% names(coef(fit)), is.null(family$df))
    expect_lt(fit$record$certificate$violation, 1e-5)
    expect_equal(sum(log(predict(fit, type = "density"))), as.numeric(logLik(fit)), tolerance = 1e-8)
  }
})
