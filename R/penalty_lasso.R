#' Lasso penalty
#'
#' Penalises the slopes of gate and experts in [moe()] and [moe_fit()]. The fit then maximises
#' \deqn{\frac1n \sum_i w_i \log f(y_i | x_i, z_i) - \lambda_g \|\mathrm{gate\ slopes}\|_1 -
#'   \lambda_e \|\mathrm{expert\ slopes}\|_1 - \frac{\rho}{2} \|\mathrm{gate\ slopes}\|_2^2,}{%
#'   (1/n) sum_i w_i log f(y_i|x_i,z_i) - lambda_g |gate slopes|_1 - lambda_e |expert slopes|_1
#'   - rho/2 |gate slopes|_2^2,}
#' the Lasso estimator of Nguyen et al. (2020), with the ridge of Chamroukhi and Huynh (2019). Intercepts and standard
#' deviations are not penalised. Slopes are those of columns scaled to standard deviation one (divisor \eqn{n}, as in
#' 'glmnet'); coefficients are returned on the user's scale.
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
#' @param experts,gate Each of them. `experts` is per unit of the response: to a fit of `y` with `lambda` belongs one of
#'   `10 * y` with `lambda / 10`.
#' @param ridge \eqn{\rho}, not negative.
#' @param factors `NULL`, or a list with `experts` and `gate`: numbers that are not negative, one for every column of
#'   the design, that multiply `lambda`; 0 leaves a column free. The intercept's does not count.
#' @param reference `NULL`, or the number of the expert without gate coefficients.
#' @param standardize Scale the columns to standard deviation one.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"moe_penalty"`.
#' @section Errors: class `expertmix_error_penalty`.
#' @references Nguyen, T., Nguyen, H. D., Chamroukhi, F. and McLachlan, G. J. (2020). Non-asymptotic oracle inequalities
#'   for the Lasso in high-dimensional mixture of experts. arXiv:2009.10622.
#'
#'   Chamroukhi, F. and Huynh, B. T. (2019). Regularized maximum likelihood estimation and feature selection in
#'   mixtures-of-experts models. Journal de la Societe Francaise de Statistique 160(1), 57-85. arXiv:1810.12161.
#' @examples
#' fit <- moe(mpg ~ ., mtcars, experts = 1, penalty = penalty_lasso(0.05))
#' coef(fit, part = "experts")
#' fit$record$certificate$violation
#' @export
penalty_lasso <- function(lambda, experts = lambda, gate = lambda, ridge = 0, factors = NULL, reference = NULL,
                          standardize = TRUE, ...) {
  check_call(..., .hints = c(alpha = "There is no elastic net: see `gate` and `ridge`."), .what = "penalty")
  if (missing(lambda) && (missing(experts) || missing(gate))) {
    abort_moe("penalty", "`lambda` is missing.", "Give it, or both `experts` and `gate`.")
  }
  for (name in c("experts", "gate", "ridge")) check_size(get(name), name)
  if (!is.null(reference) && (!is_whole(reference) || reference < 1)) {
    abort_moe("penalty", "`reference` must be NULL or the number of an expert.")
  }
  if (!rlang::is_bool(standardize)) abort_moe("penalty", "`standardize` must be TRUE or FALSE.")
  new_object(
    list(
      experts = as.double(experts), gate = as.double(gate), ridge = as.double(ridge), factors = check_factors(factors),
      reference = reference, standardize = standardize
    ),
    class = "moe_penalty"
  )
}

#' @export
print.moe_penalty <- function(x, ...) {
  check_call(..., .passed = print_arguments)
  cat(sprintf("Lasso penalty: experts %s, gate %s%s%s\n", format(x$experts), format(x$gate),
    if (x$ridge > 0) paste(", ridge", format(x$ridge)) else "",
    if (is.null(x$reference)) "" else paste(", reference expert", x$reference)))
  invisible(x)
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

constant_columns <- function(x) {
  if (is.matrix(x)) {
    first <- x[rep(1L, nrow(x)), , drop = FALSE]
    return(colSums(x != first) == 0 & x[1, ] != 1)
  }
  filled <- diff(x@p)
  range <- vapply(seq_len(ncol(x)), function(j) {
    values <- x@x[seq_len(filled[j]) + x@p[j]]
    if (filled[j] < nrow(x)) values <- c(values, 0)
    c(min(values), max(values))
  }, double(2))
  range[1, ] == range[2, ] & range[1, ] != 1
}
