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

# Distances of every two experts, infinite from themselves; see `moe_select()`.
expert_distances <- function(fit) at_estimates(core_distances, fit)

# The responsibilities of a fit with one expert as two: every expert in turn by the sign of its residuals, and at the
# median of the largest principal component of the gate's covariates among its rows. The new expert has a `share` of the
# rows above the cut, and the rest of this of those below.
splits_of <- function(fit, share = 1) at_estimates(core_splits, fit, share)

# A search for the largest number of experts; then two experts are merged, again and again. The merges: how many experts
# there are before, which of them are merged, at which height, and the dendrogram criterion there.
path_fits <- function(fitter, experts, largest = fitter(max(experts))) {
  path <- merge_path(largest, fitter, min(experts))
  before <- path$fits
  path$fits <- rising_fits(path$fits, fitter)
  if (!is.null(path$tree)) {
    path$tree$height <- present_heights(path, before)
    path$tree$DSC <- rev(dendrogram_criterion(path$fits, rev(path$tree$height)))
  }
  path$fits <- Filter(function(fit) length(fit$mass) %in% experts, path$fits)
  path
}

# The heights of merges, of a fit that has been replaced by another the distance of the nearest two experts.
present_heights <- function(path, before) {
  heights <- path$tree$height
  for (i in seq_along(before)) {
    at <- match(length(path$fits[[i]]$mass), path$tree$experts)
    if (is.na(at) || path$fits[[i]]$log_likelihood == before[[i]]$log_likelihood) next
    heights[at] <- min(expert_distances(path$fits[[i]]))
  }
  heights
}

# -(h_K + log(n) l_K / n) of the fits to two experts or more, with the heights of their merges.
dendrogram_criterion <- function(fits, height) {
  means <- vapply(fits, function(fit) log(fit$nobs) * fit$log_likelihood / fit$nobs, 0)
  -(height + utils::tail(means, length(height)))
}

# The fits of a path with increasing numbers of experts, and its merges. A fit names its experts by its own gate: its
# `places` say where each stands among the experts of the largest fit, of which merged ones are one, in the first's
# place; merges are told by places.
merge_path <- function(fit, fitter, fewest) {
  fits <- list(fit)
  places <- list(seq_along(fit$mass))
  tree <- NULL
  while (length(fit$mass) > fewest) {
    merged <- merged_fit(fit, fitter)
    pair <- sort(places[[1]][c(merged$pair$into, merged$pair$from)])
    step <- data.frame(experts = length(fit$mass), into = pair[1], from = pair[2], height = merged$pair$height)
    tree <- rbind(tree, step)
    places <- c(list(places_after(fit, merged, places[[1]], pair)), places)
    fit <- merged$fit
    fits <- c(list(fit), fits)
  }
  list(fits = fits, tree = tree, places = places)
}

# The places of the experts of a merged fit: each has that of the expert before whose rows it shares.
places_after <- function(fit, merged, place, pair) {
  place[merged$pair$into] <- pair[1]
  place <- place[-merged$pair$from]
  place <- place - (place > pair[2])
  after <- predict_rows(merged$fit, fitted_design(merged$fit), "posterior")
  shared <- crossprod(merges_of(fit, merged$pair)[[1]], after)
  out <- integer(length(place))
  for (step in seq_along(out)) {
    at <- arrayInd(which.max(shared), dim(shared))
    out[at[2]] <- place[at[1]]
    shared[at[1], ] <- -1
    shared[, at[2]] <- -1
  }
  out
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

# Fits of increasing numbers of experts. One that is faulty, or lower than a smaller sound one, is climbed from the
# highest of these, with experts cut in two, or nearly in two equal ones where that leads to no better one.
rising_fits <- function(fits, fitter) {
  best <- NULL
  for (i in seq_along(fits)) {
    for (share in c(1, 0.6, 0.51)) if (is_wanting(fits[[i]], best)) {
      fits[[i]] <- grown_fit(best, fits[[i]], fitter, share)
    }
    if (!nzchar(fault_of_fit(fits[[i]])) && !is_lower(fits[[i]], best)) best <- fits[[i]]
  }
  fits
}

is_lower <- function(fit, other) {
  !is.null(other) && !nzchar(fault_of_fit(fit)) && fit$log_likelihood < other$log_likelihood - 1e-6
}

is_wanting <- function(fit, other) !is.null(other) && (nzchar(fault_of_fit(fit)) || is_lower(fit, other))

# Which of some fits stay below a smaller sound one.
are_low <- function(fits) {
  best <- NULL
  vapply(fits, function(fit) {
    low <- is_lower(fit, best)
    if (!low && !nzchar(fault_of_fit(fit))) best <<- fit
    low
  }, NA)
}

# The better of a fit and of climbs from a smaller one, by one expert more at a time, as long as these are sound.
grown_fit <- function(small, fit, fitter, share) {
  while (length(small$mass) < length(fit$mass)) {
    if (nzchar(fault_of_fit(small))) return(fit)
    attempts <- lapply(splits_of(small, share), function(start) attempted_fit(fitter, ncol(start), start))
    small <- Reduce(sounder_fit, Filter(Negate(is.null), attempts))
    if (is.null(small)) return(fit)
  }
  sounder_fit(fit, small)
}

# Fits of models in which others are nested are climbed from the responsibilities of these where they are lower; which
# of them stay `below`.
raised_by_nested <- function(found, fitters) {
  for (i in seq_along(found)) {
    found[[i]]$fits <- lapply(found[[i]]$fits, function(fit) {
      for (small in nested_fits(fit, found[-i])) if (is_lower(fit, small)) {
        fit <- improved_fit(fitters[[i]], fit, list(unname(predict_rows(small, fitted_design(small), "posterior"))))
      }
      fit
    })
  }
  for (i in seq_along(found)) {
    found[[i]]$below <- vapply(found[[i]]$fits, function(fit) {
      any(vapply(nested_fits(fit, found[-i]), is_lower, NA, fit = fit))
    }, NA)
  }
  found
}

# The sound fits of as many experts that are nested in a fit.
nested_fits <- function(fit, found) {
  others <- unlist(lapply(found, `[[`, "fits"), FALSE, FALSE)
  Filter(function(small) {
    length(small$mass) == length(fit$mass) && !nzchar(fault_of_fit(small)) && lies_within(small, fit)
  }, others)
}

# One expert has no gate: of models that differ in this alone, the first has it.
without_repeated <- function(found) {
  seen <- NULL
  for (i in seq_along(found)) {
    again <- vapply(found[[i]]$fits, function(fit) {
      if (length(fit$mass) > 1) return(FALSE)
      known <- any(abs(seen - fit$log_likelihood) <= 1e-8 * abs(fit$log_likelihood))
      seen <<- c(seen, fit$log_likelihood)
      known
    }, NA)
    found[[i]]$fits <- found[[i]]$fits[!again]
    found[[i]]$below <- found[[i]]$below[!again]
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
