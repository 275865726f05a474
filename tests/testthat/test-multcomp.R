skip_if_not_installed("multcomp")
d <- two_lines(200)
fit <- moe(y ~ x | z, d, control = moe_control(starts = 5, seed = 1))

test_that("glht() tests contrasts of coefficients", {
  contrasts <- rbind(slopes = c(0, 0, 0, 1, 0, 0, -1, 0), gate = c(0, 1, 0, 0, 0, 0, 0, 0))
  own <- summary(multcomp::glht(fit, contrasts), test = multcomp::adjusted("none"))$test
  expect_equal(own$coefficients, drop(contrasts %*% coef(fit)))
  expect_equal(unname(own$sigma), unname(sqrt(diag(contrasts %*% vcov(fit) %*% t(contrasts)))))
  expect_equal(unname(own$tstat["slopes"]^2), test_terms(fit, "experts: x")$Chisq)
})
