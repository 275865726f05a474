# The named warnings of a fit, from its record: a list of class, message and hint.
fit_warnings <- function(fit) {
  record <- fit$record
  found <- list(
    variance = if (length(record$collapsed)) list(
      sprintf("The variance of expert %s collapsed; the variance guard bounds it.", listed(record$collapsed)),
      "The likelihood is unbounded there: use fewer experts or a common `sigma`."
    ),
    separation = if (length(record$separated)) list(
      sprintf("The gate of expert %s separates the rows; its coefficients are bounded.", listed(record$separated)),
      "Its standard errors mean nothing: use fewer gate terms, or read the gate as a hard split."
    ),
    empty = if (length(record$empty)) list(
      sprintf("Expert %s holds no rows.", listed(record$empty)), "Use fewer experts."
    ),
    convergence = if (!record$converged) list(
      sprintf("The fit did not converge: %s.", record$status),
      "Raise `iterations` or `time_limit` in `moe_control()`, or scale the data."
    )
  )
  found <- Filter(Negate(is.null), found)
  lapply(rlang::set_names(names(found)), function(name) {
    list(class = paste0("expertmix_warning_", name), message = found[[name]][[1]], hint = found[[name]][[2]])
  })
}

emit_warnings <- function(warnings) {
  for (name in names(warnings)) warn_moe(name, warnings[[name]]$message, warnings[[name]]$hint)
}
