# Fits in a process of its own, within a time: a hang fails instead of waiting for ever.
ended <- function(code, seconds = 60) {
  file <- withr::local_tempfile(fileext = ".R")
  writeLines(c("suppressMessages(library(expertmix))", code, "cat('ended\\n')"), file)
  libraries <- paste(.libPaths(), collapse = .Platform$path.sep)
  out <- withr::with_envvar(c(R_LIBS = libraries), {
    suppressWarnings(system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(file)), stdout = TRUE,
      stderr = FALSE, timeout = seconds))
  })
  "ended" %in% out
}

test_that("fits whose temperature goes to its bound end", {
  skip_on_cran()
  skip_if_not_installed("lattice")
  expect_true(ended(c(
    "for (activation in c('gelu', 'tanh', 'softplus'))",
    "  suppressWarnings(moe(NOx ~ E, lattice::ethanol, gate = gate_temperature(activation = activation),",
    "    control = moe_control(seed = 1, starts = 40)))"
  )))
  expect_true(ended(c(
    "for (seed in c(2, 4, 8)) suppressWarnings(moe(log(medv) ~ lstat | lstat + rm, MASS::Boston,",
    "  gate = gate_temperature(activation = 'tanh'), control = moe_control(seed = seed, starts = 40)))"
  )))
})

test_that("a temperature at its bound is no separation", {
  skip_if_not_installed("lattice")
  drifted <- 0
  for (activation in c("gelu", "tanh", "softplus")) for (seed in 1:2) {
    fit <- quietly(moe(NOx ~ E, lattice::ethanol, gate = gate_temperature(activation = activation),
      control = moe_control(seed = seed, starts = 40)))
    expect_equal("temperature" %in% names(fit$record$warnings), fit$record$drifted)
    expect_false(all(c("temperature", "separation") %in% names(fit$record$warnings)))
    drifted <- drifted + fit$record$drifted
  }
  expect_gt(drifted, 0)
})

test_that("EM alone ends with curved gates and estimated temperatures, with a covariance or without", {
  set.seed(5)
  d <- data.frame(x = runif(120, -2, 2))
  d$y <- ifelse(runif(120) < plogis(2 * d$x), 1 + 2 * d$x, -1 - d$x) + rnorm(120, 0, 0.4)
  gates <- list(
    gate_temperature(1, "tanh"), gate_temperature(activation = "tanh"), gate_temperature(activation = "softplus"),
    gate_sigmoid(temperature = NULL)
  )
  for (gate in gates) for (iterations in c(10, 200)) {
    control <- moe_control(seed = 1, starts = 3, method = "em", iterations = iterations)
    fit <- quietly(moe(y ~ x, d, gate = gate, control = control))
    expect_true(is.finite(fit$log_likelihood))
    expect_false(any(is.nan(quietly(vcov(fit)))))
  }
})

test_that("a time limit ends every stage", {
  set.seed(6)
  d <- data.frame(x = runif(4000, -2, 2), z = rnorm(4000))
  d$y <- ifelse(runif(4000) < plogis(d$z), 1 + 2 * d$x, -1 - d$x) + rnorm(4000, 0, 0.4)
  control <- moe_control(seed = 1, starts = 2000, time_limit = 1e-9)
  for (gate in list(gate_softmax(), gate_topk(1), gate_topk(2), gate_temperature(activation = "tanh"))) {
    fit <- quietly(moe(y ~ x | z, d, experts = 3, gate = gate, control = control))
    expect_false(fit$record$converged)
    expect_lt(fit$record$passes, 60)
  }
  expect_warning(moe(y ~ x | z, d, control = control), class = "expertmix_warning_convergence")
  path <- moe_path(y ~ x + z, d, experts = 3, control = control)
  expect_equal(path$path$status, "time limit")
})

test_that("an expert that collapses while its gate is bounded is guarded", {
  skip_if_not_installed("MASS")
  m <- MASS::mcycle
  set.seed(47)
  label <- findInterval(m$times, sort(runif(5, 2, 58))) + 1
  fit <- quietly(moe(accel ~ times, m, experts = 6, start = diag(6)[label, ] * 0.9 + 0.1 / 6))
  expect_lt(fit$log_likelihood, -500)
  expect_gt(min(sigma(fit)), 1e-4)
})

test_that("responsibilities start penalised fits", {
  worse <- 0
  for (seed in 1:5) {
    set.seed(seed)
    x <- cbind(1, matrix(rnorm(150 * 8), 150))
    colnames(x) <- c("(Intercept)", paste0("x", 1:8))
    first <- runif(150) < plogis(2 * x[, 2])
    y <- ifelse(first, 2 * x[, 3], 1 - 2 * x[, 4]) + rnorm(150) / 2
    labels <- cbind(first, !first) + 0
    penalty <- penalty_lasso(0.05)
    searched <- quietly(moe_fit(x, y, penalty = penalty, control = moe_control(seed = 1)))
    started <- quietly(moe_fit(x, y, penalty = penalty, start = labels, control = moe_control(seed = 1)))
    worse <- worse + (started$record$objective_value < searched$record$objective_value - 1e-6)
  }
  expect_equal(worse, 0)
})
