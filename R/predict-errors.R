# Standard errors of what a mixture predicts, and intervals for its means and probabilities, by the delta method.

# What is asked of the errors of predictions: a covariance of the parameters, and whether intervals hold all rows at
# once.
asked_errors <- function(object, type, vcov, simultaneous) {
  if (!type %in% c("response", "experts", "gate")) {
    abort_moe("type", sprintf('`type = "%s"` has no standard errors.', type),
      'Use "response", "experts" or "gate".')
  }
  refuse_penalised(object, "standard errors of predictions")
  list(covariance = covariance_of_predictions(object, vcov), simultaneous = check_flag(simultaneous, "simultaneous"))
}

# That of a generalised inverse of the information, which serves for whatever the data hold; one of NA, with a warning,
# where there is none.
covariance_of_predictions <- function(object, vcov) {
  covariance <- asked_covariance(object, vcov, whole_covariance)
  if (all(is.na(covariance))) warn_singular(object, covariance)
  covariance
}

whole_covariance <- function(object, type = c("observed", "sandwich", "opg"), cluster = NULL) {
  or_unknown(full_covariance(object, chosen_errors(object, type, cluster)), object)
}

# For every column of a prediction the derivatives of its rows in the parameters.
prediction_gradients <- function(object, rows, type) {
  rows$z <- transformed_z(object$gate, rows, object$transformed)
  gradients_at(object, rows, type)
}

# The same of a design with its gate's transform.
gradients_at <- function(object, design, type) {
  lapply(predicted_quantities(object, type), computed_gradients, fit = object, design = design)
}

# What the columns of a prediction are, in their order.
predicted_quantities <- function(object, type) {
  experts <- seq_along(object$mass)
  outcomes <- seq_len(max(1, length(object$classes$labels)))
  quantity <- function(kind, expert, outcome) list(kind = kind, expert = expert, outcome = outcome)
  switch(type,
    response = lapply(outcomes, quantity, kind = "mean", expert = 1),
    gate = lapply(experts, quantity, kind = "gate", outcome = 1),
    experts = unlist(lapply(experts, function(k) lapply(outcomes, quantity, kind = "expert", expert = k)), FALSE)
  )
}

# sqrt(g' V g) of every row and column; NA where the data do not hold the prediction.
standard_errors_at <- function(object, gradients, covariance) {
  errors <- lapply(gradients, function(g) {
    variance <- quadratic_forms(g, covariance)
    replace(sqrt(pmax(variance, 0)), !are_held(object, g, covariance), NA)
  })
  matrix(unlist(errors), ncol = length(gradients))
}

# Predictions with standard errors and, where asked for, intervals: list(fit, se.fit, lwr, upr), all of one shape.
predicted_with_errors <- function(object, design, asked) {
  critical <- stats::qnorm(0.5 + asked$level / 2)
  names <- row_names(object, asked$type, NULL)
  fit <- predict_rows(object, design, asked$type)
  errors <- for_complete_rows(design, names, function(rows) {
    gradients <- prediction_gradients(object, rows, asked$type)
    se <- standard_errors_at(object, gradients, asked$errors$covariance)
    if (asked$errors$simultaneous) critical <<- simultaneous_factor(gradients, se, asked$errors$covariance, asked$level)
    se
  })
  c(list(fit = fit, se.fit = errors), bounded_interval(fit, errors, critical, prediction_link(object, asked$type)))
}

# The scale on which estimates are nearest to normal: probabilities' logits, the logarithm of a positive mean.
prediction_link <- function(object, type) {
  if (type == "gate" || has_classes(object)) return(exact_logit)
  stats::make.link(object$family$link)
}

# Without the limits of make.link("logit"), which keeps probabilities above 2.2e-16.
exact_logit <- list(
  linkfun = stats::qlogis, linkinv = stats::plogis, mu.eta = function(eta) stats::plogis(eta) * stats::plogis(-eta)
)

# eta(fit) -+ critical se / |d mu / d eta|, brought back. An error of zero is an interval of no width.
bounded_interval <- function(fit, errors, critical, link) {
  if (length(fit) == 0) return(list(lwr = fit, upr = fit))
  flat <- as.vector(fit)
  eta <- link$linkfun(flat)
  width <- ifelse(as.vector(errors) == 0 | is.infinite(eta), 0, critical * as.vector(errors) / link$mu.eta(eta))
  end <- function(sign) replace(fit, seq_along(flat), ifelse(width == 0, flat, link$linkinv(eta + sign * width)))
  list(lwr = end(-1), upr = end(1))
}

# The `level` quantile of max_i |g_i' d| / se_i with d ~ N(0, V): the factor of a band that holds all rows and columns
# at once with that probability (sup-t band, Montiel Olea and Plagborg-Moller 2019), by 10000 draws from R's generator.
simultaneous_factor <- function(gradients, errors, covariance, level, draws = 1e4) {
  if (all(is.na(errors))) return(NA_real_)
  root <- covariance_root(covariance)
  deviations <- matrix(stats::rnorm(ncol(root) * draws), draws) %*% t(root)
  largest <- numeric(draws)
  for (j in seq_along(gradients)) {
    usable <- which(!is.na(errors[, j]) & errors[, j] > 0)
    for (chunk in split(usable, ceiling(seq_along(usable) / 100))) {
      scaled <- gradients[[j]][chunk, , drop = FALSE] / errors[chunk, j]
      shares <- abs(deviations %*% t(scaled))
      for (i in seq_along(chunk)) largest <- pmax(largest, shares[, i])
    }
  }
  stats::quantile(largest, level, names = FALSE)
}
