# A matrix without a column of ones: said, or mended, as the argument `intercept` wants.

data <- simulated(100)
settings <- few(seed = 1)
plain <- cbind(x = data$x, v = data$v)
whole <- cbind(`(Intercept)` = 1, plain)
forms <- list(dense = identity)
if (requireNamespace("Matrix", quietly = TRUE)) forms$sparse <- function(x) methods::as(x, "CsparseMatrix")

same_fit <- function(fit, other) {
  expect_equal(coef(fit), coef(other))
  expect_equal(c(logLik(fit)), c(logLik(other)))
}

test_that("moe_fit() and moe_path() without intercept say so, once, for x and z", {
  for (form in forms) {
    fit <- function(x, ...) moe_fit(form(x), data$y, ..., penalty = penalty_lasso(0.02), control = settings)
    path <- function(x, ...) moe_path(form(x), data$y, ..., nlambda = 3, control = settings)
    for (verb in list(fit, path)) {
      said <- character()
      withCallingHandlers(verb(plain), expertmix_warning_intercept = function(condition) {
        said <<- c(said, conditionMessage(condition))
        rlang::cnd_muffle(condition)
      })
      expect_length(said, 1)
      expect_match(said, "`x`.*intercept = TRUE")
      expect_warning(verb(whole, z = form(plain)), "`z`", class = "expertmix_warning_intercept")
      expect_warning(verb(plain, z = form(plain + 0)), "`x`, `z`", class = "expertmix_warning_intercept")
      expect_no_warning(verb(plain, intercept = FALSE), class = "expertmix_warning_intercept")
      expect_no_warning(verb(whole), class = "expertmix_warning_intercept")
      expect_error(verb(plain, intercept = NA), class = "expertmix_error_intercept")
    }
  }
})

test_that("intercept = TRUE adds a column of ones where there is none", {
  for (form in forms) {
    penalty <- penalty_lasso(0.02)
    full <- moe_fit(form(whole), data$y, penalty = penalty, control = settings)
    same_fit(moe_fit(form(plain), data$y, penalty = penalty, control = settings, intercept = TRUE), full)
    same_fit(moe_fit(form(whole), data$y, penalty = penalty, control = settings, intercept = TRUE), full)
    same_fit(moe_fit(form(whole), data$y, form(plain), penalty = penalty, control = settings, intercept = TRUE), full)
    path <- moe_path(form(plain), data$y, nlambda = 3, control = settings, intercept = TRUE)
    expect_equal(path$table, moe_path(form(whole), data$y, nlambda = 3, control = settings)$table)
  }
  same_fit(moe_fit(plain, data$y, control = settings, intercept = TRUE), moe_fit(whole, data$y, control = settings))
})

test_that("new data may lack the names that the fit's design lacked", {
  fit <- moe_fit(cbind(1, x = data$x), data$y, control = settings)
  expect_equal(predict(fit, cbind(1, x = data$x)), fitted(fit))
  expect_equal(predict(fit, cbind(1, data$x)), fitted(fit))
})

test_that("new data of a fit with an added intercept are like its own", {
  z <- plain[, 1, drop = FALSE]
  fit <- moe_fit(plain, data$y, z, control = settings, intercept = TRUE)
  expect_equal(predict(fit, list(x = plain, z = z)), fitted(fit))
  expect_equal(predict(fit, list(x = whole, z = cbind(`(Intercept)` = 1, z))), fitted(fit))
  expect_equal(predict(fit, list(x = unname(plain), z = unname(z))), fitted(fit))
  expect_equal(predict(fit, list(x = plain[1:3, ], z = z[1:3, , drop = FALSE])), fitted(fit)[1:3])
  fit <- moe_fit(plain, data$y, control = settings, intercept = TRUE)
  expect_equal(predict(fit, plain), fitted(fit))
  expect_equal(predict(fit, whole), fitted(fit))
})
