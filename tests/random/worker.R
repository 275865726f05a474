# A worker: runs the cases of the seeds FIRST, FIRST + STEP, ... up to LAST and notes in a file what it is at, so that
# whoever watches the file knows which case took the worker down.
#   Rscript worker.R FOLDER FILE FIRST STEP LAST

arguments <- commandArgs(TRUE)
folder <- arguments[1]
source(file.path(folder, "load.R"))
suppressPackageStartupMessages(library(expertmix))
numbers <- as.numeric(arguments[3:5])
log <- file(arguments[2], "a")
note <- function(...) {
  cat(gsub("[\t\n]+", " ", c(...)), file = log, sep = "\t")
  cat("\n", file = log)
  flush(log)
}

note("worker", Sys.getpid())
for (seed in seq(numbers[1], numbers[3], by = numbers[2])) {
  note("seed", seed, sum(proc.time()[1:2]))
  result <- tryCatch(
    run_case(random_case(seed), function(line) note("line", line)),
    error = function(cause) {
      list(fitted = FALSE, faults = data.frame(what = "generator", where = "", message = conditionMessage(cause)))
    }
  )
  for (i in seq_len(nrow(result$faults))) note("fault", unlist(result$faults[i, ]))
  note("done", seed, result$fitted)
}
