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

loss_by_size <- function(results, loss) {
  groups <- split(results, results$n)
  rows <- lapply(groups, function(group) {
    kept <- group[!is.na(group[[loss]]), ]
    values <- kept[[loss]]
    average <- function(values) if (length(values)) mean(values) else NA_real_
    data.frame(
      loss = loss, n = group$n[1], mean = average(values), se = stats::sd(values) / sqrt(length(values)),
      median = stats::median(values), saturated = average(kept$saturated), fits = length(values)
    )
  })
  do.call(rbind, c(rows, make.row.names = FALSE))
}

# Least squares lines of log mean and log median loss on log n.
loss_slopes <- function(sizes, loss) {
  lines <- lapply(c("mean", "median"), function(statistic) {
    usable <- is.finite(sizes[[statistic]]) & sizes[[statistic]] > 0
    values <- log(sizes[[statistic]][usable])
    line <- c(NA_real_, NA_real_)
    se <- NA_real_
    if (sum(usable) > 1) {
      fit <- stats::lm(values ~ log(sizes$n[usable]))
      line <- unname(stats::coef(fit))
      if (sum(usable) > 2) se <- sqrt(suppressWarnings(stats::vcov(fit))[2, 2])
    }
    data.frame(loss = loss, statistic = statistic, slope = line[2], se = se, intercept = line[1])
  })
  do.call(rbind, lines)
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

#' Plot a rate study
#'
#' @rdname summary.rate_study
#' @name plot.rate_study
#' @export
plot.rate_study <- function(x, ...) {
  check_call(..., .passed = c("from", picture_labels))
  print(autoplot.rate_study(x, ...))
  invisible(x)
}

#' @rdname summary.rate_study
#' @exportS3Method ggplot2::autoplot
autoplot.rate_study <- function(object, from = 0, ...) { # nolint: object_name_linter.
  check_call(..., .passed = picture_labels)
  rlang::check_installed("ggplot2", "to plot a rate study.")
  found <- summary(object, from = from)
  points <- curve_points(found$sizes)
  if (nrow(points) == 0) abort_moe("study", "No fit of this study has a loss above zero: there is nothing to plot.")
  several <- length(unique(points$loss)) > 1
  label <- sprintf("%s%s, slope %.3f (%.3f)", if (several) paste0(found$slopes$loss, ": ") else "",
    found$slopes$statistic, found$slopes$slope, found$slopes$se)
  names(label) <- paste(found$slopes$loss, found$slopes$statistic)
  points$curve <- label[paste(points$loss, points$statistic)]
  plot <- ggplot2::ggplot(points, ggplot2::aes(.data[["n"]], .data[["value"]], colour = .data[["curve"]])) +
    ggplot2::geom_linerange(ggplot2::aes(ymin = .data[["lower"]], ymax = .data[["upper"]]), na.rm = TRUE) +
    ggplot2::geom_point() +
    ggplot2::geom_smooth(data = points[points$n >= from, ], method = "lm", formula = y ~ x, se = FALSE,
      linewidth = 0.5, na.rm = TRUE) +
    theory_line(points, found$theory) +
    ggplot2::scale_x_log10(labels = whole_labels) +
    ggplot2::scale_y_log10() +
    ggplot2::labs(x = "sample size n", y = "loss", colour = "loss (standard error)", linetype = NULL) +
    given_labels(...)
  if (several) plot + ggplot2::facet_wrap("loss", scales = "free_y") else plot
}

whole_labels <- function(n) format(n, big.mark = " ", scientific = FALSE, trim = TRUE)

# One row for each size, loss and statistic, with bars of two standard errors for means.
curve_points <- function(sizes) {
  mean <- data.frame(sizes[c("loss", "n")], statistic = "mean", value = sizes$mean,
    lower = pmax(sizes$mean - 2 * sizes$se, sizes$mean / 10), upper = sizes$mean + 2 * sizes$se)
  median <- data.frame(sizes[c("loss", "n")], statistic = "median", value = sizes$median, lower = NA, upper = NA)
  out <- rbind(mean, median)
  out[is.finite(out$value) & out$value > 0, ]
}

# A dashed line of the theory's slope through the middle of each loss's means.
theory_line <- function(points, slope) {
  if (is.na(slope)) return(NULL)
  means <- points[points$statistic == "mean", ]
  lines <- lapply(split(means, means$loss), function(own) {
    n <- range(own$n)
    data.frame(loss = own$loss[1], n = n, value = exp(mean(log(own$value)) + slope * (log(n) - mean(log(own$n)))))
  })
  label <- sprintf("theory, slope %s", format(slope))
  list(
    ggplot2::geom_line(ggplot2::aes(linetype = label), do.call(rbind, lines), colour = "black", na.rm = TRUE),
    ggplot2::scale_linetype_manual(values = stats::setNames("dashed", label))
  )
}
