# Runs replications of anything: work(settings, n, replication) for every item that a store lacks, here or on daemons.
# Returns a list of all. `kind` is what they are of, as in open_store().
run_replications <- function(work, settings, items, store, progress, kind) {
  finished <- stored_items(store, items)
  open <- which(vapply(finished, is.null, NA))
  with_replication_bar(progress, items$n, sum(items$n) - sum(items$n[open]), function(step) {
    keep <- function(i, result) {
      force(result)
      store_item(store, items$n[i], items$replication[i], result)
      finished[[i]] <<- result
      step(items$n[i])
    }
    run <- if (daemons_are_set()) run_on_daemons else run_here
    run(work, settings, items, open, keep, kind)
  })
  finished
}

run_here <- function(work, settings, items, open, keep, kind) {
  for (i in open) keep(i, work(settings, items$n[i], items$replication[i]))
}

daemons_are_set <- function() requireNamespace("mirai", quietly = TRUE) && mirai::daemons_set()

# Keeps a few items a daemon in flight: what a killed run loses is at most these. The package is attached there, as it
# is where users wrote the functions that are among the settings.
run_on_daemons <- function(work, settings, items, open, keep, kind) {
  call <- quote({
    if (!"package:expertmix" %in% search()) attachNamespace("expertmix")
    work(settings, n, replication)
  })
  flying <- list()
  failure <- NULL
  on.exit(lapply(flying, mirai::stop_mirai))
  width <- 2 * max(1, mirai::info()[["connections"]])
  while (length(open) || length(flying)) {
    while (length(open) && length(flying) < width) {
      i <- open[1]
      open <- open[-1]
      flying[[as.character(i)]] <- mirai::mirai(call, .args = list(work = work, settings = settings,
        n = items$n[i], replication = items$replication[i]))
    }
    landed <- names(flying)[!vapply(flying, mirai::unresolved, NA)]
    for (name in landed) {
      result <- flying[[name]]$data
      flying[[name]] <- NULL
      if (mirai::is_error_value(result)) failure <- format(result) else keep(as.integer(name), result)
    }
    if (!length(landed) && workers_are_gone()) failure <- "all daemons have gone"
    if (!is.null(failure)) {
      abort_moe(kind, paste("A worker failed:", failure), "What was finished is in the `store`, if there is one.")
    }
    if (!length(landed)) Sys.sleep(0.002)
  }
}

# Whether daemons were connected and none is any more. Those that are still to come are waited for.
workers_are_gone <- function() {
  now <- mirai::info()
  now[["connections"]] == 0 && isTRUE(now[["cumulative"]] > 0)
}

# A bar that counts rows, of which the time is a fair part.
with_replication_bar <- function(show, all, done, run) {
  if (!show) return(run(function(rows) NULL))
  bar <- cli::cli_progress_bar(
    total = sum(all), clear = TRUE, auto_terminate = FALSE,
    format = "replications {cli::pb_bar} {cli::pb_percent}, {cli::pb_eta_str}"
  )
  on.exit(cli::cli_progress_done(id = bar))
  cli::cli_progress_update(inc = done, id = bar)
  run(function(rows) cli::cli_progress_update(inc = rows, id = bar))
}

# Evaluates with R's generator at a seed, of a fixed kind; leaves the generator as it was.
with_stream <- function(seed, expression) {
  old <- if (exists(".Random.seed", globalenv(), inherits = FALSE)) get(".Random.seed", globalenv())
  on.exit(if (is.null(old)) rm(".Random.seed", envir = globalenv()) else assign(".Random.seed", old, globalenv()))
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  force(expression)
}
