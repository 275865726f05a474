# The losses once more, from their formulas and by other means than the package's: golden section in s = exp(t1) and in
# t2 on every interval of t2 that has the same cells; with two gate covariates simplex searches of the loss itself.

measure_atoms <- function(measure) {
  list(
    weight = exp(measure$gate[1, ] / measure$gating$temperature), gate = measure$gate[-1, , drop = FALSE],
    slope = measure$experts[-1, , drop = FALSE], intercept = measure$experts[1, ], variance = measure$sigma^2
  )
}

random_measure <- function(k, d, gating, spread = 1) {
  coefficients <- function() matrix(rnorm((d + 1) * k, 0, spread), d + 1)
  mixing_measure(coefficients(), coefficients(), runif(k, 0.2, 1.2), gating)
}

brute_gauge <- function(estimate, truth, gauge, reference) {
  if (gauge == "total") {
    estimate$weight <- estimate$weight * sum(truth$weight) / sum(estimate$weight)
  } else {
    estimate$weight <- estimate$weight / estimate$weight[reference]
    estimate$gate <- estimate$gate - estimate$gate[, reference]
  }
  estimate
}

brute_norm <- function(...) sqrt(sum(c(...)^2))

# What atom i costs in the cell of j, with `size` atoms in it.
brute_cost <- function(kind, size, gate, slope, intercept, variance) {
  r <- c(1, 4, 6, 8, 10)[size]
  half <- if (size == 1) 1 else r / 2
  if (size == 1 && kind == "softmax over") kind <- "softmax exact"
  switch(kind,
    "softmax exact" = brute_norm(gate, slope, intercept, variance),
    "softmax over" = brute_norm(gate, intercept)^r + brute_norm(slope, variance)^half,
    "topk exact" = brute_norm(gate) + brute_norm(slope) + abs(intercept) + abs(variance),
    "topk over" = brute_norm(gate)^r + brute_norm(slope)^half + abs(intercept)^r + abs(variance)^half,
    "power" = brute_norm(gate)^2 + brute_norm(slope)^2 + intercept^2 + variance^2
  )
}

brute_cells <- function(estimate, truth, shift) {
  vapply(seq_along(estimate$weight), function(i) {
    which.min(colSums((estimate$gate[, i] + shift - truth$gate)^2) + colSums((estimate$slope[, i] - truth$slope)^2) +
      (estimate$intercept[i] - truth$intercept)^2 + (estimate$variance[i] - truth$variance)^2)
  }, 0L)
}

brute_costs <- function(estimate, truth, kind, cell, shift) {
  out <- numeric(length(truth$weight))
  for (i in seq_along(cell)) {
    j <- cell[i]
    out[j] <- out[j] + estimate$weight[i] * brute_cost(
      kind, sum(cell == j), estimate$gate[, i] + shift - truth$gate[, j], estimate$slope[, i] - truth$slope[, j],
      estimate$intercept[i] - truth$intercept[j], estimate$variance[i] - truth$variance[j]
    )
  }
  out
}

golden <- function(f, from, to, steps = 70) {
  ratio <- (sqrt(5) - 1) / 2
  at <- c(to - ratio * (to - from), from + ratio * (to - from))
  values <- c(f(at[1]), f(at[2]))
  for (step in seq_len(steps)) {
    if (values[1] <= values[2]) {
      to <- at[2]
      at <- c(to - ratio * (to - from), at[1])
      values <- c(f(at[1]), values[1])
    } else {
      from <- at[1]
      at <- c(at[2], from + ratio * (to - from))
      values <- c(values[2], f(at[2]))
    }
  }
  min(values)
}

# For given cells: the loss at costs and s; where it may bend in s, if all cells are added up (one of these is best).
brute_total <- function(estimate, truth, cell, translate, active) {
  mass <- vapply(seq_along(truth$weight), function(j) sum(estimate$weight[cell == j]), 0)
  scaled <- translate == "estimate"
  list(
    at = function(costs, s) {
      own <- if (scaled) s * costs + abs(s * mass - truth$weight) else costs + abs(mass - s * truth$weight)
      sum(sort(own, decreasing = TRUE)[seq_len(min(active, length(own)))])
    },
    kinks = if (scaled) (truth$weight / mass)[mass > 0] else mass / truth$weight,
    all = active >= length(truth$weight)
  )
}

brute_over_scale <- function(total, costs, translate) {
  if (translate == "none") return(total$at(costs, 1))
  f <- function(s) total$at(costs, s)
  if (total$all) return(min(vapply(c(0, total$kinks), f, 0)))
  min(f(0), golden(f, 0, max(total$kinks)))
}

# One gate covariate: exact.
brute_line <- function(estimate, truth, kind, translate, active) {
  pairs <- if (length(truth$weight) > 1) combn(length(truth$weight), 2) else matrix(0, 2, 0)
  squares <- function(i, j) {
    sum((estimate$slope[, i] - truth$slope[, j])^2) + (estimate$intercept[i] - truth$intercept[j])^2 +
      (estimate$variance[i] - truth$variance[j])^2
  }
  border <- function(i, j, l) {
    ends <- truth$gate[c(j, l)]
    mean(ends) + (squares(i, l) - squares(i, j)) / (2 * diff(ends)) - estimate$gate[i]
  }
  borders <- unlist(lapply(seq_along(estimate$weight), function(i) apply(pairs, 2, function(p) border(i, p[1], p[2]))))
  anchors <- outer(c(truth$gate), c(estimate$gate), `-`)
  ends <- sort(c(borders, range(anchors) + c(-1, 1)))
  min(vapply(seq_len(length(ends) - 1), function(b) {
    from <- ends[b]
    to <- ends[b + 1]
    cell <- brute_cells(estimate, truth, (from + to) / 2)
    total <- brute_total(estimate, truth, cell, translate, active)
    costs <- function(shift) brute_costs(estimate, truth, kind, cell, shift)
    inner <- anchors[anchors > from & anchors < to]
    if (total$all) {
      cheapest <- function(shift) sum(costs(shift))
      sum_of_costs <- min(golden(cheapest, from, to), vapply(c(from, to, inner), cheapest, 0))
      return(brute_over_scale(total, c(sum_of_costs, 0 * truth$weight[-1]), translate))
    }
    over_shift <- function(s) {
      f <- function(shift) total$at(costs(shift), s)
      min(golden(f, from, to, 50), vapply(c(from, to, inner), f, 0))
    }
    min(over_shift(0), golden(over_shift, 0, max(total$kinks), 50))
  }, 0))
}

# Any number of covariates: the smallest value that simplex searches find, from anchors and random points.
brute_space <- function(estimate, truth, kind, translate, active, starts = 20) {
  loss <- function(shift) {
    cell <- brute_cells(estimate, truth, shift)
    total <- brute_total(estimate, truth, cell, translate, active)
    brute_over_scale(total, brute_costs(estimate, truth, kind, cell, shift), translate)
  }
  anchors <- do.call(cbind, lapply(seq_along(estimate$weight), function(i) truth$gate - estimate$gate[, i]))
  mixed <- replicate(starts, drop(anchors %*% prop.table(rexp(ncol(anchors)))))
  from <- cbind(anchors, mixed)
  values <- apply(from, 2, loss)
  searched <- apply(from[, order(values)[1:3], drop = FALSE], 2, function(start) {
    optim(start, loss, control = list(reltol = 1e-12, maxit = 200))$value
  })
  min(values, searched)
}

brute_loss <- function(estimate, truth, loss, translate = "truth", gauge = "total", reference = NULL, power = 1) {
  top <- truth$gating$top_k
  kind <- if (loss == "power") "power" else paste(if (is.null(top)) "softmax" else "topk", loss)
  atoms <- lapply(list(estimate = estimate, truth = truth), measure_atoms)
  from <- brute_gauge(atoms$estimate, atoms$truth, gauge, reference)
  to <- atoms$truth
  active <- if (is.null(top)) length(to$weight) else top
  if (translate == "none") {
    cell <- brute_cells(from, to, numeric(nrow(from$gate)))
    costs <- brute_costs(from, to, kind, cell, numeric(nrow(from$gate)))
    return(brute_total(from, to, cell, translate, active)$at(costs, 1))
  }
  search <- if (nrow(from$gate) == 1) brute_line else brute_space
  search(from, to, kind, translate, active)
}
