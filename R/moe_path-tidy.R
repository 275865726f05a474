#' Tidy a Lasso path
#'
#' @param x A path by [moe_path()] or a cross-validation by [cv_moe()].
#' @param ... Not used: anything else is an error.
#' @return Data frames. `tidy()` of a path: a row for every coefficient that is not zero and every logarithm of a
#'   standard deviation, in every fit: `lambda`, `gate_penalty` (over lambda), `part`, `expert`, (for multinomial
#'   experts) `y.level`, `term` and `estimate`, that without penalty where the path has `refit` and the fit has one.
#'   Of a cross-validation: a row for every fit, `lambda`, `gate_penalty`, `estimate` (the loss), `std.error`, `nonzero`
#'   slopes and `folds`. `glance()`: one row, of the fit that EBIC or the smallest loss chooses.
#' @examples
#' path <- moe_path(mpg ~ ., mtcars, experts = 1, nlambda = 20)
#' head(generics::tidy(path))
#' generics::glance(path)
#' @export
tidy.moe_path <- function(x, ...) {
  check_call(...)
  tidy_fits(x, seq_along(x$fits))
}

# The free parameters of some fits of a path, one fit below the other, but for coefficients that are zero.
tidy_fits <- function(path, numbers) {
  checked <- path$checked
  rows <- penalised_rows(path$fits[[1]]$estimates, path$penalty$reference, checked$common)
  parameters <- parameter_table(rows, checked$design)
  what <- terms_of_parameters(parameters)
  of_fit <- function(i) {
    estimates <- (path$refits[i][[1]] %||% path$fits[[i]])$estimates
    values <- parameter_values(parameters, estimates)
    kept <- which(values != 0 | parameters$kind != "coefficient")
    cbind(
      data.frame(lambda = path$lambda[i], gate_penalty = path$table$gate[i]),
      what[kept, , drop = FALSE], estimate = values[kept], row.names = NULL
    )
  }
  as_table(do.call(rbind, lapply(numbers, of_fit)))
}

#' @rdname tidy.moe_path
#' @export
glance.moe_path <- function(x, ...) {
  check_call(...)
  glance_at(x, chosen_fit(x, NULL, "EBIC"))
}

glance_at <- function(path, at) {
  chosen <- path$table[at, ]
  as_table(data.frame(
    experts = path$checked$experts, lambda = chosen$lambda, gate_penalty = chosen$gate, nonzero = chosen$nonzero,
    df = chosen$df, logLik = chosen$refit %||% chosen$logLik, BIC = chosen$BIC, EBIC = chosen$EBIC, nobs = nobs(path),
    fits = nrow(path$table), faulty = sum(path$table$faulty), violation = max(path$table$violation)
  ))
}

#' @rdname tidy.moe_path
#' @export
tidy.cv_moe <- function(x, ...) {
  check_call(...)
  table <- x$table
  data.frame(
    lambda = table$lambda, gate_penalty = table$gate, estimate = table$loss, std.error = table$se,
    nonzero = x$path$table$nonzero, folds = table$folds
  )
}

#' @rdname tidy.moe_path
#' @export
glance.cv_moe <- function(x, ...) {
  check_call(...)
  at <- which(x$table$lambda == x$lambda_min & x$table$gate == x$gate_min)[1]
  cbind(glance_at(x$path, at), loss = x$table$loss[at], se = x$table$se[at], lambda_1se = x$lambda_1se)
}
