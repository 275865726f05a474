settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(200)
is_unique <- function(table, keys) !anyDuplicated(as.data.frame(table)[keys])

test_that("part, expert and term tell every parameter from all others", {
  odd <- transform(d, sigma = 1 + x^2)
  fit <- moe(y ~ x + log(sigma), odd, control = settings)
  table <- generics::tidy(fit)
  expect_true(is_unique(table, c("part", "expert", "term")))
  expect_equal(table$part, rep(c("gate", "experts", "sigma", "experts", "sigma"), c(3, 3, 1, 3, 1)))
  expect_equal(table$expert, rep(c(2, 1, 2), c(3, 4, 4)))
  expect_equal(table$estimate, unname(coef(fit)))
  expect_equal(table$std.error, unname(sqrt(diag(vcov(fit)))))
  classes <- quietly(moe(Species ~ Sepal.Width, iris, control = settings))
  table <- generics::tidy(classes)
  expect_true(is_unique(table, c("part", "expert", "y.level", "term")))
  common <- moe(y ~ x, d, sigma = "common", control = settings)
  expect_equal(generics::tidy(common)$expert, c(2, 2, 1, 1, 2, 2, NA))
})

test_that("tables are tibbles where tibble is installed", {
  skip_if_not_installed("tibble")
  fit <- moe(y ~ x | z, d, control = settings)
  tables <- list(
    generics::tidy(fit), generics::tidy(fit, conf.int = TRUE), generics::glance(fit), generics::augment(fit),
    generics::augment(fit, newdata = d[1:3, ])
  )
  for (table in tables) expect_s3_class(table, "tbl_df")
})

test_that("names of rows become a column", {
  fit <- moe(mpg ~ wt, mtcars, experts = 1)
  expect_equal(generics::augment(fit)$.rownames, rownames(mtcars))
  expect_equal(generics::augment(fit, mtcars)$.rownames, rownames(mtcars))
  expect_false(".rownames" %in% names(generics::augment(fit, newdata = mtcars[0, ])))
})

test_that("stability and studies are tidied", {
  path <- moe_path(y ~ x | z, d, nlambda = 3, control = settings)
  stable <- moe_stability(path, pairs = 1, seed = 1)
  table <- generics::tidy(stable)
  expect_true(is_unique(table, c("part", "expert", "term")))
  expect_equal(table$estimate, stable$table$probability)
  design <- theory_design("softmax-exact")
  study <- rate_study(design, n = c(100, 200, 400), replications = 2, seed = 1, progress = FALSE)
  table <- generics::tidy(study)
  expect_equal(table$estimate, summary(study)$slopes$slope)
  expect_equal(generics::tidy(study, from = 150)$estimate, summary(study, from = 150)$slopes$slope)
  expect_error(generics::tidy(study, form = 150), class = "expertmix_error_argument")
  expect_true(is_unique(table, c("loss", "term")))
})
