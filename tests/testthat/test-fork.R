# Runs in a process of its own, which has so many seconds: what hangs fails.
in_process <- function(lines, seconds = 60) {
  result <- withr::local_tempfile()
  script <- withr::local_tempfile(lines = c(
    sprintf(".libPaths(c(%s))", toString(shQuote(.libPaths()))), "library(expertmix)", "set.seed(1)",
    "d <- data.frame(x = runif(500, -2, 2))", "d$y <- ifelse(runif(500) < 0.5, 1 + 2 * d$x, -1 - d$x) + rnorm(500) / 4",
    "settings <- moe_control(starts = 5, seed = 1, threads = 2, progress = FALSE)",
    "estimates <- function(i) coef(moe(y ~ x, d, control = settings))",
    sprintf("saveRDS({%s}, %s)", paste(lines, collapse = "\n"), shQuote(result))
  ))
  command <- c("--vanilla", script)
  system2(file.path(R.home("bin"), "Rscript"), command, stdout = FALSE, stderr = FALSE, timeout = seconds)
  if (!file.exists(result)) stop("the process did not end in ", seconds, " s")
  readRDS(result)
}

test_that("forked children of a process that used threads give its estimates", {
  skip_on_os("windows")
  found <- in_process("parent <- estimates()
    children <- parallel::mclapply(1:3, estimates, mc.cores = 2)
    list(parent, children, estimates())")
  expect_identical(found[[2]], rep(list(found[[1]]), 3))
  expect_identical(found[[3]], found[[1]])
})

test_that("so do the workers of a forked cluster, and paths", {
  skip_on_os("windows")
  found <- in_process("path <- function(i) coef(moe_path(y ~ x, d, lambda = c(0.2, 0.1), control = settings))
    parent <- list(estimates(), path())
    cluster <- parallel::makeForkCluster(2)
    children <- parallel::clusterApply(cluster, 1:2, function(i) list(estimates(), path()))
    parallel::stopCluster(cluster)
    list(parent, children)")
  expect_identical(found[[2]], rep(list(found[[1]]), 2))
})
