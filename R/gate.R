#' Softmax gate
#'
#' The gate gives expert \eqn{k} the probability
#' \deqn{\pi_k(z) = \exp(s_k) / \sum_j \exp(s_j), \quad s_k = [h(\beta_{1k}' M(z)) + \beta_{0k}] / \tau}{%
#'   pi_k(z) = exp(s_k) / sum_j exp(s_j),  s_k = [h(beta_1k' M(z)) + beta_0k] / tau}
#' of generating a row with gate covariates \eqn{z}. A gate is four choices: the transform \eqn{M} of the covariates, the
#' activation \eqn{h}, the temperature \eqn{\tau}{tau} and how many experts are active. In this version each has one
#' setting, that of the softmax gate: expert 1 is the reference and its coefficients are zero.
#'
#' @param transform `NULL`: the covariates as they are.
#' @param activation `"identity"`.
#' @param temperature 1.
#' @param top_k `NULL`: every expert is active in every row.
#' @return An object of class `"moe_gate"`, for the argument `gate` of [moe()].
#' @section Errors: any other setting is an error of class `expertmix_error_gate`.
#' @references Nguyen, H., Nguyen, T. and Ho, N. (2023). Demystifying softmax gating function in Gaussian mixture of
#'   experts. arXiv:2305.03288.
#' @examples
#' gate_softmax()
#' @export
gate_softmax <- function(transform = NULL, activation = "identity", temperature = 1, top_k = NULL) {
  if (!is.null(transform)) abort_gate("transform", "NULL")
  if (!identical(activation, "identity")) abort_gate("activation", '"identity"')
  if (!is_number(temperature) || temperature != 1) abort_gate("temperature", "1")
  if (!is.null(top_k)) abort_gate("top_k", "NULL")
  structure(
    list(transform = transform, activation = activation, temperature = temperature, top_k = top_k),
    class = "moe_gate"
  )
}

abort_gate <- function(argument, available) {
  abort_moe("gate", sprintf("This `%s` is not available yet: only %s is.", argument, available))
}

check_gate <- function(gate) {
  if (!inherits(gate, "moe_gate")) abort_moe("gate", "`gate` must be a gate object.", "For example `gate_softmax()`.")
  gate
}

#' @export
print.moe_gate <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}

#' @export
format.moe_gate <- function(x, ...) "softmax gate"
