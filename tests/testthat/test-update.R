settings <- moe_control(starts = 10, seed = 1)
# Two lines, as many rows on the one as on the other: labels by size are a matter of chance.
two_lines <- function(n, seed = 1) {
  set.seed(seed)
  d <- data.frame(x = runif(n, -2, 2), z = rnorm(n), u = rnorm(n))
  d$y <- ifelse(runif(n) < plogis(d$z), 1 + 2 * d$x, -1 - 1.5 * d$x) + rnorm(n, 0, 0.4)
  d
}
d <- two_lines(200)
resampled <- function(seed) {
  set.seed(seed)
  d[sample(nrow(d), replace = TRUE), ]
}
slopes <- function(fit) unname(coef(fit, part = "experts")["x", ])

test_that("a bootstrap by update() keeps the labels", {
  skip_if_not_installed("MASS")
  boston <- MASS::Boston
  fit <- moe(log(medv) ~ lstat | lstat + rm, boston, control = moe_control(seed = 1))
  set.seed(2)
  slope <- replicate(25, {
    unname(coef(quietly(update(fit, data = boston[sample(nrow(boston), replace = TRUE), ])))["expert1:lstat"])
  })
  expect_true(all(abs(slope - coef(fit)["expert1:lstat"]) < abs(slope - coef(fit)["expert2:lstat"])))
  expect_lt(sd(slope), 0.009)
})

test_that("labels stay under every gate, with and without a search, where an expert loses most of its rows", {
  second <- d[d$y < 0.5 * d$x | d$u > 1, ]
  gates <- list(
    gate_softmax(), gate_sigmoid(), gate_temperature(1, "tanh"), gate_temperature(), gate_modified("tanh"),
    gate_topk(1), gate_topk(1, "logit")
  )
  for (gate in gates) {
    fit <- quietly(moe(y ~ x | z, d, gate = gate, control = settings))
    for (search in c(FALSE, TRUE)) {
      new <- quietly(update(fit, data = second, search = search))
      expect_equal(order(slopes(new)), order(slopes(fit)), label = format(gate))
      expect_equal(sum(log(predict(new, type = "density"))), c(logLik(new)), tolerance = 1e-7, ignore_attr = TRUE)
    }
  }
  three <- moe(y ~ x | z, rbind(d, transform(d, y = y + 20)), experts = 4, control = settings)
  new <- quietly(update(three, data = rbind(second, transform(d, y = y + 20)), search = TRUE))
  distance <- as.matrix(dist(t(cbind(coef(three, part = "experts"), coef(new, part = "experts")))))[1:4, 5:8]
  expect_equal(apply(distance, 1, which.min), 1:4, ignore_attr = TRUE)
})

test_that("labels stay where classes are the response, and under a penalty with and without a reference", {
  set.seed(1)
  x <- rnorm(300)
  classes <- data.frame(x = x, y = cut(ifelse(runif(300) < 0.5, 2 * x, -2 * x) + rlogis(300), c(-Inf, -1, 1, Inf), 1:3))
  fit <- quietly(moe(y ~ x | 1, classes, control = settings))
  fewer <- classes[c(1:300, rep(which(predict(fit, type = "posterior")[, 2] > 0.7), 3)), ]
  new <- quietly(update(fit, data = fewer, search = TRUE))
  slope <- function(fit) coef(fit, part = "experts")["x", 3, ]
  expect_equal(order(slope(new)), order(slope(fit)))
  for (reference in list(NULL, 1, 2)) {
    fit <- moe(y ~ x + u | z, d, penalty = penalty_lasso(0.03, reference = reference), control = settings)
    for (search in c(FALSE, TRUE)) {
      new <- quietly(update(fit, data = d[d$y < 0.5 * d$x | d$u > 1, ], search = search))
      if (is.null(reference)) expect_equal(order(slopes(new)), order(slopes(fit)))
      expect_equal(sum(log(predict(new, type = "density"))), c(logLik(new)), ignore_attr = TRUE)
      expect_equal(new$estimates$gate[, reference], 0 * new$estimates$gate[, reference])
    }
  }
})

test_that("an update starts at the estimates, and searches where it is asked to or they do not fit", {
  fit <- moe(y ~ x | z, d, control = settings)
  tried <- function(fit) fit$record$starts[["tried"]]
  expect_equal(tried(update(fit)), 1)
  expect_equal(coef(update(fit)), coef(fit), tolerance = 1e-4)
  expect_equal(tried(update(fit, sigma = "common")), 1)
  expect_equal(tried(update(fit, search = TRUE)), 10)
  expect_equal(tried(update(fit, . ~ . + u)), 10)
  expect_equal(tried(quietly(update(fit, experts = 3))), 10)
  expect_equal(tried(quietly(update(fit, gate = gate_topk(1)))), 10)
  expect_equal(tried(update(fit, gate = gate_softmax(temperature = 2))), 10)
  responsibilities <- matrix(c(0.7, 0.3), 200, 2, byrow = TRUE)
  expect_equal(update(fit, start = responsibilities)$call$start, quote(responsibilities))
  given <- moe(y ~ x | z, d, start = predict(fit, type = "posterior"), control = settings)
  expect_equal(slopes(update(given, data = resampled(1))), slopes(fit), tolerance = 0.1)
})

test_that("labels are kept on the same rows when terms change, and a warning says where they cannot be", {
  start <- mixing_measure(cbind(c(0, 0), c(0, -2)), cbind(c(-1, -1.5), c(1, 2)), 0.4)
  fit <- moe(y ~ x | z, d, start = start, control = settings)
  expect_true(slopes(fit)[1] < slopes(fit)[2])
  more <- update(fit, . ~ . + u | . + x)
  expect_equal(more$formula, Formula::Formula(y ~ x + u | z + x), ignore_attr = TRUE)
  expect_equal(slopes(more), slopes(fit), tolerance = 0.05)
  expect_equal(slopes(quietly(update(fit, gate = gate_temperature(1, "tanh")))), slopes(fit), tolerance = 0.05)
  expect_warning(update(fit, . ~ . + u, data = two_lines(150, 3)), class = "expertmix_warning_labels")
  expect_no_warning(update(fit, experts = 1, data = two_lines(150, 3)))
})

test_that("the call of an update is that of a fit, and can be updated again", {
  fit <- moe(y ~ x | z, d, control = settings)
  call <- quote(moe(formula = y ~ x | z, data = d[1:100, ], control = settings))
  expect_equal(update(fit, data = d[1:100, ], evaluate = FALSE), call)
  half <- update(fit, data = d[1:100, ])
  expect_equal(half$call, call)
  expect_equal(nobs(update(half, subset = x > 0)), sum(d$x[1:100] > 0))
  expect_equal(nobs(update(update(half, subset = x > 0), subset = NULL)), 100)
  expect_identical(environment(formula(half)), environment())
  in_function <- function(local) update(fit, data = local)
  expect_equal(nobs(in_function(d[1:60, ])), 60)
  evaluated <- 0
  count <- function(data) {
    evaluated <<- evaluated + 1
    data
  }
  update(fit, data = count(d))
  expect_equal(evaluated, 1)
  expect_equal(update(fit, start = NULL, penalty = NULL, evaluate = FALSE), fit$call)
  expect_error(update(fit, . ~ ., d), class = "expertmix_error_update")
  expect_error(update(fit, tpye = 3), class = "expertmix_error_argument")
  expect_error(update(fit, search = NA), class = "expertmix_error_update")
  expect_error(update(fit, evaluate = "no"), class = "expertmix_error_update")
  expect_error(update(fit, ~ . + not_there), class = "expertmix_error")
})

test_that("fits to matrices are updated", {
  x <- cbind(one = 1, x = d$x)
  z <- cbind(one = 1, z = d$z)
  y <- d$y
  fit <- moe_fit(x, y, z, control = settings)
  rows <- 1:150
  half <- update(fit, x = x[rows, ], z = z[rows, ], y = y[rows])
  expect_equal(slopes(half), slopes(fit), tolerance = 0.1)
  expect_equal(half$record$starts[["tried"]], 1, ignore_attr = TRUE)
  expect_error(update(fit, . ~ . + u), class = "expertmix_error_update")
})

test_that("paths and fits that were selected from them are updated", {
  path <- moe_path(y ~ x + u | z, d, nlambda = 6, control = settings)
  expect_equal(path$call[[1]], quote(moe_path))
  expect_equal(update(path)$lambda, path$lambda)
  expect_equal(as.vector(table(update(path, nlambda = 4)$table$gate)), rep(4, 3))
  expect_equal(update(path, . ~ . - u)$kept$formula, Formula::Formula(y ~ x | z), ignore_attr = TRUE)
  second <- d[d$y < 0.5 * d$x | d$u > 1, ]
  chosen <- select_fit(path, lambda = 0.1)
  for (search in c(FALSE, TRUE)) {
    expect_equal(order(slopes(select_fit(update(path, data = second, search = search)))), order(slopes(chosen)))
    new <- update(chosen, data = second, search = search)
    expect_equal(order(slopes(new)), order(slopes(chosen)))
    expect_equal(nobs(new), nrow(second))
    expect_equal(sum(log(predict(new, type = "density"))), c(logLik(new)), ignore_attr = TRUE)
  }
  expect_equal(new$call, quote(select_fit(
    path = moe_path(x = y ~ x + u | z, data = second, nlambda = 6, control = settings), lambda = 0.1
  )))
  refitted <- update(chosen, refit = TRUE, lambda = NULL)
  expect_equal(refitted$record$began, "refit")
  x <- cbind(`(Intercept)` = 1, x = d$x)
  of_matrix <- moe_path(x, d$y, nlambda = 4, control = settings)
  expect_equal(update(of_matrix)$table, of_matrix$table, tolerance = 1e-6)
  expect_s3_class(update(select_fit(of_matrix), y = d$y + 1), "moe")
})

test_that("a start of coefficients keeps its labels", {
  fit <- moe(y ~ x | z, d, control = settings)
  swapped <- mixing_measure(fit)
  swapped$gate <- swapped$gate[, 2:1]
  swapped$experts <- swapped$experts[, 2:1]
  swapped$sigma <- swapped$sigma[2:1]
  for (gate in list(gate_softmax(), gate_topk(1), gate_temperature(1, "tanh"))) {
    new <- quietly(moe(y ~ x | z, d, gate = gate, start = swapped, control = settings))
    expect_equal(order(slopes(new)), order(rev(slopes(fit))))
  }
})

test_that("the assignment of least cost is that of all permutations", {
  permutations <- function(n) {
    if (n == 1) return(list(1))
    unlist(lapply(permutations(n - 1), function(p) lapply(0:(n - 1), function(at) append(p, n, at))), FALSE)
  }
  set.seed(1)
  for (n in 1:5) {
    for (kind in list(rnorm, function(n) rpois(n, 1), function(n) 1e8 * rexp(n))) {
      cost <- matrix(kind(n^2), n)
      total <- function(p) sum(cost[cbind(seq_len(n), p)])
      found <- least_cost(cost)
      expect_setequal(found, seq_len(n))
      expect_equal(total(found), min(vapply(permutations(n), total, 0)))
    }
  }
  expect_equal(least_cost(matrix(0, 4, 4)), 1:4)
})

test_that("an update with another family searches", {
  fit <- moe(dist ~ speed, cars, control = moe_control(starts = 5, seed = 1))
  other <- quietly(update(fit, family = student_t(5)))
  expect_equal(other$family$family, "student_t")
  expect_equal(quietly(update(other, family = student_t()))$df, other$df + 2)
})
