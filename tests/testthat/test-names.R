settings <- moe_control(starts = 5, seed = 1)
d <- transform(two_lines(60), g = factor(rep(c("a", "b", "c"), 20)), twice = 2 * x)

test_that("with one expert names are those of the linear model", {
  weights <- rep(c(0, 1, 2), 20)
  own <- suppressMessages(moe(y ~ x + twice + g, d, experts = 1, weights = weights))
  line <- lm(y ~ x + twice + g, d, weights = weights)
  expect_equal(variable.names(own), variable.names(line))
  expect_setequal(variable.names(own, full = TRUE), variable.names(line, full = TRUE))
  expect_equal(case.names(own), case.names(line))
  expect_equal(case.names(own, full = TRUE), case.names(line, full = TRUE))
  expect_equal(labels(own), attr(terms(own), "term.labels"))
})

test_that("parts have their own names, of matrices too", {
  fit <- moe(y ~ x + g | z, d[-1, ], control = settings)
  expect_equal(variable.names(fit, "gate"), c("(Intercept)", "z"))
  expect_equal(labels(fit, "gate"), "z")
  expect_equal(labels(fit), c("x", "g"))
  expect_equal(case.names(fit), as.character(2:60))
  matrices <- moe_fit(cbind(one = 1, x = d$x), d$y, control = settings)
  expect_equal(labels(matrices), "x")
  expect_equal(variable.names(matrices), c("one", "x"))
  expect_equal(case.names(matrices), as.character(1:60))
})

test_that("dummy.coef() and strange arguments are refused", {
  fit <- moe(y ~ g | 1, d, control = settings)
  expect_error(dummy.coef(fit), class = "expertmix_error_dummy")
  expect_error(variable.names(fit, full = NA), class = "expertmix_error_full")
  expect_error(labels(fit, "scale"), class = "expertmix_error_part")
})
