# Profile-likelihood intervals of the parameters of a fit that have these names.
profile_interval <- function(object, chosen, level) {
  refuse_profile(object)
  places <- match(chosen, names(object$coefficients))
  profiles <- computed_profiles(object, score_design(object), places, level)
  if (profiles$rise > 1e-3) {
    warn_moe("profile", sprintf("A profile rose %s above the log-likelihood of the fit: this is not the maximum.",
      format(profiles$rise, digits = 3)),
      "Fit again with `moe_control(search = \"thorough\")`; if that finds nothing higher, an expert follows few rows.")
  }
  lost <- chosen[is.nan(rowSums(profiles$ends))]
  if (length(lost)) {
    warn_moe("profile", sprintf("The profile of %s could not be followed to its ends: these are NA.",
      listed(quoted(lost))))
  }
  ends <- profiles$ends
  ends[is.nan(ends)] <- NA
  dimnames(ends) <- list(chosen, percent_names(interval_tails(level)))
  ends
}

refuse_profile <- function(object) {
  refuse_penalised(object, "profile likelihood")
  if (!is.null(object$gate$top_k)) {
    abort_moe("method", "A top-K gate has no profile likelihood: it jumps.", 'Use `method = "bootstrap"`.')
  }
  reason <- if (length(object$record$at_bounds)) "is at its bounds"
  if (isTRUE(object$record$drifted)) reason <- "has a temperature at its bound"
  if (length(object$record$collapsed)) reason <- "has an expert whose variance collapsed"
  if (!is.null(reason)) abort_moe("method", sprintf("There is no profile likelihood of a fit that %s.", reason))
}
