#' @rdname moe_select
#' @param x,object A selection.
#' @param digits Significant digits.
#' @export
print.moe_select <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  check_call(..., .passed = print_arguments)
  cat(choice_sentence(x, digits), "\n\n", sep = "")
  table <- x$table
  for (name in c("formula", "gate")) if (length(unique(table[[name]])) == 1) table[[name]] <- NULL
  fault <- if (any(nzchar(table$fault))) "fault"
  table <- table[c(setdiff(names(table), "fault"), fault)]
  marks <- ifelse(seq_len(nrow(table)) == x$chosen, "*", "")
  print(cbind(table, ` ` = marks), digits = digits, row.names = FALSE)
  invisible(x)
}

# BIC chooses 2 experts; 3 are 4.1 behind.
choice_sentence <- function(x, digits) {
  table <- x$table
  better <- criterion_values(table, x$criterion)
  model <- function(row) {
    words <- sprintf(ngettext(table$experts[row], "%d expert", "%d experts"), as.integer(table$experts[row]))
    if (length(unique(table$gate)) > 1) words <- paste0(words, ", gate ", table$gate[row])
    if (length(unique(table$formula)) > 1) words <- paste0(words, ", ", table$formula[row])
    words
  }
  name <- switch(x$criterion, cv = "The cross-validated log-score", slope = "The slope heuristic", x$criterion)
  sentence <- sprintf("%s chooses %s", name, model(x$chosen))
  if (!is.null(x$resampled)) {
    sentence <- sprintf("%s, chosen in %d of %d resamples", sentence, table$resamples[x$chosen], length(x$resampled))
  }
  others <- setdiff(which(!nzchar(table$fault) & !is.na(better)), x$chosen)
  if (length(others)) {
    second <- others[which.min(better[others])]
    behind <- format(better[second] - better[x$chosen], digits = digits)
    sentence <- sprintf("%s; next is %s, %s behind", sentence, model(second), behind)
  }
  passed <- sum(nzchar(table$fault))
  if (passed == nrow(table)) return(paste0(sentence, ", though every fit has a fault."))
  if (passed == 0) return(paste0(sentence, "."))
  sprintf(ngettext(passed, "%s. %d fit with a fault is passed over.", "%s. %d fits with a fault are passed over."),
    sentence, passed)
}

#' @rdname moe_select
#' @param row.names,optional As of [as.data.frame()].
#' @export
as.data.frame.moe_select <- function(x, row.names = NULL, optional = FALSE, ...) { # nolint: object_name_linter.
  check_call(...)
  as.data.frame(x$table, row.names = row.names, optional = optional)
}

#' @rdname moe_select
#' @export
tidy.moe_select <- function(x, ...) {
  check_call(...)
  table <- x$table
  as_table(data.frame(table, chosen = seq_len(nrow(table)) == x$chosen))
}

#' @rdname moe_select
#' @export
summary.moe_select <- function(object, ...) {
  check_call(...)
  object
}

#' @rdname moe_select
#' @param which `"criteria"`, against the number of experts, or `"dendrogram"` of the merges of a path.
#' @export
plot.moe_select <- function(x, which = c("criteria", "dendrogram"), ...) {
  check_call(..., .passed = picture_labels)
  print(autoplot.moe_select(x, which, ...))
  invisible(x)
}

#' @rdname moe_select
#' @exportS3Method ggplot2::autoplot
autoplot.moe_select <- function(object, which = c("criteria", "dendrogram"), ...) { # nolint: object_name_linter.
  check_call(..., .passed = picture_labels)
  rlang::check_installed("ggplot2", "to plot a selection.")
  which <- check_choice(which, c("criteria", "dendrogram"), "which")
  picture <- if (which == "criteria") criteria_picture(object) else dendrogram_picture(object)
  picture + given_labels(...)
}

criteria_picture <- function(object) {
  table <- object$table
  names <- intersect(selection_criteria, names(table))
  several <- paste(unique(table$gate), collapse = "") != table$gate[1] || length(unique(table$formula)) > 1
  drawn <- do.call(rbind, lapply(names, function(name) {
    data.frame(table[c("formula", "gate", "experts")], criterion = name, value = table[[name]],
      error = if (name == "cv") table$cv.se else NA_real_, sound = !nzchar(table$fault),
      chosen = seq_len(nrow(table)) == object$chosen & name == object$criterion)
  }))
  words <- c(BIC = "BIC (smaller is better)", ICL = "ICL (smaller is better)", AIC = "AIC (smaller is better)",
    cv = "log-density of rows left out (larger is better)", slope = "slope heuristic (smaller is better)",
    DSC = "DSC (smaller is better)")
  drawn$panel <- factor(words[drawn$criterion], words)
  label <- paste(drawn$formula, drawn$gate, sep = ", ")
  drawn$model <- factor(label, unique(label))
  drawn <- near_sound(drawn[!is.na(drawn$value), ])
  # Models side by side, as their bars would hide each other.
  drawn$x <- drawn$experts + 0.08 * (as.integer(drawn$model) - (nlevels(drawn$model) + 1) / 2)
  lines <- drawn[drawn$sound, ]
  lines <- lines[stats::ave(lines$value, lines$model, lines$panel, FUN = length) > 1, ]
  ggplot2::ggplot(drawn, ggplot2::aes(.data[["x"]], .data[["value"]], colour = .data[["model"]])) +
    ggplot2::geom_line(data = lines) +
    ggplot2::geom_linerange(ggplot2::aes(ymin = .data[["value"]] - .data[["error"]],
      ymax = .data[["value"]] + .data[["error"]]), na.rm = TRUE) +
    ggplot2::geom_point(ggplot2::aes(shape = ifelse(.data[["sound"]], "sound", "with a fault")), size = 2) +
    ggplot2::geom_point(data = drawn[drawn$chosen, ], shape = 1, size = 5, show.legend = FALSE) +
    ggplot2::facet_wrap("panel", scales = "free_y") +
    ggplot2::scale_x_continuous(breaks = unique(drawn$experts)) +
    ggplot2::scale_shape_manual(values = c(sound = 19, `with a fault` = 4)) +
    ggplot2::scale_colour_manual(values = expert_colours(nlevels(drawn$model)), limits = levels(drawn$model)) +
    ggplot2::labs(x = "experts", y = NULL, shape = NULL, colour = NULL,
      caption = paste0("circled: the choice", if ("cv" %in% names) "; bars: one standard error over folds")) +
    ggplot2::theme_minimal() +
    ggplot2::theme(legend.position = "bottom", legend.box = "vertical") +
    ggplot2::guides(colour = if (several) "legend" else "none", shape = if (all(drawn$sound)) "none" else "legend")
}

# Values of fits with a fault say nothing: those far from the sound ones of their panel are drawn at its edge.
near_sound <- function(drawn) {
  for (rows in split(seq_len(nrow(drawn)), drawn$panel, drop = TRUE)) {
    ends <- range(drawn$value[rows][drawn$sound[rows]], -Inf, Inf, finite = TRUE)
    if (all(is.finite(ends))) {
      room <- 0.25 * max(diff(ends), 0.05 * abs(ends))
      drawn$value[rows] <- pmin(pmax(drawn$value[rows], ends[1] - room), ends[2] + room)
    }
  }
  drawn
}

# The merges of a path as a tree whose leaves are the experts of the largest fit.
dendrogram_picture <- function(object) {
  trees <- Filter(Negate(is.null), object$trees)
  if (length(trees) == 0) {
    abort_moe("which", "There is no dendrogram: experts were not merged.", 'Use `moe_select(search = "path")`.')
  }
  drawn <- do.call(rbind, lapply(names(trees), function(name) cbind(tree_segments(trees[[name]]), model = name)))
  drawn$model <- factor(drawn$model, names(trees))
  leaves <- unique(drawn[drawn$leaf, c("x", "label", "model")])
  picture <- ggplot2::ggplot(drawn) +
    ggplot2::geom_segment(ggplot2::aes(.data[["x"]], .data[["y"]], xend = .data[["xend"]], yend = .data[["yend"]])) +
    ggplot2::geom_text(ggplot2::aes(.data[["x"]], 0, label = .data[["label"]]), leaves, vjust = 1.5, size = 3.5) +
    ggplot2::scale_x_continuous(breaks = NULL) +
    ggplot2::scale_y_continuous(expand = ggplot2::expansion(c(0.1, 0.05))) +
    ggplot2::labs(x = "experts of the largest fit", y = "height of the merge") +
    ggplot2::theme_minimal()
  if (length(trees) > 1) picture + ggplot2::facet_wrap("model", scales = "free") else picture
}

# Segments of a tree. A merge that is lower than one below it is drawn at the height of that.
tree_segments <- function(tree) {
  nodes <- lapply(seq_len(tree$experts[1]), function(k) list(leaves = k, height = 0))
  merges <- list()
  for (step in seq_len(nrow(tree))) {
    pair <- nodes[c(tree$into[step], tree$from[step])]
    height <- max(tree$height[step], pair[[1]]$height, pair[[2]]$height)
    merges[[step]] <- list(left = pair[[1]], right = pair[[2]], height = height)
    nodes[[tree$into[step]]] <- list(leaves = c(pair[[1]]$leaves, pair[[2]]$leaves), height = height,
      children = pair)
    nodes[[tree$from[step]]] <- NULL
  }
  order <- unlist(lapply(nodes, `[[`, "leaves"))
  middle <- function(node) {
    if (is.null(node$children)) return(match(node$leaves, order))
    (middle(node$children[[1]]) + middle(node$children[[2]])) / 2
  }
  rows <- lapply(merges, function(merge) {
    x <- c(middle(merge$left), middle(merge$right))
    from <- c(merge$left$height, merge$right$height)
    leaf <- c(is.null(merge$left$children), is.null(merge$right$children))
    label <- ifelse(leaf, c(merge$left$leaves[1], merge$right$leaves[1]), NA)
    data.frame(x = c(x, x[1]), y = c(from, merge$height), xend = c(x, x[2]), yend = merge$height,
      leaf = c(leaf, FALSE), label = c(label, NA))
  })
  do.call(rbind, rows)
}
