#' Fitted values and residuals
#'
#' @param object A fit by [moe()].
#' @param type What is returned for every row, with \eqn{\hat y}{yhat} the mean of the mixture:
#'   * `"response"`: \eqn{y - \hat y}{y - yhat}; for multinomial experts indicators of the class, or shares of the
#'     counts, minus class probabilities, as in `nnet::multinom()`; of trials the share of successes minus its
#'     probability, as in [stats::glm()];
#'   * `"pearson"`: the same over the standard deviation of the mixture, whose variance is
#'     \eqn{\sum_k \pi_k (v_k + m_k^2) - \hat y^2}{sum_k pi_k (v_k + m_k^2) - yhat^2} with \eqn{m_k} and \eqn{v_k} mean
#'     and variance of expert \eqn{k};
#'   * `"deviance"`: \eqn{\pm \{2 (l^* - l)\}^{1/2}}{+-sqrt(2 (l* - l))} with \eqn{l} the log-density of the response
#'     and \eqn{l^*}{l*} that with the mean of every expert at the response, gate and standard deviations as they are;
#'     its sign is that of \eqn{y - \hat y}{y - yhat} (for multinomial experts, whose responses have no sign, positive).
#'     With one Gaussian expert it is the residual over `sigma`, with one Gamma expert `glm()`'s over `sigma`, with one
#'     binomial or Poisson expert `glm()`'s;
#'   * `"quantile"`: \eqn{\Phi^{-1}(F(y))} (Dunn and Smyth 1996), standard normal where the model is right, however
#'     many modes the mixture has. Where probability lies on points, a uniform draw between \eqn{F} before and at the
#'     response, from R's generator, takes the place of \eqn{F(y)}. Classes are taken in their order; rows of counts of
#'     several classes have none. Probabilities below the smallest positive number count as that: residuals stay between
#'     -37.6 and 37.6.
#' @param ... Not used: anything else is an error.
#' @return A vector with an element for every row that was used, for every row of the data under [na.exclude()];
#'   response residuals are in units of the response, the others have none. For multinomial experts response and Pearson
#'   residuals are a matrix with a column for every class. Fitted values are the means of the mixture, as from
#'   [predict.moe()].
#' @references Dunn, P. K. and Smyth, G. K. (1996). Randomized quantile residuals. Journal of Computational and
#'   Graphical Statistics 5, 236-244.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' head(fitted(fit))
#' head(residuals(fit))
#' qqnorm(residuals(fit, type = "quantile"))
#' @export
fitted.moe <- function(object, ...) {
  check_call(...)
  predict(object)
}

#' @rdname fitted.moe
#' @export
residuals.moe <- function(object, type = c("response", "pearson", "deviance", "quantile"), ...) {
  check_call(...)
  type <- check_choice(type, c("response", "pearson", "deviance", "quantile"), "type")
  design <- fitted_design(object)
  values <- switch(type, response = response_residuals(object, design), pearson = pearson_residuals(object, design),
    deviance = deviance_residuals(object, design), quantile = quantile_residuals(object, design)
  )
  stats::naresid(object$na.action, values)
}

response_residuals <- function(object, design) {
  observed(object, design$y) - predict_rows(object, design, "response")
}

pearson_residuals <- function(object, design) {
  response_residuals(object, design) / sqrt(mixture_variance(object, design))
}

# Variance of the response; of indicators or shares of classes, p (1 - p) over the size of the row.
mixture_variance <- function(object, design) {
  mean <- predict_rows(object, design, "response")
  if (has_classes(object)) return(mean * (1 - mean) / rowSums(class_counts(object, design$y)))
  gate <- predict_rows(object, design, "gate")
  means <- predict_rows(object, design, "experts")
  # sum_k pi_k (v_k + (m_k - m)^2)
  variance <- experts_of(object)$variance(means, object$estimates)
  if (has_trials(object)) variance <- variance / trials(design$y)
  rowSums(gate * (variance + (means - mean)^2))
}

deviance_residuals <- function(object, design) {
  size <- sqrt(2 * pmax(saturated_log_density(object, design) - predict_rows(object, design, "log_density"), 0))
  if (has_classes(object)) size else size * sign(response_residuals(object, design))
}

saturated_log_density <- function(object, design) {
  if (has_classes(object)) return(apply(class_counts(object, design$y), 1, saturated_multinomial))
  gate <- predict_rows(object, design, "gate")
  as.vector(experts_of(object)$saturated(design$y, gate, object$estimates))
}

saturated_multinomial <- function(counts) {
  if (sum(counts) == 0) return(0)
  stats::dmultinom(counts, prob = counts / sum(counts), log = TRUE)
}

quantile_residuals <- function(object, design, share = stats::runif(nrow(design$x))) {
  if (has_classes(object) && NCOL(design$y) > 1) {
    abort_moe("type", "Rows of counts of several classes have no order: there are no quantile residuals.")
  }
  tails <- probability_tails(object, design, share)
  tails <- lapply(tails, function(p) pmin(pmax(p, .Machine$double.xmin), 1))
  residual <- ifelse(tails$lower < 0.5, stats::qnorm(tails$lower), -stats::qnorm(tails$upper))
  stats::setNames(residual, rownames(design$x))
}

# F and 1 - F at the response, or of discrete ones at a uniform draw between those before and at it, whose `share` of
# the response's probability lies below.
probability_tails <- function(object, design, share = stats::runif(nrow(design$x))) {
  lower <- predict_rows(object, design, "cdf")
  upper <- predict_rows(object, design, "survival")
  if (!experts_of(object)$discrete) return(list(lower = lower, upper = upper))
  jump <- predict_rows(object, design, "density")
  list(lower = lower - share * jump, upper = upper + share * jump)
}
