# The checks of package modeltests; its glossaries do not know what is special to mixtures of experts.
skip_if_not_installed("modeltests")
skip_if_not_installed("tibble")
library(modeltests) # its glossaries are found only where it is attached
settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(200)
fit <- moe(y ~ x | z, d, control = settings)
own <- list(
  tidy = c("part", "expert"), glance = c("experts", "spikes"), augment = c(".expert"), arguments = c("type", "cluster")
)
without <- function(table, columns) table[setdiff(names(table), columns)]

test_that("tidy() passes", {
  check_tidy_output(without(generics::tidy(fit, conf.int = TRUE), own$tidy))
  check_dims(generics::tidy(fit), 8, 7)
  tidy_method <- getS3method("tidy", "moe")
  formals(tidy_method)[own$arguments] <- NULL
  check_arguments(tidy_method)
})

test_that("glance() passes", {
  fits <- list(fit, update(fit, . ~ . | 1), moe(y ~ x, d, experts = 1))
  glances <- lapply(fits, function(fit) without(generics::glance(fit), own$glance))
  do.call(check_glance_outputs, glances)
  glance_method <- getS3method("glance", "moe")
  check_arguments(glance_method)
})

test_that("augment() passes", {
  method <- function(x, data = NULL, newdata = NULL, ...) {
    without(getS3method("augment", "moe")(x, data, newdata, ...), own$augment)
  }
  check_augment_function(method, fit, data = d, newdata = d)
  augment_method <- getS3method("augment", "moe")
  check_arguments(augment_method)
  classes <- quietly(moe(Species ~ Sepal.Width | Sepal.Length, iris, control = settings))
  check_augment_function(method, classes, data = iris, newdata = iris)
})
