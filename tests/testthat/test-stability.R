d <- withr::with_seed(2, {
  d <- data.frame(matrix(rnorm(300 * 10), 300, 10))
  first <- runif(300) < plogis(2 * d$X1)
  d$y <- ifelse(first, 2 * d$X2, 3 - 2 * d$X3) + rnorm(300) / 2
  d
})
path <- moe_path(y ~ ., d, nlambda = 12, refit = TRUE, control = moe_control(starts = 5, seed = 1))

test_that("slopes of the truth are chosen in every half, and each probability is a share of the halves", {
  found <- moe_stability(path, pairs = 5, seed = 3)
  expect_equal(moe_stability(path, pairs = 5, seed = 3)$table, found$table)
  table <- found$table
  expect_true(all(abs(table$probability * found$halves - round(table$probability * found$halves)) < 1e-9))
  fit <- coef(select_fit(path), part = "experts")
  of <- function(part, expert, term) {
    table$probability[table$part == part & table$term == term & (part == "gate" | table$expert %in% expert)]
  }
  expect_equal(of("gate", NA, "X1"), 1)
  expect_equal(of("experts", which.max(abs(fit["X2", ])), "X2"), 1)
  expect_equal(of("experts", which.max(abs(fit["X3", ])), "X3"), 1)
  noise <- table$probability[!table$term %in% c("X1", "X2", "X3")]
  expect_lt(mean(c(noise, double(21 - length(noise)))), 0.3)
  expect_output(print(found), "half samples")
})

test_that("a half by hand is what a job says", {
  at <- chosen_fit(path, NULL, "EBIC")
  one <- slopes_of_half(1, path, at, 3)
  half <- computed_order(300, 4) < 150
  own <- which(path$table$gate == path$table$gate[at] & path$lambda >= path$lambda[at])
  by_hand <- moe_path(y ~ ., d[half, ], lambda = path$lambda[own], control = path$control,
    penalty = penalty_lasso(1, gate = path$table$gate[at]),
    start = select_fit(path, refit = FALSE))
  last <- by_hand$fits[[length(by_hand$fits)]]$estimates
  expect_equal(sum(one), sum(chosen_slopes(last)))
})

test_that("stability is asked of paths only, and drawn", {
  expect_error(moe_stability(select_fit(path)), class = "expertmix_error_path")
  expect_error(moe_stability(path, pairs = 0), class = "expertmix_error_stability")
  skip_if_not_installed("ggplot2")
  expect_s3_class(ggplot2::autoplot(moe_stability(path, pairs = 1, seed = 1)), "ggplot")
})
