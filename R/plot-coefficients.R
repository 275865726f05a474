# The coefficients of the experts with Wald intervals, a panel for every term of the experts and of the gate.

# The table of a fit's parameters with `estimate`, `lwr` and `upr`, the experts' first.
coefficient_data <- function(object, level, type = c("observed", "sandwich", "opg"), cluster = NULL) {
  covariance <- or_unknown(error_covariance(object, chosen_errors(object, type, cluster)), object)
  covariance <- all_covariance(object, covariance)
  estimates <- all_values(object, coef(object))
  ends <- wald_interval(estimates, standard_errors(covariance), level)
  table <- all_parameters(object)
  table$label <- unname(parameter_labels(table))
  table$estimate <- unname(estimates)
  table$lwr <- ends[, 1]
  table$upr <- ends[, 2]
  table[order(table$part == "gate"), ]
}

plot_coefficients <- function(object, asked, most = 24) {
  table <- coefficient_data(object, asked$level, asked$type, asked$cluster)
  table$panel <- paste0(c(experts = "Experts: ", gate = "Gate: ")[table$part], titled(table$label, asked$titles))
  panels <- unique(table$panel[table$estimate != 0])
  if (length(panels) == 0) abort_moe("which", "Every coefficient is zero: there is nothing to plot.")
  shown <- panels[seq_len(min(most, length(panels)))]
  table <- table[table$panel %in% shown, ]
  table$panel <- factor(table$panel, shown)
  table$expert <- factor(ifelse(is.na(table$expert), "all", table$expert), c("all", rev(seq_along(object$mass))))
  table$held <- factor(!is.na(table$lwr), c(TRUE, FALSE))
  by <- if (has_classes(object)) "class" else "expert"
  colours <- if (has_classes(object)) coefficient_classes(object) else expert_scale(object, "colour")
  dodge <- ggplot2::position_dodge(if (has_classes(object)) 0.6 else 0)
  canvas(table, .data[["estimate"]], .data[["expert"]], colour = .data[[by]]) +
    ggplot2::geom_vline(xintercept = 0, colour = "grey60", linetype = 2) +
    ggplot2::geom_linerange(ggplot2::aes(xmin = .data[["lwr"]], xmax = .data[["upr"]]), na.rm = TRUE,
      position = dodge, orientation = "y") +
    ggplot2::geom_point(ggplot2::aes(shape = .data[["held"]]), position = dodge, size = 2) +
    ggplot2::facet_wrap(ggplot2::vars(.data[["panel"]]), scales = "free", labeller = wrapped_panels) +
    ggplot2::scale_x_continuous(breaks = function(limits) pretty(limits, 3)) +
    ggplot2::scale_shape_manual(values = c(`TRUE` = 19, `FALSE` = 1), guide = "none") +
    colours +
    ggplot2::labs(x = "estimate", y = "expert", colour = if (has_classes(object)) response_label(object)) +
    ggplot2::guides(colour = if (has_classes(object)) "legend" else "none") +
    captioned(
      if (is.null(object$penalty)) sprintf("bars: %s %% intervals", format(100 * asked$level)),
      if (anyNA(table$lwr)) "hollow: no standard error",
      if ("gate" %in% table$part && !any(object$parameters$part == "gate" & object$parameters$expert %in% 1)) {
        "gate: against expert 1"
      },
      if (length(shown) < length(panels)) sprintf("the first %d of %d terms", length(shown), length(panels))
    )
}

coefficient_classes <- function(object) {
  labels <- object$classes$labels
  colours <- stats::setNames(expert_colours(length(labels)), labels)
  ggplot2::scale_colour_manual(values = colours, breaks = labels, na.value = "grey30")
}

wrapped_panels <- function(labels) lapply(labels, function(label) shortened(as.character(label), 30))
