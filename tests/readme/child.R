# One process of run.R: README's commands ("all"), each with the seconds it took, or one of them from ten seeds
# ("seeds").
#   Rscript child.R README.md all | seeds NUMBER

arguments <- commandArgs(TRUE)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "code.R"))
code <- readme_code(arguments[1])
grDevices::pdf(NULL)

# Evaluates and, as at the prompt, prints; stops at a warning that is not classed.
run <- function(command) {
  started <- proc.time()[["elapsed"]]
  withCallingHandlers(
    {
      result <- withVisible(eval(command, globalenv()))
      if (result$visible) print(result$value)
    },
    warning = function(cause) {
      if (!inherits(cause, "expertmix_warning")) stop("a warning that is not classed: ", conditionMessage(cause))
      invokeRestart("muffleWarning")
    }
  )
  cat("\nseconds", proc.time()[["elapsed"]] - started, "\n")
}

if (arguments[2] == "all") {
  for (command in code) {
    cat("\n>", deparse(command), "\n", sep = " ")
    run(command)
  }
} else {
  library(expertmix)
  for (seed in 1:10) {
    cat("\nseed", seed, "\n")
    run(with_seed(code[[as.integer(arguments[3])]], seed))
  }
}
