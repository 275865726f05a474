# A maximum over a compact set of parameters.

data(mcycle, package = "MASS")

bounded <- function(..., formula = accel ~ times, data = mcycle) {
  moe(formula, data, control = moe_control(seed = 1, bounds = moe_bounds(...)))
}

# The log-likelihood of two experts on a line, written by itself: gate, intercepts and slopes, log sigma.
two_lines <- function(theta, x, y) {
  gate <- theta[1] + theta[2] * x
  density <- cbind(
    -log1p(exp(gate)) + stats::dnorm(y, theta[3] + theta[4] * x, exp(theta[7]), log = TRUE),
    gate - log1p(exp(gate)) + stats::dnorm(y, theta[5] + theta[6] * x, exp(theta[8]), log = TRUE)
  )
  largest <- apply(density, 1, max)
  sum(largest + log(rowSums(exp(density - largest))))
}

parameters_of_two <- function(fit) {
  gate <- coef(fit, part = "gate")
  c(gate[, 2] - gate[, 1], coef(fit, part = "experts"), log(sigma(fit)))
}

test_that("a bounded maximum is that of an optimiser with a box", {
  set.seed(3)
  x <- stats::runif(200)
  y <- ifelse(stats::runif(200) < stats::plogis(4 - 9 * x), 1 + 3 * x, -2 + x) + stats::rnorm(200, sd = 0.6)
  for (gate in c(3, 6)) {
    fit <- bounded(gate = gate, experts = c(-2.5, 2.5), sigma = c(0.3, 0.8), formula = y ~ x, data = data.frame(x, y))
    expect_true(fit$record$converged)
    found <- parameters_of_two(fit)
    expect_equal(two_lines(found, x, y), as.numeric(logLik(fit)), tolerance = 1e-10)
    lower <- c(-gate, -gate, rep(-2.5, 4), log(c(0.3, 0.3)))
    upper <- c(gate, gate, rep(2.5, 4), log(c(0.8, 0.8)))
    expect_true(all(found >= lower - 1e-6 & found <= upper + 1e-6))
    inside <- pmin(pmax(found, lower), upper)
    box <- stats::optim(inside, two_lines, x = x, y = y, method = "L-BFGS-B", lower = lower, upper = upper,
      control = list(fnscale = -1, factr = 10, maxit = 500))
    expect_lt(box$value - as.numeric(logLik(fit)), 1e-5)
    other <- stats::optim(0.9 * inside, two_lines, x = x, y = y, method = "L-BFGS-B", lower = lower, upper = upper,
      control = list(fnscale = -1, factr = 10, maxit = 500))
    expect_lt(other$value - as.numeric(logLik(fit)), 1e-5)
    expect_setequal(fit$record$at_bounds, c("gate", "experts"))
  }
})

test_that("wide bounds change nothing, narrower ones lower the likelihood", {
  free <- moe(eruptions ~ waiting, faithful, control = moe_control(seed = 1, tolerance = 1e-13))
  wide <- moe(eruptions ~ waiting, faithful,
    control = moe_control(seed = 1, tolerance = 1e-13, bounds = moe_bounds(gate = 1e4, experts = 1e5)))
  expect_equal(coef(wide), coef(free), tolerance = 1e-6)
  expect_equal(vcov(wide), vcov(free), tolerance = 1e-4)
  expect_length(wide$record$at_bounds, 0)
  values <- vapply(c(30, 10, 3), function(gate) {
    fit <- moe(accel ~ times, mcycle, experts = 3,
      control = moe_control(seed = 1, bounds = moe_bounds(gate = gate, sigma = c(2, 50))))
    expect_true(fit$record$converged)
    expect_lte(max(apply(coef(fit, part = "gate"), 1, function(row) diff(range(row)))), gate * (1 + 1e-8))
    as.numeric(logLik(fit))
  }, 0)
  expect_true(all(diff(c(as.numeric(logLik(free)), values)) < 0))
})

test_that("the set is the same whichever expert is called first", {
  fit <- moe(accel ~ times, mcycle, experts = 3, control = moe_control(seed = 1, bounds = moe_bounds(gate = 5)))
  order <- c(3, 1, 2)
  turned <- mixing_measure(coef(fit, part = "gate")[, order], coef(fit, part = "experts")[, order], sigma(fit)[order])
  again <- moe(accel ~ times, mcycle, experts = 3, start = turned,
    control = moe_control(seed = 1, bounds = moe_bounds(gate = 5)))
  expect_equal(as.numeric(logLik(again)), as.numeric(logLik(fit)), tolerance = 1e-8)
})

test_that("bounds hold for classes, counts and temperatures", {
  classes <- moe(Species ~ Sepal.Width, iris, experts = 2,
    control = moe_control(seed = 1, bounds = moe_bounds(gate = 4, experts = 6)))
  expect_lte(max(abs(coef(classes, part = "experts"))), 6 + 1e-6)
  expect_true(classes$record$converged)
  counts <- moe(carb ~ mpg, mtcars, experts = 2, family = poisson(),
    control = moe_control(seed = 1, bounds = moe_bounds(gate = 2, experts = c(-1, 3))))
  expect_true(all(coef(counts, part = "experts") >= -1 - 1e-6 & coef(counts, part = "experts") <= 3 + 1e-6))
  expect_warning(
    warm <- moe(accel ~ times, mcycle, experts = 2, gate = gate_temperature(activation = "tanh", origin = 0),
      control = moe_control(seed = 1, bounds = moe_bounds(gate = 3))),
    "temperature went to its bound"
  )
  expect_lte(max(abs(coef(warm, part = "gate")[2, ])), 3 + 1e-6)
})

test_that("at a bound there are no standard errors, and the summary says why", {
  fit <- bounded(gate = 3)
  expect_true("gate" %in% fit$record$at_bounds)
  expect_true(all(is.na(suppressWarnings(vcov(fit)))))
  expect_output(print(summary(fit)), "At a bound: gate")
})

test_that("bounds that cannot be are refused", {
  refused <- function(expr) expect_error(expr, class = "expertmix_error_bounds")
  refused(moe_bounds(gate = 0))
  refused(moe_bounds(gate = NA))
  refused(moe_bounds(experts = c(2, 1)))
  refused(moe_bounds(experts = 1:3))
  refused(moe_bounds(sigma = c(-1, 2)))
  refused(moe_bounds(sigma = c(2, 2)))
  refused(moe_bounds(weights = 2))
  refused(moe_control(bounds = list(gate = 2)))
  control <- moe_control(seed = 1, bounds = moe_bounds(gate = 2))
  refused(moe(accel ~ times, mcycle, gate = gate_topk(1), control = control))
  refused(moe(accel ~ times, mcycle, penalty = penalty_lasso(0.1), control = control))
  refused(moe_path(accel ~ times, mcycle, control = control))
  start <- moe(accel ~ times, mcycle, control = moe_control(seed = 1))
  refused(moe(accel ~ times, mcycle, start = start, control = control))
  expect_output(print(moe_bounds(gate = 2)), "gate differences up to 2")
  expect_output(print(control), "gate differences up to 2")
  expect_output(print(moe_control()), "bounds")
})

test_that("a study keeps to its bounds, and refuses those without the truth", {
  design <- theory_design("softmax-over")
  study <- function(bounds, ...) {
    rate_study(design, n = c(300, 600), replications = 2, seed = 1, progress = FALSE, bounds = bounds, ...)
  }
  set <- moe_bounds(gate = 40, experts = 30, sigma = c(0.1, 1))
  found <- study(set)
  expect_true(all(found$results$converged))
  for (measure in found$estimates) {
    expect_lte(max(apply(measure$gate, 1, function(row) diff(range(row)))), 40 + 1e-6)
    expect_lte(max(abs(measure$experts)), 30 + 1e-6)
    expect_true(all(measure$sigma >= 0.1 - 1e-8 & measure$sigma <= 1 + 1e-8))
  }
  by_control <- rate_study(design, n = c(300, 600), replications = 2, seed = 1, progress = FALSE,
    control = moe_control(bounds = set))
  expect_identical(by_control$estimates, found$estimates)
  expect_error(study(moe_bounds(experts = 10)), class = "expertmix_error_bounds")
  expect_error(study(moe_bounds(experts = 20)), class = "expertmix_error_bounds")
  expect_error(study(list()), class = "expertmix_error_bounds")
  store <- withr::local_tempdir()
  study(set, store = store)
  expect_error(study(moe_bounds(gate = 50), store = store), class = "expertmix_error_store")
})
