skip_if_not_installed("car")
settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(300)
d$g <- factor(rep(c("a", "b", "c"), 100))
fit <- moe(y ~ x + g | z + g, d, control = settings)

test_that("linearHypothesis() takes names of coefficients, and its statistic is Wald's", {
  own <- car::linearHypothesis(fit, c("expert1:gb = expert2:gb", "expert1:gc = expert2:gc"))
  expect_equal(own$Chisq[2], test_terms(fit, "experts: g")$Chisq)
  expect_equal(own$Df[2], 2)
  one <- car::linearHypothesis(fit, "gate2:z = 1")
  expect_equal(one$Chisq[2], ((coef(fit)[["gate2:z"]] - 1) / sqrt(vcov(fit)["gate2:z", "gate2:z"]))^2)
  robust <- car::linearHypothesis(fit, "gate2:z = 1", vcov. = vcov(fit, type = "sandwich"))
  expect_equal(robust$Chisq[2],
    ((coef(fit)[["gate2:z"]] - 1) / sqrt(vcov(fit, type = "sandwich")["gate2:z", "gate2:z"]))^2)
})

test_that("Anova() tests every term of both parts, or refuses", {
  expect_equal(car::Anova(fit), test_terms(fit, null = "zero"))
  expect_equal(car::Anova(fit, type = "III"), car::Anova(fit))
  crossed <- moe(y ~ x * g | z, d, control = settings)
  expect_error(car::Anova(crossed), class = "expertmix_error_type")
  expect_equal(rownames(car::Anova(crossed, type = 3)), c("experts: x", "experts: g", "experts: x:g", "gate: z"))
  expect_error(car::Anova(fit, test.statistic = "F"), class = "expertmix_error_argument")
  expect_error(car::Anova(fit, type = "I"), class = "expertmix_error_type")
})
