settings <- moe_control(starts = 5, seed = 1)

relative_entropy_of <- function(posterior) {
  asNamespace("expertmix")$relative_entropy(posterior, rep(1, nrow(posterior)))
}

test_that("relative entropy and average posterior probabilities are those of the posterior, with weights", {
  d <- transform(two_lines(200), w = rep(1:2, 100))
  fit <- moe(y ~ x | z, d, weights = w, control = settings)
  r <- predict(fit, type = "posterior")
  quality <- classification_quality(fit)
  expect_equal(quality$relative_entropy, 1 + sum(d$w * r * log(r)) / (300 * log(2)))
  first <- r[, 1] > 0.5
  expect_equal(unname(quality$posterior[2, ]), unname(colSums((d$w * r)[!first, ]) / sum(d$w[!first])))
  expect_equal(quality$assigned, c(expert1 = sum(d$w[first]), expert2 = sum(d$w[!first])))
  repeated <- moe(y ~ x | z, d[rep(1:200, d$w), ], start = fit, control = settings)
  expect_equal(classification_quality(repeated), quality, tolerance = 1e-6)
})

test_that("relative entropy is 1 where experts are told apart and 0 where they are alike", {
  apart <- data.frame(x = 1:60)
  apart$y <- ifelse(apart$x %% 3 == 0, 1000, 0) + sin(apart$x)
  expect_equal(classification_quality(moe(y ~ x | 1, apart, control = settings))$relative_entropy, 1)
  expect_equal(classification_quality(moe(y ~ x, apart, experts = 1))$relative_entropy, 1)
  expect_equal(relative_entropy_of(matrix(1 / 3, 5, 3)), 0)
  expect_equal(relative_entropy_of(diag(3)), 1)
})

test_that("an expert without rows has no average, and the print says what it shows", {
  posterior <- cbind(a = c(0.9, 0.6, 0.8), b = c(0.1, 0.4, 0.2))
  table <- asNamespace("expertmix")$assignment_table(posterior, c(1, 1, 2))
  expect_equal(table$mass, c(a = 4, b = 0))
  expect_equal(unname(table$average), rbind(c(3.1, 0.9) / 4, NA))
  fit <- moe(dist ~ speed, cars, control = settings)
  expect_output(print(classification_quality(fit)), "Relative entropy")
  expect_error(classification_quality(1), class = "expertmix_error_object")
  expect_error(classification_quality(fit, newdata = cars), class = "expertmix_error")
})
