# Data of many kinds and sizes that the other files do not ask about, and what is kept of them.

d <- local({
  rows <- overlapping_lines(120)
  rows$g <- gl(4, 30)
  rownames(rows) <- paste0("day", 1:120)
  rows
})
settings <- moe_control(seed = 1, starts = 5)
fit <- moe(y ~ x, d, control = settings)

test_that("lists, and what extends data frames, give the fit of the data frame", {
  extended <- structure(d, class = c("tbl_df", "tbl", "data.frame"))
  for (data in list(as.list(d), extended)) {
    expect_equal(coef(moe(y ~ x, data, control = settings)), coef(fit), tolerance = 1e-10)
  }
  skip_if_not_installed("tibble")
  expect_equal(coef(moe(y ~ x, tibble::as_tibble(d), control = settings)), coef(fit), tolerance = 1e-10)
})

test_that("names of rows are those of fitted values, residuals and posteriors", {
  expect_named(fitted(fit), rownames(d))
  expect_named(residuals(fit), rownames(d))
  expect_identical(rownames(predict(fit, type = "posterior")), rownames(d))
  expect_identical(case.names(fit), rownames(d))
})

test_that("columns of a class, matrices in a column and ordered factors are read", {
  odd <- d
  odd$strange <- structure(d$x, class = "strange")
  odd$span <- as.difftime(d$x, units = "hours")
  expect_equal(unname(coef(moe(y ~ strange, odd, control = settings))), unname(coef(fit)), tolerance = 1e-8)
  expect_equal(unname(coef(moe(y ~ span, odd, control = settings))), unname(coef(fit)), tolerance = 1e-8)
  odd$both <- cbind(d$x, d$x^2)
  separate <- moe(y ~ x + I(x^2), d, control = settings)
  expect_equal(logLik(moe(y ~ both, odd, control = settings)), logLik(separate), tolerance = 1e-8)
  odd$o <- factor(d$g, ordered = TRUE)
  expect_identical(rownames(coef(moe(y ~ o | x, odd, control = settings), part = "experts"))[-1],
    c("o.L", "o.Q", "o.C"))
  classes <- lapply(c("o", "g"), function(name) {
    moe(as.formula(paste(name, "~ x")), odd, experts = 1)
  })
  expect_equal(coef(classes[[1]]), coef(classes[[2]]))
})

test_that("lists in a column, complex numbers, no rows and missing values throughout are classed errors", {
  odd <- d
  odd$l <- as.list(d$x)
  expect_error(moe(y ~ l, odd), "list", class = "expertmix_error_frame")
  expect_error(moe(y ~ x, transform(d, x = as.complex(x))), "complex", class = "expertmix_error")
  expect_error(moe(as.complex(y) ~ x, d), class = "expertmix_error")
  expect_error(moe(as.character(y) ~ x, d, family = gaussian()), class = "expertmix_error_family")
  expect_error(moe(y ~ x, d[0, ]), "No row", class = "expertmix_error_rows")
  expect_error(moe(y ~ x, transform(d, x = NA_real_)), "missing throughout", class = "expertmix_error_rows")
  expect_error(moe(y ~ x, transform(d, x = replace(x, 3, NA)), na.action = na.fail), "missing values",
    class = "expertmix_error_frame")
})

test_that("noise of the size of rounding moves estimates by no more than their last digits", {
  noise <- 1 + .Machine$double.eps * rep(c(-1, 1), 60)
  moved <- moe(y ~ x, transform(d, y = y * noise, x = x * rev(noise)), control = settings)
  expect_equal(coef(moved), coef(fit), tolerance = 1e-6)
  expect_equal(vcov(moved), vcov(fit), tolerance = 1e-5)
})

test_that("experts stand in the order of their average gate probabilities", {
  sizes <- colMeans(predict(fit, type = "gate"))
  expect_identical(sizes, sort(sizes, decreasing = TRUE))
})
