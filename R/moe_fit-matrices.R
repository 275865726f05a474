# Designs that are given as matrices.

# Response, designs, weights and offset as a fit keeps them; z is NULL where it is x.
matrix_data <- function(x, z, y, family, weights, offset, intercept) {
  designs <- list(x = x, z = if (!rlang::is_reference(x, z)) z)
  if (experts_of(family)$classes) y <- drop_empty_classes(y)
  if (NROW(y) == 0) abort_moe("rows", "The response has no rows.")
  given <- lapply(rlang::set_names(names(designs)), function(name) plain_matrix(designs[[name]], name))
  designs <- with_intercepts(given, intercept)
  added <- Filter(function(name) NCOL(designs[[name]]) > NCOL(given[[name]]), names(designs))
  list(
    y = read_response(y, family), classes = response_classes(y, family), events = response_events(y, family),
    x = named_design(designs$x, "x"), z = named_design(designs$z, "z"), weights = weights, offset = offset,
    added = added,
    named = lapply(given, function(x) !is.null(colnames(x)))
  )
}

# A matrix of any class as numbers in one of two: a base matrix, or a dgCMatrix.
plain_matrix <- function(x, argument) {
  refuse_integer64(x, argument, "design")
  if (is_sparse(x)) return(x)
  if (inherits(x, "sparseMatrix")) {
    for (class in c("dMatrix", "generalMatrix", "CsparseMatrix")) x <- methods::as(x, class)
  }
  if (inherits(x, "Matrix") && !is_sparse(x)) x <- as.matrix(x)
  if (is.matrix(x) && is.logical(x)) storage.mode(x) <- "double"
  x
}

named_design <- function(x, argument) {
  if (!is_design(x) || ncol(x) == 0) return(x)
  names <- colnames(x) %||% rep("", ncol(x))
  unnamed <- is.na(names) | names == ""
  names[unnamed] <- paste0(argument, which(unnamed))
  if (!identical(colnames(x), names) || anyDuplicated(names)) colnames(x) <- make.unique(names)
  x
}

is_design <- function(x) is.matrix(x) || is_sparse(x)

# Designs with a column of ones in front where they have none, if that is asked for; else this is said.
with_intercepts <- function(designs, intercept) {
  if (!is.null(intercept) && !rlang::is_bool(intercept)) {
    abort_moe("intercept", "`intercept` must be TRUE, FALSE or NULL.")
  }
  lacks <- vapply(designs, function(x) is_design(x) && is.numeric(x[0]) && ones_column(x) == 0, NA)
  if (isTRUE(intercept)) designs[lacks] <- lapply(designs[lacks], add_ones)
  if (is.null(intercept) && any(lacks)) {
    where <- quoted(names(which(lacks)))
    warn_moe("intercept", sprintf("There is no column of ones in %s: no intercept is fitted.", where),
      "`intercept = TRUE` adds one; `intercept = FALSE` says that there is to be none.")
  }
  designs
}

add_ones <- function(x) {
  if (is.matrix(x)) return(cbind(`(Intercept)` = 1, x))
  ones <- methods::as(matrix(1, nrow(x), dimnames = list(NULL, "(Intercept)")), "CsparseMatrix")
  cbind(ones, x)
}

# A matrix of new data in the form of a fit's design: with the column of ones that the fit added to its own, and names,
# if there are any, as the fit's.
like_design <- function(new, data, argument) {
  new <- plain_matrix(new, argument)
  if (!is_design(new)) return(new)
  unnamed <- is.null(colnames(new))
  if (argument %in% data$added && ncol(new) == ncol(data[[argument]]) - 1) new <- add_ones(new)
  if (unnamed) colnames(new) <- NULL
  if (unnamed || ncol(new) != ncol(data[[argument]])) new else named_design(new, argument)
}
