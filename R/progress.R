# Runs work(report), where report(stage, done, total, log_likelihood) moves a progress bar. cli shows the bar once two
# seconds have passed.
with_progress <- function(show, work) {
  if (!show) return(work(NULL))
  bar <- cli::cli_progress_bar(
    total = 1, clear = TRUE, auto_terminate = FALSE,
    format = paste(
      "{cli::pb_extra$stage} {cli::pb_bar} {cli::pb_percent}, log-likelihood {cli::pb_extra$value}",
      "[{cli::pb_elapsed}]"
    ),
    extra = list(stage = "fit", value = "")
  )
  on.exit(cli::cli_progress_done(id = bar))
  work(function(stage, done, total, log_likelihood) {
    cli::cli_progress_update(
      set = done, total = max(total, 1), id = bar,
      extra = list(stage = stage, value = format(log_likelihood, nsmall = 2))
    )
  })
}
