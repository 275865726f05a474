# Ties of coefficients: what a call asks for, as conditions on the core's parameters, and what a fit keeps of them.

# What a call asks of its coefficients; NULL where it asks nothing.
asked_ties <- function(common, fixed, equal) {
  if (length(common) + length(fixed) + length(equal) == 0) return(NULL)
  list(common = common, fixed = check_fixed(fixed), equal = check_equal(equal))
}

check_fixed <- function(fixed) {
  if (is.null(fixed)) return(numeric())
  names <- rlang::names2(fixed)
  if (!is.numeric(fixed) || any(names == "")) {
    abort_moe("ties", "`fixed` must be a named vector of numbers.", 'For example `fixed = c("expert2:x" = 0)`.')
  }
  bad <- names[!is.finite(fixed)]
  if (length(bad)) abort_moe("ties", sprintf("`fixed` is not finite for %s.", listed(quoted_each(bad))))
  twice <- unique(names[duplicated(names)])
  if (length(twice)) abort_moe("ties", sprintf("`fixed` has two numbers for %s.", listed(quoted_each(twice))))
  fixed
}

check_equal <- function(equal) {
  if (is.character(equal)) equal <- list(equal)
  sound <- is.null(equal) || is.list(equal) && all(vapply(equal, function(group) {
    is.character(group) && length(group) > 1 && !anyNA(group)
  }, NA))
  if (!sound) {
    abort_moe("ties", "`equal` must be a list of character vectors, each of two coefficients or more.",
      'For example `equal = list(c("expert1:x", "expert2:x"))`.')
  }
  equal
}

# The terms of the experts that are common to all, as columns of their design: `terms` are those of the experts' part,
# NULL for a design that was given as a matrix, whose columns count as terms.
common_columns <- function(common, x, terms) {
  if (is.null(common)) return(integer())
  wanted <- common_terms(common)
  known <- if (is.null(terms)) colnames(x) else c("(Intercept)", attr(terms, "term.labels"))[attr(x, "assign") + 1]
  strange <- setdiff(wanted, known)
  if (length(strange)) {
    abort_moe("ties", sprintf("`common` names %s, which is no term of the experts.", listed(quoted_each(strange))),
      paste("Their terms are", listed(quoted_each(unique(known)), 20)))
  }
  which(known %in% wanted)
}

# `~ x` is of x alone, `~ 1 + x` of the intercept, too.
common_terms <- function(common) {
  if (is.character(common)) return(common)
  if (!inherits(common, "formula") || length(common) != 2) {
    abort_moe("ties", "`common` must be a one-sided formula such as `~ x`, or names of terms.")
  }
  terms <- rethrow(stats::terms(common), "ties", "`common` cannot be read.")
  c(if (1 %in% summands(common[[2]])) "(Intercept)", labels(terms))
}

summands <- function(expression) {
  if (!is.call(expression) || !identical(expression[[1]], as.name("+"))) return(list(expression))
  unlist(lapply(as.list(expression)[-1], summands))
}

# The conditions that a call's ties are on the parameters of a checked design: for each tie its parameters with factors,
# and its value. `words` say them; `naming`: whether some name an expert.
resolved_ties <- function(asked, design, mixture) {
  if (is.null(asked) || !is.null(asked$conditions)) return(asked)
  if (!is.null(mixture$gate$top_k) && mixture$gate$top_k < mixture$experts) {
    abort_moe("ties", "Ties are not possible with a top-K gate, whose likelihood jumps.", "Use another gate.")
  }
  core <- computed_table(design, mixture)
  names <- core$parameters$name
  common <- common_groups(asked$common, core, mixture$experts)
  equal <- lapply(asked$equal, tied_places, core = core, argument = "equal")
  fixed <- tied_places(names(asked$fixed), core, "fixed")
  groups <- merged_groups(c(common, equal), names)
  check_fixed_groups(groups, fixed, asked$fixed, names)
  pairs <- do.call(rbind, c(list(matrix(0, 0, 2)), lapply(groups, function(group) cbind(group[1], group[-1]))))
  ties <- list(
    conditions = tie_conditions(pairs, fixed, core$raw), value = c(rep(0, nrow(pairs)), unname(asked$fixed)),
    words = tie_words(asked, names(common), lapply(equal, function(group) names[group])),
    naming = length(asked$equal) + length(asked$fixed) > 0, parameters = core$parameters
  )
  if (nrow(ties$conditions)) ties
}

# A group of parameters, one of every expert, for each column that is common and each class.
common_groups <- function(columns, core, experts) {
  if (experts == 1) return(list())
  table <- core$parameters
  own <- which(table$part == "experts" & table$kind == "coefficient" & table$column %in% columns)
  key <- paste(table$column, ifelse(is.na(table$outcome), "", table$outcome))[own]
  groups <- split(own, factor(key, unique(key)))
  stats::setNames(groups, table$term[vapply(groups, `[`, 0L, 1L)])
}

# Where the parameters of some names stand.
tied_places <- function(names, core, argument) {
  places <- match(names, core$parameters$name)
  lost <- names[is.na(places)]
  if (length(lost) == 0) return(places)
  aliased <- vapply(lost, function(name) any(endsWith(name, paste0(":", core$aliased))), NA)
  abort_moe("ties",
    sprintf("`%s` names %s, which is no parameter of the model%s.", argument, listed(quoted_each(lost)),
      if (any(aliased)) ": its column is a combination of others" else ""),
    paste("Its parameters are", listed(quoted_each(core$parameters$name), 20)))
}

# Groups of equal parameters, of which no two share one: what would be said twice is an error.
merged_groups <- function(groups, names) {
  merged <- list()
  for (group in groups) {
    meets <- vapply(merged, function(other) any(group %in% other), NA)
    twice <- group[duplicated(group)]
    again <- unlist(lapply(merged[meets], function(other) if (sum(group %in% other) > 1) intersect(group, other)))
    again <- unique(c(twice, again))
    if (length(again)) {
      abort_moe("ties", sprintf("%s are tied twice: a tie that follows from others is circular.",
        listed(quoted_each(names[again]))), "Name every coefficient once.")
    }
    merged <- c(merged[!meets], list(unique(c(unlist(merged[meets]), group))))
  }
  lapply(merged, sort)
}

# Of parameters that are tied, one at most may be fixed.
check_fixed_groups <- function(groups, fixed, values, names) {
  for (group in groups) {
    both <- which(fixed %in% group)
    if (length(both) < 2) next
    same <- length(unique(values[both])) == 1
    abort_moe("ties", sprintf("%s are tied and both fixed%s.", listed(quoted_each(names[fixed[both]])),
      if (same) "" else " at different numbers"), "Fix one of them.")
  }
}

# A row for every parameter of every condition: the core's description of it, the number of its tie, and its factor.
tie_conditions <- function(pairs, fixed, raw) {
  places <- c(t(pairs), fixed)
  count <- nrow(pairs)
  tie <- c(rep(seq_len(count), each = 2), count + seq_along(fixed))
  factor <- c(rep(c(1, -1), count), rep(1, length(fixed)))
  data.frame(raw[places, ], tie = tie, factor = factor, row.names = NULL)
}

tie_words <- function(asked, common, equal) {
  c(
    if (length(common)) sprintf("%s common to all experts", listed(unique(common), 20)),
    vapply(equal, paste, "", collapse = " = "),
    sprintf("%s = %s", names(asked$fixed), vapply(asked$fixed, format, "", digits = 7))
  )
}

refuse_tied_penalty <- function(ties) {
  if (is.null(ties)) return(invisible())
  abort_moe("ties", "Ties are not defined with a `penalty`: its zeros would be tied, too.",
    "Fit the terms that a path selects, with ties and without `penalty`.")
}

# What a fit keeps of its ties: with the conditions the map from its free parameters to all.
kept_ties <- function(fit, ties) {
  if (is.null(ties)) return(NULL)
  c(ties, fit$map[c("slope", "origin")])
}

# All parameters of a fit, those that are tied or fixed among them.
all_parameters <- function(fit) if (is.null(fit$ties)) fit$parameters else fit$ties$parameters

# Values of the free parameters as those of all.
all_values <- function(fit, values) {
  if (is.null(fit$ties)) return(values)
  stats::setNames(as.vector(fit$ties$slope %*% values + fit$ties$origin), fit$ties$parameters$name)
}

# A covariance of the free parameters as that of all, with NA where they depend on one that has none.
all_covariance <- function(fit, covariance) {
  if (is.null(fit$ties) || is.null(covariance)) return(covariance)
  slope <- fit$ties$slope
  unknown <- is.na(diag(covariance))
  covariance[unknown, ] <- covariance[, unknown] <- 0
  all <- slope %*% tcrossprod(covariance, slope)
  lost <- as.vector(abs(slope) %*% unknown) > 0
  all[lost, ] <- all[, lost] <- NA
  all
}

# The conditions of a fit's ties: `rows` of contrasts of all parameters, each with its `value`.
tie_contrasts <- function(fit) {
  free <- fit$identified
  rows <- diag(length(free))[!free, , drop = FALSE]
  rows[, free] <- rows[, free] - fit$ties$slope[!free, , drop = FALSE]
  list(rows = rows, value = fit$ties$origin[!free])
}

# Derivatives in all parameters, a column each, as those in the free ones.
in_free_parameters <- function(fit, derivatives) {
  if (is.null(fit$ties)) derivatives[, fit$identified, drop = FALSE] else derivatives %*% fit$ties$slope
}

print_ties <- function(ties) if (!is.null(ties)) cat("Ties: ", paste(ties$words, collapse = "; "), "\n", sep = "")
