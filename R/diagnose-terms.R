# Terms that a part of a model leaves out, and their score tests.

# Score tests of every term that is left out of gate or experts, in few passes over the data.
left_out_tests <- function(object) {
  parts <- c(if (length(object$mass) > 1 && !has_one_active(object$gate)) "gate", "experts")
  tests <- lapply(parts, function(part) {
    terms <- left_out_terms(object, part)
    batches <- split(terms, cumsum(vapply(terms, NCOL, 0L)) %/% 20)
    do.call(rbind, unname(lapply(batches, function(batch) part_tests(object, part, batch))))
  })
  do.call(rbind, tests)
}

# The score tests of terms, a matrix of columns each, with zero for their coefficients.
part_tests <- function(object, part, terms) {
  columns <- do.call(cbind, unname(terms))
  larger <- enlarged_fit(object, part, columns)
  if (is.null(larger)) return(NULL)
  new_scores <- function(fit) {
    scores <- score_result(core_scores, enlarged_estimates(fit, part, columns, larger$origin), larger$design)
    scores[, larger$of_column > 0, drop = FALSE]
  }
  of_column <- larger$of_column[larger$of_column > 0]
  of_term <- rep(names(terms), vapply(terms, NCOL, 0L))[of_column]
  blocks <- lapply(names(terms), function(name) which(of_term == name))
  cbind(
    check = paste0("left out of the ", part), part = part, term = names(terms),
    remedy = vapply(names(terms), function(term) added_term(object, part, term), ""),
    moment_tests(object, new_scores, blocks)
  )
}

# The design of a fit with more columns in one part, which of the scores there are new (the number of their column, else
# 0), and the origin of slopes for the new ones. NULL where the gate's transform does not act on each column by itself.
enlarged_fit <- function(object, part, columns) {
  design <- score_design(object)
  z <- design$z %||% design$x
  if (part == "experts") {
    design[c("x", "z")] <- list(cbind(design$x, columns), z)
  } else {
    design$z <- larger_gate(object, columns)
    if (any(design$z[, seq_len(ncol(z))] != z)) return(NULL)
  }
  new <- design$z[, -seq_len(ncol(z)), drop = FALSE]
  weights <- design$weights %||% rep(1, nrow(new))
  list(design = design, of_column = new_positions(object, part, ncol(columns)), origin = colSums(weights * new) /
    sum(weights))
}

larger_gate <- function(object, columns) {
  design <- fitted_design(object)
  z <- design$z %||% design$x
  numeric <- which(apply(columns, 2, function(values) !all(values %in% 0:1)))
  transform_design(object$gate, cbind(z, columns), c(object$transformed, ncol(z) + numeric))
}

# A fit with more columns in one part, whose coefficients are zero.
enlarged_estimates <- function(fit, part, columns, origin) {
  shape <- dim(fit$estimates[[part]])
  flat <- matrix(fit$estimates[[part]], shape[1])
  flat <- rbind(flat, matrix(0, ncol(columns), ncol(flat)))
  fit$estimates[[part]] <- array(flat, c(nrow(flat), shape[-1]))
  fit$aliased[[part]] <- c(fit$aliased[[part]], logical(ncol(columns)))
  if (part == "gate" && length(fit$estimates$origin)) fit$estimates$origin <- c(fit$estimates$origin, origin)
  fit
}

# Scores stand predictor by predictor, each with its columns in order: the new ones stand behind the last one of every
# predictor of the part.
new_positions <- function(object, part, count) {
  table <- all_parameters(object)
  known <- if (is.null(object$ties)) object$identified else rep(TRUE, nrow(table))
  predictor <- rep(NA_character_, length(known))
  own <- table$kind == "coefficient" & table$part == part
  predictor[known][own] <- paste(table$expert, table$outcome)[own]
  last <- which(!is.na(predictor) & !duplicated(predictor, fromLast = TRUE))
  place <- c(seq_along(predictor), rep(last, each = count))
  c(integer(length(predictor)), rep(seq_len(count), length(last)))[order(place)]
}

# Terms that a part leaves out: the covariates of the data, and squares of its numeric ones; those that the part's
# columns already span are none.
left_out_terms <- function(object, part) {
  design <- fitted_design(object)
  own <- if (part == "gate") design$z %||% design$x else design$x
  by_formula <- !is.null(object$terms)
  terms <- if (by_formula) c(other_covariates(object, part), squares(object, part)) else other_columns(design, part)
  known <- qr(sweep(own, 2, sqrt(pmax(colSums(own^2), .Machine$double.xmin)), "/"))
  Filter(function(term) is_new(known, term), terms)
}

# Whether every column stands apart from what the known ones span.
is_new <- function(known, columns) {
  rest <- qr.resid(known, columns)
  all(sqrt(colSums(rest^2)) > 1e-6 * sqrt(colSums(columns^2))) && qr(rest)$rank == ncol(columns)
}

# Of a fit to matrices: the columns of the other part's design.
other_columns <- function(design, part) {
  if (is.null(design$z)) return(list())
  other <- if (part == "gate") design$x else design$z
  own <- if (part == "gate") design$z else design$x
  names <- setdiff(colnames(other), colnames(own))
  lapply(rlang::set_names(names), function(name) other[, name, drop = FALSE])
}

# Of a fit by a formula: the columns of the data's covariates that are no variables of the part.
other_covariates <- function(object, part) {
  data <- data_of_rows(object) %||% object$model
  used <- c(
    all.vars(attr(object$terms[[part]], "variables")), object$columns$response, all.vars(object$formula[[2]]),
    all.vars(object$call$weights), all.vars(object$call$offset), grep("^\\(", names(data), value = TRUE)
  )
  names <- setdiff(names(data), used)
  columns <- lapply(rlang::set_names(names), function(name) tested_columns(data[[name]]))
  names(columns) <- vapply(names, function(name) deparse(as.name(name), backtick = TRUE), "")
  Filter(Negate(is.null), columns)
}

# Numbers as they are, up to ten levels as indicators; NULL for what is neither, has missing values or does not vary.
tested_columns <- function(values) {
  if (anyNA(values) || NCOL(values) > 1 || is.list(values)) return(NULL)
  if (is.numeric(values) || inherits(values, c("Date", "POSIXct"))) {
    values <- as.numeric(values)
    return(if (all(is.finite(values))) cbind(values))
  }
  values <- factor(values)
  if (nlevels(values) < 2 || nlevels(values) > 10) return(NULL)
  stats::model.matrix(~values)[, -1, drop = FALSE]
}

# Squares of a part's numeric terms, about the mean where no transform of the gate sees them.
squares <- function(object, part) {
  labels <- attr(object$terms[[part]], "term.labels")[attr(object$terms[[part]], "order") == 1]
  values <- object$model[intersect(labels, names(object$model))]
  values <- Filter(function(column) is.numeric(column) && is.null(dim(column)), values)
  centre <- part == "experts" || is.null(object$gate$transform)
  columns <- lapply(values, function(column) cbind((column - centre * mean(column))^2))
  stats::setNames(columns, sprintf("I(%s^2)", names(values)))
}

# The call that adds a term to a part.
added_term <- function(object, part, term) {
  if (is.null(object$terms)) {
    return(sprintf("Fit again with this column in `%s`.", if (part == "gate") "z" else "x"))
  }
  gate <- if (length(object$formula)[2] == 2) "." else paste(deparse(formula(object$terms$gate)[[3]], 500L))
  change <- if (part == "gate") sprintf(". ~ . | %s + %s", gate, term) else sprintf(". ~ . + %s | %s", term, gate)
  sprintf("Try `update(fit, %s)`.", change)
}
