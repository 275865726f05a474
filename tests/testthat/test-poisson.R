counts <- function(n = 400, seed = 1) {
  withr::with_seed(seed, {
    x <- runif(n, -1, 1)
    first <- runif(n) < plogis(0.3 + 2 * x)
    exposure <- rep(c(1, 2), length.out = n)
    y <- rpois(n, exposure * exp(ifelse(first, 0.5 + x, 2 - x)))
    data.frame(x, exposure, y, w = rep(1:2, length.out = n))
  })
}

test_that("one Poisson expert is glm's, with offset and weights", {
  d <- counts()
  ours <- moe(y ~ x + offset(log(exposure)), d, experts = 1, family = poisson(), weights = w)
  theirs <- glm(y ~ x + offset(log(exposure)), poisson, d, weights = w)
  expect_equal(unname(coef(ours)), unname(coef(theirs)), tolerance = 1e-6)
  expect_equal(unname(vcov(ours)), unname(vcov(theirs)), tolerance = 1e-5)
  expect_equal(as.numeric(logLik(ours)), as.numeric(logLik(theirs)), tolerance = 1e-10)
  expect_equal(AIC(ours), AIC(theirs), tolerance = 1e-10)
  new <- data.frame(x = c(-0.5, 0.5), exposure = c(1, 3))
  expect_equal(unname(predict(ours, new)), unname(predict(theirs, new, type = "response")), tolerance = 1e-6)
  expect_equal(unname(fitted(ours)), unname(fitted(theirs)), tolerance = 1e-6)
})

test_that("a mixture of Poisson experts is flexmix's, or better", {
  skip_if_not_installed("flexmix")
  d <- counts()
  ours <- moe(y ~ x, d, family = "poisson", control = moe_control(seed = 1))
  theirs <- withr::with_seed(1, flexmix::flexmix(y ~ x, data = d, k = 2,
    cluster = (d$y > median(d$y)) + 1, model = flexmix::FLXMRglm(family = "poisson"),
    concomitant = flexmix::FLXPmultinom(~x), control = list(tolerance = 1e-12, iter.max = 2000)))
  expect_gte(as.numeric(logLik(ours)), as.numeric(flexmix::logLik(theirs)) - 1e-4)
  expect_equal(as.numeric(logLik(ours)), as.numeric(flexmix::logLik(theirs)), tolerance = 1e-5)
  expect_equal(sum(log(predict(ours, type = "density"))), as.numeric(logLik(ours)), tolerance = 1e-10)
})

test_that("every verb takes Poisson experts", {
  d <- counts()
  fit <- moe(y ~ x, d, family = poisson(), control = moe_control(seed = 1))
  expect_output(print(fit), "Poisson")
  expect_output(print(summary(fit)))
  expect_null(sigma(fit))
  expect_identical(family(fit)$family, "poisson")
  expect_identical(dim(predict(fit, type = "experts")), c(400L, 2L))
  expect_equal(residuals(fit), d$y - fitted(fit), ignore_attr = TRUE)
  drawn <- simulate(fit, 2, seed = 1)
  expect_true(all(unlist(drawn) == round(unlist(drawn)) & unlist(drawn) >= 0))
  expect_s3_class(ggplot2::autoplot(fit), "ggplot")
  measure <- mixing_measure(fit)
  expect_lt(hellinger(measure, fit, d$x[1:5]), 1e-6)
  expect_error(voronoi_loss(measure, measure), class = "expertmix_error_measure")
  again <- update(fit, . ~ . + I(x^2) | x)
  expect_gt(as.numeric(logLik(again)), as.numeric(logLik(fit)) - 1e-6)
})

test_that("a penalised Poisson regression is glmnet's", {
  skip_if_not_installed("glmnet")
  d <- counts()
  x <- withr::with_seed(2, cbind(d$x, matrix(rnorm(400 * 5), 400)))
  lambda <- c(0.5, 0.1)
  ours <- moe_fit(cbind(1, x), d$y, experts = 1, family = poisson(), penalty = penalty_lasso(0.1))
  theirs <- glmnet::glmnet(x, d$y, family = "poisson", lambda = lambda, thresh = 1e-14, maxit = 1e6)
  expect_length(coef(ours), 7)
  expect_equal(unname(drop(coef(ours, part = "experts"))), unname(as.matrix(coef(theirs))[, 2]), tolerance = 1e-4)
})

test_that("what is no count is refused, and an expert of zeros is named", {
  d <- counts()
  d$y[3] <- 0.5
  expect_error(moe(y ~ x, d, family = poisson()), "Row 3 .*not a count", class = "expertmix_error_response")
  expect_error(moe(factor(y > 1) ~ x, d, family = poisson()), class = "expertmix_error_response")
  expect_error(moe(y ~ x, d, family = poisson("identity")), "link", class = "expertmix_error_family")
  zeros <- transform(counts(), y = ifelse(x < 0, 0, y + 3))
  suppressWarnings(expect_warning(
    fit <- moe(y ~ x, zeros, family = poisson(), control = moe_control(seed = 1)), "all zero",
    class = "expertmix_warning_classes"
  ), classes = "expertmix_warning_separation")
  expect_true(all(is.finite(coef(fit))))
})
