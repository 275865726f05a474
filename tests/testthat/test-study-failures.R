design <- theory_design("softmax-exact")
quick <- function(..., n = c(200, 400), replications = 2, seed = 1) {
  rate_study(design, n = n, replications = replications, seed = seed, progress = FALSE, ...)
}
fails <- function(expression, class, words = NULL) {
  expect_error(expression, words, class = paste0("expertmix_error_", class))
}
without_time <- function(study) {
  study$results$seconds <- NULL
  study[c("results", "estimates", "cells")]
}

test_that("unusable covariates end a study before its first fit", {
  store <- withr::local_tempdir()
  laws <- list(
    "3 rows" = function(n) matrix(0, 3), "not finite" = function(n) matrix(NA_real_, n), "numeric" = function(n) "a",
    "2 columns" = function(n) matrix(0, n, 2), "failed" = function(n) stop("no"), "no rows" = function(n) numeric(),
    "numeric" = function(n) NULL
  )
  for (i in seq_along(laws)) fails(quick(x = laws[[i]], store = file.path(store, i)), "study", names(laws)[i])
  expect_length(list.files(store, recursive = TRUE), 0)
  late <- function(n) if (n > 300) matrix(0, 3) else matrix(stats::runif(n), n)
  fails(quick(x = late, store = file.path(store, "late")), "study", "n = 400")
  expect_gt(length(list.files(file.path(store, "late"), "^n200")), 0)
})

test_that("trying covariates and loss changes nothing", {
  set.seed(1)
  state <- .Random.seed
  first <- quick()
  expect_identical(.Random.seed, state)
  asked <- numeric()
  loss <- function(estimate, truth) {
    asked <<- c(asked, stats::runif(1))
    voronoi_loss(estimate, truth)
  }
  second <- quick(loss = list(exact = loss))
  expect_identical(second$results$exact, first$results$exact)
  expect_length(asked, 5)
})

test_that("a loss that the truth does not have ends a study before its first fit", {
  store <- withr::local_tempdir()
  truth <- design$truth
  for (gate in list(gate_sigmoid(), gate_topk(1))) {
    of <- mixing_measure(truth$gate, truth$experts, truth$sigma, gating = gate)
    fails(rate_study(of, n = 100, replications = 1, seed = 1, store = store), "loss", "hellinger")
    study <- suppressWarnings(rate_study(of, n = 100, replications = 1, seed = 1,
      loss = function(estimate, truth) hellinger(estimate, truth, c(0.2, 0.8))))
    expect_true(is.finite(study$results$loss))
  }
  expect_length(list.files(store), 0)
  fails(quick(gate = gate_topk(1)), "measure", "gates")
  fails(quick(loss = function(estimate, truth) stop("not today")), "study", "loss")
  fails(quick(loss = list()), "study", "empty")
})

test_that("a study in which no fit succeeds says so, wherever it is shown", {
  constant <- mixing_measure(cbind(0, c(0, 0)), cbind(c(1, 0), c(1, 0)), c(1e-20, 1e-20))
  expect_warning(
    study <- rate_study(constant, n = 20, replications = 3, seed = 1, progress = FALSE, loss = function(a, b) 1),
    "No fit succeeded", class = "expertmix_warning_study"
  )
  expect_output(print(study), "3 of 3 fits failed: expertmix_error")
  found <- summary(study)
  expect_equal(found$failed, 3)
  expect_output(print(found), "3 fits failed: expertmix_error")
  expect_false(any(vapply(found$sizes[c("mean", "se", "median", "attained")], is.nan, NA)))
  skip_if_not_installed("ggplot2")
  fails(plot(study), "study", "nothing to plot")
})

test_that("what a killed writer left does not block, and writers share no file", {
  store <- withr::local_tempdir()
  for (part in c("study.rds.part", "study.rds-1234.part", "n200-r1.rds.part")) {
    writeLines("torn", file.path(store, part))
  }
  dir.create(file.path(store, "study.rds-99.part"))
  whole <- quick()
  expect_identical(without_time(quick(store = store)), without_time(whole))
  unlink(file.path(store, "n200-r1.rds"))
  dir.create(file.path(store, "n200-r1.rds.part2.part"))
  expect_identical(without_time(quick(store = store)), without_time(whole))
  write_whole(1, file.path(store, "a.rds"))
  expect_length(list.files(store, "^a.*part$"), 0)
})

test_that("of two studies that open a store at once the first one's seed holds", {
  store <- withr::local_tempdir()
  manifest <- file.path(store, "study.rds")
  write_whole(list(seed = 1), manifest, replace = FALSE)
  write_whole(list(seed = 2), manifest, replace = FALSE)
  expect_identical(readRDS(manifest), list(seed = 1))
  write_whole(list(seed = 3), manifest)
  expect_identical(readRDS(manifest), list(seed = 3))
})

test_that("files of the store that are empty, torn or of something else are named", {
  store <- withr::local_tempdir()
  quick(store = store)
  item <- file.path(store, "n200-r1.rds")
  file.create(item)
  fails(quick(store = store), "store", "n200-r1")
  saveRDS(NULL, item)
  fails(quick(store = store), "store", "something else")
  unlink(item)
  expect_identical(without_time(quick(store = store)), without_time(quick()))
  file.create(file.path(store, "study.rds"))
  fails(quick(store = store), "store", "cannot be read")
  plain <- withr::local_tempfile(lines = "a file")
  fails(quick(store = plain), "store", "cannot be made")
})

test_that("a disk that is full is an error, and what was stored stays usable", {
  skip_on_cran()
  skip_on_os("windows")
  store <- withr::local_tempdir()
  script <- withr::local_tempfile(lines = c(
    sprintf(".libPaths(c(%s))", toString(shQuote(.libPaths()))), "library(expertmix)",
    "big <- function(estimate, truth) voronoi_loss(estimate, truth)",
    "study <- function() rate_study(theory_design('softmax-exact'), experts = 12, n = 200, replications = 2, seed = 1,",
    sprintf("  loss = 'over', store = %s, progress = FALSE)", shQuote(store)),
    "tryCatch({ study(); cat('finished') }, expertmix_error_store = function(error) cat(conditionMessage(error)))"
  ))
  # SIGXFSZ ignored, so that writes beyond the limit (in blocks of 512 or 1024 bytes) fail as on a full disk
  shell <- sprintf("trap '' XFSZ; ulimit -f 1; exec %s --vanilla %s", shQuote(file.path(R.home("bin"), "Rscript")),
    shQuote(script))
  said <- suppressWarnings(system2("sh", c("-c", shQuote(shell)), stdout = TRUE, stderr = TRUE))
  if (any(grepl("finished", said))) skip("file sizes are not limited here")
  expect_match(paste(said, collapse = " "), "cannot be written")
  expect_false(any(file.size(list.files(store, "rds$", full.names = TRUE)) == 0))
  expect_length(list.files(store, "part$"), 0)
  resumed <- rate_study(design, experts = 12, n = 200, replications = 2, seed = 1, loss = "over", store = store)
  expect_equal(nrow(resumed$results), 2)
})

test_that("daemons that die are a classed error, and what they finished is kept", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  store <- withr::local_tempdir()
  pid <- withr::local_tempfile()
  mirai::daemons(1)
  on.exit(mirai::daemons(0))
  ready <- mirai::mirai(requireNamespace("expertmix", quietly = TRUE), .timeout = 10000)
  if (!isTRUE(ready[])) skip("daemons do not start here, or do not find the package")
  deadly <- eval(bquote(function(n) {
    if (n == 400 && !identical(Sys.getpid(), .(Sys.getpid()))) tools::pskill(Sys.getpid(), 9)
    matrix(stats::runif(n), n)
  }), baseenv())
  fails(quick(x = deadly, store = store), "study", "worker failed")
  expect_gt(length(list.files(store, "^n200.*rds$")), 0)
  expect_length(list.files(store, "part$"), 0)
  # all are dead before it starts
  fails(quick(), "study", "daemons have gone")
  mirai::daemons(0)
  expect_equal(nrow(quick(x = deadly, store = store)$results), 4)
})
