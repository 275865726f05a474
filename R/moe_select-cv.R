# Cross-validation of fits to the same rows.

# The fold of every row, for fits of `experts` and of fewer to the rows of some fits to one expert.
selection_folds <- function(ones, experts, folds, groups, seed) {
  first <- ones[[1]]
  rows <- NROW(fitted_design(first)$y)
  seed <- seed_or_drawn(seed, "folds")
  groups <- check_groups(without_dropped(groups, rows, first$na.action), rows)
  fold <- fold_of_rows(without_dropped(folds, rows, first$na.action), groups, rows, seed)
  for (one in ones) check_rows_of_folds(fold, one, experts)
  fold
}

# The rows that are left without a fold have to hold all experts.
check_rows_of_folds <- function(fold, one, experts) {
  weighty <- (fitted_design(one)$weights %||% rep(1, length(fold))) > 0
  left <- sum(weighty) - max(tabulate(fold[weighty]))
  least <- experts * (nrow(one$estimates$experts) + 1)
  if (left < least) {
    abort_moe("folds", sprintf("Without a fold of `folds` %d rows are left, and %d experts need %d.", as.integer(left),
      as.integer(experts), as.integer(least)), "Give more `folds`, or fewer `experts`.")
  }
}

# The mean log-density of rows left out, `cv`, and its standard error over folds, `cv.se`; NA where a fold cannot be
# fitted soundly.
cross_validated <- function(fits, fold) {
  rows <- length(fold)
  first <- fits[[1]]
  weights <- fitted_design(first)$weights %||% rep(1, rows)
  sizes <- as.vector(tapply(weights, fold, sum))
  jobs <- expand.grid(fold = seq_len(max(fold)), fit = seq_along(fits))
  settings <- lapply(fits, fold_settings)
  scores <- run_jobs(seq_len(nrow(jobs)), score_left_out, "folds", plan = jobs, settings = settings, fold = fold)
  over <- mean_over_folds(matrix(unlist(scores), ncol = max(fold), byrow = TRUE), sizes)
  data.frame(cv = over$mean, cv.se = over$se)
}

# The table with the scores; a fit without them is one that folds do not support.
with_fold_scores <- function(table, scores) {
  table$fault[!nzchar(table$fault) & is.na(scores$cv)] <- "a fold without a sound fit"
  cbind(table, scores)
}

# All that fits without a fold depend on: nothing of the fit to all rows, which has seen those left out.
fold_settings <- function(fit) {
  checked <- checked_at_fit(fit)
  checked["start"] <- list(NULL)
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
  fit <- tryCatch(fit_likelihood(checked, own$control, NULL), expertmix_error = function(cause) NULL)
  if (is.null(fit) || length(fit$record$collapsed) || !fit$record$converged) return(NA_real_)
  mean_log_density(fit$estimates, cut_design(own$checked$design, !keep), checked$mixture)
}
