#' Covariance and intervals of the estimates
#'
#' With \eqn{S} the matrix of scores, whose row i is the derivative of \eqn{w_i \log f(y_i | x_i, z_i)}{w_i log f(y_i |
#' x_i, z_i)} in the parameters, and \eqn{I} the observed information, all at the estimate, the covariance is
#' * `"observed"`: \eqn{I^{-1}}{I^-1}, which supposes that the model is right;
#' * `"sandwich"`: \eqn{I^{-1} S'S I^{-1}}{I^-1 S'S I^-1}, which holds also where it is not: the estimates are then
#'   those of the nearest mixture of the kind (in Kullback-Leibler divergence). With a `cluster`, \eqn{\frac{G}{G - 1}
#'   I^{-1} (\sum_g s_g s_g') I^{-1}}{G/(G-1) I^-1 (sum_g s_g s_g') I^-1}, where \eqn{s_g} is the sum of the scores of
#'   cluster \eqn{g = 1, \dots, G}{g = 1, ..., G}: rows of one cluster may depend on each other. The factor \eqn{G / (G
#'   - 1)} is that of `sandwich::vcovCL()`; without a cluster there is none. Errors by few clusters, below some 30,
#'   are too small, and a test of as many coefficients as clusters has no meaning;
#' * `"opg"`: \eqn{(S'S)^{-1}}{(S'S)^-1}, the outer product of gradients.
#'
#' `vcov()`, [summary()][summary.moe], `confint()` and [tidy()][tidy.moe] take the same arguments `type` and `cluster`.
#'
#' Scores are exact, and those of the log-likelihood with its weights: a row of weight 3 has three times the score of a
#' row of weight 1. That is right where a weight is the accuracy or the sampling weight of one row, while a weight that
#' stands for repeated rows makes them one cluster: repeat these rows instead. The active sets of a top-K gate are held.
#'
#' @section What has no covariance: where a gate separates experts, or covariates classes, the likelihood rises for ever
#'   along some direction of the parameters, and where there are too many experts it may be flat: the information is
#'   singular. Coefficients on which such a direction has a bearing are `NA` in `vcov()`, `summary()`, `confint()` and
#'   `tidy()`; all others keep valid errors, since every generalised inverse of the information gives them the same.
#'   So do contrasts and predictions that the data hold: [predict()][predict.moe], [test_terms()] and package emmeans
#'   know them. [summary()][summary.moe] says what separates. All are `NA` for `"opg"` there, for a penalised fit, where
#'   the estimate is no maximum, and at active bounds.
#' @section From which size on: in simulations of two experts that are easy to tell apart, nominal 95 % intervals of
#'   Gaussian experts and gates cover 93 % to 96 % with 30 rows for every parameter, those of standard deviations 92 %.
#'   With three classes, profile intervals cover 93 % to 96 % with 100 rows for every parameter, while Wald's of the
#'   gate's slope cover 91 % and need 400. Where experts overlap more it takes more. See
#'   `vignette("tests-and-intervals")`.
#' @section Package 'sandwich': `estfun()` and `bread()` are methods for its functions of the same names, so that
#'   `sandwich::sandwich(fit)`, `sandwich::vcovCL(fit, cluster = )` and `lmtest::coeftest(fit, vcov. = )` work. The rows
#'   of `estfun()` are those that were used, and its columns sum to zero. Where some parameters have no covariance, a
#'   product with `bread()` is `NA` throughout; `vcov(fit, type = "sandwich")` is not.
#' @section Errors: an unknown `type` is an error of class `expertmix_error_type`; a `cluster` of another length, with
#'   missing values or of one level, or beside another `type` than `"sandwich"`, of class `expertmix_error_cluster`; a
#'   sandwich, `"opg"`, scores or profile of a penalised fit, of class `expertmix_error_penalty`; a profile of a fit
#'   whose likelihood jumps (a top-K gate), that is at its bounds or has a collapsed expert, of class
#'   `expertmix_error_method`. A profile that rises above the fit, or cannot be followed, is a warning of class
#'   `expertmix_warning_profile`.
#' @param object,x A fit by [moe()].
#' @param type `"observed"`, `"sandwich"` or `"opg"`. With a `cluster` the default is `"sandwich"`.
#' @param cluster `NULL`, or the clusters of rows: a vector or factor with an element for every row that was used (or
#'   for every row before `na.action`), or a one-sided formula such as `~ id`, whose variable is looked up in the data
#'   of the fit.
#' @param parm Names or numbers of parameters; all by default.
#' @param level Confidence level, between 0 and 1.
#' @param method `"wald"`: the estimate and normal quantiles times its standard error. `"profile"`: all
#'   values at which twice the log-likelihood, with all other parameters at their best and the experts' labels kept, is
#'   within the chi-squared quantile of its maximum; infinite on a side on which it never falls so far, as of a gate
#'   that separates. `"bootstrap"`: percentiles of the replicates of `boot`.
#' @param boot A bootstrap of the fit by [moe_boot()], or the number of replicates of one to be made: a parametric one,
#'   or, with a `cluster`, one of clusters.
#' @param ... Not used: anything else is an error, but for `complete`, which other functions give to `vcov()`:
#'   coefficients that are left out have no place in `coef()` either.
#' @return `vcov()`: a matrix, aligned with [coef()][coef.moe], with `NA` and a warning of class
#'   `expertmix_warning_singular` for what has no covariance. `confint()`: intervals, a row each. `estfun()`: scores,
#'   a row for every row that was used. `bread()`: the inverse of the observed information times the number of rows.
#' @references White, H. (1982). Maximum likelihood estimation of misspecified models. Econometrica 50, 1-25.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' sqrt(diag(vcov(fit)))
#' sqrt(diag(vcov(fit, type = "sandwich")))
#' confint(fit, "expert1:speed", type = "sandwich")
#' confint(fit, "expert1:speed", method = "profile")
#' # Rows of one speed as a cluster
#' summary(fit, cluster = ~ speed)
#' @export
vcov.moe <- function(object, type = c("observed", "sandwich", "opg"), cluster = NULL, ...) {
  check_call(..., .passed = "complete")
  errors <- chosen_errors(object, type, cluster)
  covariance <- or_unknown(error_covariance(object, errors), object)
  if (anyNA(covariance)) warn_singular(object, covariance)
  covariance
}

# The covariance that an argument `vcov` names: by a type, clusters in a formula, a function or a matrix. The first two
# are `found` by a function of these.
asked_covariance <- function(object, vcov, found = vcov.moe) {
  if (is.function(vcov)) vcov <- vcov(object)
  if (is.matrix(vcov)) return(check_covariance(vcov, names(object$coefficients)))
  if (inherits(vcov, "formula")) return(found(object, cluster = vcov))
  if (is.null(vcov) || isTRUE(vcov)) vcov <- "observed"
  types <- c(
    observed = "observed", sandwich = "sandwich", HC0 = "sandwich", robust = "sandwich", opg = "opg", OPG = "opg"
  )
  if (!rlang::is_string(vcov, names(types))) {
    abort_moe("vcov", "`vcov` must be \"observed\", \"sandwich\", \"opg\", a formula, a function or a matrix.")
  }
  found(object, type = types[[vcov]])
}

check_covariance <- function(vcov, names) {
  if (!is.numeric(vcov) || any(dim(vcov) != length(names))) {
    abort_moe("vcov", sprintf("A matrix `vcov` must be numeric, %d x %d, as `vcov()` gives it.", length(names),
      length(names)))
  }
  if (!is.null(rownames(vcov)) && !identical(rownames(vcov), names)) {
    abort_moe("vcov", "The rows of `vcov` have not the names of `coef(fit)`.")
  }
  if (any(is.infinite(vcov)) || any(diag(vcov) < 0, na.rm = TRUE) || !isSymmetric(unname(vcov))) {
    abort_moe("vcov", "A matrix `vcov` must be symmetric and finite, with variances that are not negative.")
  }
  vcov
}

# Says what has no covariance.
warn_singular <- function(object, covariance) {
  if (!is.null(object$penalty)) {
    return(warn_moe("singular", "A penalised estimate has no covariance: its distribution has atoms at zero."))
  }
  lacking <- rownames(covariance)[is.na(diag(covariance))]
  if (length(lacking) == nrow(covariance)) {
    warn_moe("singular", "The information is singular: there is no covariance.",
      "See `fit$record`: a collapsed expert, a bound, or too many experts.")
  } else {
    warn_moe("singular", sprintf("The data do not hold %s: no covariances, the others are valid.", listed(lacking)),
      "See `summary()`: a gate or classes that separate, or too many experts.")
  }
}

#' @rdname vcov.moe
#' @export
confint.moe <- function(object, parm, level = 0.95, method = c("wald", "profile", "bootstrap"),
                        type = c("observed", "sandwich", "opg"), cluster = NULL, boot = 999, ...) {
  check_call(..., .hints = c(replicates = "Did you mean `boot`?", seed = "Give `boot = moe_boot(fit, seed = )`."))
  check_level(level)
  method <- check_choice(method, c("wald", "profile", "bootstrap"), "method")
  if (method != "wald" && !missing(type)) abort_moe("type", '`type` goes with `method = "wald"`.')
  if (method == "profile" && !is.null(cluster)) abort_moe("cluster", "A profile likelihood has no `cluster`.")
  if (method != "bootstrap" && !missing(boot)) abort_moe("bootstrap", '`boot` goes with `method = "bootstrap"`.')
  estimates <- coef(object)
  chosen <- if (missing(parm)) names(estimates) else check_parm(parm, names(estimates))
  switch(method,
    wald = {
      errors <- standard_errors(vcov(object, type = type, cluster = cluster))
      wald_interval(estimates[chosen], errors[chosen], level)
    },
    profile = profile_interval(object, chosen, level),
    bootstrap = confint(bootstrap_of(object, boot, cluster), chosen, level)
  )
}

# A bootstrap of a fit, as it was given, or of so many replicates.
bootstrap_of <- function(object, boot, cluster) {
  if (!inherits(boot, "moe_boot")) return(moe_boot(object, boot, cluster = cluster))
  check_version(boot)
  if (!is.null(cluster)) abort_moe("cluster", "The bootstrap is there: `moe_boot()` takes its `cluster`.")
  if (!identical(boot$coefficients, coef(object))) {
    abort_moe("bootstrap", "`boot` is no bootstrap of this fit's coefficients.", "Make it by `moe_boot(fit)`.")
  }
  boot
}

check_level <- function(level) {
  if (!is_number(level) || level <= 0 || level >= 1) abort_moe("level", "`level` must be one number between 0 and 1.")
}

wald_interval <- function(estimates, errors, level) {
  tails <- interval_tails(level)
  interval <- estimates + outer(errors, stats::qnorm(tails))
  matrix(interval, length(estimates), 2, dimnames = list(names(estimates), percent_names(tails)))
}

interval_tails <- function(level) c(1 - level, 1 + level) / 2

percent_names <- function(tails) paste(format(100 * tails, trim = TRUE, scientific = FALSE, digits = 3), "%")

standard_errors <- function(covariance) sqrt(pmax(diag(covariance), 0))

# Names of the parameters that `parm` names or numbers.
check_parm <- function(parm, names) {
  numbers <- if (is.character(parm)) match(parm, names) else parm
  if (!is.numeric(numbers)) abort_moe("parm", "`parm` must hold names or numbers of parameters.")
  strange <- parm[!abs(numbers) %in% seq_along(names)]
  if (length(strange)) {
    abort_moe("parm", sprintf("The fit has no parameter %s.", listed(quoted(strange))), "See `names(coef(fit))`.")
  }
  if (length(unique(sign(numbers))) > 1) abort_moe("parm", "`parm` must not mix positive and negative numbers.")
  names[numbers]
}

# How errors are estimated: a type, and the clusters of the rows that are used.
chosen_errors <- function(object, type, cluster) {
  types <- c("observed", "sandwich", "opg")
  chosen <- check_choice(type, types, "type")
  if (!is.null(cluster) && identical(type, types)) chosen <- "sandwich"
  if (chosen != "observed") refuse_penalised(object, sprintf('`type = "%s"`', chosen))
  if (!is.null(cluster) && chosen != "sandwich") {
    abort_moe("cluster", sprintf('`type = "%s"` has no `cluster`.', chosen), 'Use `type = "sandwich"`.')
  }
  list(type = chosen, cluster = if (!is.null(cluster)) read_cluster(cluster, object))
}

refuse_penalised <- function(object, what) {
  if (is.null(object$penalty)) return(invisible())
  abort_moe("penalty", sprintf("A penalised fit has no %s: its scores do not sum to zero.", what),
    "Fit the terms that were selected again, without `penalty`.")
}

# In words, for a summary.
error_words <- function(errors) {
  words <- switch(errors$type,
    observed = "observed information", sandwich = "sandwich", opg = "outer product of scores"
  )
  if (is.null(errors$cluster)) words else sprintf("%s, %d clusters", words, nlevels(errors$cluster))
}

# Which linear functions of the parameters, a row each, the data hold: along directions of which these say nothing they
# vary by less than a tenth of their standard error across.
are_held <- function(object, functions, covariance) {
  if (is.null(object$loose)) return(rep(TRUE, nrow(functions)))
  quadratic_forms(functions, object$loose) <= 0.01 * quadratic_forms(functions, covariance)
}

# a' M a of every row a.
quadratic_forms <- function(rows, m) rowSums((rows %*% m) * rows)

# NULL where there is none, NA for what the data do not hold.
error_covariance <- function(object, errors) {
  covariance <- full_covariance(object, errors)
  if (is.null(covariance)) return(NULL)
  covariance[!object$estimable, ] <- NA
  covariance[, !object$estimable] <- NA
  covariance
}

# With a generalised inverse of the information, all of which agree in what the data hold; the products of scores have
# none that is known beforehand. NULL where there is none.
full_covariance <- function(object, errors) {
  observed <- object$covariance
  if (is.null(observed) || errors$type == "observed") return(observed)
  meat <- meat_of(object, errors$cluster)
  if (errors$type == "sandwich") return(observed %*% meat %*% observed)
  inverse <- if (all(object$estimable)) inverse_of_products(meat)
  if (!is.null(inverse)) structure(inverse, dimnames = dimnames(observed))
}

# A covariance, or one of NA where there is none.
or_unknown <- function(covariance, object) {
  names <- names(object$coefficients)
  covariance %||% matrix(NA_real_, length(names), length(names), dimnames = list(names, names))
}

# sum_i s_i s_i', or G / (G - 1) sum_g s_g s_g' over clusters.
meat_of <- function(object, cluster) {
  if (is.null(cluster)) return(computed_score_products(object, score_design(object)))
  groups <- nlevels(droplevels(cluster[(fitted_design(object)$weights %||% 1) > 0]))
  groups / (groups - 1) * crossprod(rowsum(row_scores(object), cluster, reorder = FALSE))
}

# The inverse of a matrix of squares and products, scaled to unit diagonal first; NULL where it is singular.
inverse_of_products <- function(products) {
  scale <- sqrt(diag(products))
  if (any(scale == 0) || rcond(products / outer(scale, scale)) < 1e-12) return(NULL)
  chol2inv(chol(products / outer(scale, scale))) / outer(scale, scale)
}

# L with covariance L L', a column for every direction that the data hold.
covariance_root <- function(covariance) {
  scale <- standard_errors(covariance)
  scale[scale == 0] <- 1
  parts <- eigen(covariance / outer(scale, scale), symmetric = TRUE)
  held <- parts$values > 1e-12 * parts$values[1]
  scale * parts$vectors[, held, drop = FALSE] %*% diag(sqrt(parts$values[held]), sum(held))
}

# Row i: the derivative of w_i log f(y_i | x_i, z_i) in the parameters.
row_scores <- function(object) {
  design <- score_design(object)
  scores <- computed_scores(object, design)
  dimnames(scores) <- list(rownames(design$x), names(object$coefficients))
  scores
}

# The design of a fit with its gate's transform.
score_design <- function(object) {
  design <- fitted_design(object)
  design$z <- transformed_z(object$gate, design, object$transformed)
  design
}

#' @rdname vcov.moe
#' @exportS3Method sandwich::estfun moe
estfun.moe <- function(x, ...) {
  check_call(...)
  refuse_penalised(x, "estimating functions")
  row_scores(x)
}

#' @rdname vcov.moe
#' @exportS3Method sandwich::bread moe
bread.moe <- function(x, ...) {
  check_call(...)
  refuse_penalised(x, "bread")
  fitted_rows(x) * vcov(x)
}

# How many rows were used.
fitted_rows <- function(object) NROW(if (is.null(object$terms)) kept_data(object)$y else object$model)
