settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(200)
types <- c("response", "experts", "gate", "posterior", "density")

test_that("columns of a matrix are taken by name where both matrices have names", {
  x <- cbind(one = 1, x = d$x, z = d$z)
  fit <- moe_fit(x, d$y, control = settings)
  expect_equal(predict(fit, x[, 3:1]), predict(fit, x))
  expect_equal(predict(fit, cbind(x, more = 0)[, c(4, 2, 3, 1)]), predict(fit, x))
  expect_equal(predict(fit, as.data.frame(x)[3:1]), predict(fit, x))
  expect_equal(predict(fit, unname(x)), unname(predict(fit, x)))
  expect_error(predict(fit, x[, 2:3]), "no column `one`", class = "expertmix_error_newdata")
  renamed <- x
  colnames(renamed) <- c("one", "x", "w")
  expect_error(predict(fit, renamed), "no column `z`", class = "expertmix_error_newdata")
  expect_error(predict(fit, cbind(x, x)), "several columns", class = "expertmix_error_newdata")
  expect_error(predict(fit, unname(x[, 1:2])), "2 columns", class = "expertmix_error_newdata")
  nameless <- moe_fit(unname(x), d$y, control = settings)
  expect_equal(unname(predict(nameless, x)), unname(predict(nameless, unname(x))))
  both <- moe_fit(x[, 1:2], d$y, z = x[, c(1, 3)], control = settings)
  new <- list(x = x[1:3, 2:1], z = x[1:3, c(3, 1)])
  expect_equal(predict(both, new), predict(both)[1:3], ignore_attr = TRUE)
  expect_error(predict(both, list(x = x[, 1:2], z = x[, 1:2])), "`z` of `newdata` has no column",
    class = "expertmix_error_newdata")
  expect_error(predict(fit, list(x = x, z = x)), "no use for `z`", class = "expertmix_error_newdata")
  expect_error(predict(fit, list(x = x, weights = 1)), "no use for `weights`", class = "expertmix_error_newdata")
  skip_if_not_installed("Matrix")
  sparse <- methods::as(x, "CsparseMatrix")
  penalised <- moe_fit(sparse, d$y, penalty = penalty_lasso(0.02), control = settings)
  expect_equal(predict(penalised, sparse[, 3:1]), predict(penalised, sparse))
  expect_error(predict(penalised, sparse[, 2:3]), "no column `one`", class = "expertmix_error_newdata")
})

test_that("a point that a rank-deficient fit cannot tell is predicted with a warning", {
  data <- transform(d, twice = 2 * x, sum = x + z)
  fit <- moe(y ~ x + twice | z, data, control = settings)
  expect_no_warning(predict(fit))
  expect_no_warning(predict(fit, data[5:1, ]))
  off <- data.frame(x = c(1, 1, NA), twice = c(2, 3, 1), z = 0, sum = 0, y = 1)
  plain <- moe(y ~ x | z, data, control = settings)
  for (type in setdiff(types, "gate")) {
    expect_warning(found <- predict(fit, off, type = type), "Row 2 .*twice.*experts", class = "expertmix_warning_rank")
    expect_equal(found, predict(plain, off, type = type), tolerance = 1e-4)
  }
  expect_no_warning(predict(fit, off, type = "gate"))
  gated <- moe(y ~ x | x + z + sum, data, control = settings)
  inside <- data.frame(x = 1, z = 2, sum = 3)
  expect_no_warning(predict(gated, inside))
  expect_warning(predict(gated, transform(inside, sum = 0)), "sum.*gate", class = "expertmix_warning_rank")
  expect_no_warning(predict(gated, transform(inside, sum = 0), type = "experts"))
  x <- cbind(one = 1, x = d$x, shifted = 1e6 + d$x)
  of_matrix <- moe_fit(x, d$y, control = settings)
  expect_no_warning(predict(of_matrix, x))
  row <- cbind(one = 1, x = 1, shifted = 7)
  expect_warning(predict(of_matrix, row, type = "experts"), class = "expertmix_warning_rank")
  cells <- expand.grid(a = factor(1:2), b = factor(1:3), i = 1:20)[-seq(6, 120, 6), ]
  set.seed(1)
  cells$y <- rnorm(100)
  one <- moe(y ~ a * b, cells, experts = 1)
  old <- suppressWarnings(predict(lm(y ~ a * b, cells), data.frame(a = "2", b = "3")))
  expect_warning(new <- predict(one, data.frame(a = "2", b = "3")), class = "expertmix_warning_rank")
  expect_equal(new, old)
})

test_that("a class label may be a character string, a response of classes must be one that the fit knows", {
  flowers <- suppressWarnings(moe(Species ~ Sepal.Width, iris, control = settings))
  for (type in c("posterior", "density")) {
    as_text <- transform(iris, Species = as.character(Species))
    expect_equal(predict(flowers, as_text, type = type), predict(flowers, iris, type = type))
  }
  expect_error(predict(flowers, data.frame(Sepal.Width = 3, Species = "rose"), type = "density"), "rose",
    class = "expertmix_error_newdata")
  x <- cbind(1, iris$Sepal.Width)
  of_matrix <- suppressWarnings(moe_fit(x, iris$Species, control = settings))
  density <- predict(of_matrix, list(x = x, y = as.character(iris$Species)), type = "density")
  expect_equal(density, unname(predict(flowers, type = "density")), tolerance = 1e-4)
  logical <- suppressWarnings(moe(I(y > 0) ~ x, d, family = "multinomial", control = settings))
  expect_equal(sum(log(predict(logical, d, type = "density"))), c(logLik(logical)), ignore_attr = TRUE)
})

test_that("unseen levels, missing columns and values that are not finite are errors of one class, with their rows", {
  data <- transform(d, g = factor(rep(1:4, 50)), h = rep(c("a", "b"), 100))
  fit <- moe(y ~ x + h | g, data, control = settings)
  expect_error(predict(fit, transform(data[1, ], g = "9")), "new level", class = "expertmix_error_newdata")
  expect_error(predict(fit, transform(data[1, ], h = "c")), "new level", class = "expertmix_error_newdata")
  expect_error(predict(fit, data[c("x", "g")]), "`h`", class = "expertmix_error_newdata")
  expect_error(predict(fit, transform(data[1:3, ], x = c(NA, 1, Inf))), "row 3", class = "expertmix_error_newdata")
  for (type in c("posterior", "density")) {
    for (far in c(Inf, -Inf)) {
      expect_error(predict(fit, transform(data[1:3, ], y = c(NA, 1, far)), type = type), "response .* row 3",
        class = "expertmix_error_newdata")
    }
    missing <- is.na(c(predict(fit, transform(data[1:2, ], y = c(NA, 1)), type = type)))
    expect_equal(unname(missing[1:2]), c(TRUE, FALSE))
  }
  of_matrix <- moe_fit(cbind(1, d$x), d$y, offset = d$z, control = settings)
  expect_error(predict(of_matrix, list(x = cbind(1, 1:2), offset = c(1, Inf))), "offset .* row 2",
    class = "expertmix_error_newdata")
  set.seed(1)
  counts <- matrix(rpois(400, 3), 200, dimnames = list(NULL, c("a", "b")))
  of_counts <- suppressWarnings(moe_fit(cbind(1, d$x), counts, family = "multinomial", control = settings))
  for (bad in c(-1, 0.5)) {
    new <- list(x = cbind(1, 1:2), y = rbind(c(1, 2), c(bad, 2)))
    expect_error(predict(of_counts, new, type = "density"), "Row 2", class = "expertmix_error_newdata")
  }
})

test_that("new data of no rows give results of no rows", {
  fit <- moe(y ~ poly(x, 2) + factor(z > 0) | z, d, control = settings)
  flowers <- suppressWarnings(moe(Species ~ Sepal.Width, iris, control = settings))
  x <- cbind(one = 1, x = d$x)
  of_matrix <- moe_fit(x, d$y, control = settings)
  cut <- function(values) {
    switch(length(dim(values)) + 1, values[0], NULL, values[0, , drop = FALSE], values[0, , , drop = FALSE])
  }
  shape <- function(values) list(class(values), dim(values), rev(dimnames(values))[[1]], length(values))
  for (type in types) {
    expect_equal(shape(predict(fit, d[0, ], type = type)), shape(cut(predict(fit, d, type = type))))
    expect_equal(shape(predict(flowers, iris[0, ], type = type)), shape(cut(predict(flowers, iris, type = type))))
    new <- list(x = x[0, ], y = numeric())
    all <- list(x = x, y = d$y)
    expect_equal(shape(predict(of_matrix, new, type = type)), shape(cut(predict(of_matrix, all, type = type))))
  }
  class_of <- function(rows) predict(flowers, rows, type = "class")
  expect_equal(class_of(iris[0, ]), class_of(iris)[0], ignore_attr = TRUE)
  expect_error(predict(fit, d[0, "x", drop = FALSE]), "`z`", class = "expertmix_error_newdata")
})
