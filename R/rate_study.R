#' Convergence-rate studies
#'
#' Draws data sets of growing size from a known mixture, fits each, and measures how far the estimate is from the truth;
#' with several numbers of `experts`, how often criteria choose each of them.
#'
#' Every replication has a random stream of its own, a function of `seed`, its size and its number: the result is the
#' same for any number of workers, in whatever order they finish. Where mirai daemons are set, local or remote ones,
#' replications are sent to them; else they run one after the other:
#' ```r
#' mirai::daemons(2)
#' study <- rate_study(theory_design("softmax-exact"))
#' mirai::daemons(0)
#' ```
#'
#' Truth-informed starts (`init = "truth"`) are after the code of arXiv:2305.03288: the fitted experts are mapped at
#' random onto the true ones, so that each is hit, and the coefficients get normal noise of standard deviation
#' \eqn{0.005 n^{-0.083}}{0.005 n^-0.083} (gate) and \eqn{0.05 n^{-0.083}}{0.05 n^-0.083} (experts), the variances the
#' absolute value of such of \eqn{0.005 n^{-1/4}}{0.005 n^(-1/4)}; here each coefficient has noise of its own, experts
#' mapped to one share its weight, and an estimated temperature is multiplied by the exponential of normal noise of
#' standard deviation 0.05. Where the temperature is not identified, the estimate is returned at the start's. Fits are
#' then maxima of the likelihood, to the tolerance of `control`.
#'
#' @param truth A [mixing_measure()] or a [theory_design()], which has all other settings too.
#' @section Several numbers of experts: With `experts = 1:6`, every data set is fitted with each of them, by the
#'   `search` of [moe_select()], which does not know the truth, and every `criterion` chooses one. There is then no
#'   `loss` and no `init`. Fits with a fault are passed over as there.
#' @param experts Number of experts to fit; or several increasing ones, among which to choose.
#' @param n Sample sizes.
#' @param replications Data sets of each size.
#' @param x The law of the covariates: a function of `n` that returns a matrix of `n` rows. Uniform on \[0, 1\] by
#'   default.
#' @param init `"truth"`: each fit starts near the truth. `"multi"`: the best of `starts` starts that do not know it.
#' @param store `NULL`, or a directory where each finished replication is kept. A study that was interrupted, or that
#'   gets more sizes or replications, goes on from there.
#' @param seed A whole number; `NULL` takes the store's, or draws one from R's generator.
#' @param gate The gate to fit; that of the truth by default.
#' @param loss What to measure: `"exact"`, `"over"` or `"power"` (with power 1) as in [voronoi_loss()]; a function of
#'   estimate and truth that returns a number; or a list of these, named. `NULL`: the design's; without a design, or
#'   with `experts` that are not the design's, the loss that suits the numbers of experts.
#' @param starts Number of starts for `init = "multi"`.
#' @param control Settings of the fits, by [moe_control()]; its `starts`, `seed` and `progress` are not used.
#' @param bounds `NULL`, or the compact set of parameters, by [moe_bounds()], over which the likelihood is maximised, as
#'   the theorems suppose; those of `control` by default. Without it the maximum of an over-specified likelihood often
#'   has experts or gates far from any true one.
#' @param progress Show a progress bar with the time left.
#' @param criterion Of several numbers of experts: criteria that choose, see [moe_select()]. `"cv"` has ten folds.
#' @param search Of several numbers of experts: `"sweep"` or `"path"`, see [moe_select()].
#' @param eps,outliers Each response is replaced, with probability `eps`, by one that `outliers` draws, see [rmoe()]:
#'   what a criterion, or an estimate, makes of eps-contaminated data.
#' @param ... Not used: any other name is an error.
#' @return With several numbers of experts an object of class `"choice_study"`, see [summary.choice_study()]. Else an
#'   object of class `"rate_study"`: a list of
#'   * `results`: a data frame with a row for every replication: `n`, `replication`, the losses, `attained` (see
#'     [voronoi_loss()]; of the first loss), `log_likelihood`, the certificate (`converged`, `decrement`,
#'     `scaled_score`, `maximum`), `warnings` of the fit, and the `seconds` it took;
#'   * `estimates`: the estimated measures, in the same order; `NULL` for a fit that failed;
#'   * `cells`: the data frames of [voronoi_cells()], with `n` and `replication`;
#'   * `settings`, with the slope of each loss in `theory` (see [summary.rate_study()]).
#' @section Errors: `expertmix_error_study` for settings that are out of range, for covariates `x` that are unusable and
#'   for workers that die (what they finished is kept); `expertmix_error_store` for a store that belongs to another
#'   study or cannot be written; `expertmix_error_loss` for a loss that the truth does not have;
#'   `expertmix_error_measure`; `expertmix_error_experts` and `expertmix_error_criterion` for numbers and criteria among
#'   which there is no choice; `expertmix_error_outliers`. `x`, `outliers` and `loss` are tried before the first fit. A
#'   fit that fails is a row of the results; where all do, or none converges, the study warns
#'   (`expertmix_warning_study`).
#' @seealso [summary.rate_study()], [plot.rate_study()].
#' @examples
#' design <- theory_design("softmax-exact")
#' study <- rate_study(design, n = c(300, 1000, 3000), replications = 5, seed = 1)
#' summary(study)
#' if (requireNamespace("ggplot2", quietly = TRUE)) plot(study)
#'
#' # How many experts are chosen?
#' rate_study(design, experts = 1:3, n = c(100, 200), replications = 3, search = "path", starts = 3,
#'   seed = 1)
#' @export
rate_study <- function(truth, experts, n, replications, x, init = c("truth", "multi"), store = NULL, seed = NULL,
                       gate, loss = NULL, starts = 20, control = moe_control(), progress = interactive(),
                       bounds = control$bounds, criterion = c("BIC", "ICL", "AIC"), search = c("sweep", "path"),
                       eps = 0, outliers = NULL, ...) {
  check_call(..., .what = "study")
  check_required("truth")
  several <- !missing(experts) && length(experts) > 1
  refuse_unused(c("init", "loss")[c(!missing(init), !missing(loss))], several, "one number")
  refuse_unused(c("criterion", "search")[c(!missing(criterion), !missing(search))], !several, "several numbers")
  given <- as.list(environment())[setdiff(names(formals()), c("truth", "..."))]
  given <- given[!vapply(given, rlang::is_missing, NA)]
  settings <- study_settings(truth, given)
  try_settings(settings)
  store <- open_store(store, settings$seed, study_identity(settings), "study")
  settings$seed <- store$seed
  work <- if (several) run_choice else run_replication
  done <- run_study(work, settings, store, isTRUE(progress))
  if (several) return(new_choice_study(settings, done))
  study <- new_study(settings, done)
  if (failed_fits(study$results) == nrow(study$results)) {
    warn_moe("study", sprintf("No fit succeeded: %s.", reasons(study$results)))
  } else if (!any(study$results$converged)) {
    warn_moe("study", "No fit converged: the losses are not those of estimates.",
      "Give `control` more time or iterations.")
  }
  study
}

refuse_unused <- function(given, unused, numbers) {
  if (unused && length(given)) {
    abort_moe("study", sprintf("%s: for %s of `experts` only.", quoted(given), numbers), "Leave it out.")
  }
}

# All settings of a study: those given, then the design's, then defaults; checked.
study_settings <- function(truth, given) {
  design <- if (inherits(truth, "theory_design")) unclass(truth) else list()
  truth <- check_measure(truth, "truth")
  if (is.null(given$loss)) given$loss <- NULL
  if (!is.null(given$experts) && !isTRUE(given$experts == design$experts)) design$loss <- NULL
  covariates <- nrow(truth$experts) - 1
  law <- eval(bquote(function(n) matrix(stats::runif(n * .(covariates)), n)), baseenv())
  defaults <- list(experts = measure_size(truth), x = law, gate = truth$gating)
  settings <- replace(replace(defaults, names(design), design), names(given), given)
  for (name in c("n", "replications")) {
    if (is.null(settings[[name]])) abort_moe("study", sprintf("`%s` is missing.", name))
  }
  check_study(settings)
  settings$truth <- truth
  settings["outliers"] <- list(check_outliers(settings$eps, settings$outliers))
  several <- several_numbers(settings)
  settings$init <- if (several) "multi" else check_choice(settings$init, c("truth", "multi"), "init")
  settings$gate <- check_gate(settings$gate, max(settings$experts))
  if (acts_alone(settings$gate, max(settings$experts))) {
    settings$gate$origin <- settings$gate$origin %||% truth$gating$origin %||% 0
    if (settings$init == "truth") check_study_origin(settings$gate, truth)
  }
  settings$control <- check_control(settings$control)
  settings$control["bounds"] <- list(check_bounds(settings$bounds))
  check_bounded(settings$control$bounds, settings$gate, start = measure_estimates(truth), name = "truth")
  if (several) {
    settings <- choice_settings(settings)
  } else {
    settings$loss <- study_losses(settings, truth)
    settings$theory <- theory_slopes(settings)
  }
  settings[intersect(c(
    "truth", "experts", "n", "replications", "x", "init", "seed", "gate", "loss", "starts", "control", "theory",
    "outliers", "criterion", "search", "cross_validated"
  ), names(settings))]
}

several_numbers <- function(settings) length(settings$experts) > 1

# Fits that start near the truth count from where it does.
check_study_origin <- function(gate, truth) {
  own <- origin_of_covariates(gate$origin, rownames(truth$gate)[-1])
  if (any(own != (truth$gating$origin %||% 0))) {
    abort_moe("study", "`gate` has another origin than the truth, near which fits start.",
      "Leave `origin` out, or take `init = \"multi\"`.")
  }
}

check_study <- function(settings) {
  check <- function(name, holds, wanted) {
    if (!holds) abort_moe("study", sprintf("`%s` must be %s.", name, wanted))
  }
  sizes <- settings$n
  check("n", is.numeric(sizes) && length(sizes) > 0 && all(vapply(sizes, is_count, NA)) &&
    !anyDuplicated(sizes), "different whole numbers, 1 or more")
  for (name in c("replications", "starts", if (!several_numbers(settings)) "experts")) {
    check(name, is_count(settings[[name]]), "a whole number, 1 or more")
  }
  check("experts", is.numeric(settings$experts) && isTRUE(max(settings$experts) <= max(sizes)),
    "at most the largest size in `n`")
  seed <- settings$seed %||% 0
  check("seed", is_whole(seed) && seed >= 0 && seed <= 2^53, "a whole number, 0 or more")
  check("x", is.function(settings$x), "a function of n")
  check("store", is.null(settings$store) || rlang::is_string(settings$store), "the name of a directory")
}

# The losses of a study as a named list.
study_losses <- function(settings, truth) {
  loss <- settings$loss %||% (if (settings$experts == measure_size(truth)) "exact" else "over")
  if (!is.list(loss)) loss <- list(loss)
  names <- rlang::names2(loss)
  unnamed <- names == ""
  names[unnamed] <- vapply(loss[unnamed], function(one) if (is.character(one)) one[1] else "loss", "")
  if (length(loss) == 0) abort_moe("study", "`loss` is empty.")
  if (anyDuplicated(names)) abort_moe("study", "The names of `loss` must be different.")
  for (one in loss) if (!is.function(one)) check_loss(one)
  rlang::set_names(loss, names)
}

# How many fits failed, and with which classes of error.
failed_fits <- function(results) sum(is.na(results$log_likelihood))

reasons <- function(results) {
  counts <- table(results$warnings[is.na(results$log_likelihood)])
  paste(sprintf("%s (%d)", names(counts), counts), collapse = ", ")
}

new_study <- function(settings, done) {
  order <- order(vapply(done, `[[`, 0, "n"), vapply(done, `[[`, 0, "replication"))
  done <- done[order]
  results <- do.call(rbind, lapply(done, function(one) {
    data.frame(n = one$n, replication = one$replication, as.list(one$losses), attained = one$attained, one$fit,
      seconds = one$seconds, check.names = FALSE)
  }))
  cells <- lapply(done, function(one) {
    if (!is.null(one$cells)) data.frame(n = one$n, replication = one$replication, one$cells)
  })
  estimates <- lapply(done, function(one) if (!is.null(one$estimate)) restored_measure(one$estimate, settings))
  new_object(
    list(results = results, estimates = estimates, cells = do.call(rbind, cells), settings = settings),
    class = "rate_study"
  )
}

#' @rdname summary.rate_study
#' @export
print.rate_study <- function(x, ...) {
  check_call(..., .passed = print_arguments)
  settings <- x$settings
  cat(sprintf("A convergence-rate study: %d experts fitted to draws from %d, ", as.integer(settings$experts),
    measure_size(settings$truth)))
  cat(sprintf("%d sizes from %s to %s, %d replications.\n", length(settings$n), format(min(settings$n)),
    format(max(settings$n)), as.integer(settings$replications)))
  if (failed_fits(x$results)) {
    cat(sprintf("%d of %d fits failed: %s.\n", failed_fits(x$results), nrow(x$results), reasons(x$results)))
  }
  print_slopes(summary(x)$slopes)
  invisible(x)
}
