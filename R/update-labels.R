# Which expert of a fit is which of another: the labels that a start of coefficients and `update()` keep.

# The experts of `estimates` in the order of the labels that a fit is to keep, in their own where there are none: the
# order in which the posterior probabilities of all rows change least. A `reference` expert stays what it is.
kept_order <- function(checked, estimates, reference = NULL) {
  like <- kept_labels(checked)
  if (is.null(like) || checked$experts == 1) return(seq_len(checked$experts))
  now <- posterior_at(checked$design, checked$mixture, estimates)
  usable <- is.finite(rowSums(like) + rowSums(now))
  weights <- checked$design$weights %||% rep(1, nrow(now))
  cost <- -crossprod(like[usable, , drop = FALSE] * weights[usable], now[usable, , drop = FALSE])
  cost[reference, reference] <- cost[reference, reference] - 2 * sum(abs(cost))
  least_cost(cost)
}

# The posterior probabilities of the experts whose labels are kept, for every row.
kept_labels <- function(checked) {
  start <- checked$start
  if (is.null(start$gate)) start$labels else posterior_at(checked$design, checked$mixture, start)
}

posterior_at <- function(design, mixture, estimates) {
  dense <- dense_part(list(estimates = estimates), design)
  computed_rows(dense$design, mixture, dense$object$estimates, "posterior")
}

# The column of every row in the assignment of least cost, the identity where that is as good: the Hungarian method, by
# shortest augmenting paths.
least_cost <- function(cost) {
  size <- nrow(cost)
  none <- size + 1
  row_of <- integer(none)
  row_price <- numeric(size)
  column_price <- numeric(none)
  for (row in seq_len(size)) {
    row_of[none] <- row
    column <- none
    slack <- rep(Inf, size)
    before <- integer(size)
    reached <- logical(none)
    while (row_of[column] > 0) {
      reached[column] <- TRUE
      open <- which(!reached[-none])
      reduced <- cost[row_of[column], open] - row_price[row_of[column]] - column_price[open]
      nearer <- reduced < slack[open]
      slack[open[nearer]] <- reduced[nearer]
      before[open[nearer]] <- column
      step <- min(slack[open])
      row_price[row_of[reached]] <- row_price[row_of[reached]] + step
      column_price[reached] <- column_price[reached] - step
      slack[open] <- slack[open] - step
      column <- open[which.min(slack[open])]
    }
    while (column != none) {
      row_of[column] <- row_of[before[column]]
      column <- before[column]
    }
  }
  found <- order(row_of[-none])
  least <- sum(cost[cbind(seq_len(size), found)])
  if (sum(diag(cost)) <= least + 1e-9 * max(abs(cost))) seq_len(size) else found
}

# Coefficients with their experts in another order, whose labels are by place.
relabelled <- function(estimates, order) {
  estimates$gate[] <- estimates$gate[, order]
  estimates$experts[] <- pick_experts(estimates$experts, order)
  estimates$sigma[] <- estimates$sigma[order[seq_along(estimates$sigma)]]
  estimates$scalars[] <- estimates$scalars[order, ]
  estimates
}

# A fit of a Lasso path with its experts in another order; without a reference, the first one's gate intercept is zero.
relabelled_result <- function(result, order, free_intercepts) {
  result$estimates <- relabelled(result$estimates, order)
  at <- result$estimates$gate_intercept
  gate <- result$estimates$gate
  if (!free_intercepts && at <= nrow(gate)) result$estimates$gate[at, ] <- gate[at, ] - gate[at, 1]
  result$mass <- result$mass[order]
  result$gate_mass <- result$gate_mass[order]
  named <- c("empty", "spikes")
  result[named] <- lapply(result[named], function(experts) sort(match(experts, order)))
  result
}
