two_lines <- function(n = 200) {
  set.seed(6)
  d <- data.frame(x = runif(n, 8, 12), z = rnorm(n, -5), w = rexp(n))
  d$y <- ifelse(runif(n) < plogis(2 * d$z + 10), 1 + 2 * d$x, 30 - 1.5 * d$x) + rnorm(n, 0, 0.4)
  d
}
settings <- moe_control(seed = 1, starts = 6, progress = FALSE)
quiet <- function(expression) suppressWarnings(expression, classes = "expertmix_warning")
tanh_gate <- function(...) gate_softmax(activation = "tanh", ...)
alone <- list(
  tanh_gate(), gate_temperature(activation = "sigmoid"), gate_topk(1), gate_topk(1, activation = "softplus")
)

test_that("slopes that act alone count from the weighted means of the gate covariates, others from nowhere", {
  d <- two_lines()
  for (gate in alone) {
    fit <- quiet(moe(y ~ x | z + w, d, gate = gate, weights = w, control = settings))
    expect_equal(fit$gate$origin, c(z = weighted.mean(d$z, d$w), w = weighted.mean(d$w, d$w)), label = format(gate))
    expect_equal(sum(d$w * log(predict(fit, d, type = "density"))), as.numeric(logLik(fit)), label = format(gate))
  }
  for (gate in list(gate_softmax(), gate_topk(2), gate_topk(1, select = "logit"), gate_sigmoid())) {
    expect_null(quiet(moe(y ~ x | z, d, gate = gate, control = settings))$gate$origin)
  }
})

test_that("a fit does not depend on where the gate's covariates are measured from", {
  d <- two_lines()
  moved <- transform(d, z = z + 7, w = w - 3)
  for (gate in alone) {
    for (formula in c(y ~ x | z + w, y ~ x + z, y ~ 0 + x | x + z)) {
      fit <- quiet(moe(formula, d, gate = gate, control = settings))
      again <- quiet(moe(formula, moved, gate = gate, control = settings))
      expect_equal(as.numeric(logLik(again)), as.numeric(logLik(fit)), tolerance = 1e-6, label = format(gate))
      expect_equal(predict(again, moved, type = "gate"), predict(fit, d, type = "gate"), tolerance = 1e-3)
    }
  }
})

test_that("an origin may be given, by name or in order, and 0 is the papers' form", {
  d <- two_lines()
  fit_at <- function(origin) moe(y ~ x | z + w, d, gate = tanh_gate(origin = origin), control = settings)
  centred <- transform(d, z = z + 5, w = w - 1)
  papers <- moe(y ~ x | z + w, centred, gate = tanh_gate(origin = 0), control = settings)
  expect_equal(papers$gate$origin, c(z = 0, w = 0))
  for (origin in list(c(-5, 1), c(w = 1, z = -5))) {
    expect_equal(as.numeric(logLik(fit_at(origin))), as.numeric(logLik(papers)), tolerance = 1e-8)
  }
  expect_output(print(fit_at(c(-5, 1))), "Slopes count from z = -5, w = 1")
  expect_output(print(gate_topk(1, origin = 0)), "by slope, origin 0")
})

test_that("an origin that cannot be is an error", {
  d <- two_lines()
  bad <- function(expression, class = "gate") expect_error(expression, class = paste0("expertmix_error_", class))
  for (origin in list("a", NA, numeric(), Inf, list(1), matrix(1))) bad(tanh_gate(origin = origin))
  bad(gate_softmax(origin = 1))
  bad(gate_topk(2, select = "logit", origin = 1))
  bad(moe(y ~ x | z + w, d, gate = tanh_gate(origin = 1:3)))
  bad(moe(y ~ x | z + w, d, gate = tanh_gate(origin = c(z = 1, v = 2))))
  fit <- quiet(moe(y ~ x | z, d, gate = tanh_gate(), control = settings))
  bad(moe(y ~ x | z, d, gate = tanh_gate(origin = 0), start = fit), "start")
  bad(moe(y ~ x | z, d, gate = tanh_gate(origin = 0), start = mixing_measure(fit)), "start")
})

test_that("measures, starts, updates, folds and paths inherit the origin", {
  d <- two_lines()
  fit <- quiet(moe(y ~ x | z, d, gate = tanh_gate(), control = settings))
  measure <- mixing_measure(fit)
  expect_equal(measure$gating$origin, fit$gate$origin)
  expect_equal(log_density(measure, d$y, d["x"], d["z"]), log(predict(fit, type = "density")), ignore_attr = TRUE)
  expect_equal(moe(y ~ x | z, d, gate = tanh_gate(), start = measure)$gate$origin, fit$gate$origin)
  half <- d[d$z > -5, ]
  for (search in c(FALSE, TRUE)) {
    expect_equal(update(fit, data = half, search = search)$gate$origin, fit$gate$origin)
  }
  expect_equal(quiet(update(fit, . ~ . | . + w, data = half))$gate$origin, colMeans(half[c("z", "w")]))
  expect_equal(quiet(update(fit, data = half, gate = tanh_gate(origin = 0)))$gate$origin, c(z = 0))
  plain <- moe(y ~ x | z, d, control = settings)
  expect_equal(moe(y ~ x | z, half, gate = tanh_gate(), start = plain)$gate$origin, c(z = mean(half$z)))
  path <- moe_path(y ~ x | z, d, gate = tanh_gate(), nlambda = 3, ratio = 0.5, control = settings)
  expect_equal(select_fit(path)$gate$origin, fit$gate$origin)
  left <- score_fold(1, path, rep(1:2, 100))
  expect_true(all(is.finite(left)))
  expect_equal(select_fit(path, refit = TRUE)$gate$origin, fit$gate$origin)
})

test_that("a sparse design has the origin of the dense one", {
  d <- two_lines()
  x <- cbind(`(Intercept)` = 1, x = d$x * (d$w > 1), z = d$z)
  skip_if_not_installed("Matrix")
  fits <- lapply(list(x, Matrix::Matrix(x, sparse = TRUE)), function(x) {
    moe_fit(x, d$y, gate = tanh_gate(), penalty = penalty_lasso(0.02), control = settings)
  })
  expect_equal(fits[[1]]$gate$origin, colMeans(x[, -1]))
  expect_equal(fits[[2]]$gate$origin, fits[[1]]$gate$origin)
  expect_equal(as.numeric(logLik(fits[[2]])), as.numeric(logLik(fits[[1]])), tolerance = 1e-5)
  expect_equal(predict(fits[[2]], type = "gate"), predict(fits[[1]], type = "gate"), tolerance = 1e-3)
})

test_that("losses compare measures of one origin only, and studies fit at the truth's", {
  truth <- mixing_measure(cbind(c(0, 2), c(0.5, -1)), cbind(c(1, 2), c(-1, 1)), 0.5, tanh_gate())
  expect_null(truth$gating$origin)
  away <- mixing_measure(truth$gate, truth$experts, 0.5, tanh_gate(origin = 0.3))
  expect_equal(away$gating$origin, c(x1 = 0.3))
  expect_output(print(away), "Slopes count from x1 = 0.3")
  expect_error(voronoi_loss(away, truth), "origins", class = "expertmix_error_measure")
  expect_false(isTRUE(all.equal(away, truth)))
  moved <- mixing_measure(truth$gate, cbind(c(1 - 0.6, 2), c(-1 - 0.3, 1)), 0.5, tanh_gate(origin = 0.3))
  x <- c(-1, 0, 2)
  expect_equal(log_density(moved, c(1, 0, -1), x + 0.3), log_density(truth, c(1, 0, -1), x))
  for (own in list(truth, away)) {
    for (init in c("truth", "multi")) {
      study <- rate_study(own, n = 200, replications = 2, seed = 1, init = init)
      expect_true(all(is.finite(study$results$loss)), label = init)
    }
  }
})

test_that("a start whose slopes count from an origin is the same gate where they do not act alone", {
  d <- two_lines()
  top <- quiet(moe(y ~ x | z + w, d, experts = 3, gate = gate_topk(2), control = settings))
  measure <- mixing_measure(top)
  raw <- measure$gate
  raw[1, ] <- raw[1, ] - colSums(measure$gating$origin * raw[-1, ])
  raw <- mixing_measure(raw, measure$experts, measure$sigma)
  near <- moe_control(seed = 1, iterations = 1, progress = FALSE)
  values <- vapply(list(top, measure, raw), function(start) {
    as.numeric(logLik(quiet(moe(y ~ x | z + w, d, experts = 3, start = start, control = near))))
  }, 0)
  expect_equal(values, rep(values[1], 3), tolerance = 1e-8)
})

test_that("a study that starts near the truth refuses another origin", {
  truth <- mixing_measure(cbind(c(0, 2), c(0.5, -1)), cbind(c(1, 2), c(-1, 1)), 0.5, tanh_gate(origin = 0.3))
  expect_error(rate_study(truth, n = 100, replications = 1, seed = 1, gate = tanh_gate(origin = 0)),
    class = "expertmix_error_study")
})
