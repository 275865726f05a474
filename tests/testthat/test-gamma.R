durations <- function(n = 500, seed = 1) {
  withr::with_seed(seed, {
    x <- runif(n, -1, 1)
    first <- runif(n) < plogis(0.3 + 2 * x)
    y <- rgamma(n, ifelse(first, 4, 16)) * exp(ifelse(first, 1 + x, -x)) / ifelse(first, 4, 16)
    data.frame(x, y, w = rep_len(1:2, n), o = rep_len(c(0, 0.4, -0.2), n))
  })
}

# The log-likelihood of Gamma regression at its maximum, by glm() for the mean and optimize() for the shape.
maximum_of_glm <- function(fit, y, weights = 1) {
  value <- function(log_shape) sum(weights * dgamma(y, exp(log_shape), exp(log_shape) / fitted(fit), log = TRUE))
  best <- optimize(value, c(-5, 10), maximum = TRUE, tol = 1e-10)
  list(log_likelihood = best$objective, sigma = exp(-best$maximum / 2))
}

tight <- glm.control(epsilon = 1e-14, maxit = 100)

test_that("one Gamma expert is glm's at the maximum-likelihood dispersion, with offset and weights", {
  d <- durations()
  ours <- moe(y ~ x + offset(o), d, experts = 1, family = Gamma("log"), weights = w)
  theirs <- glm(y ~ x + offset(o), Gamma("log"), d, weights = w, control = tight)
  best <- maximum_of_glm(theirs, d$y, d$w)
  expect_equal(unname(coef(ours)[1:2]), unname(coef(theirs)), tolerance = 1e-6)
  expect_equal(as.numeric(logLik(ours)), best$log_likelihood, tolerance = 1e-10)
  expect_equal(unname(sigma(ours)), best$sigma, tolerance = 1e-6)
  new <- data.frame(x = c(-0.5, 0.5), o = c(0, 1))
  expect_equal(unname(predict(ours, new)), unname(predict(theirs, new, type = "response")), tolerance = 1e-6)
  skip_if_not_installed("MASS")
  plain <- moe(y ~ x, d, experts = 1, family = "Gamma")
  theirs <- glm(y ~ x, Gamma("log"), d, control = tight)
  shape <- MASS::gamma.shape(theirs, it.lim = 100, eps.max = 1e-12)$alpha
  expect_equal(unname(sigma(plain)), 1 / sqrt(shape), tolerance = 1e-7)
  expect_equal(residuals(plain), residuals(theirs, "response"), tolerance = 1e-6)
  expect_equal(residuals(plain, type = "pearson") * sigma(plain), residuals(theirs, "pearson"), tolerance = 1e-6,
    ignore_attr = TRUE)
  expect_equal(residuals(plain, type = "deviance") * sigma(plain), residuals(theirs, "deviance"), tolerance = 1e-5,
    ignore_attr = TRUE)
})

test_that("the search finds the truth or better, and rows that are repeated are rows that weigh", {
  d <- durations()
  fit <- moe(y ~ x, d, family = Gamma("log"), control = moe_control(seed = 1))
  first <- plogis(0.3 + 2 * d$x)
  true <- sum(log(first * dgamma(d$y, 4, 4 / exp(1 + d$x)) + (1 - first) * dgamma(d$y, 16, 16 / exp(-d$x))))
  expect_gte(as.numeric(logLik(fit)), true)
  expect_equal(unname(sort(sigma(fit))), c(0.25, 0.5), tolerance = 0.15)
  expect_equal(sum(log(predict(fit, type = "density"))), as.numeric(logLik(fit)), tolerance = 1e-12)
  start <- predict(fit, type = "posterior")
  weighted <- moe(y ~ x, d, family = Gamma("log"), weights = w, start = start)
  repeated <- moe(y ~ x, d[rep(1:500, d$w), ], family = Gamma("log"), start = start[rep(1:500, d$w), ])
  expect_equal(coef(weighted), coef(repeated), tolerance = 1e-5)
  common <- moe(y ~ x, d, family = Gamma("log"), sigma = "common", start = start)
  expect_lt(as.numeric(logLik(common)), as.numeric(logLik(fit)))
  expect_identical(attr(logLik(common), "df"), attr(logLik(fit), "df") - 1)
  expect_length(unique(sigma(common)), 1)
})

test_that("another unit of the response changes intercepts only", {
  d <- durations(200)
  fits <- lapply(c(1, 1e-6), function(unit) {
    moe(I(unit * y) ~ x, d, family = Gamma("log"), control = moe_control(seed = 1))
  })
  moved <- coef(fits[[1]]) - coef(fits[[2]])
  intercepts <- grepl("expert.*Intercept", names(moved))
  expect_equal(unname(moved[intercepts]), rep(6 * log(10), 2), tolerance = 1e-6)
  expect_lt(max(abs(moved[!intercepts])), 1e-5)
})

test_that("every type of prediction and residual is what it says, by hand", {
  d <- durations()
  fit <- moe(y ~ x, d, family = Gamma("log"), control = moe_control(seed = 1))
  gate <- predict(fit, type = "gate")
  means <- predict(fit, type = "experts")
  shape <- 1 / sigma(fit)^2
  mixed <- function(of) unname(rowSums(gate * vapply(1:2, function(k) of(means[, k], shape[k]), d$x)))
  expect_equal(unname(predict(fit)), mixed(function(m, a) m), tolerance = 1e-12)
  expect_equal(unname(predict(fit, type = "cdf")), mixed(function(m, a) pgamma(d$y, a, a / m)), tolerance = 1e-10)
  expect_equal(unname(predict(fit, type = "density")), mixed(function(m, a) dgamma(d$y, a, a / m)), tolerance = 1e-10)
  q <- predict(fit, type = "quantile", probs = 0.3)[, 1]
  expect_equal(mixed(function(m, a) pgamma(q, a, a / m)), rep(0.3, 500), tolerance = 1e-10)
  expect_equal(residuals(fit), d$y - predict(fit), ignore_attr = TRUE)
  variance <- mixed(function(m, a) m^2 / a + m^2) - predict(fit)^2
  expect_equal(residuals(fit, type = "pearson"), residuals(fit) / sqrt(variance), tolerance = 1e-10)
  expect_equal(residuals(fit, type = "quantile"), qnorm(predict(fit, type = "cdf")), tolerance = 1e-8,
    ignore_attr = TRUE)
  expect_true(all(is.finite(residuals(fit, type = "deviance"))))
  f <- function(t, i) vapply(t, function(t) sum(gate[i, ] * pgamma(t, shape, shape / means[i, ])), 0)
  crps <- scores(fit)$crps
  for (i in c(1, 50)) {
    by_hand <- integrate(function(t) f(t, i)^2, 0, d$y[i], rel.tol = 1e-9)$value +
      integrate(function(t) (1 - f(t, i))^2, d$y[i], Inf, rel.tol = 1e-9)$value
    expect_equal(crps[i], by_hand, tolerance = 1e-7)
  }
  interval <- predict(fit, interval = "prediction")
  expect_true(all(interval[, 2] > 0, mean(d$y > interval[, 2] & d$y < interval[, 3]) > 0.92))
  sets <- highest_density(fit, d[1:3, ])
  expect_equal(as.vector(rowsum(sets$probability, sets$row)), rep(0.95, 3), tolerance = 1e-8)
})

test_that("every verb takes Gamma experts", {
  skip_on_cran()
  d <- durations()
  fit <- moe(y ~ x, d, family = Gamma("log"), control = moe_control(seed = 1))
  expect_output(print(fit), "Gamma")
  expect_output(print(summary(fit)), "sigma")
  expect_identical(family(fit)$link, "log")
  expect_true(all(is.finite(confint(fit)), is.finite(confint(fit, method = "profile"))))
  drawn <- simulate(fit, 2, seed = 1)
  expect_true(all(unlist(drawn) > 0))
  for (which in c("fit", "effects", "observed", "density", "qq", "residuals", "coefficients")) {
    expect_s3_class(ggplot2::autoplot(fit, which), "ggplot")
  }
  measure <- mixing_measure(fit)
  expect_lt(hellinger(measure, measure, c(-0.5, 0.5)), 1e-7)
  x <- withr::with_seed(1, runif(2000, -1, 1))
  again <- moe(y ~ x, withr::with_seed(1, rmoe(2000, measure, x)), family = Gamma("log"), start = measure)
  expect_lt(hellinger(measure, mixing_measure(again), c(-0.5, 0, 0.5)), 0.05)
  expect_equal(log_density(measure, d$y, d$x), log(predict(fit, type = "density")), tolerance = 1e-10,
    ignore_attr = TRUE)
  expect_error(voronoi_loss(measure, measure), class = "expertmix_error_measure")
  expect_s3_class(diagnose(fit), "moe_diagnosis")
  expect_true(all(is.finite(hatvalues(fit))))
  expect_gte(as.numeric(logLik(update(fit, . ~ . + I(x^2) | x))), as.numeric(logLik(fit)) - 1e-6)
})

test_that("leverages of one Gamma expert are the derivatives of its fitted values", {
  d <- durations(60)
  fit <- moe(y ~ x, d, experts = 1, family = Gamma("log"))
  moved <- function(by) {
    d$y[7] <- d$y[7] + by
    fitted(moe(y ~ x, d, experts = 1, family = Gamma("log")))[7]
  }
  expect_equal(unname(hatvalues(fit)[7]), unname(moved(1e-3) - moved(-1e-3)) / 2e-3, tolerance = 1e-3)
})

test_that("a path of Gamma experts starts without slopes and gains likelihood", {
  d <- durations(300)
  d$noise <- rep_len(c(-1, 1, 2), 300)
  path <- moe_path(y ~ x + noise, d, family = Gamma("log"), nlambda = 6, control = moe_control(seed = 1))
  expect_true(all(diff(vapply(path$fits, function(fit) fit$log_likelihood, 0)) > -1e-6))
  lambda <- path$lambda[6]
  of_path <- select_fit(path, lambda = lambda)
  fit <- moe(y ~ x + noise, d, family = Gamma("log"), penalty = penalty_lasso(lambda), start = of_path)
  expect_equal(coef(fit, part = "experts"), coef(of_path, part = "experts"), tolerance = 1e-4)
})

test_that("what is not positive, another link and offsets that overflow are refused by row and name", {
  d <- durations()
  d$zero <- replace(d$y, 3, 0)
  expect_error(moe(zero ~ x, d, family = Gamma("log")), "Row 3 .*not positive", class = "expertmix_error_response")
  expect_error(moe(y ~ x, d, family = Gamma()), 'Gamma\\("log"\\)', class = "expertmix_error_family")
  expect_error(moe(y ~ x, d, family = Gamma), 'Gamma\\("log"\\)', class = "expertmix_error_family")
  expect_error(moe(factor(y > 1) ~ x, d, family = "Gamma"), class = "expertmix_error_response")
  d$far <- replace(d$o, 5, 800)
  d$count <- round(d$y)
  for (family in list(Gamma("log"), poisson())) {
    expect_error(moe(count + (count == 0) ~ x + offset(far), d, family = family), "overflows in row 5",
      class = "expertmix_error_offset")
  }
  fit <- moe(y ~ x + offset(o), d, experts = 1, family = Gamma("log"))
  expect_error(predict(fit, data.frame(x = 0, o = c(0, -800))), "row 2", class = "expertmix_error_offset")
})

test_that("responses that are rounded or tied give no spike in silence", {
  d <- durations(300)
  rounded <- transform(d, y = round(y, 1) + 0.1)
  fit <- moe(y ~ x, rounded, experts = 3, family = Gamma("log"), control = moe_control(seed = 1))
  expect_length(fit$record$spikes, 0)
  expect_gt(min(sigma(fit)) / max(sigma(fit)), 0.01)
  expect_gt(min(fit$mass), 6)
  expect_true("narrow expert" %in% diagnose(fit)$findings$check)
  tied <- transform(d, y = ifelse(seq_along(y) <= 100, 7, y))
  start <- cbind(ifelse(seq_along(d$y) <= 100, 0.99, 0.01), ifelse(seq_along(d$y) <= 100, 0.01, 0.99))
  suppressWarnings(
    expect_warning(moe(y ~ x, tied, family = Gamma("log"), start = start), class = "expertmix_warning_variance"),
    classes = "expertmix_warning_spike"
  )
  expect_error(moe(rep(2, 300) ~ x, d, family = Gamma("log")), class = "expertmix_error_degenerate")
})

test_that("effects whose errors are infinite are drawn", {
  d <- data.frame(b = rep(0:1, 10), y = rep(c(1, 2, 4, 1), 5))
  fit <- moe(y ~ factor(b), d, experts = 1, family = Gamma("log"), weights = rep(1e-300, 20))
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  expect_silent(plot(fit))
})
