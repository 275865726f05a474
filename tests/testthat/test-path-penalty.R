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
    penalty_lasso(1, gate = 0.5, scaled = FALSE), penalty_lasso(1, gate = 0.5, gamma = 0.5),
    penalty_lasso(gate = 1, experts = 0)
  )
  scale <- sqrt(mean((d$y - mean(d$y))^2))
  for (penalty in penalties) {
    path <- quietly(path_with(penalty))
    fit <- quietly(select_fit(path, path$lambda[4]))
    unit <- if (isFALSE(penalty$scaled)) scale else 1
    expect_equal(fit$penalty$experts, penalty$experts * path$lambda[4] / unit)
    expect_equal(fit$penalty$gate, penalty$gate * path$lambda[4])
    same <- c("ridge", "factors", "reference", "standardize", "gamma")
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

# How far a fit with v_k = (average gate probability)^gamma is from the optimality conditions, v_k held at its own.
violation_of <- function(fit, x, y) {
  gate <- predict(fit, type = "gate")
  r <- predict(fit, type = "posterior")
  sds <- apply(x[, -1], 2, function(v) sqrt(mean((v - mean(v))^2)))
  beyond <- function(score, slope, lambda) {
    ifelse(slope == 0, pmax(0, abs(score) - lambda), abs(score - lambda * sign(slope)))
  }
  each <- vapply(seq_along(sigma(fit)), function(k) {
    b <- fit$estimates$experts[, k]
    of_experts <- crossprod(x[, -1], r[, k] * (y - x %*% b)) / length(y) / sigma(fit)[k] / sds
    of_gate <- crossprod(x[, -1], r[, k] - gate[, k]) / length(y) / sds
    max(beyond(of_experts, b[-1], fit$penalty$experts * mean(gate[, k])^fit$penalty$gamma),
      beyond(of_gate, fit$estimates$gate[-1, k], fit$penalty$gate))
  }, 0)
  max(each)
}

test_that("with gamma below 1 a fit satisfies the optimality conditions with the v of its own probabilities", {
  set.seed(11)
  n <- 240
  x <- cbind(1, matrix(rnorm(n * 12), n))
  label <- 1 + (runif(n) < plogis(1.5 * x[, 2])) + (runif(n) < 0.3)
  slopes <- cbind(c(0, 2, 1.5, rep(0, 10)), c(1, 0, 0, -2, 1, rep(0, 8)), c(-1, rep(0, 10), 2, 1))
  y <- rowSums(x * t(slopes)[label, ]) + rnorm(n, 0, 0.5)
  for (experts in 2:3) {
    for (gamma in c(0, 0.5)) {
      path <- quietly(moe_path(x, y, experts = experts, penalty = penalty_lasso(1, gate = 0.5, gamma = gamma),
        nlambda = 12, control = settings))
      expect_lt(max(path$table$violation), 1e-6)
      for (lambda in path$lambda[c(4, 8)]) {
        fit <- quietly(select_fit(path, lambda))
        expect_equal(fit$penalty$gamma, gamma)
        expect_lt(violation_of(fit, x, y), 1e-6)
      }
    }
  }
  half <- penalty_lasso(0.1, gate = 0.05, gamma = 0.5)
  fit <- quietly(moe_fit(x, y, experts = 3, penalty = half, control = settings))
  million <- quietly(moe_fit(x, 1e6 * y, experts = 3, penalty = half, control = settings))
  expect_equal(million$estimates$experts, 1e6 * fit$estimates$experts, tolerance = 1e-5)
  expect_lt(violation_of(fit, x, y), 1e-6)
  one <- function(gamma) moe_fit(x, y, experts = 1, penalty = penalty_lasso(0.1, gamma = gamma), control = settings)
  expect_equal(coef(one(0.5)), coef(one(1)), tolerance = 1e-7)
})

test_that("gamma is between 0 and 1, and of scaled penalties", {
  for (gamma in list(-0.1, 1.1, NA, "half", c(0, 1))) {
    expect_error(penalty_lasso(1, gamma = gamma), "gamma", class = "expertmix_error_penalty")
  }
  half <- penalty_lasso(0.1, gamma = 0.5)
  expect_output(print(half), "gamma 0.5")
  plain <- penalty_lasso(0.1, gamma = 0.5, scaled = FALSE)
  expect_error(moe(y ~ x | z, d, penalty = plain, control = settings), "gamma", class = "expertmix_error_penalty")
  expect_error(moe(round(exp(x)) ~ z, d, family = "poisson", penalty = half, control = settings), "gamma",
    class = "expertmix_error_penalty")
})
