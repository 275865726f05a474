# Covariances of the estimates against formulas written out on numerical derivatives of an independent log-likelihood.

settings <- moe_control(starts = 5, seed = 1, tolerance = 1e-12)

# Two experts on x behind a gate on v: lines, or classes.
gated_data <- function(gate = gate_softmax(), n = 600, seed = 12) {
  set.seed(seed)
  d <- data.frame(x = runif(n, -2, 2), v = rnorm(n), o = rnorm(n), w = sample(1:3, n, TRUE), id = rep_len(1:40, n))
  gate$origin <- gate$origin %||% 0
  coefficients <- cbind(c(0, -0.8), c(0.3, 2.2))
  pi <- slow_gate(gate, coefficients, cbind(1, transformed(gate, d$v)), log(gate$temperature %||% 0.5))
  first <- runif(n) < pi[, 1]
  d$y <- ifelse(first, 1 + 2 * d$x, -1 - d$x) + d$o + rnorm(n, 0, 0.5)
  latent <- cbind(0, ifelse(first, 5, -5) * d$x, ifelse(first, 1 - 4 * d$x, -1 + 2 * d$x)) - log(-log(runif(3 * n)))
  d$class <- factor(max.col(latent), labels = c("a", "b", "c"))
  d
}

transformed <- function(gate, v) if (is.null(gate$transform)) v else gate$transform(v)

d <- gated_data(n = 300)

# The log-density of the rows of a fit of y or class ~ x | v.
slow_rows <- function(fit, d, response = d$y, offset = 0) {
  z <- cbind(1, transformed(fit$gate, d$v))
  function(theta) slow_log_density(theta, fit, cbind(1, d$x), z, response, offset)
}

# Largest difference of two covariances, in units of the standard errors.
error_distance <- function(a, b) max(abs(a - b) / sqrt(outer(diag(b), diag(b))))

# All covariances of a fit against those of numerical scores and a numerical information.
expect_covariances <- function(fit, log_density, weights, id) {
  theta <- coef(fit)
  score_at <- function(at) weights * numerical_jacobian(log_density, at)
  scores <- score_at(theta)
  information <- -numerical_jacobian(function(at) colSums(score_at(at)), theta)
  exact <- sandwich_estfun(fit)
  expect_lt(max(abs(exact - scores)) / max(abs(scores)), 1e-7)
  expect_lt(max(abs(colSums(exact)) / sqrt(colSums(exact^2))), 1e-4)
  bread <- solve(information)
  by_cluster <- rowsum(scores, id)
  groups <- nrow(by_cluster)
  expect_lt(error_distance(vcov(fit), bread), 1e-5)
  expect_lt(error_distance(vcov(fit, type = "opg"), solve(crossprod(scores))), 1e-5)
  expect_lt(error_distance(vcov(fit, type = "sandwich"), bread %*% crossprod(scores) %*% bread), 1e-5)
  clustered <- groups / (groups - 1) * bread %*% crossprod(by_cluster) %*% bread
  expect_lt(error_distance(vcov(fit, cluster = id), clustered), 1e-5)
}

sandwich_estfun <- function(fit) asNamespace("expertmix")$estfun.moe(fit)

smooth_gates <- list(
  softmax = gate_softmax(), `temperature 2` = gate_temperature(2), tanh = gate_modified("tanh"),
  transform = gate_modified(function(z) z^3), `activation tanh` = gate_softmax(activation = "tanh"),
  `activation sigmoid` = gate_softmax(activation = "sigmoid"), gelu = gate_softmax(activation = "gelu", origin = 0.3),
  softplus = gate_softmax(activation = "softplus", temperature = 0.5), relu = gate_softmax(activation = "relu"),
  `estimated temperature` = gate_temperature(activation = "tanh"), sigmoid = gate_sigmoid()
)

for (name in names(smooth_gates)) {
  test_that(paste("covariances of Gaussian experts are those of numerical derivatives,", name), {
    d <- gated_data(smooth_gates[[name]])
    fit <- quietly(moe(y ~ x | v, d, gate = smooth_gates[[name]], weights = w, offset = o, control = settings))
    expect_covariances(fit, slow_rows(fit, d, d$y, d$o), d$w, d$id)
  })

  test_that(paste("covariances of multinomial experts are those of numerical derivatives,", name), {
    d <- gated_data(smooth_gates[[name]], n = 2000)
    fit <- quietly(moe(class ~ x | v, d, gate = smooth_gates[[name]], weights = w, control = settings))
    expect_covariances(fit, slow_rows(fit, d, d$class), d$w, d$id)
  })
}

test_that("covariances with a common sigma and with collinear columns", {
  fit <- quietly(moe(y ~ x | v, d, sigma = "common", weights = w, offset = o, control = settings))
  expect_covariances(fit, slow_rows(fit, d, response = d$y, offset = d$o), d$w, d$id)
  doubled <- quietly(moe(y ~ x + I(2 * x) | v + I(v + 1), d, sigma = "common", weights = w, offset = o,
    control = settings))
  expect_equal(vcov(doubled, cluster = d$id), vcov(fit, cluster = d$id), tolerance = 1e-4)
})

test_that("one expert has the sandwich of a linear model", {
  skip_if_not_installed("sandwich")
  fit <- moe(y ~ x, d, experts = 1, weights = w, control = settings)
  reference <- sandwich::sandwich(lm(y ~ x, d, weights = w))
  expect_equal(vcov(fit, type = "sandwich")[1:2, 1:2], reference, tolerance = 1e-6, ignore_attr = TRUE)
})

test_that("packages sandwich and lmtest work", {
  skip_if_not_installed("sandwich")
  skip_if_not_installed("lmtest")
  fit <- moe(y ~ x | v, d, weights = w, offset = o, control = settings)
  expect_equal(sandwich::sandwich(fit), vcov(fit, type = "sandwich"), tolerance = 1e-10)
  expect_equal(sandwich::vcovCL(fit, cluster = d$id), vcov(fit, cluster = d$id), tolerance = 1e-10)
  expect_equal(sandwich::vcovCL(fit, cluster = ~id), vcov(fit, cluster = ~id), tolerance = 1e-10)
  expect_equal(sandwich::vcovOPG(fit), vcov(fit, type = "opg"), tolerance = 1e-8)
  tests <- lmtest::coeftest(fit, vcov. = sandwich::sandwich)
  expect_equal(tests[, 1:3], summary(fit, type = "sandwich")$coefficients[, 1:3], ignore_attr = TRUE)
  one <- moe_fit(cbind(1, d$x), d$y, z = cbind(1, d$v), control = settings)
  expect_equal(sandwich::sandwich(one), vcov(one, type = "sandwich"), tolerance = 1e-10)
})

test_that("errors under a wrong model: Boston", {
  skip_if_not_installed("MASS")
  fit <- quietly(moe(log(medv) ~ lstat | lstat + rm, MASS::Boston, control = moe_control(seed = 1)))
  slopes <- grep("^expert.:lstat", names(coef(fit)))
  errors <- sapply(c("observed", "sandwich"), function(type) sqrt(diag(vcov(fit, type = type)))[slopes])
  widest <- which.max(errors[, "sandwich"] / errors[, "observed"])
  expect_equal(errors[widest, ], c(observed = 0.0027, sandwich = 0.0054), tolerance = 0.03)
})

test_that("summary, confint and tidy have the errors that vcov has", {
  fit <- moe(y ~ x | v, d, control = settings)
  for (cluster in list(NULL, d$id)) {
    errors <- sqrt(diag(vcov(fit, type = "sandwich", cluster = cluster)))
    shown <- summary(fit, type = "sandwich", cluster = cluster)
    expect_equal(shown$coefficients[, 2], errors)
    expect_equal(shown$sigma[, 2], sigma(fit) * errors[c(5, 8)], ignore_attr = TRUE)
    interval <- confint(fit, level = 0.9, type = "sandwich", cluster = cluster)
    expect_equal(interval, coef(fit) + errors %o% qnorm(c(`5 %` = 0.05, `95 %` = 0.95)))
    table <- generics::tidy(fit, conf.int = TRUE, conf.level = 0.9, type = "sandwich", cluster = cluster)
    expect_equal(table$std.error, unname(errors))
    expect_equal(table$conf.high, unname(interval[, 2]))
  }
  expect_output(print(summary(fit)), "Standard errors: observed information")
  expect_output(print(summary(fit, type = "opg")), "Standard errors: outer product of scores")
  expect_output(print(summary(fit, cluster = ~id)), "Standard errors: sandwich, 40 clusters")
})

test_that("clusters by vector, factor, formula, with dropped rows and subsets, are the same", {
  e <- transform(d, v = replace(v, c(3, 50), NA), letter = letters[1 + id %% 7])
  rownames(e) <- paste0("r", seq_len(nrow(e)))
  used <- setdiff(which(e$x < 1.5), c(3, 50))
  fit <- moe(y ~ x | v, e, subset = x < 1.5, control = settings)
  ours <- vcov(fit, cluster = e$letter[used])
  expect_equal(vcov(fit, cluster = factor(e$letter[used], levels = letters)), ours)
  expect_equal(vcov(fit, cluster = e$letter[e$x < 1.5]), ours)
  expect_equal(vcov(fit, cluster = ~letter), ours)
  expect_equal(vcov(fit, cluster = ~ id %% 7), ours)
  expect_equal(vcov(fit, cluster = ~ letter:v), vcov(fit, type = "sandwich") * length(used) / (length(used) - 1))
  free <- with(e, moe(y ~ x | v, subset = x < 1.5, control = settings))
  expect_equal(vcov(free, cluster = e$letter[used]), ours)
})

test_that("bad clusters and types are classed errors", {
  fit <- moe(y ~ x | v, d, control = settings)
  matrices <- moe_fit(cbind(1, d$x), d$y, control = settings)
  bad <- list(1:7, replace(d$id, 5, NA), rep(1, 300), ~ id + x, y ~ id, ~nowhere, list(d$id), cbind(d$id, d$id), mean)
  for (cluster in bad) expect_error(vcov(fit, cluster = cluster), class = "expertmix_error_cluster")
  expect_error(vcov(fit, cluster = 1:7), "7 values where the fit has 300 rows")
  expect_error(vcov(fit, cluster = replace(d$id, 5, NA)), "row 5")
  expect_error(vcov(matrices, cluster = ~id), class = "expertmix_error_cluster")
  for (type in c("observed", "opg")) {
    expect_error(vcov(fit, type = type, cluster = d$id), class = "expertmix_error_cluster")
  }
  for (verb in list(vcov, confint, summary, generics::tidy)) {
    expect_error(verb(fit, type = "HC3"), "sandwich", class = "expertmix_error_type")
    expect_error(verb(fit, cluster = 1:7), class = "expertmix_error_cluster")
  }
})

test_that("a penalised fit has no sandwich", {
  fit <- moe(y ~ x | v, d, penalty = penalty_lasso(0.05), control = settings)
  for (type in c("sandwich", "opg")) expect_error(vcov(fit, type = type), class = "expertmix_error_penalty")
  expect_error(vcov(fit, cluster = d$id), class = "expertmix_error_penalty")
  expect_error(sandwich_estfun(fit), class = "expertmix_error_penalty")
})

test_that("scores have the rows that were used, and a top-K gate's leave out what is not identified", {
  e <- transform(d, v = replace(v, 3, NA))
  fit <- moe(y ~ x | v, e, na.action = na.exclude, control = settings)
  scores <- sandwich_estfun(fit)
  expect_equal(dimnames(scores), list(as.character(seq_len(300)[-3]), names(coef(fit))))
  hard <- quietly(moe(y ~ x | v, d, gate = gate_topk(1), control = settings))
  expect_equal(colnames(sandwich_estfun(hard)), names(coef(hard)))
  expect_equal(dim(vcov(hard, type = "sandwich")), rep(length(coef(hard)), 2))
})

# A hard split on v: expert 3 alone where v < 0, experts 1 and 2 by z where v > 0.
split_data <- function(n = 900) {
  set.seed(5)
  d <- data.frame(x = runif(n, -2, 2), v = sample(c(-1, 1, 1, 1), n, TRUE) * runif(n, 1, 2), z = rnorm(n), id = 1:30)
  means <- cbind(2 + 2 * d$x, -3 - d$x, 8 - d$x)
  expert <- ifelse(d$v < 0, 3, ifelse(runif(n) < plogis(0.5 + d$z + d$v - 1.5), 1, 2))
  d$y <- means[cbind(1:n, expert)] + rnorm(n, 0, 0.6)
  d
}

test_that("beside a hard split all that the data hold have the errors of a fit without it", {
  d <- split_data()
  expect_warning(fit <- moe(y ~ x | v + z, d, experts = 3, control = settings), class = "expertmix_warning_separation")
  soft <- moe(y ~ x | v + z, d[d$v > 0, ], start = predict(fit, d[d$v > 0, ], type = "posterior")[, 1:2],
    control = settings)
  kept <- names(coef(soft))
  split <- grep("^gate3", names(coef(fit)), value = TRUE)
  for (type in c("observed", "sandwich")) {
    expect_warning(covariance <- vcov(fit, type = type), "gate3", class = "expertmix_warning_singular")
    expect_lt(error_distance(covariance[kept, kept], vcov(soft, type = type)), 1e-4)
    expect_true(all(is.na(covariance[split, ])) && all(is.na(covariance[, split])))
    expect_setequal(rownames(covariance)[is.na(diag(covariance))], split)
  }
  expect_warning(products <- vcov(fit, type = "opg"), class = "expertmix_warning_singular")
  expect_true(all(is.na(products)))
  third <- lm(y ~ x, d[d$v < 0, ])
  errors <- summary(fit)$coefficients[c("expert3:(Intercept)", "expert3:x"), 2]
  expect_equal(errors, sqrt(diag(vcov(third)) * third$df.residual / nobs(third)), tolerance = 1e-4, ignore_attr = TRUE)
})

test_that("summary, tidy and confint say NA of a hard split, and where it is: mcycle", {
  skip_if_not_installed("MASS")
  for (experts in 3:4) {
    fit <- quietly(moe(accel ~ times, MASS::mcycle, experts = experts, control = moe_control(seed = 1)))
    gate <- fit$parameters$part == "gate"
    shown <- summary(fit)
    expect_true(all(is.na(shown$coefficients[gate, -1])))
    expect_true(all(is.finite(shown$coefficients[!gate, ])))
    expect_equal(is.na(generics::tidy(fit)$p.value), gate)
    expect_equal(unname(is.na(quietly(confint(fit))[, 1])), gate)
    last <- predict(fit, type = "posterior")[, 1] > 0.5
    alone <- lm(accel ~ times, MASS::mcycle[last, ])
    errors <- summary(alone)$coefficients[, 2] * sqrt(alone$df.residual / nobs(alone))
    expect_equal(shown$coefficients[c("expert1:(Intercept)", "expert1:times"), 2], errors, tolerance = 1e-3,
      ignore_attr = TRUE)
    at <- expertmix:::hard_splits(fit)$at
    expect_true(any(at > max(MASS::mcycle$times[!last]) & at < min(MASS::mcycle$times[last])))
    places <- c("24.1 between experts 2 and 1", "21.3 between experts 2 and 3, 31.1 between experts 3 and 1")
    expect_output(print(shown), paste0("NA for .*: the gate .* splits the rows \\(times at ", places[experts - 2]))
  }
})

test_that("classes that separate have no errors, the others have", {
  set.seed(2)
  d <- data.frame(x = rnorm(400), v = rnorm(400))
  class <- ifelse(d$x > 0.2, "high", ifelse(runif(400) < plogis(d$v), "low", "middle"))
  d$class <- factor(class, levels = c("low", "middle", "high"))
  fit <- quietly(moe(class ~ x + v, d, experts = 1, control = settings))
  shown <- summary(fit)$coefficients
  reference <- glm(class ~ x + v, binomial(), d[d$class != "high", ])
  expect_output(print(summary(fit)), "the likelihood of expert 1 rises for ever")
  expect_true(all(is.na(shown[4:6, -1])))
  expect_equal(shown[1:3, 2], summary(reference)$coefficients[, 2], tolerance = 1e-4, ignore_attr = TRUE)
})

test_that("rows without weight are no clusters", {
  groups <- rep(1:5, 10)
  fit <- moe(dist ~ speed, cars, experts = 1)
  more <- moe(dist ~ speed, rbind(cars, cars[1:10, ]), experts = 1, weights = rep(1:0, c(50, 10)))
  expect_equal(vcov(more, cluster = c(groups, 6:15)), vcov(fit, cluster = groups))
})
