# The picture of a fit with one numeric covariate: data, every expert's mean as strong as its gate probability, and the
# mixture with a prediction band; gate probabilities below.

# The rows (covariate, response, most likely expert) and, on a grid, every expert's mean and gate probability
# (`curves`) and the mixture's mean with the quantiles that leave out (1 - level) / 2 on either side (`mixture`).
plot_data <- function(object, level, points = 201) {
  covariate <- one_covariate(object)
  design <- fitted_design(object)
  at <- thinned(nrow(design$x))
  labels <- most_likely(predict_rows(object, design, "posterior"))
  rows <- data.frame(x = as.double(covariate$values), y = observed(object, design$y), expert = labels)[at, ]
  grid <- seq(min(covariate$values), max(covariate$values), length.out = points)
  list(
    rows = rows, curves = grid_curves(object, covariate, grid), mixture = grid_mixture(object, covariate, grid, level),
    name = covariate$name, ylab = response_label(object), note = thinned_note(nrow(design$x)), level = level
  )
}

grid_curves <- function(object, covariate, grid) {
  new <- covariate$newdata(grid)
  experts <- predict(object, new, type = "experts")
  gate <- predict(object, new, type = "gate")
  data.frame(
    x = rep(grid, ncol(gate)), expert = factor(rep(seq_len(ncol(gate)), each = length(grid))),
    mean = c(experts), probability = c(gate)
  )
}

# Of events there is no band: one is 0 or 1, and a share depends on its trials.
grid_mixture <- function(object, covariate, grid, level) {
  new <- covariate$newdata(grid)
  if (!is.null(experts_of(object)$events)) {
    return(data.frame(x = grid, fit = predict(object, new), lwr = NA_real_, upr = NA_real_))
  }
  interval <- predict(object, new, interval = "prediction", level = level)
  data.frame(x = grid, interval, row.names = NULL)
}

# The part of the response's axis that the data need, with a tenth on either side.
response_range <- function(data) grDevices::extendrange(data$rows$y, f = 0.1)

plot_fit <- function(object, asked) {
  if (!is.null(one_covariate(object)) && is.null(asked$covariates)) {
    return(plot_curves(plot_data(object, asked$level), object, asked))
  }
  # Effects, or, where they cannot be predicted, what the fit says of its own rows.
  tryCatch(plot_effects(object, asked), expertmix_error_which = function(cause) {
    plot_observed(object, asked) + captioned(sub("\n.*", "", conditionMessage(cause)))
  })
}

# Two panels, one above the other; the strip on the left stands for the axis title of each.
plot_curves <- function(data, object, asked) {
  names <- c(asked$ylab %||% data$ylab, "gate probability")
  panel <- function(i) factor(names[i], levels = names)
  limits <- response_range(data)
  inside <- function(values) ifelse(values < limits[1] | values > limits[2], NA, values)
  rows <- cbind(data$rows, panel = panel(1))
  lines <- cbind(data$curves, y = inside(data$curves$mean), panel = panel(1))
  gate <- cbind(data$curves, y = data$curves$probability, panel = panel(2))
  mixture <- cbind(data$mixture, panel = panel(1))
  mixture[c("lwr", "upr")] <- lapply(mixture[c("lwr", "upr")], function(end) pmin(pmax(end, limits[1]), limits[2]))
  strength <- ggplot2::aes(alpha = .data[["probability"]], linewidth = .data[["probability"]])
  canvas(lines, .data[["x"]], .data[["y"]], colour = .data[["expert"]]) +
    band_layer(mixture, data$level) +
    ggplot2::geom_point(data = rows, alpha = point_alpha(nrow(rows)), size = 1.2) +
    ggplot2::geom_line(strength, na.rm = TRUE) +
    ggplot2::geom_line(ggplot2::aes(.data[["x"]], inside(.data[["fit"]]), linetype = "mixture mean"), mixture,
      inherit.aes = FALSE, na.rm = TRUE) +
    ggplot2::geom_line(data = gate, linewidth = 0.8) +
    ggplot2::facet_grid(rows = ggplot2::vars(.data[["panel"]]), scales = "free_y", switch = "y") +
    expert_scale(object, "colour") +
    ggplot2::scale_alpha(range = c(0.05, 1), limits = c(0, 1), guide = "none") +
    ggplot2::scale_linewidth(range = c(0.2, 1.6), limits = c(0, 1), guide = "none") +
    ggplot2::scale_fill_manual(values = "grey85") +
    ggplot2::scale_linetype_manual(values = 2) +
    ggplot2::guides(colour = ggplot2::guide_legend(order = 1)) +
    ggplot2::labs(x = titled(data$name, asked$titles), fill = NULL, linetype = NULL) +
    ggplot2::theme(axis.title.y = ggplot2::element_blank(), legend.position = "bottom") +
    captioned(data$note)
}

# A mixture's prediction band; none where it has none.
band_layer <- function(mixture, level) {
  if (all(is.na(mixture$lwr))) return(NULL)
  ggplot2::geom_ribbon(
    ggplot2::aes(.data[["x"]], ymin = .data[["lwr"]], ymax = .data[["upr"]], fill = band_label(level)), mixture,
    inherit.aes = FALSE
  )
}

band_label <- function(level) sprintf("%s %% prediction band", format(100 * level))

# Observed against fitted values (of classes, observed against most likely ones).
plot_observed <- function(object, asked) {
  if (has_classes(object)) return(draw_confusion(object))
  data <- observed_data(object)
  canvas(data, .data[["fitted"]], .data[["observed"]], colour = .data[["expert"]]) +
    ggplot2::geom_abline(linetype = 2) +
    ggplot2::geom_point(alpha = point_alpha(nrow(data))) +
    expert_scale(object, "colour") +
    ggplot2::labs(x = "fitted", y = paste("observed", response_label(object)), colour = "most likely\nexpert")
}

observed_data <- function(object) {
  design <- fitted_design(object)
  at <- thinned(nrow(design$x))
  data.frame(
    fitted = unname(as.vector(predict_rows(object, design, "response"))),
    observed = as.vector(observed(object, design$y)),
    expert = most_likely(predict_rows(object, design, "posterior"))
  )[at, ]
}

# The only covariate of a fit: its name, its values and how to make new data of it. NULL where there are several, where
# it is no number, or where an offset moves the means.
one_covariate <- function(object) {
  if (is.null(object$terms)) return(one_column(object$data))
  name <- object$columns$covariates
  if (length(name) != 1 || has_categories(object)) return(NULL)
  values <- object$model[["(covariate)"]] %||% object$model[[name]]
  if (!is.numeric(values) || NCOL(values) != 1 || !is.null(stats::model.offset(object$model))) return(NULL)
  list(name = name, values = values, newdata = function(grid) stats::setNames(data.frame(grid), name))
}

# Whether a term holds a covariate as categories, like factor(x): values in between have no predictions.
has_categories <- function(object) {
  any(covariate_classes(object) %in% c("factor", "ordered", "character", "other"))
}

one_column <- function(data) {
  varies <- which(apply(data$x, 2, function(column) any(column != column[1])))
  if (length(varies) != 1 || !is.null(data$z) || !is.null(data$offset)) return(NULL)
  new <- function(grid) {
    x <- data$x[rep(1, length(grid)), , drop = FALSE]
    x[, varies] <- grid
    x
  }
  list(name = colnames(data$x)[varies], values = data$x[, varies], newdata = new)
}

response_label <- function(object) if (is.null(object$terms)) "y" else response_name(object$terms$full)

# One colour for every expert, told apart by colour-blind readers too (Okabe and Ito) up to seven.
expert_colours <- function(count) {
  okabe_ito <- c("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
  if (count <= length(okabe_ito)) okabe_ito[seq_len(count)] else grDevices::hcl.colors(count, "Dark 3")
}
