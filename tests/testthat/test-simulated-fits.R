fails <- function(expression, class, words = NULL) {
  expect_error(expression, words, class = paste0("expertmix_error_", class))
}
control <- moe_control(seed = 1, progress = FALSE)
set.seed(1)
x <- cbind(`(Intercept)` = 1, a = runif(300, -2, 2), b = rnorm(300), c = rnorm(300))
y <- ifelse(runif(300) < plogis(x[, "b"]), 1 + 2 * x[, "a"], -1 - 1.5 * x[, "a"]) + rnorm(300, 0, 0.4)

test_that("sparse fits, and fits to matrices, are drawn from as dense ones are", {
  skip_if_not_installed("Matrix")
  thin <- function(x) methods::as(x, "CsparseMatrix")
  penalty <- penalty_lasso(0.02)
  for (z in list(x, x[, c("(Intercept)", "b")])) {
    dense <- moe_fit(x, y, z, penalty = penalty, control = control)
    sparse <- moe_fit(thin(x), y, thin(z), penalty = penalty, control = control)
    expect_equal(simulate(sparse, 2, seed = 1)$sim_2, simulate(dense, 2, seed = 1)$sim_2, tolerance = 1e-6)
    expect_equal(simulate(sparse, seed = 3), simulate(sparse, seed = 3))
    measure <- mixing_measure(sparse)
    expect_true(all.equal(measure, mixing_measure(dense), tolerance = 1e-5))
    expect_equal(rownames(measure$gate), colnames(z))
    at <- x[, -1]
    expect_equal(log_density(measure, y, at), unname(log(predict(sparse, type = "density"))))
    set.seed(1)
    drawn <- rmoe(300, sparse, at)
    expect_named(drawn, c("y", "a", "b", "c", "expert"))
    expect_equal(sum(log_density(sparse, drawn$y, at)), sum(log_density(measure, drawn$y, at)))
  }
})

test_that("classes and counts of fits to matrices keep labels and totals", {
  class <- factor(c("u", "v", "w")[1 + (y > -1) + (y > 1)])
  fit <- suppressWarnings(moe_fit(x[, 1:2], class, x[, c(1, 3)], control = control))
  drawn <- simulate(fit, seed = 1)$sim_1
  expect_identical(levels(drawn), levels(class))
  expect_equal(log_density(fit, class, x[, "a"], x[, "b"]), unname(log(predict(fit, type = "density"))))
  counts <- cbind(u = rpois(300, 3), v = rpois(300, exp(1 + x[, "a"] / 2)))
  counts[5, ] <- 0
  fit <- suppressWarnings(moe_fit(x[, 1:2], counts, family = multinomial(), control = control))
  drawn <- simulate(fit, seed = 1)$sim_1
  expect_identical(dimnames(drawn), list(NULL, c("u", "v")))
  expect_equal(rowSums(drawn), rowSums(counts))
})

test_that("counts of a thousand million are drawn in a moment, with the law's mean and spread", {
  counts <- cbind(u = rpois(300, 30), v = rpois(300, 60))
  fit <- suppressWarnings(moe_fit(x[, 1, drop = FALSE], counts, experts = 1, family = multinomial(), control = control))
  fit$data$y <- cbind(rep(1e9, 300), 0)
  drawn <- simulate(fit, 3, seed = 1)
  share <- sum(counts[, 1]) / sum(counts)
  scaled <- (drawn$sim_1[, 1] - 1e9 * share) / sqrt(1e9 * share * (1 - share))
  expect_lt(abs(mean(scaled)), 0.5)
  expect_gt(sd(scaled), 0.8)
  expect_lt(sd(scaled), 1.2)
  expect_equal(rowSums(drawn$sim_3), rep(1e9, 300))
})

test_that("what has a measure takes nothing beside it, a path has many", {
  fit <- moe_fit(x, y, control = control)
  fails(mixing_measure(fit, sigma = 1), "measure", "beside")
  fails(mixing_measure(mixing_measure(fit), gating = gate_topk(1)), "measure", "beside")
  path <- suppressWarnings(moe_path(x, y, control = control))
  fails(mixing_measure(path), "measure", "select_fit")
  expect_s3_class(mixing_measure(select_fit(path)), "mixing_measure")
  fails(simulate(fit, seed = "a"), "seed")
  fails(simulate(fit, seed = NA), "seed")
})

test_that("simulated responses have the rows of the data under na.exclude()", {
  data <- transform(cars, dist = replace(dist, 7, NA))
  fit <- moe(dist ~ speed, data, experts = 1, na.action = na.exclude)
  drawn <- simulate(fit, 2, seed = 1)
  expect_identical(rownames(drawn), rownames(cars))
  expect_identical(which(is.na(drawn$sim_1)), 7L)
  expect_equal(drawn[-7, ], simulate(moe(dist ~ speed, data, experts = 1), 2, seed = 1), ignore_attr = TRUE)
})
