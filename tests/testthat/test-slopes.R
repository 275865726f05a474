design <- theory_design("softmax-exact")
divergence <- function(estimate, truth) kl_divergence(estimate, truth, seq(0.05, 0.95, by = 0.1))
quick <- function(..., n = c(200, 400, 800), replications = 3, seed = 1) {
  rate_study(design, n = n, replications = replications, seed = seed, progress = FALSE, ...)
}
# A study whose losses are given: a matrix with a column for each size.
study_of <- function(losses, n = 10^seq(3, 5, length.out = ncol(losses))) {
  study <- quick(n = 100, replications = 1)
  rows <- expand.grid(replication = seq_len(nrow(losses)), n = n)
  study$results <- data.frame(rows, exact = c(losses), attained = TRUE, log_likelihood = 0, warnings = "")
  study
}
fails <- function(expression, words = NULL) expect_error(expression, words, class = "expertmix_error_study")

test_that("the standard error of a log mean is the jackknife's", {
  set.seed(1)
  for (count in c(2, 5, 10)) {
    values <- rexp(count)
    without <- vapply(seq_len(count), function(i) log(mean(values[-i])), 0)
    expect_equal(log_mean_se(values), sqrt((count - 1) / count * sum((without - mean(without))^2)))
  }
  expect_equal(log_mean_se(c(1e20, 1:3)), log_mean_se(c(1:3, 1e20)))
  expect_true(is.finite(log_mean_se(c(1e20, 1:3))))
  for (values in list(numeric(), 1, c(0, 0, 1), c(-1, 1))) expect_identical(log_mean_se(values), NA_real_)
  expect_equal(log_mean_se(c(2, 2, 2)), 0)
})

test_that("the standard error of a log median is the bootstrap's", {
  set.seed(2)
  for (count in c(5, 11, 12, 40)) {
    values <- exp(rnorm(count))
    medians <- replicate(20000, log(median(sample(values, replace = TRUE))))
    expect_equal(log_median_se(values), sd(medians), tolerance = if (count %% 2) 0.02 else 0.1)
  }
  for (values in list(numeric(), 1, c(0, 1, 2))) expect_identical(log_median_se(values), NA_real_)
})

test_that("a slope's interval follows from the standard errors at each size", {
  set.seed(3)
  losses <- matrix(rexp(40), 10)
  summary <- summary(study_of(losses))
  x <- log(summary$sizes$n)
  x <- x - mean(x)
  weights <- x / sum(x^2)
  parts <- (weights * apply(losses, 2, log_mean_se))^2
  mean <- summary$slopes[1, ]
  expect_equal(mean$se, sqrt(sum(parts)))
  expect_equal(mean$upper - mean$slope, qt(0.975, sum(parts)^2 / sum(parts^2 / 9)) * mean$se)
  median <- summary$slopes[2, ]
  expect_equal(median$se, sqrt(sum((weights * apply(losses, 2, log_median_se))^2)))
  expect_equal(median$slope - median$lower, qnorm(0.975) * median$se)
  expect_output(print(summary), "lower +upper")
})

test_that("intervals cover", {
  set.seed(4)
  n <- 10^c(3, 3.5, 4)
  covers <- replicate(300, {
    losses <- matrix(exp(rnorm(45)), 15) %*% diag(n^-0.5)
    results <- data.frame(n = rep(n, each = 15), one = c(losses), attained = TRUE)
    slopes <- loss_slopes(loss_by_size(results, "one"), "one")
    slopes$lower <= -0.5 & -0.5 <= slopes$upper
  })
  expect_true(all(abs(rowMeans(covers) - 0.95) < 0.03))
})

test_that("two sizes have an interval, one size and single fits have none, without noise it is a point", {
  losses <- cbind(c(2, 3, 4), c(1, 1.5, 3))
  expect_true(all(is.finite(unlist(summary(study_of(losses))$slopes[c("se", "lower", "upper")]))))
  for (few in list(losses[, 1, drop = FALSE], losses[1, , drop = FALSE])) {
    slopes <- summary(study_of(few))$slopes
    expect_true(all(is.na(slopes[c("se", "lower", "upper", "p_curvature")])))
    expect_false(any(vapply(slopes[-(1:2)], is.nan, c(NA, NA))))
  }
  exact <- summary(study_of(matrix(rep(c(4, 2, 1), each = 5), 5)))$slopes
  expect_equal(exact$lower, exact$slope)
  expect_equal(exact$upper, exact$slope)
})

test_that("points that bend more than chance explains are said to", {
  set.seed(6)
  noise <- matrix(exp(0.1 * rnorm(80)), 20)
  straight <- summary(study_of(noise %*% diag(c(8, 4, 2, 1))))
  bent <- summary(study_of(noise %*% diag(c(8, 3, 2, 2))))
  expect_true(all(straight$slopes$p_curvature > 0.01))
  expect_true(all(bent$slopes$p_curvature < 0.01))
  expect_output(print(bent), "Log mean of exact bends")
  expect_false(any(grepl("bends", capture.output(print(straight)))))
})

test_that("the theory's slope is that of the loss", {
  density <- list(
    KL = divergence, h = function(estimate, truth) expertmix::hellinger(estimate, truth, 0.5),
    tv = function(estimate, truth) {
      x <- seq(0, 1, by = 0.5)
      total_variation(estimate, truth, x)
    },
    squared = function(estimate, truth) hellinger(estimate, truth, 0.5)^2, other = function(estimate, truth) 1
  )
  study <- quick(n = 300, replications = 1, loss = c(list("exact", "power"), density))
  theory <- c(exact = -0.5, power = NA, KL = -1, h = -0.5, tv = -0.5, squared = NA, other = NA)
  expect_equal(summary(study)$theory, theory)
  expect_equal(summary(study)$slopes$theory, rep(unname(theory), each = 2))
})

test_that("the theory speaks of fits that contain the truth", {
  losses <- list("exact", "over", h = function(estimate, truth) hellinger(estimate, truth, 0.5))
  slopes <- function(name, experts = NULL, gate = NULL) {
    settings <- unclass(theory_design(name))
    settings$loss <- stats::setNames(losses, c("exact", "over", "h"))
    settings$experts <- experts %||% settings$experts
    settings$gate <- gate %||% settings$gate
    unname(theory_slopes(settings))
  }
  none <- rep(NA_real_, 3)
  half <- -0.5
  expect_equal(slopes("softmax-exact"), c(half, half, half))
  expect_equal(slopes("softmax-over"), c(NA, half, half))
  expect_equal(slopes("softmax-exact", experts = 1), none)
  expect_equal(slopes("softmax-exact", gate = gate_modified("tanh")), none)
  expect_equal(slopes("topk-over"), c(NA, half, half))
  expect_equal(slopes("topk-few"), none)
  expect_equal(slopes("topk-over", gate = gate_topk(2)), none)
  expect_equal(slopes("temperature-tanh"), c(half, half, half))
  expect_equal(slopes("temperature-tanh", gate = gate_temperature(1, "tanh")), none)
  expect_equal(slopes("temperature-linear", gate = gate_temperature(1)), c(half, half, half))
  expect_equal(slopes("multinomial-exact"), c(half, half, half))
  expect_equal(slopes("multinomial-regime1"), c(NA, half, half))
  expect_equal(slopes("multinomial-regime2"), c(NA, NA, half))
  expect_equal(slopes("multinomial-regime2", experts = 2), c(half, half, half))
})

test_that("the theory's slope is the user's to set, or to leave out", {
  study <- quick(loss = list("exact", KL = divergence))
  both <- function(...) summary(study, theory = c(...))$theory
  expect_equal(both(-0.25), c(exact = -0.25, KL = -0.25))
  expect_equal(both(KL = -2), c(exact = NA, KL = -2))
  expect_true(all(is.na(both())))
  expect_false(any(grepl("theory", capture.output(print(summary(study, theory = NULL))))))
  for (theory in list("a", TRUE, NA, NA_real_, Inf, c(-1, -0.5), numeric(), list(1), c(KL = "a"))) {
    fails(summary(study, theory = theory), "theory")
  }
  fails(summary(study, theory = c(over = -1)), "no loss of this study")
  skip_if_not_installed("ggplot2")
  fails(plot(study, theory = "a"), "theory")
})

test_that("a picture has the theory's line of every loss that has one", {
  skip_if_not_installed("ggplot2")
  study <- quick(loss = list("exact", KL = divergence, "power"))
  lines <- function(...) {
    layers <- ggplot2::ggplot_build(ggplot2::autoplot(study, ...))$data
    if (length(layers) < 4) return(NULL)
    vapply(split(layers[[4]], layers[[4]]$PANEL, drop = TRUE), function(line) diff(line$y) / diff(line$x), 0)
  }
  expect_equal(unname(lines()), c(-0.5, -1))
  expect_equal(unname(lines(theory = -0.25)), rep(-0.25, 3))
  expect_equal(unname(lines(theory = c(power = -0.1))), -0.1)
  expect_null(lines(theory = NULL))
  picture <- ggplot2::autoplot(study)
  bars <- ggplot2::ggplot_build(picture)$data[[1]]
  sizes <- summary(study)$sizes
  expect_setequal(round(bars$ymax - bars$ymin, 8),
    round(4 * c(sizes$log_mean_se, sizes$log_median_se) / log(10), 8))
  labels <- c(exact = "Voronoi loss \"exact\"", KL = "KL (nats)", power = "Voronoi loss \"power\"")
  expect_equal(loss_labels(study$settings$loss), labels)
})

test_that("what cannot be drawn or is not known of a slope is left out of a picture", {
  skip_if_not_installed("ggplot2")
  study <- quick(n = 200, loss = list(zero = function(estimate, truth) 0, two = function(estimate, truth) 2))
  built <- ggplot2::ggplot_build(ggplot2::autoplot(study))
  expect_equal(levels(built$plot$data$curve), c("mean", "median"))
  once <- ggplot2::autoplot(quick(replications = 1))
  expect_true(all(grepl("^me(an|dian): -?[0-9.]+$", levels(once$data$curve))))
})

test_that("a design's loss is measured, unless another is asked for", {
  expect_named(quick(n = 300, replications = 1)$settings$loss, "exact")
  expect_named(quick(n = 300, replications = 1, experts = 3)$settings$loss, "over")
  design$loss <- list(KL = divergence)
  of <- function(...) {
    study <- rate_study(design, n = 300, replications = 1, seed = 1, progress = FALSE, ...)
    names(study$settings$loss)
  }
  expect_equal(of(), "KL")
  expect_equal(of(experts = 2), "KL")
  expect_equal(of(loss = "exact"), "exact")
  expect_equal(of(experts = 3), "over")
  few <- rate_study(theory_design("topk-few"), n = 300, replications = 1, seed = 1, progress = FALSE)
  expect_named(few$settings$loss, "hellinger")
  expect_true(all(is.na(few$settings$theory)))
})
