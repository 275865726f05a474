# The posterior probabilities of the experts, row by row, the rows sorted by their most likely expert.

# A row for every shown row of the fit and every expert: `place` among the sorted rows, `expert`, `probability`.
posterior_data <- function(object, most = 600) {
  posterior <- predict_rows(object, fitted_design(object), "posterior")
  expert <- max.col(posterior, "first")
  sorted <- order(expert, -posterior[cbind(seq_along(expert), expert)])
  place <- seq(1, length(sorted), length.out = min(most, length(sorted)))
  row <- sorted[round(place)]
  data.frame(
    place = place, row = row, expert = factor(rep(seq_len(ncol(posterior)), each = length(place))),
    probability = c(posterior[row, ])
  )
}

plot_posterior <- function(object, asked) {
  refuse_one_expert(object)
  data <- posterior_data(object)
  width <- if (nrow(data) > length(object$mass)) 0.9999 * (data$place[2] - data$place[1]) else 1
  canvas(data, .data[["place"]], .data[["probability"]], fill = .data[["expert"]]) +
    ggplot2::geom_col(width = width, position = ggplot2::position_stack(reverse = TRUE)) +
    expert_scale(object, "fill") +
    ggplot2::coord_cartesian(expand = FALSE) +
    ggplot2::labs(x = "rows, sorted by most likely expert", y = "posterior probability") +
    captioned(thinned_note(fitted_rows(object), 600))
}

expert_scale <- function(object, aesthetic) {
  count <- length(object$mass)
  ggplot2::scale_colour_manual(values = expert_colours(count), drop = FALSE, limits = as.character(seq_len(count)),
    aesthetics = aesthetic)
}
