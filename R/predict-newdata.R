# The designs of new data under the terms, levels and contrasts of a fit.
new_design <- function(object, newdata, needs_response, na.action) {
  newdata <- check_newdata(object, newdata, needs_response)
  if (nrow(newdata) == 0) return(design_rows(fitted_design(object), 0))
  full <- object$terms$full
  if (!needs_response) full <- stats::delete.response(full)
  frame <- new_frame(object, full, newdata, na.action)
  if (identical(na.action, stats::na.pass) && nrow(frame) != nrow(newdata)) {
    abort_moe("newdata", sprintf("`newdata` has %d rows, but its variables have %d.", nrow(newdata), nrow(frame)),
      "A variable was found outside `newdata`: put it in.")
  }
  x <- design_of(object$terms$experts, frame, object$contrasts$experts)
  rownames(x) <- row.names(frame)
  list(
    x = x,
    z = if (!same_design(object$terms$experts, object$terms$gate)) {
      design_of(object$terms$gate, frame, object$contrasts$gate)
    },
    y = if (needs_response) new_response(object, frame),
    offset = new_offset(object, frame, newdata)
  )
}

check_newdata <- function(object, newdata, needs_response) {
  refuse_integer64(newdata, "newdata", "newdata")
  if (is.list(newdata) && !is.data.frame(newdata)) {
    newdata <- rethrow(as.data.frame(newdata), "newdata", "Unusable `newdata`.")
  }
  if (!is.data.frame(newdata)) abort_moe("newdata", "`newdata` must be a data frame.")
  needed <- c(if (needs_response) object$columns$response, object$columns$covariates)
  missing <- setdiff(needed, names(newdata))
  if (length(missing)) abort_moe("newdata", sprintf("`newdata` has no column %s.", quoted(missing)))
  newdata
}

new_frame <- function(object, terms, newdata, na.action) {
  rethrow(
    {
      frame <- suppressWarnings(model.frame(terms, newdata, na.action = na.action, xlev = object$xlevels))
      stats::.checkMFClasses(covariate_classes(object), frame)
      frame
    },
    "newdata", "`newdata` does not fit the model."
  )
}

# The classes of the variables of a fit but for its response.
covariate_classes <- function(object) {
  classes <- attr(object$terms$full, "dataClasses")
  classes[setdiff(names(classes), response_name(object$terms$full))]
}

new_response <- function(object, frame) experts_of(object)$read_new(object, stats::model.response(frame, "any"))

new_numbers <- function(object, y) {
  if (!is.numeric(y) || NCOL(y) != 1) abort_moe("newdata", "The response in `newdata` must be numeric.")
  as.double(y)
}

# offset() terms and the argument `offset`, evaluated in the new data as predict.lm() does.
new_offset <- function(object, frame, newdata) {
  offset <- stats::model.offset(frame)
  argument <- object$offset_argument
  if (is.null(argument)) return(offset)
  extra <- rethrow(eval(argument, newdata, environment(object$terms$full)), "newdata", "The `offset` cannot be found.")
  if (is.null(extra)) return(offset)
  kept <- attr(frame, "na.action")
  if (length(extra) != nrow(newdata)) {
    abort_moe("newdata", sprintf("The `offset` has %d values for %d rows of `newdata`.", length(extra), nrow(newdata)))
  }
  if (length(kept)) extra <- extra[-kept]
  as.double(extra) + if (is.null(offset)) 0 else offset
}

# The same for a fit to matrices.
matrix_design <- function(object, newdata, needs_response) {
  refuse_integer64(newdata, "newdata", "newdata")
  if (!is.list(newdata) || is.data.frame(newdata)) newdata <- list(x = newdata)
  old <- object$data
  unused <- setdiff(rlang::names2(newdata), c("x", if (!is.null(old$z)) "z", "y", "offset"))
  if (length(unused)) abort_moe("newdata", sprintf("The fit has no use for %s of `newdata`.", quoted(unused)))
  design <- list(x = new_matrix(like_design(newdata[["x"]], old, "x"), old$x, "x", old$named$x))
  if (!is.null(old$z)) design$z <- new_matrix(like_design(newdata[["z"]], old, "z"), old$z, "z", old$named$z)
  design$y <- if (needs_response) new_matrix_response(object, newdata, nrow(design$x))
  design$offset <- if (!is.null(old$offset)) new_values(newdata, "offset", nrow(design$x))
  if (!is.null(design$z) && nrow(design$z) != nrow(design$x)) {
    abort_moe("newdata", sprintf("`x` has %d rows, `z` %d.", nrow(design$x), nrow(design$z)))
  }
  design
}

new_matrix <- function(new, old, argument, named) {
  if (is.data.frame(new)) new <- as.matrix(new)
  if (!is_sparse(new) && !(is.matrix(new) && is.numeric(new))) {
    abort_moe("newdata", sprintf("`newdata` needs a numeric matrix `%s` with %d columns.", argument, ncol(old)))
  }
  if (named && !is.null(colnames(new))) {
    columns <- columns_by_name(new, old, argument)
    new <- new[, columns, drop = FALSE]
  }
  if (ncol(new) != ncol(old)) {
    abort_moe("newdata", sprintf("`%s` of `newdata` has %d columns, that of the fit %d.", argument, ncol(new),
      ncol(old)))
  }
  if (!is_sparse(new)) storage.mode(new) <- "double"
  new
}

# The numbers of the columns of new data that have the names of a fit's design.
columns_by_name <- function(new, old, argument) {
  if (identical(colnames(new), colnames(old))) return(seq_len(ncol(new)))
  missing <- setdiff(colnames(old), colnames(new))
  if (length(missing)) abort_moe("newdata", sprintf("`%s` of `newdata` has no column %s.", argument, quoted(missing)))
  repeated <- lapply(list(colnames(old), colnames(new)), function(names) names[duplicated(names)])
  twice <- intersect(unlist(repeated), colnames(old))
  if (length(twice)) abort_moe("newdata", sprintf("`%s` has several columns %s.", argument, quoted(twice)))
  match(colnames(old), colnames(new))
}

new_matrix_response <- function(object, newdata, rows) {
  y <- newdata[["y"]]
  if (is.null(y) || NROW(y) != rows) abort_moe("newdata", "`newdata` needs `y`, a response for every row.")
  experts_of(object)$read_new(object, y)
}

new_values <- function(newdata, name, rows) {
  values <- newdata[[name]]
  if (!is.numeric(values) || length(values) != rows) {
    abort_moe("newdata", sprintf("`newdata` needs `%s`, one number for every row.", name))
  }
  as.double(values)
}
