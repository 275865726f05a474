# Responsibilities from which a fit of one expert more or fewer may start, and the path of merges.

# The responsibilities of a fit with two experts as one, for every row of `pairs`.
merges_of <- function(fit, pairs = nearest_pairs(expert_distances(fit))) {
  r <- predict_rows(fit, fitted_design(fit), "posterior")
  Map(function(into, from) merged_columns(r, into, from), pairs$into, pairs$from)
}

# The pairs that are nearest, in the order of their distances.
nearest_pairs <- function(distance, most = 3) {
  at <- which(lower.tri(distance), arr.ind = TRUE)
  pairs <- data.frame(into = unname(at[, "col"]), from = unname(at[, "row"]), height = distance[at])
  utils::head(pairs[order(pairs$height), ], most)
}

merged_columns <- function(r, into, from) {
  r[, into] <- r[, into] + r[, from]
  unname(r[, -from, drop = FALSE])
}

# p_i p_j / (p_i + p_j) { mean of (m_i - m_j)^2 / v_ij over the rows of both + log(sigma_i / sigma_j)^2 }
expert_distances <- function(fit) {
  design <- fitted_design(fit)
  r <- predict_rows(fit, design, "posterior") * (design$weights %||% 1)
  share <- colSums(r) / sum(r)
  means <- expert_outcomes(fit, design)
  sigma <- fit$estimates$sigma
  count <- length(share)
  out <- matrix(Inf, count, count)
  for (i in seq_len(count)) for (j in seq_len(i - 1)) {
    gap <- rowSums((means$mean[[i]] - means$mean[[j]])^2 / ((means$variance[[i]] + means$variance[[j]]) / 2))
    rows <- r[, i] + r[, j]
    apart <- sum(rows * pmin(gap, 1e100)) / max(sum(rows), .Machine$double.xmin)
    spread <- if (length(sigma)) log(sigma[i] / sigma[j])^2 else 0
    out[i, j] <- out[j, i] <- share[i] * share[j] / max(share[i] + share[j], 1e-300) * (apart + spread)
  }
  out
}

# Every expert's means of a row, and their variances: a matrix of one column, or one for every class.
expert_outcomes <- function(fit, design) {
  means <- predict_rows(fit, design, "experts")
  least <- .Machine$double.eps
  if (has_classes(fit)) {
    mean <- lapply(seq_along(fit$mass), function(k) matrix(means[, , k], dim(means)[1]))
    return(list(mean = mean, variance = lapply(mean, pmax, least)))
  }
  experts <- experts_of(fit)
  variance <- matrix((experts$squared_scale %||% experts$variance)(means, fit$estimates), nrow(means))
  means <- (experts$level %||% identity)(means)
  column <- function(values) lapply(seq_along(fit$mass), function(k) values[, k, drop = FALSE])
  list(mean = column(means), variance = lapply(column(variance), pmax, least))
}

# The responsibilities of a fit with one expert as two: every expert in turn by the sign of its residuals, and at the
# median of the largest principal component of the gate's covariates among its rows. The new expert has a `share` of the
# rows above the cut, and the rest of this of those below.
splits_of <- function(fit, share = 1) {
  design <- fitted_design(fit)
  r <- predict_rows(fit, design, "posterior")
  starts <- lapply(seq_along(fit$mass), function(k) {
    lapply(split_rules(fit, design, r[, k], k), function(upper) {
      new <- r[, k] * ifelse(upper, share, 1 - share)
      unname(cbind(replace(r, cbind(seq_len(nrow(r)), k), r[, k] - new), new))
    })
  })
  unlist(starts, FALSE)
}

# For every row, whether it is on the upper side of a cut of an expert.
split_rules <- function(fit, design, share, expert) {
  rules <- list()
  if (!has_classes(fit)) {
    rules$residual <- observed(fit, design$y) > predict_rows(fit, design, "experts")[, expert]
  }
  z <- design$z %||% design$x
  z <- z[, !flat_columns(z), drop = FALSE]
  if (ncol(z)) rules$axis <- axis_above_median(scale(z), share)
  rules
}

axis_above_median <- function(z, share) {
  centred <- sweep(z, 2, colSums(share * z) / sum(share))
  axis <- eigen(crossprod(centred * sqrt(share)), symmetric = TRUE)$vectors[, 1]
  along <- as.vector(centred %*% axis)
  order <- order(along)
  middle <- along[order][which.max(cumsum(share[order]) >= sum(share) / 2)]
  along > middle
}

# A search for the largest number of experts; then two experts are merged, again and again. The merges: how many experts
# there are before, which of them are merged, at which height, and the dendrogram criterion there.
path_fits <- function(fitter, experts, largest = fitter(max(experts))) {
  path <- merge_path(largest, fitter, min(experts))
  path$fits <- rising_fits(path$fits, fitter)
  if (!is.null(path$tree)) path$tree$DSC <- rev(dendrogram_criterion(path$fits, rev(path$tree$height)))
  path$fits <- Filter(function(fit) length(fit$mass) %in% experts, path$fits)
  path
}

# -(h_K + log(n) l_K / n) of the fits to two experts or more, with the heights of their merges.
dendrogram_criterion <- function(fits, height) {
  means <- vapply(fits, function(fit) log(fit$nobs) * fit$log_likelihood / fit$nobs, 0)
  -(height + utils::tail(means, length(height)))
}

# The fits of a path with increasing numbers of experts, and its merges.
merge_path <- function(fit, fitter, fewest) {
  fits <- list(fit)
  tree <- NULL
  while (length(fit$mass) > fewest) {
    merged <- merged_fit(fit, fitter)
    tree <- rbind(tree, data.frame(experts = length(fit$mass), merged$pair))
    fit <- merged$fit
    fits <- c(list(fit), fits)
  }
  list(fits = fits, tree = tree)
}

# The best of the climbs from two experts merged, with its pair; or a search where there is none.
merged_fit <- function(fit, fitter, pairs = nearest_pairs(expert_distances(fit))) {
  best <- NULL
  pair <- pairs[1, ]
  starts <- merges_of(fit, pairs)
  for (i in seq_along(starts)) {
    attempt <- attempted_fit(fitter, ncol(starts[[i]]), starts[[i]])
    if (is.null(attempt) || (!is.null(best) && identical(sounder_fit(best, attempt), best))) next
    best <- attempt
    pair <- pairs[i, ]
  }
  list(fit = best %||% fitter(length(fit$mass) - 1), pair = pair)
}

# Fits of increasing numbers of experts of which no sound one has a lower likelihood than a smaller sound one: it is
# climbed from that, with experts cut in two, or nearly in two equal ones where that leads to no higher maximum.
rising_fits <- function(fits, fitter) {
  best <- NULL
  for (i in seq_along(fits)) {
    for (share in c(1, 0.6, 0.51)) if (is_lower(fits[[i]], best)) fits[[i]] <- grown_fit(best, fits[[i]], fitter, share)
    if (!nzchar(fault_of_fit(fits[[i]])) && !is_lower(fits[[i]], best)) best <- fits[[i]]
  }
  fits
}

is_lower <- function(fit, other) {
  !is.null(other) && !nzchar(fault_of_fit(fit)) && fit$log_likelihood < other$log_likelihood - 1e-6
}

# The better of a fit and of climbs from a smaller one, by one expert more at a time.
grown_fit <- function(small, fit, fitter, share) {
  while (length(small$mass) < length(fit$mass)) {
    attempts <- lapply(splits_of(small, share), function(start) attempted_fit(fitter, ncol(start), start))
    small <- Reduce(sounder_fit, Filter(Negate(is.null), attempts))
    if (is.null(small)) return(fit)
  }
  sounder_fit(fit, small)
}

# Fits of models in which others are nested are no lower than these, from whose responsibilities they are climbed.
raised_by_nested <- function(found, fitters) {
  for (i in seq_along(found)) for (other in found[-i]) {
    found[[i]]$fits <- lapply(found[[i]]$fits, function(fit) {
      same <- Filter(function(small) length(small$mass) == length(fit$mass) && lies_within(small, fit), other$fits)
      for (small in same) if (is_lower(fit, small) && !nzchar(fault_of_fit(small))) {
        fit <- improved_fit(fitters[[i]], fit, list(unname(predict_rows(small, fitted_design(small), "posterior"))))
      }
      fit
    })
  }
  found
}

lies_within <- function(small, large) same_gate(small$gate, large$gate) && is_nested(small, large)

# A gate for fewer experts: one that selects experts selects among those that there are; one expert has none.
gate_of_fewer <- function(gate, experts) {
  if (experts == 1) return(NULL)
  if (!is.null(gate$top_k)) gate$top_k <- min(gate$top_k, experts)
  gate
}
