# What package emmeans asks of a model. Means are no linear functions of the coefficients: a grid's predictions take
# their place, with their covariance by the delta method, J V J', J the derivatives at the estimate.
# nolint start: object_name_linter. The generics' names are theirs.

# The formula of the call tells emmeans of a transformed response, on whose scale gate probabilities are not.
#' @exportS3Method emmeans::recover_data
recover_data.moe <- function(object, data = NULL, component = "response", ...) {
  check_version(object)
  if (is.null(object$terms)) abort_moe("frame", "A fit to matrices has no variables: fit by a formula.")
  if (!is.null(object$offset_argument)) {
    abort_moe("offset", "Marginal means need offsets in the formula.", "Fit with a term `offset()`.")
  }
  terms <- stats::delete.response(object$terms$full)
  # predictions hold the offset of the grid: emmeans would add another
  attr(terms, "offset") <- NULL
  kept <- match(c("formula", "data", "subset", "weights"), names(object$call), 0)
  call <- object$call[c(1, kept)]
  call$formula <- formula(if (identical(component, "gate")) terms else object$terms$full)
  emmeans::recover_data(call, terms, object$na.action, data = data, ...)
}

#' @exportS3Method emmeans::emm_basis
emm_basis.moe <- function(object, trms, xlev, grid, component = c("response", "experts", "gate"), vcov. = NULL, ...) {
  check_version(object)
  component <- check_choice(component, c("response", "experts", "gate"), "component")
  refuse_penalised(object, "marginal means with standard errors")
  design <- new_design(object, grid, FALSE, stats::na.pass)
  values <- predict_rows(object, design, component)
  covariance <- covariance_of_predictions(object, vcov.)
  gradients <- prediction_gradients(object, design, component)
  jacobian <- do.call(rbind, gradients)
  jacobian[is.na(standard_errors_at(object, gradients, covariance)), ] <- NA
  list(
    X = diag(length(values)), bhat = c(values), nbasis = matrix(NA), V = jacobian %*% covariance %*% t(jacobian),
    dffun = function(k, dfargs) Inf, dfargs = list(), misc = basis_labels(values, component)
  )
}
# nolint end

# The levels of predictions of several numbers a row, which emmeans makes factors of: experts, classes.
basis_labels <- function(values, component) {
  labels <- list(estName = if (component == "gate") "prob" else "emmean", methDesc = "emmeans")
  if (is.null(dim(values))) return(labels)
  levels <- dimnames(values)[-1]
  names(levels) <- if (length(levels) == 2) c("class", "expert") else if (component == "response") "class" else "expert"
  c(labels, list(ylevs = levels))
}
