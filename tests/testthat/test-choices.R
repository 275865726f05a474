# Studies of choices, and draws with outliers.
truth <- mixing_measure(cbind(c(-8, 16), c(0, 0)), cbind(c(-5, 10), c(6, -4)), c(0.5, 0.5))
choices <- function(..., experts = 1:3, n = c(100, 200), replications = 3, search = "path", seed = 1) {
  rate_study(truth, experts = experts, n = n, replications = replications, search = search, starts = 3, seed = seed,
    progress = FALSE, ...)
}
without_time <- function(study) study[c("choices", "tables")]
fails <- function(expression, class, words = NULL) {
  expect_error(expression, words, class = paste0("expertmix_error_", class))
}

test_that("a study of choices has the choices of moe_select()", {
  study <- choices(search = "sweep", criterion = c("BIC", "ICL", "AIC", "cv"), n = 100, replications = 2)
  drawn <- expertmix:::with_stream(expertmix:::computed_stream(1, 100, 2), {
    drawn <- expertmix:::study_draw(study$settings, 100)
    list(data = data.frame(x1 = c(drawn$covariates), y = drawn$y), seed = sample.int(.Machine$integer.max, 1))
  })
  control <- moe_control(starts = 3, seed = drawn$seed)
  table <- study$tables[study$tables$replication == 2, ]
  for (criterion in study$settings$criterion) {
    found <- quietly(moe_select(y ~ x1, drawn$data, experts = 1:3, criterion = criterion, seed = drawn$seed,
      control = control))
    own <- study$choices$replication == 2 & study$choices$criterion == criterion
    expect_equal(study$choices$experts[own], found$table$experts[found$chosen], label = criterion)
    expect_equal(table$logLik, found$table$logLik, tolerance = 1e-10)
  }
  expect_equal(table$cv, found$table$cv, tolerance = 1e-10)
})

test_that("counts are those of the choices, and are printed", {
  study <- choices(criterion = c("BIC", "DSC"))
  expect_s3_class(study, "choice_study")
  expect_equal(nrow(as.data.frame(study)), 12)
  counts <- summary(study)$counts
  for (i in seq_len(nrow(counts))) {
    own <- study$choices[study$choices$criterion == counts$criterion[i] & study$choices$n == counts$n[i], ]
    expect_equal(counts$count[i], sum(own$experts == counts$experts[i]))
  }
  expect_equal(counts$se, sqrt(counts$share * (1 - counts$share) / 3))
  expect_equal(sum(generics::tidy(study)$count), 12)
  expect_output(print(study), "3 replications, of which the truth has 2\\.")
  expect_output(print(study), "BIC 200 0 3 0", fixed = TRUE)
  expect_true(all(study$choices$experts[study$choices$criterion == "DSC"] > 1))
})

test_that("a study of choices is a function of its seed, goes on from its store, and belongs to one store", {
  store <- withr::local_tempdir()
  set.seed(1)
  state <- .Random.seed
  whole <- choices()
  expect_identical(.Random.seed, state)
  expect_identical(without_time(choices(store = store)), without_time(whole))
  files <- list.files(store, "^n", full.names = TRUE)
  expect_length(files, 6)
  unlink(files[c(2, 5)])
  expect_identical(without_time(choices(store = store)), without_time(whole))
  grown <- choices(store = store, replications = 4, n = c(100, 200, 150))
  old <- grown$tables$replication < 4 & grown$tables$n != 150
  expect_identical(grown$tables[old, ], whole$tables, ignore_attr = "row.names")
  expect_identical(names(choices(store = store, criterion = "AIC")$choices), names(whole$choices))
  fails(choices(store = store, search = "sweep"), "store", "`search` differs")
  fails(choices(store = store, eps = 0.1, outliers = stats::rnorm), "store", "`outliers` differs")
  fails(choices(store = store, criterion = "cv"), "store", "`cross_validated` differs")
  fails(rate_study(truth, n = 100, replications = 1, seed = 1, store = store), "store", "`search`")
})

test_that("a killed study of choices resumes to the bits of one that was not", {
  skip_on_cran()
  store <- withr::local_tempdir()
  pid <- withr::local_tempfile()
  script <- withr::local_tempfile(lines = c(
    sprintf(".libPaths(c(%s))", toString(shQuote(.libPaths()))), sprintf("cat(Sys.getpid(), file = %s)", shQuote(pid)),
    "library(expertmix)", sprintf("truth <- %s", paste(deparse(quote(
      mixing_measure(cbind(c(-8, 16), c(0, 0)), cbind(c(-5, 10), c(6, -4)), c(0.5, 0.5))
    )), collapse = "")),
    "slow <- function(n) {", "  Sys.sleep(0.05)", "  matrix(stats::runif(n), n)", "}",
    "rate_study(truth, experts = 1:3, n = c(100, 200), replications = 15, search = 'path', starts = 3, seed = 1,",
    sprintf("  x = slow, store = %s)", shQuote(store))
  ))
  slow <- function(n) {
    Sys.sleep(0.05)
    matrix(stats::runif(n), n)
  }
  environment(slow) <- globalenv()
  finished <- killed_after(4, script, pid, store)
  expect_gte(finished, 4)
  expect_lt(finished, 30)
  resumed <- choices(replications = 15, x = slow, store = store)
  law <- function(n) matrix(stats::runif(n), n)
  expect_identical(without_time(resumed), without_time(choices(replications = 15, x = law)))
})

test_that("daemons give the bits of a serial study of choices", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  serial <- without_time(choices(criterion = c("BIC", "cv"), n = 100))
  mirai::daemons(2)
  on.exit(mirai::daemons(0))
  ready <- mirai::mirai(requireNamespace("expertmix", quietly = TRUE), .timeout = 10000)
  if (!isTRUE(ready[])) skip("daemons do not start here, or do not find the package")
  expect_identical(without_time(choices(criterion = c("BIC", "cv"), n = 100)), serial)
})

test_that("outliers replace responses with their probability and nothing else", {
  far <- function(n) rep(1000, n)
  x <- seq(0, 1, length.out = 2000)
  set.seed(1)
  clean <- rmoe(2000, truth, x)
  set.seed(1)
  mixed <- rmoe(2000, truth, x, eps = 0.1, outliers = far)
  out <- mixed$y == 1000
  expect_lt(abs(sum(out) - 200), 60)
  expect_identical(is.na(mixed$expert), out)
  expect_identical(mixed[!out, ], clean[!out, ])
  classes <- theory_design("multinomial-exact")$truth
  all <- rmoe(300, classes, x[1:300], eps = 0.5, outliers = function(n) rep("c", n))
  expect_true(all(all$y[is.na(all$expert)] == "c"))
  study <- choices(n = 200, eps = 0.05, outliers = function(n) stats::runif(n, -20, 20))
  expect_output(print(study), "each response is replaced with probability 0.05", fixed = TRUE)
  expect_true(all(study$choices$experts[study$choices$criterion == "BIC"] > 2))
  one <- rate_study(truth, n = 200, replications = 2, seed = 1, eps = 0.05, outliers = far)
  other <- rate_study(truth, n = 200, replications = 2, seed = 1)
  expect_true(all(one$results$exact > other$results$exact))
  fails(rmoe(5, truth, x[1:5], eps = 2, outliers = far), "outliers", "eps")
  fails(rmoe(5, truth, x[1:5], eps = 0.1), "outliers", "function")
  fails(rmoe(5, truth, x[1:5], outliers = far), "outliers", "never drawn")
  fails(rmoe(5, truth, x[1:5], eps = 0.1, outliers = function(n) "a"), "outliers", "no response")
  fails(rmoe(5, truth, x[1:5], eps = 0.1, outliers = function(n) stop("no")), "outliers", "failed")
  fails(choices(eps = 0.1, outliers = function(n) if (n == 200) 1 else rep(1, n)), "outliers", "no response")
})

test_that("settings without a choice are classed errors", {
  fails(choices(experts = c(2, 1)), "experts", "increasing")
  fails(choices(experts = c(1, 2.5)), "experts", "whole")
  fails(choices(experts = 1:40), "experts", "at most 33")
  fails(choices(loss = "exact"), "study", "`loss`: for one number of `experts` only")
  fails(choices(init = "truth"), "study", "`init`")
  fails(choices(criterion = "WAIC"), "criterion", "some of")
  fails(choices(criterion = "DSC", search = "sweep"), "criterion", "path")
  fails(choices(criterion = "slope"), "experts", "needs 10")
  fails(rate_study(truth, experts = 2, n = 50, replications = 1, criterion = "BIC"), "study", "several numbers")
})

test_that("a replication that fails is a row without a choice", {
  constant <- mixing_measure(cbind(0, c(0, 0)), cbind(c(1, 0), c(1, 0)), c(1e-20, 1e-20))
  study <- rate_study(constant, experts = 1:2, n = 20, replications = 2, seed = 1, starts = 1, progress = FALSE)
  expect_true(all(is.na(study$choices$experts)))
  expect_match(study$choices$fault, "expertmix_error")
  expect_equal(summary(study)$failed$failed, c(2, 2, 2))
  expect_true(all(is.na(summary(study)$counts$share)))
  expect_output(print(study), "failed")
})

test_that("a study of choices is drawn as shares of the data sets", {
  skip_if_not_installed("ggplot2")
  drawn <- ggplot2::ggplot_build(ggplot2::autoplot(choices()))$data[[1]]
  expect_equal(max(drawn$ymax), 1)
})

test_that("outliers are responses that the experts can have", {
  counts <- mixing_measure(cbind(0, 0), cbind(0, 1), family = poisson())
  draw <- function(value) function(n) rep(value, n)
  x <- matrix(0, 20, 0)
  expect_error(rmoe(20, counts, x, eps = 0.5, outliers = draw(-1.5)), "no response",
    class = "expertmix_error_outliers")
  expect_true(all(rmoe(20, counts, x, eps = 0.9, outliers = draw(99))$y >= 0))
})
