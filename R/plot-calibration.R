# Observed shares of every class, or of events, against the probabilities that the fit gives them.

plot_calibration <- function(object, asked) {
  if (!has_classes(object) && is.null(experts_of(object)$events)) {
    abort_moe("which", "`which = \"calibration\"` is of classes and events.",
      'Of numbers see `which = c("qq", "worm")`.')
  }
  design <- if (is.null(asked$newdata)) fitted_design(object) else given_design(object, asked$newdata, TRUE)
  data <- calibration_data(object, design, asked$level)
  canvas(data, .data[["predicted"]], .data[["observed"]]) +
    ggplot2::geom_abline(linetype = 2) +
    ggplot2::geom_linerange(ggplot2::aes(ymin = .data[["lwr"]], ymax = .data[["upr"]]), colour = "#0072B2") +
    ggplot2::geom_point(colour = "#0072B2") +
    ggplot2::facet_wrap(ggplot2::vars(.data[["class"]])) +
    ggplot2::coord_fixed(xlim = 0:1, ylim = 0:1) +
    ggplot2::scale_x_continuous(breaks = c(0, 0.5, 1), labels = c("0", "0.5", "1")) +
    ggplot2::labs(x = "predicted probability", y = "observed share") +
    captioned(
      sprintf("bars: %s %% intervals (Clopper and Pearson)", format(100 * asked$level)),
      if (is.null(asked$newdata)) "on the rows of the fit, which flatters"
    )
}

# For every class (of two the second) and bin of rows that are alike in its probability: the mean `predicted`
# probability, the `observed` share with exact binomial limits, and how many `rows` there are (of counts: events).
calibration_data <- function(object, design, level, bins = 10) {
  shares <- predicted_shares(object, design)
  probabilities <- shares$probabilities
  counts <- shares$counts * (design$weights %||% 1)
  known <- stats::complete.cases(probabilities, counts)
  if (!any(known)) abort_moe("newdata", "`newdata` has no complete row.")
  labels <- shares$labels
  classes <- if (length(labels) == 2) 2 else seq_along(labels)
  tables <- lapply(classes, function(class) {
    bin <- probability_bins(probabilities[known, class], bins)
    share_table(probabilities[known, class], counts[known, class], rowSums(counts[known, , drop = FALSE]), bin, level,
      labels[class])
  })
  table <- do.call(rbind, tables)
  table$class <- factor(table$class, labels[classes])
  table
}

# Probabilities of classes, and how often each was there; of events those of failure and success.
predicted_shares <- function(object, design) {
  p <- predict_rows(object, design, "response")
  if (has_classes(object)) {
    return(list(probabilities = p, counts = class_counts(object, design$y), labels = object$classes$labels))
  }
  labels <- if (identical(object$events$kind, "factor")) object$events$labels else c("failure", "success")
  counts <- cbind(trials(design$y) - successes(design$y), successes(design$y))
  list(probabilities = cbind(1 - p, p), counts = counts, labels = labels)
}

# Bins of as many values each, as far as these differ.
probability_bins <- function(p, bins) {
  ends <- unique(stats::quantile(p, seq(0, 1, length.out = bins + 1), names = FALSE))
  if (length(ends) < 3) return(rep(1L, length(p)))
  findInterval(p, ends, rightmost.closed = TRUE)
}

share_table <- function(p, events, size, bin, level, label) {
  sums <- rowsum(cbind(p * size, events, size), bin)
  sums <- sums[sums[, 3] > 0, , drop = FALSE]
  events <- sums[, 2]
  rows <- sums[, 3]
  tail <- (1 - level) / 2
  data.frame(
    class = label, predicted = sums[, 1] / rows, observed = events / rows,
    lwr = ifelse(events > 0, stats::qbeta(tail, events, rows - events + 1), 0),
    upr = ifelse(events < rows, stats::qbeta(1 - tail, events + 1, rows - events), 1), rows = rows, row.names = NULL
  )
}
