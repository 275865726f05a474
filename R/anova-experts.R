# Tests of a number of experts against a larger one, for which the likelihood ratio has no chi-square limit.

# Refuses two fits unless the first has fewer experts, or is the second with less freedom.
check_fewer_experts <- function(small, large) {
  if (length(small$mass) == length(large$mass)) return(check_nested(small, large))
  check_same_data(small, large)
  if (length(small$mass) > length(large$mass)) {
    abort_moe("anova", "The fit with more parameters has fewer experts.", "Compare their AIC or BIC.")
  }
}

# How often the likelihood ratio of data that are drawn at the smaller fit is at least that of the data: (1 + number) /
# (1 + replicates).
bootstrap_test <- function(small, large, replicates, seed) {
  settings <- list(
    small = replicate_settings(small), large = replicate_settings(large), seed = seed, size = fitted_rows(small)
  )
  drawn <- unlist(run_jobs(seq_len(replicates), replicated_ratio, "anova", settings = settings))
  lost <- sum(is.na(drawn))
  if (lost > 0) {
    warn_moe("anova", sprintf("%d of %d replicates have no maximum without a spike: they count as extreme.", lost,
      as.integer(replicates)))
  }
  statistic <- likelihood_ratio(small, large)
  list(statistic = statistic, p = (1 + sum(is.na(drawn) | drawn >= statistic)) / (1 + replicates))
}

# Searches of replicates are those of the fits: less thorough ones would make the ratio of the data look large.
replicate_settings <- function(fit) {
  control <- fit$control
  control$progress <- FALSE
  list(checked = checked_at_fit(fit), control = control)
}

# The likelihood ratio of both mixtures on responses drawn at the smaller one's estimates: of the best of a search and
# of a climb from these estimates, or from theirs split.
replicated_ratio <- function(replicate, settings) {
  with_stream(computed_stream(settings$seed, settings$size, replicate), {
    checked <- settings$small$checked
    y <- drawn_design(list(checked = checked, type = "parametric"))$y
    small <- highest_fit(settings$small, y, list(checked$start))
    large <- highest_fit(settings$large, y)
    if (is.null(small) || is.null(large)) return(NA_real_)
    max(2 * (large$log_likelihood - small$log_likelihood), 0)
  })
}

# The best sound fit to a response by a search or from given starts; NULL where there is none.
highest_fit <- function(settings, y, starts = list()) {
  checked <- settings$checked
  checked$design$y <- y
  control <- seeded(settings$control)
  best <- NULL
  for (start in c(list(list()), starts)) {
    fit <- tryCatch(fit_likelihood(checked, control, start), expertmix_error = function(cause) NULL)
    sound <- !is.null(fit) && !length(fit$record$spikes) && !length(fit$record$collapsed)
    if (sound && (is.null(best) || fit$log_likelihood > best$log_likelihood)) best <- fit
  }
  best
}

# The cross-fitted split likelihood ratio of Wasserman, Ramdas and Balakrishnan (2020): U is the mean over both halves
# of the rows of L(larger, fitted to the other half) / max L(smaller), whose expectation under the smaller model is at
# most 1, so that 1 / U is a p-value at every sample size.
split_test <- function(small, large, seed) {
  rows <- fitted_rows(small)
  half <- computed_order(rows, seed) %% 2 == 1
  nulls <- lapply(list(half, !half), function(rows) fit_of_rows(small, rows))
  logs <- c(split_ratio(small, large, half, nulls), split_ratio(small, large, !half, rev(nulls)))
  top <- max(logs)
  log_u <- if (top == -Inf) -Inf else top + log(mean(exp(logs - top)))
  list(statistic = log_u, p = min(1, exp(-log_u)))
}

# log L0(larger fitted to the other rows) - max log L0(smaller), L0 of some rows; `nulls` are searches for the smaller
# on these and on the other rows.
split_ratio <- function(small, large, rows, nulls) {
  train <- fit_of_rows(large, !rows)
  if (is.null(train)) return(-Inf)
  null <- best_null(small, rows, nulls)
  design <- null$checked$design
  weights <- design$weights %||% rep(1, NROW(design$y))
  density <- computed_rows(design, train$checked$mixture, train$fit$estimates, "log_density")
  sum(weights * as.vector(density)) - null$fit$log_likelihood
}

# The highest likelihood of the smaller mixture on some rows that is found: by a search, and from the fits to all rows
# and to the others.
best_null <- function(small, rows, nulls) {
  starts <- Filter(Negate(is.null), list(small$estimates, nulls[[2]]$fit$estimates))
  climbs <- lapply(starts, function(start) fit_of_rows(small, rows, start))
  fits <- Filter(Negate(is.null), c(nulls[1], climbs))
  if (length(fits) == 0) abort_moe("anova", "The smaller model cannot be fitted to half of the rows.")
  fits[[which.max(vapply(fits, function(one) one$fit$log_likelihood, 0))]]
}

# A fit to some rows, its standard deviations not below a hundredth of the smallest of the whole fit, so that the
# likelihood has a maximum.
fit_of_rows <- function(fit, rows, start = list()) {
  settings <- replicate_settings(fit)
  checked <- settings$checked
  checked$design <- cut_design(checked$design, rows)
  control <- seeded(settings$control)
  control$search <- "default"
  if (length(fit$estimates$sigma)) control$bounds <- moe_bounds(sigma = c(0.01 * min(fit$estimates$sigma), Inf))
  found <- tryCatch(fit_likelihood(checked, control, start), expertmix_error = function(cause) NULL)
  if (!is.null(found)) list(fit = found, checked = checked)
}
