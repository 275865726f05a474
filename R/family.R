#' Multinomial-logistic experts
#'
#' The family of experts for a categorical response: with \eqn{C} classes, expert \eqn{k} gives class \eqn{c} the
#' probability \deqn{p_{kc}(x) = \exp(x' b_{kc}) / \sum_d \exp(x' b_{kd}), \quad b_{k1} = 0,}{%
#'   p_kc(x) = exp(x'b_kc) / sum_d exp(x'b_kd),  b_k1 = 0,}
#' so the first class is the reference, and two classes are logistic regression. A mixture of such experts under a
#' softmax gate is the model of Nguyen et al. (2023).
#'
#' The response is a factor (its levels are the classes), a logical vector (classes `FALSE` and `TRUE`), or, as in
#' `nnet::multinom()`, a matrix of counts with a column for every class: a row of counts is one observation from one
#' expert, and its likelihood includes the multinomial coefficient. A factor or logical response implies this family.
#'
#' The maximum does not exist where covariates separate a class from others among an expert's rows, or where an expert
#' never meets a class: some coefficients then grow without bound. They are bounded, and named in a warning of class
#' `expertmix_warning_classes`; probabilities hardly notice, standard errors of these coefficients mean nothing.
#'
#' @param ... Not used: anything is an error.
#' @return An object of class `"family"`, for the argument `family` of [moe()].
#' @references Nguyen, H., Akbarian, P., Nguyen, T. and Ho, N. (2023). A general theory for softmax gating multinomial
#'   logistic mixture of experts. arXiv:2310.14188.
#' @examples
#' multinomial()
#' fit <- moe(Species ~ Petal.Width, iris, control = moe_control(starts = 10, seed = 1))
#' head(predict(fit))
#' table(iris$Species, predict(fit, type = "class"))
#' @export
multinomial <- function(...) {
  check_call(..., .what = "family")
  structure(list(family = "multinomial", link = "logit"), class = "family")
}

# The family that was asked for, by an object, a function that makes one, or a name.
check_family <- function(family) {
  if (is.function(family)) family <- tryCatch(family(), error = function(cause) NULL)
  name <- if (inherits(family, "family")) family$family else family
  if (!identical(name, "gaussian") && !identical(name, "multinomial")) {
    shown <- if (is.character(name) && length(name) == 1) paste0('"', name, '"') else "this"
    abort_moe("family", sprintf("`family` %s is not available: gaussian() and multinomial() are.", shown))
  }
  if (identical(name, "multinomial")) return(multinomial())
  if (inherits(family, "family") && family$link != "identity") {
    abort_moe("family",
      sprintf('The link "%s" is not available: Gaussian experts have the identity link.', family$link))
  }
  stats::gaussian()
}

# The family of a response where none was asked for.
implied_family <- function(y) if (is.factor(y) || is.logical(y)) multinomial() else stats::gaussian()

is_multinomial <- function(object) object$family$family == "multinomial"
