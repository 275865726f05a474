design <- theory_design("softmax-exact")
quick <- function(..., n = c(200, 400, 800), replications = 3, seed = 1) {
  rate_study(design, n = n, replications = replications, seed = seed, ...)
}
without_time <- function(study) {
  study$results$seconds <- NULL
  study[c("results", "estimates", "cells")]
}
fails <- function(expression, class, words = NULL) {
  expect_error(expression, words, class = paste0("expertmix_error_", class))
}

test_that("a study holds what it promises", {
  study <- quick()
  expect_equal(nrow(study$results), 9)
  expect_equal(study$results$n, rep(c(200, 400, 800), each = 3))
  expect_true(all(study$results$converged))
  expect_s3_class(study$estimates[[1]], "mixing_measure")
  for (i in c(1, 9)) {
    expect_equal(study$results$exact[i], c(voronoi_loss(study$estimates[[i]], design$truth)), ignore_attr = TRUE)
  }
  expect_equal(nrow(study$cells), 18)
  expect_true(all(study$results$seconds >= 0))
})

test_that("the result is a function of the seed, not of what else is asked for or of R's generator", {
  old <- RNGkind("L'Ecuyer-CMRG")
  on.exit(do.call(RNGkind, as.list(old)))
  set.seed(1)
  state <- .Random.seed
  other <- quick(n = c(800, 200), replications = 2)
  expect_identical(.Random.seed, state)
  study <- quick()
  some <- function(study) without_time(study)$results[study$results$n != 400 & study$results$replication < 3, ]
  expect_identical(some(study), some(other), ignore_attr = "row.names")
  expect_false(identical(quick(seed = 2)$results$exact, study$results$exact))
})

test_that("slopes are least squares lines of log mean and log median", {
  study <- quick()
  summary <- summary(study)
  means <- tapply(study$results$exact, study$results$n, mean)
  line <- coef(lm(log(means) ~ log(c(200, 400, 800))))
  expect_equal(unname(summary$slope), unname(line[2]))
  expect_equal(summary$slopes$intercept[1], unname(line[1]))
  expect_equal(summary$sizes$median, as.vector(tapply(study$results$exact, study$results$n, median)))
  expect_equal(unname(summary(study, from = 400)$slope), unname(log(means[3] / means[2]) / log(2)))
  expect_output(print(study), "slope")
  expect_output(print(summary), "attained")
})

test_that("the picture has points, bars, fitted lines and the theory's", {
  skip_if_not_installed("ggplot2")
  built <- ggplot2::ggplot_build(ggplot2::autoplot(quick(), main = "a title"))
  expect_equal(built$plot$labels$title, "a title")
  expect_equal(nrow(built$data[[2]]), 6)
  line <- built$data[[4]]
  expect_equal(diff(line$y) / diff(line$x), -0.5)
})

test_that("several losses, by name and by function", {
  x <- seq(0, 1, length.out = 20)
  study <- quick(loss = list("exact", density = function(estimate, truth) hellinger(estimate, truth, x)), n = 300)
  expect_named(study$settings$loss, c("exact", "density"))
  expect_equal(study$results$density[2], hellinger(study$estimates[[2]], design$truth, x))
  expect_equal(names(summary(study)$slope), c("exact", "density"))
})

test_that("truth-informed starts hit every true expert and keep the weights", {
  set.seed(1)
  start <- start_near(design$truth, 4, gate_softmax(), 1e12)
  cells <- voronoi_cells(start, design$truth)
  expect_setequal(cells$cell, 1:2)
  expect_equal(as.vector(tapply(cells$weight, cells$cell, sum)), c(exp(-8), 1), tolerance = 0.01)
  over <- quick(experts = 3, loss = "over", n = 500, init = "multi", starts = 5, replications = 2)
  expect_equal(dim(over$estimates[[1]]$gate), c(2, 3))
})

test_that("the temperature of a linear gate stays where its start has it, the ratio is estimated", {
  study <- rate_study(theory_design("temperature-linear"), n = c(500, 2000), replications = 3, seed = 1,
    loss = list(returned = "power", ratio = "exact"))
  temperatures <- vapply(study$estimates, function(estimate) estimate$gating$temperature, 0)
  expect_gt(sd(temperatures), 0)
  expect_lt(max(abs(log(temperatures / 0.8))), 0.25)
  expect_true(all(study$results$returned > study$results$ratio))
})

test_that("every design runs", {
  for (name in theory_design()) {
    study <- rate_study(theory_design(name), n = 300, replications = 1, seed = 1, starts = 2,
      loss = list(kl = function(estimate, truth) kl_divergence(estimate, truth, c(-0.5, 0.5))))
    expect_true(is.finite(study$results$kl), label = name)
    expect_output(print(theory_design(name)), name, fixed = TRUE)
  }
})

test_that("a store resumes, grows, and belongs to one study", {
  store <- withr::local_tempdir()
  whole <- quick()
  expect_identical(without_time(quick(store = store)), without_time(whole))
  files <- list.files(store, "^n", full.names = TRUE)
  expect_length(files, 9)
  unlink(files[c(2, 5)])
  kept <- file.mtime(files[1])
  expect_identical(without_time(quick(store = store)), without_time(whole))
  expect_identical(file.mtime(files[1]), kept)
  grown <- quick(store = store, replications = 4, seed = NULL)
  expect_identical(grown$results$exact[grown$results$replication < 4], whole$results$exact)
  fails(quick(store = store, seed = 2), "store", "`seed` differs")
  fails(quick(store = store, experts = 3, loss = "over"), "store", "`experts`, `loss` differ")
  fails(quick(store = store, x = function(n) matrix(rnorm(n), n)), "store", "`x` differs")
  tanh <- theory_design("temperature-tanh")
  fails(rate_study(tanh, n = 200, replications = 1, store = store), "store", "another study")
  other <- withr::local_tempdir()
  writeLines("mine", file.path(other, "notes.txt"))
  fails(quick(store = other), "store", "other files")
  saveRDS(NULL, file.path(store, "n200-r1.rds.part"))
  writeLines("broken", files[1])
  fails(quick(store = store), "store", "cannot be read")
})

test_that("a killed run resumes to the bits of one that was not", {
  skip_on_cran()
  store <- withr::local_tempdir()
  pid <- withr::local_tempfile()
  script <- withr::local_tempfile(lines = c(
    sprintf(".libPaths(c(%s))", toString(shQuote(.libPaths()))), sprintf("cat(Sys.getpid(), file = %s)", shQuote(pid)),
    "library(expertmix)", "slow <- function(n) {", "  Sys.sleep(0.05)", "  matrix(stats::runif(n), n)", "}",
    "rate_study(theory_design('softmax-exact'), n = c(200, 400, 800), replications = 40, seed = 1, x = slow,",
    sprintf("  store = %s)", shQuote(store))
  ))
  slow <- function(n) {
    Sys.sleep(0.05)
    matrix(stats::runif(n), n)
  }
  finished <- killed_after(5, script, pid, store)
  expect_gte(finished, 5)
  expect_lt(finished, 120)
  environment(slow) <- globalenv()
  resumed <- rate_study(design, n = c(200, 400, 800), replications = 40, seed = 1, x = slow, store = store)
  law <- function(n) matrix(stats::runif(n), n)
  expect_identical(without_time(resumed), without_time(quick(replications = 40, x = law)))
})

test_that("daemons give the bits of a serial study", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  serial <- without_time(quick(replications = 5))
  mirai::daemons(2)
  on.exit(mirai::daemons(0))
  ready <- mirai::mirai(requireNamespace("expertmix", quietly = TRUE), .timeout = 10000)
  if (!isTRUE(ready[])) skip("daemons do not start here, or do not find the package")
  expect_identical(without_time(quick(replications = 5)), serial)
})

test_that("a fit that fails is a row, not the end", {
  constant <- function(n) matrix(0.5, n)
  study <- quick(x = constant, n = c(1, 100), replications = 2)
  expect_true(anyNA(study$results$exact))
  expect_match(study$results$warnings[1], "expertmix_error")
})

test_that("bad settings are classed errors", {
  fails(quick(replications = 0), "study", "replications")
  fails(quick(replications = 1.5), "study", "replications")
  fails(quick(n = c(100, 100)), "study", "`n`")
  fails(quick(n = 0), "study", "`n`")
  fails(quick(experts = 0), "study", "experts")
  fails(quick(seed = -1), "study", "seed")
  fails(quick(x = 1), "study", "`x`")
  fails(quick(speed = 1), "study", "speed")
  fails(quick(loss = "squared"), "loss")
  fails(quick(loss = function(estimate, truth) "a"), "study", "one number")
  fails(rate_study(design$truth, replications = 2), "study", "`n` is missing")
  fails(rate_study(1, n = 10, replications = 2), "measure")
  fails(rate_study(design, gate = "softmax"), "gate")
  fails(theory_design("softmax"), "design")
})
