#' Plot a fit
#'
#' One numeric covariate: above, the data, coloured by the expert that most likely generated the row, with every
#' expert's mean; below, the gate probabilities. Several covariates: observed against fitted values, with the line of
#' equality. `plot()` draws by base graphics, `autoplot()` returns a ggplot2 object.
#'
#' Multinomial experts, always by ggplot2. One numeric covariate: the class probabilities of the mixture, with the
#' observed classes as ticks below, those of every expert, and the gate probabilities. Two: the regions where each class
#' is the most likely, the stronger the colour the surer, with the data. Else: a table of observed and most likely
#' classes.
#'
#' `which = "search"`: every optimum that the search saw, by how far it lies below the best and how many independent
#' starts ended there (see [moe_control()]); spikes are marked.
#'
#' @param x,object A fit by [moe()].
#' @param which `"fit"`, or `"search"` for what the search saw.
#' @param ... For `plot()`: graphical parameters of the upper panel, such as `main`, `xlab` (with units) and `ylab`. For
#'   `autoplot()`, and `plot()` of multinomial experts: labels, such as `xlab = "width (cm)"`, `ylab`, `main`, and
#'   others of [ggplot2::labs()], such as `fill`.
#' @return `plot()`: the fit, invisibly. `autoplot()`: an object of class `"ggplot"`.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' plot(fit, xlab = "speed (mph)", ylab = "stopping distance (ft)")
#' @export
plot.moe <- function(x, which = c("fit", "search"), ...) {
  if (check_choice(which, c("fit", "search"), "which", "argument") == "search") {
    print(autoplot.moe(x, which = "search", ...))
    return(invisible(x))
  }
  check_call(..., .passed = experts_of(x)$plot_arguments)
  experts_of(x)$plot(x, ...)
  invisible(x)
}

draw_fit <- function(x, ...) {
  data <- plot_data(x)
  colours <- expert_colours(nlevels(data$rows$expert))
  if (is.null(data$curves)) return(draw_observed(data, colours, ...))
  old <- graphics::par(no.readonly = TRUE)
  on.exit(graphics::par(old))
  graphics::layout(matrix(1:3), heights = c(2, 1.6, 0.1 + 0.25 * ceiling(length(colours) / 4)))
  given <- list(...)
  draw_experts(data, colours, given)
  draw_gate(data, colours, given$xlab %||% data$xlab, given$xlim)
  graphics::layout(1)
}

draw_observed <- function(data, colours, ...) {
  given <- list(...)
  draw(given, data$rows$x, data$rows$y, xlab = "fitted", ylab = paste("observed", data$ylab),
    col = colours[data$rows$expert], pch = 19, cex = 0.7)
  graphics::abline(0, 1, lty = 2)
  expert_legend("topleft", colours, pch = 19)
}

draw_experts <- function(data, colours, given) {
  graphics::par(mar = c(1, 4.1, 2.1, 1))
  given$xlab <- NULL
  draw(given, data$rows$x, data$rows$y, xlab = "", ylab = data$ylab, col = colours[data$rows$expert], pch = 19,
    cex = 0.7, xaxt = "n")
  graphics::axis(1, labels = FALSE)
  for (curve in split(data$curves, data$curves$expert)) {
    graphics::lines(curve$x, curve$mean, col = colours[curve$expert[1]], lwd = 2)
  }
}

draw_gate <- function(data, colours, xlab, xlim) {
  graphics::par(mar = c(4.1, 4.1, 0.5, 1))
  graphics::plot(range(data$rows$x), c(0, 1), type = "n", xlab = xlab, ylab = "gate probability", xlim = xlim, las = 1)
  for (curve in split(data$curves, data$curves$expert)) {
    graphics::lines(curve$x, curve$probability, col = colours[curve$expert[1]], lwd = 2)
  }
  graphics::par(mar = rep(0, 4))
  graphics::plot.new()
  expert_legend("center", colours, lwd = 2, ncol = min(4, length(colours)))
}

# A scatter plot whose defaults the user's graphical parameters override.
draw <- function(given, x, y, ...) {
  defaults <- list(x = x, y = y, las = 1, ...)
  do.call(graphics::plot, c(defaults[setdiff(names(defaults), names(given))], given))
}

graphical_parameters <- c(
  setdiff(names(formals(graphics::plot.default)), c("x", "y", "...")), "adj", "bg", "bty", "cex", "cex.axis", "cex.lab",
  "cex.main", "cex.sub", "col", "col.axis", "col.lab", "col.main", "col.sub", "family", "fg", "font", "font.axis",
  "font.lab", "font.main", "font.sub", "lab", "las", "lend", "lty", "lwd", "mgp", "pch", "tck", "tcl", "xaxp", "xaxs",
  "xaxt", "xpd", "yaxp", "yaxs", "yaxt"
)

expert_legend <- function(where, colours, ...) {
  labels <- paste("expert", seq_along(colours))
  graphics::legend(where, legend = labels, col = colours, bg = "#FFFFFFCC", box.col = NA, ...)
}

#' @rdname plot.moe
#' @exportS3Method ggplot2::autoplot
autoplot.moe <- function(object, which = c("fit", "search"), ...) {
  check_call(..., .passed = picture_labels)
  which <- check_choice(which, c("fit", "search"), "which", "argument")
  rlang::check_installed("ggplot2", "to use `autoplot()`; `plot()` of Gaussian experts needs no other package.")
  if (which == "search") plot_search(object, ...) else experts_of(object)$autoplot(object, ...)
}

plot_fit <- function(object, ...) {
  data <- plot_data(object)
  colours <- ggplot2::scale_colour_manual(values = expert_colours(nlevels(data$rows$expert)), drop = FALSE)
  (if (is.null(data$curves)) plot_observed(data) else plot_curves(data)) + colours + given_labels(...)
}

plot_observed <- function(data) {
  ggplot2::ggplot(data$rows, ggplot2::aes(.data[["x"]], .data[["y"]], colour = .data[["expert"]])) +
    ggplot2::geom_abline(linetype = 2) +
    ggplot2::geom_point() +
    ggplot2::labs(x = data$xlab, y = paste("observed", data$ylab))
}

# Two panels, one above the other; the strip on the left stands for the axis title of each.
plot_curves <- function(data) {
  names <- c(data$ylab, "gate probability")
  panel <- function(i) factor(names[i], levels = names)
  means <- data$curves$mean
  height <- diff(range(data$rows$y))
  means[means < min(data$rows$y) - 0.1 * height | means > max(data$rows$y) + 0.1 * height] <- NA
  rows <- cbind(data$rows, panel = panel(1))
  lines <- rbind(
    data.frame(data$curves[c("x", "expert")], y = means, panel = panel(1)),
    data.frame(data$curves[c("x", "expert")], y = data$curves$probability, panel = panel(2))
  )
  ggplot2::ggplot(lines, ggplot2::aes(.data[["x"]], .data[["y"]], colour = .data[["expert"]])) +
    ggplot2::geom_point(data = rows) +
    ggplot2::geom_line(na.rm = TRUE) +
    ggplot2::facet_grid(rows = ggplot2::vars(.data[["panel"]]), scales = "free_y", switch = "y") +
    ggplot2::labs(x = data$xlab, y = NULL) +
    ggplot2::theme(strip.placement = "outside", strip.background = ggplot2::element_blank())
}

#' @importFrom rlang .data
NULL
