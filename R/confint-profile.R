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
  profiles$ends[chosen %in% bounded_scalars(object), ] <- NaN
  lost <- chosen[rowSums(is.nan(profiles$ends)) > 0]
  if (length(lost)) {
    warn_moe("profile", sprintf("The profile of %s could not be followed to its ends: these are NA.",
      listed(quoted(lost))))
  }
  ends <- profiles$ends
  ends[is.nan(ends)] <- NA
  dimnames(ends) <- list(chosen, percent_names(interval_tails(level)))
  ends
}

# The parameters that are scalars of the family at a bound, by name.
bounded_scalars <- function(object) {
  at <- object$record$scalars
  if (NROW(at) == 0) return(character())
  kind <- experts_of(object)
  scalars <- c(if (kind$sigma) "sigma", kind$scalars)[at[, 2]]
  table <- object$parameters
  table$name[paste(table$expert, table$kind) %in% paste(at[, 1], paste0("log_", scalars))]
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
