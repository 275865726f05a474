# Two negative binomial regressions on x, with an exposure.
overdispersed <- function(n = 500, seed = 1) {
  withr::with_seed(seed, {
    x <- runif(n, -1, 1)
    first <- runif(n) < plogis(0.3 + 2 * x)
    exposure <- rep(c(1, 2), length.out = n)
    mean <- exposure * exp(ifelse(first, 0.5 + x, 2.5 - x))
    y <- rnbinom(n, size = ifelse(first, 2, 8), mu = mean)
    data.frame(x, exposure, y, w = rep(1:2, length.out = n))
  })
}

nb_truth <- function() {
  mixing_measure(cbind(c(0.3, 2), c(0, 0)), cbind(c(0.5, 1), c(2.5, -1)), family = negative_binomial(),
    scalars = c(2, 8))
}

nb_fit <- function(d = overdispersed(), ...) {
  moe(y ~ x, d, family = negative_binomial(), start = nb_truth(), ...)
}

test_that("one negative binomial expert is MASS::glm.nb's, with offset and weights", {
  skip_if_not_installed("MASS")
  d <- overdispersed()
  ours <- moe(y ~ x + offset(log(exposure)), d, experts = 1, family = negative_binomial(), weights = w)
  theirs <- MASS::glm.nb(y ~ x + offset(log(exposure)), d, weights = w,
    control = glm.control(epsilon = 1e-14, maxit = 100))
  expect_equal(as.numeric(logLik(ours)), as.numeric(logLik(theirs)), tolerance = 1e-10)
  expect_equal(unname(coef(ours)[1:2]), unname(coef(theirs)), tolerance = 1e-6)
  expect_equal(c(ours$estimates$scalars), theirs$theta, tolerance = 1e-6)
  expect_equal(dimnames(ours$estimates$scalars), list("expert1", "theta"))
  expect_named(coef(ours)[3], "expert1:log(theta)")
  new <- data.frame(x = c(-0.5, 0.5), exposure = c(1, 3))
  expect_equal(unname(predict(ours, new)), unname(predict(theirs, new, type = "response")), tolerance = 1e-6)
  repeated <- moe(y ~ x + offset(log(exposure)), d[rep(seq_len(nrow(d)), d$w), ], experts = 1,
    family = negative_binomial())
  expect_equal(coef(repeated), coef(ours), tolerance = 1e-8)
})

test_that("the density is dnbinom's, down to Poisson's", {
  x <- seq(-1, 1, 0.25)
  for (theta in c(1e-3, 0.3, 5, 1e6, 1e9)) {
    measure <- mixing_measure(cbind(c(0, 0)), cbind(c(2, 3)), family = negative_binomial(), scalars = theta)
    y <- c(0:4, 60, 70, 100, 3000)
    expect_equal(log_density(measure, y, x), dnbinom(y, size = theta, mu = exp(2 + 3 * x), log = TRUE),
      tolerance = 1e-7)
  }
  poisson <- mixing_measure(cbind(c(0, 0)), cbind(c(2, 3)), family = poisson())
  expect_equal(log_density(measure, y, x), log_density(poisson, y, x), tolerance = 1e-6)
})

test_that("the search finds a mixture as good as the truth, and its parts are where they belong", {
  d <- overdispersed()
  fit <- moe(y ~ x, d, family = negative_binomial(), control = moe_control(seed = 1))
  expect_gte(as.numeric(logLik(fit)), sum(log_density(nb_truth(), d$y, d$x)))
  expect_equal(as.numeric(logLik(fit)), sum(log(predict(fit, type = "density"))), tolerance = 1e-10)
  expect_equal(unname(coef(fit)[fit$parameters$kind == "log_theta"]), unname(log(fit$estimates$scalars[, "theta"])))
  expect_equal(dim(fit$estimates$scalars), c(2L, 1L))
  weighted <- moe(y ~ x, d, family = negative_binomial(), start = nb_truth(), weights = rep(0:2, length.out = 500))
  repeated <- nb_fit(d[rep(1:500, rep(0:2, length.out = 500)), ])
  expect_equal(coef(weighted), coef(repeated), tolerance = 1e-6)
})

test_that("the score, the covariance and the intervals know theta", {
  d <- overdispersed()
  fit <- nb_fit(d)
  at <- function(values) {
    fit$estimates <- expertmix:::estimates_at(fit, values)
    sum(log_density(mixing_measure(fit), d$y, d$x))
  }
  slope <- vapply(seq_along(coef(fit)), function(j) {
    step <- replace(0 * coef(fit), j, 1e-4)
    (at(coef(fit) + step) - at(coef(fit) - step)) / 2e-4
  }, 0)
  expect_lt(max(abs(slope)), 1e-3)
  expect_equal(colSums(sandwich::estfun(fit)), 0 * coef(fit), tolerance = 1e-4)
  j <- which(fit$parameters$name == "expert2:log(theta)")
  curvature <- vapply(seq_along(coef(fit)), function(i) {
    step <- function(a, b) replace(0 * coef(fit), c(i, j), if (i == j) a + b else c(a, b))
    (at(coef(fit) + step(1, 1) * 1e-3) - at(coef(fit) + step(1, -1) * 1e-3) - at(coef(fit) + step(-1, 1) * 1e-3) +
      at(coef(fit) + step(-1, -1) * 1e-3)) / 4e-6
  }, 0)
  expect_equal(unname(-solve(vcov(fit))[, j]), curvature, tolerance = 1e-3)
  table <- summary(fit)$scalars$theta
  errors <- sqrt(diag(vcov(fit)))[fit$parameters$kind == "log_theta"]
  expect_equal(table[, 2], fit$estimates$scalars[, 1] * errors, ignore_attr = TRUE)
  wald <- confint(fit)["expert1:log(theta)", ]
  profile <- confint(fit, "expert1:log(theta)", method = "profile")
  expect_true(all(abs(wald - profile) < 0.3 * diff(wald)))
  expect_true(profile[1] < coef(fit)["expert1:log(theta)"] && coef(fit)["expert1:log(theta)"] < profile[2])
})

test_that("every verb takes negative binomial experts", {
  d <- overdispersed()
  fit <- nb_fit(d)
  expect_output(print(fit), "theta")
  expect_output(print(summary(fit)), "theta")
  expect_output(print(summary(fit), table = "full"), "theta:")
  expect_null(sigma(fit))
  expect_setequal(generics::tidy(fit)$part, c("gate", "experts", "theta"))
  for (type in c("response", "experts", "gate", "posterior", "density", "cdf")) {
    expect_true(all(is.finite(predict(fit, type = type))))
  }
  expect_true(all(is.finite(predict(fit, d[1:3, ], type = "quantile", probs = c(0.1, 0.5)))))
  expect_true(all(is.finite(predict(fit, d[1:3, ], se.fit = TRUE)$se.fit)))
  expect_true(all(is.finite(predict(fit, d[1:3, ], interval = "prediction"))))
  for (type in c("response", "pearson", "deviance", "quantile")) {
    expect_true(all(is.finite(residuals(fit, type = type))))
  }
  expect_equal(unname(predict(fit, type = "cdf")[3]), sum(vapply(0:d$y[3], function(t) {
    exp(log_density(mixing_measure(fit), t, d$x[3]))
  }, 0)), tolerance = 1e-10)
  drawn <- simulate(fit, 2, seed = 1)
  expect_true(all(unlist(drawn) == round(unlist(drawn)) & unlist(drawn) >= 0))
  expect_s3_class(ggplot2::autoplot(fit), "ggplot")
  expect_s3_class(ggplot2::autoplot(fit, which = "density"), "ggplot")
  expect_s3_class(diagnose(fit), "moe_diagnosis")
  expect_true(all(is.finite(influence(fit)$cooks)))
  expect_equal(colnames(dfbeta(fit)), names(coef(fit)))
  again <- update(fit, . ~ . + I(x^2) | x)
  expect_gt(as.numeric(logLik(again)), as.numeric(logLik(fit)) - 1e-6)
  swapped <- with(mixing_measure(fit), mixing_measure(gate[, 2:1], experts[, 2:1], family = negative_binomial(),
    scalars = scalars[2:1, ]))
  swapped <- moe(y ~ x, d, family = negative_binomial(), start = swapped)
  expect_equal(unname(swapped$estimates$scalars[2:1, ]), unname(fit$estimates$scalars[, 1]), tolerance = 1e-5)
  boot <- suppressWarnings(moe_boot(fit, 4, seed = 1), "expertmix_warning")
  expect_true("expert1:log(theta)" %in% names(boot$coefficients))
})

test_that("quantile residuals are uniform under the truth, and scores are sums over counts", {
  d <- rmoe(2000, nb_truth(), withr::with_seed(3, matrix(runif(2000, -1, 1), dimnames = list(NULL, "x"))))
  fit <- nb_fit(d)
  residual <- withr::with_seed(1, residuals(fit, type = "quantile"))
  expect_gt(ks.test(residual, pnorm)$p.value, 0.001)
  score <- scores(fit, d[1:5, ])
  slow <- vapply(1:5, function(i) {
    counts <- 0:3000
    below <- cumsum(exp(log_density(mixing_measure(fit), counts, rep(d$x[i], 3001))))
    sum((below - (counts >= d$y[i]))^2)
  }, 0)
  expect_equal(score$crps, slow, tolerance = 1e-8)
})

test_that("measures keep theta", {
  fit <- nb_fit()
  measure <- mixing_measure(fit)
  expect_equal(measure$scalars, fit$estimates$scalars)
  expect_output(print(measure), "theta:")
  expect_lt(hellinger(measure, fit, c(-0.5, 0.5)), 1e-6)
  other <- mixing_measure(measure$gate, measure$experts, family = negative_binomial(), scalars = c(2, 9))
  expect_gt(hellinger(measure, other, c(-0.5, 0.5)), 1e-3)
  expect_true(isTRUE(all.equal(measure, measure)))
  expect_match(all.equal(measure, other), "Largest difference")
  expect_error(voronoi_loss(measure, measure), class = "expertmix_error_measure")
  build <- function(...) mixing_measure(cbind(0, 0), cbind(1, 2), ...)
  expect_equal(c(build(family = negative_binomial(), scalars = 3)$scalars), c(3, 3))
  for (bad in list(NULL, c(1, 2, 3), c(1, -1), c(1, NA), c(1, Inf), "a")) {
    expect_error(build(family = negative_binomial(), scalars = bad), class = "expertmix_error_scalars")
  }
  expect_error(build(family = poisson(), scalars = 1), class = "expertmix_error_scalars")
  expect_error(build(sigma = 1, scalars = 1), class = "expertmix_error_scalars")
})

test_that("counts that vary no more than Poisson's put theta at its bound, which is said", {
  d <- withr::with_seed(1, data.frame(x = runif(200), y = 3 + rbinom(200, 4, 0.5)))
  expect_warning(fit <- moe(y ~ x, d, experts = 1, family = negative_binomial()), "theta of expert 1 .*upper",
    class = "expertmix_warning_scalars")
  expect_equal(c(fit$estimates$scalars), 1e6, tolerance = 1e-8)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(glm(y ~ x, poisson, d))), tolerance = 1e-5)
  covariance <- suppressWarnings(vcov(fit), "expertmix_warning_singular")
  expect_true(is.na(covariance[3, 3]))
  expect_equal(unname(covariance[1:2, 1:2]), unname(vcov(glm(y ~ x, poisson, d))), tolerance = 1e-4)
  expect_output(print(summary(fit)), "log.theta. is at a bound")
  expect_warning(profile <- confint(fit, method = "profile"), "theta", class = "expertmix_warning_profile")
  expect_true(all(is.na(profile[3, ])) && all(is.finite(profile[1:2, ])))
})

test_that("an expert of zeros is named, and what is no count is refused", {
  zeros <- transform(overdispersed(), y = ifelse(x < 0, 0, y + 3))
  fit <- suppressWarnings(moe(y ~ x, zeros, family = negative_binomial(), control = moe_control(seed = 1)),
    "expertmix_warning")
  expect_true("classes" %in% names(fit$record$warnings))
  expect_true(all(is.finite(coef(fit))))
  d <- overdispersed()
  d$y[3] <- 0.5
  expect_error(nb_fit(d), "Row 3 .*not a count", class = "expertmix_error_response")
  expect_error(moe(y ~ x, overdispersed(), family = negative_binomial(), sigma = "common"),
    class = "expertmix_error_sigma")
  expect_error(moe(y ~ x, overdispersed(), family = poisson(), sigma = "common"), class = "expertmix_error_sigma")
  expect_error(negative_binomial(theta = 2), class = "expertmix_error_family")
  expect_error(moe(y ~ x, overdispersed(), family = poisson(), start = nb_fit()), class = "expertmix_error_start")
})

test_that("a path of penalised fits has theta, and its refit is the fit of the terms", {
  d <- overdispersed(200)
  x <- withr::with_seed(2, cbind(1, d$x, matrix(rnorm(200 * 3), 200)))
  colnames(x) <- c("(Intercept)", paste0("x", 1:4))
  path <- suppressWarnings(moe_path(x, d$y, experts = 1, family = negative_binomial(),
    lambda = c(0.3, 0.1, 0.01), control = moe_control(seed = 1)), "expertmix_warning")
  fit <- select_fit(path, lambda = 0.01)
  expect_true("expert1:log(theta)" %in% names(coef(fit)))
  expect_lt(fit$record$certificate$violation, 1e-5)
  expect_equal(sum(log(predict(fit, type = "density"))), as.numeric(logLik(fit)), tolerance = 1e-8)
})
