# Terms of the experts and of the gate, and which of them a scope chooses.

# A table of terms: `part` and `term`.
term_table <- function(parts) {
  data.frame(part = rep(names(parts), lengths(parts)), term = unlist(parts, use.names = FALSE) %||% character())
}

term_labels <- function(terms) paste(terms$part, terms$term, sep = ": ")

named_terms <- function(names) {
  known <- grepl("^(experts|gate): ", names)
  if (!all(known)) {
    abort_moe("terms", sprintf("`scope` has %s.", quoted(names[!known])), 'Write "experts: x" or "gate: x".')
  }
  data.frame(part = sub(": .*", "", names), term = sub("^[a-z]+: ", "", names))
}

# What `of` says of the terms of the parts of a fit; one expert has no gate.
part_terms <- function(object, of) {
  parts <- if (length(object$mass) == 1) "experts" else c("experts", "gate")
  term_table(lapply(object$terms[parts], of))
}

# The parts of a one-sided formula, of which one stands for both.
formula_parts <- function(scope) {
  parts <- rethrow(Formula(scope), "terms", "`scope` cannot be read.")
  if (length(parts)[2] > 2) abort_moe("terms", "`scope` has more than two parts.")
  part <- function(i) formula(parts, lhs = 0, rhs = i)
  list(experts = part(1), gate = part(length(parts)[2]))
}

formula_terms <- function(scope) term_table(lapply(formula_parts(scope), function(part) labels(terms(part))))

# Those of some terms that a scope chooses, by name or formula; a formula with one part need not have both.
chosen_terms <- function(scope, terms, read) {
  chosen <- if (is.character(scope)) named_terms(scope) else read(scope)
  found <- match(term_labels(chosen), term_labels(terms))
  lacking <- !chosen$term %in% chosen$term[!is.na(found)]
  if (any(lacking)) {
    abort_moe("terms", sprintf("The fit has no term %s that can be left out.", quoted(term_labels(chosen)[lacking])),
      paste("It has", listed(term_labels(terms), 20)))
  }
  terms[found[!is.na(found)], ]
}

# The parts of a fit's formula with all terms of those of a scope.
wider_parts <- function(object, scope) {
  scope <- formula_parts(scope)
  lapply(stats::setNames(nm = names(scope)), function(part) {
    own <- formula(object$terms[[part]])
    asked <- rethrow(update(own, scope[[part]]), "terms", "`scope` cannot be read.")
    own[[3]] <- call("+", own[[3]], asked[[3]])
    own
  })
}

terms_beyond <- function(object, parts) {
  if (length(object$mass) == 1) parts <- parts["experts"]
  term_table(lapply(stats::setNames(nm = names(parts)), function(part) {
    stats::add.scope(object$terms[[part]], parts[[part]])
  }))
}
