# Confidence bands of what a picture shows, as a list of matrices `fit`, `lwr` and `upr`; NA where the data do not hold
# them.

mean_band <- function(object, new, level) prediction_band(object, new, "response", level)

gate_band <- function(object, new, level) prediction_band(object, new, "gate", level)

prediction_band <- function(object, new, type, level) {
  if (!is.null(object$penalty)) {
    fit <- as.matrix(predict(object, new, type = type))
    return(list(fit = fit, lwr = NA * fit, upr = NA * fit))
  }
  band <- suppressWarnings(
    predict(object, new, type = type, interval = "confidence", level = level), "expertmix_warning"
  )
  part <- function(name) {
    if (length(dim(band)) == 2) return(as.matrix(band[, name]))
    array(band[, , name], dim(band)[1:2], dimnames(band)[1:2])
  }
  list(fit = part("fit"), lwr = part("lwr"), upr = part("upr"))
}

# Said below a picture whose bands are not all there.
band_note <- function(object, values) {
  if (!anyNA(values)) return(NULL)
  if (!is.null(object$penalty)) return("no bands: a penalised fit has no standard errors")
  "no band where the data do not hold one: see summary()"
}
