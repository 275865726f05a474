fails <- function(expression, class, words = NULL) {
  expect_error(expression, words, class = paste0("expertmix_error_", class))
}
control <- moe_control(seed = 1, starts = 2, progress = FALSE)
two_lines <- function() {
  set.seed(1)
  d <- data.frame(x = runif(200, -2, 2), z = rnorm(200))
  d$y <- ifelse(runif(200) < plogis(d$z), 1 + 2 * d$x, -1 - 1.5 * d$x) + rnorm(200, 0, 0.4)
  d$class <- cut(d$y, c(-Inf, -1, 1, Inf), c("low", "middle", "high"))
  d$a <- rpois(200, 3)
  d$b <- rpois(200, exp(1 + d$x / 2))
  d
}

test_that("posterior and density of far responses are limits, for every gate", {
  d <- two_lines()
  fit <- moe(y ~ x | z, d, control = control)
  wide <- which.max(sigma(fit))
  new <- data.frame(x = 0, z = c(-1, 0, 1, 2), y = c(1e200, -1e200, 1e300, -1e308))
  posterior <- predict(fit, new, type = "posterior")
  expect_equal(unname(posterior[, wide]), rep(1, 4))
  expect_equal(unname(posterior[, -wide]), rep(0, 4))
  expect_equal(unname(predict(fit, new, type = "density")), rep(0, 4))
  common <- moe(y ~ x | z, d, sigma = "common", control = control)
  new$x <- 1
  high <- which.max(predict(common, new[1, ], type = "experts"))
  expect_equal(unname(predict(common, new, type = "posterior")[, high]), c(1, 0, 1, 0))
  for (gate in list(gate_topk(1), gate_temperature(2, "tanh"), gate_sigmoid())) {
    fit <- suppressWarnings(moe(y ~ x | z, d, gate = gate, control = control))
    expect_true(all(is.finite(predict(fit, new, type = "posterior"))), label = format(gate))
    expect_equal(unname(rowSums(predict(fit, new, type = "posterior"))), rep(1, 4))
    expect_equal(unname(predict(fit, new, type = "density")), rep(0, 4))
  }
})

test_that("infinite responses have the same limits, or are refused", {
  fit <- moe(y ~ x | z, two_lines(), control = control)
  for (type in c("posterior", "density")) {
    found <- tryCatch(predict(fit, data.frame(x = 0, z = 0, y = c(Inf, -Inf)), type = type),
      expertmix_error = function(error) 0)
    expect_false(anyNA(found))
  }
})

test_that("covariates of any size give limits or a classed error, for every family and gate", {
  d <- two_lines()
  gaussian <- moe(y ~ x | z, d, control = control)
  classes <- suppressWarnings(moe(class ~ x | z, d, control = control))
  counts <- suppressWarnings(moe(cbind(a, b) ~ x | z, d, family = multinomial(), control = control))
  topk <- suppressWarnings(moe(y ~ x | z, d, experts = 3, gate = gate_topk(2), control = control))
  tanh <- suppressWarnings(moe(y ~ x | z, d, gate = gate_temperature(1, "gelu"), control = control))
  one <- data.frame(y = 1, class = "low", a = 5, b = 1e9)
  for (fit in list(gaussian, classes, counts, topk, tanh)) {
    for (x in c(1e10, 1e290, -1.7e308)) {
      for (z in c(-1e10, 1e308)) {
        for (type in c("response", "experts", "gate", "posterior", "density")) {
          found <- tryCatch(predict(fit, cbind(one, x = x, z = z), type = type), expertmix_error = function(error) 0)
          expect_false(anyNA(found), label = paste(format(fit$gate), x, z, type))
        }
      }
    }
  }
  fails(predict(gaussian, data.frame(x = 1, z = c(1, 1e308)), type = "gate"), "argument", "row 2")
})

test_that("a large score does not swallow the density", {
  measure <- mixing_measure(cbind(c(0, 0), c(0, 1)), cbind(c(3, 0), c(2, 0)), 1)
  expect_equal(log_density(measure, 0, c(1e20, -1e20)[1]), dnorm(0, 2, 1, log = TRUE))
  expect_equal(log_density(measure, c(0, 0), c(1e20, -1e20)), dnorm(0, c(2, 3), 1, log = TRUE))
  expect_equal(log_density(measure, 1e200, 1), -Inf)
  expect_equal(log_density(measure, 1e150, 1) / -5e299, 1)
})

test_that("measures with coefficients of any size are compared, or refused", {
  big <- mixing_measure(cbind(c(1000, 5), c(0, 0)), cbind(c(1, 2), c(3, 4)), 1)
  expect_true(all.equal(big, big))
  expect_equal(c(voronoi_loss(big, big)), 0)
  same <- mixing_measure(cbind(c(0, 0), c(-1000, -5)), cbind(c(1, 2), c(3, 4)), 1)
  expect_true(all.equal(big, same))
  expect_false(isTRUE(all.equal(big, mixing_measure(big$gate, big$experts + 0.1, big$sigma))))
  small <- mixing_measure(cbind(c(1, 5), c(0, 0)), cbind(c(1, 2), c(3, 4)), 1)
  expect_true(is.finite(voronoi_loss(big, small)))
  fails(voronoi_loss(small, big), "loss", "overflows")
  fails(voronoi_cells(small, big), "loss", "overflows")
  huge <- function(size) mixing_measure(size * cbind(c(1, 5), c(0, 0)), size * cbind(c(1, 2), c(3, 4)), size)
  for (size in c(1e3, 1e30, 1e100, 1e149)) {
    expect_true(all.equal(huge(size), huge(size)))
    expect_true(is.character(all.equal(huge(size), small)))
    expect_true(is.finite(voronoi_loss(huge(size), small)))
    for (gate in list(gate_sigmoid(), gate_softmax(activation = "tanh"), gate_topk(1))) {
      one <- mixing_measure(huge(size)$gate, huge(size)$experts, size, gating = gate)
      expect_true(all.equal(one, one))
      expect_true(is.character(all.equal(one, mixing_measure(small$gate, small$experts, 1, gating = gate))))
    }
  }
  fails(huge(1e151), "measure", "1e150")
  fails(mixing_measure(small$gate, small$experts, 1e-200), "sigma", "Rescale")
})

test_that("distances of measures far apart, narrow and wide are numbers between their bounds", {
  x <- c(-1, 0, 1)
  measure <- function(mean, sigma) mixing_measure(cbind(c(0, 1), c(0, 0)), cbind(c(mean, 1), c(-mean, 0)), sigma)
  for (one in list(measure(1, 1), measure(1e100, 1), measure(0, 1e-100), measure(0, 1e100))) {
    for (two in list(measure(1, 1), measure(0, 1e-100), measure(1e10, 1e-5))) {
      for (method in c("quadrature", "montecarlo")) {
        expect_true(hellinger(one, two, x, method = method) <= 1)
        expect_true(total_variation(one, two, x, method = method) <= 1)
        expect_gte(kl_divergence(one, two, x, method = method), if (method == "quadrature") 0 else -1)
      }
    }
  }
})

test_that("covariates that no average can be taken over are classed errors", {
  d <- mixing_measure(cbind(c(-8, 25), c(0, 0)), cbind(c(15, -20), c(-5, 20)), c(0.3, 0.4))
  for (distance in list(hellinger, total_variation, kl_divergence)) {
    fails(distance(d, d, numeric()), "measure", "no rows")
    fails(distance(d, d, matrix(0, 0, 1)), "measure", "no rows")
    fails(distance(d, d, NULL), "measure", "numeric matrix")
    fails(distance(d, d, c(1, NA)), "measure", "not finite")
    fails(distance(d, d, "a"), "measure", "numeric matrix")
    fails(distance(d, d, list(1)), "measure", "numeric matrix")
    fails(distance(d, d, array(0, c(2, 1, 1))), "measure", "numeric matrix")
    fails(distance(d, d, matrix(0, 2, 2)), "measure", "2 columns")
    fails(distance(d, d, 1, method = "montecarlo", draws = 1e300), "measure", "draws")
  }
  fails(log_density(d, numeric(), numeric()), "measure", "no rows")
  fails(log_density(d, NULL, 1), "measure")
  fails(rmoe(2, d), "measure", "missing")
  fails(rmoe(2, d, function(n) NULL), "measure", "numeric matrix")
  fails(rmoe(2, d, matrix(0, 2, 1, dimnames = list(NULL, "y"))), "measure", "`y`")
  fails(rmoe(2, d, data.frame(expert = 1:2)), "measure", "`expert`")
  fails(rbar_check(2, 3, seed = 1e300), "rbar", "seed")
})

test_that("scores of a cross-validation and of classes do not depend on the unit of the weights", {
  d <- two_lines()
  scores <- function(unit) {
    d$w <- rep(unit * c(1, 2), 100)
    path <- moe_path(class ~ x | z, d, nlambda = 3, ratio = 0.5, weights = w, control = control)
    counts <- cbind(d$a, d$b)
    fit <- suppressWarnings(moe(counts ~ x | z, d,
      family = multinomial(), weights = w, penalty = penalty_lasso(0.1), control = control
    ))
    list(
      cv = cv_moe(path, folds = 2, seed = 1)$table, classes = summary(fit)$classification[-1],
      empty = fit$record$empty
    )
  }
  expect_equal(scores(1e305), scores(1), tolerance = 1e-5)
  expect_equal(scores(1e-300), scores(1), tolerance = 1e-5)
})

test_that("a log-likelihood beyond double precision is an error", {
  d <- two_lines()
  fails(moe(a ~ x, d, family = poisson(), weights = rep(5e305, 200), control = control), "numerical", "overflows")
  fails(moe(a ~ 0 + x | z, d, family = poisson(), weights = rep(1e12, 200), offset = 1e6 * z, control = control),
    "offset", "overflows")
})
