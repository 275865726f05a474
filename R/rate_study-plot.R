#' @rdname summary.rate_study
#' @name plot.rate_study
#' @export
plot.rate_study <- function(x, ...) {
  check_call(..., .passed = c("from", "theory", picture_labels))
  print(autoplot.rate_study(x, ...))
  invisible(x)
}

#' @rdname summary.rate_study
#' @exportS3Method ggplot2::autoplot
autoplot.rate_study <- function(object, from = 0, theory = object$settings$theory, ...) { # nolint: object_name_linter.
  check_call(..., .passed = picture_labels)
  rlang::check_installed("ggplot2", "to plot a rate study.")
  found <- summary(object, from = from, theory = theory)
  points <- curve_points(found$sizes)
  if (nrow(points) == 0) abort_moe("study", "No fit of this study has a loss above zero: there is nothing to plot.")
  labels <- loss_labels(object$settings$loss)
  several <- length(unique(points$loss)) > 1
  curves <- curve_labels(found$slopes[found$slopes$loss %in% points$loss, ], several)
  points$curve <- factor(curves[paste(points$loss, points$statistic)], curves)
  aside <- ggplot2::position_dodge(width = 0.03)
  plot <- ggplot2::ggplot(points, ggplot2::aes(.data[["n"]], .data[["value"]], colour = .data[["curve"]])) +
    ggplot2::geom_linerange(ggplot2::aes(ymin = .data[["lower"]], ymax = .data[["upper"]]), na.rm = TRUE,
      position = aside) +
    ggplot2::geom_point(position = aside) +
    ggplot2::geom_smooth(data = points[points$n >= from, ], method = "lm", formula = y ~ x, se = FALSE,
      linewidth = 0.5, na.rm = TRUE) +
    theory_lines(points, found$theory) +
    ggplot2::scale_colour_manual(values = stats::setNames(rep_len(expert_colours(2), length(curves)), curves)) +
    ggplot2::scale_x_log10(labels = whole_labels) +
    ggplot2::scale_y_log10() +
    ggplot2::labs(x = "sample size n (rows)", y = if (several) "loss" else unname(labels[as.character(points$loss[1])]),
      colour = "slope (95 % interval)", linetype = NULL, caption = "bars: two standard errors of the logarithm") +
    given_labels(...)
  if (!several) return(plot)
  plot + ggplot2::facet_wrap("loss", scales = "free_y", labeller = ggplot2::as_labeller(labels))
}

whole_labels <- function(n) format(n, big.mark = " ", scientific = FALSE, trim = TRUE)

# What a loss is called where it is drawn, with its unit where it has one.
loss_labels <- function(losses) {
  label <- function(name) {
    loss <- losses[[name]]
    if (is.character(loss)) return(if (name == loss) sprintf("Voronoi loss \"%s\"", loss) else name)
    if (identical(distance_of(loss), "kl_divergence")) paste(name, "(nats)") else name
  }
  vapply(stats::setNames(nm = names(losses)), label, "")
}

# The name of each curve with what is known of its slope.
curve_labels <- function(slopes, several) {
  names <- paste0(if (several) paste0(slopes$loss, ", ") else "", slopes$statistic)
  known <- ifelse(is.na(slopes$slope), "", sprintf(": %.3f", slopes$slope))
  interval <- ifelse(is.na(slopes$se), "", sprintf(" (%.3f, %.3f)", slopes$lower, slopes$upper))
  stats::setNames(paste0(names, known, interval), paste(slopes$loss, slopes$statistic))
}

# One row for each size, loss and statistic, with bars of two standard errors of the logarithm.
curve_points <- function(sizes) {
  rows <- lapply(c("mean", "median"), function(statistic) {
    spread <- exp(2 * sizes[[sprintf("log_%s_se", statistic)]])
    value <- sizes[[statistic]]
    data.frame(sizes[c("loss", "n")], statistic = statistic, value = value, lower = value / spread,
      upper = value * spread)
  })
  out <- do.call(rbind, rows)
  out$loss <- factor(out$loss, unique(sizes$loss))
  out[is.finite(out$value) & out$value > 0, ]
}

# Lines of the theory's slopes through the middle of each loss's means, a pattern for each slope.
theory_lines <- function(points, theory) {
  means <- points[points$statistic == "mean" & points$loss %in% names(theory)[!is.na(theory)], ]
  if (nrow(means) == 0) return(NULL)
  lines <- lapply(split(means, means$loss, drop = TRUE), function(own) {
    slope <- theory[[as.character(own$loss[1])]]
    n <- range(own$n)
    data.frame(loss = own$loss[1], n = n, slope = sprintf("theory: %s", format(slope)),
      value = exp(mean(log(own$value)) + slope * (log(n) - mean(log(own$n)))))
  })
  lines <- do.call(rbind, lines)
  patterns <- rep_len(c("dashed", "dotted", "dotdash", "longdash", "twodash"), length(unique(lines$slope)))
  list(
    ggplot2::geom_line(ggplot2::aes(linetype = .data[["slope"]]), lines, colour = "black", na.rm = TRUE),
    ggplot2::scale_linetype_manual(values = stats::setNames(patterns, unique(lines$slope)))
  )
}
