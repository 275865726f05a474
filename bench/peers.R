# Whole fits against other packages, from the same start: Rscript bench/peers.R [case ...]
# tools/bench.sh runs it on one thread; bench/README.md says what the numbers mean.

arguments <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("^--file=", "", grep("^--file=", arguments, value = TRUE)))
own_library <- file.path(here, "..", "build", "bench-library")
if (dir.exists(own_library)) .libPaths(c(normalizePath(own_library), .libPaths()))
source(file.path(here, "design.R"))
source(file.path(here, "packages.R"))

# Median CPU seconds of a call over `repetitions` samples, of one where a call takes over `patience` seconds. Every
# package here works on one thread, and CPU time does not depend on what else the machine does; calls too short for the
# clock are repeated within a sample.
time_call <- function(call, repetitions, patience = 15) {
  cpu <- function(times) {
    gc(FALSE)
    used <- system.time(for (i in seq_len(times)) value <<- call())
    (used[["user.self"]] + used[["sys.self"]]) / times
  }
  value <- NULL
  first <- cpu(1)
  times <- max(1, ceiling(0.05 / max(first, 1e-5)))
  seconds <- if (first > patience) first else replicate(repetitions, cpu(times))
  list(value = value, seconds = median(seconds), repetitions = length(seconds))
}

compare <- function(name) {
  case <- do.call(simulate_case, cases[[name]])
  rows <- list()
  for (package in names(packages)) {
    entry <- packages[[package]]
    if (!available(package) || !entry$covers(case)) next
    timed <- tryCatch(time_call(function() entry$fit(case), entry$repetitions), error = identity)
    if (inherits(timed, "error")) {
      cat(package, "failed on", name, ":", conditionMessage(timed), "\n")
      next
    }
    estimate <- entry$estimate(timed$value, case)
    rows[[package]] <- data.frame(
      case = name, n = cases[[name]]$n, p = cases[[name]]$p, K = case$experts, package = package,
      seconds = timed$seconds, runs = timed$repetitions,
      log_likelihood = do.call(log_likelihood, c(list(case), estimate))
    )
    rows[[package]]$fit <- I(list(timed$value))
  }
  table <- do.call(rbind, rows)
  table$ratio <- table$seconds / table$seconds[table$package == "expertmix"]
  table$behind <- table$log_likelihood[table$package == "expertmix"] - table$log_likelihood
  table
}

# Standard errors of a fit: flexmix's refit() by optim against vcov().
compare_errors <- function(name, table) {
  case <- do.call(simulate_case, cases[[name]])
  if (!"flexmix" %in% table$package) return(NULL)
  fit_of <- function(package) table$fit[[match(package, table$package)]]
  ours <- time_call(function() vcov(fit_of("expertmix")), 21)
  both <- time_call(function() vcov(packages$expertmix$fit(case)), packages$expertmix$repetitions)
  peer <- time_call(function() flexmix::refit(fit_of("flexmix"), method = "optim"), 3)
  data.frame(
    case = name, refit = peer$seconds, runs = peer$repetitions, vcov = ours$seconds, fit_and_vcov = both$seconds,
    ratio_whole = peer$seconds / both$seconds
  )
}

markdown <- function(table, digits) {
  text <- mapply(function(column, d) if (is.na(d)) as.character(column) else formatC(column, digits = d, format = "f"),
                 table, digits)
  text <- matrix(text, nrow(table))
  cat(paste0("| ", paste(names(table), collapse = " | "), " |"), sep = "\n")
  cat(paste0("|", strrep(" --- |", ncol(table))), sep = "\n")
  cat(paste0("| ", apply(text, 1, paste, collapse = " | "), " |"), sep = "\n")
}

report <- function(chosen) {
  tables <- lapply(stats::setNames(chosen, chosen), compare)
  all <- do.call(rbind, tables)
  cat("\nWhole fits from one common matrix of responsibilities, one thread, CPU seconds (median of `runs`).\n")
  cat("`behind`: expertmix's log-likelihood minus the package's; `times slower`: its seconds over expertmix's.\n\n")
  shown <- all[c("case", "n", "p", "K", "package", "seconds", "runs", "log_likelihood", "behind", "ratio")]
  names(shown)[8:10] <- c("log-likelihood", "behind", "times slower")
  markdown(shown, c(NA, NA, NA, NA, NA, 4, NA, 6, 6, 1))
  errors <- do.call(rbind, Map(compare_errors, chosen, tables))
  if (is.null(errors)) return(invisible())
  cat("\nStandard errors after a fit: flexmix's refit(method = \"optim\") against vcov(), CPU seconds.\n")
  cat("expertmix computes the covariance while it fits, so the honest comparison is refit() alone against the whole of",
      "fit and vcov().\n\n")
  names(errors) <- c("case", "refit()", "runs", "vcov()", "fit and vcov()", "refit() / fit and vcov()")
  markdown(errors, c(NA, 3, NA, 6, 4, 1))
}

threads <- Sys.getenv(c("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"))
if (!any(threads == "1")) cat("Set OPENBLAS_NUM_THREADS=1 before starting R: these comparisons are on one thread.\n")
chosen <- commandArgs(TRUE)
if (!length(chosen)) chosen <- names(cases)
for (package in names(packages)) if (!available(package)) cat(package, "is not installed: skipped.\n")
versions <- sapply(Filter(available, names(packages)), function(p) paste(p, packageVersion(p)))
cat(R.version.string, "; ", paste(versions, collapse = ", "), "\n", sep = "")
report(chosen)
