# Influence against refits without the row, and against formulas written out on numerical derivatives.

settings <- moe_control(starts = 5, seed = 1, tolerance = 1e-12)
d <- transform(two_lines(80), w = rep(1:2, 40))
fit <- moe(y ~ x | z, d, control = settings)
weighted <- moe(y ~ x | z, d, weights = w, control = settings)

sandwich_scores <- function(fit) asNamespace("expertmix")$estfun.moe(fit)

largest_difference <- function(a, b) max(abs(a - b))

# Rows of (I - I_i)^-1 s_i from numerical derivatives of the log-likelihood written out in R.
slow_steps <- function(fit, d, weights) {
  rows <- function(i) {
    function(theta) {
      row <- d[i, ]
      weights[i] * slow_log_density(theta, fit, cbind(1, row$x), cbind(1, row$z), row$y)
    }
  }
  theta <- coef(fit)
  scores <- lapply(seq_len(nrow(d)), function(i) function(at) c(numerical_jacobian(function(t) rows(i)(t), at)))
  informations <- lapply(scores, function(score) -numerical_jacobian(score, theta))
  total <- Reduce(`+`, informations)
  t(vapply(seq_len(nrow(d)), function(i) solve(total - informations[[i]], scores[[i]](theta)), theta))
}

test_that("a row's deletion is the Newton step from numerical derivatives, with its whole weight", {
  few <- d[1:40, ]
  small <- moe(y ~ x | z, few, weights = w, control = settings)
  steps <- slow_steps(small, few, few$w)
  expect_lt(max(abs(dfbeta(small) - steps)) / max(abs(steps)), 1e-5)
  distances <- rowSums((steps %*% solve(vcov(small))) * steps) / ncol(steps)
  expect_lt(max(abs(cooks.distance(small) / distances - 1)), 1e-4)
})

test_that("a row's deletion is near a refit without it, nearer than the score's first order", {
  refit <- function(i) coef(fit) - coef(update(fit, data = d[-i, ]))
  exact <- t(vapply(seq_len(nrow(d)), refit, coef(fit)))
  size <- function(steps) sqrt(rowSums((steps %*% solve(vcov(fit))) * steps))
  error <- size(dfbeta(fit) - exact) / size(exact)
  first_order <- size(sandwich_scores(fit) %*% vcov(fit) - exact) / size(exact)
  expect_lt(median(error), 0.05)
  expect_lt(median(error), 0.7 * median(first_order))
  expect_gt(cor(cooks.distance(fit), size(exact)^2 / length(coef(fit))), 0.98)
})

test_that("Cook's distance is the likelihood displacement to second order", {
  log_likelihood <- function(theta) sum(slow_log_density(theta, fit, cbind(1, d$x), cbind(1, d$z), d$y))
  small <- which(rank(cooks.distance(fit)) <= 60)
  displacement <- apply(dfbeta(fit)[small, ], 1, function(step) {
    2 * (log_likelihood(coef(fit)) - log_likelihood(coef(fit) - step)) / length(step)
  })
  expect_lt(median(abs(cooks.distance(fit)[small] / displacement - 1)), 0.05)
})

test_that("with one Gaussian expert the step is that of the coefficients and log(sigma) in closed form", {
  line <- moe(dist ~ speed, cars, experts = 1, control = settings)
  x <- cbind(1, cars$speed)
  e <- residuals(line) / sigma(line)
  steps <- t(vapply(seq_along(e), function(i) {
    own <- rbind(cbind(tcrossprod(x[i, ]), 2 * e[i] * x[i, ]), c(2 * e[i] * x[i, ], 2 * e[i]^2))
    score <- c(e[i] * x[i, ], e[i]^2 - 1)
    solve(rbind(cbind(crossprod(x), 0), c(0, 0, 2 * nrow(x))) - own, score) * c(sigma(line), sigma(line), 1)
  }, double(3)))
  expect_equal(unname(dfbeta(line)), unname(steps), tolerance = 1e-6)
})

test_that("with one expert hat values are those of lm() and glm()", {
  cars <- transform(mtcars, u = 1:32)
  expect_hats <- function(fit, other, tolerance = 1e-8) {
    expect_lt(largest_difference(hatvalues(fit), hatvalues(other)), tolerance)
  }
  expect_hats(moe(mpg ~ wt + hp, cars, 1, control = settings), lm(mpg ~ wt + hp, cars))
  expect_hats(moe(mpg ~ wt, cars, 1, weights = u, control = settings), lm(mpg ~ wt, cars, weights = u))
  expect_hats(moe(carb ~ wt, cars, 1, family = poisson(), weights = u, control = settings),
    glm(carb ~ wt, poisson, cars, weights = u, epsilon = 1e-14), 1e-6)
  expect_hats(moe(factor(am) ~ wt, cars, 1, control = settings), glm(am ~ wt, binomial, cars, epsilon = 1e-14), 1e-6)
  counts <- moe(cbind(ncases, ncontrols) ~ unclass(agegp), esoph, experts = 1, family = multinomial(),
    control = settings)
  by_glm <- glm(cbind(ncases, ncontrols) ~ unclass(agegp), binomial, esoph, epsilon = 1e-14)
  expect_hats(counts, by_glm, 1e-6)
})

test_that("hat values of a mixture are the change of its mean with the response in a refit", {
  moved <- function(i) {
    ends <- vapply(c(-1, 1), function(side) {
      d$y[i] <- d$y[i] + side * 1e-3
      predict(update(fit, data = d))[[i]]
    }, 0)
    diff(ends) / 2e-3
  }
  rows <- c(1, 20, 41, 60)
  expect_lt(largest_difference(hatvalues(fit)[rows], vapply(rows, moved, 0)), 1e-3)
})

test_that("hat values of classes trace the expected information, as a factor or as counts", {
  set.seed(5)
  cases <- data.frame(x = runif(600, -2, 2), v = rnorm(600))
  first <- runif(600) < plogis(0.5 - 2 * cases$v)
  latent <- cbind(0, ifelse(first, 3, -3) * cases$x, ifelse(first, 1 - 2 * cases$x, -1 + cases$x))
  cases$class <- factor(max.col(latent - log(-log(runif(1800)))), labels = c("a", "b", "c"))
  by_factor <- quietly(moe(class ~ x | v, cases, control = settings))
  shown <- model.matrix(~ class - 1, cases)
  by_counts <- quietly(moe(shown ~ x | v, cases, family = multinomial(), start = predict(by_factor, type = "posterior"),
    control = settings))
  expect_equal(hatvalues(by_counts), hatvalues(by_factor), tolerance = 1e-4)
  level <- function(theta, class) slow_log_density(theta, by_factor, cbind(1, cases$x), cbind(1, cases$v), class)
  traces <- 0
  for (class in levels(cases$class)) {
    every <- factor(rep(class, 600), levels(cases$class))
    score <- numerical_jacobian(function(theta) level(theta, every), coef(by_factor))
    traces <- traces + exp(level(coef(by_factor), every)) * rowSums((score %*% by_factor$covariance) * score)
  }
  expect_lt(largest_difference(hatvalues(by_factor), traces), 1e-6)
})

test_that("influence has no units", {
  scaled <- moe(I(100 * y) ~ I(x / 7) | I(3 * z), d, start = predict(fit, type = "posterior"), control = settings)
  expect_equal(unname(dfbetas(scaled)), unname(dfbetas(fit)), tolerance = 1e-5)
  expect_equal(cooks.distance(scaled), cooks.distance(fit), tolerance = 1e-5)
  expect_equal(hatvalues(scaled), hatvalues(fit), tolerance = 1e-5)
})

test_that("the active sets of a top-K gate are held where they change at the maximum", {
  three <- two_lines(300)
  ten <- moe_control(starts = 10, seed = 1)
  sparse <- quietly(moe(y ~ x | z, three, experts = 3, gate = gate_topk(2), control = ten))
  all <- influence(sparse)
  expect_false(anyNA(unlist(all)))
  expect_lt(abs(sum(all$hat) - 5), 5)
  first_order <- sandwich_scores(sparse) %*% vcov(sparse)
  expect_gt(min(diag(cor(all$coefficients, first_order))), 0.95)
})

test_that("influence() holds what its verbs give, on all rows under na.exclude()", {
  expect_equal(influence(weighted), list(
    hat = hatvalues(weighted), coefficients = dfbeta(weighted), cooks = cooks.distance(weighted)
  ))
  expect_equal(dfbetas(fit), sweep(dfbeta(fit), 2, sqrt(diag(vcov(fit))), "/"))
  holes <- d
  holes$x[3] <- NA
  padded <- influence(moe(y ~ x | z, holes, na.action = na.exclude, control = settings))
  expect_length(padded$hat, 80)
  expect_true(is.na(padded$hat[3]) && is.na(padded$cooks[3]) && all(is.na(padded$coefficients[3, ])))
  expect_false(anyNA(padded$cooks[-3]))
})

test_that("what the data do not hold is NA with a warning, and a penalised fit is refused", {
  apart <- data.frame(x = rep(1:20, 2), z = rep(0:1, each = 20))
  apart$y <- ifelse(apart$z == 0, apart$x, 30 - 2 * apart$x) + sin(1:40)
  split <- quietly(moe(y ~ x | z, apart, control = settings))
  expect_warning(steps <- dfbeta(split), class = "expertmix_warning_singular")
  expect_identical(colSums(is.na(steps)) == 40, !split$estimable)
  expect_false(anyNA(steps[, split$estimable]))
  bounded <- moe(y ~ x | z, d, control = moe_control(starts = 5, seed = 1, bounds = moe_bounds(gate = 0.1)))
  expect_warning(hats <- hatvalues(bounded), class = "expertmix_warning_singular")
  expect_true(all(is.na(hats)))
  expect_warning(steps <- dfbetas(bounded), class = "expertmix_warning_singular")
  expect_true(all(is.na(steps)))
  penalised <- moe(y ~ x | z, d, penalty = penalty_lasso(0.1), control = settings)
  for (verb in list(influence, dfbeta, dfbetas, cooks.distance, hatvalues)) {
    expect_error(verb(penalised), class = "expertmix_error_penalty")
    expect_error(verb(fit, infl = 1), class = "expertmix_error")
  }
})

test_that("a row on which an expert hangs has no step, and is named", {
  set.seed(2)
  few <- data.frame(x = 1:30)
  few$y <- few$x + rnorm(30)
  few$y[c(7, 23)] <- c(60, -40)
  second <- as.numeric(seq_len(30) %in% c(7, 23))
  hanging <- quietly(moe(y ~ x | 1, few, sigma = "common", start = cbind(1 - second, second), control = settings))
  expect_warning(distances <- cooks.distance(hanging), "Without row 7, 23", class = "expertmix_warning_influence")
  expect_identical(unname(which(is.na(distances))), c(7L, 23L))
})
