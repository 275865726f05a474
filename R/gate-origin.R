# The origin that a gate's slopes count from where they act alone: under an activation, or in the selection of the
# active experts. NULL: that of the start, or else the weighted means of the gate covariates.

acts_alone <- function(gate, experts = Inf) {
  !gate$linear || (!is.null(gate$top_k) && gate$top_k < experts && gate$select == "slope")
}

check_origin <- function(gate) {
  origin <- gate$origin
  if (is.null(origin)) return(gate)
  refuse_integer64(origin, "origin", "gate")
  if (!is.numeric(origin) || length(origin) == 0 || !is.null(dim(origin)) || !all(is.finite(origin))) {
    abort_moe("gate", "`origin` must be a number, or one for each gate covariate.")
  }
  if (!acts_alone(gate) && any(origin != 0)) {
    abort_moe("gate", "`origin` is for gates whose slopes act alone: this gate's intercepts make up for any.",
      "Such gates have an `activation`, or select their active experts by \"slope\".")
  }
  gate
}

# An origin as a number for each of the named covariates.
origin_of_covariates <- function(origin, covariates) {
  if (length(origin) == 1 && is.null(names(origin))) origin <- rep(origin, length(covariates))
  if (length(origin) != length(covariates)) {
    abort_moe("gate", sprintf("`origin` has %d numbers where the gate has the covariates %s.", length(origin),
      quoted(covariates)))
  }
  if (!is.null(names(origin)) && !setequal(names(origin), covariates)) {
    abort_moe("gate", sprintf("`origin` names %s; the gate has the covariates %s.", quoted(names(origin)),
      quoted(covariates)))
  }
  at <- if (is.null(names(origin))) seq_along(covariates) else match(covariates, names(origin))
  stats::setNames(as.double(origin[at]), covariates)
}

# A gate with its origin as a number for each covariate of a gate design, if it is given or inherited from a start.
gate_at_origin <- function(gate, start, design, experts) {
  if (!acts_alone(gate, experts)) return(replace(gate, "origin", list(NULL)))
  z <- design$z %||% design$x
  slopes <- slope_columns(z)
  of_start <- origin_of_start(start, gate, z, design$weights)[slopes]
  own <- if (!is.null(gate$origin)) origin_of_covariates(gate$origin, colnames(z)[slopes])
  if (!is.null(own) && length(of_start) && any(own != of_start) && !inherits(start, "kept_fit")) {
    abort_moe("start", sprintf("`start` has another origin of the gate: %s.", listed(format(of_start, trim = TRUE))),
      "Leave the gate's `origin` out, or give it as responsibilities: `predict(start, type = \"posterior\")`.")
  }
  gate["origin"] <- list(own %||% if (length(of_start)) stats::setNames(of_start, colnames(z)[slopes]))
  gate
}

# The origin of a start, a number for each column of the gate design; NULL for none. A fit whose slopes do not act alone
# may be read from any: it starts at the default.
origin_of_start <- function(start, gate, z, weights) {
  if (inherits(start, "mixing_measure")) return(origin_of_measure(start, z))
  fit <- if (inherits(start, "kept_fit")) start$fit else start
  if (!inherits(fit, "moe") || !identical(rownames(fit$estimates$gate), colnames(z))) return(NULL)
  if (length(fit$estimates$origin)) {
    alike <- !inherits(start, "kept_fit") || same_gate(fit$gate, gate)
    return(if (alike) fit$estimates$origin)
  }
  if (inherits(start, "kept_fit") || !is.null(gate$origin)) return(NULL)
  share <- prop.table(if (is.null(weights)) rep(1, nrow(z)) else weights / max(weights))
  as.vector(share %*% z)
}

origin_of_measure <- function(measure, z) {
  origin <- cbind(c(0, rep_len(measure$gating$origin %||% 0, nrow(measure$gate) - 1)))
  as.vector(start_rows(`rownames<-`(origin, rownames(measure$gate)), z, "gate"))
}

# Coefficients of a gate without an origin as those of a gate with one, or the other way: of linear scores the same
# scores.
counted_from <- function(estimates, gate, z) {
  if (is.null(gate$origin) == (length(estimates$origin) == 0)) return(estimates)
  at <- estimates$gate_intercept
  if (at > nrow(estimates$gate)) return(estimates)
  to <- origin_of_columns(gate, z)
  moved <- if (length(to)) to else -estimates$origin
  estimates$gate[at, ] <- estimates$gate[at, ] + colSums(moved * estimates$gate)
  estimates$origin <- to
  estimates
}

slope_columns <- function(z) setdiff(seq_len(ncol(z)), ones_column(z))

# What is handed to a fit: nothing, or a number for each column of the gate design, 0 for the intercept.
origin_of_columns <- function(gate, z) {
  if (is.null(gate$origin)) return(numeric())
  origin <- numeric(ncol(z))
  origin[slope_columns(z)] <- gate$origin
  origin
}

# What a fit keeps: named, NULL where slopes do not act alone.
fitted_origin <- function(estimates) {
  if (length(estimates$origin) == 0) return(NULL)
  stats::setNames(estimates$origin, rownames(estimates$gate))[-estimates$gate_intercept]
}

# The origin of a measure: a number for each gate covariate, NULL for 0.
measure_origin <- function(gating, gate) {
  if (is.null(gating$origin) || !acts_alone(gating, ncol(gate))) return(NULL)
  origin <- origin_of_covariates(gating$origin, rownames(gate)[-1])
  if (any(origin != 0)) origin
}

same_origin <- function(a, b) identical(as.double(a$origin %||% 0), as.double(b$origin %||% 0))

print_origin <- function(gate, digits) {
  if (is.null(gate$origin)) return(invisible())
  numbers <- vapply(gate$origin, format, "", digits = digits)
  cat("Slopes count from ", listed(paste(names(gate$origin), "=", numbers), 6), "\n", sep = "")
}
