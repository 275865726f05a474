settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(200)
x <- cbind(`(Intercept)` = 1, x = d$x, z = d$z)
on_no_device <- function(expression) {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  expression
}
sparse <- function(x) methods::as(x, "CsparseMatrix")

test_that("augment() adds to the fit's rows, to data and to new data", {
  fit <- moe(y ~ x | z, d, control = settings)
  of_fit <- generics::augment(fit)
  expect_equal(names(of_fit), c("y", "x", "z", ".fitted", ".resid", ".expert"))
  expect_equal(of_fit$.resid, unname(residuals(fit)))
  of_data <- generics::augment(fit, data = transform(d, more = 1))
  expect_equal(of_data$more, rep(1, 200))
  expect_equal(of_data[c(".fitted", ".resid", ".expert")], of_fit[c(".fitted", ".resid", ".expert")])
  new <- data.frame(x = c(0, NA), z = 1)
  of_new <- generics::augment(fit, newdata = new)
  expect_equal(as.data.frame(of_new), cbind(new, .fitted = unname(predict(fit, new))))
  expect_equal(generics::augment(fit, d, newdata = new), of_new)
  expect_equal(generics::augment(fit, newdata = d[1:5, ])$.resid, of_fit$.resid[1:5])
  expect_equal(nrow(generics::augment(fit, newdata = d[0, ])), 0)
})

test_that("augment() knows fits to matrices, dense and sparse, and classes", {
  fit <- moe_fit(x[, 1:2], d$y, z = x[, c(1, 3)], control = settings)
  of_fit <- generics::augment(fit)
  expect_equal(names(of_fit), c("y", "(Intercept)", "x", "z", ".fitted", ".resid", ".expert"))
  expect_equal(of_fit$.resid, d$y - unname(fitted(fit)))
  new <- list(x = x[1:4, 1:2], z = x[1:4, c(1, 3)], y = d$y[1:4])
  expect_equal(generics::augment(fit, newdata = new)[names(of_fit)], of_fit[1:4, ], ignore_attr = TRUE)
  shared <- moe_fit(x, d$y, control = settings)
  expect_equal(generics::augment(shared, newdata = x[1:3, ])$.fitted, unname(fitted(shared)[1:3]))
  classes <- suppressWarnings(moe_fit(cbind(1, iris$Sepal.Width), iris$Species, control = settings))
  of_classes <- generics::augment(classes)
  expect_equal(of_classes$y, iris$Species)
  expect_equal(levels(of_classes$.fitted), levels(iris$Species))
  new <- list(x = cbind(1, 3:4), y = c("setosa", "virginica"))
  expect_equal(generics::augment(classes, newdata = new)$y, new$y)
  skip_if_not_installed("Matrix")
  penalised <- moe_fit(sparse(x), d$y, penalty = penalty_lasso(0.02), control = settings)
  dense <- moe_fit(x, d$y, penalty = penalty_lasso(0.02), control = settings)
  shown <- c("y", ".fitted", ".resid", ".expert")
  expect_equal(generics::augment(penalised), generics::augment(dense)[shown], tolerance = 1e-5)
})

test_that("all methods of a sparse fit are those of the dense one, under a transform too", {
  skip_if_not_installed("Matrix")
  for (gate in list(gate_softmax(), gate_modified("tanh"), gate_modified(function(z) sin(z) + 1))) {
    wide <- cbind(x, noise = rnorm(200))
    fits <- lapply(list(wide, sparse(wide)), function(x) {
      moe_fit(x, d$y, gate = gate, penalty = penalty_lasso(0.05), control = settings)
    })
    alike <- function(of) expect_equal(of(fits[[1]]), of(fits[[2]]), tolerance = 1e-5, ignore_attr = TRUE)
    for (of in list(fitted, residuals, mixing_measure, coef, logLik)) alike(of)
    alike(function(fit) coef(update(fit, x = fit$data$x)))
    alike(function(fit) simulate(fit, 2, seed = 1))
    alike(function(fit) as.matrix(model.matrix(fit, part = "gate")))
    for (type in c("response", "experts", "gate", "posterior", "density")) {
      alike(function(fit) predict(fit, type = type))
    }
    expect_equal(sum(log(predict(fits[[2]], type = "density"))), c(logLik(fits[[2]])), ignore_attr = TRUE)
  }
})

test_that("multinomial experts with an intercept alone are printed", {
  fit <- moe(Species ~ 1, iris, control = settings)
  expect_output(print(fit), "expert2:\n +versicolor +virginica\n\\(Intercept\\)")
  expect_output(print(summary(fit)), "versicolor")
  penalised <- suppressWarnings(moe(Species ~ 1 | Sepal.Width, iris, penalty = penalty_lasso(0.02), control = settings))
  expect_output(print(penalised), "\\(Intercept\\)")
})

test_that("covariates that a term holds as categories are plotted", {
  formulas <- c(
    mpg ~ factor(cyl), mpg ~ cut(wt, 3), mpg ~ ordered(cyl) | wt, mpg ~ as.character(gear), mpg ~ I(wt > 3),
    mpg ~ poly(wt, 2)
  )
  for (formula in formulas) {
    fit <- suppressWarnings(moe(formula, mtcars, control = settings))
    expect_identical(on_no_device(plot(fit)), fit)
    skip_if_not_installed("ggplot2")
    expect_s3_class(on_no_device(print(ggplot2::autoplot(fit))), "ggplot")
  }
  skip_if_not_installed("ggplot2")
  formulas <- c(
    Species ~ factor(Sepal.Width > 3), Species ~ factor(Sepal.Width > 3) + Petal.Width, Species ~ Sepal.Width
  )
  for (formula in formulas) {
    fit <- suppressWarnings(moe(formula, iris, control = settings))
    expect_s3_class(on_no_device(print(ggplot2::autoplot(fit))), "ggplot")
  }
  expect_true("panel" %in% names(ggplot2::autoplot(fit)$data))
})

test_that("all.equal() compares models and estimates, not how they were found", {
  fit <- moe(y ~ x | z, d, control = moe_control(starts = 5, seed = 1, tolerance = 1e-13))
  expect_true(all.equal(fit, moe(y ~ x | z, d, control = moe_control(starts = 7, seed = 2, tolerance = 1e-14))))
  expect_true(all.equal(fit, update(fit, search = TRUE)))
  expect_match(all.equal(fit, update(fit, data = d[1:150, ])), "estimates", all = FALSE)
  expect_match(all.equal(fit, suppressWarnings(update(fit, gate = gate_topk(1)))), "gate", all = FALSE)
  expect_match(all.equal(fit, lm(y ~ x, d)), "no fit")
})
