# The named warnings of a fit, from its record: a list of class, message and hint.
fit_warnings <- function(fit) {
  record <- fit$record
  found <- list(
    aliased = if (any(unlist(fit$aliased))) list(
      sprintf("Collinear columns are left out, their coefficients are NA: %s.", aliased_names(fit$aliased)), NULL
    ),
    variance = if (length(record$collapsed)) list(
      sprintf("The variance of %s collapsed; the variance guard bounds it.", experts_named(record$collapsed)),
      "The likelihood is unbounded there: use fewer experts or a common `sigma`."
    ),
    spike = spike_warning(record$spikes),
    separation = if (length(record$separated)) list(
      sprintf("The gate of %s separates the rows; its coefficients are bounded.", experts_named(record$separated)),
      "Use fewer gate terms, or read the gate as a hard split; `summary()` says what still has standard errors."
    ),
    unidentified = switch(unidentified_part(fit$gate, length(fit$mass)) %||% "none",
      direction = list(
        "With one active expert only the direction of the gate is identified; its slopes have unit norm.",
        "coef() and vcov() leave the gate out: see coef(fit, part = \"gate\")."
      ),
      temperature = list(
        "The temperature is not identified with this activation: coefficients are those divided by it.",
        "Fix the temperature, or choose another activation."
      ),
      none = NULL
    ),
    temperature = if (isTRUE(record$drifted)) list(
      "The temperature went to its bound.", "Fix it: the data do not tell it from the size of the gate's coefficients."
    ),
    scalars = scalar_warning(fit),
    classes = runaway_warning(fit),
    empty = if (length(record$empty)) list(
      empty_experts(record$empty), "Use fewer experts."
    ),
    convergence = if (!record$converged) list(
      sprintf("The fit did not converge: %s.", record$status),
      "Raise `iterations` or `time_limit` in `moe_control()`, or scale the data."
    )
  )
  named_warnings(found)
}

# Of experts that follow a few rows: their log-likelihood grows without bound, or nearly so.
spike_warning <- function(spikes) {
  if (length(spikes) == 0) return(NULL)
  list(
    sprintf("%s: log-likelihood, AIC and BIC say nothing about this fit.", spike_rows(spikes)),
    paste("Use fewer experts or a common `sigma`. A response with few different values (0/1, rounded or tied) is the",
      "usual cause: for classes use `family = multinomial()`.")
  )
}

# Expert 2 follows rows 3, 7, 12 alone; expert 3 follows row 1 alone
spike_rows <- function(spikes) {
  each <- vapply(spikes, function(spike) {
    rows <- if (length(spike$rows) == 1) "row" else "rows"
    sprintf("expert %d follows %s %s alone", as.integer(spike$expert), rows, listed(spike$rows))
  }, "")
  sub("^e", "E", paste(each, collapse = "; "))
}

# What is said as a message, since it is no fault of the fit.
notes <- "aliased"

# Those that there are, of messages and hints by name, with their classes.
named_warnings <- function(found) {
  found <- Filter(Negate(is.null), found)
  lapply(rlang::set_names(names(found)), function(name) {
    kind <- if (name %in% notes) "message" else "warning"
    list(class = paste("expertmix", kind, name, sep = "_"), message = found[[name]][[1]], hint = found[[name]][[2]])
  })
}

# `x2` (gate), `x3` (experts); the part is named where they differ.
aliased_names <- function(aliased) {
  out <- lapply(aliased, function(columns) names(which(columns)))
  if (identical(out$gate, out$experts)) return(listed(paste0("`", out$gate, "`")))
  listed(unlist(lapply(names(out), function(part) sprintf("`%s` (%s)", out[[part]], part))))
}

# Of experts whose likelihood has its maximum at infinity.
runaway_warning <- function(fit) {
  runaways <- fit$record$separated_classes
  if (length(runaways) == 0) return(NULL)
  experts <- as.integer(runaways[, 1])
  if (!has_classes(fit)) {
    return(list(
      sprintf("Nothing holds the coefficients of expert %s, whose responses are %s along them: they are bounded.",
        listed(experts), experts_of(fit)$extreme %||% "all zero"),
      "`summary()` says what still has standard errors; use fewer terms or experts if they are of interest."
    ))
  }
  # setosa (expert 1), virginica (expert 2)
  names <- listed(sprintf("%s (expert %d)", fit$classes$labels[runaways[, 2]], experts))
  list(
    sprintf("Covariates separate classes, whose coefficients are bounded: %s.", names),
    "`summary()` says what still has standard errors; use fewer terms, experts or classes if they are of interest."
  )
}

# Of scalars of the family that went to a bound, and what that makes of their experts.
scalar_warning <- function(fit) {
  at <- fit$record$scalars
  if (NROW(at) == 0) return(NULL)
  kind <- experts_of(fit)
  names <- c(if (kind$sigma) "sigma", kind$scalars)[at[, 2]]
  side <- ifelse(at[, 3] == 1, "upper", "lower")
  each <- sprintf("%s of expert %d went to its %s bound, where %s", names, as.integer(at[, 1]), side,
    mapply(function(name, side) kind$limits[[name]][[side]], names, side))
  list(paste0(paste(each, collapse = "; "), "."), "It has no standard error; use another family or fewer experts.")
}

emit_warnings <- function(warnings) {
  for (name in names(warnings)) {
    say <- if (name %in% notes) inform_moe else warn_moe
    say(name, warnings[[name]]$message, warnings[[name]]$hint)
  }
}

# "expert 2", "experts 2, 3"
experts_named <- function(numbers) paste(ngettext(length(numbers), "expert", "experts"), listed(numbers))

empty_experts <- function(empty) {
  sprintf(ngettext(length(empty), "Expert %s holds no rows.", "Experts %s hold no rows."), listed(empty))
}
