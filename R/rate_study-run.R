# Runs what a store lacks of a study; returns all replications.
run_study <- function(work, settings, store, progress) {
  items <- expand.grid(n = settings$n, replication = seq_len(settings$replications))
  run_replications(work, settings, items, store, progress, "study")
}

# What makes a study the one it is: sizes and replications may grow.
study_identity <- function(settings) {
  settings <- settings[intersect(names(settings), c("truth", "experts", "x", "init", "gate", "loss", "starts",
    "control", "outliers", "search", "cross_validated"))]
  settings$control[idle_settings] <- NULL
  as_text(settings)
}

# One replication: a function of the settings, the size and the number only.
run_replication <- function(settings, n, replication) {
  timed_replication(settings, n, replication, measure_replication, function(error) {
    losses <- stats::setNames(rep(NA_real_, length(settings$loss)), names(settings$loss))
    list(losses = losses, attained = NA, fit = failed_fit(error))
  })
}

# measure(settings, n), or failed(error) where no fit can be made: errors of what users gave end the study.
timed_replication <- function(settings, n, replication, measure, failed) {
  began <- proc.time()[["elapsed"]]
  result <- with_stream(computed_stream(settings$seed, n, replication), {
    tryCatch(measure(settings, n), expertmix_error = function(error) {
      if (inherits(error, paste0("expertmix_error_", c("study", "outliers")))) rlang::cnd_signal(error)
      failed(error)
    })
  })
  c(list(n = n, replication = replication), result, seconds = proc.time()[["elapsed"]] - began)
}

# Covariates of a data set: a matrix that the truth can be drawn at.
study_covariates <- function(settings, n) {
  covariates <- rethrow(settings$x(n), "study", sprintf("The function `x` failed for n = %.0f.", n))
  design <- tryCatch(measure_design(settings$truth, covariates), expertmix_error = function(error) {
    abort_moe("study", c(sprintf("What the function `x` returns for n = %.0f is unusable.", n),
      x = conditionMessage(error)))
  })
  if (nrow(design$x) != n) {
    abort_moe("study", sprintf("The function `x` returned %d rows for n = %.0f.", nrow(design$x), n))
  }
  covariates
}

# Tries covariates and losses before anything is fitted or stored, on a stream that leaves R's generator as it was.
try_settings <- function(settings) {
  n <- min(settings$n)
  with_stream(computed_stream(settings$seed %||% 0, n, 1), {
    if (!is.null(settings$outliers)) study_draw(settings, n) else study_covariates(settings, n)
    if (several_numbers(settings)) return(invisible())
    estimate <- start_near(settings$truth, settings$experts, settings$gate, n)
    check_bounded(settings$control$bounds, settings$gate, start = measure_estimates(estimate), name = "start")
    estimate$gating <- replace(settings$gate, "temperature", estimate$gating$temperature)
    measure_losses(settings$loss, estimate, settings$truth)
  })
}

measure_replication <- function(settings, n) {
  truth <- settings$truth
  drawn <- study_draw(settings, n)
  start <- if (settings$init == "truth") start_near(truth, settings$experts, settings$gate, n)
  fit <- fit_drawn(settings, drawn, start)
  estimate <- mixing_measure(fit)
  if (has_idle_temperature(settings$gate) && !is.null(start)) {
    estimate <- at_temperature(estimate, start$gating$temperature)
  }
  c(measure_losses(settings$loss, estimate, truth), list(estimate = stripped_measure(estimate), fit = fit_state(fit)))
}

# Covariates and responses of a data set, with the outliers that the study asks for.
study_draw <- function(settings, n) {
  covariates <- study_covariates(settings, n)
  drawn <- measure_draw(settings$truth, measure_design(settings$truth, covariates))
  list(covariates = covariates, y = contaminated(settings$truth, drawn$y, settings$outliers)$y)
}

fit_drawn <- function(settings, drawn, start, seed = sample.int(.Machine$integer.max, 1)) {
  truth <- settings$truth
  design <- function(terms) {
    x <- cbind(1, covariate_matrix(drawn$covariates, terms[-1], "x"))
    colnames(x) <- terms
    x
  }
  control <- settings$control
  control[c("starts", "seed", "progress")] <- list(settings$starts, seed, FALSE)
  arguments <- list(
    x = design(rownames(truth$experts)), y = drawn$y, experts = settings$experts, gate = settings$gate, start = start,
    control = control
  )
  if (!identical(rownames(truth$gate), rownames(truth$experts))) arguments$z <- design(rownames(truth$gate))
  suppressWarnings(do.call(moe_fit, arguments), classes = "expertmix_warning")
}

# The truth with noise, as a start of a fit of so many experts (see `rate_study()`).
start_near <- function(truth, experts, gate, n) {
  k <- measure_size(truth)
  map <- if (experts <= k) sample.int(k, experts) else sample(c(seq_len(k), sample.int(k, experts - k, replace = TRUE)))
  if (experts == k) map <- seq_len(k)
  start <- keep_experts(truth, map)
  noise <- function(values, size) values + stats::rnorm(length(values), 0, size)
  temperature <- truth$gating$temperature
  start$gate[1, ] <- start$gate[1, ] - temperature * log(tabulate(map)[map])
  start$gate[] <- noise(start$gate, 0.005 * n^-0.083)
  start$experts[] <- noise(start$experts, 0.05 * n^-0.083)
  if (length(start$sigma)) start$sigma[] <- sqrt(start$sigma^2 + abs(noise(0 * start$sigma, 0.005 * n^-0.25)))
  if (is.null(gate$temperature)) temperature <- temperature * exp(stats::rnorm(1, 0, 0.05))
  start$gating$temperature <- temperature
  start$scalars[] <- start$scalars * exp(noise(0 * start$scalars, 0.05 * n^-0.25))
  new_measure(start$gate, start$experts, start$sigma, start$gating, start$family, start$transformed, start$scalars)
}

measure_losses <- function(losses, estimate, truth) {
  values <- lapply(losses, function(loss) {
    if (!is.function(loss)) return(voronoi_loss(estimate, truth, loss))
    rethrow(loss(estimate, truth), "study", "A function of `loss` failed.")
  })
  one_number <- vapply(values, is_number, NA)
  if (!all(one_number)) {
    abort_moe("study", sprintf("The loss %s must return one number.", quoted(names(losses)[!one_number])))
  }
  cells <- tryCatch(voronoi_cells(estimate, truth), expertmix_error = function(error) NULL)
  list(losses = vapply(values, as.double, 0), attained = !isFALSE(attr(values[[1]], "attained")), cells = cells)
}

fit_state <- function(fit) {
  certificate <- fit$record$certificate
  data.frame(
    log_likelihood = fit$log_likelihood, converged = fit$record$converged, decrement = certificate$decrement,
    scaled_score = certificate$scaled_score, maximum = certificate$maximum,
    warnings = paste(names(fit$record$warnings), collapse = " ")
  )
}

failed_fit <- function(error) {
  data.frame(
    log_likelihood = NA_real_, converged = FALSE, decrement = NA_real_, scaled_score = NA_real_, maximum = FALSE,
    warnings = class(error)[1]
  )
}

# A measure without what it shares with the study's settings, and back.
stripped_measure <- function(measure) {
  measure$temperature <- measure$gating$temperature
  unclass(measure[c("gate", "experts", "sigma", "scalars", "temperature")])
}

restored_measure <- function(stripped, settings) {
  gating <- settings$gate
  gating$temperature <- stripped$temperature
  truth <- settings$truth
  new_measure(stripped$gate, stripped$experts, stripped$sigma, gating, truth$family, truth$transformed,
    stripped$scalars)
}
