#' Lasso penalty
#'
#' Penalises the slopes of gate and experts in [moe()] and [moe_fit()]. The fit then maximises
#' \deqn{\frac1n \sum_i w_i \log f(y_i | x_i, z_i) - \lambda_g \|\mathrm{gate\ slopes}\|_1 -
#'   \lambda_e \sum_k \bar\pi_k \|b_k\|_1 / \sigma_k - \frac{\rho}{2} \|\mathrm{gate\ slopes}\|_2^2,}{%
#'   (1/n) sum_i w_i log f(y_i|x_i,z_i) - lambda_g |gate slopes|_1 - lambda_e sum_k p_k |b_k|_1 / sigma_k
#'   - rho/2 |gate slopes|_2^2,}
#' where \eqn{b_k} are the slopes of expert \eqn{k} and \eqn{\bar\pi_k}{p_k} is its average gate probability, which
#' takes part in the maximisation: the penalty of Staedler, Buehlmann and van de Geer (2010) for mixtures of experts. It
#' does not depend on the unit of the response: to a fit of \eqn{y} with \eqn{\lambda} belongs one of \eqn{10 y} with
#' the same \eqn{\lambda}. Intercepts and standard deviations are not penalised. Slopes are those of columns scaled to
#' standard deviation one (divisor \eqn{n}, as in 'glmnet'); coefficients are returned on the user's scale.
#'
#' With `gamma` below 1 the \eqn{\bar\pi_k}{p_k} of the penalty is \eqn{\bar\pi_k^\gamma}{p_k^gamma} and does not take
#' part: the fit satisfies the optimality conditions with the numbers that belong to its own probabilities, found by
#' climbing again until they do. Small experts are then shrunken more than large ones; at 0 one of three experts is
#' often lost.
#'
#' With `scaled = FALSE` the experts' part is \eqn{\lambda_e \sum_k \|b_k\|_1}{lambda_e sum_k |b_k|_1}: the Lasso
#' estimator of Nguyen et al. (2020), with the ridge of Chamroukhi and Huynh (2019). Its threshold is \eqn{\lambda
#' \sigma_k^2}, so that with many covariates the fit without slopes beats the truth. Experts that are not Gaussian
#' always have this penalty: those without a standard deviation, Gamma experts, whose slopes have no unit, and Student-t
#' experts.
#'
#' All experts and all classes have slopes: none is special. The likelihood does not change when the same number is
#' added to the gate slopes of a covariate in all experts (likewise to an expert's slopes of a covariate in all
#' classes); of these equivalent fits the one with the smallest penalty and the most zeros is returned; where that
#' leaves a choice, the first expert's slope that may be zero is. With `reference`, the gate slopes of that expert, and
#' those of the first class, are zero instead.
#'
#' A penalised likelihood has many local maxima, and where there are nearly as many columns as rows the highest one has
#' experts that interpolate. See [moe_path()] for how they are searched; a fit at one `lambda` is the end of a short
#' path.
#'
#' @param lambda Both penalties, a number that is not negative.
#' @param experts,gate Each of them. For [moe_path()] `gate` may be several numbers to try. Where it is not scaled,
#'   `experts` is per unit of the response: to a fit of `y` with `lambda` belongs one of `10 * y` with `lambda / 10`.
#' @param ridge \eqn{\rho}, not negative.
#' @param factors `NULL`, or a list with `experts` and `gate`: numbers that are not negative, one for every column of
#'   the design, that multiply `lambda`; 0 leaves a column free. The intercept's does not count.
#' @param adaptive `NULL`, or a penalised fit of the same model, the pilot: every slope's penalty is multiplied by
#'   \eqn{|\mathrm{slope}|^{-\mathrm{power}}}{|slope|^-power} (of standardised columns, over \eqn{\sigma_k} where it is
#'   scaled), and slopes that are zero in the pilot stay zero. Experts keep the pilot's labels, and fits start there.
#' @param power Of the adaptive weights, positive.
#' @param scaled Whether slopes of Gaussian experts count over \eqn{\sigma_k}, times their average gate probability.
#' @param reference `NULL`, or the number of the expert without gate coefficients.
#' @param standardize Scale the columns to standard deviation one.
#' @param alpha Of the elastic net (Zou and Hastie 2005), above 0 and at most 1: in both parts
#'   \eqn{\alpha |b| + (1 - \alpha) b^2 / 2}{alpha |b| + (1 - alpha) b^2 / 2} takes the place of \eqn{|b|} for every
#'   slope, \eqn{b / \sigma_k} that of \eqn{b} where it is scaled; where it is not, \eqn{b^2} of Gaussian experts is
#'   over the standard deviation of the response, as in 'glmnet', so that both parts have its unit. Below 1 correlated
#'   covariates share a coefficient.
#' @param gamma Of the average gate probability in a scaled penalty, from 0 to 1.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"moe_penalty"`.
#' @section Errors: class `expertmix_error_penalty`.
#' @references Staedler, N., Buehlmann, P. and van de Geer, S. (2010). l1-penalization for mixture regression models.
#'   TEST 19, 209-256.
#'
#'   Zou, H. (2006). The adaptive Lasso and its oracle properties. Journal of the American Statistical Association 101,
#'   1418-1429.
#'
#'   Zou, H. and Hastie, T. (2005). Regularization and variable selection via the elastic net. Journal of the Royal
#'   Statistical Society B 67, 301-320.
#'
#'   Nguyen, T., Nguyen, H. D., Chamroukhi, F. and McLachlan, G. J. (2020). Non-asymptotic oracle inequalities
#'   for the Lasso in high-dimensional mixture of experts. arXiv:2009.10622.
#'
#'   Chamroukhi, F. and Huynh, B. T. (2019). Regularized maximum likelihood estimation and feature selection in
#'   mixtures-of-experts models. Journal de la Societe Francaise de Statistique 160(1), 57-85. arXiv:1810.12161.
#' @examples
#' fit <- moe(mpg ~ ., mtcars, experts = 1, penalty = penalty_lasso(0.05))
#' coef(fit, part = "experts")
#' fit$record$certificate$violation
#' @export
penalty_lasso <- function(lambda, experts = lambda, gate = lambda, ridge = 0, factors = NULL, adaptive = NULL,
                          power = 1, scaled = TRUE, reference = NULL, standardize = TRUE, alpha = 1, gamma = 1,
                          ...) {
  check_call(..., .what = "penalty")
  if (missing(lambda) && (missing(experts) || missing(gate))) {
    abort_moe("penalty", "`lambda` is missing.", "Give it, or both `experts` and `gate`.")
  }
  for (name in c("experts", "ridge")) check_size(get(name), name)
  check_gate_sizes(gate)
  check_reference(reference)
  check_alpha(alpha)
  if (!is_number(gamma) || gamma < 0 || gamma > 1) {
    abort_moe("penalty", "`gamma` must be one number from 0 to 1.", "1/2 and 1 are those of the literature.")
  }
  for (name in c("scaled", "standardize")) {
    if (!rlang::is_bool(get(name))) abort_moe("penalty", sprintf("`%s` must be TRUE or FALSE.", name))
  }
  new_object(
    list(
      experts = as.double(experts), gate = as.double(gate), ridge = as.double(ridge), factors = check_factors(factors),
      adaptive = check_adaptive(adaptive, power), scaled = if (!missing(scaled)) scaled, reference = reference,
      standardize = standardize, alpha = as.double(alpha), gamma = as.double(gamma)
    ),
    class = "moe_penalty"
  )
}

#' @export
print.moe_penalty <- function(x, ...) {
  check_call(..., .passed = print_arguments)
  gate <- paste(format(x$gate), collapse = " or ")
  cat(sprintf("%s penalty: experts %s, gate %s%s%s%s%s%s\n", penalty_name(x), format(x$experts), gate,
    if (x$ridge > 0) paste(", ridge", format(x$ridge)) else "",
    if (length(x$adaptive)) paste(", adaptive with power", format(x$adaptive$power)) else "",
    if (isFALSE(x$scaled)) ", in units of the response" else "",
    if (x$gamma < 1) paste(", gamma", format(x$gamma)) else "",
    if (is.null(x$reference)) "" else paste(", reference expert", x$reference)))
  invisible(x)
}

penalty_name <- function(penalty) {
  if (penalty$alpha == 1) "Lasso" else sprintf("Elastic net (alpha %s)", format(penalty$alpha))
}

check_reference <- function(reference) {
  if (!is.null(reference) && (!is_whole(reference) || reference < 1)) {
    abort_moe("penalty", "`reference` must be NULL or the number of an expert.")
  }
}

check_alpha <- function(alpha) {
  if (!is_number(alpha) || alpha <= 0 || alpha > 1) {
    abort_moe("penalty", "`alpha` must be one number above 0 and at most 1.",
      "At 0 no slope would be zero at any `lambda`: see `ridge`.")
  }
}

check_size <- function(value, name) {
  if (!is_number(value) || !is.finite(value) || value < 0) {
    abort_moe("penalty", sprintf("`%s` must be one number that is not negative.", name))
  }
}

check_factors <- function(factors) {
  if (is.null(factors)) return(NULL)
  known <- is.list(factors) && length(factors) > 0 && all(names(factors) %in% c("experts", "gate"))
  if (!known || is.null(names(factors))) {
    abort_moe("penalty", "`factors` must be a list with `experts`, `gate` or both.")
  }
  for (part in names(factors)) {
    values <- factors[[part]]
    if (!is.numeric(values) || !all(is.finite(values)) || any(values < 0)) {
      abort_moe("penalty", sprintf("The `factors` of the %s must be numbers that are not negative.", part))
    }
  }
  lapply(factors, as.double)
}

check_gate_sizes <- function(gate) {
  if (!is.numeric(gate) || length(gate) == 0 || !all(is.finite(gate)) || any(gate < 0)) {
    abort_moe("penalty", "`gate` must be a number that is not negative, or several for `moe_path()` to try.")
  }
  if (anyDuplicated(gate)) abort_moe("penalty", "`gate` holds a number twice.")
}

# What of a pilot fit adaptive weights are made from.
check_adaptive <- function(adaptive, power) {
  if (!is_number(power) || !is.finite(power) || power <= 0) {
    abort_moe("penalty", "`power` must be one positive number.")
  }
  if (is.null(adaptive)) return(NULL)
  if (!inherits(adaptive, "moe")) {
    abort_moe("penalty", "`adaptive` must be NULL or a fit, whose slopes weigh the penalty.",
      "For example `select_fit(moe_path(...))`.")
  }
  list(estimates = adaptive$estimates, power = as.double(power))
}

# A penalty that knows whether slopes count in units of sigma: by default those of Gaussian experts do.
completed_penalty <- function(penalty, checked) {
  gaussian <- identical(checked$family$family, "gaussian")
  if (isTRUE(penalty$scaled) && !gaussian) {
    abort_moe("penalty", "`scaled` must be FALSE: it is for Gaussian experts alone.", "Leave it out.")
  }
  penalty$scaled <- penalty$scaled %||% gaussian
  if (penalty$gamma < 1 && !penalty$scaled) {
    abort_moe("penalty", "`gamma` is of a scaled penalty: this one has no gate probabilities.", "Leave it out.")
  }
  penalty
}

# The factors of all slopes, terms x experts where they are adaptive: |slope|^-power in standard deviations of the
# covariates and, if they are scaled, of the experts; a slope that is zero in the pilot is left out.
adaptive_factors <- function(penalty, design) {
  given <- list(experts = as.matrix(penalty$factors$experts %||% double()),
    gate = as.matrix(penalty$factors$gate %||% double()))
  if (length(penalty$adaptive) == 0) return(given)
  pilot <- penalty$adaptive$estimates
  designs <- list(experts = design$x, gate = design$z %||% design$x)
  out <- lapply(names(given), function(part) {
    values <- pilot[[part]]
    if (length(dim(values)) == 3) values <- apply(abs(values), c(1, 3), max)
    size <- abs(values) * if (penalty$standardize) column_sds(designs[[part]]) else 1
    if (part == "experts" && penalty$scaled) size <- sweep(size, 2, pilot$sigma, "/")
    factors <- size^-penalty$adaptive$power
    if (length(given[[part]])) factors <- ifelse(is.finite(factors), factors * c(given[[part]]), Inf)
    unname(factors)
  })
  stats::setNames(out, names(given))
}

check_pilot <- function(pilot, design, experts) {
  if (length(pilot) == 0) return(invisible())
  same <- identical(rownames(pilot$estimates$experts), colnames(design$x)) &&
    identical(rownames(pilot$estimates$gate), colnames(design$z %||% design$x))
  if (!same) {
    abort_moe("penalty", "The `adaptive` fit has other terms than these designs.", "Fit it with the same formula.")
  }
  if (ncol(pilot$estimates$gate) != experts) {
    abort_moe("penalty", sprintf("The `adaptive` fit has %d experts, not %d.", ncol(pilot$estimates$gate), experts))
  }
  any_slope <- function(values, x) any(pick_rows(values, which(!flat_columns(x))) != 0)
  if (!any_slope(pilot$estimates$experts, design$x) && !any_slope(pilot$estimates$gate, design$z %||% design$x)) {
    abort_moe("penalty", "The `adaptive` fit has no slopes: it would leave out all.", "Take one at a smaller lambda.")
  }
}

check_penalty <- function(penalty) {
  if (!is.null(penalty) && !inherits(penalty, "moe_penalty")) {
    abort_moe("penalty", "`penalty` must be NULL or made by `penalty_lasso()`.")
  }
  check_version(penalty)
}

# A penalty against what it penalises.
check_penalised <- function(penalty, design, experts, gate) {
  check_penalised_gate(gate, experts)
  if (!is.null(penalty$reference) && penalty$reference > experts) {
    abort_moe("penalty", sprintf("`reference` is %d, but there are %d experts.", penalty$reference, experts))
  }
  check_varying_columns(design$x, "x")
  if (!is.null(design$z)) check_varying_columns(design$z, "z")
  check_factors_size(penalty$factors$experts, design$x, "experts")
  check_factors_size(penalty$factors$gate, design$z %||% design$x, "gate")
  check_pilot(penalty$adaptive, design, experts)
}

check_penalised_gate <- function(gate, experts) {
  if (!is.null(gate$top_k) && gate$top_k < experts) {
    abort_moe("penalty", "A top-K gate cannot be penalised: its likelihood jumps, so no condition tells an optimum.",
      "Use `gate_softmax()`, or a top-K gate without `penalty`.")
  }
  if (is.null(gate$temperature)) {
    abort_moe("penalty",
      "An estimated temperature cannot go with a penalty: both would shrink together to no penalty at all.",
      "Give the gate a fixed `temperature`.")
  }
}

check_factors_size <- function(factors, design, part) {
  if (length(factors) && length(factors) != ncol(design)) {
    abort_moe("penalty", sprintf("The `factors` of the %s are %d for %d columns.", part, length(factors), ncol(design)))
  }
}

# A column other than ones that is constant would compete with the intercept, which is not penalised.
check_varying_columns <- function(x, argument) {
  constant <- which(constant_columns(x))
  if (length(constant) == 0) return(invisible())
  names <- if (is.null(colnames(x))) constant else colnames(x)[constant]
  abort_moe("penalty", sprintf("Column %s of the %s is constant.", quoted(names), designs[[argument]]),
    "Leave it out: the intercept is not penalised.")
}

constant_columns <- function(x) flat_columns(x) & seq_len(ncol(x)) != ones_column(x)

# Columns of one value.
flat_columns <- function(x) {
  if (is.matrix(x)) return(colSums(x != x[rep(1L, nrow(x)), , drop = FALSE]) == 0)
  filled <- diff(x@p)
  vapply(seq_len(ncol(x)), function(j) {
    values <- x@x[seq_len(filled[j]) + x@p[j]]
    if (filled[j] < nrow(x)) values <- c(values, 0)
    min(values) == max(values)
  }, NA)
}
