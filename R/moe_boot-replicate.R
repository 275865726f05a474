# One replicate of a bootstrap: a function of the settings, of how many units are drawn and of its own number only.
run_replicate <- function(settings, n, replication) {
  failed <- function(reason) list(values = rep(NA_real_, length(settings$values)), reason = reason)
  result <- with_stream(computed_stream(settings$seed, n, replication), {
    tryCatch(replicated_values(settings, failed), expertmix_error = function(error) {
      failed(sub("^expertmix_error_", "", class(error)[1]))
    })
  })
  c(list(n = n, replication = replication), result)
}

replicated_values <- function(settings, failed) {
  checked <- settings$checked
  checked$design <- drawn_design(settings)
  control <- seeded(settings$control)
  control$progress <- FALSE
  found <- fit_labelled(checked, control)
  found[c("gate", "family")] <- list(checked$gate, checked$family)
  found[c("classes", "events")] <- checked$design[c("classes", "events")]
  fault <- fault_of(found, settings)
  if (!is.null(fault)) return(failed(fault))
  list(values = unname(replicate_values(settings, found, checked$design)), reason = NA_character_)
}

# A design with responses that are drawn at the estimates, or rows that are weighted by how often they were drawn.
drawn_design <- function(settings) {
  checked <- settings$checked
  design <- checked$design
  if (settings$type == "parametric") {
    drawn <- computed_draw(design, checked$mixture, checked$start, response_form(design))
    design$y <- read_response(drawn$y, checked$family)
  } else {
    design$weights <- drawn_counts(settings$unit) * (design$weights %||% 1)
  }
  design
}

# How often every row is drawn; never where it belongs to no unit.
drawn_counts <- function(unit) {
  counts <- tabulate(sample.int(unit$count, replace = TRUE), unit$count)
  as.double(c(counts, 0)[unit$of_row])
}

# Faults that replicates share with a fit, whose other coefficients are sound.
lasting_faults <- c("aliased", "separation", "classes", "unidentified", "temperature")

# Why a replicate is not to be used; NULL for a sound one, which may have a scalar of the family at its bound.
fault_of <- function(found, settings) {
  faults <- setdiff(names(fit_warnings(found)), c(settings$faults, "scalars"))
  if (length(faults)) return(faults[1])
  if (!identical(names(found$coefficients), settings$names)) "aliased"
}

replicate_values <- function(settings, found, design) {
  if (is.null(settings$statistic)) return(found$coefficients)
  values <- suppressWarnings(
    values_of(settings$statistic, replicated_fit(settings$fit, found, design)), "expertmix_warning"
  )
  if (length(values) != length(settings$values)) {
    abort_moe("statistic", "`statistic` returns another number of values than at the fit.")
  }
  values
}

# A replicate as a fit to the data that were drawn.
replicated_fit <- function(fit, found, design) {
  fit[names(found)] <- unclass(found)
  fit$record$warnings <- fit_warnings(found)
  if (is.null(fit$terms)) {
    fit$data[c("y", "weights")] <- list(design$y, design$weights)
  } else {
    fit$model[[1]] <- response_of_core(as.matrix(design$y), response_form(design))
    fit$model[["(weights)"]] <- design$weights
  }
  fit
}

# The numbers that a statistic returns, with names.
values_of <- function(statistic, fit) {
  if (!is.function(statistic)) abort_moe("statistic", "`statistic` must be a function of a fit, or NULL.")
  values <- rethrow(statistic(fit), "statistic", "`statistic` failed.")
  if (!is.numeric(values) || length(values) == 0 || !all(is.finite(values))) {
    abort_moe("statistic", "`statistic` must return finite numbers.")
  }
  names <- names(values) %||% paste0("statistic", seq_along(values))
  stats::setNames(as.double(values), make.unique(names))
}
