# Runs the R code of README as it stands, then every fit of it that takes less than five seconds from ten seeds, in
# processes with a bound on their time. No error, no warning that is not classed.
#   Rscript run.R README.md

arguments <- commandArgs(TRUE)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "code.R"))
code <- readme_code(arguments[1])
rscript <- file.path(R.home("bin"), "Rscript")

# What a process prints and how it ended, within seconds.
bounded <- function(seconds, ...) {
  command <- c(file.path(here, "child.R"), arguments[1], ...)
  output <- suppressWarnings(system2(rscript, command, stdout = TRUE, stderr = TRUE, timeout = seconds))
  list(output = output, failed = !is.null(attr(output, "status")))
}

tell_failure <- function(what, run) {
  cat(sprintf("FAIL %s\n", what), paste0("  | ", utils::tail(run$output, 12), "\n"), sep = "")
}

whole <- bounded(600, "all")
failed <- whole$failed
if (failed) tell_failure("README's code as it stands", whole)

seconds <- as.numeric(sub("^seconds ", "", grep("^seconds ", whole$output, value = TRUE)))
fits <- which(vapply(code, is_fit, NA))
quick <- fits[fits > length(seconds) | seconds[fits] < 5]
for (i in quick) {
  run <- bounded(120, "seeds", i)
  if (run$failed) tell_failure(paste(deparse(code[[i]]), collapse = " "), run)
  failed <- failed || run$failed
}
outcome <- if (failed) "failed" else "passed"
cat(sprintf("README: %d commands, %d fits from ten seeds: %s\n", length(code), length(quick), outcome))
quit(status = as.integer(failed))
