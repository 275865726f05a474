# One random case: its code and, unless only that is wanted, what failed.
#   Rscript one.R FOLDER SEED [code]

arguments <- commandArgs(TRUE)
folder <- arguments[1]
source(file.path(folder, "load.R"))
case <- random_case(as.numeric(arguments[2]))
cat(case_code(case), sep = "\n")
if (length(arguments) == 2) {
  suppressPackageStartupMessages(library(expertmix))
  result <- run_case(case)
  cat(if (result$fitted) "\n# fitted" else "\n# refused", "\n")
  cat(sprintf("# %s in %s: %s\n", result$faults$what, result$faults$where, result$faults$message), sep = "")
  quit(status = as.integer(nrow(result$faults) > 0))
}
