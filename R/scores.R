#' Scores of predictive distributions
#'
#' How well the mixture's distribution predicts responses, row by row, by proper scoring rules (Gneiting and Raftery
#' 2007): of fits to compare, that with the better mean score on data that none of them has seen predicts better.
#'
#' @param object A fit by [moe()].
#' @param newdata As in [predict.moe()], with the response; by default the data of the fit, on which every score
#'   flatters.
#' @param ... Not used: anything else is an error.
#' @return A data frame with a row for every observation:
#'   * `log_score`: \eqn{\log f(y | x, z)}{log f(y|x,z)}, larger is better;
#'   * `crps`: the continuous ranked probability score
#'     \eqn{\int (F(t) - 1\{t \ge y\})^2 dt}{int (F(t) - 1(t >= y))^2 dt}, in units of the response, smaller is better
#'     (of normal mixtures in closed form, Grimit et al. 2006, likewise of Gamma mixtures; of counts a sum, of trials
#'     that over the numbers of successes; of Student-t mixtures by quadrature); not for classes;
#'   * `brier`: the squared distance of the class probabilities from the indicator, or the shares of a row of counts,
#'     smaller is better; for classes only;
#'   * `pit`: \eqn{F(y)}, of counts at a uniform draw between \eqn{F} before and at the response; uniform where the
#'     model is right; not for classes.
#' @references Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and estimation.
#'   Journal of the American Statistical Association 102, 359-378.
#'
#'   Grimit, E. P., Gneiting, T., Berrocal, V. J. and Johnson, N. A. (2006). The continuous ranked probability score for
#'   circular variables and its application to mesoscale forecast ensemble verification. Quarterly Journal of the Royal
#'   Meteorological Society 132, 2925-2942.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' colMeans(scores(fit))
#' scores(fit, data.frame(speed = c(5, 10), dist = c(2, 30)))
#' @export
scores <- function(object, newdata = NULL, ...) {
  check_call(..., .hints = c(data = "Did you mean `newdata`?"))
  check_is_fit(object)
  design <- given_design(object, newdata, TRUE)
  result <- data.frame(log_score = as.vector(predict_rows(object, design, "log_density")))
  if (has_classes(object)) {
    result$brier <- rowSums(response_residuals(object, design)^2)
    return(result)
  }
  result$crps <- experts_of(object)$crps(object, design)
  result$pit <- as.vector(probability_tails(object, design)$lower)
  result
}

# E|Y - y| - E|Y - Y'| / 2, where E|N(m, s^2)| = m (2 Phi(m / s) - 1) + 2 s phi(m / s).
normal_crps <- function(object, design) {
  y <- as.vector(design$y)
  sigma <- object$estimates$sigma
  gate <- predict_rows(object, design, "gate")
  means <- predict_rows(object, design, "experts")
  absolute <- function(m, s) m * (2 * stats::pnorm(m / s) - 1) + 2 * s * stats::dnorm(m / s)
  score <- 0
  for (k in seq_along(sigma)) {
    score <- score + gate[, k] * absolute(y - means[, k], sigma[k])
    for (l in seq_along(sigma)) {
      spread <- absolute(means[, k] - means[, l], sqrt(sigma[k]^2 + sigma[l]^2))
      score <- score - gate[, k] * gate[, l] * spread / 2
    }
  }
  as.vector(score)
}

# The same of Gamma mixtures: with X' of shape a + 1 beside X of shape a, E|X - y| = y (2 F(y) - 1) - m (2 F'(y) - 1)
# and E|X - Y| = m_X (2 P(X' > Y) - 1) + m_Y (2 P(Y' > X) - 1).
gamma_crps <- function(object, design) {
  y <- design$y
  shape <- 1 / object$estimates$sigma^2
  gate <- predict_rows(object, design, "gate")
  means <- predict_rows(object, design, "experts")
  from_number <- function(k) {
    below <- function(more) stats::pgamma(y * shape[k] / means[, k], shape[k] + more)
    y * (2 * below(0) - 1) - means[, k] * (2 * below(1) - 1)
  }
  # m_k (2 P(X_k' > X_l) - 1)
  above <- function(k, l) {
    share <- 1 / (1 + means[, k] * shape[l] / (means[, l] * shape[k]))
    means[, k] * (1 - 2 * stats::pbeta(share, shape[k] + 1, shape[l]))
  }
  score <- 0
  for (k in seq_along(shape)) {
    score <- score + gate[, k] * from_number(k)
    for (l in seq_along(shape)) score <- score - gate[, k] * gate[, l] * (above(k, l) + above(l, k)) / 2
  }
  as.vector(score)
}

# sum_t (F(t) - 1(t >= y))^2 over the numbers t of successes that there can be.
binomial_crps <- function(object, design) {
  y <- design$y
  gate <- predict_rows(object, design, "gate")
  means <- predict_rows(object, design, "experts")
  score <- double(nrow(means))
  for (t in seq_len(max(trials(y), 0, na.rm = TRUE)) - 1) {
    score <- score + (rowSums(gate * stats::pbinom(t, trials(y), means)) - (t >= successes(y)))^2
  }
  score
}

# sum_t (F(t) - 1(t >= y))^2 over the counts t that a mixture or its responses reach, but for (1 - F)^2 below 1e-14.
counts_crps <- function(object, design) {
  y <- as.vector(design$y)
  score <- double(length(y))
  last <- max(y, predict_rows(object, design, "quantile", 1 - 1e-7), na.rm = TRUE)
  for (t in 0:last) {
    design$y[] <- t
    score <- score + (as.vector(predict_rows(object, design, "cdf")) - (t >= y))^2
  }
  score
}

# int (F(t) - 1(t >= y))^2 dt by Gauss's rule between y and quantiles of the mixture.
quadrature_crps <- function(object, design) {
  y <- as.vector(design$y)
  lower <- c(10^-(9:2), 0.05, 1:4 / 10)
  ends <- cbind(predict_rows(object, design, "quantile", c(lower, 0.5, 1 - rev(lower))), y)
  ends <- t(apply(ends, 1, sort, na.last = TRUE))
  half <- (ends[, -1, drop = FALSE] - ends[, -ncol(ends), drop = FALSE]) / 2
  middle <- ends[, -1, drop = FALSE] - half
  score <- double(length(y))
  for (node in seq_along(gauss_rule$at)) {
    for (panel in seq_len(ncol(half))) {
      at <- middle[, panel] + gauss_rule$at[node] * half[, panel]
      design$y[] <- at
      excess <- as.vector(predict_rows(object, design, "cdf")) - (at >= y)
      score <- score + gauss_rule$weight[node] * half[, panel] * excess^2
    }
  }
  score
}

# Of eight points on (-1, 1).
gauss_rule <- list(
  at = c(-1, 1) %x% c(0.9602898564975363, 0.7966664774136267, 0.5255324099163290, 0.1834346424956498),
  weight = rep(c(0.1012285362903763, 0.2223810344533745, 0.3137066458778873, 0.3626837833783620), 2)
)
