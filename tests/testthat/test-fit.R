test_that("the log-likelihood, the densities and a slow computation agree", {
  data <- simulated(200)
  fit <- moe(y ~ x + v + offset(o) | x, data, weights = w, control = few(seed = 1))
  x <- model.matrix(~ x + v, data)
  z <- model.matrix(~x, data)
  slow <- slow_log_likelihood(data$y, x, z, coef(fit, part = "gate"), coef(fit, part = "experts"), sigma(fit), data$w,
    data$o)
  expect_equal(as.numeric(logLik(fit)), slow, tolerance = 1e-10)
  expect_equal(sum(data$w * log(predict(fit, type = "density"))), slow, tolerance = 1e-10)
})

test_that("predictions are what their names say", {
  data <- simulated(150)
  fit <- moe(y ~ x + v, data, control = few(seed = 1))
  x <- model.matrix(~ x + v, data)
  experts <- x %*% coef(fit, part = "experts")
  gate <- exp(x %*% coef(fit, part = "gate"))
  gate <- gate / rowSums(gate)
  expect_equal(predict(fit, type = "experts"), experts, ignore_attr = TRUE)
  expect_equal(predict(fit, type = "gate"), gate, ignore_attr = TRUE)
  expect_equal(predict(fit), rowSums(gate * experts), ignore_attr = TRUE)
  expect_equal(fitted(fit) + residuals(fit), data$y, ignore_attr = TRUE)
  joint <- gate * vapply(1:2, function(k) dnorm(data$y, experts[, k], sigma(fit)[k]), numeric(150))
  expect_equal(predict(fit, type = "posterior"), joint / rowSums(joint), ignore_attr = TRUE)
  expect_equal(predict(fit, data, type = "density"), rowSums(joint), ignore_attr = TRUE)
})

test_that("vcov is the inverse of the observed information", {
  data <- simulated(400)
  for (kind in c("separate", "common")) {
    fit <- moe(y ~ x, data, sigma = kind, control = few(seed = 1))
    x <- model.matrix(~x, data)
    value <- function(q) {
      gate <- cbind(0, q[1:2])
      if (kind == "common") {
        slow_log_likelihood(data$y, x, x, gate, cbind(q[3:4], q[5:6]), exp(q[c(7, 7)]))
      } else {
        slow_log_likelihood(data$y, x, x, gate, cbind(q[3:4], q[6:7]), exp(q[c(5, 8)]))
      }
    }
    expect_equal(value(unname(coef(fit))), as.numeric(logLik(fit)), tolerance = 1e-10)
    information <- -optimHess(coef(fit), value)
    scale <- sqrt(diag(vcov(fit)))
    expect_equal(diag(scale) %*% information %*% diag(scale), diag(scale) %*% solve(vcov(fit)) %*% diag(scale),
      tolerance = 1e-3, ignore_attr = TRUE)
  }
})

test_that("coefficients are named by part, expert and term", {
  fit <- moe(y ~ x | v, simulated(150), control = few(seed = 1))
  expect_named(coef(fit), c("gate2:(Intercept)", "gate2:v", "expert1:(Intercept)", "expert1:x", "expert1:log(sigma)",
    "expert2:(Intercept)", "expert2:x", "expert2:log(sigma)"))
  expect_equal(dimnames(vcov(fit)), list(names(coef(fit)), names(coef(fit))))
  expect_equal(unname(exp(coef(fit)[c(5, 8)])), unname(sigma(fit)))
  expect_true(all(coef(fit, part = "gate")[, 1] == 0))
})

test_that("rows in another order, units and repeated rows change nothing that they should not", {
  data <- simulated(200)
  fit <- moe(y ~ x + v, data, control = few(seed = 1))
  expect_equal(logLik(moe(y ~ x + v, data[sample(200), ], control = few(seed = 1))), logLik(fit), tolerance = 1e-8)
  recoded <- moe(I(1000 * y) ~ I(x * 1e8 + 3) + I(v / 100), data, control = few(seed = 1))
  expect_equal(as.numeric(logLik(recoded)), as.numeric(logLik(fit)) - 200 * log(1000), tolerance = 1e-8)
  expect_equal(fitted(recoded), 1000 * fitted(fit), tolerance = 1e-5)
  repeated <- moe(y ~ x + v, data[rep(1:200, data$w), ], control = few(seed = 1))
  weighted <- moe(y ~ x + v, data, weights = w, control = few(seed = 1))
  expect_equal(logLik(weighted), logLik(repeated), tolerance = 1e-8)
  expect_equal(vcov(weighted), vcov(repeated), tolerance = 1e-3)
})

test_that("set.seed and threads", {
  data <- simulated(200)
  set.seed(4)
  one <- moe(y ~ x, data)
  after <- runif(1)
  set.seed(4)
  two <- moe(y ~ x, data, control = moe_control(threads = 2))
  expect_identical(coef(one), coef(two))
  expect_identical(runif(1), after)
})

test_that("a fit starts where it is told to, and survives a file", {
  data <- simulated(300)
  fit <- moe(y ~ x, data, control = few(seed = 1))
  again <- moe(y ~ x, data, start = fit)
  expect_equal(coef(again), coef(fit), tolerance = 1e-4)
  rows <- moe(y ~ x, data, start = predict(fit, type = "posterior"))
  expect_equal(logLik(rows), logLik(fit), tolerance = 1e-8)
  file <- withr::local_tempfile()
  saveRDS(fit, file)
  expect_equal(predict(readRDS(file), data), predict(fit, data))
})

test_that("moe_fit takes the matrices that moe makes", {
  data <- simulated(150)
  fit <- moe(y ~ x | v, data, control = few(seed = 1))
  direct <- moe_fit(model.matrix(~x, data), data$y, model.matrix(~v, data), control = few(seed = 1))
  expect_equal(coef(direct), coef(fit))
})

test_that("summary, print and confint tell standard errors and the certificate", {
  fit <- moe(y ~ x, simulated(300), control = few(seed = 1))
  expect_output(print(fit), "Mixture of 2 Gaussian experts")
  expect_output(print(summary(fit), table = "full"), "Std. Error")
  expect_output(print(summary(fit), table = "full"), "Certificate")
  interval <- confint(fit)
  half <- unname((interval[, 2] - interval[, 1]) / 2)
  expect_equal(half, unname(qnorm(0.975) * sqrt(diag(vcov(fit)))), tolerance = 1e-8)
})

test_that("plots are drawn", {
  skip_if_not_installed("ggplot2")
  file <- withr::local_tempfile(fileext = ".png")
  grDevices::png(file)
  withr::defer(grDevices::dev.off())
  expect_error(plot(moe(y ~ x, simulated(100), control = few(seed = 1))), NA)
  expect_error(plot(moe(y ~ x + v, simulated(100), control = few(seed = 1))), NA)
})

test_that("a progress bar outlives the end of a stage", {
  shown <- with_progress(TRUE, function(report) {
    report("starts", 1, 1, -12.5)
    report("climb", 0, 10, -12.5)
    report("climb", 10, 10, -12.25)
    "fitted"
  })
  expect_equal(shown, "fitted")
  expect_equal(with_progress(FALSE, function(report) is.null(report)), TRUE)
})
