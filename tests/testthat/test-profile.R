# The largest log-likelihood of a written-out density with some parameters, all but one free.
best_held <- function(log_likelihood, theta, j, value) {
  held <- function(rest) log_likelihood(append(rest, value, j - 1))
  run <- optim(theta[-j], held, method = "BFGS", control = list(fnscale = -1, reltol = 1e-15, maxit = 500))
  optim(run$par, held, method = "BFGS", control = list(fnscale = -1, reltol = 1e-15, maxit = 500))$value
}

test_that("profile intervals are those of brute-force refits of a likelihood written out", {
  data <- overlapping_lines(150)
  fit <- moe(y ~ x, data, control = moe_control(seed = 1))
  log_likelihood <- function(theta) {
    p <- plogis(theta[1] + theta[2] * data$x)
    sum(log((1 - p) * dnorm(data$y, theta[3] + theta[4] * data$x, exp(theta[5])) +
      p * dnorm(data$y, theta[6] + theta[7] * data$x, exp(theta[8]))))
  }
  theta <- unname(coef(fit))
  expect_equal(log_likelihood(theta), as.numeric(logLik(fit)), tolerance = 1e-10)
  ends <- confint(fit, method = "profile", level = 0.95)
  expect_identical(dimnames(ends), dimnames(confint(fit)))
  errors <- sqrt(diag(vcov(fit)))
  for (j in seq_along(theta)) {
    for (side in 1:2) {
      r <- sqrt(2 * (log_likelihood(theta) - best_held(log_likelihood, theta, j, ends[j, side])))
      # r moves by about one for every standard error
      expect_lt(abs(r - qnorm(0.975)), 1e-3)
    }
    expect_lt(abs(mean(ends[j, ]) - theta[j]), 0.5 * errors[[j]])
  }
})

test_that("profile intervals of one expert are those of glm()", {
  fit <- moe(am == 1 ~ wt, mtcars, experts = 1)
  by_glm <- suppressMessages(confint(glm(am ~ wt, binomial(), mtcars)))
  expect_equal(unname(confint(fit, method = "profile")), unname(by_glm), tolerance = 1e-3)
  fit <- moe(carb ~ wt + offset(log(cyl)), mtcars, family = poisson(), experts = 1)
  by_glm <- suppressMessages(confint(glm(carb ~ wt + offset(log(cyl)), poisson(), mtcars), "wt", level = 0.9))
  expect_equal(unname(confint(fit, "expert1:wt", method = "profile", level = 0.9)[1, ]), unname(by_glm),
    tolerance = 1e-3)
})

test_that("where a gate separates, a profile has one end", {
  data <- data.frame(x = c(seq(-2, -0.5, 0.05), seq(0.5, 2, 0.05)))
  set.seed(3)
  data$y <- ifelse(data$x > 0, 5 + data$x, -5 - data$x) + rnorm(nrow(data), sd = 0.3)
  expect_warning(fit <- moe(y ~ x, data, control = moe_control(seed = 1)), class = "expertmix_warning_separation")
  # along the intercept of a symmetric split the likelihood is all but flat
  ends <- suppressWarnings(confint(fit, method = "profile"))
  slope <- ends["gate2:x", ] * sign(coef(fit)[["gate2:x"]])
  expect_identical(sort(is.finite(unname(slope))), c(FALSE, TRUE))
  # where the gate loses 1.92 of the log-likelihood, it is still steep
  steep <- min(abs(slope))
  held <- sapply(c(0, steep), function(b) sum(plogis(b * abs(data$x), log.p = TRUE)))
  expect_equal(max(held), -qchisq(0.95, 1) / 2, tolerance = 0.2)
  expect_true(all(is.finite(ends[fit$estimable, ])))
})

test_that("a long step does not come to the same experts with other labels", {
  skip_if_not_installed("MASS")
  data <- transform(MASS::mcycle, times = as.vector(scale(times)))
  fit <- moe(accel ~ times, data, control = moe_control(seed = 1))
  log_likelihood <- function(theta) {
    log_odds <- theta[1] + theta[2] * data$times
    sum(log(plogis(-log_odds) * dnorm(data$accel, theta[3] + theta[4] * data$times, exp(theta[5])) +
      plogis(log_odds) * dnorm(data$accel, theta[6] + theta[7] * data$times, exp(theta[8]))))
  }
  theta <- unname(coef(fit))
  ends <- confint(fit, "gate2:times", method = "profile")
  # with exchanged labels the slope has the other sign
  expect_lt(max(ends), 0)
  walked <- function(end) {
    from <- theta
    for (value in seq(theta[2], end, length.out = 30)) {
      held <- function(rest) log_likelihood(append(rest, value, 1))
      run <- optim(from[-2], held, method = "BFGS", control = list(fnscale = -1, reltol = 1e-14, maxit = 500))
      from <- append(run$par, value, 1)
    }
    run$value
  }
  held <- vapply(ends, walked, 0)
  expect_equal(sqrt(2 * (log_likelihood(theta) - held)), rep(qnorm(0.975), 2), tolerance = 1e-3)
})

test_that("that the likelihood rises to where a gate is infinitely steep is no maximum missed", {
  skip_if_not_installed("MASS")
  fit <- suppressWarnings(moe(accel ~ times, MASS::mcycle, experts = 3, control = moe_control(seed = 1)))
  expect_false(all(fit$estimable))
  expect_no_warning(confint(fit, method = "profile"), class = "expertmix_warning_profile")
})

test_that("where the best parameters jump, the end is not where a climb ended too low", {
  truth <- mixing_measure(gate = cbind(0, c(-0.5, 2)), family = multinomial(),
    experts = array(c(0, 0, 0, 1, 0, -1.5, 0, 0, 1, -1, 1, 1.5), c(2, 3, 2)))
  set.seed(14)
  data <- rmoe(500, truth, function(n) runif(n, -2, 2))
  fit <- suppressWarnings(moe(y ~ x1, data, start = truth, control = moe_control(seed = 1)))
  end <- suppressWarnings(confint(fit, "gate2:(Intercept)", method = "profile"))[2]
  # the first climb of a profile is at the end of Wald's interval
  first <- confint(fit, "gate2:(Intercept)")[2]
  expect_false(isTRUE(all.equal(end, first, tolerance = 1e-4)))
})

test_that("profiles that there are not are errors", {
  data <- overlapping_lines(100)
  expect_class <- function(code, class) expect_error(code, class = paste0("expertmix_error_", class))
  jumping <- suppressWarnings(moe(y ~ x, data, gate = gate_topk(1), control = moe_control(seed = 1)))
  expect_class(confint(jumping, method = "profile"), "method")
  penalised <- moe(y ~ x, data, penalty = penalty_lasso(0.1), control = moe_control(seed = 1))
  expect_class(confint(penalised, method = "profile"), "penalty")
  fit <- moe(y ~ x, data, control = moe_control(seed = 1))
  expect_class(confint(fit, method = "profile", level = 1), "level")
  expect_class(confint(fit, "expert3:x", method = "profile"), "parm")
  expect_class(confint(fit, method = "profile", type = "sandwich"), "type")
  bounded <- suppressWarnings(
    moe(y ~ x, data, control = moe_control(seed = 1, bounds = moe_bounds(experts = 0.6)))
  )
  expect_class(confint(bounded, method = "profile"), "method")
})

test_that("a fit that is no maximum is said to be none", {
  data <- overlapping_lines(100)
  fit <- moe(y ~ x, data, control = moe_control(seed = 1))
  fit$estimates$experts <- fit$estimates$experts + 0.05
  expect_warning(confint(fit, "expert1:x", method = "profile"), class = "expertmix_warning_profile")
})
