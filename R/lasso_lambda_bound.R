#' The theory's penalty for the Lasso
#'
#' The shape of the smallest penalty under which the oracle inequality of Nguyen et al. (2020) holds, for \eqn{n} rows,
#' \eqn{p} covariates, \eqn{K} experts and responses of dimension \eqn{q}:
#' \deqn{c K \frac{q \log n \sqrt{\log(2p + 1)} + 1}{\sqrt n}.}{c K (q log n sqrt(log(2 p + 1)) + 1) / sqrt(n).}
#'
#' It tells how a penalty that suits one data set is to change with \eqn{n} and \eqn{p}, and not how large it should be.
#' In the inequality, \eqn{c} is a number of at least 148 times bounds on the true parameters that are not known in
#' practice and that grow with \eqn{\log n} themselves; these constants have not been verified here, and a penalty with
#' them would set every slope to zero. Choose the penalty by [moe_path()] and [cv_moe()].
#'
#' @param n,p Numbers of rows and of covariates, without intercept; vectors of the same length, or one of them a number.
#' @param experts,responses \eqn{K} and \eqn{q}, whole numbers.
#' @param constant \eqn{c}, positive.
#' @param ... Not used: anything else is an error.
#' @return A vector of penalties, for the argument `lambda` of [penalty_lasso()].
#' @section Errors: class `expertmix_error_bound`.
#' @references Nguyen, T., Nguyen, H. D., Chamroukhi, F. and McLachlan, G. J. (2020). Non-asymptotic oracle inequalities
#'   for the Lasso in high-dimensional mixture of experts. arXiv:2009.10622.
#' @examples
#' # A penalty of 0.05 was good for 200 rows and 50 covariates.
#' # The same constant for 1000 rows and 500:
#' constant <- 0.05 / lasso_lambda_bound(200, 50)
#' lasso_lambda_bound(1000, 500, constant = constant)
#' @export
lasso_lambda_bound <- function(n, p, experts = 2, responses = 1, constant = 1, ...) {
  check_call(..., .what = "bound")
  check_required("n", "p")
  check_dimension(n, "n")
  check_dimension(p, "p")
  if (length(n) != length(p) && min(length(n), length(p)) > 1) {
    abort_moe("bound", "`n` and `p` must have the same length, or one of them length 1.")
  }
  if (!is_whole(experts) || experts < 1) abort_moe("bound", "`experts` must be a whole number >= 1.")
  if (!is_whole(responses) || responses < 1) abort_moe("bound", "`responses` must be a whole number >= 1.")
  if (!is_number(constant) || !is.finite(constant) || constant <= 0) {
    abort_moe("bound", "`constant` must be one positive number.")
  }
  constant * experts * (responses * log(n) * sqrt(log(2 * p + 1)) + 1) / sqrt(n)
}

check_dimension <- function(values, name) {
  whole <- is.numeric(values) && length(values) > 0 && all(is.finite(values))
  if (!whole || any(values < 1 | values != round(values))) {
    abort_moe("bound", sprintf("`%s` must hold whole numbers >= 1.", name))
  }
}
