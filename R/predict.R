#' Predict from a mixture of experts
#'
#' @param object A fit by [moe()].
#' @param newdata A data frame with the variables of the formula; by default the data of the fit. For a fit by
#'   [moe_fit()]: a matrix, or a list of `x`, `z`, `y` and `offset`; columns are taken by name where both matrices have
#'   names.
#' @param type What to return, for every row:
#'   * `"response"`: the mean \eqn{\sum_k \pi_k(z) m_k(x)}{sum_k pi_k(z) m_k(x)}, \eqn{m_k} being the mean of expert
#'     \eqn{k}, for Gaussian ones \eqn{x' b_k + offset}{x'b_k + offset}, see [families]; for multinomial experts the
#'     \eqn{C} class probabilities \eqn{\sum_k \pi_k(z) p_{kc}(x)}{sum_k pi_k(z) p_kc(x)};
#'   * `"class"`: the most likely class (multinomial experts only);
#'   * `"experts"`: the \eqn{K} means \eqn{m_k(x)}, or the class probabilities of every expert;
#'   * `"gate"`: the \eqn{K} gate probabilities \eqn{\pi_k(z)}{pi_k(z)};
#'   * `"posterior"`: the \eqn{K} probabilities of the experts given the response too,
#'     \eqn{\pi_k(z) f_k(y | x) / f(y | x, z)}{pi_k(z) f_k(y|x) / f(y|x,z)};
#'   * `"density"`: \eqn{f(y | x, z)}{f(y|x,z)}, per unit of the response; the probability of the class or the row of
#'     counts;
#'   * `"cdf"`: the distribution function \eqn{F(y | x, z)}{F(y|x,z)} of the mixture at the response (not of classes,
#'     which have no order);
#'   * `"quantile"`: the smallest \eqn{y} with \eqn{F(y | x, z) \ge p}{F(y|x,z) >= p} for each of `probs`, found to
#'     rounding; of trials as a share of the row's trials, for which new data need the response.
#' @param na.action What to do with missing values in `newdata`; by default their rows are predicted `NA`.
#' @param probs Probabilities of `type = "quantile"`, between 0 and 1.
#' @param interval An interval beside every prediction:
#'   * `"confidence"`: of what is predicted itself, with `type` `"response"`, `"experts"` or `"gate"`; see the section
#'     on errors of predictions;
#'   * `"prediction"`: of a new response, between the two quantiles of the mixture that leave out `(1 - level) / 2` on
#'     either side. The coefficients are taken as they are (plug-in), which is the default since with \eqn{n} rows the
#'     coverage misses `level` by an order of \eqn{1 / n} only, while a wrong model can miss it by any amount; see
#'     `type = "quantile"` of [residuals.moe()] for a check. Where the mixture has several modes the interval holds what
#'     is between them ([highest_density()] leaves it out). Of counts, whose probability lies on points, it holds
#'     at least `level`;
#'   * `"conformal"`: of a new response, and right for every model, as long as the rows of `calibration` and the new
#'     ones are exchangeable: the quantiles of \eqn{1/2 \pm q}{1/2 -+ q}, with \eqn{q} the \eqn{\lceil (m + 1) level
#'     \rceil}{ceiling((m + 1) level)}-th smallest \eqn{|F(y) - 1/2|} of the \eqn{m} rows of `calibration` (split
#'     conformal prediction on the distribution function, Chernozhukov, Wuethrich and Zhu 2021). The coverage is `level`
#'     on average over calibration sets and rows, not for every covariate. Where \eqn{m} is too small for `level` the
#'     interval is everything.
#' @param level Probability of the interval, between 0 and 1.
#' @param se.fit Return standard errors of the predictions, too.
#' @param vcov The covariance of the coefficients behind standard errors and confidence intervals: `"observed"`,
#'   `"sandwich"` or `"opg"` (see [vcov.moe()]), or a matrix such as `vcov(fit, cluster = ~ id)`.
#' @param simultaneous Confidence intervals that hold for all rows and columns at once with probability `level`, as a
#'   band around a curve: their factor is that quantile of the largest standardised deviation (Montiel Olea and
#'   Plagborg-Moller 2019), found by 10000 draws from R's generator.
#' @param calibration Data like `newdata`, with the response, that the fit has not seen: never the rows of the fit, on
#'   which it does too well.
#' @param ... Not used: anything else is an error.
#' @return A vector (`"response"`, `"density"`), a factor (`"class"`) or a matrix with a column for every expert; for
#'   multinomial experts `"response"` is a matrix with a column for every class, and `"experts"` an array of rows by
#'   classes by experts. Quantiles are a matrix with a column for every probability, named as by [stats::quantile()]; an
#'   interval is a matrix with columns `fit` (the mean), `lwr` and `upr`, as by [predict.lm()]. One element or row for
#'   every row of `newdata`. Confidence intervals are such a matrix, too; of `type` `"experts"` and `"gate"`, and of
#'   classes, an array with `fit`, `lwr` and `upr` as its last dimension. With `se.fit` it is a list of `fit` and
#'   `se.fit`.
#' @section Errors of predictions: by the delta method, \eqn{se^2 = g' V g} with \eqn{g} the exact derivatives of the
#'   prediction in the coefficients and \eqn{V} their covariance. Intervals are formed where estimates are nearest to
#'   normal: for probabilities on their logits, for means of counts on the logarithm, for other means as they are.
#'   Where coefficients have no covariance (a gate that separates, see [vcov.moe()]) predictions that the data hold all
#'   the same keep their errors, as means away from a hard split, given the split. Others are `NA`, as probabilities of
#'   the gate that depend on how steep the split is.
#' @section Errors: a missing column, an unknown factor level or values that are not finite are errors of class
#'   `expertmix_error_newdata`; probabilities that are not between 0 and 1 of class `expertmix_error_probs` or
#'   `expertmix_error_level`; standard errors of a penalised fit of class `expertmix_error_penalty`; an argument beside
#'   others with which it has no meaning of a class of its name.
#' @references Chernozhukov, V., Wuethrich, K. and Zhu, Y. (2021). Distributional conformal prediction. Proceedings of
#'   the National Academy of Sciences 118, e2107794118.
#'
#'   Montiel Olea, J. L. and Plagborg-Moller, M. (2019). Simultaneous confidence bands: theory, implementation, and an
#'   application to SVARs. Journal of Applied Econometrics 34, 1-17.
#' @section Collinear columns: where columns of the fit are combinations of others, their coefficients were left out.
#'   Rows of `newdata` in which they are another combination are predicted with a warning of class
#'   `expertmix_warning_rank`, as by [predict.lm()].
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' new <- data.frame(speed = c(5, 10, NA), dist = c(2, 30, 20))
#' predict(fit, new)
#' predict(fit, new, type = "gate")
#' predict(fit, new, type = "posterior")
#' predict(fit, new, interval = "prediction", level = 0.9)
#' predict(fit, new, type = "quantile", probs = c(0.25, 0.75))
#' predict(fit, new, interval = "confidence", vcov = "sandwich")
#' predict(fit, new, type = "gate", se.fit = TRUE)
#'
#' # Half of the rows to fit, the others to calibrate
#' half <- moe(dist ~ speed, cars[c(TRUE, FALSE), ], control = moe_control(seed = 1))
#' predict(half, new, interval = "conformal", level = 0.8, calibration = cars[c(FALSE, TRUE), ])
#' @export
predict.moe <- function(object, newdata,
                        type = c("response", "class", "experts", "gate", "posterior", "density", "cdf", "quantile"),
                        na.action = stats::na.pass, probs = c(0.025, 0.5, 0.975),
                        interval = c("none", "prediction", "confidence", "conformal"), level = 0.95, se.fit = FALSE,
                        vcov = "observed", simultaneous = FALSE, calibration = NULL, ...) {
  check_call(..., .hints = c(data = "Did you mean `newdata`?", quantiles = "Did you mean `probs`?"))
  given <- c(
    probs = !missing(probs), level = !missing(level), vcov = !missing(vcov), simultaneous = !missing(simultaneous),
    calibration = !is.null(calibration)
  )
  asked <- list(
    type = check_choice(type, eval(formals()$type), "type"),
    interval = check_choice(interval, eval(formals()$interval), "interval"), se = check_flag(se.fit, "se.fit"),
    level = level, probabilities = if (identical(type, "quantile")) probs, calibration = calibration
  )
  check_prediction(object, asked, names(which(given)))
  if (asked$se || asked$interval == "confidence") {
    asked$errors <- asked_errors(object, asked$type, vcov, simultaneous)
  }
  if (missing(newdata) || is.null(newdata)) {
    return(padded(object$na.action, predicted(object, fitted_design(object), asked)))
  }
  design <- given_design(object, newdata, needs_response(object, asked), na.action)
  warn_not_estimable(object, design, asked$type)
  predicted(object, design, asked)
}

# Whether a prediction is of the response, or of a share of trials, which depends on how many there are.
needs_response <- function(object, asked) {
  if (asked$type %in% c("posterior", "density", "cdf")) return(TRUE)
  has_trials(object) && (asked$type == "quantile" || asked$interval %in% c("prediction", "conformal"))
}

# The designs of new data, of a fit by a formula or to matrices; without new data those of the fit.
given_design <- function(object, newdata, needs_response, na.action = stats::na.pass) {
  if (is.null(newdata)) return(fitted_design(object))
  design <- if (is.null(object$terms)) {
    matrix_design(object, newdata, needs_response)
  } else {
    new_design(object, newdata, needs_response, na.action)
  }
  check_link(object$family, design$offset, identity)
  design
}

# Arguments, `given` or not, that do not go together are errors.
check_prediction <- function(object, asked, given) {
  experts <- experts_of(object)
  if (!asked$type %in% experts$types) {
    abort_moe("type", sprintf('`type = "%s"` is not possible for %s experts.', asked$type, experts$label))
  }
  errors <- asked$se || asked$interval == "confidence"
  usable <- c(
    probs = asked$type == "quantile", level = asked$interval != "none", vcov = errors,
    simultaneous = asked$interval == "confidence", calibration = asked$interval == "conformal"
  )
  for (name in given[!usable[given]]) abort_moe(name, sprintf("`%s` goes with %s.", name, prediction_partners[[name]]))
  if (asked$type == "quantile") check_probabilities(asked$probabilities)
  check_level(asked$level)
  if (asked$interval %in% c("prediction", "conformal")) check_interval_of_response(asked, experts)
}

prediction_partners <- c(
  probs = '`type = "quantile"`', level = "an `interval`", vcov = '`se.fit = TRUE` or `interval = "confidence"`',
  simultaneous = '`interval = "confidence"`', calibration = '`interval = "conformal"`'
)

check_interval_of_response <- function(asked, experts) {
  if (asked$type != "response" || !"quantile" %in% experts$types) {
    abort_moe("interval", sprintf('`interval = "%s"` is of the response of experts whose responses are numbers.',
      asked$interval), if (asked$type != "response") 'Use `type = "response"`.')
  }
  if (asked$se) abort_moe("se.fit", '`se.fit` is of means and probabilities: use `interval = "confidence"`.')
  if (asked$interval == "conformal" && is.null(asked$calibration)) {
    abort_moe("calibration", "A conformal interval needs `calibration`: rows that the fit has not seen.",
      "Fit to a part of the rows and give the others, with their response.")
  }
}

check_probabilities <- function(probs) {
  if (!is.numeric(probs) || length(probs) == 0 || anyNA(probs) || any(probs <= 0 | probs >= 1)) {
    abort_moe("probs", "`probs` must be between 0 and 1.")
  }
}

predicted <- function(object, design, asked) {
  if (!is.null(asked$errors)) return(with_errors(predicted_with_errors(object, design, asked), asked))
  switch(asked$interval,
    prediction = prediction_interval(object, design, asked$level),
    conformal = conformal_interval(object, design, asked$calibration, asked$level),
    predict_rows(object, design, asked$type, asked$probabilities)
  )
}

# In the form of predict.lm(): the interval's bounds beside the fit, the standard errors in a list with it.
with_errors <- function(values, asked) {
  fit <- if (asked$interval == "confidence") beside(values[c("fit", "lwr", "upr")]) else values$fit
  if (asked$se) list(fit = fit, se.fit = values$se.fit) else fit
}

# Values of one shape as the columns of a matrix, or the layers of an array.
beside <- function(values) {
  shape <- dim(values[[1]])
  if (is.null(shape)) return(do.call(cbind, values))
  array(unlist(values, use.names = FALSE), c(shape, length(values)), c(dimnames(values[[1]]), list(names(values))))
}

fitted_design <- function(object) {
  if (is.null(object$terms)) kept_data(object) else model_design(object, object$family)
}

# Asks the core for the rows of a design that are complete; NA for the others.
predict_rows <- function(object, design, type, probabilities = double()) {
  dense <- dense_part(object, design)
  object <- dense$object
  asked <- if (type == "class") "response" else type
  result <- for_complete_rows(dense$design, row_names(object, asked, probabilities), function(rows) {
    rows$z <- transformed_z(object$gate, rows, object$transformed)
    values <- computed_rows(rows, mixture_of_fit(object), object$estimates, asked, probabilities)
    if (asked == "quantile" && has_trials(object)) as_shares(values, rows$y) else values
  })
  if (type == "class") most_likely(result, object$classes$labels) else result
}

# Numbers of successes as shares of a row's trials; NA where there are none.
as_shares <- function(values, y) values / ifelse(trials(y) > 0, trials(y), NA)

# What `compute` gives of the rows that are complete, with `names` of its columns; NA for the others.
for_complete_rows <- function(design, names, compute) {
  rows <- usable_rows(design)
  values <- if (any(rows$complete)) compute(rows$design)
  spread_rows(values, rows$complete, rownames(design$x), names)
}

# The part of a design whose rows are complete, and which these are. Throws where they are not finite.
usable_rows <- function(design) {
  complete <- do.call(stats::complete.cases, Filter(Negate(is.null), design[c("x", "z", "y", "offset")]))
  rows <- if (all(complete)) design else design_rows(design, complete)
  check_finite_rows(rows, function(at) which(complete)[at])
  list(design = rows, complete = complete)
}

check_finite_rows <- function(design, label) {
  check_finite_matrix(design$x, "x", label, "newdata")
  if (!is.null(design$z)) check_finite_matrix(design$z, "z", label, "newdata")
  if (!is.null(design$y)) check_finite_vector(rowSums(as.matrix(design$y)), "The response", label, "newdata")
  if (!is.null(design$offset)) check_finite_vector(design$offset, "The offset", label, "newdata")
}

# Names of the columns (and of the layers behind them) of what is predicted for every row; NULL for one number a row.
row_names <- function(object, type, probabilities) {
  experts <- list(names(object$mass))
  classes <- if (has_classes(object)) list(object$classes$labels)
  switch(type, response = classes, experts = c(classes, experts), gate = experts, posterior = experts,
    quantile = list(paste0(formatC(100 * probabilities, format = "fg", width = 1, digits = 7), "%"))
  )
}

design_rows <- function(design, keep) {
  design$x <- design$x[keep, , drop = FALSE]
  if (!is.null(design$z)) design$z <- design$z[keep, , drop = FALSE]
  design$y <- if (is.matrix(design$y)) design$y[keep, , drop = FALSE] else design$y[keep]
  design$offset <- design$offset[keep]
  design
}

spread_rows <- function(values, complete, rows, names) {
  if (is.null(names)) {
    result <- rep(NA_real_, length(complete))
    result[complete] <- as.vector(values)
    return(stats::setNames(result, rows))
  }
  result <- matrix(NA_real_, length(complete), prod(lengths(names)))
  if (any(complete)) result[complete, ] <- values
  array(result, c(length(complete), lengths(names)), c(list(rows), names))
}

# Predictions for every row of the data under na.exclude(), arrays and lists too.
padded <- function(action, values) {
  if (is.list(values)) return(lapply(values, padded, action = action))
  if (length(dim(values)) < 3) return(stats::napredict(action, values))
  flat <- matrix(values, nrow(values), dimnames = list(rownames(values), NULL))
  flat <- stats::napredict(action, flat)
  array(flat, c(nrow(flat), dim(values)[-1]), c(list(rownames(flat)), dimnames(values)[-1]))
}
