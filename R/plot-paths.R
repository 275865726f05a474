# Pictures of Lasso paths and of their cross-validation.

#' Plot a Lasso path
#'
#' The slopes of gate and experts against lambda on a logarithmic axis, at the gate's penalty of the fit that the EBIC
#' chooses, and where that fit is. The ten slopes that are largest have their names at the lines' ends; the others are
#' grey.
#'
#' @param x,object A path by [moe_path()], a cross-validation by [cv_moe()], or [moe_stability()].
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
  at <- chosen_fit(object, NULL, "EBIC")
  path <- path_at_gate(object, object$table$gate[at])
  slopes <- path_slopes(path)
  if (is.null(slopes)) abort_moe("path", "Every slope is zero all along this path: there is nothing to plot.")
  slopes <- slopes[slopes$lambda > 0, ]
  chosen <- data.frame(lambda = max(object$lambda[at], min(slopes$lambda)))
  named <- slopes[slopes$curve %in% largest_curves(slopes, 10), ]
  ends <- named[named$lambda == min(slopes$lambda), ]
  ggplot2::ggplot(slopes, ggplot2::aes(.data$lambda, .data$value, group = .data$curve)) +
    ggplot2::geom_line(colour = "grey75", linewidth = 0.3) +
    ggplot2::geom_hline(yintercept = 0, colour = "grey50") +
    ggplot2::geom_line(ggplot2::aes(colour = .data$term), named) +
    ggplot2::geom_text(ggplot2::aes(label = .data$term, colour = .data$term), ends, hjust = 1.1, size = 3,
      check_overlap = TRUE) +
    ggplot2::geom_vline(ggplot2::aes(xintercept = .data$lambda), chosen, linetype = 2) +
    ggplot2::facet_wrap(ggplot2::vars(.data$predictor), scales = "free_y") +
    ggplot2::scale_x_log10(expand = ggplot2::expansion(c(0.2, 0.05))) +
    ggplot2::labs(
      x = expression(lambda), y = "Slope per standard deviation of the covariate", caption = "Dashed: smallest EBIC"
    ) +
    ggplot2::theme_minimal() +
    ggplot2::theme(legend.position = "none")
}

# The part of a path at one of its gate penalties.
path_at_gate <- function(path, gate) {
  own <- which(path$table$gate == gate)
  path$fits <- path$fits[own]
  path$lambda <- path$lambda[own]
  path$table <- path$table[own, ]
  path
}

largest_curves <- function(slopes, count) {
  sizes <- tapply(abs(slopes$value), slopes$curve, max)
  names(sizes)[order(-sizes)[seq_len(min(count, length(sizes)))]]
}

# Slopes that are not zero all along, on columns of standard deviation one: a row for every slope and lambda.
path_slopes <- function(path) {
  design <- path$checked$design
  z <- design$z %||% design$x
  classes <- design$classes$labels
  scale <- list(gate = column_sds(z), experts = column_sds(design$x))
  terms <- list(gate = colnames(z), experts = colnames(design$x))
  columns <- list(
    gate = paste("Gate, expert", seq_len(ncol(path$fits[[1]]$estimates$gate))), experts = expert_columns(path, classes)
  )
  first <- path$fits[[1]]$estimates
  curves <- lapply(c("gate", "experts"), function(part) {
    values <- vapply(path$fits, function(fit) as.vector(fit$estimates[[part]]), double(length(first[[part]])))
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
  experts <- paste("Expert", seq_len(ncol(path$fits[[1]]$estimates$gate)))
  if (is.null(classes)) experts else paste0(rep(experts, each = length(classes)), ", ", classes)
}

column_sds <- function(x) {
  sums <- if (is_sparse(x)) Matrix::colSums else colSums
  mean <- sums(x) / nrow(x)
  sqrt(pmax(sums(x^2) / nrow(x) - mean^2, 0))
}

#' @rdname plot.moe_path
#' @export
plot.cv_moe <- function(x, ...) {
  check_call(...)
  draw_picture(autoplot.cv_moe(x))
}

#' @rdname plot.moe_path
#' @exportS3Method ggplot2::autoplot
autoplot.cv_moe <- function(object, ...) { # nolint: object_name_linter.
  check_call(...)
  rlang::check_installed("ggplot2", "to plot a cross-validation.")
  table <- object$table[!is.na(object$table$loss) & object$table$gate == object$gate_min, ]
  marks <- data.frame(
    lambda = c(object$lambda_min, object$lambda_1se), rule = c("smallest loss", "one standard error")
  )
  ggplot2::ggplot(table, ggplot2::aes(.data$lambda, .data$loss)) +
    ggplot2::geom_errorbar(ggplot2::aes(ymin = .data$loss - .data$se, ymax = .data$loss + .data$se), colour = "grey60",
      width = 0) +
    ggplot2::geom_point(size = 1) +
    ggplot2::geom_vline(ggplot2::aes(xintercept = .data$lambda, linetype = .data$rule), marks) +
    ggplot2::scale_x_log10() +
    ggplot2::labs(x = expression(lambda), y = "Minus log-likelihood per observation left out", linetype = NULL) +
    ggplot2::theme_minimal()
}
