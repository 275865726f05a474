# Checks of what a fit is given, before anything is computed. Each returns its argument in the form that the core takes.

check_experts <- function(experts, rows, weights = NULL) {
  most <- if (is.null(weights)) rows else sum(weights > 0)
  if (!is_whole(experts) || experts < 1 || experts > most) {
    abort_moe("experts", sprintf("`experts` must be one whole number from 1 to %d, the number of rows%s.", most,
      if (most < rows) " of positive weight" else ""))
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
  y <- finite_response(y, name, label)
  check_range(y, sprintf("The response `%s`", name))
  y
}

# A column of numbers of a response, as doubles that are finite.
finite_response <- function(y, name, label) {
  refuse_integer64(y, name, "response")
  y <- as.double(y)
  check_finite_vector(y, sprintf("The response `%s`", name), label)
  y
}

check_weights <- function(weights, rows, label = identity) {
  if (is.null(weights)) return(NULL)
  if (!is.numeric(weights) || NCOL(weights) != 1) abort_moe("weights", "`weights` must be a numeric vector.")
  refuse_integer64(weights, "weights", "weights")
  check_length(weights, rows, "weights")
  weights <- as.double(weights)
  check_finite_vector(weights, "`weights`", label, "weights")
  negative <- which(weights < 0)
  if (length(negative)) abort_moe("weights", sprintf("`weights` is negative in row %s.", listed(label(negative))))
  if (!any(weights > 0)) abort_moe("weights", "All `weights` are zero: no row is left to fit.")
  if (!is.finite(sum(weights)) || sum(weights) < .Machine$double.xmin) {
    abort_moe("weights", "The sum of `weights` is beyond double precision.", "Divide them by their maximum.")
  }
  weights
}

check_offset <- function(offset, rows, label = identity) {
  if (is.null(offset)) return(NULL)
  if (!is.numeric(offset) || NCOL(offset) != 1) abort_moe("offset", "`offset` must be a numeric vector.")
  refuse_integer64(offset, "offset", "offset")
  check_length(offset, rows, "offset")
  offset <- as.double(offset)
  check_finite_vector(offset, "`offset`", label)
  if (max(abs(offset)) > largest_size) check_range(offset, "`offset`")
  offset
}

# Where the mean is the exponential of a predictor, an offset must be one that has an exponential.
check_link <- function(family, offset, label) {
  rows <- if (identical(family$link, "log") && !is.null(offset)) which(abs(offset) > 600)
  if (length(rows)) {
    abort_moe("offset", sprintf("exp() of the `offset` overflows in row %s.", listed(label(rows))),
      "It is on the scale of the logarithm of the mean: `offset(log(exposure))`.")
  }
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
  check_ranges(x, argument)
  x
}

# Products of numbers beyond these leave the range of double precision.
largest_size <- 1e150
smallest_size <- 1e-150

check_range <- function(values, what) {
  size <- max(abs(values))
  if (size == 0 || (size >= smallest_size && size <= largest_size)) return(invisible())
  abort_moe("range", sprintf("%s is of size %s; from 1e-150 to 1e150 are possible.", what, format(size)),
    "Change its unit.")
}

# Only columns that may be too large or too small throughout are looked at.
check_ranges <- function(x, argument) {
  large <- max(x) > largest_size || min(x) < -largest_size
  suspects <- if (large) seq_len(ncol(x)) else which(abs(colSums(x)) <= nrow(x) * smallest_size)
  for (j in suspects) check_range(x[, j], column_name(x, j, argument))
}

column_name <- function(x, j, argument) {
  sprintf("Column `%s` of the %s", if (is.null(colnames(x))) j else colnames(x)[j], designs[[argument]])
}

# Numbers of package bit64 are stored as doubles that mean something else.
refuse_integer64 <- function(values, name, what = "frame") {
  if (is.list(values)) return(invisible(Map(refuse_integer64, values, paste0(name, "$", rlang::names2(values)), what)))
  if (inherits(values, "integer64")) {
    abort_moe(what, sprintf("`%s` is of class integer64, which is not read.", name),
      "Convert it by `as.double()`, with package bit64 loaded.")
  }
}

check_sparse <- function(x, argument) {
  if (!requireNamespace("Matrix", quietly = TRUE)) abort_moe("package", "Sparse designs need the package `Matrix`.")
  if (!all(is.finite(x@x))) {
    abort_moe("nonfinite", sprintf("The %s has entries that are not finite.", designs[[argument]]))
  }
  size <- Matrix::colSums(abs(x))
  for (j in which(size > largest_size | (size > 0 & size < smallest_size))) {
    check_range(x[, j], column_name(x, j, argument))
  }
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
    check_finite_vector(x[, j], column_name(x, j, argument), label, class)
  }
}

check_finite_vector <- function(values, what, label, class = "nonfinite") {
  bad <- if (is.finite(sum(values))) integer() else which(!is.finite(values))
  if (length(bad)) {
    abort_moe(class, sprintf("%s is not finite in row %s.", what, listed(label(bad))),
      "Remove or replace these values.")
  }
}

check_length <- function(values, rows, argument) {
  if (NROW(values) != rows) {
    abort_moe(argument, sprintf("`%s` has %d values where the response has %d.", argument, NROW(values), rows))
  }
}

# The one of several words that was given (the first where all were).
check_choice <- function(given, choices, argument, what = argument) {
  if (identical(given, choices)) return(choices[1])
  if (is.character(given) && length(given) == 1 && given %in% choices) return(given)
  abort_moe(what, sprintf("`%s` must be one of %s.", argument, paste0('"', choices, '"', collapse = ", ")))
}

check_flag <- function(value, argument, what = argument) {
  if (!rlang::is_bool(value)) abort_moe(what, sprintf("`%s` must be TRUE or FALSE.", argument))
  value
}

is_number <- function(value) {
  is.numeric(value) && !inherits(value, "integer64") && length(value) == 1 && !is.na(value)
}
is_whole <- function(value) is_number(value) && is.finite(value) && value == round(value)

is_count <- function(value) is_whole(value) && value >= 1

# Arguments without which a verb can do nothing; a name is the class of the error.
check_required <- function(...) {
  frame <- parent.frame()
  needed <- c(...)
  lacking <- vapply(needed, is_missing_in, NA, frame)
  if (!any(lacking)) return(invisible())
  class <- rlang::names2(needed)[lacking][1]
  abort_moe(if (class == "") "missing" else class, sprintf("%s is missing.", quoted(needed[lacking])))
}

check_is_fit <- function(object) {
  check_required("object")
  if (!inherits(object, "moe")) abort_moe("object", "`object` must be a fit by `moe()`.")
}
