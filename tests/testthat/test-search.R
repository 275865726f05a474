# What a search says of itself, and what users can ask of it.

settings <- function(...) moe_control(seed = 1, progress = FALSE, ...)
mcycle <- MASS::mcycle

test_that("every seed finds the best optimum of mcycle that is known", {
  best <- c(-614.53674, -577.63378, -550.27249)
  for (experts in 2:4) {
    for (seed in 11:13) {
      fit <- suppressWarnings(moe(accel ~ times, mcycle, experts = experts, control = moe_control(seed = seed)))
      expect_gt(as.numeric(logLik(fit)), best[experts - 1] - 1e-3)
    }
  }
})

test_that("the record of a search adds up, and grows with its level", {
  fits <- lapply(c("quick", "default", "thorough"), function(search) {
    moe(eruptions ~ waiting, faithful, control = settings(search = search))
  })
  for (fit in fits) {
    record <- fit$record
    expect_s3_class(record$optima, "data.frame")
    expect_named(record$optima, c("value", "starts", "hops", "spike"))
    expect_equal(sum(record$optima$starts), record$starts[["tried"]])
    expect_lte(sum(record$optima$hops), record$starts[["hops"]])
    expect_false(is.unsorted(-record$optima$value[!record$optima$spike]))
    expect_true(record$unseen >= 0 && record$unseen <= 1)
    expect_lte(record$starts[["reached"]], record$starts[["tried"]])
  }
  tried <- vapply(fits, function(fit) fit$record$starts[["tried"]], 0)
  expect_equal(tried / tried[2], c(0.25, 1, 4))
})

test_that("starts are what the user says, and a given start needs no search", {
  expect_equal(moe(dist ~ speed, cars, control = settings(starts = 7))$record$starts[["tried"]], 7)
  fit <- moe(eruptions ~ waiting, faithful, control = settings(starts = 5))
  again <- moe(eruptions ~ waiting, faithful, start = fit, control = settings())
  expect_equal(nrow(again$record$optima), 0)
  expect_output(print(summary(again)), "Search: none, from the given start", fixed = TRUE)
  expect_error(plot(again, which = "search"), class = "expertmix_error_which")
})

test_that("summary says in a sentence what was seen", {
  fit <- suppressWarnings(moe(accel ~ times, mcycle, experts = 3, control = settings()))
  shown <- paste(capture.output(print(summary(fit))), collapse = "\n")
  expect_match(shown, sprintf("%d independent starts and %d hops saw %d optima", fit$record$starts[["tried"]],
    fit$record$starts[["hops"]], nrow(fit$record$optima)), fixed = TRUE)
  expect_match(shown, "one more start would end at one not seen yet with chance", fixed = TRUE)
  expect_match(shown, "of any that 80 independent starts missed: below 0.037", fixed = TRUE)
})

test_that("the picture of a search shows every optimum", {
  skip_if_not_installed("ggplot2")
  fit <- suppressWarnings(moe(accel ~ times, mcycle, experts = 3, control = settings()))
  picture <- ggplot2::autoplot(fit, which = "search")
  built <- ggplot2::ggplot_build(picture)
  expect_equal(nrow(built$data[[2]]), nrow(fit$record$optima))
  expect_equal(sum(built$data[[2]]$y), fit$record$starts[["tried"]])
  expect_error(ggplot2::autoplot(fit, which = "sea"), class = "expertmix_error_which")
})

test_that("levels are checked", {
  expect_error(moe_control(search = "slow"), "one of \"default\", \"quick\"", class = "expertmix_error_control")
  expect_equal(moe_control()$search, "default")
})

test_that("one start knows nothing of others, one expert needs no search, and a penalised fit says what it lacks", {
  expect_equal(moe(accel ~ times, mcycle, experts = 3, control = settings(starts = 1))$record$unseen, 1)
  one <- moe(dist ~ speed, cars, experts = 1, control = settings())
  expect_output(print(summary(one)), "none needed for one expert", fixed = TRUE)
  lasso <- suppressWarnings(moe(dist ~ speed, cars, penalty = penalty_lasso(0.05), control = settings()))
  expect_error(plot(lasso, which = "search"), "penalised", class = "expertmix_error_which")
})

test_that("settings that were changed by hand are checked like others", {
  changed <- function(name, value) {
    control <- settings()
    control[name] <- list(value)
    control
  }
  bad <- list(search = "zz", zzz = 1, starts = -3, method = "zz", tolerance = "a")
  for (name in names(bad)) {
    expect_error(moe(dist ~ speed, cars, control = changed(name, bad[[name]])), class = "expertmix_error_control")
  }
})

test_that("a start at a hard split does not end lower than it begins", {
  left <- mcycle$times < 27.4
  lines <- list(lm(accel ~ times, mcycle[left, ]), lm(accel ~ times, mcycle[!left, ]))
  sigma <- vapply(lines, function(line) sqrt(mean(residuals(line)^2)), 0)
  start <- mixing_measure(gate = cbind(0, c(-27.4e4, 1e4)), experts = sapply(lines, coef), sigma = sigma)
  begins <- sum(dnorm(mcycle$accel, ifelse(left, predict(lines[[1]], mcycle), predict(lines[[2]], mcycle)),
    ifelse(left, sigma[1], sigma[2]), log = TRUE))
  fit <- suppressWarnings(moe(accel ~ times, mcycle, start = start, control = settings()))
  expect_gt(as.numeric(logLik(fit)), begins - 1e-3)
})

test_that("time runs out: the best so far, in time", {
  started <- proc.time()[[3]]
  fit <- suppressWarnings(moe(accel ~ times, mcycle, experts = 5, control = settings(starts = 1e5, time_limit = 1)))
  expect_lt(proc.time()[[3]] - started, 10)
  expect_lt(fit$record$starts[["tried"]], 1e5)
  expect_true(is.finite(logLik(fit)))
})

test_that("top-1 gates end at one place from every seed, whatever selects their experts", {
  for (gate in list(gate_topk(1), gate_topk(1, select = "logit"))) {
    values <- vapply(1:3, function(seed) {
      fit <- suppressWarnings(moe(log(medv) ~ lstat | lstat + rm, MASS::Boston,
        gate = gate, control = moe_control(seed = seed, progress = FALSE)
      ))
      as.numeric(logLik(fit))
    }, 0)
    expect_lt(diff(range(values)), 1e-3, label = format(gate))
  }
})

test_that("classes that separate end at one place from every seed, no expert empty where that can be", {
  for (gate in list(gate_softmax(), gate_topk(1, select = "logit"), gate_sigmoid())) {
    fits <- lapply(1:4, function(seed) {
      suppressWarnings(moe(Species ~ Petal.Length | Sepal.Width, iris,
        gate = gate, control = moe_control(seed = seed, progress = FALSE)
      ))
    })
    expect_lt(diff(range(vapply(fits, logLik, 0))), 1e-3, label = format(gate))
    expect_gt(min(vapply(fits, function(fit) min(fit$mass), 0)), 1, label = format(gate))
  }
})

test_that("a search that time cuts short is no search that was not needed", {
  hasty <- suppressWarnings(moe(dist ~ speed, cars, control = settings(starts = 1e5, time_limit = 1)))
  expect_output(print(summary(hasty)), "independent starts? and [0-9]+ hops saw")
})
