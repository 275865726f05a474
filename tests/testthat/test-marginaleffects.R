skip_if_not_installed("marginaleffects", "1.0.0")
# Its version 1.0.0 uses `%||%`, which base R has from 4.4 on.
if (getRversion() < "4.4") {
  attach(list(`%||%` = rlang::`%||%`), name = "null_default")
  withr::defer(detach("null_default", character.only = TRUE), teardown_env())
}
settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(200)
d$g <- factor(rep(c("a", "b"), 100))
fit <- moe(y ~ x + g | z, d, control = settings)

# Average derivatives of the mean, written out; expert 1 is the reference.
share <- function(b, z) plogis(b[["gate2:(Intercept)"]] + b[["gate2:z"]] * z)
line <- function(b, k, x, g) {
  b[[sprintf("expert%d:(Intercept)", k)]] + b[[sprintf("expert%d:x", k)]] * x + b[[sprintf("expert%d:gb", k)]] * g
}
slopes_by_hand <- function(b) {
  b <- setNames(b, names(coef(fit)))
  p <- share(b, d$z)
  g <- d$g == "b"
  c(
    g = mean((1 - p) * b[["expert1:gb"]] + p * b[["expert2:gb"]]),
    x = mean((1 - p) * b[["expert1:x"]] + p * b[["expert2:x"]]),
    z = mean(p * (1 - p) * b[["gate2:z"]] * (line(b, 2, d$x, g) - line(b, 1, d$x, g)))
  )
}
delta_errors <- function(covariance) {
  jacobian <- numerical_jacobian(slopes_by_hand, coef(fit))
  sqrt(diag(jacobian %*% covariance %*% t(jacobian)))
}

test_that("average slopes are those of the delta method", {
  own <- marginaleffects::avg_slopes(fit, numderiv = "richardson")
  expect_equal(own$term, c("g", "x", "z"))
  expect_equal(own$estimate, unname(slopes_by_hand(coef(fit))), tolerance = 1e-8)
  expect_lt(max(abs(own$std.error - delta_errors(vcov(fit)))), 1e-8)
  robust <- marginaleffects::avg_slopes(fit, vcov = "HC0", numderiv = "richardson")
  expect_lt(max(abs(robust$std.error - delta_errors(vcov(fit, type = "sandwich")))), 1e-8)
  grouped <- marginaleffects::avg_slopes(fit, vcov = ~g, numderiv = "richardson")
  expect_lt(max(abs(grouped$std.error - delta_errors(vcov(fit, cluster = ~g)))), 1e-8)
})

test_that("predictions of every type are predict()'s", {
  expect_equal(marginaleffects::predictions(fit)$estimate, unname(predict(fit)))
  gate <- marginaleffects::predictions(fit, type = "gate")
  expect_equal(gate$estimate[gate$group == "expert2"], unname(predict(fit, type = "gate")[, 2]))
  b <- coef(fit)
  p <- share(b, d$z)
  v <- vcov(fit)[1:2, 1:2]
  errors <- p * (1 - p) * sqrt(v[1, 1] + 2 * d$z * v[1, 2] + d$z^2 * v[2, 2])
  expect_equal(gate$std.error[gate$group == "expert2"], errors, tolerance = 1e-5)
})

test_that("classes are groups", {
  classes <- quietly(moe(Species ~ Petal.Width | Sepal.Width, iris, control = settings))
  own <- marginaleffects::predictions(classes, vcov = FALSE)
  expect_equal(own$estimate[own$group == "virginica"], unname(predict(classes)[, "virginica"]))
  experts <- marginaleffects::predictions(classes, type = "experts", vcov = FALSE)
  chosen <- experts$group == "expert2: versicolor"
  expect_equal(experts$estimate[chosen], unname(predict(classes, type = "experts")[, "versicolor", "expert2"]))
  expect_error(marginaleffects::get_predict(classes, iris, type = "class"), class = "expertmix_error_type")
})

test_that("the fit at other coefficients predicts as they do", {
  moved <- marginaleffects::set_coef(fit, coef(fit) + 0.1)
  expect_equal(marginaleffects::get_coef(moved), coef(fit) + 0.1)
  p <- share(coef(moved), d$z)
  expect_equal(unname(predict(moved)), (1 - p) * line(coef(moved), 1, d$x, d$g == "b") +
    p * line(coef(moved), 2, d$x, d$g == "b"))
  expect_error(marginaleffects::get_vcov(fit, "HC3"), class = "expertmix_error_vcov")
})
