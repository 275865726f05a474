#' Voronoi cells and losses
#'
#' The distance of an estimated mixing measure from the truth in which the papers state their rates: every expert of
#' the estimate belongs to the cell of the nearest true expert, by the Euclidean distance of \eqn{(\beta_1, a, b,
#' \nu)}{(beta_1, a, b, nu)} (gate slopes, expert slopes, intercept, variance; for multinomial experts slopes and
#' intercepts of all classes but the first), and the loss adds up costs of distances and differences of weights,
#' \deqn{\inf_{t_1, t_2} \sum_j \Big\{ \sum_{i \in A_j} e^{\beta_{0i}} d_{ij} + \Big|\sum_{i \in A_j} e^{\beta_{0i}} -
#'   e^{\beta_{0j}^* + t_1}\Big| \Big\},}{inf_(t1, t2) sum_j { sum_{i in A_j} exp(beta_0i) d_ij + |sum_{i in A_j}
#'   exp(beta_0i) - exp(beta_0j* + t1)| },}
#' with \eqn{\Delta\beta_1 = \beta_{1i} - \beta_{1j}^* - t_2}{Dbeta_1 = beta_1i - beta_1j* - t2} in \eqn{d_{ij}}{d_ij}
#' and in the distances that make the cells.
#'
#' @section Losses: \eqn{d_{ij}}{d_ij} is, with \eqn{m} the number of experts in the cell and \eqn{\bar r(1) = 1, \bar
#'   r(2) = 4, \bar r(3) = 6}{rbar(1) = 1, rbar(2) = 4, rbar(3) = 6},
#' * softmax gate (arXiv:2305.03288), `"exact"`: \eqn{\|(\Delta\beta_1, \Delta a, \Delta b, \Delta\nu)\|}{|(Dbeta_1,
#'   Da, Db, Dnu)|}; `"over"`: the same where \eqn{m = 1}, else \eqn{\|(\Delta\beta_1, \Delta b)\|^{\bar r(m)} +
#'   \|(\Delta a, \Delta\nu)\|^{\bar r(m)/2}}{|(Dbeta_1, Db)|^rbar(m) + |(Da, Dnu)|^(rbar(m)/2)}. With a temperature
#'   and the identity, \eqn{\beta / \tau}{beta / tau} takes the place of \eqn{\beta}{beta}.
#' * top-K gate (arXiv:2309.13850): the same powers on sums of norms instead of joint ones, and of the sum over \eqn{j}
#'   the maximum over the sets of as many true experts as are active in the truth.
#' * activation gate (arXiv:2401.13875): sums of norms with \eqn{|\Delta\tau|}{|Dtau|} among them; where \eqn{m > 1},
#'   powers 2 for \eqn{\beta_1}{beta_1}, \eqn{\tau}{tau} and \eqn{a}, \eqn{\bar r(m)}{rbar(m)} for \eqn{b}, half that
#'   for \eqn{\nu}{nu}. Weights are \eqn{\exp(\beta_0 / \tau)}{exp(beta_0 / tau)}.
#' * multinomial experts (arXiv:2310.14188): sums of norms, to the power 2 where \eqn{m > 1}.
#' * `"power"`: every norm, that of \eqn{\Delta\tau}{Dtau} too, to the power `power` in every cell: the losses of the
#'   lower bounds of arXiv:2401.13875 and 2310.14188.
#'
#' The forms of the first two are known from the papers' code and restatements; those of the others were written from
#' what is known of the papers without their text at hand.
#'
#' @section Gauges: a gate is identified up to a translation \eqn{(\beta_0 + t_1, \beta_1 + t_2)}{(beta_0 + t1, beta_1 +
#'   t2)} (with an activation, of the intercepts only). The papers' losses are not functions of what is identified: they
#'   count costs in units of the estimate's weights, so that adding \eqn{s} to all its intercepts multiplies the infimum
#'   over translations of the truth by \eqn{e^s}{exp(s)}. The papers leave open which intercepts the estimate has. So
#'   the estimate is first brought into a gauge:
#' * `"total"`: \eqn{\sum_i e^{\beta_{0i}} = \sum_j e^{\beta_{0j}^*}}{sum_i exp(beta_0i) = sum_j exp(beta_0j*)}, with
#'   \eqn{\beta_0 / \tau}{beta_0 / tau} in place of \eqn{\beta_0}{beta_0} where there is a temperature; its slopes stay.
#' * `"reference"`: the expert `reference` of the estimate has \eqn{\beta_0 = 0}{beta_0 = 0} and, where slopes are
#'   translated, \eqn{\beta_1 = 0}{beta_1 = 0}, as the last one has in the code of arXiv:2305.03288. The loss hangs on
#'   which expert that is.
#'
#' The truth is taken as it stands.
#'
#' @section Translations:
#' * `translate = "truth"`, as the papers write it: the formula above, with \eqn{t_1 \in [-\infty, \infty)}{t1 in
#'   [-infinity, infinity)}. It does not depend on labels, nor, given the gauge, on the intercepts of the estimate or on
#'   translations of its slopes. At \eqn{t_1 = -\infty}{t1 = -infinity} the truth's weights vanish: that may be the
#'   infimum where true experts of half the weight have empty cells. It is not attained then.
#' * `translate = "estimate"`: \eqn{\beta_{0i} + t_1}{beta_0i + t1} and \eqn{\beta_{1i} + t_2}{beta_1i + t2} instead,
#'   the weights that count costs included: the gauge does not matter. It never exceeds \eqn{\sum_j
#'   e^{\beta_{0j}^*}}{sum_j exp(beta_0j*)}, which \eqn{t_1 \to -\infty}{t1 -> -infinity} gives: where that is the
#'   infimum, not attained, the number says no more than that the estimate is far away.
#' * `translate = "none"`: \eqn{t_1 = t_2 = 0}{t1 = t2 = 0}, as the papers' code. It hangs on the slopes as they stand,
#'   so that `gauge = "reference"` with a truth that has an expert at zero is what makes sense of it.
#'
#' With as many experts as the truth has, the first two, and the third where both gates have the same expert at zero,
#' agree near the truth up to terms of second order. Over-specified they do not: one of the experts may be far away at
#' a small weight, and its distance to the power \eqn{\bar r(m)}{rbar(m)} counts. For `"tanh"` and `"sigmoid"` with two
#' experts the reflection of their slopes is tried too.
#'
#' The infimum is solved: for given cells the loss, at its best \eqn{t_1}{t1}, has convex level sets in
#' \eqn{t_2}{t2}, and the translations that lead to the same cells are a polyhedron. All cells that some
#' \eqn{t_2}{t2} leads to are gone through; where these are too many (above 100 000 points where borders meet), those
#' that follow from bringing any expert of the estimate onto any true one, and their neighbours.
#'
#' Where several cells give the same loss, as all do where the estimate is scaled away, those are taken where the
#' experts are nearest to the true ones, by the sum of their distances over translations; then the first.
#'
#' @param estimate,truth Measures by [mixing_measure()], or fits.
#' @param loss `"exact"`, `"over"` (over-specified) or `"power"`; `NULL` takes `"exact"` for as many experts as the
#'   truth has, else `"over"`.
#' @param power The power of `"power"`.
#' @param rbar \eqn{\bar r(m)}{rbar(m)} for \eqn{m = 4, 5, \ldots}{m = 4, 5, ...}, the last also for larger \eqn{m}, but
#'   no less than what is known: 8 for four and 10 for more (see [rbar_check()]).
#' @param translate Which gate the translations act on: the `"truth"`, the `"estimate"`, or `"none"`.
#' @param gauge The gauge of the estimate, `"total"` or `"reference"`.
#' @param reference In the gauge `"reference"`, the number of the expert of the estimate that is at zero; by default the
#'   last.
#' @param ... Not used: anything else is an error.
#' @return `voronoi_loss()`: the loss, with the attribute `"attained"`: `FALSE` where the infimum is approached as
#'   \eqn{t_1 \to -\infty}{t1 -> -infinity}. `voronoi_cells()`: a data frame with a row for every expert of the
#'   estimate: the true expert `cell` that it belongs to, whether that is `tied` (another cell gives the same loss), its
#'   `weight` \eqn{\exp(\beta_0)}{exp(beta_0)} (in the gauge; where the estimate is translated, at the best
#'   \eqn{t_1}{t1}) and the norms of its differences from that expert in `gate` slopes, expert `slope`, `intercept` and
#'   `variance` (`NA` where there is none), all at the translation that minimises the loss.
#' @section Errors: measures of different families, covariates or gates: `expertmix_error_measure`. Settings that are
#'   none, a loss that is too large for a number, as \eqn{\exp(\beta_{0j}^*)}{exp(beta_0j*)} may be, or that the gate
#'   does not have: `expertmix_error_loss`; with one active expert the gate is not identified, use [hellinger()] there.
#' @references See [theory_design()].
#' @examples
#' truth <- mixing_measure(cbind(c(-8, 25), c(0, 0)), cbind(c(15, -20), c(-5, 20)), c(0.3, 0.4))
#' near <- mixing_measure(cbind(c(0, 0), c(8.1, -24.8)), cbind(c(15, -20), c(-5, 20.1)), c(0.3, 0.4))
#' voronoi_loss(near, truth)
#' voronoi_cells(near, truth)
#'
#' # one true expert by two
#' over <- mixing_measure(
#'   gate = cbind(c(-8, 25), c(log(0.5), 0), c(log(0.5), 0.1)),
#'   experts = cbind(c(15, -20), c(-5, 20), c(-5.1, 20)), sigma = c(0.3, 0.4, 0.4)
#' )
#' voronoi_loss(over, truth)
#' voronoi_loss(over, truth, translate = "none", gauge = "reference", reference = 2)
#' @export
voronoi_loss <- function(estimate, truth, loss = NULL, power = 1, rbar = c(8, 10),
                         translate = c("truth", "estimate", "none"), gauge = c("total", "reference"), reference = NULL,
                         ...) {
  check_call(..., .what = "loss")
  check_required("estimate", "truth")
  found <- compared_measures(estimate, truth, loss, power, rbar, translate, gauge, reference)
  check_overflow(found$value)
  if (found$value == 0) check_weights_range(found$estimate, found$truth)
  structure(found$value, attained = found$attained)
}

#' @rdname voronoi_loss
#' @export
voronoi_cells <- function(estimate, truth, loss = NULL, power = 1, rbar = c(8, 10),
                          translate = c("truth", "estimate", "none"), gauge = c("total", "reference"),
                          reference = NULL, ...) {
  check_call(..., .what = "loss")
  check_required("estimate", "truth")
  found <- compared_measures(estimate, truth, loss, power, rbar, translate, gauge, reference)
  check_overflow(found$weight)
  cells_frame(found, experts_of(found$truth)$sigma)
}

# The measures of two arguments, and what the core finds of their loss.
compared_measures <- function(estimate, truth, loss, power, rbar, translate, gauge, reference) {
  estimate <- check_measure(estimate, "estimate")
  truth <- check_measure(truth, "truth")
  check_comparable(truth, estimate)
  settings <- c(
    loss_settings(estimate, truth, loss, power, check_rbar(rbar)),
    gauge_settings(estimate, translate, gauge, reference)
  )
  c(computed_loss(estimate, truth, settings), list(estimate = estimate, truth = truth))
}

# Beside the largest weight one that is e^600 times smaller is zero: what the loss says of its expert is lost.
check_weights_range <- function(estimate, truth) {
  weights <- c(estimate$gate[1, ] / estimate$gating$temperature, truth$gate[1, ] / truth$gating$temperature)
  if (diff(range(weights)) < 600 || same_measure(estimate, truth)) return(invisible())
  abort_moe("loss", "The experts' weights differ by more than a factor of e^600: the loss is lost in rounding.",
    "Compare the measures by `hellinger()` where their covariates lie.")
}

# Whether two measures have the same experts, in whatever order, and gates up to a translation.
same_measure <- function(a, b) {
  if (measure_size(a) != measure_size(b)) return(FALSE)
  atoms <- function(measure, first) {
    shifted <- if (measure$gating$linear) seq_len(nrow(measure$gate)) else 1
    measure$gate[shifted, ] <- measure$gate[shifted, ] - measure$gate[shifted, first]
    experts <- matrix(measure$experts, ncol = measure_size(measure))
    table <- rbind(measure$gate / measure$gating$temperature, experts, measure$sigma)
    table[, do.call(order, unname(as.data.frame(t(table)))), drop = FALSE]
  }
  any(vapply(seq_len(measure_size(b)), function(first) {
    isTRUE(all.equal(unname(atoms(a, 1)), unname(atoms(b, first)), tolerance = 1e-12))
  }, NA))
}

cells_frame <- function(found, has_variance) {
  out <- data.frame(
    expert = seq_along(found$cell), cell = as.integer(found$cell), tied = found$tied, weight = found$weight,
    gate = found$differences[, 1], slope = found$differences[, 2], intercept = found$differences[, 3],
    variance = found$differences[, 4]
  )
  if (has_variance) out else replace(out, "variance", NA_real_)
}

check_overflow <- function(values) {
  if (!all(is.finite(values))) {
    abort_moe("loss", "The loss overflows: weights exp(beta_0) or powers of distances are too large for a number.",
      "Subtract a number from the intercepts of the truth's gate: the loss is proportional to its exponential.")
  }
}

# The loss as the core knows it: name, active experts, powers, and whether beta / tau stands for beta.
loss_settings <- function(estimate, truth, loss, power, rbar) {
  if (!is_number(power) || !is.finite(power) || power < 1) abort_moe("loss", "`power` must be a number, 1 or more.")
  if (is.null(loss)) loss <- if (measure_size(estimate) == measure_size(truth)) "exact" else "over"
  check_loss(loss)
  gate <- truth$gating
  if (!gate$translates) {
    abort_moe("loss", "The papers have no loss for the normalised sigmoid gate.",
      "Compare densities, by `hellinger()` or `kl_divergence()`.")
  }
  if (has_one_active(gate)) {
    abort_moe("loss", "With one active expert the gate is identified up to its size only: it has no loss.",
      "Compare densities, by `hellinger()` or `kl_divergence()`.")
  }
  list(
    name = if (loss == "power") "power" else paste(experts_of(truth)$paper(gate), loss),
    active = as.double(gate$top_k %||% 0),
    power = power, larger = rbar, unit = gate$homogeneous && loss != "power"
  )
}

# What translations act on, and the expert at zero in the estimate's gauge; 0 for the truth's total weight.
gauge_settings <- function(estimate, translate, gauge, reference) {
  translate <- check_choice(translate, c("truth", "estimate", "none"), "translate", "loss")
  gauge <- check_choice(gauge, c("total", "reference"), "gauge", "loss")
  most <- measure_size(estimate)
  if (gauge == "total" && !is.null(reference)) {
    abort_moe("loss", "`reference` has no meaning in the gauge \"total\".", "Give `gauge = \"reference\"` with it.")
  }
  if (gauge == "total") return(list(translate = translate, reference = 0))
  reference <- reference %||% most
  if (!is_whole(reference) || reference < 1 || reference > most) {
    abort_moe("loss", sprintf("`reference` must be the number of an expert of the estimate, from 1 to %d.", most))
  }
  list(translate = translate, reference = as.double(reference))
}

# rbar(m) for m = 4, 5, ...: at least what is known, the last value also for larger m.
check_rbar <- function(rbar) {
  if (!is.numeric(rbar) || !length(rbar) || !all(is.finite(rbar)) || is.unsorted(rbar)) {
    abort_moe("loss", "`rbar` must be numbers that do not decrease: rbar(4), rbar(5), ...")
  }
  known <- c(8, rep(10, length(rbar) - 1))
  if (any(rbar < known)) {
    abort_moe("loss", sprintf("`rbar` must be at least %s: rbar(4) >= 8, and rbar(m) >= 10 for m >= 5.", listed(known)))
  }
  as.double(c(rbar, max(10, rbar)))
}

check_loss <- function(loss) check_choice(loss, c("exact", "over", "power"), "loss")

# The cell of every expert of `estimate` and the differences there, for measures of any gate.
match_experts <- function(estimate, truth) {
  unit <- truth$gating$homogeneous
  settings <- list(name = "topk exact", active = 0, power = 1, larger = c(8, 10), unit = unit, translate = "estimate")
  computed_loss(estimate, truth, settings)
}

# Measures of one family, of the same covariates and kind of gate: what a loss can compare.
check_comparable <- function(truth, estimate) {
  check_same_family(truth, estimate)
  if (nrow(truth$experts) != nrow(estimate$experts)) {
    differ("covariates of the experts", nrow(truth$experts) - 1, nrow(estimate$experts) - 1)
  }
  if (nrow(truth$gate) != nrow(estimate$gate)) {
    differ("covariates of the gate", nrow(truth$gate) - 1, nrow(estimate$gate) - 1)
  }
  if (!identical(gate_kind(truth$gating), gate_kind(estimate$gating))) {
    differ("gates", format(truth$gating), format(estimate$gating))
  }
  if (!same_origin(truth$gating, estimate$gating)) {
    of <- function(measure) listed(format(measure$gating$origin %||% 0, trim = TRUE))
    differ("origins of their gates", of(truth), of(estimate),
      "Fit with the truth's: as in `gate = gate_topk(2, origin = 0)`.")
  }
}

check_same_family <- function(truth, estimate) {
  if (truth$family$family != estimate$family$family) differ("families", truth$family$family, estimate$family$family)
  classes <- lengths(list(truth$classes, estimate$classes))
  if (classes[1] != classes[2]) differ("numbers of classes", classes[1], classes[2])
}

differ <- function(what, of_truth, of_estimate, hint = NULL) {
  abort_moe("measure", sprintf("`estimate` and `truth` have different %s: %s and %s.", what, of_estimate, of_truth),
    hint)
}
