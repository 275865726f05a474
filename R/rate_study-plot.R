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
