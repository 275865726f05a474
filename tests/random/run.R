# Runs random cases in worker processes and prints what failed: see tools/random.sh.
#   Rscript run.R FOLDER COUNT FIRST WORKERS

arguments <- commandArgs(TRUE)
folder <- arguments[1]
source(file.path(folder, "load.R"))
count <- as.numeric(arguments[2])
first <- as.numeric(arguments[3])
workers <- as.numeric(arguments[4])
last <- first + count - 1
limit <- c(processor = 30, clock = 120)
cases_a_worker <- 400
memory <- 6e6

found <- new.env()
found$faults <- data.frame(seed = numeric(), what = character(), where = character(), message = character())
found$fitted <- found$done <- 0
found$shown <- character()

# A worker on the seeds from `seed` in steps of the number of workers; its shell notes how it ended.
start_worker <- function(seed) {
  end <- min(last, seed + (cases_a_worker - 1) * workers)
  log <- tempfile("worker")
  program <- c(file.path(R.home("bin"), "Rscript"), file.path(folder, "worker.R"), folder)
  script <- sprintf(
    "ulimit -v %1$.0f; %2$s %3$s %4$.0f %5$.0f %6$.0f > %3$s.out 2>&1; echo exit >> %3$s", memory,
    paste(shQuote(program), collapse = " "), log, seed, workers, end
  )
  system2("sh", c("-c", shQuote(script)), wait = FALSE)
  list(
    log = log, next_seed = seed, end = end, read = 0, pid = NA, seed = NA, line = "", used = 0, since = Sys.time(),
    running = TRUE
  )
}

report <- function(seed, what, where, message) {
  found$faults[nrow(found$faults) + 1, ] <- list(seed, what, where, message)
  kind <- paste(what, sub("\\(.*", "", where), gsub("[0-9.e+-]+", "#", message))
  cat(sprintf("\nFAIL seed %.0f: %s\n  in  %s\n  %s\n", seed, what, where, message))
  if (!kind %in% found$shown) cat(paste0("  | ", case_code(random_case(seed)), "\n"), sep = "")
  found$shown <- c(found$shown, kind)
}

# Reads what a worker noted since the last look.
look <- function(worker) {
  lines <- if (file.exists(worker$log)) readLines(worker$log, warn = FALSE) else character()
  fresh <- lines[seq_along(lines) > worker$read]
  worker$read <- length(lines)
  for (fields in strsplit(fresh, "\t", fixed = TRUE)) worker <- take_note(worker, fields)
  worker
}

take_note <- function(worker, fields) {
  switch(fields[1],
    worker = worker$pid <- as.integer(fields[2]),
    seed = {
      worker$seed <- as.numeric(fields[2])
      worker$next_seed <- worker$seed + workers
      worker$used <- as.numeric(fields[3])
      worker$since <- Sys.time()
    },
    line = worker$line <- fields[2],
    fault = report(worker$seed, fields[2], fields[3], fields[4]),
    done = {
      found$done <- found$done + 1
      found$fitted <- found$fitted + (fields[3] == "TRUE")
      worker$seed <- NA
    },
    exit = worker$running <- FALSE
  )
  worker
}

# A case has its time of the processor, so that a busy machine is no hang, and a longer one of the clock.
is_stuck <- function(worker) {
  seconds <- as.numeric(difftime(Sys.time(), worker$since, units = "secs"))
  if (is.na(worker$seed) || seconds <= limit["processor"]) return(FALSE)
  seconds > limit["clock"] || processor_seconds(worker$pid) - worker$used > limit["processor"]
}

# What a process has used so far, from ps: 1-02:03:04 is a day, two hours, three minutes, four seconds.
processor_seconds <- function(pid) {
  shown <- suppressWarnings(system2("ps", c("-o", "time=", "-p", pid), stdout = TRUE))
  if (length(shown) == 0) return(0)
  parts <- rev(as.numeric(strsplit(trimws(shown), "[-:]")[[1]]))
  sum(parts * c(1, 60, 3600, 86400)[seq_along(parts)])
}

# Kills a worker that is stuck; a new one goes on behind a case that ended its worker.
tend <- function(worker) {
  worker <- look(worker)
  stuck <- worker$running && is_stuck(worker)
  if (stuck) {
    tools::pskill(worker$pid, tools::SIGKILL)
    report(worker$seed, "hang", worker$line, sprintf("longer than %.0f s", limit["processor"]))
  }
  if (worker$running && !stuck) return(worker)
  if (!stuck && !is.na(worker$seed)) report(worker$seed, "crash", worker$line, last_words(worker))
  if (!stuck && is.na(worker$seed) && worker$next_seed <= worker$end) {
    cat("A worker failed between cases:", last_words(worker), "\n")
    quit(status = 2)
  }
  if (!is.na(worker$seed)) found$done <- found$done + 1
  unlink(paste0(worker$log, c("", ".out")))
  if (worker$next_seed <= last) start_worker(worker$next_seed) else NULL
}

last_words <- function(worker) {
  out <- paste0(worker$log, ".out")
  lines <- if (file.exists(out)) readLines(out, warn = FALSE) else character()
  shown <- grep("caught|error|cause|what\\(\\)|terminate|Killed|Abort", lines, value = TRUE, ignore.case = TRUE)
  paste(utils::head(shown, 3), collapse = " / ")
}

started <- Sys.time()
pool <- lapply(first + seq_len(min(workers, count)) - 1, start_worker)
while (length(pool)) {
  Sys.sleep(0.1)
  pool <- Filter(Negate(is.null), lapply(pool, tend))
}

seconds <- as.numeric(difftime(Sys.time(), started, units = "secs"))
failed <- unique(found$faults$seed)
if (nrow(found$faults)) {
  cat("\n")
  print(table(found$faults$what), zero.print = ".")
}
cat(sprintf("%.0f random cases, seeds %.0f to %.0f, in %.0f s: %.0f with a fit, %d failed\n", found$done, first, last,
  seconds, found$fitted, length(failed)))
quit(status = as.integer(length(failed) > 0))
