# Cross-validation of fits to the same rows.

# The mean log-density of rows left out, `cv`, and its standard error over folds, `cv.se`; NA where a fold cannot be
# fitted soundly.
cross_validated <- function(fits, folds, groups, seed) {
  first <- fits[[1]]
  rows <- NROW(fitted_design(first)$y)
  seed <- seed_or_drawn(seed, "folds")
  groups <- check_groups(without_dropped(groups, rows, first$na.action), rows)
  fold <- fold_of_rows(without_dropped(folds, rows, first$na.action), groups, rows, seed)
  weights <- fitted_design(first)$weights %||% rep(1, rows)
  sizes <- as.vector(tapply(weights, fold, sum))
  jobs <- expand.grid(fold = seq_len(max(fold)), fit = seq_along(fits))
  settings <- lapply(fits, fold_settings)
  scores <- run_jobs(seq_len(nrow(jobs)), score_left_out, "folds", plan = jobs, settings = settings, fold = fold)
  over <- mean_over_folds(matrix(unlist(scores), ncol = max(fold), byrow = TRUE), sizes)
  data.frame(cv = over$mean, cv.se = over$se)
}

# All that fits without a fold depend on.
fold_settings <- function(fit) {
  checked <- checked_at_fit(fit)
  checked$start <- list(responsibilities = unname(predict_rows(fit, checked$design, "posterior")))
  control <- fit$control
  control$seed <- fit$record$seed
  control$progress <- FALSE
  list(checked = checked, control = control)
}

# The mean log-density of a fold's rows under the fit to all others; NA where that is not sound.
score_left_out <- function(job, plan, settings, fold) {
  own <- settings[[plan$fit[job]]]
  keep <- fold != plan$fold[job]
  checked <- own$checked
  checked$design <- cut_design(own$checked$design, keep)
  checked$start$responsibilities <- checked$start$responsibilities[keep, , drop = FALSE]
  fit <- tryCatch(fit_likelihood(checked, own$control, checked$start), expertmix_error = function(cause) NULL)
  if (is.null(fit) || length(fit$record$collapsed) || !fit$record$converged) return(NA_real_)
  mean_log_density(fit$estimates, cut_design(own$checked$design, !keep), checked$mixture)
}
