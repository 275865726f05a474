# The predictive density of some rows, as the sum of what the experts contribute, and where its modes are.

plot_density <- function(object, asked) {
  object$events <- NULL  # of one trial a row
  rows <- density_rows(object, asked)
  if (has_classes(object)) return(draw_class_density(object, rows))
  data <- density_data(object, rows$design, rows$labels)
  if (experts_of(object)$discrete) draw_counts(object, data, rows$note) else draw_density(object, data, rows$note)
}

# The designs of the rows that were asked for, or else of the quartiles of the first covariate, what they are called
# (`labels`), and a `note` on the other covariates.
density_rows <- function(object, asked, most = 9) {
  if (!is.null(asked$newdata)) {
    design <- given_design(object, asked$newdata, FALSE)
    rows <- nrow(design$x)
    if (rows == 0 || rows > most) {
      abort_moe("newdata", sprintf("`newdata` has %d rows: 1 to %d have room in a picture.", rows, as.integer(most)))
    }
    lacking <- which(!stats::complete.cases(as.matrix(design$x), as.matrix(design$z %||% design$x)))
    if (length(lacking)) abort_moe("newdata", sprintf("`newdata` has missing values in row %s.", listed(lacking)))
    return(list(design = design, labels = row_labels(asked$newdata, rows, asked$titles)))
  }
  covariates <- covariates_of(object)
  name <- covariates$shown[1]
  grid <- if (is.na(name)) 1 else quartiles(covariates, name)
  new <- covariates$newdata(if (!is.na(name)) stats::setNames(list(grid), name) else list(), length(grid))
  design <- rethrow_newdata(given_design(covariates$object, new, FALSE), name)
  words <- if (is.na(name)) "all rows" else paste(titled(name, asked$titles), "=", format_each(grid))
  list(design = design, labels = words, note = typical_note(covariates, name, asked$titles))
}

quartiles <- function(covariates, name) {
  values <- covariates$values[[name]]
  if (has_range(covariates, name)) return(unique(unname(stats::quantile(values, c(0.25, 0.5, 0.75), type = 1))))
  seen <- sort(unique(values))
  seen[seq_len(min(4, length(seen)))]
}

format_each <- function(values) vapply(seq_along(values), function(i) format(values[i], digits = 3), "")

# By their values where they have few columns, else by their numbers.
row_labels <- function(newdata, rows, titles) {
  if (!is.data.frame(newdata)) return(paste("row", seq_len(rows)))
  differ <- names(newdata)[vapply(newdata, function(v) is.null(dim(v)) && (rows == 1 || length(unique(v)) > 1), NA)]
  if (length(differ) == 0 || length(differ) > 3) return(paste("row", seq_len(rows)))
  words <- lapply(differ, function(name) paste(titled(name, titles), "=", format_each(newdata[[name]])))
  make.unique(do.call(paste, c(words, sep = ", ")))
}

# A row for every row of the design, response of a grid and expert: `row`, `y`, `expert`, and `density`, pi_k f_k.
density_data <- function(object, design, labels, points = 401) {
  grid <- response_grid(object, design, points)
  rows <- nrow(design$x)
  long <- design_rows(design, rep(seq_len(rows), each = length(grid)))
  long$y <- rep(grid, rows)
  parts <- predict_rows(object, long, "posterior") * as.vector(predict_rows(object, long, "density"))
  parts[is.na(parts)] <- 0
  data.frame(
    row = factor(rep(labels, each = length(grid)), unique(labels)), y = long$y,
    expert = factor(rep(seq_len(ncol(parts)), each = nrow(parts))), density = c(parts)
  )
}

# Responses that hold all but 2/1000 of every row's probability; of narrow experts enough to see their form.
response_grid <- function(object, design, points) {
  ends <- range(predict_rows(object, design, "quantile", c(0.001, 0.999)))
  even <- function(points) seq(ends[1], ends[2], length.out = points)
  if (experts_of(object)$discrete) return(unique(round(even(min(points, diff(ends) + 1)))))
  means <- predict_rows(object, design, "experts")
  sigma <- rep(object$estimates$sigma, each = nrow(means))
  fine <- as.vector(outer(seq(-4, 4, 0.2), as.vector(sigma))) + rep(as.vector(means), each = 41)
  sort(unique(c(even(points), fine[fine > ends[1] & fine < ends[2]])))
}

# The mixture of what the experts contribute, in the order of `density_data()`.
mixture_density <- function(data) {
  mixture <- data[data$expert == 1, c("row", "y")]
  mixture$density <- rowSums(matrix(data$density, nrow(mixture)))
  mixture
}

# The local maxima of every row's density.
modes_of <- function(mixture) {
  of_row <- function(curve) {
    rise <- diff(curve$density)
    curve[which(rise[-length(rise)] > 0 & rise[-1] <= 0) + 1, ]
  }
  do.call(rbind, lapply(split(mixture, mixture$row), of_row))
}

draw_density <- function(object, data, note) {
  mixture <- mixture_density(data)
  canvas(data, .data[["y"]], .data[["density"]]) +
    ggplot2::geom_area(ggplot2::aes(fill = .data[["expert"]]), alpha = 0.6, stat = "identity") +
    ggplot2::geom_line(data = mixture) +
    ggplot2::geom_point(data = modes_of(mixture), shape = 21, fill = "white") +
    density_panels(object) +
    ggplot2::labs(x = response_label(object), y = "density") +
    captioned("line: the mixture; points: its modes", note)
}

draw_counts <- function(object, data, note) {
  width <- min(diff(sort(unique(data$y))), Inf)
  canvas(data, .data[["y"]], .data[["density"]]) +
    ggplot2::geom_col(ggplot2::aes(fill = .data[["expert"]]), width = 0.9 * if (is.finite(width)) width else 1) +
    density_panels(object) +
    ggplot2::labs(x = response_label(object), y = "probability") +
    captioned(note)
}

density_panels <- function(object, scales = "free_y") {
  list(
    expert_scale(object, "fill"),
    ggplot2::facet_wrap(ggplot2::vars(.data[["row"]]), ncol = 1, scales = scales),
    ggplot2::scale_y_continuous(expand = ggplot2::expansion(c(0, 0.1)))
  )
}

# A row for every row, class and expert: `density` is pi_k p_kc.
class_density_data <- function(object, design, labels) {
  gate <- predict_rows(object, design, "gate")
  experts <- predict_rows(object, design, "experts")
  shape <- dim(experts)
  classes <- object$classes$labels
  data.frame(
    row = factor(labels, unique(labels)), class = factor(rep(rep(classes, each = shape[1]), shape[3]), classes),
    expert = factor(rep(seq_len(shape[3]), each = prod(shape[1:2]))),
    density = c(experts) * c(gate[, rep(seq_len(shape[3]), each = shape[2])])
  )
}

draw_class_density <- function(object, rows) {
  data <- class_density_data(object, rows$design, rows$labels)
  canvas(data, .data[["class"]], .data[["density"]], fill = .data[["expert"]]) +
    ggplot2::geom_col(width = 0.7) +
    density_panels(object, "fixed") +
    ggplot2::scale_x_discrete(labels = shortened, guide = ggplot2::guide_axis(check.overlap = TRUE)) +
    ggplot2::labs(x = response_label(object), y = "probability") +
    captioned(rows$note)
}
