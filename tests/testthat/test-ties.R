# sum(w log density) from the coefficients, against the log-likelihood that the fit reports.
gap <- function(fit, data) abs(sum(log(predict(fit, data, type = "density"))) - fit$log_likelihood)

test_that("selection by slope takes binary and count covariates, and rows without any: ties go to the smaller index", {
  set.seed(11)
  n <- 200
  d <- data.frame(b = rbinom(n, 1, 0.5), count = rpois(n, 1), x = rnorm(n))
  d$y <- ifelse(d$b == 1, 2 + d$x, -2 * d$x) + rnorm(n, 0, 0.3)
  d$v <- ifelse(d$count > 0, 2 + d$x, -2 * d$x) + rnorm(n, 0, 0.3)
  control <- moe_control(seed = 1, starts = 20)
  for (k in 1:2) for (activation in c("identity", "relu", "tanh")) {
    gate <- gate_topk(k, activation = activation)
    fit <- quietly(moe(y ~ x | b, d, experts = max(2, k + 1), gate = gate, control = control))
    expect_lt(gap(fit, d), 1e-6)
    fit <- quietly(moe(v ~ x | count, d, experts = max(2, k + 1), gate = gate, control = control))
    expect_lt(gap(fit, d), 1e-6)
  }
  fit <- quietly(moe(y ~ x | b, d, gate = gate_topk(1), control = control))
  shares <- predict(fit, data.frame(x = 0, b = 0:1), type = "gate")
  expect_equal(unname(shares), diag(2))
  expect_gt(fit$log_likelihood, -120)
})

test_that("rows whose gate covariates are all zero are no obstacle among others", {
  set.seed(12)
  d <- data.frame(x = rnorm(150), z = rnorm(150))
  d[1:5, ] <- 0
  d$y <- ifelse(d$z >= 0, 2 + d$x, -2 * d$x) + rnorm(150, 0, 0.3)
  fit <- quietly(moe(y ~ x | z, d, gate = gate_topk(1), control = moe_control(seed = 1, starts = 20)))
  expect_lt(gap(fit, d), 1e-6)
  expect_equal(unname(predict(fit, d[1, ], type = "gate")), matrix(c(1, 0), 1))
})

test_that("an outlier does not drive a top-K gate beyond numbers that count", {
  set.seed(13)
  d <- data.frame(x = rnorm(120), z = rnorm(120))
  d$y <- ifelse(d$z + rnorm(120) / 2 > 0, 2 + d$x, -2 * d$x) + rnorm(120, 0, 0.3)
  d[1, ] <- c(0, 30, -400)
  for (select in c("slope", "logit")) {
    control <- moe_control(seed = 1, starts = 20)
    fit <- quietly(moe(y ~ x | z, d, experts = 3, gate = gate_topk(2, select), control = control))
    expect_lt(gap(fit, d), 1e-6)
    expect_lt(max(abs(coef(fit, part = "gate"))), 1e6)
  }
})
