# Intervals of a new response between two quantiles of the mixture.

prediction_interval <- function(object, design, level) quantile_interval(object, design, 0.5 + c(-0.5, 0.5) * level)

# From the quantile of the one probability to that of the other, with the mean: a column each. Probability 0 and 1 are
# the ends of where responses can be.
quantile_interval <- function(object, design, probabilities) {
  if (probabilities[1] <= 0 || probabilities[2] >= 1) {
    experts <- experts_of(object)
    range <- experts$range %||% c(if (experts$discrete) 0 else -Inf, Inf)
    ends <- matrix(range, nrow(design$x), 2, byrow = TRUE)
  } else {
    ends <- predict_rows(object, design, "quantile", probabilities)
  }
  fit <- predict_rows(object, design, "response")
  ends[is.na(fit), ] <- NA
  colnames(ends) <- c("lwr", "upr")
  cbind(fit = fit, ends)
}

# The half width, in probability, that an interval around the median needs to hold a share `level` of rows which are
# exchangeable with new ones: the ceiling((m + 1) level)-th smallest of what the m rows need each (split conformal
# prediction; on the distribution function, Chernozhukov, Wuethrich and Zhu 2021). A half where m is too small.
conformal_width <- function(object, calibration, level) {
  needed <- sort(needed_widths(object, calibration))
  place <- ceiling((length(needed) + 1) * level)
  if (place > length(needed)) 0.5 else min(0.5, needed[place])
}

# The interval between the quantiles of 1/2 - q and 1/2 + q holds y if q >= 1/2 - F(y) and q >= F(y-) - 1/2; where
# probability lies on points, if q is larger than the latter.
needed_widths <- function(object, calibration) {
  design <- tryCatch(given_design(object, calibration, TRUE), expertmix_error_newdata = function(cause) {
    abort_moe("calibration", c("`calibration` does not fit the model.", x = conditionMessage(cause)))
  })
  at <- predict_rows(object, design, "cdf")
  before <- at
  if (experts_of(object)$discrete) before <- at - predict_rows(object, design, "density") + 1e-12
  if (anyNA(at)) abort_moe("calibration", sprintf("`calibration` is missing in row %s.", listed(which(is.na(at)))))
  as.vector(pmax(0.5 - at, before - 0.5))
}

conformal_interval <- function(object, design, calibration, level) {
  width <- conformal_width(object, calibration, level)
  quantile_interval(object, design, 0.5 + c(-1, 1) * width)
}
