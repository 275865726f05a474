spiked_data <- function() {
  set.seed(3)
  d <- data.frame(x = c(runif(5), runif(120)))
  d$y <- c(50 + d$x[1:5], 1 + 2 * d$x[6:125] + rnorm(120))
  row.names(d)[1:5] <- c("a", "b", "c", "d", "e")
  d
}

test_that("spikes are named with their rows wherever a likelihood is shown", {
  d <- spiked_data()
  start <- rbind(diag(2)[rep(1, 5), ], diag(2)[rep(2, 120), ])
  expect_warning(
    fit <- quiet_but(moe(y ~ x | 1, d, start = start), "spike"), "a, b, c, d, e", class = "expertmix_warning_spike"
  )
  expect_output(print(fit), "spike")
  expect_output(print(summary(fit)), "spike")
  expect_equal(generics::glance(fit)$spikes, 1)
  expect_equal(fit$record$spikes[[1]]$rows, c("a", "b", "c", "d", "e"))
})

test_that("0/1 responses are spikes, and the warning says what to do; of tied ones a fit without is found", {
  skip_if_not_installed("MASS")
  expect_warning(
    fit <- quiet_but(moe(low ~ age + lwt, MASS::birthwt, control = moe_control(seed = 1, starts = 20)), "spike"),
    "multinomial", class = "expertmix_warning_spike"
  )
  d <- data.frame(x = rep(1:20, 10))
  set.seed(2)
  d$y <- round(d$x / 10 + rnorm(200) / 3)
  three <- quietly(moe(y ~ x, d, experts = 3, control = moe_control(seed = 1, starts = 20)))
  seen <- three$record$optima
  expect_length(three$record$spikes, 0)
  expect_true(any(seen$spike & seen$value > as.numeric(logLik(three))))
})

test_that("a fit without a spike says nothing of any", {
  set.seed(1)
  d <- data.frame(x = runif(200, -2, 2), z = rnorm(200))
  d$y <- ifelse(runif(200) < plogis(d$z), 1 + 2 * d$x, -1 - 1.5 * d$x) + rnorm(200, 0, .4)
  fit <- expect_no_warning(moe(y ~ x | z, d, control = moe_control(seed = 1)))
  expect_length(fit$record$spikes, 0)
  expect_false(any(grepl("spike", capture.output(print(fit)))))
})

test_that("estimates do not depend on the scale of the weights", {
  set.seed(1)
  d <- data.frame(x = runif(200, -2, 2), z = rnorm(200))
  d$y <- ifelse(runif(200) < plogis(d$z), 1 + 2 * d$x, -1 - 1.5 * d$x) + rnorm(200, 0, .4)
  control <- moe_control(seed = 1, starts = 20)
  plain <- moe(y ~ x | z, d, control = control)
  for (weight in c(1 / 200, 1e-12, 1e9)) {
    fit <- moe(y ~ x | z, d, weights = rep(weight, 200), control = control)
    expect_equal(coef(fit), coef(plain), tolerance = 1e-8)
    expect_equal(c(logLik(fit)), weight * c(logLik(plain)), tolerance = 1e-9)
    expect_equal(vcov(fit) * weight, vcov(plain), tolerance = 1e-6)
    expect_equal(nobs(fit), 200 * weight)
  }
})

test_that("the rule for spikes is a setting, which the record keeps", {
  ratio <- function(fit) min(sigma(fit)) / max(sigma(fit))
  control <- function(...) moe_control(seed = 1, progress = FALSE, ...)
  narrow <- suppressWarnings(moe(Hwt ~ Bwt, MASS::cats, control = control()))
  wide <- suppressWarnings(moe(Hwt ~ Bwt, MASS::cats, control = control(spike = c(sd = 0.1, rows = 3))))
  expect_lt(ratio(narrow), 0.1)
  expect_gt(ratio(wide), 0.1)
  expect_lt(as.numeric(logLik(wide)), as.numeric(logLik(narrow)))
  expect_equal(narrow$record$spike_rule, c(rows = 2, sd = 0.01))
  expect_equal(wide$record$spike_rule, c(rows = 3, sd = 0.1))
  path <- moe(Hwt ~ Bwt, MASS::cats, penalty = penalty_lasso(0.1), control = control(spike = c(rows = 3, sd = 0.1)))
  expect_equal(path$record$spike_rule, c(rows = 3, sd = 0.1))
  expect_output(print(control()), "spike +rows 2, sd 0.01")
  for (spike in list(1, c(1, 2), c(rows = -1, sd = 0), c(rows = 1, sd = 1), c(rows = NA, sd = 0), "no")) {
    expect_error(control(spike = spike), class = "expertmix_error_control")
  }
})
