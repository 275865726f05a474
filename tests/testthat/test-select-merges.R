# Merges and splits of experts, and what keeps likelihoods from falling.
settings <- moe_control(starts = 5, seed = 1)
set.seed(8)
d <- data.frame(x = runif(300), w = rnorm(300))
d$y <- ifelse(runif(300) < plogis(-8 + 16 * d$x), -5 + 10 * d$x, 6 - 4 * d$x) + 0.5 * rnorm(300)
fitter_of <- function(formula, data) {
  model <- list(formula = formula, gate = gate_softmax(), label = "")
  model_fitter(quote(moe_select(data = data, control = settings)), model, environment(), FALSE)
}
random_responsibilities <- function(rows, experts, seed) {
  set.seed(seed)
  r <- matrix(rexp(rows * experts), rows)
  r / rowSums(r)
}

test_that("a fit below a smaller one is climbed from that", {
  fitter <- fitter_of(accel ~ times, MASS::mcycle)
  three <- fitter(3)
  poor <- fitter(4, random_responsibilities(133, 4, 3))
  expect_lt(poor$log_likelihood, three$log_likelihood - 5)
  fits <- rising_fits(list(three, poor), fitter)
  expect_gt(fits[[2]]$log_likelihood, three$log_likelihood)
  expect_identical(fits[[1]], three)
  # By two experts at once, and by splits that are nearly even.
  for (share in c(1, 0.6, 0.51)) {
    expect_gt(grown_fit(fitter(2), poor, fitter, share)$log_likelihood, fitter(2)$log_likelihood - 1e-6)
  }
})

test_that("a model is no lower than one that is nested in it", {
  plain <- fitter_of(y ~ x, d)
  large <- fitter_of(y ~ x | x + w, d)
  two <- plain(2)
  poor <- large(2, random_responsibilities(300, 2, 1))
  poor$log_likelihood <- two$log_likelihood - 10
  raised <- raised_by_nested(list(list(fits = list(two)), list(fits = list(poor))), list(plain, large))
  expect_gt(raised[[2]]$fits[[1]]$log_likelihood, two$log_likelihood - 1e-6)
  expect_identical(raised[[1]]$fits[[1]], two)
  both <- moe_select(list(y ~ x | 1, y ~ x, y ~ x | x + w), d, experts = 1:4, search = "path", control = settings)
  # One expert is there once, the first.
  more <- both$table$experts > 1
  value <- rbind(both$table$logLik[!more], matrix(both$table$logLik[more], 3))
  expect_true(all(apply(value, 1, diff) > -1e-6))
  expect_true(all(apply(value, 2, diff) > -1e-6))
})

test_that("log-likelihoods do not fall with the number of experts on a path, nor on a sweep", {
  cases <- list(
    list(Sepal.Length ~ Petal.Length, iris), list(Species ~ Sepal.Length + Sepal.Width, iris),
    list(bwt ~ age + lwt, MASS::birthwt), list(accel ~ times, MASS::mcycle)
  )
  for (case in cases) for (search in c("path", "sweep")) {
    table <- moe_select(case[[1]], case[[2]], experts = 1:4, search = search, control = settings)$table
    expect_true(all(diff(table$logLik[!nzchar(table$fault)]) > -1e-6), label = paste(deparse(case[[1]]), search))
  }
})

test_that("experts of a gate that selects some are merged, among those that are left", {
  for (active in 1:3) {
    fit <- quietly(moe(y ~ x, d, experts = 3, gate = gate_topk(active), control = settings))
    merged <- quietly(merge_experts(fit))
    expect_equal(length(merged$mass), 2)
    expect_equal(merged$gate$top_k, min(active, 2))
    cells <- quietly(over_fitted(fit))
    expect_equal(length(unique(cells$cell)), 2)
  }
  # With all that are left active it is the mixture without selection.
  expect_equal(merged$log_likelihood, moe(y ~ x, d, control = settings)$log_likelihood, tolerance = 1e-6)
  two <- quietly(moe(y ~ x, d, gate = gate_topk(2), control = settings))
  expect_equal(c(logLik(merge_experts(two))), c(logLik(lm(y ~ x, d))), tolerance = 1e-8)
  path <- moe_select(y ~ x, d, experts = 1:4, gates = gate_topk(3), search = "path", control = settings)
  expect_equal(path$table$experts, c(1, 3, 4))
})

test_that("experts of weighted positive responses are merged as costs least", {
  for (seed in c(4, 10)) {
    set.seed(seed)
    e <- data.frame(x = runif(250, -1, 1))
    e$w <- sample(1:5, 250, TRUE)
    a <- rnorm(3, 0, 1.5)
    b <- rnorm(3)
    g <- rnorm(3)
    h <- rnorm(3, 0, 2)
    k <- apply(exp(outer(e$x, h) + rep(g, each = 250)), 1, function(q) sample(3, 1, prob = q))
    sigma <- runif(3, 0.2, 0.9)
    e$y <- rgamma(250, shape = 1 / sigma[k]^2, rate = 1 / (sigma[k]^2 * exp(a[k] + b[k] * e$x)))
    fit <- quietly(moe(y ~ x, e, experts = 3, family = Gamma("log"), weights = w, control = settings))
    value <- vapply(list(1:2, c(1, 3), 2:3), function(pair) c(logLik(quietly(merge_experts(fit, pair)))), 0)
    expect_gt(diff(range(value)), 1)
    expect_equal(c(logLik(quietly(merge_experts(fit)))), max(value), tolerance = 1e-8)
  }
})

test_that("distances of positive responses do not depend on their unit, and grow with the ratio of means", {
  set.seed(1)
  e <- data.frame(k = rep(1:3, each = 100))
  e$y <- rgamma(300, shape = 25, rate = 25 / c(1, 3, 100)[e$k])
  start <- outer(e$k, 1:3, "==") * 0.98 + 0.02 / 3
  fit_of <- function(unit) moe(I(y * unit) ~ 1, e, experts = 3, family = Gamma("log"), start = start)
  fit <- fit_of(1)
  near <- expert_distances(fit)
  expect_equal(expert_distances(fit_of(1000)), near, tolerance = 1e-6)
  level <- coef(fit, part = "experts")[1, ]
  for (i in 1:3) for (j in setdiff(1:3, i)) {
    p <- fit$mass[c(i, j)] / 300
    sigma <- fit$estimates$sigma[c(i, j)]
    by_hand <- prod(p) / sum(p) * (diff(level[c(i, j)])^2 / mean(sigma^2) + diff(log(sigma))^2)
    expect_equal(near[i, j], unname(by_hand), tolerance = 1e-6)
  }
})

test_that("a printed call names what stands in it in place of a name, and does not print its numbers", {
  lines <- data.frame(x = seq(-2, 2, length.out = 60))
  lines$y <- abs(lines$x) + sin(1:60) / 20
  settings <- moe_control(seed = 1, starts = 3, progress = FALSE)
  fit <- quietly(do.call(moe, list(y ~ x, lines, experts = 3, control = settings)))
  for (printed in list(capture.output(quietly(fit)), capture.output(quietly(print(merge_experts(fit)))))) {
    call <- printed[seq_len(match("Gate:", printed))]
    expect_lt(length(call), 12)
    expect_false(any(grepl("structure|[.][0-9]{6}", call)))
  }
  expect_true(any(grepl("data = <data.frame>", printed, fixed = TRUE)))
  expect_true(any(grepl("start = <matrix>", printed, fixed = TRUE)))
})

test_that("cells and the tree name experts of the large fit, whatever merged fits call theirs", {
  set.seed(1)
  e <- data.frame(x = runif(400, 0, 4))
  part <- pmin(floor(e$x), 3) + 1
  e$y <- c(0, 10, -10, 5)[part] + rnorm(400) * c(0.5, 0.4, 0.6, 0.5)[part]
  e <- e[c(which(part == 1), which(part == 2)[1:60], which(part == 3), which(part == 4)[1:40]), ]
  reordered <- FALSE
  for (experts in 4:6) {
    fit <- quietly(moe(y ~ 1 | x, e, experts = experts, control = settings))
    cells <- quietly(over_fitted(fit))
    small <- attr(cells, "fit")
    shared <- crossprod(predict(fit, type = "posterior"), predict(small, type = "posterior"))
    expect_equal(cells$cell, unname(apply(shared, 1, which.max)))
    path <- quietly(merge_path(fit, fitter_like(fit, environment()), 1))
    expect_true(all(path$tree$into < path$tree$from & path$tree$from <= path$tree$experts))
    reordered <- reordered || any(vapply(path$places, is.unsorted, NA))
  }
  expect_true(reordered)
})
