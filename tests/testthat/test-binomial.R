trial_rows <- function(n = 400, seed = 1, most = 8) {
  withr::with_seed(seed, {
    x <- runif(n, -1, 1)
    first <- runif(n) < plogis(0.3 + 2 * x)
    m <- rep_len(seq_len(most), n)
    s <- rbinom(n, m, plogis(ifelse(first, 1 + 2 * x, -1 - x)))
    d <- data.frame(x, m, s, f = m - s, w = rep_len(1:2, n), o = rep_len(c(0, 0.4, -0.2), n))
    d$y <- rbinom(n, 1, plogis(0.5 + x))
    d
  })
}

test_that("one binomial expert is glm's, of trials or one trial, with offset and weights", {
  d <- trial_rows()
  ours <- moe(cbind(s, f) ~ x + offset(o), d, experts = 1, family = binomial(), weights = w)
  theirs <- glm(cbind(s, f) ~ x + offset(o), binomial, d, weights = w)
  expect_equal(unname(coef(ours)), unname(coef(theirs)), tolerance = 1e-6)
  expect_equal(unname(vcov(ours)), unname(vcov(theirs)), tolerance = 1e-5)
  expect_equal(as.numeric(logLik(ours)), as.numeric(logLik(theirs)), tolerance = 1e-10)
  new <- data.frame(x = c(-0.5, 0.5), o = c(0, 1))
  expect_equal(unname(predict(ours, new)), unname(predict(theirs, new, type = "response")), tolerance = 1e-6)
  expect_equal(hatvalues(ours), hatvalues(theirs), tolerance = 1e-5)
  one <- moe(y ~ x, d, experts = 1, family = "binomial")
  glm_one <- glm(y ~ x, binomial, d)
  expect_equal(as.numeric(logLik(one)), as.numeric(logLik(glm_one)), tolerance = 1e-10)
  for (type in c("response", "pearson", "deviance")) {
    expect_equal(residuals(one, type = type), residuals(glm_one, type = type), tolerance = 1e-6)
  }
  whole <- moe(cbind(s, f) ~ x, d, experts = 1, family = binomial())
  glm_whole <- glm(cbind(s, f) ~ x, binomial, d)
  for (type in c("response", "pearson", "deviance")) {
    expect_equal(residuals(whole, type = type), residuals(glm_whole, type = type), tolerance = 1e-6)
  }
})

test_that("what is a success is glm's choice, and a factor alone means multinomial experts", {
  d <- trial_rows()
  d$word <- factor(ifelse(d$y == 1, "no", "yes"), c("yes", "no"))
  numbers <- moe(y ~ x, d, experts = 1, family = binomial())
  expect_identical(coef(moe(y == 1 ~ x, d, experts = 1, family = binomial())), coef(numbers))
  words <- moe(word ~ x, d, experts = 1, family = binomial())
  expect_identical(coef(words), coef(numbers))
  expect_identical(levels(simulate(words, 1, seed = 1)[[1]]), c("yes", "no"))
  expect_type(simulate(moe(y == 1 ~ x, d, experts = 1, family = binomial()), 1, seed = 1)[[1]], "logical")
  expect_identical(family(moe(word ~ x, d, experts = 1))$family, "multinomial")
  new <- data.frame(x = 0, word = "no")
  expect_equal(predict(words, new, type = "density"), predict(words, new), tolerance = 1e-12)
})

test_that("multinomial experts with two classes are the same fit", {
  d <- trial_rows()
  start <- cbind(0.7 - 0.4 * (d$x > 0), 0.3 + 0.4 * (d$x > 0))
  ours <- moe(cbind(s, f) ~ x, d, family = binomial(), start = start)
  theirs <- moe(cbind(f, s) ~ x, d, family = multinomial(), start = start)
  expect_equal(as.numeric(logLik(ours)), as.numeric(logLik(theirs)), tolerance = 1e-10)
  expect_equal(unname(coef(ours)), unname(coef(theirs)), tolerance = 1e-4)
  expect_equal(unname(vcov(ours)), unname(vcov(theirs)), tolerance = 1e-3)
})

test_that("a mixture of binomial experts is flexmix's, or better", {
  skip_if_not_installed("flexmix")
  d <- trial_rows()
  cluster <- (d$s / d$m > 0.5) + 1
  start <- cbind(cluster == 1, cluster == 2) + 0
  theirs <- withr::with_seed(1, flexmix::flexmix(cbind(s, f) ~ x, data = d, k = 2, cluster = cluster,
    model = flexmix::FLXMRglm(family = "binomial"), concomitant = flexmix::FLXPmultinom(~x),
    control = list(tolerance = 1e-12, iter.max = 2000)))
  ours <- moe(cbind(s, f) ~ x, d, family = binomial(), start = start)
  expect_gte(as.numeric(logLik(ours)), as.numeric(flexmix::logLik(theirs)) - 1e-4)
  expect_equal(as.numeric(logLik(ours)), as.numeric(flexmix::logLik(theirs)), tolerance = 1e-5)
})

test_that("the search finds the truth or better, and rows that are repeated are rows that weigh", {
  d <- trial_rows(600)
  fit <- moe(cbind(s, f) ~ x, d, family = binomial(), control = moe_control(seed = 1))
  truth <- mixing_measure(cbind(c(0, 0), c(-0.3, -2)), cbind(c(1, 2), c(-1, -1)), family = binomial())
  first <- plogis(0.3 + 2 * d$x)
  true <- sum(log(first * dbinom(d$s, d$m, plogis(1 + 2 * d$x)) + (1 - first) * dbinom(d$s, d$m, plogis(-1 - d$x))))
  expect_gte(as.numeric(logLik(fit)), true)
  expect_lt(hellinger(truth, mixing_measure(fit), seq(-1, 1, 0.2)), 0.1)
  expect_equal(sum(log(predict(fit, type = "density"))), as.numeric(logLik(fit)), tolerance = 1e-12)
  start <- predict(fit, type = "posterior")
  weighted <- moe(cbind(s, f) ~ x, d, family = binomial(), weights = w, start = start)
  repeated <- moe(cbind(s, f) ~ x, d[rep(1:600, d$w), ], family = binomial(), start = start[rep(1:600, d$w), ])
  expect_equal(coef(weighted), coef(repeated), tolerance = 1e-5)
  expect_equal(as.numeric(logLik(weighted)), as.numeric(logLik(repeated)), tolerance = 1e-10)
})

test_that("every type of prediction and residual is what it says, by hand", {
  d <- trial_rows()
  fit <- moe(cbind(s, f) ~ x, d, family = binomial(), control = moe_control(seed = 1))
  gate <- predict(fit, type = "gate")
  p <- predict(fit, type = "experts")
  mixed <- function(of) rowSums(gate * vapply(1:2, function(k) of(p[, k]), d$x))
  expect_equal(unname(predict(fit)), mixed(identity), tolerance = 1e-12, ignore_attr = TRUE)
  expect_equal(unname(predict(fit, type = "cdf")), mixed(function(p) pbinom(d$s, d$m, p)), tolerance = 1e-10,
    ignore_attr = TRUE)
  expect_equal(unname(predict(fit, type = "density")), mixed(function(p) dbinom(d$s, d$m, p)), tolerance = 1e-10,
    ignore_attr = TRUE)
  share <- predict(fit, type = "quantile", probs = 0.3)[, 1]
  reached <- function(y) mixed(function(p) pbinom(y, d$m, p))
  expect_true(all(reached(round(share * d$m)) >= 0.3 & reached(round(share * d$m) - 1) < 0.3))
  expect_equal(residuals(fit), d$s / d$m - predict(fit), ignore_attr = TRUE)
  variance <- mixed(function(p) p * (1 - p) / d$m + p^2) - predict(fit)^2
  expect_equal(residuals(fit, type = "pearson"), residuals(fit) / sqrt(variance), tolerance = 1e-10)
  expect_true(all(is.finite(residuals(fit, type = "quantile")), is.finite(residuals(fit, type = "deviance"))))
  crps <- scores(fit)$crps
  by_hand <- sum((vapply(0:d$m[7], function(t) sum(gate[7, ] * pbinom(t, d$m[7], p[7, ])), 0) - (0:d$m[7] >= d$s[7]))^2)
  expect_equal(crps[7], by_hand, tolerance = 1e-12)
  expect_error(predict(fit, type = "class"), class = "expertmix_error_type")
  interval <- predict(fit, interval = "prediction")
  expect_true(all(interval[, 2] <= interval[, 3], interval[, 3] <= 1))
  new <- data.frame(x = c(-0.5, 0.5), s = c(0, 4), f = c(4, 0))
  expect_equal(predict(fit, new, type = "quantile"), predict(fit, rbind(new, new)[3:4, ], type = "quantile"),
    ignore_attr = TRUE)
  expect_error(predict(fit, new["x"], type = "quantile"), class = "expertmix_error_newdata")
  expect_length(predict(fit, new["x"]), 2)
  sets <- highest_density(fit, new)
  expect_true(all(sets$upper <= 1 & sets$lower >= 0 & 4 * sets$upper == round(4 * sets$upper)))
})

test_that("every verb takes binomial experts", {
  skip_on_cran()
  d <- trial_rows()
  fit <- moe(cbind(s, f) ~ x, d, family = binomial(), control = moe_control(seed = 1))
  expect_output(print(fit), "binomial")
  expect_output(print(summary(fit)))
  expect_null(sigma(fit))
  expect_true(all(confint(fit, "expert1:x", method = "profile") > 0) || all(is.finite(confint(fit))))
  drawn <- simulate(fit, 2, seed = 1)[[2]]
  expect_identical(unname(rowSums(drawn)), as.double(d$m))
  expect_identical(colnames(drawn), c("s", "f"))
  for (which in c("fit", "effects", "observed", "density", "qq", "residuals", "coefficients", "calibration")) {
    expect_s3_class(ggplot2::autoplot(fit, which), "ggplot")
  }
  shares <- ggplot2::autoplot(fit, "calibration")$data
  expect_equal(sum(shares$observed * shares$rows), sum(d$s), tolerance = 1e-12)
  expect_equal(tibble::as_tibble(augment(fit))$.resid, unname(residuals(fit)))
  measure <- mixing_measure(fit)
  expect_lt(hellinger(measure, measure, c(-0.5, 0.5)), 1e-7)
  again <- rmoe(2000, measure, withr::with_seed(1, runif(2000, -1, 1)))
  expect_true(all(again$y %in% 0:1))
  expect_equal(exp(log_density(measure, c(0, 1), c(0.3, 0.3))), c(-1, 1) * predict(fit, data.frame(x = 0.3)) + 1:0,
    tolerance = 1e-10, ignore_attr = TRUE)
  expect_error(voronoi_loss(measure, measure), class = "expertmix_error_measure")
  expect_s3_class(diagnose(fit), "moe_diagnosis")
  expect_equal(as.numeric(logLik(update(fit, . ~ . + I(x^2) | x))) >= as.numeric(logLik(fit)) - 1e-6, TRUE)
})

test_that("a path of binomial experts starts without slopes and ends near the fit; one expert is glmnet's", {
  skip_if_not_installed("glmnet")
  d <- trial_rows()
  x <- withr::with_seed(2, cbind(d$x, matrix(rnorm(400 * 5), 400)))
  ours <- moe_fit(cbind(1, x), d$y, experts = 1, family = binomial(), penalty = penalty_lasso(0.05))
  theirs <- glmnet::glmnet(x, d$y, family = "binomial", lambda = c(0.1, 0.05), thresh = 1e-14, maxit = 1e6)
  expect_equal(unname(drop(coef(ours, part = "experts"))), unname(as.matrix(coef(theirs))[, 2]), tolerance = 1e-4)
  path <- moe_path(cbind(s, f) ~ x, d, family = binomial(), nlambda = 5, control = moe_control(seed = 1))
  expect_true(all(diff(vapply(path$fits, function(fit) fit$log_likelihood, 0)) > -1e-6))
})

test_that("responses that have no events are refused by row and name", {
  d <- trial_rows()
  refused <- function(formula, words, data = d) {
    expect_error(moe(formula, data, family = binomial()), words, class = "expertmix_error_response")
  }
  refused(s / m ~ x, "neither 0 nor 1")
  refused(s ~ x, "neither 0 nor 1")
  refused(cbind(s, f, m) ~ x, "no events")
  refused(factor(rep_len(1:3, 400)) ~ x, "3 classes")
  refused(cbind(s, f) ~ x, "Row 4 ", transform(d, f = replace(f, 4, -1)))
  refused(cbind(s, f) ~ x, "Row 4 ", transform(d, s = replace(s, 4, 0.5)))
  refused(cbind(0 * s, 0 * f) ~ x, "trial")
  expect_error(moe(y ~ x, d, family = binomial("probit")), "logit", class = "expertmix_error_family")
  fit <- moe(cbind(s, f) ~ x, d, experts = 1, family = binomial())
  expect_error(predict(fit, data.frame(x = 0, s = 0.5, f = 1), type = "cdf"), class = "expertmix_error_newdata")
  empty <- rbind(d, transform(d[1, ], s = 0, f = 0, m = 0))
  with_empty <- moe(cbind(s, f) ~ x, empty, experts = 1, family = binomial())
  expect_equal(as.numeric(logLik(with_empty)), as.numeric(logLik(fit)), tolerance = 1e-12)
  expect_true(is.na(predict(with_empty, type = "quantile", probs = 0.5)[401, ]))
})

test_that("an expert of successes alone is bounded and named", {
  d <- transform(trial_rows(), s = ifelse(x < 0, m, m %/% 2))
  d$f <- d$m - d$s
  suppressWarnings(expect_warning(
    fit <- moe(cbind(s, f) ~ x, d, family = binomial(), control = moe_control(seed = 1)), "all successes",
    class = "expertmix_warning_classes"
  ), classes = "expertmix_warning_separation")
  expect_true(all(is.finite(coef(fit))))
})

test_that("a picture of coefficients that are all zero is refused", {
  d <- trial_rows(100)
  flat <- moe(y ~ x - 1, d, experts = 1, family = binomial(), penalty = penalty_lasso(10))
  expect_error(ggplot2::autoplot(flat, "coefficients"), "zero", class = "expertmix_error_which")
})

test_that("a picture of trials, which have no band, gives no warning", {
  set.seed(1)
  d <- data.frame(x = runif(60, -1, 1), successes = rbinom(60, 5, 0.5))
  fit <- quietly(moe(cbind(successes, 5 - successes) ~ x, d, family = binomial(), control = moe_control(seed = 1)))
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  expect_silent(print(ggplot2::autoplot(fit)))
})
