lines_fit <- moe(y ~ x, overlapping_lines(400), control = moe_control(seed = 1))

counts_data <- local({
  set.seed(2)
  x <- runif(300)
  data.frame(x = x, n = rpois(300, ifelse(runif(300) < 0.5, exp(x), exp(2.5 - x))))
})
counts_fit <- moe(n ~ x, counts_data, family = poisson(), control = moe_control(seed = 1))

# F(y) by the formula, from what the other types give.
by_formula <- function(fit, data, y) {
  gate <- predict(fit, data, type = "gate")
  means <- predict(fit, data, type = "experts")
  each <- if (is.null(sigma(fit))) ppois(y, means) else pnorm(y, means, rep(sigma(fit), each = nrow(data)))
  rowSums(gate * each)
}

test_that("distribution functions and quantiles are those of the mixture", {
  data <- overlapping_lines(50, 3)
  expect_equal(unname(predict(lines_fit, data, type = "cdf")), unname(by_formula(lines_fit, data, data$y)),
    tolerance = 1e-12)
  probs <- c(0.01, 0.5, 0.9)
  q <- predict(lines_fit, data, type = "quantile", probs = probs)
  expect_identical(colnames(q), c("1%", "50%", "90%"))
  expect_identical(rownames(q), rownames(data))
  for (j in 1:3) expect_equal(unname(by_formula(lines_fit, data, q[, j])), rep(probs[j], 50), tolerance = 1e-12)
  q <- predict(counts_fit, type = "quantile", probs = 0.3)[, 1]
  expect_true(all(by_formula(counts_fit, counts_data, q) >= 0.3))
  expect_true(all(by_formula(counts_fit, counts_data, q - 1) < 0.3))
})

test_that("one Gaussian expert has the quantiles of a normal variable", {
  fit <- moe(dist ~ speed, cars, experts = 1)
  q <- predict(fit, data.frame(speed = c(4, 20)), type = "quantile", probs = c(0.1, 0.975))
  mean <- predict(fit, data.frame(speed = c(4, 20)))
  expect_equal(unname(q), outer(unname(mean), unname(sigma(fit)) * qnorm(c(0.1, 0.975)), "+"), tolerance = 1e-12)
})

test_that("quantiles follow shifts and units of the response", {
  data <- overlapping_lines(60, 5)
  fit <- moe(y ~ x, transform(data, y = 1e6 + 1e-3 * y), control = moe_control(seed = 1))
  plain <- moe(y ~ x, data, control = moe_control(seed = 1))
  expect_equal(predict(fit, type = "quantile"), 1e6 + 1e-3 * predict(plain, type = "quantile"), tolerance = 1e-12)
})

test_that("prediction intervals hold new responses of the truth as often as they say", {
  fit <- moe(y ~ x, overlapping_lines(20000, 6), control = moe_control(seed = 1))
  fresh <- overlapping_lines(1e5, 7)
  for (level in c(0.5, 0.95)) {
    interval <- predict(fit, fresh, interval = "prediction", level = level)
    expect_identical(colnames(interval), c("fit", "lwr", "upr"))
    expect_equal(mean(fresh$y >= interval[, "lwr"] & fresh$y <= interval[, "upr"]), level, tolerance = 0.01)
  }
  expect_equal(interval[, "fit"], predict(fit, fresh))
})

test_that("rows with missing values, offsets, matrices and paths have quantiles too", {
  new <- data.frame(x = c(0, NA, 1))
  interval <- predict(lines_fit, new, interval = "prediction")
  expect_identical(dim(interval), c(3L, 3L))
  expect_true(all(is.na(interval[2, ])))
  data <- overlapping_lines(80, 8)
  data$o <- seq(0, 5, length.out = 80)
  moved <- moe(y + o ~ x + offset(o), data, control = moe_control(seed = 1))
  still <- moe(y ~ x, data, control = moe_control(seed = 1))
  expect_equal(predict(moved, type = "quantile"), predict(still, type = "quantile") + data$o, tolerance = 1e-6)
  matrices <- moe_fit(cbind(1, x = data$x), data$y, experts = 2, control = moe_control(seed = 1))
  expect_equal(unname(predict(matrices, type = "quantile")), unname(predict(still, type = "quantile")))
  path <- moe_path(mpg ~ ., mtcars, experts = 1, nlambda = 5)
  expect_identical(dim(predict(path, mtcars, interval = "prediction")), c(32L, 3L))
  expect_identical(dim(predict(lines_fit, data[0, ], interval = "prediction")), c(0L, 3L))
})

test_that("probabilities, levels and kinds of prediction that make no sense are refused", {
  for (probs in list(0, 1, NA_real_, -1, "a", double())) {
    expect_error(predict(lines_fit, type = "quantile", probs = probs), class = "expertmix_error_probs")
  }
  for (level in list(0, 1, NA_real_, c(0.5, 0.9), "a")) {
    expect_error(predict(lines_fit, interval = "prediction", level = level), class = "expertmix_error_level")
  }
  expect_error(predict(lines_fit, probs = 0.5), class = "expertmix_error_probs")
  expect_error(predict(lines_fit, level = 0.5), class = "expertmix_error_level")
  expect_error(predict(lines_fit, type = "gate", interval = "prediction"), class = "expertmix_error_interval")
  classes <- moe(Species ~ Sepal.Length, iris, experts = 1)
  expect_error(predict(classes, interval = "prediction"), class = "expertmix_error_interval")
  expect_error(predict(classes, type = "quantile"), class = "expertmix_error_type")
  expect_error(predict(lines_fit, data.frame(x = 1), type = "cdf"), class = "expertmix_error_newdata")
})

test_that("residuals of one Gaussian expert are those of lm()", {
  fit <- moe(dist ~ speed, cars, experts = 1)
  plain <- unname(residuals(lm(dist ~ speed, cars)))
  scaled <- plain / unname(sigma(fit))
  expect_equal(unname(residuals(fit)), plain, tolerance = 1e-8)
  for (type in c("pearson", "deviance", "quantile")) {
    expect_equal(unname(residuals(fit, type = type)), scaled, tolerance = 1e-8)
  }
})

test_that("residuals of one Poisson expert are those of glm()", {
  fit <- moe(n ~ x, counts_data, family = poisson(), experts = 1)
  reference <- glm(n ~ x, poisson, counts_data)
  for (type in c("response", "pearson", "deviance")) {
    expect_equal(unname(residuals(fit, type)), unname(residuals(reference, type)), tolerance = 1e-6)
  }
})

test_that("residuals of one multinomial expert are those of glm()", {
  data <- data.frame(y = factor(iris$Species[1:100] == "setosa"), x = iris$Sepal.Length[1:100])
  fit <- moe(y ~ x, data, experts = 1)
  reference <- glm(y ~ x, binomial, data)
  expect_equal(unname(residuals(fit, "pearson")[, 2]), unname(residuals(reference, "pearson")), tolerance = 1e-5)
  expect_equal(unname(residuals(fit, "deviance")), abs(unname(residuals(reference, "deviance"))), tolerance = 1e-6)
})

test_that("Pearson residuals have the moments of the mixture", {
  data <- overlapping_lines(30, 9)
  gate <- predict(lines_fit, data, type = "gate")
  draws <- vapply(1:4000, function(i) {
    own <- ifelse(runif(30) < gate[, 1], 1, 2)
    predict(lines_fit, data, type = "experts")[cbind(1:30, own)] + sigma(lines_fit)[own] * rnorm(30)
  }, double(30))
  sd_of_mixture <- sqrt(expertmix:::mixture_variance(lines_fit, list(x = cbind(1, data$x))))
  expect_equal(unname(sd_of_mixture), unname(apply(draws, 1, sd)), tolerance = 0.1)
})

test_that("quantile residuals of the truth are standard normal, of counts and classes too", {
  p_values <- function(fit, simulate_again) {
    vapply(1:60, function(seed) {
      again <- simulate_again(fit, seed)
      set.seed(seed)
      stats::ks.test(residuals(again, "quantile"), "pnorm")$p.value
    }, 0)
  }
  held <- function(fit, seed) {
    design <- expertmix:::fitted_design(fit)
    drawn <- simulate(fit, nsim = 1, seed = seed)[[1]]
    fit$data$y <- if (is.factor(drawn)) as.integer(drawn) - 1 else drawn
    fit
  }
  data <- overlapping_lines(400)
  matrices <- moe_fit(cbind(1, x = data$x), data$y, experts = 2, control = moe_control(seed = 1))
  counts <- moe_fit(cbind(1, x = counts_data$x), counts_data$n, experts = 2, family = poisson(),
    control = moe_control(seed = 1))
  classes <- moe_fit(cbind(1, x = iris$Sepal.Length), iris$Species, experts = 1)
  for (fit in list(matrices, counts, classes)) {
    expect_gt(stats::ks.test(p_values(fit, held), "punif")$p.value, 1e-3)
  }
})

test_that("quantile residuals far out are finite and follow the seed", {
  data <- overlapping_lines(200)
  fit <- moe_fit(cbind(1, x = data$x), data$y, experts = 2, control = moe_control(seed = 1))
  fit$data$y[1:3] <- c(-1e3, 1e3, 20)
  far <- residuals(fit, "quantile")[1:3]
  expect_equal(far[1:2], c(-1, 1) * 37.5, tolerance = 0.01)
  expect_true(far[3] > 8.3 && far[3] < 37)
  set.seed(1)
  first <- residuals(counts_fit, "quantile")
  set.seed(1)
  expect_identical(residuals(counts_fit, "quantile"), first)
  expect_false(identical(residuals(counts_fit, "quantile"), first))
})

test_that("residuals keep the rows of na.exclude(), and rows of counts have no quantile residuals", {
  data <- overlapping_lines(50)
  data$x[7] <- NA
  fit <- moe(y ~ x, data, na.action = na.exclude, control = moe_control(starts = 2, seed = 1))
  for (type in c("response", "pearson", "deviance", "quantile")) {
    expect_identical(which(is.na(residuals(fit, type))), c(`7` = 7L))
  }
  table <- cbind(a = rpois(40, 3), b = rpois(40, 2), c = rpois(40, 2))
  counts <- moe(table ~ z, data.frame(z = rnorm(40)), family = multinomial(), experts = 1)
  expect_error(residuals(counts, "quantile"), class = "expertmix_error_type")
  expect_identical(dim(residuals(counts, "pearson")), c(40L, 3L))
  expect_error(residuals(fit, "working"), class = "expertmix_error_type")
})

test_that("scores are proper scores of the mixture", {
  data <- overlapping_lines(20, 12)
  values <- scores(lines_fit, data)
  expect_equal(values$log_score, log(unname(predict(lines_fit, data, type = "density"))), tolerance = 1e-10)
  expect_equal(values$pit, unname(predict(lines_fit, data, type = "cdf")))
  crps <- vapply(seq_len(20), function(i) {
    distribution <- function(t) vapply(t, function(at) by_formula(lines_fit, data[i, ], at), 0)
    stats::integrate(function(t) distribution(t)^2, -12, data$y[i], rel.tol = 1e-8)$value +
      stats::integrate(function(t) (1 - distribution(t))^2, data$y[i], 12, rel.tol = 1e-8)$value
  }, 0)
  expect_equal(values$crps, crps, tolerance = 1e-5)
})

test_that("scores of counts and classes follow their definitions", {
  values <- scores(counts_fit, counts_data[1:5, ])
  expect_equal(values$crps, vapply(1:5, function(i) {
    sum(vapply(0:200, function(t) (by_formula(counts_fit, counts_data[i, ], t) - (t >= counts_data$n[i]))^2, 0))
  }, 0), tolerance = 1e-10)
  classes <- moe(Species ~ Sepal.Length, iris, experts = 1)
  values <- scores(classes, iris)
  p <- predict(classes, iris)
  indicator <- outer(as.integer(iris$Species), 1:3, "==")
  expect_equal(values$brier, unname(rowSums((p - indicator)^2)))
  expect_equal(mean(values$brier), summary(classes)$classification$brier)
  expect_error(scores(lines_fit, data.frame(x = 1)), class = "expertmix_error_newdata")
  expect_error(scores(lm(dist ~ speed, cars)), class = "expertmix_error_object")
})

test_that("a distribution function that rounding has above 1 gives no NaN", {
  fit <- quietly(moe(y ~ x, simulated(300), experts = 3, control = moe_control(starts = 5, seed = 1)))
  fit$model$y <- fit$model$y + 1000
  expect_gt(max(predict(fit, type = "cdf")), 1)
  expect_silent(far <- residuals(fit, type = "quantile"))
  expect_equal(unname(far), rep(-qnorm(.Machine$double.xmin), 300))
})
