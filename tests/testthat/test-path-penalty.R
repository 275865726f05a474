# What moe_path() is told by `penalty`: lambda multiplies its numbers, all else is that of every fit.
settings <- moe_control(starts = 5, seed = 1)
d <- transform(two_lines(150), u = sin(seq_len(150)))

path_with <- function(penalty) {
  moe_path(y ~ x + u | z + u, d, penalty = penalty, nlambda = 5, ratio = 0.05, control = settings)
}

test_that("only the ratio of gate and experts matters, and cross-validation follows", {
  one <- path_with(penalty_lasso(1, gate = 0.5))
  four <- path_with(penalty_lasso(4, gate = 2))
  expect_equal(four$lambda, one$lambda / 4)
  expect_equal(four$table$logLik, one$table$logLik, tolerance = 1e-8)
  expect_equal(select_fit(four)$penalty, select_fit(one)$penalty, tolerance = 1e-8)
  scores <- lapply(list(one, four), function(path) cv_moe(path, folds = 3, seed = 1)$table$loss)
  expect_equal(scores[[2]], scores[[1]], tolerance = 1e-6)
  unsaid <- moe_path(y ~ x + u | z + u, d, nlambda = 5, ratio = 0.05, control = settings)
  expect_equal(unsaid$table, path_with(penalty_lasso(1, gate = c(0.25, 0.5, 1)))$table)
})

test_that("a fit of the path is moe()'s at the path's penalty times lambda", {
  penalties <- list(
    penalty_lasso(2, gate = 0.5, ridge = 0.1), penalty_lasso(1, reference = 2), penalty_lasso(1, standardize = FALSE),
    penalty_lasso(1, factors = list(experts = c(0, 1, 3), gate = c(0, 2, 1))), penalty_lasso(1, gate = 0),
    penalty_lasso(1, gate = 0.5, scaled = FALSE),
    penalty_lasso(gate = 1, experts = 0)
  )
  scale <- sqrt(mean((d$y - mean(d$y))^2))
  for (penalty in penalties) {
    path <- quietly(path_with(penalty))
    fit <- quietly(select_fit(path, path$lambda[4]))
    unit <- if (isFALSE(penalty$scaled)) scale else 1
    expect_equal(fit$penalty$experts, penalty$experts * path$lambda[4] / unit)
    expect_equal(fit$penalty$gate, penalty$gate * path$lambda[4])
    same <- c("ridge", "factors", "reference", "standardize")
    expect_equal(fit$penalty[same], penalty[same])
    again <- quietly(moe(y ~ x + u | z + u, d, penalty = fit$penalty, start = fit, control = settings))
    expect_equal(coef(again), coef(fit), tolerance = 1e-5)
    refit <- quietly(update(path, penalty = penalty_lasso(1)))
    expect_equal(refit$penalty[c("experts", "gate", same)], penalty_lasso(1)[c("experts", "gate", same)])
  }
})

test_that("what is no penalty is refused, and arguments that penalty_lasso() has now say where they are", {
  for (penalty in list(1, "lasso", list(experts = 1), penalty_lasso(0))) {
    expect_error(path_with(penalty), class = "expertmix_error_penalty")
  }
  expect_error(path_with(penalty_lasso(1, reference = 3)), "2 experts", class = "expertmix_error_penalty")
  expect_error(path_with(penalty_lasso(1, factors = list(gate = 1:7))), "7 for 3", class = "expertmix_error_penalty")
  moved <- list(gate_penalty = 0.5, ridge = 0.1, factors = list(), reference = 1, standardize = FALSE)
  x <- cbind(1, d$x)
  for (name in names(moved)) {
    expect_error(do.call(moe_path, c(list(y ~ x, d), moved[name])), "penalty_lasso", class = "expertmix_error_argument")
    expect_error(do.call(moe_path, c(list(x, d$y), moved[name])), "penalty_lasso", class = "expertmix_error_argument")
  }
})
