#' Fits, coefficients and predictions of a Lasso path
#'
#' `select_fit()` takes one fit out of a path as an object of class `"moe"`, with all its methods; `coef()` and
#' `predict()` do that and go on. `lambda` need not be on the path: the fit at the nearest one (in its logarithm) is
#' taken, and `penalty_lasso()` fits at any other.
#'
#' With `refit`, the coefficients that are not zero are estimated again without penalty. Their likelihood does not know
#' that they were chosen: no standard errors are given.
#'
#' @param path,object A path by [moe_path()].
#' @param lambda A number, or `NULL` for the fit that `criterion` chooses.
#' @param criterion `"BIC"`, `"EBIC"` or `"mBIC"`, see [moe_path()].
#' @param refit Estimate without penalty on the support of the fit.
#' @param part,newdata,type As in [coef.moe()] and [predict.moe()].
#' @param ... For `predict()`: `na.action`, as in [predict.moe()]. Anything else is an error.
#' @return `select_fit()`: a fit of class `"moe"`. `coef()` and `predict()`: as those of such a fit.
#' @section Errors: `expertmix_error_lambda`.
#' @examples
#' path <- moe_path(mpg ~ ., mtcars, experts = 1, nlambda = 20)
#' select_fit(path)
#' coef(path, lambda = 0.1, part = "experts")
#' predict(path, mtcars[1:3, ])
#' @export
select_fit <- function(path, lambda = NULL, criterion = c("BIC", "EBIC", "mBIC"), refit = FALSE, ...) {
  check_call(..., .hints = path_hints)
  check_required("path")
  call <- match.call()
  if (!inherits(path, "moe_path")) abort_moe("path", "`path` must be made by `moe_path()`.")
  if (!rlang::is_bool(refit)) abort_moe("refit", "`refit` must be TRUE or FALSE.")
  at <- chosen_fit(path, lambda, criterion)
  checked <- path$checked
  penalty <- penalty_at(path, at)
  fit <- penalised_fit(path$fits[[at]], path$path, checked, penalty, path$control)
  if (refit) {
    checked$start <- fit$estimates
    fit <- fit_penalised(checked, path$control, penalty, refit = TRUE)
  }
  call$path <- path$call
  fit$call <- call
  fit[names(path$kept)] <- path$kept
  fit$data <- path$data
  fit
}

path_hints <- c(s = "The penalty is chosen by `lambda`.")

# The penalty of one fit of a path, the experts' in the unit of the response.
penalty_at <- function(path, at) {
  penalty <- path$penalty
  penalty$gate <- penalty$gate * path$lambda[at]
  penalty$experts <- path$lambda[at] / path$path$response_scale
  penalty
}

chosen_fit <- function(path, lambda, criterion) {
  if (is.null(lambda)) {
    criterion <- check_choice(criterion, c("BIC", "EBIC", "mBIC"), "criterion")
    values <- path$table[[criterion]]
    return(if (criterion == "mBIC") which.max(values) else which.min(values))
  }
  if (!is_number(lambda) || lambda < 0) abort_moe("lambda", "`lambda` must be one number that is not negative.")
  if (lambda > max(path$lambda) * (1 + 1e-8)) return(1L)
  if (lambda < min(path$lambda) * (1 - 1e-8)) {
    abort_moe("lambda", sprintf("The path ends at lambda %s.", format(min(path$lambda))),
      "Give `moe_path()` a smaller `ratio`, or this `lambda`.")
  }
  which.min(abs(log(path$lambda + 1e-300) - log(lambda + 1e-300)))
}

#' @rdname select_fit
#' @export
coef.moe_path <- function(object, lambda = NULL, part = "all", criterion = "BIC", ...) {
  check_call(..., .hints = path_hints)
  coef(suppressWarnings(select_fit(object, lambda, criterion), "expertmix_warning"), part = part)
}

#' @rdname select_fit
#' @export
predict.moe_path <- function(object, newdata, lambda = NULL, type = "response", criterion = "BIC", ...) {
  check_call(..., .passed = "na.action", .hints = c(path_hints, newx = "Did you mean `newdata`?"))
  fit <- suppressWarnings(select_fit(object, lambda, criterion), "expertmix_warning")
  if (missing(newdata)) predict(fit, type = type, ...) else predict(fit, newdata, type = type, ...)
}

#' @export
print.moe_path <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  check_call(..., .passed = print_arguments)
  experts <- ncol(x$fits[[1]]$gate)
  cat(sprintf("Lasso path of a mixture of %d experts: %d values of lambda from %s to %s\n", experts, length(x$lambda),
    format(max(x$lambda), digits = digits), format(min(x$lambda), digits = digits)))
  if (x$path$status != "complete") cat("The path ends early:", x$path$status, "\n")
  cat(sprintf("Largest violation of the optimality conditions: %.1e\n\n", max(x$table$violation)))
  best <- unique(vapply(c("BIC", "EBIC", "mBIC"), function(name) chosen_fit(x, NULL, name), 0L))
  shown <- x$table[best, c("lambda", "df", "nonzero", "logLik", "BIC", "EBIC", "mBIC")]
  cat("Chosen by BIC, EBIC and mBIC:\n")
  print(shown, digits = digits, row.names = FALSE)
  invisible(x)
}

#' @export
logLik.moe_path <- function(object, ...) {
  check_call(...)
  structure(object$table$logLik, df = object$table$df, nobs = object$path$weight, class = "logLik")
}

#' Plot a Lasso path
#'
#' The slopes of gate and experts against lambda on a logarithmic axis, and the fits that the criteria choose.
#'
#' @param x,object A path by [moe_path()], or a cross-validation by [cv_moe()].
#' @param ... Not used: anything else is an error.
#' @return `autoplot()`: a ggplot; `plot()` draws it and returns it invisibly.
#' @examplesIf requireNamespace("ggplot2", quietly = TRUE)
#' path <- moe_path(mpg ~ ., mtcars, experts = 1, nlambda = 20)
#' plot(path)
#' @importFrom rlang .data
#' @export
plot.moe_path <- function(x, ...) {
  check_call(...)
  draw_picture(autoplot.moe_path(x))
}

draw_picture <- function(picture) {
  print(picture)
  invisible(picture)
}

#' @rdname plot.moe_path
#' @exportS3Method ggplot2::autoplot
autoplot.moe_path <- function(object, ...) { # nolint: object_name_linter.
  check_call(...)
  rlang::check_installed("ggplot2", "to plot a Lasso path.")
  slopes <- path_slopes(object)
  if (is.null(slopes)) abort_moe("path", "Every slope is zero all along this path: there is nothing to plot.")
  slopes <- slopes[slopes$lambda > 0, ]
  chosen <- data.frame(lambda = max(object$lambda[chosen_fit(object, NULL, "BIC")], min(slopes$lambda)))
  ggplot2::ggplot(slopes, ggplot2::aes(.data$lambda, .data$value, group = .data$curve, colour = .data$term)) +
    ggplot2::geom_hline(yintercept = 0, colour = "grey70") +
    ggplot2::geom_line() +
    ggplot2::geom_vline(ggplot2::aes(xintercept = .data$lambda), chosen, linetype = 2) +
    ggplot2::facet_wrap(ggplot2::vars(.data$predictor), scales = "free_y") +
    ggplot2::scale_x_log10() +
    ggplot2::labs(
      x = expression(lambda), y = "Slope per standard deviation of the covariate", colour = NULL,
      caption = "Dashed: smallest BIC"
    ) +
    ggplot2::theme_minimal() +
    ggplot2::theme(legend.position = if (length(unique(slopes$term)) > 20) "none" else "right")
}

# Slopes that are not zero all along, on columns of standard deviation one: a row for every slope and lambda.
path_slopes <- function(path) {
  design <- path$checked$design
  z <- design$z %||% design$x
  classes <- design$classes$labels
  scale <- list(gate = column_sds(z), experts = column_sds(design$x))
  terms <- list(gate = colnames(z), experts = colnames(design$x))
  columns <- list(
    gate = paste("Gate, expert", seq_len(ncol(path$fits[[1]]$gate))), experts = expert_columns(path, classes)
  )
  curves <- lapply(c("gate", "experts"), function(part) {
    values <- vapply(path$fits, function(fit) as.vector(fit[[part]]), double(length(path$fits[[1]][[part]])))
    values <- matrix(values, ncol = length(path$fits)) * scale[[part]]
    shown <- which(rowSums(values != 0) > 0 & rep_len(scale[[part]] > 0, nrow(values)))
    index <- (shown - 1) %% length(terms[[part]]) + 1
    column <- (shown - 1) %/% length(terms[[part]]) + 1
    if (length(shown) == 0) return(NULL)
    data.frame(
      curve = rep(paste(part, shown), each = length(path$fits)),
      term = rep(terms[[part]][index], each = length(path$fits)),
      predictor = rep(columns[[part]][column], each = length(path$fits)),
      lambda = rep(path$lambda, length(shown)), value = as.vector(t(values[shown, , drop = FALSE]))
    )
  })
  do.call(rbind, curves)
}

expert_columns <- function(path, classes) {
  experts <- paste("Expert", seq_len(ncol(path$fits[[1]]$gate)))
  if (is.null(classes)) experts else paste0(rep(experts, each = length(classes)), ", ", classes)
}

column_sds <- function(x) {
  sums <- if (is_sparse(x)) Matrix::colSums else colSums
  mean <- sums(x) / nrow(x)
  sqrt(pmax(sums(x^2) / nrow(x) - mean^2, 0))
}
