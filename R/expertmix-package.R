#' @keywords internal
#' @references Nguyen, H., Nguyen, T. and Ho, N. (2023). Demystifying softmax gating function in Gaussian mixture of
#'   experts. arXiv:2305.03288.
"_PACKAGE"

#' @useDynLib expertmix, .registration = TRUE
#' @importFrom Rcpp sourceCpp
#' @importFrom Formula Formula
#' @importFrom stats coef confint deviance df.residual family fitted formula logLik model.frame model.matrix nobs
#' @importFrom stats predict residuals sigma terms update vcov weights
#' @importFrom stats cooks.distance dfbeta dfbetas hatvalues influence
NULL
