# Pictures of multinomial experts. One numeric covariate: class probabilities of the mixture and of every expert, gate
# probabilities below. Two: the regions where each class is the most likely. Else: observed against most likely classes.

plot_classes <- function(object, asked) {
  covariates <- numeric_covariates(object)
  switch(as.character(length(covariates$values)),
    "1" = draw_class_curves(object, covariates, asked$titles),
    "2" = draw_class_regions(object, covariates, asked$titles),
    draw_confusion(object)
  )
}

picture_labels <- c(
  "xlab", "ylab", "main", "x", "y", "title", "subtitle", "caption", "tag", "alt", "colour", "color", "fill", "linetype",
  "alpha"
)

# Labels for ggplot2 by its own names, or by those of base graphics, as `plot(fit, x = )` would be another fit.
given_labels <- function(...) {
  given <- list(...)
  base <- match(names(given), c("xlab", "ylab", "main"))
  names(given)[!is.na(base)] <- c("x", "y", "title")[base[!is.na(base)]]
  do.call(ggplot2::labs, given)
}

# The covariates of a fit where all are numeric vectors: their values (a named list) and how to make new data of such a
# list. NULL else.
numeric_covariates <- function(object) {
  lone <- one_covariate(object)
  if (!is.null(lone)) {
    return(list(values = stats::setNames(list(lone$values), lone$name), newdata = function(v) lone$newdata(v[[1]])))
  }
  values <- if (is.null(object$terms)) {
    varying_columns(object$data)
  } else if (!has_categories(object)) {
    mget(object$columns$covariates, as.environment(as.list(object$model)), ifnotfound = list(NULL))
  }
  if (length(values) != 2 || !all(vapply(values, function(v) is.numeric(v) && is.null(dim(v)), NA))) return(NULL)
  list(values = as.list(values), newdata = function(v) two_columns(object, v))
}

two_columns <- function(object, values) {
  if (!is.null(object$terms)) return(as.data.frame(values, optional = TRUE))
  x <- object$data$x[rep(1, length(values[[1]])), , drop = FALSE]
  x[, names(values)] <- unlist(values)
  x
}

draw_class_curves <- function(object, covariates, titles, points = 401) {
  range <- range(covariates$values[[1]])
  grid <- list(seq(range[1], range[2], length.out = points))
  new <- covariates$newdata(stats::setNames(grid, names(covariates$values)))
  experts <- predict(object, new, type = "experts")
  panels <- c("mixture", if (dim(experts)[3] > 1) c(paste("expert", seq_len(dim(experts)[3])), "gate"))
  labels <- object$classes$labels
  of_panel <- function(probability, panel) {
    data.frame(
      x = grid[[1]], class = factor(rep(labels, each = points), labels), probability = c(probability),
      panel = factor(panel, panels)
    )
  }
  mixture <- of_panel(predict(object, new), "mixture")
  of_experts <- lapply(seq_len(dim(experts)[3]), function(k) of_panel(experts[, , k], paste("expert", k)))
  lines <- if (length(panels) > 1) do.call(rbind, c(list(mixture), of_experts)) else mixture
  picture <- canvas(lines, .data[["x"]], .data[["probability"]], colour = .data[["class"]]) +
    ggplot2::geom_line(linewidth = 0.8) +
    observed_ticks(object, covariates, panels) +
    ggplot2::facet_grid(rows = ggplot2::vars(.data[["panel"]]), scales = "free_y", space = "free_y") +
    ggplot2::expand_limits(y = 0:1) +
    ggplot2::scale_y_continuous(breaks = c(0, 0.5, 1)) +
    class_colours(labels, "colour") +
    ggplot2::labs(x = titled(names(covariates$values), titles), y = "probability", colour = response_label(object))
  if (length(panels) > 1) picture + gate_curves(predict(object, new, type = "gate"), grid[[1]], panels) else picture
}

gate_curves <- function(gate, grid, panels) {
  lines <- data.frame(
    x = grid, probability = c(gate), expert = factor(rep(seq_len(ncol(gate)), each = length(grid))),
    panel = factor("gate", panels)
  )
  ggplot2::geom_line(
    ggplot2::aes(.data[["x"]], .data[["probability"]], linetype = .data[["expert"]]), lines, inherit.aes = FALSE
  )
}

# The rows of each class as a line of ticks below the mixture's curves.
observed_ticks <- function(object, covariates, panels) {
  counts <- class_counts(object, fitted_design(object)$y)
  seen <- which(counts > 0, arr.ind = TRUE)
  ticks <- data.frame(
    x = covariates$values[[1]][seen[, 1]], class = factor(object$classes$labels[seen[, 2]], object$classes$labels),
    probability = -0.06 * seen[, 2], panel = factor("mixture", panels)
  )
  ggplot2::geom_point(data = ticks, shape = "|", alpha = 0.6, show.legend = FALSE)
}

draw_class_regions <- function(object, covariates, titles, points = 150) {
  names <- names(covariates$values)
  axes <- lapply(covariates$values, function(v) {
    range <- grDevices::extendrange(v, f = 0.03)
    seq(range[1], range[2], length.out = points)
  })
  grid <- expand.grid(stats::setNames(axes, names), KEEP.OUT.ATTRS = FALSE)
  new <- covariates$newdata(as.list(grid))
  probabilities <- predict(object, new)
  labels <- object$classes$labels
  grid <- data.frame(
    x = grid[[1]], y = grid[[2]], class = most_likely(probabilities, labels),
    probability = pmin(apply(probabilities, 1, max), 1)
  )
  seen <- which(class_counts(object, fitted_design(object)$y) > 0, arr.ind = TRUE)
  rows <- data.frame(
    x = covariates$values[[1]][seen[, 1]], y = covariates$values[[2]][seen[, 1]],
    class = factor(labels[seen[, 2]], labels)
  )
  canvas(grid, .data[["x"]], .data[["y"]]) +
    ggplot2::geom_tile(ggplot2::aes(fill = .data[["class"]], alpha = .data[["probability"]])) +
    gate_boundaries(object, new, grid) +
    ggplot2::geom_point(ggplot2::aes(fill = .data[["class"]]), rows, shape = 21, size = 1.8) +
    class_colours(labels, "fill") +
    ggplot2::scale_alpha_continuous(range = c(0.1, 0.6), limits = c(1 / length(labels), 1)) +
    ggplot2::coord_cartesian(expand = FALSE) +
    ggplot2::labs(
      x = titled(names[1], titles), y = titled(names[2], titles), fill = response_label(object), alpha = "probability",
      caption = if (length(object$mass) > 1) "dashed: where the gate's favourite changes"
    )
}

# Of a fit to one design with a few columns, those that are not constant.
varying_columns <- function(data) {
  if (!is.null(data$z) || ncol(data$x) > 3) return(NULL)
  columns <- as.matrix(data$x)
  as.data.frame(columns[, apply(columns, 2, function(x) any(x != x[1])), drop = FALSE])
}

# Where the gate's most likely expert changes.
gate_boundaries <- function(object, new, grid) {
  if (any(lengths(lapply(grid[c("x", "y")], unique)) < 2)) return(NULL)
  gate <- predict(object, new, type = "gate")
  lapply(seq_len(ncol(gate) - 1), function(k) {
    lead <- gate[, k] - apply(gate[, -k, drop = FALSE], 1, max)
    if (min(lead) >= 0 || max(lead) <= 0) return(NULL)
    ggplot2::geom_contour(ggplot2::aes(z = .data[["lead"]]), cbind(grid, lead = lead), breaks = 0, colour = "black",
      linetype = 2)
  })
}

draw_confusion <- function(object) {
  cells <- as.data.frame(classification(object)$confusion, responseName = "rows")
  cells$observed <- factor(cells$observed, rev(object$classes$labels))
  share <- cells$rows / stats::ave(cells$rows, cells$observed, FUN = function(rows) max(sum(rows), 1))
  canvas(cells, .data[["predicted"]], .data[["observed"]]) +
    ggplot2::geom_tile(ggplot2::aes(fill = share)) +
    ggplot2::geom_text(ggplot2::aes(label = format(.data[["rows"]], trim = TRUE))) +
    ggplot2::scale_fill_gradient(low = "white", high = "#56B4E9", limits = c(0, 1)) +
    ggplot2::labs(
      x = "most likely class", y = paste("observed", response_label(object)), fill = "share of the\nobserved class"
    )
}

class_colours <- function(labels, aesthetic) {
  ggplot2::scale_colour_manual(
    values = expert_colours(length(labels)), drop = FALSE, limits = labels, aesthetics = aesthetic
  )
}
