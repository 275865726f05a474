settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(200)
fit <- moe(y ~ x | z, d, control = settings)
refused <- function(expression, words) expect_error(expression, words, class = "expertmix_error_anova")

test_that("the test of one expert is that of linear models", {
  lines <- list(lm(y ~ x, d), lm(y ~ x + z, d))
  table <- anova(moe(y ~ x, d, experts = 1), moe(y ~ x + z, d, experts = 1))
  statistic <- 2 * (logLik(lines[[2]]) - logLik(lines[[1]]))
  expect_equal(table$Chisq[2], c(statistic), tolerance = 1e-8)
  expect_equal(table$`Pr(>Chisq)`[2], pchisq(c(statistic), 1, lower.tail = FALSE), tolerance = 1e-7)
  expect_equal(table$AIC, vapply(lines, AIC, 0), tolerance = 1e-10)
})

test_that("fits are put in order, and terms, gates and sigma may differ", {
  constant <- update(fit, . ~ . | 1)
  common <- update(constant, sigma = "common")
  table <- anova(fit, common, constant)
  expect_s3_class(table, c("anova", "data.frame"), exact = TRUE)
  expect_equal(table$npar, c(6, 7, 8))
  expect_equal(table$Df, c(NA, 1, 1))
  expect_equal(table$Chisq[2:3], 2 * diff(c(logLik(common), logLik(constant), logLik(fit))))
  expect_output(print(table), "Model 1: y ~ x | 1, common sigma", fixed = TRUE)
})

test_that("nested are spans of columns, not names, offsets too", {
  same <- anova(moe(y ~ 1 | z, d, control = settings), moe(y ~ I(2 * x + 1) | z, d, control = settings))
  expect_equal(same$Chisq[2], anova(moe(y ~ 1 | z, d, control = settings), fit)$Chisq[2], tolerance = 1e-6)
  known <- moe(y ~ offset(x) | z, d, control = settings)
  expect_equal(anova(known, fit)$Df[2], 2)
  refused(anova(known, quietly(moe(y ~ z | z + x, d, control = settings))), "not nested")
})

test_that("matrices and formulas give one table", {
  x <- cbind(`(Intercept)` = 1, x = d$x)
  z <- cbind(`(Intercept)` = 1, z = d$z)
  own <- moe_fit(x, d$y, z = z, control = settings)
  constant <- moe_fit(x, d$y, z = z[, 1, drop = FALSE], control = settings)
  expect_equal(anova(constant, own), anova(update(fit, . ~ . | 1), fit), tolerance = 1e-6, ignore_attr = TRUE)
})

test_that("the statistic has its distribution where the smaller model is true", {
  p <- vapply(1:100, function(seed) {
    set.seed(seed)
    new <- data.frame(x = runif(300, -2, 2), z = rnorm(300))
    new$y <- ifelse(runif(300) < 0.5, 2 + 2 * new$x, -2 - new$x) + rnorm(300, 0, 0.5)
    small <- moe(y ~ x | 1, new, control = moe_control(starts = 2, seed = 1))
    anova(small, update(small, . ~ . | z))$`Pr(>Chisq)`[2]
  }, 0)
  expect_gt(ks.test(p, "punif")$p.value, 0.01)
})

test_that("what has no such test is refused", {
  refused(anova(fit), "One fit")
  expect_error(anova(fit, test = "F"), class = "expertmix_error_test")
  refused(anova(fit, lm(y ~ x, d)), "must be fits")
  refused(anova(fit, moe(y ~ x | z, d, experts = 3, control = settings)), "no chi-square limit")
  refused(anova(fit, moe(y ~ x | 1, d[-1, ], control = settings)), "200 and 199 rows|199 and 200 rows")
  refused(anova(fit, moe(I(2 * y) ~ x | 1, d, control = settings)), "responses")
  refused(anova(fit, moe(y ~ x | 1, d, weights = rep(1:2, 100), control = settings)), "weights")
  refused(anova(fit, moe(y ~ x | 1, d, gate = gate_temperature(2), control = settings)), "gates")
  refused(anova(fit, update(fit)), "not nested")
  refused(anova(fit, moe(y ~ x | 1, d, penalty = penalty_lasso(0.1), control = settings)), "penalised")
  expect_error(anova(fit, moe(round(abs(y)) ~ 1, d, family = poisson(), control = settings)), "families",
    class = "expertmix_error_anova")
})

test_that("a larger fit that missed the maximum is told", {
  flat <- matrix(c(0.7, 0.3), 200, 2, byrow = TRUE)
  worse <- suppressWarnings(moe(y ~ x | z, d, start = flat, control = moe_control(iterations = 1)))
  worse$record$converged <- TRUE
  worse$log_likelihood <- c(logLik(update(fit, . ~ . | 1))) - 1
  refused(anova(update(fit, . ~ . | 1), worse), "missed the maximum")
})

test_that("a separated larger fit is tested, a separated smaller one with a warning", {
  large <- quietly(moe(accel ~ times, MASS::mcycle, experts = 4, control = moe_control(starts = 20, seed = 1)))
  small <- quietly(update(large, . ~ . | 1))
  expect_silent(table <- anova(small, large))
  expect_gt(table$Chisq[2], 100)
  expect_equal(table$Df[2], 3)
  larger <- quietly(update(large, . ~ poly(times, 2) | times))
  expect_warning(anova(large, larger), "hold", class = "expertmix_warning_anova")
})

test_that("a top-K gate warns", {
  gate <- gate_topk(1)
  large <- quietly(moe(y ~ x, d, gate = gate, control = settings))
  small <- quietly(moe(y ~ 1 | x, d, gate = gate, control = settings))
  expect_warning(anova(small, large), "jumps", class = "expertmix_warning_anova")
})

test_that("lmtest's lrtest() is anova(), with its refusals", {
  skip_if_not_installed("lmtest")
  constant <- update(fit, . ~ . | 1)
  expect_equal(lmtest::lrtest(constant, fit), anova(constant, fit))
  refused(lmtest::lrtest(fit, moe(y ~ x | z, d, experts = 3, control = settings)), "no chi-square limit")
})
