# Where a path begins and ends, and that it finds what there is to find.
settings <- moe_control(starts = 5, seed = 1)

test_that("a gate alone may have slopes: the path begins where they are zero", {
  d <- withr::with_seed(2, {
    d <- data.frame(matrix(rnorm(800), 200))
    first <- runif(200) < plogis(2 * d$X1)
    d$y <- ifelse(first, 0, 1.2) + rnorm(200)
    d$class <- factor(ifelse(runif(200) < ifelse(first, 0.9, 0.1), "a", "b"))
    d
  })
  for (formula in list(y ~ 1 | X1 + X2 + X3, class ~ 1 | X1 + X2 + X3)) {
    path <- moe_path(formula, d, nlambda = 10, control = settings)
    expect_length(path$lambda, 10)
    expect_equal(path$table$nonzero[1], 0)
    expect_gt(path$table$nonzero[2], 0)
    expect_gt(logLik(path)[10], logLik(path)[1] + 1)
    expect_lt(max(path$table$violation), 1e-6)
  }
})

two_experts <- function(seed, n, p) {
  withr::with_seed(seed, {
    d <- data.frame(matrix(rnorm(n * p), n))
    first <- runif(n) < plogis(2 * d$X1)
    d$y <- ifelse(first, 2 * d$X2, 3 - d$X3) + rnorm(n) / 2
    d
  })
}

test_that("more experts do not end below fewer: one that would collapse is done without", {
  for (case in list(c(seed = 4, gate = 1 / 3), c(seed = 1, gate = 1), c(seed = 7, gate = 1 / 4))) {
    d <- two_experts(case[["seed"]], 100, 6)
    paths <- lapply(2:4, function(experts) {
      moe_path(y ~ ., d, experts = experts, lambda = c(0.2, 0.1, 0.05, 0.02),
        penalty = penalty_lasso(1, gate = case[["gate"]]), control = moe_control(seed = 1))
    })
    for (more in paths[-1]) {
      expect_true(all(more$table$objective > paths[[1]]$table$objective - 1e-3))
      expect_false(any(more$table$guarded))
      expect_lt(max(more$table$violation), 1e-6)
    }
  }
})

test_that("a path with experts too many goes on where one collapses, and ascents arrive beside empty ones", {
  d <- withr::with_seed(1, {
    x <- matrix(rnorm(4000), 200)
    first <- runif(200) < plogis(2 * x[, 1])
    slopes <- c(2, 1.5, 1, 1)
    data.frame(y = ifelse(first, x[, 3:6] %*% slopes, x[, 7:10] %*% slopes) + rnorm(200) / 2, x)
  })
  path <- moe_path(y ~ ., d, experts = 4, nlambda = 30, penalty = penalty_lasso(1, gate = 1 / 2),
    control = moe_control(seed = 1))
  expect_equal(path$path$status, "complete")
  expect_lt(path$path$passes, 15000)
  fewer <- moe_path(y ~ ., d, experts = 2, lambda = 0.05, penalty = penalty_lasso(1, gate = 1 / 2),
    control = moe_control(seed = 1))
  more <- suppressWarnings(select_fit(path, 0.05, exact = TRUE))
  expect_gt(more$record$objective_value, fewer$table$objective - 1e-3)
})

test_that("an elastic net's many small slopes do not end a path of several experts", {
  for (alpha in c(0.05, 0.02)) {
    path <- moe_path(mpg ~ ., mtcars, nlambda = 15, penalty = penalty_lasso(1, alpha = alpha), control = settings)
    expect_lt(min(path$lambda), 0.1 * max(path$lambda))
    expect_lt(max(path$table$violation), 1e-6)
    expect_false(any(path$table$guarded))
    expect_gt(max(path$table$nonzero), 20)
  }
})

test_that("what is said of an end is true of the experts, and hints lead out of it", {
  d <- withr::with_seed(1, {
    d <- data.frame(matrix(rnorm(800), 40))
    d$count <- rpois(40, exp(1 + d$X1 * (d$X2 > 0)))
    d
  })
  path <- moe_path(count ~ ., d, family = poisson(), nlambda = 10, control = settings)
  expect_equal(path$path$status, "an expert has too few rows for its slopes")
  given <- moe_path(count ~ ., d, family = poisson(), lambda = c(0.5, 0.01, 0.001), control = settings)
  expect_warning(fit <- select_fit(given, 0.001), "three rows", class = "expertmix_warning_few")
  expect_no_match(fit$record$objective, "variance")
  late <- moe_control(seed = 1, time_limit = 1e-9)
  expect_warning(moe(X1 ~ X2, d, penalty = penalty_lasso(0.05), control = late), "time_limit",
    class = "expertmix_warning_convergence")
})

test_that("the largest lambda is a property of the data: slopes are zero there, however many lambdas there are", {
  d <- two_experts(1, 200, 8)
  d$class <- factor(d$y > 1)
  penalties <- list(penalty_lasso(1, gate = 0.5), penalty_lasso(1, gate = 0.5, scaled = FALSE))
  for (penalty in penalties) {
    for (experts in 1:3) {
      paths <- lapply(c(1, 2, 7, 30), function(count) {
        moe_path(y ~ . - class, d, experts, penalty = penalty, nlambda = count, control = settings)
      })
      largest <- vapply(paths, function(path) path$lambda[1], 0)
      expect_equal(largest, rep(largest[1], 4), tolerance = 1e-12)
      for (path in paths) expect_equal(path$table$nonzero[1], 0)
      expect_gt(paths[[4]]$table$nonzero[3], 0)
    }
  }
  gates <- lapply(c(1, 10), function(count) moe_path(class ~ 1 | X1 + X2, d, nlambda = count, control = settings))
  expect_equal(gates[[1]]$lambda[1], gates[[2]]$lambda[1], tolerance = 1e-12)
})

test_that("given lambdas reproduce a path, and some of them the fits there", {
  d <- two_experts(3, 60, 10)
  for (experts in 2:4) {
    path_at <- function(...) {
      moe_path(y ~ ., d, experts, penalty = penalty_lasso(1, gate = 0.5), control = settings, ...)
    }
    path <- path_at(nlambda = 12)
    expect_equal(path_at(lambda = path$lambda)$table, path$table)
    few <- c(3, 6, 9)
    expect_equal(path_at(lambda = path$lambda[few])$table$objective, path$table$objective[few], tolerance = 1e-5)
  }
})

test_that("fits are at the lambdas that are given when time is up, too", {
  path <- moe_path(mpg ~ ., mtcars, lambda = c(0.1, 0.05), penalty = penalty_lasso(1, gate = 1),
    control = moe_control(seed = 1, time_limit = 1e-9))
  expect_equal(path$path$status, "time limit")
  expect_true(all(path$lambda %in% c(0.1, 0.05)))
})

test_that("a path of several experts does not begin below a mixture of fewer constants", {
  d <- two_experts(2, 200, 20)
  objectives <- lapply(2:4, function(experts) {
    moe_path(y ~ ., d, experts, penalty = penalty_lasso(1, gate = 1), lambda = c(2, 1, 0.8), control = settings)$table
  })
  for (more in objectives[-1]) expect_true(all(more$objective > objectives[[1]]$objective - 1e-6))
})

test_that("how many lambdas there are is not said beside lambdas", {
  expect_error(moe_path(mpg ~ wt, mtcars, lambda = 0.1, nlambda = 5), "nlambda", class = "expertmix_error_penalty")
  expect_error(moe_path(mpg ~ wt, mtcars, lambda = 0.1, ratio = 0.5), "ratio", class = "expertmix_error_penalty")
})
