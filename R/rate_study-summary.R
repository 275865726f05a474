#' Summaries and pictures of rate studies
#'
#' @param object,x A study by [rate_study()].
#' @param from The smallest size that counts for the slopes.
#' @param theory The slope of log loss on log n to compare with: a number for all losses, numbers named by losses, or
#'   `NULL` for none. By default what the papers say of each loss, see below.
#' @param ... For the pictures: labels, as of [ggplot2::labs()]; `plot()` also takes `from` and `theory`.
#' @return `summary()`: a list of
#'   * `slope`: the slope of log mean loss on log n for each loss, by least squares over the sizes;
#'   * `slopes`: a data frame with a row for mean and median of each loss: the `slope`, its standard error `se`, its
#'     95 % interval from `lower` to `upper`, the `intercept`, the `theory`'s slope (`NA` where there is none), and
#'     `p_curvature`, the p-value of the square of log n where it is added to the line;
#'   * `sizes`: a data frame of `mean`, standard error `se` of the mean, `median`, share `attained` (of the first
#'     loss), the number of `fits` that did not fail, and standard errors `log_mean_se` and `log_median_se` of the
#'     logarithms, for each loss and size;
#'   * `theory`: the theory's slope of each loss;
#'   * `failed`: how many fits failed in all, and `reasons`: their classes of error.
#'
#'   `autoplot()`: an object of class `"ggplot"`, mean and median loss against n on logarithmic axes, with the fitted
#'   lines, bars of two standard errors of the logarithms, and a broken line of the theory's slope through the middle of
#'   the means. `plot()` draws it.
#' @section Intervals: They are about the line through the logarithms of the *expected* losses (or the true medians) *at
#'   these sizes*, which many more replications would give. They say how much of the slope is chance, not how far the
#'   sizes are from those where an asymptotic slope holds. Standard errors come from the replications, which are
#'   independent, not from how well a few points fit a line: those of log means from the jackknife over the
#'   replications of each size, with a t quantile of Satterthwaite's degrees of freedom; those of log medians from the
#'   form of the bootstrap of Maritz and Jarrett (1978), which needs no draws, with a normal quantile. With fewer than
#'   two fits of a size they are `NA`. Coverage by simulation, for 10 to 40 replications of 3 to 20 sizes:
#'   `bench/slopes.R` of the sources.
#'
#'   Where `p_curvature` is below 0.01 the printed summary says that the points bend more than chance explains: the
#'   slope is then an average over these sizes.
#' @section Theory: Up to logarithms, and for fits among which the truth is (as many experts or more, the same kind of
#'   gate, for a top-K gate as many more active ones as there are more experts),
#'   * -1/2 for the loss `"exact"` with as many experts as the truth; for `"over"`, but not for multinomial experts of
#'     which a true one has no slopes (the second regime of arXiv:2310.14188) where more are fitted. The theorems are
#'     about estimates in a compact set;
#'   * -1/2 for a function that returns [hellinger()] or [total_variation()], -1 for one that returns [kl_divergence()],
#'     which is of the order of a squared distance: functions that end in a call of one of them;
#'   * none for other losses.
#' @references Maritz, J. S. and Jarrett, R. G. (1978). A note on estimating the variance of the sample median. Journal
#'   of the American Statistical Association 73, 194-196.
#' @section Errors: `expertmix_error_study` for `from` or `theory` that are no numbers, or a `theory` of a loss that the
#'   study does not have.
#' @examples
#' design <- theory_design("softmax-exact")
#' study <- rate_study(design, n = c(300, 1000, 3000), replications = 5, seed = 1)
#' summary(study)$slope
#' @export
summary.rate_study <- function(object, from = 0, theory = object$settings$theory, ...) {
  check_call(...)
  if (!is_number(from)) abort_moe("study", "`from` must be a number.")
  losses <- names(object$settings$loss)
  theory <- check_theory(theory, losses)
  sizes <- do.call(rbind, lapply(losses, function(loss) loss_by_size(object$results, loss)))
  used <- sizes[sizes$n >= from, ]
  slopes <- do.call(rbind, lapply(losses, function(loss) loss_slopes(used[used$loss == loss, ], loss)))
  slopes$theory <- unname(theory[slopes$loss])
  new_object(
    list(
      slope = stats::setNames(slopes$slope[slopes$statistic == "mean"], losses), slopes = slopes, sizes = sizes,
      theory = theory, failed = failed_fits(object$results), reasons = reasons(object$results)
    ),
    class = "summary.rate_study"
  )
}

#' @export
print.summary.rate_study <- function(x, ...) {
  check_call(..., .passed = print_arguments)
  if (x$failed) cat(sprintf("%d fits failed: %s.\n\n", x$failed, x$reasons))
  print_slopes(x$slopes)
  cat("\nLosses by size:\n")
  print(x$sizes[setdiff(names(x$sizes), c("log_mean_se", "log_median_se"))], digits = 3, row.names = FALSE)
  invisible(x)
}

print_slopes <- function(slopes) {
  cat("Slopes of log loss on log n, 95 % intervals from the replications:\n")
  shown <- c("loss", "statistic", "slope", "se", "lower", "upper", if (!all(is.na(slopes$theory))) "theory")
  print(slopes[shown], digits = 3, row.names = FALSE)
  for (i in which(slopes$p_curvature < 0.01)) {
    cat(sprintf("Log %s of %s bends more than chance explains (p = %s): its slope is an average over these sizes.\n",
      slopes$statistic[i], slopes$loss[i], format(slopes$p_curvature[i], digits = 2)))
  }
}
