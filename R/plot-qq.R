# Quantile residuals against those of the normal distribution, and the same with the line taken off: the worm plot of
# van Buuren and Fredriks (2001).

# The sorted residuals with the normal quantiles that they stand against and pointwise bands: the i-th smallest of n
# uniform numbers has a Beta(i, n + 1 - i) distribution.
qq_data <- function(residuals, level) {
  n <- length(residuals)
  i <- qq_places(n)
  end <- function(p) stats::qnorm(stats::qbeta(p, i, n + 1 - i))
  data.frame(
    theoretical = stats::qnorm(stats::ppoints(n)[i]), residual = sort(residuals)[i],
    lwr = end((1 - level) / 2), upr = end((1 + level) / 2)
  )
}

# Which of many order statistics are shown: all in the tails, and some in between, evenly on the normal scale.
qq_places <- function(n, most = 2000) {
  if (n <= most) return(seq_len(n))
  tail <- seq_len(most / 8)
  middle <- round(n * stats::pnorm(seq(-4, 4, length.out = most)))
  sort(unique(c(tail, n + 1 - tail, pmin(pmax(middle, 1), n))))
}

# The quantile residuals of the rows that count.
model_residuals <- function(object) {
  design <- fitted_design(object)
  if (has_classes(object) && NCOL(design$y) > 1) {
    abort_moe("which", "Rows of counts of several classes have no quantile residuals.")
  }
  unname(quantile_residuals(object, design))[weighted_rows(design)]
}

weighted_rows <- function(design) if (is.null(design$weights)) TRUE else design$weights > 0

plot_qq <- function(object, asked) {
  draw_qq(qq_data(model_residuals(object), asked$level), asked) +
    ggplot2::geom_abline(linetype = 2) +
    ggplot2::labs(y = "quantile residual")
}

plot_worm <- function(object, asked) {
  data <- qq_data(model_residuals(object), asked$level)
  data[c("residual", "lwr", "upr")] <- data[c("residual", "lwr", "upr")] - data$theoretical
  draw_qq(data, asked) +
    ggplot2::geom_hline(yintercept = 0, linetype = 2) +
    ggplot2::labs(y = "quantile residual - normal quantile")
}

draw_qq <- function(data, asked) {
  outside <- data$residual < data$lwr | data$residual > data$upr
  canvas(data, .data[["theoretical"]], .data[["residual"]]) +
    ggplot2::geom_ribbon(ggplot2::aes(ymin = .data[["lwr"]], ymax = .data[["upr"]]), fill = "grey85") +
    ggplot2::geom_point(ggplot2::aes(colour = outside), size = 1) +
    ggplot2::scale_colour_manual(values = c(`FALSE` = "#0072B2", `TRUE` = "#D55E00"), guide = "none") +
    ggplot2::labs(x = "normal quantile") +
    captioned(sprintf("band: %s %% pointwise, of a right model; orange: outside", format(100 * asked$level)))
}
