#' Studies of choices
#'
#' How often criteria choose each number of experts, by [rate_study()] with several numbers of `experts`.
#'
#' @param object,x A study of choices.
#' @param row.names,optional As in [as.data.frame()].
#' @param ... Of `print()`: arguments of [print.data.frame()]; of `plot()` and `autoplot()`: `title`, `subtitle` and
#'   `caption`. Else not used: anything else is an error.
#' @return The study, of class `"choice_study"`, is a list of
#'   * `choices`: a data frame with a row for every replication and criterion: `n`, `replication`, `criterion`, the
#'     chosen number of `experts` (`NA` where there is none), and `fault`: that of the chosen fit, which has one only
#'     where all have, or the class of the error of a replication that failed;
#'   * `tables`: a data frame with a row for every fit: `n`, `replication`, and the columns of the `table` of
#'     [moe_select()];
#'   * `seconds`: a data frame of `n`, `replication` and the `seconds` that it took;
#'   * `settings`.
#'
#'   `as.data.frame()` returns `choices`. `summary()`: a list of `counts`, a data frame with a row for every criterion,
#'   size and number of experts: `criterion`, `n`, `experts`, `count`, how often it is chosen, and `share` of the
#'   replications that have a choice, with its standard error `se`; and `failed`, how many replications have none, a
#'   data frame by criterion and size. `tidy()`: the counts, with `estimate` and `std.error` for share and error.
#' @examples
#' truth <- mixing_measure(cbind(c(-8, 16), c(0, 0)), cbind(c(-5, 10), c(6, -4)), c(0.5, 0.5))
#' study <- rate_study(truth, experts = 1:3, n = 200, replications = 5, search = "path", starts = 3,
#'   seed = 1)
#' study
#' generics::tidy(study)
#' if (requireNamespace("ggplot2", quietly = TRUE)) plot(study)
#' # The same where every 30th response is something else
#' rate_study(truth, experts = 1:3, n = 200, replications = 5, search = "path", starts = 3,
#'   seed = 1, eps = 1 / 30, outliers = function(n) runif(n, -20, 20))
#' @export
summary.choice_study <- function(object, ...) {
  check_call(...)
  settings <- object$settings
  cases <- expand.grid(n = sort(settings$n), criterion = settings$criterion, stringsAsFactors = FALSE)
  chosen <- lapply(seq_len(nrow(cases)), function(i) {
    own <- object$choices$n == cases$n[i] & object$choices$criterion == cases$criterion[i]
    object$choices$experts[own]
  })
  counts <- do.call(rbind, lapply(seq_along(chosen), function(i) {
    count <- tabulate(match(chosen[[i]], settings$experts), length(settings$experts))
    data.frame(criterion = cases$criterion[i], n = cases$n[i], experts = settings$experts, count = count,
      share_of_counts(count))
  }))
  failed <- data.frame(cases[c("criterion", "n")], failed = vapply(chosen, function(own) sum(is.na(own)), 0L))
  new_object(list(counts = counts, failed = failed, settings = settings), class = "summary.choice_study")
}

# Shares of some with their standard errors; NA where there are none.
share_of_counts <- function(count) {
  all <- sum(count)
  share <- if (all > 0) count / all else rep(NA_real_, length(count))
  data.frame(share = share, se = sqrt(share * (1 - share) / max(all, 1)))
}

#' @rdname summary.choice_study
#' @export
print.choice_study <- function(x, ...) {
  check_call(..., .passed = print_arguments)
  print(summary(x), ...)
  invisible(x)
}

#' @export
print.summary.choice_study <- function(x, ...) {
  check_call(..., .passed = print_arguments)
  settings <- x$settings
  contamination <- if (!is.null(settings$outliers)) {
    sprintf("; each response is replaced with probability %s", format(settings$outliers$eps))
  }
  cat(sprintf("A study of choices (%s): how often each number of experts is chosen\n", settings$search))
  cat(sprintf("in %d replications, of which the truth has %d%s.\n\n", as.integer(settings$replications),
    measure_size(settings$truth), contamination %||% ""))
  counts <- x$counts
  wide <- do.call(cbind, lapply(settings$experts, function(k) counts$count[counts$experts == k]))
  table <- data.frame(x$failed[c("criterion", "n")], wide)
  names(table)[-(1:2)] <- settings$experts
  if (any(x$failed$failed > 0)) table$failed <- x$failed$failed
  print(table, row.names = FALSE, ...)
  invisible(x)
}

#' @rdname summary.choice_study
#' @export
plot.choice_study <- function(x, ...) {
  check_call(..., .passed = picture_labels)
  print(autoplot.choice_study(x, ...))
  invisible(x)
}

#' @rdname summary.choice_study
#' @exportS3Method ggplot2::autoplot
autoplot.choice_study <- function(object, ...) { # nolint: object_name_linter.
  check_call(..., .passed = picture_labels)
  rlang::check_installed("ggplot2", "to plot a study of choices.")
  counts <- summary(object)$counts
  counts$experts <- factor(counts$experts)
  counts$criterion <- factor(counts$criterion, unique(counts$criterion))
  ggplot2::ggplot(counts, ggplot2::aes(factor(.data[["n"]]), .data[["share"]], fill = .data[["experts"]])) +
    ggplot2::geom_col(width = 0.7, na.rm = TRUE) +
    ggplot2::facet_wrap("criterion") +
    ggplot2::scale_fill_viridis_d(end = 0.9) +
    ggplot2::labs(x = "sample size n (rows)", y = "share of the data sets", fill = "experts chosen",
      caption = sprintf("the truth has %d", measure_size(object$settings$truth))) +
    ggplot2::theme_minimal() +
    ggplot2::theme(legend.position = "bottom") +
    given_labels(...)
}

#' @rdname summary.choice_study
#' @export
as.data.frame.choice_study <- function(x, row.names = NULL, optional = FALSE, ...) { # nolint: object_name_linter.
  check_call(...)
  as.data.frame(x$choices, row.names = row.names, optional = optional)
}

#' @rdname summary.choice_study
#' @export
tidy.choice_study <- function(x, ...) {
  check_call(...)
  counts <- summary(x)$counts
  as_table(data.frame(counts[c("criterion", "n", "experts", "count")], estimate = counts$share, std.error = counts$se))
}
