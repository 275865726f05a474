# Every optimum that the search of a fit saw, the better the further to the right.
plot_search <- function(object, asked) {
  optima <- object$record$optima
  if (!is.null(object$penalty)) {
    abort_moe("which", "`which = \"search\"`: penalised fits keep no record of what their search saw.")
  }
  if (is.null(optima) || nrow(optima) == 0) {
    abort_moe("which", "`which = \"search\"`: no optimum was seen.",
      "The fit began at a given start, or time ran out.")
  }
  optima$gap <- max(optima$value) - optima$value
  optima$kind <- factor(ifelse(optima$spike, "spike", "optimum"), levels = c("optimum", "spike"))
  canvas(optima, .data[["gap"]], .data[["starts"]], colour = .data[["kind"]]) +
    ggplot2::geom_segment(ggplot2::aes(xend = .data[["gap"]], yend = 0)) +
    ggplot2::geom_point(ggplot2::aes(size = .data[["hops"]])) +
    ggplot2::scale_x_reverse() +
    ggplot2::scale_colour_manual(values = expert_colours(2), drop = FALSE) +
    ggplot2::labs(x = "below the best (log-likelihood that the search climbs)",
      y = "independent starts that ended there", size = "hops", colour = NULL)
}
