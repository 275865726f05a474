d <- two_lines(200)
fit <- moe(y ~ x | z, d, control = moe_control(seed = 1, starts = 5))
quick <- function(object = fit, replicates = 20, ..., seed = 1) moe_boot(object, replicates, ..., seed = seed)
fails <- function(expression, class, words = NULL) {
  expect_error(expression, words, class = paste0("expertmix_error_", class))
}
errors <- function(covariance) sqrt(diag(covariance))

test_that("a bootstrap holds what it promises", {
  for (boot in list(quick(), quick(type = "case"))) {
    expect_equal(dim(boot$replicates), c(20, length(coef(fit))))
    expect_identical(colnames(boot$replicates), names(coef(fit)))
    expect_identical(coef(boot), coef(fit))
    expect_identical(boot$reasons, rep(NA_character_, 20))
    expect_false(anyDuplicated(boot$replicates[, 1]) > 0)
  }
})

test_that("a replicate is the fit to what was drawn, from the estimates", {
  seen <- function(fit) c(coef(fit), value = as.numeric(logLik(fit)), rows = nobs(fit), error = vcov(fit)[1, 1])
  data <- list()
  keep <- function(fit) {
    data[[length(data) + 1]] <<- list(frame = model.frame(fit), seen = seen(fit))
    1
  }
  for (type in c("parametric", "case")) {
    data <- list()
    boot <- quick(type = type, replicates = 3, statistic = keep)
    coefficients <- quick(type = type, replicates = 3)$replicates
    for (i in 1:3) {
      frame <- data[[i + 1]]$frame
      expect_identical(data[[i + 1]]$seen[names(coef(fit))], coefficients[i, ])
      again <- moe(y ~ x | z, frame, weights = frame[["(weights)"]], start = fit, control = fit$control)
      expect_equal(seen(again), data[[i + 1]]$seen, tolerance = 1e-5)
      if (type == "case") expect_equal(sum(frame[["(weights)"]]), 200) else expect_false(any(frame$y == d$y))
    }
  }
})

test_that("the result is a function of the seed, not of what else is asked for or of R's generator", {
  first <- quick()
  set.seed(1)
  state <- .Random.seed
  expect_identical(quick(replicates = 8)$replicates, first$replicates[1:8, ])
  expect_identical(.Random.seed, state)
  expect_false(identical(quick(seed = 2)$replicates, first$replicates))
  set.seed(5)
  drawn <- quick(seed = NULL)
  set.seed(5)
  expect_identical(quick(seed = NULL)$replicates, drawn$replicates)
  expect_identical(quick(seed = drawn$seed)$replicates, drawn$replicates)
})

test_that("a bootstrap goes on from its store, and no other does", {
  store <- file.path(withr::local_tempdir(), "new")
  whole <- quick(replicates = 12)
  quick(replicates = 5, store = store)
  expect_length(list.files(store, "^n200-r"), 5)
  unlink(file.path(store, "n200-r2.rds"))
  expect_identical(quick(replicates = 12, store = store, seed = NULL)$replicates, whole$replicates)
  fails(quick(store = store, seed = 2), "store", "another bootstrap: `seed` differs")
  fails(quick(store = store, type = "case"), "store", "`type`")
  fails(quick(update(fit, data = d[-1, ]), store = store), "store", "`design`")
  fails(quick(store = store, statistic = function(fit) 1), "store", "`statistic`")
  study <- withr::local_tempdir()
  rate_study(theory_design("softmax-exact"), n = 100, replications = 1, seed = 1, store = study, progress = FALSE)
  fails(quick(store = study), "store", "no bootstrap")
})

test_that("what was finished before an interrupt is kept", {
  store <- withr::local_tempdir()
  asked <- 0
  statistic <- function(fit) {
    asked <<- asked + 1
    if (asked == 6) rlang::interrupt()
    coef(fit)
  }
  tryCatch(quick(statistic = statistic, store = store), interrupt = function(condition) NULL)
  expect_length(list.files(store, "^n200-r"), 4)
  expect_identical(quick(statistic = statistic, store = store)$replicates, quick()$replicates)
})

test_that("daemons give the bits of a serial bootstrap", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  statistic <- function(fit) predict(fit, data.frame(x = 1, z = 0))
  serial <- list(quick()$replicates, quick(type = "case", statistic = statistic)$replicates)
  for (workers in 1:2) {
    mirai::daemons(workers)
    withr::defer(mirai::daemons(0))
    ready <- mirai::mirai(requireNamespace("expertmix", quietly = TRUE), .timeout = 10000)
    if (!isTRUE(ready[])) skip("daemons do not start here, or do not find the package")
    expect_identical(quick()$replicates, serial[[1]])
    expect_identical(quick(type = "case", statistic = statistic)$replicates, serial[[2]])
    mirai::daemons(0)
  }
})

test_that("one expert: the parametric bootstrap has the exact covariance of the linear model", {
  line <- moe(dist ~ speed, cars, experts = 1)
  boot <- quick(line, 1000)
  x <- cbind(1, cars$speed)
  exact <- sigma(line)^2 * solve(crossprod(x))
  expect_equal(vcov(boot)[1:2, 1:2], exact, tolerance = 0.1, ignore_attr = TRUE)
  # n s^2 / sigma^2 is chi-squared with n - 2 degrees of freedom
  log_sigma <- boot$replicates[, "expert1:log(sigma)"] - log(sigma(line))
  expect_gt(stats::ks.test(50 * exp(2 * log_sigma), stats::pchisq, 48)$p.value, 0.001)
  slope <- boot$replicates[, 2] - coef(line)[2]
  expect_gt(stats::ks.test(slope, stats::pnorm, 0, sqrt(exact[2, 2]))$p.value, 0.001)
})

test_that("drawn rows have the errors of the sandwich, drawn clusters those of clusters", {
  set.seed(3)
  n <- 400
  group <- rep(1:80, each = 5)
  h <- data.frame(x = stats::runif(n, -2, 2), group = group)
  h$y <- 1 + h$x + stats::rnorm(n) * (0.2 + h$x^2)
  line <- moe(y ~ x, h, experts = 1)
  robust <- errors(vcov(line, type = "sandwich"))[1:2]
  rows <- errors(vcov(quick(line, 400, type = "case")))[1:2]
  expect_equal(rows, robust, tolerance = 0.1)
  expect_gt(rows[2] / errors(vcov(line))[2], 1.3)
  h$y <- h$y + stats::rnorm(80, sd = 2)[group]
  line <- moe(y ~ x, h, experts = 1)
  clusters <- quick(line, 400, cluster = ~ group)
  expect_identical(clusters$type, "case")
  expect_output(print(clusters), "80 clusters")
  expect_equal(errors(vcov(clusters))[1:2], errors(vcov(line, cluster = group))[1:2], tolerance = 0.1)
  expect_gt(errors(vcov(clusters))[1] / errors(vcov(line))[1], 1.3)
})

test_that("weights multiply the counts of their rows, and rows of weight zero are not there", {
  set.seed(4)
  weights <- c(stats::runif(200, 0.5, 2), 0, 0)
  some <- moe(y ~ x | z, d, weights = weights[1:200], control = fit$control)
  more <- rbind(data.frame(x = c(5, -5), z = 0, y = 9)[1:2, ], d[c("x", "z", "y")])[c(3:202, 1:2), ]
  all <- moe(y ~ x | z, more, weights = weights, start = some, control = fit$control)
  expect_equal(quick(all, type = "case")$replicates, quick(some, type = "case")$replicates, tolerance = 1e-5)
  kept <- quick(some, 2, type = "case", statistic = function(fit) weights(fit))
  counts <- kept$replicates / rep(weights[1:200], each = 2)
  expect_equal(counts, round(counts), ignore_attr = TRUE)
  expect_equal(rowSums(counts), c(200, 200))
  drawn <- quick(some, 2, statistic = function(fit) weights(fit))
  expect_equal(drawn$replicates[1, ], weights[1:200], ignore_attr = TRUE)
})

test_that("labels stay, where replicates are hard to tell apart too", {
  crossing <- function(noise, ...) {
    set.seed(6)
    s <- data.frame(x = stats::runif(120, -1, 1))
    s$y <- ifelse(stats::runif(120) < 0.5, 1, -1) * s$x + stats::rnorm(120, sd = noise)
    quietly(moe(y ~ x | 1, s, ..., control = moe_control(seed = 1, starts = 10)))
  }
  apart <- crossing(0.5)
  slopes <- c("expert1:x", "expert2:x")
  boot <- quick(apart, 150)
  expect_equal(sum(sign(coef(apart)[slopes])), 0)
  expect_gt(mean(sign(boot$replicates[, slopes[1]]) == sign(coef(apart)[slopes[1]])), 0.95)
  expect_gt(mean(sign(boot$replicates[, slopes[2]]) == sign(coef(apart)[slopes[2]])), 0.95)
  near <- crossing(1, sigma = "common")
  # by how much the posterior probabilities agree better than with the experts swapped
  agreement <- function(fit) {
    own <- predict(fit, type = "posterior")
    before <- predict(near, model.frame(fit), type = "posterior")
    weights <- weights(fit) %||% 1
    sum(weights * before * own) - sum(weights * before * own[, 2:1])
  }
  boot <- quietly(quick(near, 150, type = "case", statistic = agreement))
  sound <- is.na(boot$reasons)
  expect_gt(sum(sound), 100)
  expect_true(all(boot$replicates[sound, ] >= -1e-6))
})

test_that("experts that a replicate found in another order are named again, with another reference of the gate", {
  checked <- checked_at_fit(fit)
  swapped <- checked
  swapped$start <- relabelled(checked$start, 2:1)
  settings <- seeded(fit$control)
  found <- fit_likelihood(checked, settings, swapped$start)
  order <- kept_order(checked, found$estimates)
  expect_identical(order, 2:1)
  expect_equal(fit_labelled(checked, settings)$coefficients, coef(fit), tolerance = 1e-6)
  back <- fit_likelihood(checked, settings, relabelled(found$estimates, order))
  expect_equal(back$coefficients, coef(fit), tolerance = 1e-5)
})

test_that("every family, gate and way to give data", {
  set.seed(7)
  d$o <- d$z^2
  d$g <- factor(sample(c("a", "b", "c"), 200, TRUE))
  d$count <- stats::rpois(200, exp(1 + ifelse(d$z > 0, 1, -1) * d$x))
  d$class <- factor(c("u", "v", "w")[1 + (stats::runif(200) < 0.5) + (stats::runif(200) < stats::plogis(d$x))])
  counts <- t(stats::rmultinom(200, 5, c(0.2, 0.3, 0.5)))
  few <- moe_control(seed = 1, starts = 5)
  missing <- d
  missing$x[3:4] <- NA
  fits <- quietly(list(
    moe(y + o ~ x + offset(o) | z, d, sigma = "common", control = few),
    moe(y ~ x + g | z, missing, na.action = na.exclude, control = few),
    moe(count ~ x | z, d, family = poisson(), control = few),
    moe(class ~ x, d, experts = 1, control = few), moe((class == "u") ~ x, d, experts = 1, control = few),
    moe(counts ~ x, d, experts = 1, family = multinomial(), control = few),
    moe(y ~ x | z, d, gate = gate_sigmoid(), control = few),
    moe(y ~ x | z, d, gate = gate_temperature(2, "tanh"), control = few),
    moe(y ~ x | z, d, gate = gate_softmax(transform = function(z) z^3), control = few),
    moe_fit(cbind(1, d$x), d$y, cbind(1, d$z), offset = d$o, control = few),
    moe(y ~ x | z, d, control = moe_control(seed = 1, starts = 5, bounds = moe_bounds(gate = 0.5)))
  ))
  likelihood <- function(fit) as.numeric(logLik(fit))
  for (one in fits) {
    for (type in c("parametric", "case")) {
      label <- paste(deparse(one$call)[1], type)
      boot <- quietly(quick(one, 4, type = type))
      expect_identical(colnames(boot$replicates), names(coef(one)), label = label)
      expect_lt(sum(!is.na(boot$reasons)), 3, label = label)
      expect_true(all(is.finite(quietly(quick(one, 2, type = type, statistic = likelihood))$coefficients)))
    }
  }
  bounded <- fits[[length(fits)]]
  expect_true(all(abs(quick(bounded)$replicates[, "gate2:z"]) <= 0.5 + 1e-8))
})

test_that("replicates that fail are counted, reported and rows of NA", {
  set.seed(8)
  rare <- data.frame(x = stats::rnorm(60), level = factor(rep(c("a", "b"), c(58, 2))))
  rare$y <- rare$x + stats::rnorm(60)
  line <- moe(y ~ x + level, rare, experts = 1)
  expect_warning(boot <- quick(line, 60, type = "case"), "replicates failed: aliased",
    class = "expertmix_warning_bootstrap")
  failed <- !is.na(boot$reasons)
  expect_identical(unique(boot$reasons[failed]), "aliased")
  # a level of two rows of sixty is not drawn in one of seven samples
  expect_gt(sum(failed), 1)
  expect_lt(sum(failed), 22)
  expect_true(all(is.na(boot$replicates[failed, ])))
  expect_false(anyNA(boot$replicates[!failed, ]))
  expect_output(print(boot), sprintf("%d of 60 replicates failed: aliased", sum(failed)))
  expect_equal(vcov(boot), stats::cov(boot$replicates[!failed, ]))
  expect_equal(sum(is.na(as.data.frame(boot)$x)), 0)
  expect_equal(as.data.frame(boot)$reason, boot$reasons)
  asked <- 0
  moody <- function(fit) {
    asked <<- asked + 1
    if (asked == 4) stop("no")
    if (asked == 6) c(1, 2) else if (asked == 8) NaN else 1
  }
  boot <- quietly(quick(replicates = 10, statistic = moody))
  expect_identical(which(!is.na(boot$reasons)), c(3L, 5L, 7L))
  expect_identical(boot$reasons[3], "statistic")
})

test_that("nothing is NaN where every replicate fails", {
  asked <- 0
  once <- function(fit) {
    asked <<- asked + 1
    if (asked > 1) stop("no")
    c(a = 1)
  }
  expect_warning(boot <- quick(replicates = 5, statistic = once), "5 of 5", class = "expertmix_warning_bootstrap")
  interval <- quietly(confint(boot))
  expect_identical(unname(interval), matrix(NA_real_, 1, 2))
  table <- quietly(summary(boot))$coefficients
  expect_identical(unname(table[1, ]), c(1, NA, NA, NA, NA))
  expect_false(any(is.nan(table)))
  expect_output(print(boot), "5 of 5 replicates failed: statistic")
  skip_if_not_installed("ggplot2")
  fails(quietly(plot(boot)), "bootstrap", "nothing to plot")
})

test_that("what the data do not hold has no bootstrap, the rest has", {
  split <- data.frame(x = seq(-1, 1, length.out = 100))
  set.seed(9)
  split$y <- ifelse(split$x > 0, 4 + split$x, split$x) + stats::rnorm(100, sd = 0.1)
  hard <- quietly(moe(y ~ x, split, control = moe_control(seed = 1, starts = 5)))
  boot <- quietly(quick(hard))
  unheld <- unname(!hard$estimable)
  expect_true(any(unheld))
  expect_true("separation" %in% names(hard$record$warnings))
  expect_identical(unname(is.na(errors(vcov(boot)))), unheld)
  expect_identical(unname(is.na(quietly(confint(boot))[, 1])), unheld)
  expect_false(anyNA(boot$replicates))
})

test_that("intervals, bias and errors are those of their formulas", {
  boot <- quick(type = "case", replicates = 199)
  values <- boot$replicates[, 4]
  estimate <- coef(fit)[[4]]
  # the fifth from either end of 199
  ends <- sort(values)[c(5, 195)]
  expect_equal(unname(confint(boot, 4)[1, ]), ends)
  expect_equal(unname(confint(boot, 4, type = "basic")[1, ]), 2 * estimate - rev(ends))
  expect_equal(colnames(confint(boot, 4)), c("2.5 %", "97.5 %"))
  expect_equal(rownames(confint(boot, c("gate2:z", "expert1:x"), 0.9)), c("gate2:z", "expert1:x"))
  table <- summary(boot, level = 0.9, type = "basic")$coefficients
  expect_equal(unname(table[4, 1:3]), c(estimate, mean(values) - estimate, stats::sd(values)))
  expect_equal(table[, 4:5], confint(boot, level = 0.9, type = "basic"))
  tidied <- generics::tidy(boot, conf.int = TRUE)
  expect_equal(tidied[1:3], generics::tidy(fit)[1:3])
  expect_equal(tidied$std.error, unname(table[, 3]))
  expect_equal(cbind(tidied$conf.low, tidied$conf.high), unname(confint(boot)))
})

test_that("BCa intervals have the acceleration of a jackknife", {
  skewed <- data.frame(x = stats::qexp(stats::ppoints(60)))
  set.seed(10)
  skewed$y <- skewed$x + stats::rexp(60)
  line <- moe(y ~ x, skewed, experts = 1)
  boot <- quick(line, 999, type = "case")
  left <- t(vapply(1:60, function(i) coef(stats::lm(y ~ x, skewed[-i, ])), numeric(2)))
  gap <- -sweep(left, 2, colMeans(left))
  jackknife <- colSums(gap^3) / (6 * colSums(gap^2)^1.5)
  expect_equal(unname(boot$acceleration[1:2]), unname(jackknife), tolerance = 0.25)
  a <- boot$acceleration[[2]]
  z0 <- stats::qnorm(mean(boot$replicates[, 2] < coef(line)[2]))
  z <- z0 + stats::qnorm(c(0.025, 0.975))
  ends <- stats::quantile(boot$replicates[, 2], stats::pnorm(z0 + z / (1 - a * z)), type = 6)
  expect_equal(unname(confint(boot, 2, type = "bca")[1, ]), unname(ends))
  fails(confint(quick(replicates = 40), 1, type = "bca"), "bootstrap", "BCa")
  fails(confint(quick(replicates = 40, type = "case", statistic = coef), 1, type = "bca"), "bootstrap", "BCa")
})

test_that("confint() of a fit takes a bootstrap, or makes one", {
  boot <- quick(replicates = 60)
  expect_equal(confint(fit, "expert1:x", method = "bootstrap", boot = boot), confint(boot, "expert1:x"))
  set.seed(11)
  made <- confint(fit, method = "bootstrap", boot = 60)
  set.seed(11)
  expect_equal(made, confint(quick(replicates = 60, seed = NULL)))
  id <- rep(1:40, 5)
  set.seed(11)
  made <- confint(fit, 2, method = "bootstrap", cluster = id, boot = 60)
  set.seed(11)
  expect_equal(made, confint(quick(replicates = 60, cluster = id, seed = NULL), 2))
  fails(confint(fit, method = "bootstrap", boot = quick(update(fit, data = d[-1, ]))), "bootstrap", "no bootstrap")
  fails(confint(fit, method = "bootstrap", type = "sandwich"), "type", "wald")
  fails(confint(fit, method = "bootstrap", boot = boot, cluster = id), "cluster")
  fails(confint(fit, boot = boot), "bootstrap", "goes with")
  fails(confint(fit, method = "exact"), "method")
  expect_equal(confint(fit, method = "wald"), confint(fit))
})

test_that("too few replicates for a level are said", {
  boot <- quick()
  expect_warning(confint(boot, 1), "39 or more", class = "expertmix_warning_replicates")
  expect_silent(confint(boot, 1, level = 0.9))
  expect_silent(print(boot) |> utils::capture.output())
})

test_that("the picture has a panel, an estimate and an interval for every parameter", {
  skip_if_not_installed("ggplot2")
  boot <- quick(replicates = 50)
  built <- ggplot2::ggplot_build(ggplot2::autoplot(boot, c("expert1:x", "gate2:z"), level = 0.9, xlab = "slope"))
  expect_equal(built$plot$labels$x, "slope")
  expect_equal(sum(built$data[[1]]$count), 100)
  marks <- built$data[[2]]
  expect_equal(marks$xintercept[marks$linetype == "solid"], unname(coef(fit)[c("expert1:x", "gate2:z")]))
  expect_equal(marks$xintercept[marks$linetype == "dashed"], c(confint(boot, c("expert1:x", "gate2:z"), 0.9)))
})

test_that("bad input is a classed error", {
  fails(moe_boot(), "bootstrap", "`fit` is missing")
  fails(moe_boot(1), "bootstrap", "`fit`")
  for (replicates in list(0, 1.5, "a", NA, c(1, 2))) fails(moe_boot(fit, replicates), "bootstrap", "`replicates`")
  for (seed in list(-1, 1.5, "a", NA)) fails(quick(seed = seed), "bootstrap", "`seed`")
  fails(quick(store = 1), "bootstrap", "`store`")
  fails(moe_boot(fit, R = 9), "bootstrap", "Did you mean `replicates`")
  fails(quick(type = "block"), "type", "parametric")
  fails(quick(cluster = 1:3), "cluster", "3 values")
  fails(quick(cluster = rep(1, 200)), "cluster", "one level")
  fails(quick(cluster = 1:200, type = "parametric"), "cluster", "independently")
  fails(quick(statistic = 1), "statistic", "function")
  fails(quick(statistic = function(fit) stop("no")), "statistic", "failed")
  fails(quick(statistic = function(fit) "a"), "statistic", "finite numbers")
  fails(quick(statistic = function(fit) NaN), "statistic", "finite numbers")
  fails(quick(moe(y ~ x | z, d, penalty = penalty_lasso(0.1), control = fit$control)), "penalty", "penalised")
  stopped <- quietly(moe(y ~ x | z, d, control = moe_control(seed = 1, starts = 1, iterations = 1)))
  fails(quick(stopped), "bootstrap", "converge")
  boot <- quick(replicates = 40)
  fails(confint(boot, "x"), "parm")
  fails(confint(boot, level = 1), "level")
  fails(confint(boot, type = "normal"), "type")
  fails(summary(boot, levels = 0.9), "argument", "level")
  fails(generics::tidy(boot, conf.int = 1), "conf.int")
})
