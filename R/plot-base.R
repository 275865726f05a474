# The picture "fit" by base graphics, which needs no other package.

draw_fit <- function(x, asked, ...) {
  given <- list(...)
  if (!is.null(one_covariate(x)) && is.null(asked$covariates)) return(draw_curves(x, asked, given))
  effects <- tryCatch(
    {
      covariates <- covariates_of(x)
      effect_data(covariates, chosen_covariates(covariates, asked$covariates), asked$level)
    },
    expertmix_error_which = function(cause) NULL
  )
  if (is.null(effects)) draw_observed(x, given) else draw_effect_panels(x, effects, asked, given)
}

draw_curves <- function(x, asked, given) {
  data <- plot_data(x, asked$level)
  colours <- expert_colours(length(x$mass))
  old <- graphics::par(no.readonly = TRUE)
  on.exit(graphics::par(old))
  graphics::layout(matrix(1:3), heights = c(2, 1.4, 0.1 + 0.25 * ceiling((length(colours) + 2) / 4)))
  xlab <- given$xlab %||% titled(data$name, asked$titles)
  draw_experts(data, colours, given)
  draw_gate(data, colours, xlab, given$xlim)
  draw_legend(data, colours)
  graphics::layout(1)
}

draw_observed <- function(x, given) {
  data <- observed_data(x)
  colours <- expert_colours(length(x$mass))
  draw(given, data$fitted, data$observed, xlab = "fitted", ylab = paste("observed", response_label(x)),
    col = grDevices::adjustcolor(colours[data$expert], point_alpha(nrow(data))), pch = 19, cex = 0.7)
  graphics::abline(0, 1, lty = 2)
  graphics::legend("topleft", paste("expert", seq_along(colours)), col = colours, pch = 19, bg = "#FFFFFFCC",
    box.col = NA)
}

draw_experts <- function(data, colours, given) {
  graphics::par(mar = c(1, 4.1, 2.1, 1))
  given$xlab <- NULL
  points <- grDevices::adjustcolor(colours, point_alpha(nrow(data$rows)))
  draw(given, data$rows$x, data$rows$y, xlab = "", ylab = data$ylab, type = "n", xaxt = "n",
    ylim = response_range(data))
  band <- data$mixture
  draw_band(band$x, band, "grey88")
  graphics::points(data$rows$x, data$rows$y, col = given$col %||% points[data$rows$expert], pch = given$pch %||% 19,
    cex = given$cex %||% 0.7)
  graphics::axis(1, labels = FALSE)
  for (curve in split(data$curves, data$curves$expert)) draw_strength(curve, colours[curve$expert[1]])
  graphics::lines(band$x, band$fit, lty = 2)
  graphics::box()
}

# Where a band is known, piece by piece.
draw_band <- function(x, band, colour) {
  known <- !is.na(band$lwr)
  for (piece in split(which(known), cumsum(!known)[known])) {
    graphics::polygon(x[c(piece, rev(piece))], c(band$lwr[piece], rev(band$upr[piece])), col = colour, border = NA)
  }
}

# A line that is as strong as its probability.
draw_strength <- function(curve, colour) {
  from <- -nrow(curve)
  weight <- (curve$probability[from] + curve$probability[-1]) / 2
  colours <- vapply(weight, function(share) grDevices::adjustcolor(colour, 0.05 + 0.95 * share), "")
  graphics::segments(curve$x[from], curve$mean[from], curve$x[-1], curve$mean[-1], col = colours,
    lwd = 0.5 + 2.5 * weight, lend = "butt")
}

draw_gate <- function(data, colours, xlab, xlim) {
  graphics::par(mar = c(4.1, 4.1, 0.5, 1))
  graphics::plot(range(data$rows$x), c(0, 1), type = "n", xlab = xlab, ylab = "gate probability", xlim = xlim, las = 1)
  for (curve in split(data$curves, data$curves$expert)) {
    graphics::lines(curve$x, curve$probability, col = colours[curve$expert[1]], lwd = 2)
  }
}

draw_legend <- function(data, colours) {
  graphics::par(mar = rep(0, 4))
  graphics::plot.new()
  experts <- length(colours)
  graphics::legend("center",
    c(paste("expert", seq_along(colours)), "mixture mean", band_label(data$level)),
    col = c(colours, "black", "grey88"), lwd = c(rep(2, experts), 1, 8), lty = c(rep(1, experts), 2, 1),
    ncol = min(4, experts + 2), bty = "n"
  )
}

# A panel for every covariate.
draw_effect_panels <- function(x, effects, asked, given) {
  old <- graphics::par(no.readonly = TRUE)
  on.exit(graphics::par(old))
  if (length(effects) > 1) graphics::par(mfrow = rev(grDevices::n2mfrow(length(effects))))
  graphics::par(mar = c(4.1, 4.1, 1.1, 1))
  values <- unlist(lapply(effects, `[`, c("fit", "lwr", "upr")))
  given$ylab <- given$ylab %||% paste("mean of", response_label(x))
  given$ylim <- given$ylim %||% range(values, finite = TRUE)
  for (name in names(effects)) {
    panel <- given
    panel$xlab <- given$xlab %||% titled(name, asked$titles)
    draw_effect(effects[[name]], panel)
  }
}

draw_effect <- function(effect, given) {
  at <- if (effect$curve[1]) effect$value else seq_len(nrow(effect))
  beside <- if (effect$curve[1]) 0 else 0.5
  draw(given, range(at) + c(-beside, beside), range(effect$fit), type = "n", xaxt = if (effect$curve[1]) "s" else "n")
  if (effect$curve[1]) {
    draw_band(at, effect, "#0072B233")
    graphics::lines(at, effect$fit, col = "#0072B2", lwd = 2)
  } else {
    graphics::axis(1, at, shortened(as.character(effect$value), 10))
    graphics::segments(at, effect$lwr, y1 = effect$upr, col = "#0072B2", lwd = 2)
    graphics::points(at, effect$fit, col = "#0072B2", pch = 19)
  }
}

# An empty or full scatter plot whose defaults the user's graphical parameters override.
draw <- function(given, x, y, ...) {
  defaults <- list(x = x, y = y, las = 1, ...)
  do.call(graphics::plot, c(defaults[setdiff(names(defaults), names(given))], given))
}

graphical_parameters <- c(
  setdiff(names(formals(graphics::plot.default)), c("x", "y", "type", "...")), "adj", "bg", "bty", "cex", "cex.axis",
  "cex.lab", "cex.main", "cex.sub", "col", "col.axis", "col.lab", "col.main", "col.sub", "family", "fg", "font",
  "font.axis", "font.lab", "font.main", "font.sub", "lab", "las", "lend", "lty", "lwd", "mgp", "pch", "tck", "tcl",
  "xaxp", "xaxs", "xaxt", "xpd", "yaxp", "yaxs", "yaxt"
)
