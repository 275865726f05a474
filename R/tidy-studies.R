#' Tidy studies
#'
#' @param x An object of [moe_stability()] or [rate_study()].
#' @param ... Of a rate study: `from` and `theory`, as in [summary.rate_study()]. Anything else is an error.
#' @return Data frames, tibbles where package 'tibble' is installed. Of stability: `part` (`"gate"`, `"experts"`),
#'   `expert` (`NA` for the gate), `term`, `estimate` (the share of the halves in whose fits the slope is not zero) and
#'   `chosen`, whether it is in the fit of all rows. Of a rate study a row for mean and median of every loss, with
#'   `loss`, `term` (which of the two), `estimate` (the slope of its logarithm on log n), `std.error`, `conf.low` and
#'   `conf.high` (of a 95 % interval), and `theory`, its slope.
#' @examples
#' path <- moe_path(mpg ~ ., mtcars, experts = 1, nlambda = 15)
#' generics::tidy(moe_stability(path, pairs = 5, seed = 1))
#' @name tidy_studies
NULL

#' @rdname tidy_studies
#' @export
tidy.moe_stability <- function(x, ...) {
  check_call(...)
  table <- x$table
  as_table(data.frame(table[c("part", "expert", "term")], estimate = table$probability, chosen = table$chosen))
}

#' @rdname tidy_studies
#' @export
tidy.rate_study <- function(x, ...) {
  check_call(..., .passed = c("from", "theory"))
  slopes <- summary(x, ...)$slopes
  as_table(data.frame(
    loss = slopes$loss, term = slopes$statistic, estimate = slopes$slope, std.error = slopes$se,
    conf.low = slopes$lower, conf.high = slopes$upper, theory = slopes$theory
  ))
}
