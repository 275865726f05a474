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

# NA for what the data do not hold, with a warning where that is everything.
covariance_of_predictions <- function(object, vcov) {
  covariance <- suppressWarnings(asked_covariance(object, vcov), "expertmix_warning_singular")
  if (all(is.na(covariance))) warn_singular(object, covariance)
  covariance
}

# Predictions with their gradients, as columns: of a row g its derivatives in the parameters. Derivatives below 1e-4 of
# the quantity's scale in a parameter that the data do not hold, for its size, count as none; where they are larger, the
# quantity is not held either.
prediction_gradients <- function(object, rows, type) {
  rows$z <- transformed_z(object$gate, rows, object$transformed)
  scale <- if (type == "gate" || !experts_of(object)$sigma) 1 else max(object$estimates$sigma)
  loose <- which(!object$estimable)
  size <- pmax(1, abs(object$coefficients[loose]))
  lapply(predicted_quantities(object, type), function(quantity) {
    gradient <- computed_gradients(object, rows, quantity)
    bearing <- abs(gradient[, loose, drop = FALSE]) * rep(size, each = nrow(gradient)) > 1e-4 * scale
    gradient[, loose] <- ifelse(bearing, NA, 0)
    gradient
  })
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

# sqrt(g' V g) of every row and column.
standard_errors_at <- function(gradients, covariance) {
  variances <- lapply(gradients, delta_variance, covariance = covariance)
  sqrt(pmax(matrix(unlist(variances), ncol = length(gradients)), 0))
}

# NA only where a parameter that has no variance has a bearing.
delta_variance <- function(gradient, covariance) {
  lacking <- is.na(diag(covariance))
  lost <- rowSums(gradient[, lacking, drop = FALSE] != 0) > 0
  held <- gradient[, !lacking, drop = FALSE]
  replace(rowSums((held %*% covariance[!lacking, !lacking]) * held), lost, NA)
}

# Predictions with standard errors and, where asked for, intervals: list(fit, se.fit, lwr, upr), all of one shape.
predicted_with_errors <- function(object, design, asked) {
  critical <- stats::qnorm(0.5 + asked$level / 2)
  names <- row_names(object, asked$type, NULL)
  fit <- predict_rows(object, design, asked$type)
  errors <- for_complete_rows(design, names, function(rows) {
    gradients <- prediction_gradients(object, rows, asked$type)
    se <- standard_errors_at(gradients, asked$errors$covariance)
    if (asked$errors$simultaneous) critical <<- simultaneous_factor(gradients, se, asked$errors$covariance, asked$level)
    se
  })
  c(list(fit = fit, se.fit = errors), bounded_interval(fit, errors, critical, prediction_link(object, asked$type)))
}

# The scale on which estimates are nearest to normal: probabilities' logits, the logarithm of a positive mean.
prediction_link <- function(object, type) {
  probabilities <- type == "gate" || has_classes(object)
  stats::make.link(if (probabilities) "logit" else object$family$link)
}

# eta(fit) -+ critical se / |d mu / d eta|, brought back. An error of zero is an interval of no width.
bounded_interval <- function(fit, errors, critical, link) {
  if (length(fit) == 0) return(list(lwr = fit, upr = fit))
  flat <- as.vector(fit)
  eta <- link$linkfun(flat)
  width <- ifelse(as.vector(errors) == 0, 0, critical * as.vector(errors) / link$mu.eta(eta))
  end <- function(sign) replace(fit, seq_along(flat), ifelse(width == 0, flat, link$linkinv(eta + sign * width)))
  list(lwr = end(-1), upr = end(1))
}

# The `level` quantile of max_i |g_i' d| / se_i with d ~ N(0, V): the factor of a band that holds all rows and columns
# at once with that probability (sup-t band, Montiel Olea and Plagborg-Moller 2019), by 10000 draws from R's generator.
simultaneous_factor <- function(gradients, errors, covariance, level, draws = 1e4) {
  lacking <- is.na(diag(covariance))
  root <- covariance_root(covariance[!lacking, !lacking, drop = FALSE])
  deviations <- root %*% matrix(stats::rnorm(ncol(root) * draws), ncol(root))
  largest <- numeric(draws)
  for (j in seq_along(gradients)) {
    usable <- which(!is.na(errors[, j]) & errors[, j] > 0)
    for (chunk in split(usable, ceiling(seq_along(usable) / 100))) {
      share <- gradients[[j]][chunk, !lacking, drop = FALSE] / errors[chunk, j]
      largest <- pmax(largest, apply(abs(share %*% deviations), 2, max))
    }
  }
  stats::quantile(largest, level, names = FALSE)
}

# A with A A' = V, of a covariance that may be singular.
covariance_root <- function(covariance) {
  scale <- sqrt(pmax(diag(covariance), 0))
  parts <- eigen(covariance / pmax(outer(scale, scale), .Machine$double.xmin), symmetric = TRUE)
  scale * parts$vectors %*% diag(sqrt(pmax(parts$values, 0)), length(scale))
}
