# Quantile residuals against fitted values and against each covariate, with their running mean.

plot_residuals <- function(object, asked) {
  residuals <- model_residuals(object)
  covariates <- covariates_of(object)
  names <- if (is.null(asked$covariates)) {
    covariates$shown[seq_len(min(11, length(covariates$shown)))]
  } else {
    chosen_covariates(covariates, asked$covariates)
  }
  counted <- rep_len(weighted_rows(fitted_design(object)), fitted_rows(object))
  if (!has_classes(object)) {
    fitted <- unname(predict_rows(object, fitted_design(object), "response"))
    covariates$values$`fitted value` <- as.vector(fitted)
    names <- c("fitted value", names)
  }
  names <- Filter(function(name) varies(covariates$values[[name]][counted]), names)
  if (length(names) == 0) abort_moe("which", "No covariate and no fitted value varies: there is nothing to plot.")
  covariates$values <- lapply(covariates$values[names], function(values) values[counted])
  draw_residuals(residuals, covariates, names, asked)
}

draw_residuals <- function(residuals, covariates, names, asked) {
  axes <- panel_axes(covariates, names)
  at <- thinned(length(residuals))
  of_panel <- function(name, x, y) data.frame(x = x, y = y, panel = axes$panel(rep(name, length(x)), asked$titles))
  in_categories <- function(name) !has_range(covariates, name)
  rows <- lapply(names, function(name) {
    beside <- if (in_categories(name)) spread_out(length(at)) / length(unique(covariates$values[[name]])) else 0
    of_panel(name, axes$place(name, covariates$values[[name]][at]) + beside, residuals[at])
  })
  means <- lapply(names, function(name) {
    categories <- in_categories(name)
    mean <- running_mean(axes$place(name, covariates$values[[name]]), residuals, categories)
    cbind(of_panel(name, mean$x, mean$y), categories = rep(categories, length(mean$x)))
  })
  rows <- do.call(rbind, rows)
  means <- do.call(rbind, means)
  canvas(rows, .data[["x"]], .data[["y"]]) +
    ggplot2::geom_point(alpha = point_alpha(length(at)), size = 1, colour = "grey30") +
    ggplot2::geom_hline(yintercept = 0, linetype = 2) +
    ggplot2::geom_hline(yintercept = stats::qnorm(c(0.025, 0.975)), linetype = 3) +
    ggplot2::geom_line(data = means[!means$categories, ], colour = "#D55E00", linewidth = 1) +
    ggplot2::geom_point(data = means[means$categories, ], colour = "#D55E00", size = 2.5) +
    panels_by_covariate(axes, asked$titles) +
    ggplot2::labs(y = "quantile residual") +
    captioned("orange: running mean, or mean of a category; dotted: 95 % of a right model",
      thinned_note(length(residuals)))
}

# Their mean in every category, or along a number by local regression (none for fewer than five values).
running_mean <- function(x, y, categories) {
  if (categories) {
    mean <- tapply(y, x, base::mean)
    return(list(x = as.double(names(mean)), y = as.double(mean)))
  }
  if (length(unique(x)) < 5) return(list(x = double(), y = double()))
  stats::lowess(x, y)
}

# Numbers from -0.2 to 0.2, spread evenly in any order of rows: multiples of the golden ratio.
spread_out <- function(count) 0.4 * ((seq_len(count) * (sqrt(5) - 1) / 2) %% 1 - 0.5)
