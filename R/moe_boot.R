#' Bootstrap a fit
#'
#' Fits again and again to data that are drawn anew, each time from the estimates of the fit, and keeps what comes out.
#' There is no search: a replicate is the maximum next to the estimates. Experts are then named such that the rows'
#' posterior probabilities change least, so that expert 1 stays expert 1.
#'
#' @section What is drawn:
#' * `"parametric"`: responses from the fit, at its covariates, offsets and totals of counts. It supposes that the model
#'   is right. One response is drawn for a row, whatever its weight, which stays: with weights other than one,
#'   replicates scatter as the sandwich of [vcov.moe()] says, not as the information.
#' * `"case"`: rows, with replacement, which does not. A row that is drawn `m` times has `m` times its weight: weights
#'   are of accuracy or sampling. Where a weight stands for repeated rows, repeat these rows instead, else they are
#'   drawn together. Rows of weight zero are not drawn.
#' * with a `cluster`: whole clusters, with replacement; as many as there are.
#'
#' The gate's origin and transform, and all settings of the fit, are kept, its bounds too. At an active bound no
#' bootstrap of these kinds is consistent.
#'
#' @section Replicates that fail: a replicate is left out of all results, but counted, where its fit is an error or did
#'   not converge, where an expert follows a few rows alone, is empty or has a collapsed variance, where columns are
#'   collinear that are not in the fit, where its gate, its classes or its temperature go to infinity and those of the
#'   fit do not, and where `statistic` fails. It is a row of `NA` in `replicates`, with the class of its error or
#'   warning in `reasons`. What is left is then a distribution under the condition that no replicate fails; from one
#'   in twenty on there is a warning of class `expertmix_warning_bootstrap`.
#' @section Random numbers: every replicate has a stream of its own, a function of `seed` and its number: results are
#'   the same for any number of workers, and those of fewer replicates are the first of more. Where mirai daemons are
#'   set, replicates are sent to them (see [rate_study()]).
#' @section Errors: `expertmix_error_bootstrap` for arguments out of range, a fit that did not converge and workers that
#'   die; `expertmix_error_type`; `expertmix_error_cluster`; `expertmix_error_penalty` for a penalised fit, whose
#'   estimates are biased and have atoms at zero, which no bootstrap of these kinds follows;
#'   `expertmix_error_statistic` for a `statistic` that fails at the fit or does not return finite numbers;
#'   `expertmix_error_store` for a store that belongs to another bootstrap or cannot be written.
#' @param fit A fit by [moe()] or [moe_fit()].
#' @param replicates Number of replicates, 1 or more.
#' @param type `"parametric"` or `"case"`. With a `cluster` the default is `"case"`.
#' @param cluster `NULL`, or the clusters of rows, as in [vcov.moe()].
#' @param statistic `NULL` for the coefficients, or a function of a fit that returns numbers, always as many, such as
#'   `function(fit) predict(fit, new)`. It is given every replicate as a fit with its own data.
#' @param seed A whole number; `NULL` takes the store's, or draws one from R's generator.
#' @param store `NULL`, or a directory where each finished replicate is kept. A bootstrap that was interrupted, or that
#'   gets more replicates, goes on from there. A function `statistic` is known again by its text.
#' @param progress Show a progress bar with the time left.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"moe_boot"`: a list of
#'   * `replicates`: a matrix with a row for every replicate, a column for every coefficient, aligned with
#'     [coef()][coef.moe], or for every value of `statistic`;
#'   * `reasons`: why a replicate failed, `NA` where it did not;
#'   * `coefficients`: the values at the fit;
#'   * `type`, `seed`, `units` (how many rows or clusters were drawn from), and the `call`.
#'
#'   [summary()][summary.moe_boot] has bias, standard errors and intervals; `plot()` shows the replicates,
#'   `as.data.frame()` returns them.
#' @references Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application. Cambridge.
#' @seealso [summary.moe_boot()], [vcov.moe()].
#' @examples
#' # Minutes between eruptions, of two kinds
#' fit <- moe(waiting ~ 1, faithful, control = moe_control(seed = 1))
#' boot <- moe_boot(fit, 199, type = "case", seed = 1)
#' boot
#' confint(boot, "gate2:(Intercept)", level = 0.9)
#' # Any function of a fit: how far the experts are apart
#' gap <- function(fit) c(gap = -diff(coef(fit, part = "experts")[1, ])[[1]])
#' moe_boot(fit, 99, seed = 1, statistic = gap)
#' @export
moe_boot <- function(fit, replicates = 999, type = c("parametric", "case"), cluster = NULL, statistic = NULL,
                     seed = NULL, store = NULL, progress = interactive(), ...) {
  check_call(..., .hints = stats::setNames(rep("Did you mean `replicates`?", 3), c("R", "B", "nsim")),
    .what = "bootstrap")
  check_required(bootstrap = "fit")
  check_boot(fit, replicates, seed, store)
  settings <- boot_settings(fit, chosen_draw(type, cluster), cluster, statistic)
  store <- open_store(store, seed, boot_identity(settings), "bootstrap")
  settings$seed <- store$seed
  items <- data.frame(n = settings$units, replication = seq_len(replicates))
  done <- run_replications(run_replicate, settings, items, store, check_flag(progress, "progress"), "bootstrap")
  boot <- new_boot(settings, done, match.call())
  warn_failed(boot)
  boot
}

check_boot <- function(fit, replicates, seed, store) {
  check <- function(name, holds, wanted) {
    if (!holds) abort_moe("bootstrap", sprintf("`%s` must be %s.", name, wanted))
  }
  check("fit", inherits(fit, "moe"), "a fit by `moe()`")
  check("replicates", is_whole(replicates) && replicates >= 1, "a whole number, 1 or more")
  seed <- seed %||% 0
  check("seed", is_whole(seed) && seed >= 0 && seed <= 2^53, "a whole number, 0 or more")
  check("store", is.null(store) || rlang::is_string(store), "the name of a directory")
  if (!is.null(fit$penalty)) {
    abort_moe("penalty", "A penalised fit has no bootstrap: its estimates are biased and have atoms at zero.",
      "Fit the terms that were selected again, without `penalty`; `moe_stability()` says how sure their choice is.")
  }
  if (!fit$record$converged) {
    abort_moe("bootstrap", "The fit did not converge: its replicates would start anywhere.",
      "`update()` it with more `iterations` first.")
  }
}

# What is drawn: a cluster says that it is cases, unless another type was asked for.
chosen_draw <- function(type, cluster) {
  types <- c("parametric", "case")
  chosen <- check_choice(type, types, "type")
  if (is.null(cluster)) return(chosen)
  if (identical(type, types)) return("case")
  if (chosen == "parametric") {
    abort_moe("cluster", "A parametric bootstrap has no `cluster`: it draws the rows independently.",
      'Use `type = "case"`.')
  }
  chosen
}

# All that a replicate depends on but its seed and number. The fit itself is among it only where a statistic needs it:
# its formula may hold on to an environment of any size.
boot_settings <- function(fit, type, cluster, statistic) {
  checked <- checked_at_fit(fit)
  if (!is.null(cluster)) cluster <- read_cluster(cluster, fit)
  unit <- if (type == "case") drawn_units(cluster, checked$design)
  values <- if (is.null(statistic)) fit$coefficients else values_of(statistic, fit)
  list(
    checked = checked, type = type, unit = unit, units = unit$count %||% NROW(checked$design$y),
    clusters = !is.null(cluster), values = values, statistic = statistic, control = fit$control,
    faults = intersect(lasting_faults, names(fit$record$warnings)), names = names(fit$coefficients),
    fit = if (!is.null(statistic)) fit, parameters = if (is.null(statistic)) fit$parameters,
    estimable = if (is.null(statistic)) fit$estimable,
    acceleration = if (is.null(statistic) && type == "case") acceleration_of(fit, cluster)
  )
}

# A fit's design and mixture, as they were checked for it, with its estimates as the start.
checked_at_fit <- function(fit) {
  sigma <- if (fit$common_sigma) "common" else "separate"
  checked <- check_fit(fitted_design(fit), length(fit$mass), sigma, fit$gate, fit$family, fit, ties = fit$ties)
  checked$design[c("label", "gate_terms")] <- NULL
  checked
}

# What is drawn together: the number of every row's cluster (its own without clusters); those without a weight have one
# number more than there are.
drawn_units <- function(cluster, design) {
  rows <- NROW(design$y)
  unit <- if (is.null(cluster)) seq_len(rows) else as.integer(cluster)
  drawn <- unique(unit[if (is.null(design$weights)) seq_len(rows) else design$weights > 0])
  list(of_row = match(unit, drawn, nomatch = length(drawn) + 1), count = length(drawn))
}

# Half the skewness of the estimates' distribution over its standard deviation, from the influence of rows or clusters
# on each parameter; NULL where there is no information.
acceleration_of <- function(fit, cluster) {
  if (is.null(fit$covariance)) return(NULL)
  influence <- row_scores(fit) %*% fit$covariance
  if (!is.null(cluster)) influence <- rowsum(influence, cluster)
  colSums(influence^3) / (6 * colSums(influence^2)^1.5)
}

# What makes a bootstrap the one it is: replicates may be more.
boot_identity <- function(settings) {
  checked <- settings$checked
  identity <- list(
    type = settings$type, cluster = settings$unit$of_row, statistic = settings$statistic,
    design = checked$design[c("x", "z", "y", "weights", "offset")], gate = checked$gate, family = checked$family$family,
    estimates = checked$start, control = settings$control
  )
  identity$control[idle_settings] <- NULL
  as_text(identity)
}

new_boot <- function(settings, done, call) {
  values <- do.call(rbind, lapply(done, `[[`, "values"))
  dimnames(values) <- list(NULL, names(settings$values))
  kept <- settings[c("type", "seed", "units", "clusters", "parameters", "estimable", "acceleration")]
  reasons <- vapply(done, `[[`, "", "reason")
  new_object(
    c(list(replicates = values, reasons = reasons, coefficients = settings$values), kept, list(call = call)),
    class = "moe_boot"
  )
}

# The share of failed replicates from which on there is a warning.
many_failures <- 0.05

warn_failed <- function(boot) {
  failed <- sum(!is.na(boot$reasons))
  if (failed < many_failures * length(boot$reasons)) return(invisible())
  warn_moe("bootstrap", failure_words(boot$reasons),
    "Errors and intervals are those of the others, which may differ from these. See the section on failures.")
}

# "3 of 999 replicates failed: separation (2), convergence (1)."; nothing where none did.
failure_words <- function(reasons) {
  counts <- sort(table(reasons), decreasing = TRUE)
  if (length(counts) == 0) return(character())
  sprintf("%d of %d replicates failed: %s.", sum(counts), length(reasons),
    paste(sprintf("%s (%d)", names(counts), counts), collapse = ", "))
}
