# Lasso paths, with glmnet's as the measure of time: Rscript bench/lasso.R [ratio | wide | whole | large]
#   Rscript bench/lasso.R companions FILE     the objective of Chamroukhi and Huynh on their data
# One thread; bench/README.md says what the numbers mean.

arguments <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("^--file=", "", grep("^--file=", arguments, value = TRUE)))
own_library <- file.path(here, "..", "build", "bench-library")
if (dir.exists(own_library)) .libPaths(c(normalizePath(own_library), .libPaths()))
source(file.path(here, "design.R"))

# Standard normal covariates; each expert has five slopes of size 1 to 2, each gate but the last three of 1.5; sd 1.
simulate_sparse <- function(n, p, experts, seed = 5) {
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  sparse <- function(count, draw) {
    values <- double(p)
    values[sample.int(p, count)] <- draw(count) * sample(c(-1, 1), count, replace = TRUE)
    values
  }
  gate <- cbind(rbind(0, replicate(experts - 1, sparse(3, function(m) rep(1.5, m)))), 0)
  slopes <- rbind(rnorm(experts), replicate(experts, sparse(5, function(m) runif(m, 1, 2))))
  design <- cbind(1, matrix(rnorm(n * p), n))
  colnames(design) <- c("(Intercept)", paste0("x", seq_len(p)))
  odds <- softmax_rows(design %*% gate)
  label <- 1 + rowSums(runif(n) > t(apply(odds, 1, cumsum))[, -experts, drop = FALSE])
  y <- rowSums(design * t(slopes)[label, ]) + rnorm(n)
  densities <- odds * dnorm(y - design %*% slopes)
  list(x = design, y = y, experts = experts, responsibilities = densities / rowSums(densities))
}

# CPU seconds of the median run, and its value: all runs have the same.
cpu_seconds <- function(work, runs = 9) {
  value <- if (runs > 1) work()
  seconds <- replicate(runs, {
    gc(FALSE)
    used <- system.time(value <<- work(), gcFirst = FALSE)
    used[["user.self"]] + used[["sys.self"]]
  })
  list(value = value, seconds = stats::median(seconds), range = range(seconds))
}

# K weighted Gaussian paths and one K-class multinomial path: what the M-step alone costs with responsibilities known.
glmnet_paths <- function(case, count = 50) {
  x <- case$x[, -1]
  r <- case$responsibilities
  paths <- lapply(seq_len(case$experts), function(k) glmnet::glmnet(x, case$y, weights = r[, k], nlambda = count))
  c(paths, list(glmnet::glmnet(x, r, family = "multinomial", nlambda = count)))
}

path_of_case <- function(case, ..., count = 50, runs = 9) {
  cpu_seconds(function() {
    expertmix::moe_path(case$x, case$y, experts = case$experts, nlambda = count, ...,
      control = expertmix::moe_control(seed = 1))
  }, runs)
}

describe <- function(name, timed) {
  path <- timed$value
  cat(sprintf("| %s | %.3f s (%.3f to %.3f) ", name, timed$seconds, timed$range[1], timed$range[2]))
  cat(sprintf("| %d fits, lambda %.3f to %.3f (%s) ", length(path$lambda), max(path$lambda), min(path$lambda),
    path$path$status))
  cat(sprintf("| least EBIC %.1f | violation at most %.1e |\n", min(path$table$EBIC), max(path$table$violation)))
}

bench_ratio <- function() {
  case <- simulate_sparse(500, 500, 3)
  cat("case n = 500, p = 500, K = 3\n")
  peer <- if (requireNamespace("glmnet", quietly = TRUE)) cpu_seconds(function() glmnet_paths(case))
  default <- path_of_case(case)
  single <- path_of_case(case, penalty = expertmix::penalty_lasso(1, gate = 1 / 3))
  describe("moe_path", default)
  describe("moe_path, one gate penalty", single)
  if (is.null(peer)) return(cat("| glmnet | is not installed: skipped |\n"))
  cat(sprintf("| glmnet, K Gaussian and one multinomial | %.3f s (%.3f to %.3f) |\n", peer$seconds, peer$range[1],
    peer$range[2]))
  cat(sprintf("| ratio | default %.1f, one gate penalty %.1f |\n", default$seconds / peer$seconds,
    single$seconds / peer$seconds))
}

bench_whole <- function() {
  cat("case n = 500, p = 100, K = 2\n")
  describe("moe_path", path_of_case(simulate_sparse(500, 100, 2)))
}

# More columns than a search can look at one by one, against one Gaussian path of the same columns.
bench_wide <- function() {
  case <- simulate_sparse(300, 10000, 2)
  cat("case n = 300, p = 10000, K = 2\n")
  default <- path_of_case(case, runs = 3)
  single <- path_of_case(case, penalty = expertmix::penalty_lasso(1, gate = 1 / 2), runs = 3)
  describe("moe_path", default)
  describe("moe_path, one gate penalty", single)
  if (!requireNamespace("glmnet", quietly = TRUE)) return(cat("| glmnet | is not installed: skipped |\n"))
  peer <- cpu_seconds(function() glmnet::glmnet(case$x[, -1], case$y, nlambda = 50), runs = 3)
  cat(sprintf("| glmnet, one Gaussian | %.3f s (%.3f to %.3f) |\n", peer$seconds, peer$range[1], peer$range[2]))
  cat(sprintf("| ratio | default %.1f, one gate penalty %.1f |\n", default$seconds / peer$seconds,
    single$seconds / peer$seconds))
}

# R's own peak (matrices of the caller included), and where the system tells it, that of the whole process.
bench_large <- function() {
  cat("case n = 1000, p = 20000, K = 2, one gate penalty, once\n")
  case <- simulate_sparse(1000, 20000, 2)
  case$responsibilities <- NULL
  gc(reset = TRUE)
  timed <- path_of_case(case, penalty = expertmix::penalty_lasso(1, gate = 1 / 2), runs = 1)
  describe("moe_path", timed)
  cat(sprintf("| R's peak | %.0f MB |\n", sum(gc()[, 6])))
  if (file.exists("/proc/self/status")) {
    peak <- grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)
    cat(sprintf("| resident peak of the process so far | %.0f MB |\n", as.numeric(gsub("\\D", "", peak)) / 1024))
  }
}

# Their objective: log-likelihood less 5 times the absolute slopes, columns as they are, one common variance, the second
# expert without a gate. The file has a row for every observation: 1, six covariates, the response.
bench_companions <- function(file) {
  data <- as.matrix(utils::read.table(file))
  fit <- expertmix::moe_fit(data[, 1:7], data[, 8], experts = 2, sigma = "common",
    penalty = expertmix::penalty_lasso(5 / nrow(data), reference = 2, scaled = FALSE, standardize = FALSE),
    control = expertmix::moe_control(seed = 1))
  slopes <- abs(c(fit$estimates$experts[-1, ], fit$estimates$gate[-1, ]))
  cat(sprintf("| penalised log-likelihood | %.4f | theirs, best of 40 starts | -546.4307 | violation %.1e |\n",
    as.numeric(logLik(fit)) - 5 * sum(slopes), fit$record$certificate$violation))
}

chosen <- commandArgs(TRUE)
if (length(chosen) == 2 && chosen[1] == "companions") {
  bench_companions(chosen[2])
} else {
  # The large case first: the peak of the process is then its own.
  for (name in if (length(chosen)) chosen else c("large", "ratio", "wide", "whole")) get(paste0("bench_", name))()
}
