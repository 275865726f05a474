# Confidence bands of what a picture shows, as a list of matrices `fit`, `lwr` and `upr`; NA where the data do not hold
# them.

# Of the mean; of class probabilities on the scale of logits.
mean_band <- function(object, new, level) {
  errors <- prediction_errors(object, new, "response")
  if (has_classes(object)) return(probability_band(errors, level))
  half <- stats::qnorm((1 + level) / 2) * errors$se.fit
  list(fit = errors$fit, lwr = errors$fit - half, upr = errors$fit + half)
}

gate_band <- function(object, new, level) probability_band(prediction_errors(object, new, "gate"), level)

probability_band <- function(errors, level) {
  p <- errors$fit
  half <- stats::qnorm((1 + level) / 2) * errors$se.fit / (p * (1 - p))
  end <- function(half) {
    ends <- stats::plogis(stats::qlogis(p) + half)
    sure <- !is.na(errors$se.fit) & p * (1 - p) == 0
    replace(ends, sure, p[sure])
  }
  list(fit = p, lwr = end(-half), upr = end(half))
}

# Predictions with standard errors by the delta rule, derivatives in the parameters by central differences.
prediction_errors <- function(object, new, type) {
  design <- given_design(object, new, FALSE)
  fit <- as.matrix(predict_rows(object, design, type))
  covariance <- error_covariance(object, list(type = "observed"))
  if (is.null(covariance)) return(list(fit = fit, se.fit = NA * fit))
  errors <- standard_errors(covariance)
  at <- parameter_values(object$parameters, object$estimates)
  step <- 1e-3 * ifelse(is.na(errors) | errors == 0, pmax(abs(at), 1), errors)
  moved <- function(j, by) {
    object$estimates <- estimates_at(object, replace(at, j, at[j] + by))
    as.vector(predict_rows(object, design, type))
  }
  slope <- function(j) (moved(j, step[j]) - moved(j, -step[j])) / (2 * step[j])
  slopes <- matrix(vapply(seq_along(at), slope, double(length(fit))), length(fit))
  unknown <- is.na(errors)
  lost <- rowSums(abs(slopes[, unknown, drop = FALSE])) > 1e-8 * rowSums(abs(slopes))
  known <- slopes[, !unknown, drop = FALSE]
  se <- sqrt(pmax(rowSums(known %*% covariance[!unknown, !unknown, drop = FALSE] * known), 0))
  list(fit = fit, se.fit = array(replace(se, lost, NA), dim(fit)))
}

# Said below a picture whose bands are not all there.
band_note <- function(object, values) {
  if (!anyNA(values)) return(NULL)
  if (!is.null(object$penalty)) return("no bands: a penalised fit has no standard errors")
  "no band where the data do not hold one: see summary()"
}
