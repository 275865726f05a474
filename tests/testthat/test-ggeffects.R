skip_if_not_installed("ggeffects")
settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(200)
fit <- moe(y ~ x | z, d, control = settings)

test_that("ggpredict() has means with intervals by the delta method", {
  own <- as.data.frame(ggeffects::ggpredict(fit, "x [-1, 0, 1]"))
  grid <- data.frame(x = c(-1, 0, 1), z = mean(d$z))
  expect_equal(own$predicted, unname(predict(fit, grid)), tolerance = 1e-6)
  mean_at <- function(b) {
    share <- plogis(b[1] + b[2] * grid$z)
    (1 - share) * (b[3] + b[4] * grid$x) + share * (b[6] + b[7] * grid$x)
  }
  jacobian <- numerical_jacobian(mean_at, coef(fit))
  errors <- sqrt(diag(jacobian %*% vcov(fit) %*% t(jacobian)))
  expect_equal(own$conf.high - own$predicted, qnorm(0.975) * errors, tolerance = 1e-4)
})

test_that("the mean of classes is refused", {
  classes <- quietly(moe(Species ~ Sepal.Width, iris, control = settings))
  expect_error(insight::get_predicted(classes), class = "expertmix_error_type")
})
