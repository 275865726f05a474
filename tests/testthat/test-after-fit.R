test_that("integer64 is refused in new data and measures, too", {
  skip_if_not_installed("bit64")
  whole <- bit64::as.integer64
  fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1, starts = 5))
  expect_error(predict(fit, data.frame(speed = whole(10))), "speed", class = "expertmix_error_newdata")
  expect_error(generics::augment(fit, newdata = data.frame(speed = whole(10))), class = "expertmix_error_newdata")
  plain <- moe_fit(cbind(1, cars$speed), cars$dist, control = moe_control(seed = 1, starts = 5))
  expect_error(predict(plain, list(x = whole(matrix(1:4, 2)))), class = "expertmix_error")
  measure <- mixing_measure(cbind(0, c(1, 1)), cbind(c(1, 1), c(-1, 2)), c(1, 2))
  expect_error(log_density(measure, 1, whole(1)), class = "expertmix_error_measure")
  expect_error(rmoe(2, measure, whole(5:6)), class = "expertmix_error_measure")
  expect_error(hellinger(measure, measure, whole(1:3)), class = "expertmix_error_measure")
})

test_that("a missing argument has a class", {
  calls <- expression(
    cv_moe(), select_fit(), rmoe(), log_density(), hellinger(), kl_divergence(), total_variation(), voronoi_loss(),
    voronoi_cells(), rate_study(), lasso_lambda_bound(), rbar_check(3), moe(), moe_fit(), penalty_lasso(), gate_topk()
  )
  for (call in calls) expect_error(eval(call), class = "expertmix_error", info = deparse(call))
})

test_that("a penalised fit whose time is up says so and is no guarded one", {
  set.seed(2)
  d <- data.frame(x = rnorm(3000), z = rnorm(3000))
  d$y <- ifelse(runif(3000) < plogis(d$z), d$x, -d$x) + rnorm(3000, 0, 0.3)
  late <- moe_control(seed = 1, time_limit = 1e-9)
  expect_warning(fit <- moe(y ~ x | z, d, penalty = penalty_lasso(0.01), control = late),
    class = "expertmix_warning_convergence")
  expect_false(fit$record$converged)
  expect_equal(names(fit$record$warnings), "convergence")
  expect_warning(select_fit(moe_path(y ~ x | z, d, control = late)), class = "expertmix_warning_convergence")
})

test_that("a 0/1 response is a spike under a penalty, too", {
  set.seed(1)
  d <- data.frame(x = runif(200, -2, 2), z = rnorm(200))
  d$y <- as.numeric(ifelse(runif(200) < plogis(d$z), 1 + 2 * d$x, -1 - 1.5 * d$x) + rnorm(200, 0, 0.4) > 0)
  expect_warning(
    fit <- quiet_but(
      moe(y ~ x | z, d, penalty = penalty_lasso(0.05, scaled = FALSE), control = moe_control(seed = 1, starts = 2)),
      "spike"
    ),
    class = "expertmix_warning_spike"
  )
  expect_gt(generics::glance(fit)$spikes, 0)
})

test_that("losses between weights too different for their precision are errors, those of the same measure zero", {
  measure <- function(g) mixing_measure(cbind(0, g), cbind(c(1, 1), c(-1, 2)), c(1, 2))
  expect_error(voronoi_loss(measure(c(1000, -1000)), measure(c(1001, -900))), class = "expertmix_error_loss")
  expect_equal(c(voronoi_loss(measure(c(1000, -1000)), measure(c(1000, -1000)))), 0)
  other <- mixing_measure(cbind(0, c(-1000, 1000)), cbind(c(-1, 2), c(1, 1)), c(2, 1))
  expect_equal(c(voronoi_loss(measure(c(1000, -1000)), other)), 0)
})

test_that("a dot in an updated formula is what it stood for", {
  fit <- quietly(moe(mpg ~ . | wt, mtcars[c("mpg", "wt", "hp")], control = moe_control(seed = 1, starts = 5)))
  expect_equal(c(logLik(quietly(update(fit, . ~ .)))), c(logLik(fit)), tolerance = 1e-6)
  expect_equal(rownames(coef(quietly(update(fit, . ~ . - hp)), part = "experts")), c("(Intercept)", "wt"))
})

test_that("sparse designs without an intercept, all slopes zero, can be predicted from", {
  skip_if_not_installed("Matrix")
  set.seed(1)
  x <- Matrix::Matrix(cbind(x = rnorm(50)), sparse = TRUE)
  fit <- moe_fit(x, rnorm(50), penalty = penalty_lasso(1), intercept = FALSE, control = moe_control(seed = 1))
  expect_true(all(is.finite(predict(fit, type = "density"))))
})

test_that("studies of more experts than rows, or without a converged fit, say so", {
  truth <- mixing_measure(cbind(0, c(1, 1)), cbind(c(1, 1), c(-1, 2)), c(0.3, 0.4))
  expect_error(rate_study(truth, experts = 300, n = 200, replications = 1, seed = 1), "experts",
    class = "expertmix_error_study")
  expect_warning(
    rate_study(truth, n = c(50, 100), replications = 1, seed = 1, init = "multi", starts = 2,
      control = moe_control(time_limit = 1e-9)),
    class = "expertmix_warning_study"
  )
})
