# What is chosen of a path, and from what: gate penalties, faulty fits, refits, adaptive weights, exact lambdas, folds.
settings <- moe_control(starts = 5, seed = 1)
d <- withr::with_seed(1, {
  d <- data.frame(matrix(rnorm(200 * 8), 200, 8))
  first <- runif(200) < plogis(2 * d$X1)
  d$y <- ifelse(first, 2 * d$X2, 3 - 1.5 * d$X3) + rnorm(200) / 2
  d
})
path <- moe_path(y ~ ., d, nlambda = 15, refit = TRUE, control = settings)

test_that("criteria choose among all gate penalties, those of the refits where there are any", {
  expect_equal(unique(path$table$gate), c(0.25, 0.5, 1))
  expect_equal(path$table$BIC, -2 * path$table$refit + log(200) * path$table$df)
  fit <- select_fit(path)
  best <- which.min(path$table$EBIC)
  expect_equal(as.numeric(logLik(fit)), path$table$refit[best])
  experts <- coef(fit, part = "experts")
  expect_setequal(rownames(experts)[rowSums(experts != 0) > 0], c("(Intercept)", "X2", "X3"))
  plain <- select_fit(path, refit = FALSE)
  expect_equal(plain$estimates, path$fits[[best]]$estimates)
  other <- select_fit(path, path$lambda[20], gate_penalty = 1)
  expect_equal(other$penalty$gate / other$penalty$experts, 1)
  expect_output(print(path), "without penalty")
})

test_that("a path that keeps other labels is chosen from like any other", {
  short <- moe_path(y ~ ., d, nlambda = 4, control = settings)
  start <- select_fit(short, refit = FALSE)
  swapped <- outer(predict(start, type = "posterior")[, 1], 1:2, function(r, k) ifelse(k == 1, 1 - r, r))
  again <- moe_path(y ~ ., d, nlambda = 4, control = settings, start = swapped)
  expect_null(again$refits)
  expect_s3_class(select_fit(again), "moe")
})

test_that("faulty fits are passed over where there are others, and warned of where there are none", {
  worse <- path
  worse$table$faulty[which.min(path$table$EBIC)] <- TRUE
  expect_false(identical(coef(select_fit(worse)), coef(select_fit(path))))
  expect_false(is_faulty(list(guarded = FALSE, spikes = integer(), empty = 2L)))
  all <- path
  all$table$faulty <- TRUE
  expect_equal(coef(select_fit(all)), coef(select_fit(path)))
})

test_that("adaptive weights leave out what is zero in the pilot and keep its labels", {
  pilot <- select_fit(path, refit = FALSE)
  adaptive <- moe_path(y ~ ., d, nlambda = 10, control = settings,
    penalty = penalty_lasso(1, gate = 0.5, adaptive = pilot))
  expect_lt(max(adaptive$table$violation), 1e-6)
  for (fit in adaptive$fits) {
    expect_true(all(fit$estimates$experts[-1, ][pilot$estimates$experts[-1, ] == 0] == 0))
    expect_true(all(fit$estimates$gate[-1, ][pilot$estimates$gate[-1, ] == 0] == 0))
  }
  b <- coef(select_fit(adaptive), part = "experts")
  expect_gt(sum(b * coef(pilot, part = "experts")), sum(b * coef(pilot, part = "experts")[, 2:1]))
  one <- moe(y ~ ., d, penalty = penalty_lasso(0.05, adaptive = pilot), control = settings)
  expect_lt(one$record$certificate$violation, 1e-6)
})

test_that("an exact fit is at its lambda, beside the path's range there is none", {
  middle <- sqrt(path$lambda[5] * path$lambda[6])
  exact <- select_fit(path, middle, refit = FALSE, exact = TRUE, gate_penalty = 0.25)
  expect_equal(exact$penalty$experts, middle)
  again <- moe(y ~ ., d, penalty = penalty_lasso(middle, gate = middle / 4), start = exact, control = settings)
  expect_equal(coef(again), coef(exact), tolerance = 1e-6)
  expect_false(identical(coef(exact), coef(select_fit(path, middle, refit = FALSE, gate_penalty = 0.25))))
  expect_equal(coef(path, middle, gate_penalty = 0.25, exact = TRUE, part = "gate"),
    coef(select_fit(path, middle, gate_penalty = 0.25, exact = TRUE), part = "gate"))
  expect_warning(select_fit(path, 2 * max(path$lambda)), class = "expertmix_warning_lambda")
  expect_error(select_fit(path, min(path$lambda) / 2, exact = TRUE), class = "expertmix_error_lambda")
  expect_error(select_fit(path, gate_penalty = 7), class = "expertmix_error_lambda")
})

test_that("folds may be named, grouped, and without the rows of a rare dummy", {
  rare <- transform(d, rare = as.numeric(seq_len(200) == 7))
  short <- moe_path(y ~ ., rare, nlambda = 5, control = settings)
  names <- rep(letters[1:4], 50)
  cv <- cv_moe(short, folds = names)
  expect_equal(cv_moe(short, folds = factor(names))$table, cv$table)
  expect_equal(cv$folds, match(names, letters))
  grouped <- cv_moe(short, folds = 4, groups = rep(1:20, each = 10), seed = 1)
  expect_true(all(tapply(grouped$folds, rep(1:20, each = 10), function(fold) length(unique(fold))) == 1))
  chosen <- select_fit(cv)
  expect_equal(chosen$penalty$experts, cv$lambda_min)
  expect_equal(predict(cv, rare[1:3, ]), predict(chosen, rare[1:3, ]))
  expect_equal(coef(cv, part = "experts"), coef(chosen, part = "experts"))
  expect_error(cv_moe(short, groups = 1:3), class = "expertmix_error_folds")
})

test_that("penalties that no fit can have are refused", {
  refuses <- function(expression) expect_error(expression, class = "expertmix_error_penalty")
  refuses(penalty_lasso(1, gate = c(1, -1)))
  refuses(penalty_lasso(1, gate = c(1, 1)))
  refuses(penalty_lasso(1, adaptive = 3))
  refuses(penalty_lasso(1, adaptive = select_fit(path), power = 0))
  refuses(moe(y ~ ., d, penalty = penalty_lasso(1, gate = 1:2)))
  refuses(moe(y ~ X1 + X2, d, penalty = penalty_lasso(1, adaptive = select_fit(path))))
  refuses(moe(y ~ ., d, experts = 3, penalty = penalty_lasso(1, adaptive = select_fit(path))))
  flat <- select_fit(path, max(path$lambda), refit = FALSE)
  refuses(moe(y ~ ., d, penalty = penalty_lasso(1, adaptive = flat)))
  refuses(moe(factor(y > 0) ~ ., d, penalty = penalty_lasso(0.1, scaled = TRUE)))
})

test_that("a path with an expert too many is no worse than one without, and says what is empty", {
  d <- withr::with_seed(1, data.frame(matrix(rnorm(2000), 200)))
  d$y <- 2 * d$X1 + d$X2 + withr::with_seed(2, rnorm(200)) / 2
  one <- BIC(select_fit(moe_path(y ~ ., d, experts = 1)))
  path <- moe_path(y ~ ., d, experts = 3, nlambda = 20, control = moe_control(seed = 1))
  expect_warning(three <- select_fit(path), class = "expertmix_warning_empty")
  expect_lt(BIC(three), one + 60)
  cv <- cv_moe(path, 5, seed = 1)
  expect_equal(min(cv$table$loss[!path$table$faulty], na.rm = TRUE), cv$table$loss[
    cv$table$lambda == cv$lambda_min & cv$table$gate == cv$gate_min])
  expect_lt(min(cv$table$loss[cv$table$lambda == cv$lambda_min]), 0.9)
})

test_that("adaptive paths are cross-validated, and their slopes' stability is measured", {
  pilot <- select_fit(moe_path(mpg ~ ., mtcars, experts = 1))
  path <- moe_path(mpg ~ ., mtcars, experts = 1, penalty = penalty_lasso(1, adaptive = pilot), nlambda = 10)
  cv <- cv_moe(path, 4, seed = 1)
  expect_true(all(is.finite(cv$table$loss)))
  design <- cbind(`(Intercept)` = 1, as.matrix(mtcars[-1]))
  matrices <- moe_path(design, mtcars$mpg, experts = 1, nlambda = 10, penalty = penalty_lasso(1, adaptive = pilot))
  expect_equal(cv_moe(matrices, 4, seed = 1)$table$loss, cv$table$loss)
  expect_s3_class(moe_stability(path, pairs = 2, seed = 1), "moe_stability")
})

test_that("of slopes that only a common shift tells apart one counts less, with a ridge too", {
  d <- withr::with_seed(3, data.frame(matrix(rnorm(800), 100)))
  d$y <- ifelse(d$X1 > 0, 2 * d$X2, -d$X3) + withr::with_seed(4, rnorm(100)) / 2
  penalties <- list(penalty_lasso(1), penalty_lasso(1, alpha = 0.5), penalty_lasso(1, ridge = 0.01))
  full <- 8 + 1 + 2 * 9 + 2
  for (penalty in penalties) {
    path <- moe_path(y ~ ., d, penalty = penalty, lambda = c(0.1, 0.001), control = moe_control(seed = 1))
    expect_lte(max(path$table$df), full)
    expect_gte(max(path$table$df), full - 4)
    expect_lte(max(path$table$nonzero), 8 + 2 * 8)
  }
})

test_that("a covariate of ones is refused by its name, as other constants are", {
  d <- transform(mtcars, one = 1)
  expect_error(moe_path(mpg ~ ., d, experts = 1), "one", class = "expertmix_error")
})

test_that("coef() and predict() say so where a lambda is beyond the path", {
  path <- moe_path(mpg ~ ., mtcars, experts = 1, nlambda = 5)
  expect_warning(coef(path, lambda = 1e9), class = "expertmix_warning_lambda")
  expect_warning(predict(path, mtcars, lambda = 1e9), class = "expertmix_warning_lambda")
})

test_that("a plain elastic net does not depend on the response's unit, in paths and fits alike", {
  penalty <- function(lambda) penalty_lasso(lambda, gate = 0.02, scaled = FALSE, alpha = 0.5)
  fit <- function(unit, experts) {
    moe(unit * mpg ~ ., mtcars, experts = 1, penalty = penalty(experts))
  }
  one <- coef(fit(1, 0.2), part = "experts")
  expect_equal(coef(fit(10, 0.02), part = "experts"), 10 * one, tolerance = 1e-6)
  path <- moe_path(mpg ~ ., mtcars, experts = 1, penalty = penalty_lasso(1, scaled = FALSE, alpha = 0.5))
  at <- path$lambda[10]
  unit <- path$path$response_scale
  expect_equal(coef(path, lambda = at, part = "experts"), coef(fit(1, at / unit), part = "experts"), tolerance = 1e-5)
})

test_that("a fit at one lambda is as good as the path's there, with few rows and narrow experts too", {
  d <- withr::with_seed(4, {
    x <- matrix(rnorm(400), 80)
    second <- apply(cbind(1, exp(2 * x[, 2])), 1, function(odds) sample(2, 1, prob = odds))
    slopes <- cbind(c(2, 1.5, 1, 1, 0), c(1.5, 1, 1, 0, 2))
    data.frame(y = rowSums(x * t(slopes[, second])) + rnorm(80) / 2, x)
  })
  control <- moe_control(seed = 1)
  grid <- c(0.5, 0.2, 0.1, 0.05, 0.02, 0.015, 0.01, 0.008)
  path <- moe_path(y ~ ., d, penalty = penalty_lasso(1), lambda = grid, control = control)
  for (i in 5:8) {
    fit <- suppressWarnings(moe(y ~ ., d, penalty = penalty_lasso(grid[i]), control = control))
    expect_gt(fit$record$objective_value, path$table$objective[i] - 1e-4)
    expect_gt(min(fit$mass), 10)
  }
})
