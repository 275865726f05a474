# The covariates of a fit as its data had them, for pictures that move one while the others stay where they are.

# `values`: a list of the covariates' values in the rows of the fit; `shown`: of which of them a `part` ("full", "gate")
# is made and which vary; `categories`: which a term takes as categories; `newdata(moved, rows)`: new data with these
# values of some covariates and typical ones of the others; `object`: the fit that predicts from it.
covariates_of <- function(object, part = "full") {
  if (is.null(object$terms)) return(matrix_covariates(object, part))
  values <- covariate_values(object)
  offset <- object$model[["(offset)"]]
  typical <- Map(typical_value, values, names(values) %in% categorical_names(object))
  if (!is.null(offset)) {
    object$offset_argument <- quote(.offset)
    typical$.offset <- stats::median(offset)
  }
  list(
    object = object, values = values, typical = typical,
    shown = Filter(function(name) varies(values[[name]]), names_in_terms(object, part)),
    categories = categorical_names(object),
    newdata = function(moved, rows) frame_of(with_moved(lapply(typical, repeated, rows), moved), rows)
  )
}

matrix_covariates <- function(object, part) {
  data <- object$data
  columns <- function(x) stats::setNames(lapply(seq_len(ncol(x)), function(j) as.double(x[, j])), colnames(x))
  values <- columns(data$x)
  gate <- if (is.null(data$z)) values else columns(data$z)
  values <- c(values, gate[setdiff(names(gate), names(values))])
  typical <- lapply(values, stats::median)
  newdata <- function(moved, rows) {
    all <- with_moved(typical, moved)
    design <- function(x) {
      matrix(unlist(lapply(all[colnames(x)], rep_len, rows)), rows, dimnames = list(NULL, colnames(x)))
    }
    parts <- list(
      x = design(data$x), z = if (!is.null(data$z)) design(data$z),
      offset = if (!is.null(data$offset)) rep(stats::median(data$offset), rows)
    )
    Filter(Negate(is.null), parts)
  }
  shown <- Filter(function(name) varies(values[[name]]), names(if (part == "gate") gate else values))
  list(object = object, values = values, typical = typical, shown = shown, categories = character(), newdata = newdata)
}

# The values of the covariates in the rows of a fit: from its model frame, or else, where the frame has only functions
# of them, from its data.
covariate_values <- function(object) {
  names <- object$columns$covariates
  values <- lapply(stats::setNames(names, names), function(name) object$model[[name]])
  if (length(names) == 1 && is.null(values[[1]])) values[[1]] <- object$model[["(covariate)"]]
  lacking <- names[vapply(values, is.null, NA)]
  if (length(lacking)) {
    frame <- rethrow(
      model.frame(stats::reformulate(paste0("`", lacking, "`")), data_of_fit(object), na.action = stats::na.pass),
      "which", sprintf("The covariates %s cannot be found.", quoted(lacking))
    )
    frame <- rows_of_fit(frame, object)
    if (is.null(frame)) abort_moe("which", sprintf("%s do not have the rows of the fit.", quoted(lacking)))
    values[lacking] <- as.list(frame)
  }
  values
}

names_in_terms <- function(object, part) {
  labels <- attr(object$terms[[part]], "term.labels")
  used <- unlist(lapply(labels, function(label) all.vars(str2lang(label))))
  intersect(as.character(object$columns$covariates), as.character(used))
}

# Covariates that a term takes as categories, like x of factor(x): values in between have no predictions.
categorical_names <- function(object) {
  classes <- covariate_classes(object)
  terms <- names(classes)[classes %in% c("factor", "ordered", "character", "logical", "other")]
  terms <- Filter(function(term) !is_time(object$model[[term]]), setdiff(terms, c("(weights)", "(covariate)")))
  unlist(lapply(terms, function(term) all.vars(str2lang(term))))
}

is_time <- function(values) inherits(values, c("Date", "POSIXct", "difftime"))

# Whether a covariate moves along a range, or from category to category.
has_range <- function(covariates, name) {
  values <- covariates$values[[name]]
  (is.numeric(values) || is_time(values)) && !name %in% covariates$categories
}

picked <- function(values, rows) if (is.null(dim(values))) values[rows] else values[rows, , drop = FALSE]

repeated <- function(value, rows) picked(value, rep(1, rows))

varies <- function(values) is.null(dim(values)) && length(unique(values)) > 1

# The median of numbers, the most frequent value of categories.
typical_value <- function(values, categories = FALSE) {
  if (!is.null(dim(values))) return(matrix(apply(values, 2, stats::median), 1, dimnames = list(NULL, colnames(values))))
  if ((is.numeric(values) || is_time(values)) && !categories) return(stats::median(values))
  seen <- unique(values)
  seen[which.max(tabulate(match(values, seen)))]
}

with_moved <- function(values, moved) {
  values[names(moved)] <- moved
  values
}

frame_of <- function(columns, rows) structure(columns, class = "data.frame", row.names = seq_len(rows))

# Where a covariate is looked at: along its range, or at each of its categories.
covariate_grid <- function(covariates, name, points) {
  values <- covariates$values[[name]]
  if (has_range(covariates, name)) seq(min(values), max(values), length.out = points) else sort(unique(values))
}

# The covariates that a picture is of: those that were asked for, or else the first `most`.
chosen_covariates <- function(covariates, asked, most = 12) {
  if (is.null(asked)) {
    if (length(covariates$shown) == 0) abort_moe("which", "No covariate varies: there is nothing to plot.")
    return(covariates$shown[seq_len(min(most, length(covariates$shown)))])
  }
  strange <- setdiff(asked, covariates$shown)
  if (!is.character(asked) || length(strange) || length(asked) == 0) {
    abort_moe("covariates", sprintf("`covariates` must name some of %s.", listed(quoted(covariates$shown), 20)))
  }
  unique(asked)
}

# Axes of panels, some of numbers and some of categories, on one continuous scale: panel j has the unit interval from
# 10 j on. `place` puts values there, `scale` writes what they are, `panel` names the panel of a covariate, and `ends`
# are those of the intervals.
panel_axes <- function(covariates, names) {
  axes <- lapply(names, function(name) panel_axis(covariates$values[[name]], has_range(covariates, name)))
  names(axes) <- names
  for (j in seq_along(axes)) axes[[j]]$at <- axes[[j]]$at + 10 * j
  labels <- unlist(lapply(axes, `[[`, "labels"), use.names = FALSE)
  places <- unlist(lapply(axes, `[[`, "at"))
  crowded <- any(vapply(axes, function(axis) sum(nchar(axis$labels)) > 40, NA))
  list(
    place = function(name, values) axes[[name]]$share(values) + 10 * match(name, names),
    panel = function(name, titles) {
      factor(match(name, names), seq_along(names), make.unique(as.character(titled(names, titles))))
    },
    ends = 10 * rep(seq_along(names), each = 2) + 0:1, names = rep(names, each = 2),
    scale = ggplot2::scale_x_continuous(
      breaks = function(limits) axes[[max(1, floor(mean(limits) / 10))]]$at,
      labels = function(at) labels[match(at, places)],
      guide = ggplot2::guide_axis(angle = if (crowded) 45 else 0)
    )
  )
}

panel_axis <- function(values, ranged) {
  if (ranged) {
    ends <- range(values)
    share <- function(x) as.double(x - ends[1], units = "days") / as.double(ends[2] - ends[1], units = "days")
    breaks <- pretty(ends, 4)
    breaks <- breaks[breaks >= ends[1] & breaks <= ends[2]]
    return(list(share = share, at = share(breaks), labels = format(breaks, trim = TRUE)))
  }
  levels <- sort(unique(values))
  share <- function(x) (match(x, levels) - 0.5) / length(levels)
  list(share = share, at = share(levels), labels = shortened(as.character(levels)))
}

shortened <- function(labels, most = 18) {
  ifelse(nchar(labels) > most, paste0(substr(labels, 1, most - 3), "..."), labels)
}

# What a covariate is called: by the labels (with units) that were given, or by its name.
titled <- function(names, titles) unname(ifelse(names %in% names(titles), titles[names], names))

# Of many rows some, evenly: enough to see.
thinned <- function(rows, most = 5000) if (rows <= most) seq_len(rows) else round(seq(1, rows, length.out = most))

thinned_note <- function(rows, most = 5000) {
  if (rows > most) sprintf("%d of %d rows are shown", as.integer(most), as.integer(rows))
}

# In words, where the covariates stand that do not move.
typical_note <- function(covariates, moved, titles) {
  held <- covariates$typical[setdiff(covariates$shown, moved)]
  if (length(held) == 0) return(NULL)
  shown <- vapply(held, function(value) format(value, digits = 3), "")
  paste("held at", listed(paste(shortened(titled(names(held), titles)), "=", shown), 4))
}

captioned <- function(...) {
  if (length(c(...))) ggplot2::labs(caption = paste(strwrap(paste(c(...), collapse = "; "), 90), collapse = "\n"))
}

# What all pictures begin with.
canvas <- function(data, ...) {
  ggplot2::ggplot(data, ggplot2::aes(...)) +
    ggplot2::theme_bw() +
    ggplot2::theme(
      strip.background = ggplot2::element_blank(), strip.placement = "outside",
      panel.grid.minor = ggplot2::element_blank()
    )
}

panels_by_covariate <- function(axes, titles) {
  ends <- data.frame(x = axes$ends, panel = axes$panel(axes$names, titles))
  list(
    ggplot2::geom_blank(ggplot2::aes(.data[["x"]]), ends, inherit.aes = FALSE),
    axes$scale, ggplot2::facet_wrap(ggplot2::vars(.data[["panel"]]), scales = "free_x", strip.position = "bottom"),
    ggplot2::labs(x = NULL)
  )
}
