#' Influence of single rows
#'
#' What a fit would be without one of its rows, to one Newton step from the estimate
#' \eqn{\hat\theta}{theta}, with nothing fitted again (Cook and Weisberg 1982, section 5.2). With \eqn{s_i} the score of
#' row i, \eqn{I_i} its share of the observed information (both times its weight) and \eqn{I = \sum_i I_i}{I = sum_i
#' I_i}, \deqn{\hat\theta - \hat\theta_{(i)} \approx (I - I_i)^{-1} s_i.}{theta - theta_(i) ~ (I - I_i)^-1 s_i.}
#' A row of weight 3 is deleted with its whole weight.
#'
#' * `dfbeta()`: \eqn{\hat\theta - \hat\theta_{(i)}}{theta - theta_(i)}, signed as in [stats::dfbeta()];
#' * `dfbetas()`: the same over the standard errors of the fit;
#' * `cooks.distance()`: \eqn{(\hat\theta - \hat\theta_{(i)})' I (\hat\theta - \hat\theta_{(i)}) / P}{(theta -
#'   theta_(i))' I (theta - theta_(i)) / P} with \eqn{P} the number of parameters. To second order it is the likelihood
#'   displacement \eqn{2 \{l(\hat\theta) - l(\hat\theta_{(i)})\} / P}{2 (l(theta) - l(theta_(i))) / P} (Cook 1986), of
#'   all parameters: that of [lm()] leaves out `sigma`;
#' * `hatvalues()`: the generalised leverage (Wei, Hu and Fung 1998) \deqn{h_i = \frac{\partial \hat y_i}{\partial y_i}
#'   = \frac{\partial \hat y_i}{\partial\theta'} I^{-1} \frac{\partial s_i}{\partial y_i}}{h_i = d yhat_i / d y_i =
#'   (d yhat_i / d theta') I^-1 (d s_i / d y_i)} with \eqn{\hat y_i}{yhat_i} the mean of the mixture. Of counts the last
#'   factor is the difference quotient between the next count and the one before. Of a class it is the change of the
#'   score as the response changes to another class, summed over classes (over the cases of a row of counts by turns):
#'   \eqn{h_i = tr(I^{-1} F_i)}{h_i = tr(I^-1 F_i)} with \eqn{F_i} the expected information of the row. With one expert
#'   these are the hat values of [lm()] and [glm()]. Of mixtures they may be negative or above 1: where a row's expert
#'   is in doubt, a larger response can move the row to the other one.
#'
#' Derivatives of means are exact, those of scores in the parameters central differences, of a relative error of about
#' 1e-6. With \eqn{n} rows and \eqn{P} parameters their time grows as \eqn{n P^2}, their memory as \eqn{n P}. The
#' active sets of a top-K gate are held.
#'
#' @section What has no influence: coefficients that the data do not hold have no covariance (see [vcov.moe()]) and are
#'   `NA` in `dfbeta()` and `dfbetas()`; hat values and distances are about what the data hold. Where the fit has no
#'   covariance at all, everything is `NA`. Rows without which the likelihood has no maximum near the estimate, as of an
#'   expert that hangs on them, have no step: they are `NA` in all but `hatvalues()`. A warning of class
#'   `expertmix_warning_singular` or `expertmix_warning_influence` says so.
#' @section Errors: a penalised fit, whose scores do not sum to zero: `expertmix_error_penalty`.
#' @param model A fit by [moe()].
#' @param ... Not used: anything else is an error.
#' @return `influence()`: a list of `hat`, `coefficients` (that is `dfbeta()`) and `cooks`. `hatvalues()` and
#'   `cooks.distance()`: a number without unit for every row that was used (every row of the data under [na.exclude()]).
#'   `dfbeta()` and `dfbetas()`: a matrix with a column for every coefficient.
#' @references Cook, R. D. and Weisberg, S. (1982). Residuals and Influence in Regression. Chapman and Hall.
#'
#'   Cook, R. D. (1986). Assessment of local influence. Journal of the Royal Statistical Society B 48, 133-169.
#'
#'   Wei, B.-C., Hu, Y.-Q. and Fung, W.-K. (1998). Generalized leverage and its applications. Scandinavian Journal of
#'   Statistics 25, 25-37.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' head(sort(cooks.distance(fit), decreasing = TRUE))
#' head(dfbetas(fit)[, 1:3])
#' sum(hatvalues(fit))
#' @export
influence.moe <- function(model, ...) {
  check_call(...)
  refuse_penalised(model, "influence")
  deletion <- deletion_steps(model)
  list(hat = leverages(model), coefficients = deletion$steps, cooks = deletion$distances)
}

#' @rdname influence.moe
#' @export
dfbeta.moe <- function(model, ...) {
  check_call(...)
  refuse_penalised(model, "influence")
  deletion_steps(model)$steps
}

#' @rdname influence.moe
#' @export
dfbetas.moe <- function(model, ...) {
  check_call(...)
  steps <- dfbeta.moe(model)
  if (is.null(model$covariance)) return(steps)
  sweep(steps, 2, standard_errors(model$covariance), "/")
}

#' @rdname influence.moe
#' @export
cooks.distance.moe <- function(model, ...) {
  check_call(...)
  refuse_penalised(model, "influence")
  deletion_steps(model)$distances
}

#' @rdname influence.moe
#' @export
hatvalues.moe <- function(model, ...) {
  check_call(...)
  refuse_penalised(model, "leverage")
  leverages(model)
}

# The step of every row's deletion, in all coefficients, and its size in the metric of the information.
deletion_steps <- function(object) {
  covariance <- error_covariance(object, list(type = "observed"))
  names <- names(object$coefficients)
  design <- score_design(object)
  rows <- rownames(design$x) %||% seq_len(nrow(design$x))
  steps <- matrix(NA_real_, length(rows), length(names), dimnames = list(rows, names))
  if (is.null(covariance)) {
    warn_uninformed()
    return(padded_deletion(object, steps, steps[, 1]))
  }
  if (anyNA(covariance)) warn_singular(object, covariance)
  root <- covariance_root(object$covariance)
  own <- standard_steps(object, design, root)
  warn_undeletable(rows[is.na(own[, 1])])
  steps[, object$estimable] <- own %*% t(root)[, object$estimable]
  padded_deletion(object, steps, rowSums(own^2) / length(names))
}

padded_deletion <- function(object, steps, distances) {
  distances <- stats::setNames(distances, rownames(steps))
  list(steps = stats::naresid(object$na.action, steps), distances = stats::naresid(object$na.action, distances))
}

warn_uninformed <- function() {
  warn_moe("singular", "The fit has no covariance, and its rows no influence that is known: NA.",
    "See `fit$record`: a collapsed expert or a bound.")
}

warn_undeletable <- function(rows) {
  if (length(rows) == 0) return(invisible())
  warn_moe("influence", sprintf("Without row %s the likelihood has no maximum near the estimate: NA.", listed(rows)),
    "An expert hangs on these rows: fit without them, or with fewer experts.")
}

# The derivatives of what `f` gives for the rows of a design along the columns of L, by central differences, each
# handed to `then`. With a top-K gate, whose maximum is often where active sets change, a row's difference is between
# the ends at which its own is held.
derivatives_along <- function(object, root, f, design, then = identity) {
  values <- object$coefficients
  step <- if (is.null(object$gate$top_k)) 1e-3 else 1e-5
  moved <- function(direction) {
    object$estimates <- estimates_at(object, values + direction)
    object
  }
  lapply(seq_len(ncol(root)), function(j) {
    ends <- list(moved(-step * root[, j]), moved(step * root[, j]))
    if (!is.null(object$gate$top_k)) return(then(held_difference(object, ends, f, design) / step))
    then((f(ends[[2]]) - f(ends[[1]])) / (2 * step))
  })
}

# The difference of the ends over how many of the two steps it spans; NA where neither end has the row's active set.
held_difference <- function(object, ends, f, design) {
  active <- function(fit) computed_rows(design, mixture_of_fit(fit), fit$estimates, "gate") > 0
  here <- active(object)
  at <- as.matrix(f(object))
  spanned <- 0
  values <- lapply(ends, function(end) {
    held <- rowSums(active(end) != here) == 0
    spanned <<- spanned + held
    value <- as.matrix(f(end))
    value[!held, ] <- at[!held, ]
    value
  })
  (values[[2]] - values[[1]]) / ifelse(spanned > 0, spanned, NA)
}

# u_i = (Id - L' I_i L)^-1 L' s_i: the step of every row in units in which the information is the identity.
standard_steps <- function(object, design, root) {
  size <- max(1, 1e7 %/% ncol(root)^2)
  chunks <- split(seq_len(nrow(design$x)), (seq_len(nrow(design$x)) - 1) %/% size)
  parts <- lapply(chunks, function(rows) chunk_steps(object, cut_design(design, rows), root))
  do.call(rbind, unname(parts))
}

chunk_steps <- function(object, design, root) {
  scores_of <- function(fit) computed_scores(fit, design) %*% root
  scores <- scores_of(object)
  slopes <- derivatives_along(object, root, scores_of, design)
  steps <- matrix(NA_real_, nrow(scores), ncol(scores))
  for (i in seq_len(nrow(scores))) {
    slope <- vapply(slopes, function(values) values[i, ], scores[1, ])
    steps[i, ] <- newton_step(diag(ncol(scores)) + (slope + t(slope)) / 2, scores[i, ])
  }
  steps
}

# NA where what is left of the information has a direction in which it holds nothing.
newton_step <- function(information, score) {
  root <- if (!anyNA(information)) tryCatch(chol(information), error = function(cause) NULL)
  if (is.null(root) || rcond(root, triangular = TRUE) < 1e-4) return(NA_real_ * score)
  backsolve(root, backsolve(root, score, transpose = TRUE))
}

# d yhat / d y of every row: sum_c (d yhat_c / d theta' L) (L' d s / d y_c), one response at a time.
leverages <- function(object) {
  design <- score_design(object)
  rows <- rownames(design$x)
  if (is.null(object$covariance)) {
    warn_uninformed()
    values <- rep(NA_real_, nrow(design$x))
  } else {
    root <- covariance_root(object$covariance)
    gradients <- gradients_at(object, design, "response")
    slopes <- if (has_classes(object)) {
      lapply(seq_along(object$classes$labels), moved_scores, object = object, design = design)
    } else {
      list(score_slopes(object, design))
    }
    values <- Reduce(`+`, Map(function(g, s) rowSums((g %*% root) * (s %*% root)), gradients, slopes))
  }
  stats::naresid(object$na.action, stats::setNames(values, rows))
}

# The derivative of scores in the response; of counts the difference quotient of the neighbours, none where there are no
# trials.
score_slopes <- function(object, design) {
  experts <- experts_of(object)
  ends <- (experts$neighbours %||% neighbouring_numbers(experts$discrete))(design$y, object$estimates)
  width <- as.vector(observed(object, ends$upper) - observed(object, ends$lower))
  scores_at <- function(y) computed_scores(object, replace(design, "y", list(y)))
  (scores_at(ends$upper) - scores_at(ends$lower)) / ifelse(width > 0, width, Inf)
}

neighbouring_numbers <- function(discrete) {
  if (discrete) return(function(y, estimates) list(lower = pmax(y - 1, 0), upper = y + 1))
  function(y, estimates) list(lower = y - 1e-4 * min(estimates$sigma), upper = y + 1e-4 * min(estimates$sigma))
}

# The sum of the scores that a row has with each of its cases in turn moved to a class.
moved_scores <- function(object, design, class) {
  scores_at <- function(y) computed_scores(object, replace(design, "y", list(y)))
  if (!is.matrix(design$y) || ncol(design$y) == 1) return(scores_at(replace(design$y, TRUE, class - 1)))
  total <- 0
  for (from in seq_len(ncol(design$y))) {
    cases <- design$y[, from]
    moved <- design$y
    moved[, from] <- moved[, from] - (cases > 0)
    moved[, class] <- moved[, class] + (cases > 0)
    total <- total + cases * scores_at(moved)
  }
  total
}
