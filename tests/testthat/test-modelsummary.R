skip_if_not_installed("modelsummary")
settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(200)
fit <- moe(y ~ x | z, d, control = settings)

test_that("rows of a table have the names of the coefficients", {
  table <- modelsummary::modelsummary(list(a = fit, b = update(fit, . ~ . | 1)), output = "data.frame")
  estimates <- table[table$part == "estimates" & table$statistic == "estimate", ]
  expect_equal(gsub("[^a-zA-Z0-9()]+", ":", estimates$term), names(coef(fit)))
  expect_equal(as.numeric(estimates$a), unname(round(coef(fit), 3)), tolerance = 1e-3)
  expect_true(all(c("AIC", "BIC", "RMSE") %in% table$term[table$part == "gof"]))
})

test_that("robust errors are those of vcov()", {
  own <- modelsummary::get_estimates(fit, vcov = "HC0")
  expect_equal(own$std.error, unname(sqrt(diag(vcov(fit, type = "sandwich")))))
})
