# Runs a script, which writes its process to the file `pid`, until a store of a study has so many replications, and
# kills it; how many there are then.
killed_after <- function(replications, script, pid, store) {
  stored <- function() length(list.files(store, "^n.*rds$"))
  system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", script), wait = FALSE, stdout = FALSE, stderr = FALSE)
  deadline <- Sys.time() + 60
  while (stored() < replications && Sys.time() < deadline) Sys.sleep(0.02)
  tools::pskill(as.integer(readLines(pid, warn = FALSE)), tools::SIGKILL)
  stored()
}
