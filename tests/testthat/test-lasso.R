simulated <- function(n = 200, p = 12, seed = 1) {
  withr::with_seed(seed, {
    x <- matrix(rnorm(n * p), n, p, dimnames = list(NULL, paste0("x", seq_len(p))))
    first <- runif(n) < plogis(2 * x[, 1])
    y <- ifelse(first, 2 * x[, 2], 3 - 1.5 * x[, 3]) + rnorm(n) / 2
    data.frame(x, y = y, class = factor(max.col(cbind(x[, 1], x[, 2], 0) + matrix(rnorm(3 * n), n))))
  })
}
design <- function(d, p = 12) cbind(`(Intercept)` = 1, as.matrix(d[paste0("x", seq_len(p))]))
seeded <- moe_control(seed = 1)

test_that("one Gaussian expert is glmnet's Lasso", {
  skip_if_not_installed("glmnet")
  d <- simulated()
  weights <- rep(1:2, 100)
  for (lambda in c(0.02, 0.1, 0.4)) {
    for (scaled in c(TRUE, FALSE)) {
      fit <- moe_fit(design(d), d$y, experts = 1, penalty = penalty_lasso(lambda, scaled = scaled), weights = weights)
      peer <- glmnet::glmnet(design(d)[, -1], d$y, weights = weights, thresh = 1e-16,
        lambda = lambda * sigma(fit)^(if (scaled) 1 else 2))
      expect_equal(coef(fit, part = "experts")[, 1], as.matrix(coef(peer))[, 1], tolerance = 1e-5)
      expect_lt(fit$record$certificate$violation, 1e-6)
    }
  }
})

# glmnet's lambda counts its ridge in units of the response's standard deviation, which is 1 here.
test_that("one Gaussian expert is glmnet's elastic net", {
  skip_if_not_installed("glmnet")
  d <- simulated()
  d$y <- (d$y - mean(d$y)) / sqrt(mean((d$y - mean(d$y))^2))
  for (alpha in c(0.2, 0.7)) {
    for (scaled in c(TRUE, FALSE)) {
      fit <- moe_fit(design(d), d$y, experts = 1, penalty = penalty_lasso(0.1, scaled = scaled, alpha = alpha))
      absolute <- 0.1 * alpha * sigma(fit)^(if (scaled) 1 else 2)
      square <- 0.1 * (1 - alpha) * sigma(fit)^(if (scaled) 0 else 2)
      peer <- glmnet::glmnet(design(d)[, -1], d$y, lambda = absolute + square, alpha = absolute / (absolute + square),
        thresh = 1e-16)
      expect_equal(coef(fit, part = "experts")[, 1], as.matrix(coef(peer))[, 1], tolerance = 1e-5)
      expect_lt(fit$record$certificate$violation, 1e-6)
    }
  }
})

test_that("of equal columns the elastic net uses both, and alpha is above 0", {
  d <- simulated()
  d$x12 <- d$x2
  fit <- moe(y ~ . - class, d, penalty = penalty_lasso(0.1, alpha = 0.5), control = seeded)
  slopes <- coef(fit, part = "experts")
  expect_true(any(slopes["x2", ] != 0))
  expect_equal(slopes["x2", ], slopes["x12", ], tolerance = 1e-6)
  for (alpha in list(0, -1, 1.5, NA_real_, "a", c(0.5, 1))) {
    expect_error(penalty_lasso(1, alpha = alpha), class = "expertmix_error_penalty")
  }
  expect_output(print(penalty_lasso(1, alpha = 0.5)), "Elastic net")
})

test_that("of one expert sigma solves sigma^2 - lambda |b| sigma - RSS / n = 0", {
  d <- simulated()
  x <- design(d)
  sds <- apply(x, 2, function(column) sqrt(mean((column - mean(column))^2)))
  for (lambda in c(0.02, 0.1, 0.4)) {
    fit <- moe_fit(x, d$y, experts = 1, penalty = penalty_lasso(lambda))
    b <- coef(fit, part = "experts")[, 1]
    size <- sum(abs(b * sds))
    mean_square <- mean((d$y - x %*% b)^2)
    root <- (lambda * size + sqrt(lambda^2 * size^2 + 4 * mean_square)) / 2
    expect_equal(unname(sigma(fit)), root, tolerance = 1e-6)
  }
})

test_that("the scaled penalty does not depend on the response's unit", {
  d <- simulated()
  one <- moe_path(y ~ . - class, d, nlambda = 15, control = seeded)
  many <- moe_path(y ~ . - class, transform(d, y = 1e6 * y), nlambda = 15, control = seeded)
  expect_equal(many$lambda, one$lambda, tolerance = 1e-7)
  for (i in seq_along(one$fits)) {
    a <- one$fits[[i]]$estimates
    b <- many$fits[[i]]$estimates
    expect_identical(b$experts != 0, a$experts != 0)
    expect_equal(b$experts, 1e6 * a$experts, tolerance = 1e-6)
    expect_equal(b$gate, a$gate, tolerance = 1e-5)
  }
})

# The objective that `?penalty_lasso` states, from coefficients alone.
stated_objective <- function(estimates, x, y, lambda, gate, alpha = 1) {
  sds <- apply(x, 2, function(column) sqrt(mean((column - mean(column))^2)))
  scores <- x %*% estimates$gate
  pi <- exp(scores - apply(scores, 1, max))
  pi <- pi / rowSums(pi)
  means <- x %*% estimates$experts
  density <- vapply(seq_along(estimates$sigma), function(k) dnorm(y, means[, k], estimates$sigma[k]), y)
  net <- function(slopes) colSums(alpha * abs(slopes) + (1 - alpha) * slopes^2 / 2)
  sizes <- net(t(t(estimates$experts * sds) / estimates$sigma))
  mean(log(rowSums(pi * density))) - gate * sum(net(estimates$gate * sds)) - lambda * sum(colMeans(pi) * sizes)
}

test_that("a penalised fit is a maximum of the stated objective", {
  d <- simulated()
  x <- design(d)
  for (alpha in c(1, 0.5)) for (sigma in c("separate", "common")) {
    penalty <- penalty_lasso(0.1, gate = 0.05, alpha = alpha)
    fit <- moe_fit(x, d$y, penalty = penalty, sigma = sigma, control = seeded)
    estimates <- fit$estimates
    best <- stated_objective(estimates, x, d$y, 0.1, 0.05, alpha)
    expect_equal(best, fit$record$objective_value, tolerance = 1e-9)
    expect_lt(fit$record$certificate$violation, 1e-6)
    set.seed(5)
    for (trial in 1:200) {
      near <- estimates
      for (part in c("gate", "experts")) {
        near[[part]] <- near[[part]] + 1e-4 * rnorm(length(near[[part]])) * (runif(length(near[[part]])) < 0.3)
      }
      near$sigma <- near$sigma * exp(1e-4 * if (sigma == "common") rnorm(1) else rnorm(2))
      expect_lt(stated_objective(near, x, d$y, 0.1, 0.05, alpha), best)
    }
  }
})

test_that("columns as they are, factors and free columns are glmnet's", {
  skip_if_not_installed("glmnet")
  d <- simulated()
  x <- design(d)
  x[, 3] <- 5 * x[, 3] + 2
  factors <- c(0, 0, 2, rep(1, 10))
  for (standardize in c(TRUE, FALSE)) {
    penalty <- penalty_lasso(0.1, factors = list(experts = factors), scaled = FALSE, standardize = standardize)
    fit <- moe_fit(x, d$y, experts = 1, penalty = penalty)
    # glmnet scales its factors to a mean of one
    peer <- glmnet::glmnet(x[, -1], d$y, lambda = 0.1 * sigma(fit)^2 * mean(factors[-1]), penalty.factor = factors[-1],
      standardize = standardize, thresh = 1e-16)
    expect_equal(coef(fit, part = "experts")[, 1], as.matrix(coef(peer))[, 1], tolerance = 1e-5)
  }
})

test_that("one categorical expert is glmnet's Lasso, symmetric or with a reference", {
  skip_if_not_installed("glmnet")
  d <- simulated()
  two <- factor(d$class == "1")
  fit <- moe_fit(design(d), two, experts = 1, penalty = penalty_lasso(0.03, reference = 1))
  peer <- glmnet::glmnet(design(d)[, -1], two, family = "binomial", lambda = 0.03, thresh = 1e-16)
  expect_equal(coef(fit, part = "experts")[, 2, 1], as.matrix(coef(peer))[, 1], tolerance = 1e-5)
  fit <- moe_fit(design(d), d$class, experts = 1, penalty = penalty_lasso(0.03))
  peer <- glmnet::glmnet(design(d)[, -1], d$class, family = "multinomial", lambda = 0.03, thresh = 1e-16)
  theirs <- vapply(coef(peer), function(b) as.matrix(b)[, 1], double(13))
  theirs[-1, ] <- theirs[-1, ] - apply(theirs[-1, ], 1, stats::median)
  theirs[1, ] <- theirs[1, ] - theirs[1, 1]
  expect_equal(coef(fit, part = "experts")[, , 1], theirs, tolerance = 1e-5, ignore_attr = TRUE)
  expect_lt(fit$record$certificate$violation, 1e-6)
})

test_that("a path's table, choices and fits agree with each other", {
  d <- simulated()
  path <- moe_path(y ~ . - class, d, nlambda = 20, control = seeded)
  expect_true(all(path$table$violation < 1e-6))
  for (lambdas in split(path$lambda, path$table$gate)) expect_true(all(diff(lambdas) < 0))
  alone <- moe_path(y ~ . - class, d, experts = 1, nlambda = 5, control = seeded)
  expect_equal(alone$table$nonzero[1], 0)
  expect_gt(alone$table$nonzero[2], 0)
  table <- path$table
  expect_equal(table$BIC, -2 * table$logLik + log(200) * table$df)
  expect_equal(table$EBIC, table$BIC + 2 * lchoose(3 * 12, table$nonzero))
  expect_equal(table$mBIC, table$logLik - log(200) / 2 * table$nonzero)
  fit <- select_fit(path)
  expect_s3_class(fit, "moe")
  expect_equal(BIC(fit), path$table$BIC[which.min(path$table$EBIC)])
  expect_equal(sum(log(predict(fit, d, type = "density"))), as.numeric(logLik(fit)), tolerance = 1e-10)
  expect_equal(predict(path, d), predict(fit, d))
  expect_equal(coef(path, part = "gate"), coef(fit, part = "gate"))
  # the gauge: every covariate has a zero among its gate slopes
  expect_true(all(apply(abs(coef(fit, part = "gate")[-1, ]), 1, min) == 0))
  again <- moe(y ~ . - class, d, penalty = fit$penalty, start = fit, control = seeded)
  expect_equal(again$record$objective_value, fit$record$objective_value, tolerance = 1e-8)
  expect_output(print(path), "Chosen by BIC")
  expect_output(print(summary(fit)), "violation")
})

test_that("a path of several experts begins at zero slopes, and a fit from a start tries no other", {
  skip_if_not_installed("MASS")
  path <- moe_path(medv ~ ., MASS::Boston, experts = 3, nlambda = 15, control = seeded)
  expect_equal(path$table$nonzero[1], 0)
  fit <- select_fit(path, path$lambda[8], gate_penalty = path$table$gate[8])
  again <- moe(medv ~ ., MASS::Boston, experts = 3, penalty = fit$penalty, start = fit)
  expect_equal(again$record$starts[["tried"]], 0)
  expect_equal(coef(again), coef(fit), tolerance = 1e-4)
  for (reference in c(1, 3)) {
    penalty <- penalty_lasso(1, reference = reference)
    other <- moe_path(medv ~ ., MASS::Boston, experts = 3, penalty = penalty, nlambda = 10, control = seeded)
    fit <- select_fit(other, other$lambda[6])
    refit <- select_fit(other, other$lambda[6], refit = TRUE)
    expect_true(all(fit$estimates$gate[, reference] == 0))
    expect_equal(refit$estimates$gate != 0, fit$estimates$gate != 0)
    expect_gte(as.numeric(logLik(refit)), as.numeric(logLik(fit)))
  }
})

test_that("the truth's support is found, and a refit keeps it", {
  d <- simulated(400)
  path <- moe_path(y ~ . - class, d, nlambda = 30, control = seeded)
  fit <- select_fit(path, criterion = "BIC")
  experts <- abs(coef(fit, part = "experts"))
  expect_gt(max(experts["x2", ]), 1.5)
  expect_gt(max(experts["x3", ]), 1)
  expect_lt(max(experts[paste0("x", 4:12), ]), 0.3)
  refit <- select_fit(path, criterion = "BIC", refit = TRUE)
  expect_gt(as.numeric(logLik(refit)), as.numeric(logLik(fit)))
  expect_true(all(coef(refit, part = "experts")[experts == 0] == 0))
})

test_that("a sparse design gives the fits of the dense one", {
  skip_if_not_installed("Matrix")
  d <- simulated()
  x <- design(d)
  x[, -1][abs(x[, -1]) < 1] <- 0
  sparse <- methods::as(x, "CsparseMatrix")
  dense <- moe_path(x, d$y, nlambda = 8, control = seeded)
  thin <- moe_path(sparse, d$y, nlambda = 8, control = seeded)
  expect_equal(thin$table, dense$table, tolerance = 1e-7)
  expect_equal(predict(thin, sparse[1:5, ]), predict(dense, x[1:5, ]), tolerance = 1e-6)
  expect_error(moe_fit(sparse, d$y), class = "expertmix_error_design")
})

test_that("cross-validation depends on the seed alone and scores what it says", {
  d <- simulated()
  path <- moe_path(y ~ . - class, d, experts = 1, nlambda = 8, control = seeded)
  cv <- cv_moe(path, folds = 4, seed = 3)
  expect_equal(cv_moe(path, folds = 4, seed = 3)$table, cv$table)
  expect_gte(cv$lambda_1se, cv$lambda_min)
  left <- cv$folds == 2
  scale <- path$path$response_scale
  # fold 2 by hand: the same penalty on the same unit of the response
  fit <- moe_fit(design(d)[!left, ], d$y[!left], experts = 1, penalty = penalty_lasso(path$lambda[5] / scale))
  by_hand <- mean(log(predict(fit, list(x = design(d)[left, ], y = d$y[left]), type = "density")))
  scores <- vapply(1:4, function(job) score_fold(job, path, cv$folds)[5], 0)
  expect_equal(scores[2], by_hand, tolerance = 1e-6)
  expect_equal(cv$table$loss[5], -sum(scores * as.vector(table(cv$folds))) / 200, tolerance = 1e-10)
  expect_output(print(cv), "one standard error")
})

test_that("steps from given responsibilities stay within reason under every activation", {
  set.seed(4)
  d <- data.frame(x = rnorm(30), u = rexp(30), v = rnorm(30), g = factor(sample(letters[1:3], 30, TRUE)))
  d$y <- rpois(30, exp(1 + d$x / 2))
  responsibilities <- diag(2)[rep(1:2, 15), ]
  for (activation in c("gelu", "relu", "softplus", "tanh", "sigmoid")) {
    fit <- suppressWarnings(moe(y ~ u + v | x + u + v + g, d,
      family = poisson(), gate = gate_temperature(2, activation), start = responsibilities,
      penalty = penalty_lasso(1e-6, experts = 0, standardize = FALSE), control = moe_control(iterations = 1)
    ))
    expect_lt(max(abs(coef(fit, part = "gate"))), 1e3, label = activation)
    expect_equal(sum(log(predict(fit, type = "density"))), as.numeric(logLik(fit)), label = activation)
  }
})

test_that("pictures of paths are drawn", {
  skip_if_not_installed("ggplot2")
  path <- moe_path(y ~ . - class, simulated(), nlambda = 8, control = seeded)
  picture <- ggplot2::autoplot(path)
  expect_s3_class(picture, "ggplot")
  own <- path$table$gate == path$table$gate[which.min(path$table$EBIC)]
  expect_setequal(unique(picture$data$lambda), path$lambda[own])
})

test_that("bad penalties and paths are named", {
  d <- simulated(60)
  fails <- function(expression, class) expect_error(expression, class = paste0("expertmix_error_", class))
  fails(penalty_lasso(-1), "penalty")
  fails(penalty_lasso(Inf), "penalty")
  fails(penalty_lasso(1, factors = list(experts = -1)), "penalty")
  fails(penalty_lasso(1, reference = 0.5), "penalty")
  fails(moe(y ~ x1, d, penalty = 0.1), "penalty")
  fails(moe(y ~ x1, d, penalty = penalty_lasso(1, reference = 3)), "penalty")
  fails(moe(y ~ x1, d, penalty = penalty_lasso(1, factors = list(gate = c(1, 1, 1)))), "penalty")
  fails(moe(y ~ x1, d, gate = gate_topk(1), penalty = penalty_lasso(1)), "penalty")
  fails(moe(y ~ x1, d, gate = gate_temperature(activation = "tanh"), penalty = penalty_lasso(1)), "penalty")
  fails(moe_path(y ~ x1, d, lambda = c(0.1, 0.2)), "penalty")
  fails(moe_path(y ~ x1, d, lambda = NA_real_), "penalty")
  d$same <- 4
  fails(moe_path(y ~ x1 + same, d), "penalty")
  path <- moe_path(y ~ x1 + x2, d, experts = 1, nlambda = 5, control = seeded)
  fails(cv_moe(path, folds = 61), "folds")
  fails(cv_moe(path, folds = 1), "folds")
  fails(coef(path, lambda = min(path$lambda) / 2), "lambda")
  fails(select_fit(1), "path")
})

test_that("folds on daemons are those of one process", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  path <- moe_path(y ~ . - class, simulated(), experts = 1, nlambda = 5, control = seeded)
  alone <- cv_moe(path, folds = 3, seed = 2)
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  mirai::daemons(1)
  withr::defer(mirai::daemons(0))
  expect_identical(cv_moe(path, folds = 3, seed = 2)$table, alone$table)
})
