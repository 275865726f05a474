# The effect of each covariate on the mean, the class probabilities or the gate, the others at typical values.

# A row for every value of a covariate (and every class or expert): `covariate`, `value` (a list of these per covariate
# is `values`), `curve` (whether it moves along its range), `outcome`, `fit`, `lwr`, `upr`.
effect_data <- function(covariates, names, level, band = mean_band, points = 201) {
  lapply(stats::setNames(names, names), function(name) {
    grid <- covariate_grid(covariates, name, points)
    new <- covariates$newdata(stats::setNames(list(grid), name), length(grid))
    values <- rethrow_newdata(band(covariates$object, new, level), name)
    outcomes <- colnames(values$fit) %||% ""
    effect <- data.frame(
      covariate = name, curve = has_range(covariates, name), outcome = rep(outcomes, each = length(grid)),
      fit = c(values$fit), lwr = c(values$lwr), upr = c(values$upr)
    )
    effect$value <- rep(grid, length(outcomes))
    effect
  })
}

# A term like cut(x, 3) has no predictions at other rows than those of the fit.
rethrow_newdata <- function(expression, name) {
  tryCatch(expression, expertmix_error_newdata = function(cause) {
    abort_moe("which", c(sprintf("The effect of `%s` cannot be predicted.", name), x = conditionMessage(cause)))
  })
}

plot_effects <- function(object, asked) {
  covariates <- covariates_of(object)
  names <- chosen_covariates(covariates, asked$covariates)
  effects <- effect_data(covariates, names, asked$level)
  labels <- object$classes$labels
  if (length(labels) == 2) effects <- lapply(effects, function(effect) effect[effect$outcome == labels[2], ])
  draw_effects(covariates, names, effects, if (length(labels) > 2) labels, asked) +
    ggplot2::labs(y = effect_label(object), colour = if (length(labels) > 2) response_label(object))
}

effect_label <- function(object) {
  labels <- object$classes$labels
  if (is.null(labels)) return(paste("mean of", response_label(object)))
  if (length(labels) == 2) paste("probability of", labels[2]) else "probability"
}

# Curves with bands, points with bars, and where the rows are.
draw_effects <- function(covariates, names, effects, outcomes, asked) {
  axes <- panel_axes(covariates, names)
  table <- do.call(rbind, lapply(effects, function(effect) {
    effect$x <- axes$place(effect$covariate[1], effect$value)
    effect$panel <- axes$panel(effect$covariate[1], asked$titles)
    effect[setdiff(names(effect), "value")]
  }))
  table$outcome <- if (is.null(outcomes)) "" else factor(table$outcome, outcomes)
  lines <- table[table$curve, ]
  dodge <- ggplot2::position_dodge(0.6 / max(1, vapply(effects, function(effect) sum(!effect$curve), 0)))
  colours <- if (length(outcomes)) expert_colours(length(outcomes)) else "#0072B2"
  canvas(table, .data[["x"]], .data[["fit"]], colour = .data[["outcome"]]) +
    (if (nrow(lines)) effect_curves(lines)) +
    ggplot2::geom_linerange(ggplot2::aes(ymin = .data[["lwr"]], ymax = .data[["upr"]]), table[!table$curve, ],
      position = dodge, na.rm = TRUE) +
    ggplot2::geom_point(data = table[!table$curve, ], position = dodge, size = 2) +
    ggplot2::geom_rug(ggplot2::aes(.data[["x"]]), row_places(covariates, effects, axes, asked$titles), sides = "b",
      inherit.aes = FALSE, alpha = 0.3, linewidth = 0.2) +
    panels_by_covariate(axes, asked$titles) +
    ggplot2::scale_colour_manual(values = colours, aesthetics = c("colour", "fill"), drop = FALSE,
      guide = if (length(outcomes)) "legend" else "none") +
    captioned(effects_note(covariates, names, effects, asked))
}

effect_curves <- function(lines) {
  known <- lines[stats::ave(!is.na(lines$lwr), lines$panel, lines$outcome, FUN = any), ]
  band <- ggplot2::aes(ymin = .data[["lwr"]], ymax = .data[["upr"]], fill = .data[["outcome"]])
  list(
    if (nrow(known)) ggplot2::geom_ribbon(band, known, alpha = 0.2, colour = NA, show.legend = FALSE),
    ggplot2::geom_line(data = lines, linewidth = 0.8)
  )
}

row_places <- function(covariates, effects, axes, titles) {
  curves <- Filter(function(name) effects[[name]]$curve[1], names(effects))
  places <- lapply(curves, function(name) {
    values <- covariates$values[[name]]
    values <- unique(values[thinned(length(values), 300)])
    data.frame(x = axes$place(name, values), panel = axes$panel(name, titles))
  })
  do.call(rbind, c(list(data.frame(x = double(), panel = axes$panel(character(), titles))), places))
}

effects_note <- function(covariates, names, effects, asked) {
  left <- setdiff(covariates$shown, names)
  c(
    if (is.null(asked$covariates) && length(left)) {
      sprintf("the first %d of %d covariates", length(names), length(covariates$shown))
    },
    if (length(names) > 1) {
      "the other covariates at their medians or most frequent values"
    } else {
      typical_note(covariates, names, asked$titles)
    },
    band_note(covariates$object, unlist(lapply(effects, `[[`, "lwr")))
  )
}
