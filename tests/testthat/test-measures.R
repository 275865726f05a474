truth <- mixing_measure(cbind(c(-8, 25), c(0, 0)), cbind(c(15, -20), c(-5, 20)), c(0.3, 0.4))
control <- moe_control(seed = 1)

classes <- array(0, c(2, 3, 2), list(c("(Intercept)", "u"), c("low", "mid", "high"), NULL))
classes[, , 1] <- c(0, 0, 1, -2, -1, 0.5)
classes[, , 2] <- c(0.3, 0.1, 0, 2, 1, 1)
choice <- mixing_measure(cbind(c(0.5, 1), c(0, 0)), classes, family = multinomial())

# log f(y | x) of a softmax gate, written out.
slow_log_density <- function(measure, y, x) {
  design <- cbind(1, x)
  weights <- exp(design %*% measure$gate)
  means <- design %*% measure$experts
  f <- vapply(seq_along(measure$sigma), function(k) dnorm(y, means[, k], measure$sigma[k]), y)
  log(rowSums(weights * f) / rowSums(weights))
}

test_that("the log-density is the model's", {
  set.seed(1)
  data <- rmoe(50, truth, function(n) runif(n))
  expect_equal(log_density(truth, data$y, data$x1), slow_log_density(truth, data$y, data$x1), tolerance = 1e-10)
  expect_equal(log_density(truth, 3, 1), slow_log_density(truth, c(3, 3), c(1, 1))[1], tolerance = 1e-10)
  design <- cbind(1, u = c(-1, 2))
  p <- vapply(1:2, function(k) {
    e <- exp(design %*% classes[, , k])
    (e / rowSums(e))[cbind(1:2, c(3, 1))]
  }, numeric(2))
  pi <- plogis(design %*% choice$gate[, 1])
  expect_equal(log_density(choice, c("high", "low"), c(-1, 2)), as.vector(log(pi * p[, 1] + (1 - pi) * p[, 2])))
  expect_equal(log_density(choice, factor(c("high", "low")), c(-1, 2)), log_density(choice, c(3, 1), c(-1, 2)))
})

test_that("draws follow the density: gate probabilities, means, deviations, classes", {
  set.seed(2)
  n <- 40000
  data <- rmoe(n, truth, rep(0.33, n))
  pi <- plogis(-8 + 25 * 0.33)
  expect_lt(abs(mean(data$expert == 1) - pi), 4 * sqrt(pi * (1 - pi) / n))
  for (k in 1:2) {
    own <- data$y[data$expert == k]
    centred <- (own - sum(c(1, 0.33) * truth$experts[, k])) / truth$sigma[k]
    expect_lt(abs(mean(centred)), 4 / sqrt(length(own)))
    expect_lt(abs(mean(centred^2) - 1), 4 * sqrt(2 / length(own)))
  }
  drawn <- rmoe(n, choice, cbind(u = rep(0.7, n)))
  expected <- exp(log_density(choice, c("low", "mid", "high"), rep(0.7, 3)))
  expect_equal(names(drawn), c("y", "u", "expert"))
  expect_gt(chisq.test(table(drawn$y), p = expected)$p.value, 1e-4)
})

test_that("draws are a function of R's seed, and rows keep their covariates", {
  set.seed(3)
  a <- rmoe(10, truth, function(n) matrix(runif(n), n, dimnames = list(NULL, "speed")))
  set.seed(3)
  b <- rmoe(10, truth, function(n) matrix(runif(n), n, dimnames = list(NULL, "speed")))
  expect_identical(a, b)
  expect_equal(names(a), c("y", "speed", "expert"))
})

test_that("a fit's measure has the fit's density, wherever its intercepts are", {
  data <- data.frame(y = cars$dist, speed = cars$speed / 10, w = rep(0:1, 25))
  for (formula in list(y ~ speed | w + speed, y ~ speed - 1 | w, y ~ speed | 1)) {
    fit <- suppressWarnings(moe(formula, data, control = control))
    measure <- mixing_measure(fit)
    x <- as.matrix(data[c("speed", "w")])
    expect_equal(log_density(measure, data$y, x), unname(log(predict(fit, type = "density"))), tolerance = 1e-8)
  }
  tanh_fit <- moe(y ~ speed | speed, data, gate = gate_modified("tanh"), control = control)
  expect_equal(log_density(tanh_fit, data$y, x), unname(log(predict(tanh_fit, type = "density"))), tolerance = 1e-8)
  iris_fit <- suppressWarnings(moe(Species ~ Petal.Width, iris, control = moe_control(starts = 5, seed = 1)))
  expect_equal(log_density(iris_fit, iris$Species, iris$Petal.Width), unname(log(predict(iris_fit, type = "density"))))
  offset <- moe(y ~ speed, data, offset = w, control = control)
  expect_error(mixing_measure(offset), class = "expertmix_error_measure")
})

test_that("a measure is a start: the fit climbs from it and keeps its labels", {
  set.seed(4)
  data <- rmoe(2000, truth, function(n) runif(n))
  fit <- moe(y ~ x1, data, start = truth, control = control)
  expect_equal(fit$record$starts[["tried"]], 1)
  expect_equal(c(logLik(fit)), c(logLik(moe(y ~ x1, data, control = control))), tolerance = 1e-9)
  expect_lt(max(abs(coef(fit, "experts") - truth$experts)), 1)
  warm <- mixing_measure(2 * truth$gate, truth$experts, truth$sigma, gate_temperature(2))
  expect_equal(coef(moe(y ~ x1, data, start = warm, control = control)), coef(fit), tolerance = 1e-6)
  expect_error(moe(y ~ 1, data, start = truth), class = "expertmix_error_start")
  expect_error(moe(y ~ x1, data, experts = 3, start = truth), class = "expertmix_error_start")
  expect_error(moe(y ~ x1 - 1, data, start = truth), class = "expertmix_error_start")
})

test_that("measures are equal up to what is not identified", {
  moved <- mixing_measure(cbind(c(3, -1), c(-5, 24)), truth$experts[, 2:1], truth$sigma[2:1])
  same <- function(a, b) isTRUE(all.equal(a, b))
  expect_true(same(moved, truth))
  expect_false(same(mixing_measure(cbind(c(3, -1), c(-5, 24.001)), truth$experts[, 2:1], truth$sigma[2:1]), truth))
  warm <- mixing_measure(3 * truth$gate, truth$experts, truth$sigma, gate_temperature(3))
  expect_true(same(warm, truth))
  tanh_gate <- gate_temperature(1, "tanh")
  plain <- mixing_measure(cbind(c(1, 2), c(0, -1)), truth$experts, truth$sigma, tanh_gate)
  expect_true(same(mixing_measure(cbind(c(4, 1), c(3, -2)), truth$experts, truth$sigma, tanh_gate), plain))
  expect_equal(log_density(plain, 1:3, 1:3),
    log_density(mixing_measure(cbind(c(4, 1), c(3, -2)), truth$experts, truth$sigma, tanh_gate), 1:3, 1:3))
  expect_false(same(mixing_measure(cbind(c(1, 3), c(0, 0)), truth$experts, truth$sigma, tanh_gate), plain))
  doubled <- c(1, 2, 2)
  twice <- mixing_measure(
    cbind(c(-8, 25), c(log(0.3), 0), c(log(0.7), 0)), truth$experts[, doubled], truth$sigma[doubled]
  )
  expect_true(same(twice, truth))
  expect_match(all.equal(mixing_measure(cbind(c(0, 1)), truth$experts[, 1, drop = FALSE], 1), truth), "experts")
})

test_that("simulate() draws what the fit says, with a seed as stats::simulate()", {
  fit <- moe(dist ~ speed, cars, control = control)
  many <- simulate(fit, 2000, seed = 5)
  expect_identical(many[1:3], simulate(fit, 3, seed = 5)[1:3], ignore_attr = TRUE)
  expect_equal(dim(many), c(50, 2000))
  error <- (rowMeans(many) - fitted(fit)) / apply(many, 1, sd) * sqrt(2000)
  expect_lt(max(abs(error)), 4.5)
  state <- .Random.seed
  simulate(fit, seed = 1)
  expect_identical(.Random.seed, state)
  iris_fit <- suppressWarnings(moe(Species ~ Petal.Width, iris, control = moe_control(starts = 5, seed = 1)))
  expect_equal(levels(simulate(iris_fit)$sim_1), levels(iris$Species))
  counts <- cbind(a = c(3, 5, 2, 8, 1, 4), b = c(1, 0, 4, 2, 6, 3))
  x <- cbind(1, x = 1:6)
  count_fit <- suppressWarnings(moe_fit(x, counts, experts = 1, family = multinomial()))
  expect_equal(rowSums(simulate(count_fit, seed = 1)$sim_1), rowSums(counts))
  shifted <- moe(dist ~ 1, cars, offset = 3 * speed, control = control)
  expect_gt(cor(simulate(shifted, seed = 1)$sim_1, cars$speed), 0.5)
})

test_that("bad measures are classed errors", {
  fails <- function(expression, class) expect_error(expression, class = paste0("expertmix_error_", class))
  fails(mixing_measure(), "measure")
  fails(mixing_measure(truth$gate), "measure")
  fails(mixing_measure(truth$gate, truth$experts[, 1, drop = FALSE], 1), "measure")
  fails(mixing_measure(truth$gate, replace(truth$experts, 3, NA), 1), "measure")
  fails(mixing_measure(truth$gate, truth$experts, 0), "sigma")
  fails(mixing_measure(truth$gate, truth$experts, c(1, -1)), "sigma")
  fails(mixing_measure(truth$gate, truth$experts, 1:3), "sigma")
  fails(mixing_measure(truth$gate, truth$experts, 1, gate_temperature()), "gate")
  fails(mixing_measure(truth$gate, truth$experts, 1, gate_topk(3)), "gate")
  fails(mixing_measure(truth$gate, truth$experts, 1, family = "quasi"), "family")
  fails(mixing_measure(choice$gate, classes, 1, family = multinomial()), "sigma")
  fails(log_density(truth, 1:3, cbind(1:3, 1:3)), "measure")
  fails(log_density(truth, 1:2, 1:3), "measure")
  fails(log_density(truth, "a", 1), "measure")
  fails(log_density(choice, "tall", 1), "measure")
  fails(rmoe(0, truth, 1), "rows")
  fails(rmoe(3, truth, 1:2), "measure")
  fails(rmoe(3, truth, function(n) stop("no")), "measure")
})
