# One random case: its code and, unless only that is wanted, what failed.
#   Rscript one.R FOLDER SEED [code]

arguments <- commandArgs(TRUE)
for (file in c("draw", "data", "model", "calls", "methods", "case", "checks")) {
  source(file.path(arguments[1], paste0(file, ".R")))
}
case <- random_case(as.numeric(arguments[2]))
cat(case_code(case), sep = "\n")
if (length(arguments) == 2) {
  suppressPackageStartupMessages(library(expertmix))
  result <- run_case(case)
  cat(if (result$fitted) "\n# fitted" else "\n# refused", "\n")
  for (i in seq_len(nrow(result$faults))) cat(paste0("# ", result$faults$what, " in ", result$faults$where, ": ", result$faults$message)[i], "\n")
  quit(status = as.integer(nrow(result$faults) > 0))
}
