settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(300)
d$g <- factor(rep(c("a", "b", "c"), 100))
fit <- moe(y ~ x + g | z + g, d, control = settings)
refused <- function(expression, words) expect_error(expression, words, class = "expertmix_error_terms")
wald <- function(fit, contrasts, covariance = vcov(fit)) {
  b <- contrasts %*% coef(fit)
  drop(t(b) %*% solve(contrasts %*% covariance %*% t(contrasts)) %*% b)
}
row_of <- function(fit, ...) {
  weights <- c(...)
  out <- setNames(numeric(length(coef(fit))), names(coef(fit)))
  out[names(weights)] <- weights
  out
}

test_that("a test is that of the contrasts by hand", {
  slope <- rbind(row_of(fit, `expert1:x` = 1, `expert2:x` = -1))
  factor <- rbind(row_of(fit, `expert1:gb` = 1, `expert2:gb` = -1), row_of(fit, `expert1:gc` = 1, `expert2:gc` = -1))
  sigma <- rbind(row_of(fit, `expert1:log(sigma)` = 1, `expert2:log(sigma)` = -1))
  gate <- rbind(row_of(fit, `gate2:gb` = 1), row_of(fit, `gate2:gc` = 1))
  table <- test_terms(fit)
  expect_equal(rownames(table), c(paste("experts:", c("(Intercept)", "x", "g")), paste("gate:", c("z", "g")), "sigma"))
  expect_equal(table$Df, c(1, 1, 2, 1, 2, 1))
  expect_equal(table["experts: x", "Chisq"], wald(fit, slope))
  expect_equal(table["experts: g", "Chisq"], wald(fit, factor))
  expect_equal(table["gate: g", "Chisq"], wald(fit, gate))
  expect_equal(table["sigma", "Chisq"], wald(fit, sigma))
  expect_equal(table$`Pr(>Chisq)`, pchisq(table$Chisq, table$Df, lower.tail = FALSE))
  robust <- test_terms(fit, "experts: g", cluster = rep(1:50, 6))
  expect_equal(robust$Chisq, wald(fit, factor, vcov(fit, cluster = rep(1:50, 6))))
  expect_output(print(robust), "sandwich, 50 clusters")
})

test_that("that a term is zero is a test of every expert's coefficients", {
  zero <- test_terms(fit, null = "zero")
  expect_equal(rownames(zero), c("experts: x", "experts: g", "gate: z", "gate: g"))
  expect_equal(zero$Df, c(2, 4, 1, 2))
  both <- rbind(row_of(fit, `expert1:x` = 1), row_of(fit, `expert2:x` = 1))
  expect_equal(zero["experts: x", "Chisq"], wald(fit, both))
})

test_that("with one expert it is the F test of the linear model but for its degrees of freedom", {
  line <- lm(y ~ x + g, d)
  own <- test_terms(moe(y ~ x + g, d, experts = 1), null = "zero")
  f <- drop1(line, test = "F")[-1, ]
  expect_equal(own$Chisq, f$`F value` * f$Df * 300 / line$df.residual, tolerance = 1e-6)
})

test_that("tests do not depend on which expert is first, nor on units", {
  swapped <- moe(y ~ x + g | z + g, d, start = predict(fit, type = "posterior")[, 2:1])
  expect_equal(test_terms(swapped)$Chisq, test_terms(fit)$Chisq, tolerance = 1e-5)
  scaled <- moe(I(100 * y) ~ I(x / 7) + g | z + g, d, control = settings)
  expect_equal(test_terms(scaled)$Chisq[-1], test_terms(fit)$Chisq[-1], tolerance = 1e-4)
  three <- quietly(moe(y ~ x | z, d, experts = 3, sigma = "common", control = settings))
  again <- quietly(moe(y ~ x | z, d, experts = 3, sigma = "common", start = predict(three, type = "posterior")[, 3:1]))
  expect_equal(quietly(test_terms(three))$Df, c(2, 2, 2))
  expect_equal(quietly(test_terms(again))$Chisq, quietly(test_terms(three))$Chisq, tolerance = 1e-4)
})

test_that("the null has its distribution", {
  p <- vapply(1:100, function(seed) {
    set.seed(seed)
    new <- data.frame(x = runif(300, -2, 2), z = rnorm(300))
    new$y <- ifelse(runif(300) < plogis(new$z), 2 + new$x, -2 + new$x) + rnorm(300, 0, 0.5)
    test_terms(moe(y ~ x | z, new, control = moe_control(starts = 2, seed = 1)), "experts: x")$`Pr(>Chisq)`
  }, 0)
  expect_gt(ks.test(p, "punif")$p.value, 0.01)
})

test_that("classes, matrices and gates without a reference have their degrees of freedom", {
  set.seed(1)
  many <- data.frame(x = rnorm(600), z = rnorm(600))
  many$class <- factor(vapply(1:600, function(i) {
    sample(3, 1, prob = exp(if (runif(1) < plogis(2 * many$z[i])) c(0, 2, -1) * many$x[i] else c(0, -2, 1)))
  }, 0L))
  classes <- quietly(moe(class ~ x | z, many, control = settings))
  expect_equal(quietly(test_terms(classes))$Df, c(2, 2, 1))
  free <- quietly(moe(y ~ x | z, d, gate = gate_sigmoid(), control = settings))
  expect_equal(test_terms(free, "gate: z")$Df, 1)
  expect_equal(test_terms(free, "gate: z", null = "zero")$Df, 2)
  matrices <- moe_fit(cbind(a = 1, x = d$x), d$y, z = cbind(1, z = d$z), control = settings)
  formulas <- moe(y ~ x | z, d, control = settings)
  expect_equal(test_terms(matrices)$Chisq, test_terms(formulas)$Chisq, tolerance = 1e-6)
  expect_equal(rownames(test_terms(matrices)), rownames(test_terms(formulas)))
})

test_that("what cannot be tested is refused, or NA with a warning", {
  refused(test_terms(fit, "x"), "no test")
  refused(test_terms(lm(y ~ x, d)), "must be a fit")
  refused(test_terms(moe(y ~ x, d, experts = 1)), "One expert")
  penalised <- moe(y ~ x, d, penalty = penalty_lasso(0.1), control = settings)
  expect_error(test_terms(penalised), class = "expertmix_error_penalty")
  separated <- quietly(moe(accel ~ times, MASS::mcycle, experts = 4, control = moe_control(starts = 20, seed = 1)))
  expect_warning(table <- test_terms(separated), "gate: times", class = "expertmix_warning_singular")
  expect_true(is.na(table["gate: times", "Chisq"]))
  expect_false(is.na(table["experts: times", "Chisq"]))
})

test_that("a test needs more clusters than degrees of freedom", {
  groups <- moe(breaks ~ wool + tension | tension, warpbreaks, family = poisson(), control = moe_control(seed = 1))
  expect_error(test_terms(groups, cluster = ~wool), "2 clusters", class = "expertmix_error_cluster")
  expect_s3_class(test_terms(groups, "experts: wool", cluster = ~tension), "anova")
})
