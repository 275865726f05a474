settings <- moe_control(starts = 8, seed = 1)
set.seed(4)
d <- data.frame(x = rnorm(300), w = rnorm(300))
first <- runif(300) < plogis(-2 * d$x)
d$y <- ifelse(first, 2 + d$x, -1 - d$x) + 0.5 * d$w + ifelse(first, 0.3, 0.6) * rnorm(300)
free <- moe(y ~ x + w, d, control = settings)
common <- moe(y ~ x + w, d, control = settings, common = ~ w)
refused <- function(words, ...) {
  expect_error(moe(y ~ x + w, d, control = settings, ...), words, class = "expertmix_error_ties")
}

test_that("a common coefficient is the best one that is given as an offset", {
  expect_equal(unname(diff(coef(common, part = "experts")["w", ])), 0)
  expect_equal(common$df, free$df - 1)
  expect_false("expert2:w" %in% names(coef(common)))
  height <- function(slope) {
    d$known <- slope * d$w
    c(logLik(moe(y ~ x + offset(known) | x + w, d, start = predict(free, type = "posterior"), control = settings)))
  }
  best <- optimise(height, c(0.3, 0.7), maximum = TRUE, tol = 1e-7)
  expect_equal(c(logLik(common)), best$objective, tolerance = 1e-9)
  expect_equal(coef(common)[["expert1:w"]], best$maximum, tolerance = 1e-4)
})

test_that("errors of tied coefficients are the delta rule's, by the information of a likelihood written out", {
  values <- coef(common)
  z <- cbind(1, d$x, d$w)
  negative <- function(v) {
    gate <- plogis(c(z %*% v[1:3]))
    one <- dnorm(d$y, c(z %*% v[4:6]), exp(v[[7]]))
    two <- dnorm(d$y, c(z %*% c(v[8:9], v[6])), exp(v[[10]]))
    -sum(log((1 - gate) * one + gate * two))
  }
  expect_equal(negative(values), -c(logLik(common)), tolerance = 1e-9)
  information <- stats::optimHess(values, negative, control = list(ndeps = rep(1e-4, length(values))))
  expect_equal(sqrt(diag(vcov(common))), sqrt(diag(solve(information))), tolerance = 1e-4)
})

test_that("scores are the derivatives in the free parameters, and sum to zero", {
  scores <- sandwich::estfun(common)
  expect_equal(colnames(scores), names(coef(common)))
  expect_lt(max(abs(colSums(scores))), 0.01)
  expect_equal(dim(vcov(common, type = "sandwich")), rep(length(coef(common)), 2))
})

test_that("equal log sigmas are a common sigma, and a gate slope fixed at zero a column less", {
  equal <- moe(y ~ x + w, d, control = settings, equal = list(c("expert1:log(sigma)", "expert2:log(sigma)")))
  shared <- moe(y ~ x + w, d, control = settings, sigma = "common")
  expect_equal(c(logLik(equal)), c(logLik(shared)), tolerance = 1e-10)
  expect_equal(sigma(equal), sigma(shared), tolerance = 1e-6)
  expect_equal(vcov(equal)["expert1:log(sigma)", "expert1:log(sigma)"], vcov(shared)["log(sigma)", "log(sigma)"],
    tolerance = 1e-5)
  expect_equal(confint(equal, "expert1:log(sigma)", method = "profile"), tolerance = 1e-4,
    confint(shared, "log(sigma)", method = "profile"), ignore_attr = TRUE)

  narrow <- moe(y ~ x + w, d, control = settings, fixed = c("gate2:w" = 0))
  dropped <- moe(y ~ x + w | x, d, control = settings)
  expect_equal(c(logLik(narrow)), c(logLik(dropped)), tolerance = 1e-10)
  expect_equal(attr(logLik(narrow), "df"), attr(logLik(dropped), "df"))
  expect_equal(unname(sqrt(diag(vcov(narrow)))), unname(sqrt(diag(vcov(dropped)))), tolerance = 1e-5)
})

test_that("a tie keeps the label that it names, and the search finds which expert it is", {
  for (k in 1:2) {
    fixed <- stats::setNames(-1, sprintf("expert%d:x", k))
    fit <- moe(y ~ x + w, d, control = settings, fixed = fixed)
    slopes <- coef(fit, part = "experts")["x", ]
    expect_equal(slopes[[k]], -1)
    expect_equal(slopes[[3 - k]], 1, tolerance = 0.15)
    expect_gt(c(logLik(fit)), c(logLik(free)) - 3)
  }
})

test_that("a known expert is held altogether", {
  known <- c("expert2:(Intercept)" = -1, "expert2:x" = -1, "expert2:w" = 0.5, "expert2:log(sigma)" = log(0.6))
  fit <- moe(y ~ x + w, d, control = settings, fixed = known)
  expect_equal(fit$df, free$df - 4)
  expect_equal(unname(coef(fit, part = "experts")[, 2]), unname(known[1:3]))
  expect_equal(sigma(fit)[[2]], 0.6)
  expect_equal(sum(log(predict(fit, type = "density"))), c(logLik(fit)), tolerance = 1e-9)
})

test_that("multinomial and Poisson experts, temperature and sigmoid gates have ties", {
  set.seed(2)
  flowers <- quietly(moe(Species ~ Petal.Width + Sepal.Width | 1, iris, control = settings, common = ~ Sepal.Width))
  shape <- coef(flowers, part = "experts")
  expect_equal(shape["Sepal.Width", , 1], shape["Sepal.Width", , 2])
  counts <- transform(d, n = rpois(300, exp(ifelse(first, 0, 2) + 0.3 * w)))
  fit <- moe(n ~ w | x, counts, family = poisson(), control = settings, common = ~ w)
  expect_equal(unname(coef(fit, part = "experts")["w", ]), c(0.3, 0.3), tolerance = 0.2)
  for (gate in list(gate_temperature(activation = "tanh"), gate_sigmoid())) {
    tied <- moe(y ~ x + w | x, d, gate = gate, control = settings, common = ~ w)
    untied <- moe(y ~ x + w | x, d, gate = gate, control = settings)
    expect_equal(unname(diff(coef(tied, part = "experts")["w", ])), 0)
    expect_lte(c(logLik(tied)), c(logLik(untied)) + 1e-4)
    expect_gt(c(logLik(tied)), c(logLik(untied)) - 4)
  }
})

test_that("tests of ties by the likelihood ratio and by Wald agree nearly", {
  ratio <- anova(common, free)
  wald <- anova(common, free, test = "Wald")
  expect_equal(ratio$Df[2], 1)
  expect_equal(ratio$Chisq[2], 2 * c(logLik(free) - logLik(common)), tolerance = 1e-8)
  expect_equal(wald$Chisq[2], ratio$Chisq[2], tolerance = 0.1)
  difference <- coef(free)[["expert1:w"]] - coef(free)[["expert2:w"]]
  pick <- (names(coef(free)) == "expert1:w") - (names(coef(free)) == "expert2:w")
  expect_equal(wald$Chisq[2], difference^2 / c(pick %*% vcov(free) %*% pick), tolerance = 1e-8)
  expect_equal(wald$Chisq[2], test_terms(free)["experts: w", "Chisq"], tolerance = 1e-8)
  both <- moe(y ~ x + w, d, control = settings, common = ~ w, fixed = c("gate2:w" = 0))
  expect_equal(anova(both, common, free)$Df, c(NA, 1, 1))
  expect_equal(anova(both, common, test = "Wald")$Df[2], 1)
  expect_error(anova(moe(y ~ x + w | x, d, control = settings), free, test = "Wald"), "ties alone",
    class = "expertmix_error_anova")
})

test_that("verbs after the fit take ties", {
  expect_output(print(common), "Ties: w common to all experts")
  expect_output(print(summary(common)), "w common to all experts")
  named <- moe(y ~ x + w, d, control = settings, fixed = c("expert1:x" = 1))
  expect_output(print(summary(named)), "1.0000 (fixed)", fixed = TRUE)
  expect_equal(nrow(tidy(common)), length(coef(common)))
  expect_equal(all.equal(common, update(common), tolerance = 1e-4), TRUE)
  expect_type(all.equal(common, free), "character")
  again <- update(common, data = d[-1, ])
  expect_equal(unname(diff(coef(again, part = "experts")["w", ])), 0)
  expect_null(update(common, common = NULL)$ties)
  boot <- moe_boot(common, 5, seed = 1)
  expect_equal(names(boot$coefficients), names(coef(common)))
  expect_true(all(is.finite(predict(common, se.fit = TRUE)$se.fit)))
  expect_s3_class(ggplot2::autoplot(common, "coefficients"), "ggplot")
  expect_s3_class(diagnose(common), "moe_diagnosis")
  expect_equal(dim(influence(common)$coefficients), c(300, length(coef(common))))
  expect_lt(test_terms(common)["experts: x", "Pr(>Chisq)"], 1e-8)
  expect_false("experts: w" %in% rownames(test_terms(common)))
})

test_that("matrices have ties by column", {
  x <- cbind(`(Intercept)` = 1, as.matrix(d[c("x", "w")]))
  fit <- moe_fit(x, d$y, control = settings, common = "w")
  expect_equal(c(logLik(fit)), c(logLik(common)), tolerance = 1e-10)
  expect_equal(c(logLik(moe_fit(x, d$y, control = settings, common = ~ w))), c(logLik(common)), tolerance = 1e-10)
})

test_that("an intercept is common where the formula says 1, and a factor with all its columns", {
  d$g <- factor(rep(c("a", "b", "c"), 100))
  fit <- quietly(moe(y ~ g + x | 1, d, control = settings, common = ~ 1 + g))
  shared <- coef(fit, part = "experts")[c("(Intercept)", "gb", "gc"), ]
  expect_equal(shared[, 1], shared[, 2])
  expect_equal(fit$df, moe(y ~ g + x | 1, d, control = settings)$df - 3)
})

test_that("ties that are of nothing, contradict others or follow from them are errors", {
  refused("`expert3:x`, which is no parameter", fixed = c("expert3:x" = 0))
  refused("`gate1:x`, which is no parameter", fixed = c("gate1:x" = 0))
  refused("`z`, which is no term", common = ~ z)
  refused("one-sided", common = y ~ x)
  refused("named vector", fixed = 0)
  refused("not finite for `expert1:x`", fixed = c("expert1:x" = NaN))
  refused("two numbers for `expert1:x`", fixed = c("expert1:x" = 0, "expert1:x" = 1))
  refused("list of character vectors", equal = list("expert1:x"))
  refused("circular", equal = list(c("expert1:x", "expert2:x"), c("expert2:x", "expert1:x")))
  refused("circular", equal = list(c("expert1:w", "expert2:w")), common = ~ w)
  refused("circular", equal = c("expert1:x", "expert1:x"))
  refused("both fixed at different numbers", fixed = c("expert1:w" = 0, "expert2:w" = 1), common = ~ w)
  refused("both fixed.", fixed = c("expert1:w" = 1, "expert2:w" = 1), common = ~ w)
  refused("penalty", common = ~ w, penalty = penalty_lasso(0.1))
  refused("top-K", common = ~ w, gate = gate_topk(1))
  d$twice <- 2 * d$x
  expect_error(quietly(moe(y ~ x + twice, d, control = settings, fixed = c("expert1:twice" = 0))),
    "combination of others", class = "expertmix_error_ties")
})

test_that("scores and information are derivatives in the free parameters, and errors those of the plain model", {
  exact <- moe_control(starts = 8, seed = 1, tolerance = 1e-14)
  fit <- moe(y ~ x + w, d, control = exact, common = ~ w)
  at <- function(values) {
    fit$estimates <- expertmix:::estimates_at(fit, values)
    fit
  }
  values <- coef(fit)
  derivative <- function(f) {
    sapply(seq_along(values), function(j) {
      step <- replace(0 * values, j, 1e-5)
      (f(values + step) - f(values - step)) / 2e-5
    })
  }
  scores <- sandwich::estfun(fit)
  numeric <- derivative(function(v) log(predict(at(v), d, type = "density")))
  expect_lt(max(abs(numeric - scores)) / max(abs(scores)), 1e-6)
  information <- -derivative(function(v) colSums(sandwich::estfun(at(v))))
  expect_equal(unname(vcov(fit)), unname(solve(information)), tolerance = 1e-6)

  equal <- moe(y ~ x + w, d, control = exact, equal = c("expert1:log(sigma)", "expert2:log(sigma)"))
  shared <- moe(y ~ x + w, d, control = exact, sigma = "common")
  same <- sub("^log", "expert1:log", names(coef(shared)))
  errors <- stats::setNames(sqrt(diag(vcov(shared))), same)
  expect_equal(sqrt(diag(vcov(equal)))[same], errors, tolerance = 2e-6)
})

test_that("every family has ties, on data of which some make steep steps", {
  for (seed in 1:8) {
    set.seed(seed)
    e <- data.frame(x = rnorm(100))
    e$y <- rgamma(100, 4, scale = exp(ifelse(rbinom(100, 1, 0.5) == 1, 1 + e$x, -e$x)) / 4)
    fit <- quietly(moe(y ~ x, e, common = ~ 1, family = Gamma("log"), control = settings))
    expect_equal(sum(log(predict(fit, type = "density"))), c(logLik(fit)), tolerance = 1e-10)
  }
  set.seed(49)
  e <- data.frame(x = rnorm(20), y = rcauchy(20) * 100)
  heavy <- quietly(moe(y ~ x, e, common = ~ x, family = student_t(), control = moe_control(seed = 1, search = "quick")))
  expect_equal(unname(diff(coef(heavy, part = "experts")["x", ])), 0)
})

test_that("the log-likelihood is that of the coefficients, which keep the ties exactly", {
  set.seed(5)
  counts <- transform(d, n = rpois(300, exp(x * 0.3 + ifelse(runif(300) < 0.5, 0, 2))))
  fit <- moe(n ~ x + w | 1, counts, family = poisson(), common = ~ w, control = settings)
  expect_equal(sum(log(predict(fit, type = "density"))), c(logLik(fit)), tolerance = 1e-12)
})

test_that("tied models are nested in those with fewer ties, more terms or more sigmas", {
  expect_equal(anova(moe(y ~ x + w, d, sigma = "common", common = ~ w, control = settings), common)$Df[2], 1)
  expect_equal(anova(moe(y ~ w | x + w, d, common = ~ w, control = settings), common)$Df[2], 2)
})
