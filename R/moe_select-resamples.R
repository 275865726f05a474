# The choice on rows, or groups of rows, that are drawn anew.

# The row of the table that is chosen on every resample; NA where none can be.
resampled_choices <- function(fits, criterion, resamples, groups, seed) {
  design <- fitted_design(fits[[1]])
  rows <- NROW(design$y)
  groups <- check_groups(without_dropped(groups, rows, fits[[1]]$na.action), rows)
  settings <- list(
    fits = lapply(fits, replicate_settings), criterion = criterion, unit = drawn_units(groups, design),
    seed = seed_or_drawn(seed, "resamples")
  )
  unlist(run_jobs(seq_len(resamples), resampled_choice, "resamples", settings = settings))
}

# One resample: every fit again to the rows that are drawn, each once. Rows that weigh as often as they are drawn
# would look like more experts than there are.
resampled_choice <- function(replicate, settings) {
  with_stream(computed_stream(settings$seed, settings$unit$count, replicate), {
    drawn <- drawn_counts(settings$unit) > 0
    seed <- sample.int(.Machine$integer.max, 1)
    table <- do.call(rbind, lapply(settings$fits, refitted_criteria, drawn, seed))
    tryCatch({
      if (settings$criterion == "slope") table$slope <- slope_criterion(table)
      chosen_row(table, settings$criterion)
    }, expertmix_error = function(cause) NA_integer_)
  })
}

# The criteria of the better of a climb from the fit to all rows and of a quick search.
refitted_criteria <- function(settings, drawn, seed) {
  checked <- settings$checked
  checked$design <- cut_design(checked$design, drawn)
  settings$control$seed <- seed
  attempts <- lapply(list(list(), checked$start), function(start) {
    tryCatch(fit_likelihood(checked, settings$control, start), expertmix_error = function(cause) NULL)
  })
  fit <- Reduce(sounder_fit, Filter(Negate(is.null), attempts))
  if (is.null(fit)) return(data.frame(logLik = NA, df = NA, AIC = NA, BIC = NA, ICL = NA, fault = "an error"))
  r <- computed_rows(checked$design, checked$mixture, fit$estimates, "posterior")
  criteria_of_fit(fit, weighted_entropy(r, checked$design$weights))
}

check_resamples <- function(resamples, criterion) {
  if (!is_whole(resamples) || resamples < 0) {
    abort_moe("resamples", "`resamples` must be a whole number, 0 for none.")
  }
  if (resamples > 0 && criterion %in% c("cv", "DSC")) {
    abort_moe("resamples", sprintf("`criterion = \"%s\"` is not computed on resamples.", criterion),
      "Choose by \"BIC\", \"ICL\", \"AIC\" or \"slope\", or leave `resamples` out.")
  }
}
