skip_if_not_installed("emmeans")
settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(200)
d$g <- factor(rep(c("a", "b"), 100))
fit <- moe(y ~ x + g | z + g, d, control = settings)
grid <- data.frame(x = mean(d$x), z = mean(d$z), g = c("a", "b"))
errors_of <- function(values_at, covariance = vcov(fit)) {
  jacobian <- numerical_jacobian(values_at, coef(fit))
  sqrt(diag(jacobian %*% covariance %*% t(jacobian)))
}
# Parameters in the order of coef(): gate2, expert1, sigma1, expert2, sigma2, each with intercept, covariate, gb.
parts_at <- function(b) {
  g <- c(0, 1)
  share <- plogis(b[1] + b[2] * grid$z + b[3] * g)
  list(share = share, first = b[4] + b[5] * grid$x + b[6] * g, second = b[8] + b[9] * grid$x + b[10] * g)
}
mean_at <- function(b) with(parts_at(b), (1 - share) * first + share * second)

test_that("means are predictions at the grid, with errors by the delta method", {
  own <- as.data.frame(emmeans::emmeans(fit, ~g))
  expect_equal(own$emmean, unname(predict(fit, grid)))
  expect_equal(own$SE, errors_of(mean_at), tolerance = 1e-7)
  robust <- as.data.frame(emmeans::emmeans(fit, ~g, vcov. = function(fit) vcov(fit, type = "sandwich")))
  expect_equal(robust$SE, errors_of(mean_at, vcov(fit, type = "sandwich")), tolerance = 1e-7)
  difference <- as.data.frame(pairs(emmeans::emmeans(fit, ~g)))
  expect_equal(difference$SE, errors_of(function(b) rep(diff(mean_at(b)), 2))[1], tolerance = 1e-7)
})

test_that("experts and the gate are components", {
  experts <- as.data.frame(emmeans::emmeans(fit, ~ g | expert, component = "experts"))
  expect_equal(experts$emmean, c(predict(fit, grid, type = "experts")))
  expect_equal(experts$SE, errors_of(function(b) with(parts_at(b), c(first, second))), tolerance = 1e-7)
  gate <- as.data.frame(emmeans::emmeans(fit, ~ g | expert, component = "gate"))
  expect_equal(gate[[3]], c(predict(fit, grid, type = "gate")))
  expect_equal(gate$SE[3:4], errors_of(function(b) parts_at(b)$share), tolerance = 1e-7)
})

test_that("with one expert they are those of the linear model but for the variance's divisor", {
  own <- as.data.frame(emmeans::emmeans(moe(y ~ x + g, d, experts = 1), ~g))
  line <- as.data.frame(emmeans::emmeans(lm(y ~ x + g, d), ~g))
  expect_equal(own$emmean, line$emmean)
  expect_equal(own$SE, line$SE * sqrt(197 / 200), tolerance = 1e-6)
})

test_that("a transformed response is known, and gate probabilities are not on its scale", {
  logs <- moe(log(y + 10) ~ g | z, d, control = settings)
  back <- as.data.frame(emmeans::emmeans(logs, ~g, type = "response"))
  expect_equal(back$response, exp(unname(predict(logs, grid))) - 10, tolerance = 1e-6)
  gate <- as.data.frame(emmeans::emmeans(logs, ~ expert | g, component = "gate", type = "response"))
  expect_equal(gate[[3]][1:2], unname(predict(logs, grid, type = "gate")[1, ]))
})

test_that("classes are levels of a factor", {
  set.seed(1)
  many <- data.frame(x = rnorm(300))
  many$class <- factor(ifelse(runif(300) < plogis(many$x), "yes", ifelse(runif(300) < 0.5, "no", "maybe")))
  classes <- quietly(moe(class ~ x | 1, many, experts = 1, control = settings))
  own <- as.data.frame(emmeans::emmeans(classes, ~class))
  expect_equal(own$emmean, c(predict(classes, data.frame(x = mean(many$x)))))
  expect_equal(as.character(own$class), levels(many$class))
})

test_that("penalised fits and fits to matrices are refused", {
  penalised <- moe(y ~ x | z, d, penalty = penalty_lasso(0.1), control = settings)
  expect_error(emmeans::emmeans(penalised, ~x), "penalised")
  matrices <- moe_fit(cbind(1, x = d$x), d$y, control = settings)
  expect_error(emmeans::recover_data(matrices), class = "expertmix_error_frame")
})

test_that("an offset counts once, and not for the gate", {
  d$o <- seq(5, 50, length.out = 200)
  shifted <- moe(y + o ~ x + offset(o) | z, d, control = settings)
  at <- data.frame(x = mean(d$x), z = mean(d$z), o = mean(d$o))
  expect_equal(as.data.frame(emmeans::emmeans(shifted, ~x))$emmean, unname(predict(shifted, at)))
  gates <- suppressWarnings(as.data.frame(emmeans::emmeans(shifted, ~expert, component = "gate")))
  expect_equal(gates$emmean, c(predict(shifted, at, type = "gate")))
  argument <- moe(y ~ x | z, d, offset = o, control = settings)
  expect_error(emmeans::recover_data(argument), class = "expertmix_error_offset")
})
