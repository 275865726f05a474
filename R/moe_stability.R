#' Stability of a Lasso's choice
#'
#' How sure the slopes of a chosen fit are: the shares of half samples in whose fits, at the same penalties, they are
#' not zero (Meinshausen and Buehlmann 2010). Halves come in pairs, each with the rows that the other leaves (Shah and
#' Samworth 2013), and every path starts at a fit of all rows, so that experts keep their labels. The halves run in
#' parallel where 'mirai' daemons have been set; the result is the same.
#'
#' A covariate of the gate counts as chosen where it is for any expert: of the gate only differences between experts
#' matter. So does one of a categorical expert that is chosen for any class.
#'
#' @param path A path by [moe_path()].
#' @param pairs Number of pairs of half samples.
#' @param lambda,criterion,gate_penalty Which fit of the path, as in [select_fit()].
#' @param seed A whole number, or `NULL` to draw one from R's generator.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"moe_stability"`: `table`, a data frame with a row for every slope that is chosen in some
#'   half or in the fit itself: `part`, `expert` (`NA` for the gate), `term`, `chosen` (in the fit of all rows) and
#'   `probability`, the share of the halves, surest first; `lambda`, `gate`, `pairs`, `halves` (those
#'   whose path reached this lambda) and `seed`. `plot()` shows the
#'   thirty surest.
#' @section Errors: class `expertmix_error_stability`.
#' @references Meinshausen, N. and Buehlmann, P. (2010). Stability selection. JRSS B 72, 417-473.
#'
#'   Shah, R. D. and Samworth, R. J. (2013). Variable selection with error control: another look at stability selection.
#'   JRSS B 75, 55-80.
#' @examples
#' path <- moe_path(mpg ~ ., mtcars, experts = 1, nlambda = 15)
#' moe_stability(path, pairs = 5, seed = 1)
#' @export
moe_stability <- function(path, pairs = 25, lambda = NULL, criterion = "EBIC", gate_penalty = NULL, seed = NULL, ...) {
  check_call(..., .what = "stability")
  check_required("path")
  check_path(path)
  if (!is_whole(pairs) || pairs < 1) abort_moe("stability", "`pairs` must be a whole number >= 1.")
  seed <- seed_or_drawn(seed, "stability")
  at <- chosen_fit(path, lambda, criterion, gate_penalty)
  found <- run_jobs(seq_len(2 * pairs), slopes_of_half, "stability", path = path, at = at, seed = seed)
  reached <- Filter(Negate(is.null), found)
  if (length(reached) == 0) abort_moe("stability", "No half sample has a fit at this lambda.", "Take a larger one.")
  new_object(
    list(
      table = stability_table(path, at, Reduce(`+`, reached) / length(reached)), lambda = path$lambda[at],
      gate = path$table$gate[at], pairs = pairs, halves = length(reached), seed = seed
    ),
    class = "moe_stability"
  )
}

# Which slopes are not zero at a fit's penalties in half `job` of the rows; NULL where the half's path ends before.
slopes_of_half <- function(job, path, at, seed) {
  rows <- NROW(path$checked$design$y)
  order <- computed_order(rows, seed + (job + 1) %/% 2)
  half <- order < rows %/% 2
  gate <- path$table$gate[at]
  own <- which(path$table$gate == gate & path$lambda >= path$lambda[at])
  found <- paths_without(path, if (job %% 2 == 1) half else !half, gate, own)
  last <- found$fits[[length(found$fits)]]
  if (abs(last$lambda / path$lambda[at] - 1) < 1e-8) chosen_slopes(last$estimates)
}

# Terms x (gate, expert 1, ..., expert K) of a fit, one below the other where the designs differ: TRUE where not zero.
chosen_slopes <- function(estimates) {
  experts <- estimates$experts != 0
  if (length(dim(experts)) == 3) experts <- apply(experts, c(1, 3), any)
  c(rowSums(estimates$gate != 0) > 0, experts)
}

stability_table <- function(path, at, probability) {
  estimates <- path$fits[[at]]$estimates
  count <- ncol(estimates$gate)
  gate <- rownames(estimates$gate)
  experts <- rownames(estimates$experts)
  table <- data.frame(
    part = rep(c("gate", "experts"), c(length(gate), count * length(experts))),
    expert = c(rep(NA, length(gate)), rep(seq_len(count), each = length(experts))),
    term = c(gate, rep(experts, count)), chosen = chosen_slopes(estimates), probability = probability
  )
  design <- path$checked$design
  slope <- c(!flat_columns(design$z %||% design$x), rep(!flat_columns(design$x), count))
  table <- table[slope & (table$chosen | table$probability > 0), ]
  table <- table[order(-table$probability, !table$chosen), ]
  rownames(table) <- NULL
  table
}

#' @export
print.moe_stability <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  check_call(..., .passed = print_arguments)
  lambda <- format(x$lambda, digits = digits)
  cat(sprintf("Slopes that are not zero at lambda %s in %d half samples\n", lambda, x$halves))
  shown <- x$table[x$table$probability >= 0.5 | x$table$chosen, ]
  print(shown, digits = digits, row.names = FALSE)
  cat(sprintf("%d others are chosen in fewer than half of the samples.\n", nrow(x$table) - nrow(shown)))
  invisible(x)
}

#' @rdname plot.moe_path
#' @export
plot.moe_stability <- function(x, ...) {
  check_call(...)
  draw_picture(autoplot.moe_stability(x))
}

#' @rdname plot.moe_path
#' @exportS3Method ggplot2::autoplot
autoplot.moe_stability <- function(object, ...) { # nolint: object_name_linter.
  check_call(...)
  rlang::check_installed("ggplot2", "to plot stability.")
  table <- utils::head(object$table, 30)
  where <- ifelse(is.na(table$expert), "gate", paste("expert", table$expert))
  table$slope <- factor(paste(where, table$term, sep = ": "), rev(paste(where, table$term, sep = ": ")))
  ggplot2::ggplot(table, ggplot2::aes(.data$probability, .data$slope, shape = .data$chosen)) +
    ggplot2::geom_segment(ggplot2::aes(xend = 0, yend = .data$slope), colour = "grey75") +
    ggplot2::geom_point(size = 2) +
    ggplot2::scale_shape_manual(values = c(`TRUE` = 16, `FALSE` = 1)) +
    ggplot2::scale_x_continuous(limits = c(0, 1)) +
    ggplot2::labs(x = "Share of half samples in which the slope is not zero", y = NULL, shape = "In the fit") +
    ggplot2::theme_minimal()
}
