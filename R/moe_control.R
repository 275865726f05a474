#' Settings of the search for the maximum
#'
#' @param search How much the search may cost: `"default"`, `"quick"` (a quarter of it) or `"thorough"` (four times as
#'   much); see the section below.
#' @param starts Number of independent starts, at most 100000; `NULL` chooses by `search` and the number of rows.
#' @param method How a run climbs: `"auto"` (EM steps, then Newton's method or L-BFGS, whichever is cheaper), `"em"` (EM
#'   alone, each M-step one Newton step for the gate), `"newton"` or `"lbfgs"`.
#' @param iterations At most so many accepted steps of one run.
#' @param tolerance A run ends when the log-likelihood can rise by less than this (half the squared Newton decrement).
#' @param threads Number of threads. The result is the same, bit by bit, for any number. A forked child, as of
#'   `parallel::mclapply()`, uses one.
#' @param seed A whole number, or `NULL` to draw one from R's generator, so that [set.seed()] reproduces a fit; every
#'   fit then makes exactly one draw.
#' @param guard Strength of the variance guard that keeps the search away from collapsing experts. It does not move the
#'   estimate, unless an expert collapses all the same.
#' @param time_limit Seconds after which the search ends with the best estimate so far.
#' @param bounds `NULL`, or a compact set of parameters to seek the maximum in, by [moe_bounds()].
#' @param spike Which experts are spikes: those with fewer distinct rows than `rows` times (d + 1), d the number of
#'   their coefficients (of a penalised fit, those that are not zero), or with a standard deviation below `sd` of the
#'   largest. No spike is preferred to a fit without one, and one that is returned has a warning. A larger `sd`, as
#'   0.03, keeps narrow experts out, which a likelihood likes better than data often deserve.
#' @param progress Show a progress bar once a fit has taken over two seconds.
#' @param ... Not used: any other name is an error.
#' @return An object of class `"moe_control"`.
#' @section The search:
#' Mixtures have many maxima. The search climbs to the end from independent starts (leaves of random trees, random
#' hyperplanes, clusters), then hops from the best optima: by way of the optimum of rows that weigh at random, with the
#' gate made soft to harden anew, or with an expert given up and another cut in two, until so many hops in a row lead no
#' higher. An optimum that hops alone have found has a small basin; where its expert follows a few rows closely, though
#' not few enough to be a spike, compare it with the next one. What it climbs is the log-likelihood with the
#' variance guard and a weak normal prior of the gate, in units of standardised columns, so that no gate hardens before
#' the experts are in place. On n rows its variance is 20000 / n, then 200000 / n. With multinomial experts it is
#' 1000 / n, of the classes, too: where these separate, no likelihood has a maximum to compare, and this is what ranks.
#' The best few optima are then finished on the likelihood itself, and an estimate is a maximum of that. On more than
#' some thousand rows the search runs on a sample of them.
#'
#' `fit$record$optima` lists what was seen: the value of what was climbed, how many independent starts and how many
#' hops ended there, and whether it is a spike. `fit$record$unseen` estimates the chance that one more start would end
#' at an optimum not seen yet (Good 1953, Biometrika 40, 237-264): the share of starts that alone saw theirs. It is not
#' the chance that a better one exists. Of an optimum that none of N starts saw, one can say with 95 % confidence that
#' fewer than 3 / N of all starts would. `summary()` says it in a sentence, `plot(fit, which = "search")` draws it.
#' @section Errors: a setting that is unknown or out of range is an error of class `expertmix_error_control`.
#' @examples
#' moe_control(starts = 20, seed = 1)
#' @export
moe_control <- function(starts = NULL, method = c("auto", "em", "newton", "lbfgs"), iterations = 1000,
                        tolerance = 1e-8, threads = 1, seed = NULL, guard = 1, time_limit = Inf,
                        progress = interactive(), bounds = NULL, search = c("default", "quick", "thorough"),
                        spike = c(rows = 2, sd = 0.01), ...) {
  check_call(..., .what = "control")
  search <- check_choice(search, c("default", "quick", "thorough"), "search", "control")
  method <- check_choice(method, c("auto", "em", "newton", "lbfgs"), "method", "control")
  if (!is.null(starts)) {
    check_setting(starts, "starts", is_whole(starts) && starts >= 1 && starts <= 1e5, "a whole number from 1 to 100000")
  }
  if (!is.null(seed)) check_setting(seed, "seed", is_whole(seed) && seed >= 0 && seed <= 2^53, "a whole number >= 0")
  check_setting(iterations, "iterations", is_whole(iterations) && iterations >= 1, "a whole number >= 1")
  check_setting(tolerance, "tolerance", is_number(tolerance) && is.finite(tolerance) && tolerance > 0, "positive")
  check_setting(threads, "threads", is_whole(threads) && threads >= 1 && threads <= 1024, "a whole number >= 1")
  check_setting(guard, "guard", is_number(guard) && is.finite(guard) && guard >= 0, "a number >= 0")
  check_setting(time_limit, "time_limit", is_number(time_limit) && time_limit > 0, "positive")
  check_setting(progress, "progress", rlang::is_bool(progress), "TRUE or FALSE")
  check_setting(spike, "spike", is_spike_rule(spike), "`c(rows = , sd = )` with rows >= 0 and a share sd below 1")
  new_object(
    list(
      starts = starts, method = method, iterations = iterations, tolerance = tolerance, threads = threads, seed = seed,
      guard = guard, time_limit = time_limit, progress = progress, bounds = check_bounds(bounds), search = search,
      spike = spike[c("rows", "sd")]
    ),
    class = "moe_control"
  )
}

check_setting <- function(value, name, holds, wanted) {
  if (!holds) abort_moe("control", sprintf("`%s` must be %s.", name, wanted))
  value
}

is_spike_rule <- function(spike) {
  is.numeric(spike) && length(spike) == 2 && setequal(names(spike), c("rows", "sd")) && all(is.finite(spike)) &&
    all(spike >= 0) && spike[["sd"]] < 1
}

check_control <- function(control) {
  check_version(control)
  if (inherits(control, "moe_control")) control <- unclass(control)[names(control) != "version"]
  if (is.list(control) && !is.object(control)) return(do.call(moe_control, control))
  abort_moe("control", "`control` must be made by `moe_control()`.")
}

# With a seed, drawn where none was chosen.
seeded <- function(control) {
  if (is.null(control$seed)) control$seed <- sample.int(.Machine$integer.max, 1)
  control
}

#' @export
print.moe_control <- function(x, ...) {
  check_call(..., .passed = print_arguments)
  settings <- x[names(x) != "version"]
  settings$spike <- paste(names(x$spike), x$spike, collapse = ", ")
  shown <- vapply(settings, function(value) if (is.null(value)) "chosen by the fit" else format(value), "")
  if (is.null(x$bounds)) shown[["bounds"]] <- "none"
  cat(paste0(format(names(shown)), "  ", shown, "\n"), sep = "")
  invisible(x)
}
