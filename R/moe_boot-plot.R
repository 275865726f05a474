#' @rdname summary.moe_boot
#' @export
plot.moe_boot <- function(x, parm, level = 0.95, type = c("percentile", "basic", "bca"), ...) {
  check_call(..., .passed = picture_labels)
  print(autoplot.moe_boot(x, parm, level, type, ...))
  invisible(x)
}

#' @rdname summary.moe_boot
#' @exportS3Method ggplot2::autoplot
autoplot.moe_boot <- function(object, parm, level = 0.95, # nolint: object_name_linter.
                              type = c("percentile", "basic", "bca"), ...) {
  check_call(..., .passed = picture_labels)
  rlang::check_installed("ggplot2", "to plot a bootstrap.")
  bounds <- confint(object, parm, level, type)
  drawn <- boot_histograms(object, rownames(bounds))
  marks <- boot_marks(object, bounds, level, check_choice(type, interval_types, "type"))
  panel <- function(names) factor(names, rownames(bounds))
  drawn$panel <- panel(drawn$name)
  marks <- marks[!is.na(marks$at) & marks$name %in% drawn$name, ]
  marks$panel <- panel(marks$name)
  ggplot2::ggplot(drawn, ggplot2::aes(.data[["value"]])) +
    ggplot2::geom_histogram(bins = 30, fill = "grey80", colour = "grey60", linewidth = 0.2) +
    ggplot2::geom_vline(ggplot2::aes(xintercept = .data[["at"]], linetype = .data[["mark"]]), marks,
      colour = expert_colours(2)[2]) +
    ggplot2::facet_wrap("panel", scales = "free") +
    ggplot2::scale_linetype_manual(values = c("solid", "dashed")) +
    ggplot2::labs(x = "value in a replicate", y = "replicates", linetype = NULL,
      caption = failure_words(object$reasons)) +
    ggplot2::theme_minimal() +
    ggplot2::theme(legend.position = "top") +
    given_labels(...)
}

# A row for every sound replicate of every statistic that has some.
boot_histograms <- function(boot, names) {
  values <- sound_replicates(boot)[, names, drop = FALSE]
  long <- data.frame(name = rep(names, each = nrow(values)), value = as.vector(values))
  long <- long[!is.na(long$value), ]
  if (nrow(long) == 0) abort_moe("bootstrap", "No replicate has a value: there is nothing to plot.")
  long
}

# Where the estimate and the ends of its interval stand.
boot_marks <- function(boot, bounds, level, kind) {
  interval <- sprintf("%s %% %s interval", format(100 * level), if (kind == "bca") "BCa" else kind)
  marks <- data.frame(
    name = rep(rownames(bounds), 3), at = c(boot$coefficients[rownames(bounds)], bounds),
    mark = rep(c("estimate", interval), c(1, 2) * nrow(bounds))
  )
  marks$mark <- factor(marks$mark, c("estimate", interval))
  marks
}
