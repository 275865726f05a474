settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(200)
d$w <- sin(1:200)
d$g <- factor(rep(c("a", "b", "c"), length.out = 200))
fit <- moe(y ~ x * w + g | z, d, control = settings)
refused <- function(expression, words) expect_error(expression, words, class = "expertmix_error_terms")

test_that("drop1() of one expert is that of the linear model", {
  line <- lm(y ~ x + w + g, d)
  own <- drop1(moe(y ~ x + w + g, d, experts = 1), test = "Chisq")
  other <- drop1(line, test = "Chisq")
  expect_equal(rownames(own), c("<none>", paste("experts:", rownames(other)[-1])))
  expect_equal(own$Df, other$Df)
  expect_equal(own$AIC - own$AIC[1], other$AIC - other$AIC[1], tolerance = 1e-8)
  expect_equal(own$`Pr(>Chi)`, other$`Pr(>Chi)`, tolerance = 1e-6)
})

test_that("every row is the likelihood ratio of two fits", {
  table <- drop1(fit, test = "Chisq")
  expect_equal(rownames(table), c("<none>", "experts: g", "experts: x:w", "gate: z"))
  smaller <- lapply(c(y ~ x * w | z, y ~ x + w + g | z, y ~ x * w + g | 1), moe, d, control = settings)
  expect_equal(table$LRT[-1], vapply(smaller, function(s) anova(s, fit)$Chisq[2], 0), tolerance = 1e-5)
  expect_equal(table$AIC, vapply(c(list(fit), smaller), AIC, 0), tolerance = 1e-6)
  expect_equal(table$Df[-1], c(4, 2, 1))
  expect_true(all(drop1(fit, search = FALSE)$AIC >= table$AIC - 1e-6))
})

test_that("a scope is names of rows or a formula", {
  table <- drop1(fit)
  expect_equal(drop1(fit, "gate: z"), table[c("<none>", "gate: z"), ], ignore_attr = TRUE)
  expect_equal(rownames(drop1(fit, ~ g | z)), c("<none>", "experts: g", "gate: z"))
  expect_equal(rownames(drop1(fit, ~ g)), c("<none>", "experts: g"))
  both <- moe(y ~ x + w, d, control = settings)
  expect_equal(rownames(drop1(both, ~ w)), c("<none>", "experts: w", "gate: w"))
  refused(drop1(fit, "z"), "Write")
  refused(drop1(fit, "gate: x"), "no term")
  refused(drop1(fit, "experts: w"), "no term")
})

test_that("add1() undoes drop1()", {
  small <- moe(y ~ x * w + g | 1, d, control = settings)
  table <- add1(small, ~ . | . + z + w, test = "Chisq")
  expect_equal(rownames(table), c("<none>", "gate: z", "gate: w"))
  expect_equal(table["gate: z", "LRT"], drop1(fit, "gate: z", test = "Chisq")["gate: z", "LRT"], tolerance = 1e-5)
  expect_equal(table["gate: z", "AIC"], AIC(fit), tolerance = 1e-6)
  expect_equal(add1(small, "gate: z")["gate: z", "AIC"], AIC(fit), tolerance = 1e-6)
  refused(add1(small, ~ x | 1), "no term")
  refused(add1(small), "missing")
  expect_equal(nrow(add1(small, ~ z | z)), 3)
})

test_that("offsets, weights and a formula's dot stay", {
  weighted <- moe(y ~ . - z - g + offset(w) | z, d, weights = rep(1:2, 100), control = settings)
  by_hand <- moe(y ~ w + offset(w) | z, d, weights = rep(1:2, 100), control = settings)
  expect_equal(drop1(weighted)["experts: x", "AIC"], AIC(by_hand), tolerance = 1e-6)
})

test_that("multinomial experts and one expert are tested too", {
  classes <- quietly(moe(Species ~ Sepal.Width | Sepal.Length, iris, control = settings))
  expect_equal(drop1(classes)$Df, c(NA, 4, 1))
  expect_equal(rownames(add1(moe(y ~ x, d, experts = 1), ~ x + w)), c("<none>", "experts: w"))
})

test_that("missing values, penalties, bounds and matrices are refused", {
  holes <- replace(d, "w", replace(d$w, 3, NA))
  expect_error(add1(moe(y ~ x | z, holes, control = settings), ~ . + w | .), class = "expertmix_error_rows")
  expect_error(drop1(moe(y ~ x + w | z, holes, control = settings)), class = "expertmix_error_rows")
  refused(drop1(moe(y ~ x, d, penalty = penalty_lasso(0.1), control = settings)), "penalised")
  refused(drop1(moe_fit(cbind(1, d$x), d$y, control = settings)), "matrices")
})

test_that("a row whose fit is worse than a smaller one is NA, with a warning", {
  worse <- fit
  worse$log_likelihood <- fit$log_likelihood - 20
  expect_warning(table <- drop1(worse, "experts: g", test = "Chisq"), "worse", class = "expertmix_warning_terms")
  expect_true(all(is.na(table["experts: g", c("AIC", "LRT", "Pr(>Chi)")])))
})

test_that("extractAIC() is AIC(), and step() is refused with what works", {
  expect_equal(extractAIC(fit), c(fit$df, AIC(fit)))
  expect_error(extractAIC(fit, scale = 1), class = "expertmix_error_scale")
  expect_equal(extractAIC(fit, k = log(200)), c(fit$df, BIC(fit)))
  refused(step(fit, trace = 0), "step_terms")
})

test_that("step_terms() ends where no single term helps", {
  chosen <- step_terms(fit, trace = FALSE)
  expect_equal(chosen$anova$AIC[nrow(chosen$anova)], AIC(chosen))
  expect_equal(sum(chosen$anova$Df, na.rm = TRUE), chosen$df - fit$df)
  expect_true(all(drop1(chosen)$AIC >= AIC(chosen)))
  up <- step_terms(moe(y ~ 1, d, control = settings), ~ x + w + z, direction = "forward", trace = FALSE)
  expect_equal(AIC(up), AIC(chosen), tolerance = 1e-6)
  expect_output(step_terms(fit, k = log(200)), "- experts: x:w")
})

test_that("tests without a known limit are warned of, criteria are not", {
  separated <- quietly(moe(accel ~ poly(times, 2) | times, MASS::mcycle, experts = 3, control = settings))
  expect_warning(drop1(separated, ~ poly(times, 2) | 1, test = "Chisq"), "hold", class = "expertmix_warning_anova")
  expect_silent(drop1(separated, ~ poly(times, 2) | 1))
})

test_that("a term that adds no parameter has no test, and one that a gate needs is passed over", {
  d$twice <- 2 * d$x
  plain <- moe(y ~ x | z, d, control = settings)
  added <- suppressMessages(add1(plain, ~ . + twice | ., test = "Chisq"))
  expect_identical(added["experts: twice", "Df"], 0)
  expect_true(is.na(added["experts: twice", "Pr(>Chi)"]))
  chosen <- moe(y ~ x | z, d, experts = 3, gate = gate_topk(2), control = settings)
  expect_warning(dropped <- drop1(chosen), "needs a covariate", class = "expertmix_warning_terms")
  expect_identical(is.na(dropped$AIC), c(FALSE, FALSE, TRUE))
  expect_error(drop1(plain, k = -1), class = "expertmix_error_k")
  expect_error(extractAIC(plain, k = "a"), class = "expertmix_error_k")
})
