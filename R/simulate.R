#' Simulate responses from a fit
#'
#' @param object A fit by [moe()].
#' @param nsim Number of responses for every row of the fit's data.
#' @param seed `NULL`, or a number for [set.seed()]; R's generator is then left as it was.
#' @param ... Not used: anything else is an error.
#' @return A data frame with columns `sim_1`, `sim_2`, ... like the response of the fit: numbers, factors, or matrices
#'   of counts with the totals of the data; `NA` in rows that [na.exclude()] left out. Rows with weights are drawn once
#'   each. The attribute `"seed"` is as in
#'   [stats::simulate()].
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' head(simulate(fit, 3, seed = 1))
#' @importFrom stats simulate
#' @export
simulate.moe <- function(object, nsim = 1, seed = NULL, ...) {
  check_call(..., .hints = c(newdata = "Draw at other covariates by `rmoe(n, mixing_measure(fit), x)`."))
  if (!is_whole(nsim) || nsim < 1) abort_moe("rows", "`nsim` must be a whole number, 1 or more.")
  if (!is.null(seed) && !(is_whole(seed) && abs(seed) <= .Machine$integer.max)) {
    abort_moe("seed", "`seed` must be a whole number, or NULL.")
  }
  if (!exists(".Random.seed", globalenv(), inherits = FALSE)) stats::runif(1)
  before <- get(".Random.seed", globalenv())
  if (!is.null(seed)) {
    on.exit(assign(".Random.seed", before, globalenv()))
    set.seed(seed)
  }
  state <- if (is.null(seed)) before else structure(seed, kind = as.list(RNGkind()))
  dense <- dense_part(object, fitted_design(object))
  design <- dense$design
  design$z <- transformed_z(object$gate, design, dense$object$transformed)
  mixture <- mixture_of_fit(object)
  draws <- replicate(nsim, simplify = FALSE, {
    computed_draw(design, mixture, dense$object$estimates, response_form(object))$y
  })
  names(draws) <- paste0("sim_", seq_len(nsim))
  rows <- stats::setNames(seq_len(nrow(design$x)), rownames(design$x) %||% seq_len(nrow(design$x)))
  padded <- lapply(draws, function(y) stats::naresid(object$na.action, y))
  names <- names(stats::naresid(object$na.action, rows))
  structure(padded, class = "data.frame", row.names = names, seed = state)
}
