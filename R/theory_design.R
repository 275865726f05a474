#' Simulation settings for the papers' theorems
#'
#' @param name One of the names below; `NULL` returns them all.
#' @param x A design.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"theory_design"` for [rate_study()]: a list of the `truth`, the number of `experts` and
#'   the `gate` to fit, the law `x` of the covariates, sizes `n`, `replications`, the `loss` to measure, the `theory`'s
#'   slope of its logarithm (`NA` where there is none, see [summary.rate_study()]), the `source` and a `note` on what is
#'   the paper's and what was chosen here.
#' @section Designs: One covariate everywhere. Standard deviations are those of the experts, \eqn{\nu}{nu} their
#'   squares.
#' * `"softmax-exact"`, `"softmax-over"` (arXiv:2305.03288): \eqn{k^* = 2}{k* = 2}, \eqn{(\beta_0, \beta_1) = (-8, 25),
#'   (0, 0)}{(beta_0, beta_1) = (-8, 25), (0, 0)}, \eqn{(b, a) = (15, -20), (-5, 20)}, standard deviations 0.3 and 0.4,
#'   as in the paper's code; 2 or 3 experts. The code takes \eqn{x} from an even grid on \[0, 1\]; here it is uniform.
#'   20 sizes from 1000 to 100 000 are chosen here (the code has 200), and 100 replications for 2 experts (the code has
#'   40 for either).
#' * `"topk-exact"`, `"topk-few"`, `"topk-over"` (arXiv:2309.13850): settings chosen here, as the paper's are not known
#'   to us, and with the truth above selection by slope never uses its second expert on \[0, 1\]. \eqn{k^* = 3}{k* =
#'   3} experts of which 2 are active, \eqn{x} uniform on \[-1, 1\]; fitted are 3 with 2 active, 4 with 1 active, and 4
#'   with 3 active. The loss of `"topk-few"` is the [hellinger()] distance at -0.95, -0.85, ..., 0.95, as its fits have
#'   no Voronoi loss.
#' * `"temperature-linear"`, `"temperature-tanh"` (arXiv:2401.13875): settings chosen here, as the paper's are not
#'   known to us: \eqn{k^* = 2}{k* = 2}, \eqn{x} uniform on \[-2, 2\], the temperature estimated.
#' * `"multinomial-exact"`, `"multinomial-regime1"`, `"multinomial-regime2"`, and the latter two with `"-modified"`
#'   (arXiv:2310.14188): settings chosen here, as the paper's are not known to us: three classes, \eqn{k^* = 2}{k* =
#'   2}, \eqn{x} uniform on \[-3, 3\]; 2 or 3 experts. In regime 2 the second expert does not depend on \eqn{x}. The
#'   modified gate is that of \eqn{\tanh x}{tanh(x)}, in truth and fit.
#' @section Errors: `expertmix_error_design` for an unknown name.
#' @references Nguyen, H., Nguyen, T. and Ho, N. (2023). Demystifying softmax gating function in Gaussian mixture of
#'   experts. arXiv:2305.03288. Nguyen, H. et al. (2023). Statistical perspective of top-K sparse softmax gating
#'   mixture of experts. arXiv:2309.13850. Nguyen, H. et al. (2024). Is temperature sample efficient for softmax
#'   Gaussian mixture of experts? arXiv:2401.13875. Nguyen, H. et al. (2023). A general theory for softmax gating
#'   multinomial logistic mixture of experts. arXiv:2310.14188.
#' @examples
#' theory_design()
#' theory_design("softmax-exact")
#' @export
theory_design <- function(name = NULL, ...) {
  check_call(..., .what = "design")
  if (is.null(name)) return(names(designs_table))
  if (!is.character(name) || length(name) != 1 || !name %in% names(designs_table)) {
    abort_moe("design", "`name` is no design.", paste("Designs are", quoted(names(designs_table))))
  }
  design <- designs_table[[name]]()
  design$name <- name
  design$n <- design$n %||% round(10^seq(3, 5, length.out = 20))
  design$gate <- design$gate %||% design$truth$gating
  design$theory <- unname(theory_slopes(design))
  new_object(design, "theory_design")
}

uniform_design <- function(from, to) {
  eval(bquote(function(n) matrix(stats::runif(n, .(from), .(to)), n)), baseenv())
}

softmax_design <- function(experts) {
  list(
    truth = mixing_measure(cbind(c(-8, 25), c(0, 0)), cbind(c(15, -20), c(-5, 20)), c(0.3, 0.4)),
    experts = experts, x = uniform_design(0, 1), replications = if (experts == 2) 100 else 40,
    loss = if (experts == 2) "exact" else "over",
    source = "arXiv:2305.03288", note = "Truth of the paper's code; uniform x, sizes and replications are chosen here."
  )
}

topk_design <- function(experts, active, loss) {
  list(
    truth = mixing_measure(
      cbind(c(0.3, -3), c(0, 0), c(-0.3, 3)), cbind(c(3, -2), c(0, 2), c(-3, -1)), c(0.5, 0.4, 0.6), gate_topk(2)
    ),
    experts = experts, gate = gate_topk(active), x = uniform_design(-1, 1),
    n = round(10^seq(3, if (experts > 3) 4.3 else 5, length.out = 12)),
    replications = 10, loss = loss,
    source = "arXiv:2309.13850", note = "Settings chosen here."
  )
}

# With one active expert the gate is identified up to its size only: densities are compared.
topk_distance <- function(estimate, truth) hellinger(estimate, truth, seq(-0.95, 0.95, by = 0.1))

temperature_design <- function(activation, gate, temperature) {
  list(
    truth = mixing_measure(gate, cbind(c(3, 1), c(-2, -1)), c(0.5, 0.7), gate_temperature(temperature, activation)),
    experts = 2, gate = gate_temperature(NULL, activation), x = uniform_design(-2, 2), replications = 40,
    loss = "exact", source = "arXiv:2401.13875", note = "Settings chosen here: the paper's are not known to us."
  )
}

multinomial_design <- function(experts, regime, gate = gate_softmax()) {
  coefficients <- array(0, c(2, 3, 2), list(c("(Intercept)", "x1"), c("a", "b", "c"), NULL))
  coefficients[, 2:3, 1] <- if (regime == 1) c(3, -4, 1, -1.5) else c(0, 0.5, -2, -2)
  coefficients[, 2:3, 2] <- if (regime == 1) c(0.5, -0.5, 5, 2.5) else c(-0.5, 0, 2, 0)
  gate_slope <- if (regime == 1) 5 else -6
  list(
    truth = mixing_measure(cbind(c(0, gate_slope), c(0, 0)), coefficients, gating = gate, family = multinomial()),
    experts = experts, x = uniform_design(-3, 3), n = round(10^seq(3.5, 5, length.out = 10)),
    replications = if (experts == 2) 40 else 10, loss = if (experts == 2) "exact" else "over",
    source = "arXiv:2310.14188",
    note = "Settings chosen here: the paper's are not known to us."
  )
}

designs_table <- list(
  "softmax-exact" = function() softmax_design(2),
  "softmax-over" = function() softmax_design(3),
  "topk-exact" = function() topk_design(3, 2, "exact"),
  "topk-few" = function() topk_design(4, 1, list(hellinger = topk_distance)),
  "topk-over" = function() topk_design(4, 3, "over"),
  "temperature-linear" = function() temperature_design("identity", cbind(c(0.5, 2), c(0, 0)), 0.8),
  "temperature-tanh" = function() temperature_design("tanh", cbind(c(-0.2, -2), c(0, -0.5)), 0.3),
  "multinomial-exact" = function() multinomial_design(2, 1),
  "multinomial-regime1" = function() multinomial_design(3, 1),
  "multinomial-regime2" = function() multinomial_design(3, 2),
  "multinomial-regime1-modified" = function() multinomial_design(3, 1, gate_modified("tanh")),
  "multinomial-regime2-modified" = function() multinomial_design(3, 2, gate_modified("tanh"))
)

#' @rdname theory_design
#' @export
print.theory_design <- function(x, ...) {
  check_call(..., .passed = print_arguments)
  cat(sprintf("Design %s (%s): %d experts fitted, %s\n", x$name, x$source, as.integer(x$experts), format(x$gate)))
  cat(sprintf("%d sizes from %s to %s, %d replications. %s\n\nTruth: ", length(x$n), format(min(x$n)), format(max(x$n)),
    as.integer(x$replications), x$note))
  print(x$truth, ...)
  invisible(x)
}
