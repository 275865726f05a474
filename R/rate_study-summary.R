#' Summaries and pictures of rate studies
#'
#' @param object,x A study by [rate_study()].
#' @param from The smallest size that counts for the slopes.
#' @param ... For the pictures: labels, as of [ggplot2::labs()].
#' @return `summary()`: a list of
#'   * `slope`: the slope of log mean loss on log n for each loss, by least squares over the sizes;
#'   * `slopes`: a data frame of slopes, intercepts, and standard errors of the slopes, for mean and median of each
#'     loss; the standard errors are those of the least squares line;
#'   * `sizes`: a data frame of `mean`, standard error `se` of the mean, `median`, share `saturated` (of the first
#'     loss) and the number of `fits` that did not fail, for each loss and size;
#'   * `failed`: how many fits failed in all, and `reasons`: their classes of error.
#'
#'   `autoplot()`: an object of class `"ggplot"`, mean and median loss against n on logarithmic axes, with the fitted
#'   lines, bars of two standard errors of the mean, and the line of the theory. `plot()` draws it.
#' @examples
#' design <- theory_design("softmax-exact")
#' study <- rate_study(design, n = c(300, 1000, 3000), replications = 5, seed = 1)
#' summary(study)$slope
#' @export
summary.rate_study <- function(object, from = 0, ...) {
  check_call(...)
  if (!is_number(from)) abort_moe("study", "`from` must be a number.")
  losses <- names(object$settings$loss)
  sizes <- do.call(rbind, lapply(losses, function(loss) loss_by_size(object$results, loss)))
  used <- sizes[sizes$n >= from, ]
  slopes <- do.call(rbind, lapply(losses, function(loss) loss_slopes(used[used$loss == loss, ], loss)))
  new_object(
    list(
      slope = stats::setNames(slopes$slope[slopes$statistic == "mean"], losses), slopes = slopes, sizes = sizes,
      theory = object$settings$theory, failed = failed_fits(object$results), reasons = reasons(object$results)
    ),
    class = "summary.rate_study"
  )
}

#' @export
print.summary.rate_study <- function(x, ...) {
  check_call(..., .passed = print_arguments)
  if (x$failed) cat(sprintf("%d fits failed: %s.\n\n", x$failed, x$reasons))
  cat("Slopes of log loss on log n", if (!is.na(x$theory)) sprintf(" (theory: %s)", format(x$theory)), ":\n", sep = "")
  print(x$slopes, digits = 3, row.names = FALSE)
  cat("\nLosses by size:\n")
  print(x$sizes, digits = 3, row.names = FALSE)
  invisible(x)
}
