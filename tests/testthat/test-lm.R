# One expert is lm; the machinery of formulas is lm's on both sides of the bar.

test_that("one expert is the linear model, with weights, offset and factors", {
  data <- simulated(150)
  fit <- moe(y ~ x * g + offset(o), data, experts = 1, weights = w)
  reference <- lm(y ~ x * g + offset(o), data[rep(seq_len(nrow(data)), data$w), ])
  expect_equal(coef(fit, part = "experts")[, 1], coef(reference), tolerance = 1e-7)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(reference)), tolerance = 1e-9)
  expect_equal(nobs(fit), nobs(reference))
  expect_equal(attr(logLik(fit), "df"), attr(logLik(reference), "df"))
  expect_equal(BIC(fit), BIC(reference), tolerance = 1e-9)
  n <- nobs(reference)
  p <- length(coef(reference))
  expect_equal(unname(vcov(fit)[1:p, 1:p]), unname(vcov(reference)) * (n - p) / n, tolerance = 1e-5)
})

test_that("collinear columns have NA coefficients as in lm", {
  data <- transform(simulated(150), twice = 2 * x, constant = 3)
  fit <- moe(y ~ x + twice + constant + v, data, control = few(seed = 1))
  plain <- moe(y ~ x + v, data, control = few(seed = 1))
  expect_equal(logLik(fit), logLik(plain), tolerance = 1e-8)
  expect_equal(unname(is.na(coef(fit, part = "experts")[, 1])), c(FALSE, FALSE, TRUE, TRUE, FALSE))
  expect_false(anyNA(predict(fit, data)))
})

test_that("newdata may have fewer, reordered or unseen levels, in the gate too", {
  data <- simulated(200)
  fit <- moe(y ~ x | g + poly(v, 2) + scale(x), data, control = few(seed = 3))
  gate <- predict(fit, type = "gate")
  expect_equal(predict(fit, data[7, ], type = "gate"), gate[7, , drop = FALSE], ignore_attr = TRUE)
  some <- data[data$g != "a", ]
  expect_equal(predict(fit, droplevels(some), type = "gate"), gate[data$g != "a", ], ignore_attr = TRUE)
  turned <- transform(data, g = factor(as.character(g), levels = c("c", "b", "a")))
  expect_equal(predict(fit, turned), fitted(fit), ignore_attr = TRUE)
  expect_error(predict(fit, transform(data[1:2, ], g = factor("z"))), "z")
  z <- model.matrix(~ g + poly(v, 2) + scale(x), data)
  expect_equal(unname(gate[, 2]), unname(plogis(drop(z %*% coef(fit, part = "gate")[, 2]))), tolerance = 1e-9)
})

test_that("subset, weights and offset are looked up in the data", {
  data <- simulated(200)
  part <- moe(y ~ x, data, subset = v > 0, weights = w, offset = o, control = few(seed = 2))
  kept <- data[data$v > 0, ]
  again <- moe(y ~ x + offset(o), kept, weights = kept$w, control = few(seed = 2))
  expect_equal(coef(part), coef(again))
  expect_equal(nobs(part), sum(kept$w))
})

test_that("missing values are dropped once for both parts, and padded on request", {
  data <- simulated(120)
  data$y[3] <- NA
  data$v[5] <- NA
  fit <- moe(y ~ x | v, data, control = few(seed = 2))
  complete <- moe(y ~ x | v, data[-c(3, 5), ], control = few(seed = 2))
  expect_equal(coef(fit), coef(complete))
  padded <- update(fit, na.action = na.exclude)
  expect_length(residuals(padded), 120)
  expect_equal(which(is.na(residuals(padded))), c(3, 5), ignore_attr = TRUE)
  expect_equal(which(is.na(predict(fit, data))), 5, ignore_attr = TRUE)
})
