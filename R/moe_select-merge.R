# Responsibilities from which a fit of one expert more or fewer may start, and the path of merges.

# The responsibilities of a fit with two experts as one: of the pairs that are nearest.
merges_of <- function(fit, distance = expert_distances(fit), most = 2) {
  pairs <- utils::combn(length(fit$mass), 2)
  nearest <- order(distance[t(pairs)])[seq_len(min(most, ncol(pairs)))]
  r <- predict_rows(fit, fitted_design(fit), "posterior")
  lapply(nearest, function(pair) merged_columns(r, pairs[1, pair], pairs[2, pair]))
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
  column <- function(values) lapply(seq_along(fit$mass), function(k) values[, k, drop = FALSE])
  list(mean = column(means), variance = lapply(column(variance), pmax, least))
}

# The responsibilities of a fit with one expert as two: every expert in turn by the sign of its residuals, and at the
# median of the largest principal component of the gate's covariates among its rows.
splits_of <- function(fit) {
  design <- fitted_design(fit)
  r <- predict_rows(fit, design, "posterior")
  starts <- lapply(seq_along(fit$mass), function(k) {
    lapply(split_rules(fit, design, r[, k], k), function(upper) {
      unname(cbind(replace(r, cbind(seq_len(nrow(r)), k), r[, k] * !upper), r[, k] * upper))
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
path_fits <- function(fitter, experts) {
  path <- merge_path(fitter(max(experts)), fitter, min(experts))
  path$fits <- Filter(function(fit) length(fit$mass) %in% experts, path$fits)
  path
}

# The fits of a path with increasing numbers of experts, and its merges.
merge_path <- function(fit, fitter, fewest) {
  fits <- list(fit)
  tree <- NULL
  while (length(fit$mass) > fewest) {
    criterion <- -(log(fit$nobs) * fit$log_likelihood / fit$nobs)
    distance <- expert_distances(fit)
    merge <- nearest_pair(distance)
    tree <- rbind(tree, data.frame(experts = length(fit$mass), merge, DSC = criterion - merge$height))
    fit <- merged_fit(fit, fitter, distance)
    fits <- c(list(fit), fits)
  }
  list(fits = fits, tree = tree)
}

# The best of the climbs from two experts merged, or a search where there is none.
merged_fit <- function(fit, fitter, distance) {
  attempts <- lapply(merges_of(fit, distance), function(start) attempted_fit(fitter, ncol(start), start))
  Reduce(sounder_fit, Filter(Negate(is.null), attempts)) %||% fitter(length(fit$mass) - 1)
}

nearest_pair <- function(distance) {
  at <- which(distance == min(distance) & lower.tri(distance), arr.ind = TRUE)[1, ]
  data.frame(into = min(at), from = max(at), height = min(distance))
}
