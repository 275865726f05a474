# Checks of what a fit is given, before anything is computed. Each returns its argument in the form that the core takes.

check_experts <- function(experts, rows) {
  if (!is_whole(experts) || experts < 1 || experts > rows) {
    abort_moe("experts", sprintf("`experts` must be one whole number from 1 to %d, the number of rows.", rows))
  }
  as.double(experts)
}

check_response <- function(y, name = "y", label = identity) {
  if (is.factor(y) || is.character(y) || is.logical(y)) {
    abort_moe("family", sprintf("The response `%s` is not numeric, which Gaussian experts need.", name),
      "For classes make it a factor and use `family = multinomial()`.")
  }
  if (!is.numeric(y)) abort_moe("response", sprintf("The response `%s` must be numeric.", name))
  if (NCOL(y) != 1) {
    abort_moe("response", sprintf("The response `%s` has %d columns: give one.", name, NCOL(y)),
      "A matrix of counts, one column a class, needs `family = multinomial()`.")
  }
  y <- as.double(y)
  check_finite_vector(y, sprintf("The response `%s`", name), label)
  y
}

check_weights <- function(weights, rows, label = identity) {
  if (is.null(weights)) return(NULL)
  if (!is.numeric(weights) || NCOL(weights) != 1) abort_moe("weights", "`weights` must be a numeric vector.")
  check_length(weights, rows, "weights")
  weights <- as.double(weights)
  check_finite_vector(weights, "`weights`", label, "weights")
  negative <- which(weights < 0)
  if (length(negative)) abort_moe("weights", sprintf("`weights` is negative in row %s.", listed(label(negative))))
  if (!any(weights > 0)) abort_moe("weights", "All `weights` are zero: no row is left to fit.")
  weights
}

check_offset <- function(offset, rows, label = identity) {
  if (is.null(offset)) return(NULL)
  if (!is.numeric(offset) || NCOL(offset) != 1) abort_moe("offset", "`offset` must be a numeric vector.")
  check_length(offset, rows, "offset")
  offset <- as.double(offset)
  check_finite_vector(offset, "`offset`", label)
  offset
}

check_design <- function(x, rows, argument, label = identity, sparse = FALSE) {
  if (is_sparse(x) && !sparse) {
    abort_moe("design", sprintf("`%s` is sparse, which only a penalised fit reads.", argument),
      "Give a `penalty`, or `as.matrix()` of it.")
  }
  if (!is_sparse(x) && (!is.matrix(x) || !is.numeric(x))) {
    abort_moe("design", sprintf("`%s` must be a numeric matrix.", argument), "Build one by `model.matrix()`.")
  }
  if (nrow(x) != rows) {
    abort_moe("design", sprintf("`%s` has %d rows where the response has %d.", argument, nrow(x), rows))
  }
  if (ncol(x) == 0) {
    abort_moe("design", sprintf("`%s` has no columns.", argument), "Keep the intercept where there are no covariates.")
  }
  if (is_sparse(x)) return(check_sparse(x, argument))
  if (!is.double(x)) storage.mode(x) <- "double"
  check_finite_matrix(x, argument, label)
  x
}

check_sparse <- function(x, argument) {
  if (!requireNamespace("Matrix", quietly = TRUE)) abort_moe("package", "Sparse designs need the package `Matrix`.")
  if (!all(is.finite(x@x))) abort_moe("nonfinite", sprintf("The %s has entries that are not finite.", designs[[argument]]))
  x
}

# Both designs sparse, if one is.
alike_designs <- function(design) {
  if (is.null(design$z) || is_sparse(design$x) == is_sparse(design$z)) return(design)
  if (!is_sparse(design$x)) design$x <- methods::as(design$x, "CsparseMatrix")
  if (!is_sparse(design$z)) design$z <- methods::as(design$z, "CsparseMatrix")
  design
}

designs <- list(x = "expert design `x`", z = "gate design `z`")

# A sum is finite where all its terms are, so a finite matrix is passed without copies of its size.
check_finite_matrix <- function(x, argument, label = identity, class = "nonfinite") {
  for (j in which(!is.finite(colSums(x)))) {
    name <- if (is.null(colnames(x))) j else colnames(x)[j]
    check_finite_vector(x[, j], sprintf("Column `%s` of the %s", name, designs[[argument]]), label, class)
  }
}

check_finite_vector <- function(values, what, label, class = "nonfinite") {
  bad <- if (is.finite(sum(values))) integer() else which(!is.finite(values))
  if (length(bad)) {
    abort_moe(class, sprintf("%s is not finite in row %s.", what, listed(label(bad))), "Remove or replace these values.")
  }
}

check_length <- function(values, rows, argument) {
  if (NROW(values) != rows) {
    abort_moe(argument, sprintf("`%s` has %d values where the response has %d.", argument, NROW(values), rows))
  }
}

# The one of several words that was given (the first where all were).
check_choice <- function(given, choices, argument) {
  if (identical(given, choices)) return(choices[1])
  if (is.character(given) && length(given) == 1 && given %in% choices) return(given)
  abort_moe(argument, sprintf("`%s` must be one of %s.", argument, paste0('"', choices, '"', collapse = ", ")))
}

is_number <- function(value) is.numeric(value) && length(value) == 1 && !is.na(value)
is_whole <- function(value) is_number(value) && is.finite(value) && value == round(value)
