# The response as the core takes it: numbers; class numbers from 0; or a matrix of counts, a column for every class.

read_response <- function(y, family, name = "y", label = identity) experts_of(family)$read(y, name, label)

read_classes <- function(y, name, label) {
  if (is.matrix(y) && ncol(y) == 1 && !is.numeric(y)) y <- y[, 1]
  labels <- class_labels(y, name)
  check_labels(labels, name)
  if (is.matrix(y)) {
    check_classes(labels, name)
    return(check_counts(y, name, label))
  }
  numbers <- as.double(as.integer(as_classes(y))) - 1
  if (anyNA(numbers)) {
    missing <- listed(label(which(is.na(numbers))))
    abort_moe("nonfinite", sprintf("The response `%s` is missing in row %s.", name, missing), "Remove these rows.")
  }
  check_classes(unique(numbers), name)
  numbers
}

# Numbers of events.
read_counts <- function(y, name = "y", label = identity) {
  if (!is.numeric(y) || NCOL(y) != 1) {
    abort_moe("response", sprintf("The response `%s` must be counts: one column of numbers.", name))
  }
  y <- finite_response(y, name, label)
  rows <- no_counts(y)
  if (length(rows)) {
    abort_moe("response", sprintf("Row %s of the response `%s` is not a count.", listed(label(rows)), name),
      "Counts are whole numbers, zero or more; for rates take `offset = log(exposure)`.")
  }
  y
}

no_counts <- function(y) which(y < 0 | y != round(y))

new_counts <- function(object, y) {
  y <- new_numbers(object, y)
  rows <- no_counts(y)
  if (length(rows)) abort_moe("newdata", sprintf("Row %s of the response in `newdata` is not a count.", listed(rows)))
  y
}

# Events: 0 or 1, or, as two columns, how many there were among how many trials.
read_events <- function(y, name = "y", label = identity) {
  if (is.matrix(y) && ncol(y) == 1) y <- y[, 1]
  if (is.factor(y) || is.character(y) || is.logical(y)) return(read_two_classes(y, name, label))
  if (is.matrix(y) && ncol(y) == 2) return(read_trials(y, name, label))
  if (!is.numeric(y) || NCOL(y) != 1) {
    abort_moe("response", sprintf("The response `%s` has no events, which binomial experts need.", name),
      "Give numbers 0 and 1, a factor of two levels, a logical vector, or `cbind(successes, failures)`.")
  }
  y <- finite_response(y, name, label)
  rows <- no_events(y)
  if (length(rows)) {
    abort_moe("response", sprintf("Row %s of the response `%s` is neither 0 nor 1.", listed(label(rows)), name),
      "Proportions and numbers of successes need their trials: `cbind(successes, failures)`.")
  }
  y
}

no_events <- function(y) which(y != 0 & y != 1)

# The second class is the event, as in glm().
read_two_classes <- function(y, name, label) {
  labels <- class_labels(y, name)
  check_labels(labels, name)
  if (length(labels) != 2) {
    abort_moe("response", sprintf("The response `%s` has %d classes; binomial experts need two.", name, length(labels)),
      if (length(labels) > 2) "For more than two take `family = multinomial()`.")
  }
  read_classes(y, name, label)
}

read_trials <- function(y, name, label) {
  counts <- check_counts(y, name, label)
  if (!any(counts > 0)) abort_moe("response", sprintf("No row of the response `%s` has a trial.", name))
  as_trials(counts)
}

# From columns of successes and failures to successes and trials.
as_trials <- function(counts) unname(cbind(counts[, 1], counts[, 1] + counts[, 2]))

# How events were given: the labels of two classes, or of the columns of trials, and their kind; NULL for 0 and 1.
event_form <- function(y) {
  if (is.matrix(y) && ncol(y) == 2) {
    return(list(labels = colnames(y) %||% c("successes", "failures"), kind = "trials"))
  }
  if (!is.numeric(y)) list(labels = class_labels(y), kind = response_kind(y))
}

response_events <- function(y, family) {
  form <- experts_of(family)$events
  if (!is.null(form)) form(y)
}

new_events <- function(object, y) {
  kind <- object$events$kind %||% "numbers"
  if (kind == "trials") return(as_trials(new_count_rows(object$events, y)))
  if (kind != "numbers") return(new_labels(object$events$labels, y))
  y <- new_numbers(object, y)
  rows <- no_events(y)
  if (length(rows)) {
    abort_moe("newdata", sprintf("Row %s of the response in `newdata` is neither 0 nor 1.", listed(rows)))
  }
  y
}

# Whether the response of a fit has trials, of which the distribution of a row depends on how many there are.
has_trials <- function(object) identical(object$events$kind, "trials")

successes <- function(y) if (is.matrix(y)) y[, 1] else y
trials <- function(y) if (is.matrix(y)) y[, 2] else rep(1, length(y))
observed_share <- function(y) successes(y) / pmax(trials(y), 1)

# One success less and one more, as far as there are trials.
neighbouring_events <- function(y) {
  moved <- function(to) if (is.matrix(y)) unname(cbind(to, y[, 2])) else to
  list(lower = moved(pmax(successes(y) - 1, 0)), upper = moved(pmin(successes(y) + 1, trials(y))))
}

# Positive numbers.
read_positive <- function(y, name = "y", label = identity) {
  if (!is.numeric(y) || NCOL(y) != 1) {
    abort_moe("response", sprintf("The response `%s` must be positive numbers in one column.", name))
  }
  y <- finite_response(y, name, label)
  rows <- which(y <= 0)
  if (length(rows)) {
    abort_moe("response", sprintf("Row %s of the response `%s` is not positive.", listed(label(rows)), name),
      "Gamma experts have responses above zero.")
  }
  y
}

new_positive <- function(object, y) {
  y <- new_numbers(object, y)
  rows <- which(y <= 0)
  if (length(rows)) abort_moe("newdata", sprintf("Row %s of the response in `newdata` is not positive.", listed(rows)))
  y
}

as_classes <- function(y) if (is.logical(y)) factor(y, levels = c(FALSE, TRUE)) else as.factor(y)

# The labels of the classes of a response.
class_labels <- function(y, name = "y") {
  if (is.matrix(y)) return(colnames(y) %||% as.character(seq_len(ncol(y))))
  if (!is.factor(y) && !is.character(y) && !is.logical(y)) {
    abort_moe("family", sprintf("The response `%s` has no classes: multinomial experts need some.", name),
      "Make it a factor, a logical vector, or a matrix of counts with a column for every class.")
  }
  levels(as_classes(y))
}

# The labels of a response's classes and how they were given; NULL for a numeric response.
response_classes <- function(y, family) {
  if (experts_of(family)$classes) list(labels = class_labels(y), kind = response_kind(y))
}

response_kind <- function(y) if (is.matrix(y)) "counts" else if (is.logical(y)) "logical" else "factor"

check_labels <- function(labels, name) {
  if (anyNA(labels) || any(labels == "")) {
    abort_moe("response", sprintf("A class of the response `%s` has no name: it is \"\" or NA.", name),
      "Name it, or make its rows NA and drop the level.")
  }
  if (anyDuplicated(labels)) {
    abort_moe("response", sprintf("Two classes of the response `%s` have the same name.", name))
  }
}

check_classes <- function(labels, name) {
  if (length(labels) < 2) {
    abort_moe("response", sprintf("The response `%s` has only one class: there is nothing to tell apart.", name))
  }
  if (length(labels) > 1000) {
    abort_moe("response", sprintf("The response `%s` has %d classes: at most 1000 are possible.", name, length(labels)),
      "Is it a number, or an identifier? Else join rare classes.")
  }
}

check_counts <- function(y, name, label) {
  if (!is.numeric(y)) abort_moe("response", sprintf("The counts of the response `%s` must be numeric.", name))
  refuse_integer64(y, name, "response")
  rows <- which(rowSums(is.finite(y) & y >= 0 & y == round(y)) < ncol(y))
  if (length(rows)) {
    abort_moe("response", sprintf("Row %s of the response `%s` is not a row of counts.", listed(label(rows)), name),
      "Counts are whole numbers, zero or more; for relative frequencies give `weights`.")
  }
  storage.mode(y) <- "double"
  unname(y)
}

# What multinomial experts cannot have.
check_classified <- function(design, experts) {
  if (!is.null(design$offset)) {
    abort_moe("offset", "An offset is not possible for multinomial experts.", "Make it a covariate.")
  }
  predictors <- experts * (length(design$classes$labels) - 1)
  if (predictors > 1000) {
    abort_moe("experts", sprintf("%d experts on %d classes are too many: experts x (classes - 1) must be at most 1000.",
      as.integer(experts), length(design$classes$labels)))
  }
}

# Without classes that no row has.
drop_empty_classes <- function(y, seen = NULL) {
  if (is.matrix(y) && is.numeric(y) && ncol(y) > 1 && !anyNA(y)) {
    empty <- colSums(y != 0) == 0
    warn_empty(class_labels(y)[empty])
    return(y[, !empty, drop = FALSE])
  }
  if (is.factor(y)) {
    warn_empty(setdiff(seen %||% levels(y), unique(as.character(y))))
    return(droplevels(y))
  }
  y
}

warn_empty <- function(classes) {
  if (length(classes)) warn_moe("levels", sprintf("No row has class %s: dropped.", listed(quoted(classes))))
}

# The response of new data in the classes of a fit.
new_classes <- function(object, y) {
  known <- object$classes
  if (known$kind == "counts") new_count_rows(known, y) else new_labels(known$labels, y)
}

new_count_rows <- function(known, y) {
  if (!is.matrix(y) || !is.numeric(y) || ncol(y) != length(known$labels)) {
    abort_moe("newdata", sprintf("The response in `newdata` must have %d columns of counts.", length(known$labels)))
  }
  bad <- which(rowSums(y < 0 | y != round(y), na.rm = TRUE) > 0)
  if (length(bad)) {
    abort_moe("newdata", sprintf("Row %s of the response in `newdata` is not a row of counts.", listed(bad)))
  }
  storage.mode(y) <- "double"
  unname(y)
}

new_labels <- function(labels, y) {
  strange <- setdiff(as.character(unique(y[!is.na(y)])), labels)
  if (length(strange)) {
    abort_moe("newdata", sprintf("The response in `newdata` has class %s, which the fit does not know.",
      quoted(strange)))
  }
  match(as.character(y), labels) - 1
}

# The response of a fit's rows as a matrix of counts, one column a class.
class_counts <- function(object, y) {
  if (is.matrix(y)) return(y)
  result <- matrix(0, length(y), length(object$classes$labels))
  result[cbind(seq_along(y), y + 1)] <- 1
  result
}
