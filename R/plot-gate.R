# The gate probabilities of the experts over two covariates, or along each where no two are numbers.

plot_gate <- function(object, asked) {
  refuse_one_expert(object)
  covariates <- covariates_of(object, "gate")
  if (length(covariates$shown) == 0) abort_moe("which", "The gate has no covariate that varies.")
  has_numbers <- function(name) has_range(covariates, name) && is.numeric(covariates$values[[name]])
  ranged <- Filter(has_numbers, covariates$shown)
  names <- chosen_covariates(covariates, asked$covariates %||% if (length(ranged) > 1) ranged[1:2])
  if (length(names) == 2 && all(names %in% ranged)) return(draw_gate_surface(object, covariates, names, asked))
  effects <- effect_data(covariates, names, asked$level, gate_band)
  for (name in names) effects[[name]]$outcome <- sub("^expert", "", effects[[name]]$outcome)
  draw_effects(covariates, names, effects, as.character(seq_along(object$mass)), asked) +
    ggplot2::labs(y = "gate probability", colour = "expert")
}

refuse_one_expert <- function(object) {
  if (length(object$mass) == 1) abort_moe("which", "One expert has no gate: there is nothing to plot.")
}

# A row for every point of the grid and every expert: `x`, `y`, `expert`, `probability`.
gate_surface_data <- function(covariates, names, points = 201) {
  axes <- lapply(covariates$values[names], function(values) {
    range <- grDevices::extendrange(values, f = 0.03)
    seq(range[1], range[2], length.out = points)
  })
  grid <- expand.grid(axes, KEEP.OUT.ATTRS = FALSE)
  gate <- rethrow_newdata(
    predict(covariates$object, covariates$newdata(as.list(grid), nrow(grid)), type = "gate"), names[1]
  )
  data.frame(
    x = grid[[1]], y = grid[[2]], expert = rep(seq_len(ncol(gate)), each = nrow(grid)), probability = c(gate)
  )
}

draw_gate_surface <- function(object, covariates, names, asked) {
  surface <- gate_surface_data(covariates, names)
  levels <- c(0, 0.1, 0.25, 0.5, 0.75, 0.9, 1)
  surface$level <- cut(surface$probability, levels, level_words(levels), include.lowest = TRUE)
  surface$expert <- paste("expert", surface$expert)
  at <- thinned(fitted_rows(object), 2000)
  rows <- data.frame(x = covariates$values[[names[1]]][at], y = covariates$values[[names[2]]][at])
  canvas(surface, .data[["x"]], .data[["y"]]) +
    ggplot2::geom_raster(ggplot2::aes(fill = .data[["level"]])) +
    even_lines(surface) +
    ggplot2::geom_point(data = rows, size = 0.5, alpha = 0.5 * point_alpha(length(at))) +
    ggplot2::facet_wrap(ggplot2::vars(.data[["expert"]])) +
    ggplot2::scale_fill_manual(values = grDevices::hcl.colors(length(levels) - 1, "Blues", rev = TRUE), drop = FALSE) +
    ggplot2::coord_cartesian(expand = FALSE) +
    ggplot2::labs(x = titled(names[1], asked$titles), y = titled(names[2], asked$titles), fill = "gate\nprobability") +
    captioned(
      "line: probability 1/2", typical_note(covariates, names, asked$titles), thinned_note(fitted_rows(object), 2000)
    )
}

level_words <- function(levels) paste(levels[-length(levels)], "to", levels[-1])

# Where an expert has probability 1/2.
even_lines <- function(surface) {
  crossed <- tapply(surface$probability, surface$expert, function(p) min(p) < 0.5 && max(p) > 0.5)
  lines <- surface[surface$expert %in% names(which(crossed)), ]
  if (nrow(lines)) {
    ggplot2::geom_contour(ggplot2::aes(z = .data[["probability"]]), lines, breaks = 0.5, colour = "#D55E00")
  }
}

# How opaque many points are.
point_alpha <- function(count) min(1, max(0.15, 20 / sqrt(count)))
