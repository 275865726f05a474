#' Experts that share a true one
#'
#' Where a mixture has more experts than the truth, several of its experts share one Voronoi cell, that of one true
#' expert, and converge to it slowly. `over_fitted()` merges the nearest experts of a fit, again and again (see
#' [moe_select()]), chooses how many are left by the BIC, and says which experts have been merged into which: the cells.
#' `merge_experts()` is one such step: a fit with one expert less, that starts where two are one.
#'
#' @param fit A fit by [moe()], without penalty or ties. A gate that selects `k` experts selects as many of those that
#'   are left, all where there are no more.
#' @param pair Two numbers of experts; by default those of the six nearest pairs whose merge has the highest likelihood.
#' @param ... Not used: anything else is an error.
#' @return `merge_experts()`: a fit. `over_fitted()`: a data frame with a row for every expert: its `cell`, its `mass`,
#'   and the `height` of its first merge (`NA` for an expert that is alone in its cell); attribute `fit` is the fit to
#'   as many experts as there are cells, expert k of which is that of cell k.
#' @section Errors: `expertmix_error_experts` for one expert, or a `pair` that is none; `expertmix_error_penalty`,
#'   `expertmix_error_ties`.
#' @seealso [voronoi_cells()] for the cells of a known truth.
#' @examples
#' fit <- moe(dist ~ speed, cars, experts = 3, control = moe_control(seed = 1))
#' over_fitted(fit)
#' merge_experts(fit)
#' @export
merge_experts <- function(fit, pair = NULL, ...) {
  check_call(...)
  check_mergeable(fit)
  count <- length(fit$mass)
  caller <- parent.frame()
  fitter <- fitter_like(fit, caller)
  if (is.null(pair)) {
    merged <- merged_fit(fit, fitter, nearest_pairs(expert_distances(fit), 6))$fit
    emit_warnings(merged$record$warnings)
    return(merged)
  }
  sound <- is.numeric(pair) && length(pair) == 2 && all(pair %in% seq_len(count)) && pair[1] != pair[2]
  if (!sound) abort_moe("experts", sprintf("`pair` must be two different numbers from 1 to %d.", count))
  start <- merges_of(fit, data.frame(into = min(pair), from = max(pair)))[[1]]
  eval(call_from(fit, count - 1, start), caller)
}

#' @rdname merge_experts
#' @export
over_fitted <- function(fit, ...) {
  check_call(...)
  check_mergeable(fit)
  caller <- parent.frame()
  fitter <- fitter_like(fit, caller)
  path <- merge_path(fit, fitter, 1)
  at <- which.min(vapply(path$fits, stats::BIC, 0))
  chosen <- length(path$fits[[at]]$mass)
  merges <- path$tree[path$tree$experts > chosen, ]
  cell <- seq_along(fit$mass)
  height <- rep(NA_real_, length(cell))
  for (step in seq_len(nrow(merges))) {
    own <- cell %in% unlist(merges[step, c("into", "from")])
    height[own & is.na(height)] <- merges$height[step]
    cell[cell == merges$from[step]] <- merges$into[step]
    cell[cell > merges$from[step]] <- cell[cell > merges$from[step]] - 1
  }
  cell <- match(cell, path$places[[at]])
  structure(
    data.frame(expert = seq_along(cell), cell = cell, mass = unname(fit$mass), height = height), fit = path$fits[[at]]
  )
}

check_mergeable <- function(fit) {
  check_is_fit(fit)
  refuse_penalised(fit, "experts to be merged")
  if (!is.null(fit$ties)) abort_moe("ties", "Experts with ties cannot be merged.")
  if (length(fit$mass) < 2) abort_moe("experts", "One expert has none to be merged with.")
}

# What fits the model of a fit with another number of experts.
fitter_like <- function(fit, caller) {
  function(experts, start = NULL) silenced(eval(call_from(fit, experts, start), caller))
}

# The call of a fit with fewer experts and a start.
call_from <- function(fit, experts, start) {
  gate <- if (experts > 1 && is.null(fit$gate$top_k)) fit$call$gate else gate_of_fewer(fit$gate, experts)
  replace_arguments(fit$call, list(experts = experts, start = start, gate = gate))
}
