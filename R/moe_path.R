#' Lasso path of a mixture of experts
#'
#' Penalised fits as by [penalty_lasso()] at many values of \eqn{\lambda}, downwards from the smallest at which no fit
#' that was found is better than the one with all slopes zero, and at several ratios of the gate's penalty to the
#' experts': at `lambda` it is `penalty` with `experts` and each of `gate` times `lambda`. The criteria choose among all
#' of them; fits with an expert that collapsed or follows a few rows are passed over, and one with an empty expert,
#' which is a mixture of fewer, comes with a warning. A path does not depend on the response's unit: where the penalty
#' of the experts is not scaled, it is in units of the response's standard deviation \eqn{s} (divisor \eqn{n}).
#'
#' A Lasso chooses many slopes too many where it is to shrink little. With `refit = TRUE` the coefficients that are not
#' zero are estimated again without penalty at every lambda, and the criteria are those of these fits: they find the
#' support more often, and predict better, where slopes are few and large.
#'
#' Fits come from those with all slopes zero, which are mixtures of constants, some or all of them alike, and from
#' several starting values that are followed to maxima at a few lambdas, the best of which are followed up and down
#' the path; at each lambda the better fit is kept. This search has lambdas of its own, so that neither the largest
#' lambda nor what is found depends on those that are asked for. `start` takes the place of the starting values.
#' Where an expert would interpolate its rows the penalised likelihood has no maximum worth having: there the path
#' ends, and unless `lambda` or `ratio` say how far it should go, the `nlambda` values are spread over what there is
#' of it. Where this happens only in between, the fit with the variance guard is returned and flagged.
#'
#' @param x A formula as in [moe()], or an expert design: a matrix, or a sparse matrix of package 'Matrix'.
#' @param data A data frame.
#' @param y,z,intercept Response, gate design and what to do where a design has no column of ones, as in [moe_fit()];
#'   `factors` count an intercept that was added.
#' @param experts,family,sigma,weights,subset,na.action,offset,start,control As in [moe()]; `start` takes the place of
#'   the search's own starting values.
#' @param gate A gate, see [gate_softmax()]; it must be smooth, with a fixed temperature.
#' @param penalty What is penalised, by [penalty_lasso()]: every `lambda` multiplies its `experts` and `gate`, so that
#'   only their ratio matters, and `gate` may be several numbers to try. `NULL` is `penalty_lasso(1)`, for several
#'   Gaussian experts with slopes with `gate = c(0.5, 1, 2) / experts`: as a slope of theirs counts times the average
#'   gate probability, the second one penalises all slopes alike.
#' @param refit Estimate every fit again without penalty on its support.
#' @param lambda `NULL`, or decreasing numbers; or those for every one of the gate's penalties, one after another, as
#'   `lambda` of a path has them.
#' @param nlambda,ratio How many lambdas, at most 10000, and the smallest over the largest; `NULL` is 0.05 where there
#'   are more coefficients than rows, else 0.005, or where the path ends. Not with `lambda`.
#' @param gamma Of the EBIC: the prior's weight against many slopes, from 0 to 1.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"moe_path"`, a list with `lambda`; `table`, a data frame with a row for every fit: `gate`
#'   (the gate's penalty over lambda), `lambda`, `df` (free coefficients and slopes that are not zero), `nonzero`
#'   slopes, `logLik` (not penalised), `objective`, `BIC`, `EBIC` (Chen and Chen 2008), `mBIC` (that of Chamroukhi and
#'   Huynh 2019: log-likelihood less half of log n for every slope that is not zero; to be maximised), `violation` of
#'   the optimality conditions, `guarded` (an expert's variance collapsed: objective and violation are those with a
#'   guard of the variances; of experts without a variance, one has fewer than three rows for each of its slopes),
#'   `faulty` (that, or an expert that follows a few rows), `converged` and, with `refit`, its log-likelihood without
#'   penalty, `NA` where an expert has too few rows for its slopes; the `fits`; and the `refits` or `NULL`. See
#'   [select_fit()], [coef.moe_path()], [predict.moe_path()], [summary.moe_path()], [tidy.moe_path()],
#'   [plot.moe_path()] and [cv_moe()].
#' @inheritSection penalty_lasso Errors
#' @references Chen, J. and Chen, Z. (2008). Extended Bayesian information criteria for model selection with large model
#'   spaces. Biometrika 95, 759-771.
#' @inherit penalty_lasso references
#' @examples
#' set.seed(1)
#' d <- data.frame(matrix(rnorm(200 * 6), 200, 6))
#' one <- runif(200) < plogis(2 * d$X1)
#' d$y <- ifelse(one, 2 * d$X2, 3 - d$X3) + rnorm(200) / 2
#' path <- moe_path(y ~ ., d, nlambda = 20)
#' path
#' coef(path, part = "experts")
#' @export
moe_path <- function(x, ...) {
  if (missing(x)) abort_moe("argument", "`x` is missing.", "Give a formula or an expert design, as the first argument.")
  UseMethod("moe_path")
}

path_hints <- c(
  alpha = "Give `penalty = penalty_lasso(1, alpha = )`.", formula = "Give the formula as `x`.",
  lambda.min.ratio = "Did you mean `ratio`?", nfolds = "Cross-validation is by `cv_moe()`.",
  gate_penalty = "The gate's penalty over the experts' is said by `penalty = penalty_lasso(1, gate = )`.",
  ridge = "Give `penalty = penalty_lasso(1, ridge = )`.",
  factors = "Give `penalty = penalty_lasso(1, factors = )`.",
  reference = "Give `penalty = penalty_lasso(1, reference = )`.",
  standardize = "Give `penalty = penalty_lasso(1, standardize = )`.",
  k = "Did you mean `experts`?", K = "Did you mean `experts`?"
)

# The call of a method as that of its generic, which users can call.
generic_call <- function(call, generic) {
  call[[1]] <- generic[[1]]
  call
}

#' @rdname moe_path
#' @export
moe_path.formula <- function(x, data, experts = 2, family = gaussian(), gate = gate_softmax(),
                             sigma = c("separate", "common"), penalty = NULL, refit = FALSE, weights = NULL,
                             start = NULL, lambda = NULL, nlambda = 50, ratio = NULL, gamma = 1,
                             control = moe_control(), subset, na.action, offset, ...) {
  check_call(..., .hints = path_hints)
  call <- generic_call(match.call(), sys.call(-1))
  variables <- if (missing(data)) environment(x) else data
  frame_call <- call
  names(frame_call)[names(frame_call) == "x"] <- "formula"
  family <- if (!missing(family)) check_family(family)
  asked <- asked_by_formula(frame_call, x, variables, parent.frame(), family, start)
  grid <- path_grid(lambda, nlambda, ratio, refit, counted = !missing(nlambda))
  path <- path_of(asked$design, experts, sigma, gate, asked$family, asked$start, control, penalty, grid, gamma)
  path$call <- call
  path$kept <- asked$kept
  path
}

#' @rdname moe_path
#' @export
moe_path.default <- function(x, y, z = x, experts = 2, family = gaussian(), gate = gate_softmax(),
                             sigma = c("separate", "common"), penalty = NULL, refit = FALSE, weights = NULL,
                             offset = NULL, start = NULL, lambda = NULL, nlambda = 50, ratio = NULL, gamma = 1,
                             control = moe_control(), intercept = NULL, ...) {
  check_call(..., .hints = path_hints)
  call <- generic_call(match.call(), sys.call(-1))
  check_required(design = "x", response = "y")
  family <- if (missing(family)) implied_family(y) else check_family(family)
  data <- matrix_data(x, z, y, family, weights, offset, intercept)
  grid <- path_grid(lambda, nlambda, ratio, refit, counted = !missing(nlambda))
  path <- path_of(data, experts, sigma, gate, family, start, control, penalty, grid, gamma)
  path$call <- call
  path$data <- data
  path
}

path_of <- function(design, experts, sigma, gate, family, start, control, penalty, grid, gamma) {
  control <- check_control(control)
  check_penalty(penalty)
  if (!is.null(penalty) && penalty$experts == 0 && all(penalty$gate == 0)) {
    abort_moe("penalty", "`penalty` is zero for experts and gate: no `lambda` changes that.")
  }
  if (!is_number(gamma) || gamma < 0 || gamma > 1) abort_moe("penalty", "`gamma` must be from 0 to 1.")
  checked <- check_fit(design, experts, sigma, gate, family, start, sparse = TRUE)
  penalty <- completed_penalty(penalty %||% path_penalty(checked), checked)
  check_bounded(control$bounds, checked$gate, penalty)
  if (is.null(start)) checked <- started_at_pilot(checked, penalty)
  control <- seeded(control)
  paths <- paths_of_gates(checked, penalty, control, grid, gamma, searched = is.null(start))
  found <- new_path(paths, checked, penalty, control, grid, gamma)
  with_kept_labels(found, found$fits[[chosen_fit(found, NULL, "EBIC")]], checked, penalty)
}

# A path for every gate penalty; where starting values are searched, the one in the middle tells the others where.
paths_of_gates <- function(checked, penalty, control, grid, gamma, searched) {
  lambdas <- lambdas_of_gates(grid$lambda, length(penalty$gate))
  path_at <- function(i) {
    grid$lambda <- lambdas[[i]]
    solve_path(checked, with_gate(penalty, penalty$gate[i]), control, grid, response_unit = FALSE)
  }
  middle <- (length(penalty$gate) + 1) %/% 2
  first <- path_at(middle)
  if (searched) {
    table <- path_table(first$fits, NULL, penalty$gate[middle], first, gamma)
    best <- best_fit(list(table = table), "EBIC", seq_along(first$fits))
    if (table$nonzero[best] > 0) checked$start <- first$fits[[best]]$estimates
  }
  lapply(seq_along(penalty$gate), function(i) if (i == middle) first else path_at(i))
}

# By default slopes of several experts, of which each has its share of the penalty, and of the gate alike, or those of
# the gate half or twice as much. Where only the gate has slopes there is but its own penalty.
path_penalty <- function(checked) {
  several <- checked$experts > 1 && identical(checked$family$family, "gaussian") && !all(flat_columns(checked$design$x))
  penalty_lasso(1, gate = if (several) c(0.5, 1, 2) / checked$experts else 1)
}

with_gate <- function(penalty, gate) {
  penalty$gate <- gate
  penalty
}

# The lambdas of a path as they are asked for; `counted`: whether their number is.
path_grid <- function(lambda, nlambda = 50, ratio = NULL, refit = FALSE, counted = FALSE) {
  if (!is.null(lambda)) {
    check_lambda(lambda)
    beside <- c("nlambda", "ratio")[c(counted, !is.null(ratio))]
    if (length(beside)) {
      abort_moe("penalty", sprintf("`lambda` says which values there are: %s has no effect.", quoted(beside)),
        "Leave one of them out.")
    }
  }
  if (!is_whole(nlambda) || nlambda < 1 || nlambda > 1e4) {
    abort_moe("penalty", "`nlambda` must be a whole number from 1 to 10000.")
  }
  if (!is.null(ratio) && (!is_number(ratio) || ratio <= 0 || ratio >= 1)) {
    abort_moe("penalty", "`ratio` must be between 0 and 1.")
  }
  if (!rlang::is_bool(refit)) abort_moe("refit", "`refit` must be TRUE or FALSE.")
  list(lambda = lambda, count = nlambda, ratio = ratio %||% 0, refit = refit)
}

check_lambda <- function(lambda) {
  if (!is.numeric(lambda) || length(lambda) == 0 || !all(is.finite(lambda)) || any(lambda < 0)) {
    abort_moe("penalty", "`lambda` must hold finite numbers that are not negative.")
  }
}

# The lambdas of every gate penalty: the same, or those of a path, one gate penalty after another.
lambdas_of_gates <- function(lambda, gates) {
  run <- 1 + cumsum(c(FALSE, diff(lambda) >= 0))
  runs <- max(run, 1)
  if (runs != 1 && runs != gates) {
    each <- if (gates > 1) sprintf(", or do so for each of the %d gate penalties", gates) else ""
    abort_moe("penalty", sprintf("`lambda` must decrease%s.", each))
  }
  if (runs == 1) rep(list(lambda), gates) else unname(split(lambda, run))
}

# The paths of all gate penalties as one.
new_path <- function(paths, checked, penalty, control, grid, gamma) {
  fits <- do.call(c, lapply(paths, `[[`, "fits"))
  refits <- do.call(c, lapply(paths, `[[`, "refits"))
  gate <- rep(penalty$gate, lengths(lapply(paths, `[[`, "fits")))
  sum_of <- function(name) sum(vapply(paths, `[[`, 0, name))
  late <- Find(function(path) path$status != "complete", paths)
  path <- paths[[1]][c("weight", "response_scale", "slopes", "seed")]
  path$status <- if (is.null(late)) "complete" else late$status
  path[c("passes", "starts", "seconds")] <- lapply(c("passes", "starts", "seconds"), sum_of)
  new_object(
    list(
      lambda = vapply(fits, `[[`, 0, "lambda"), table = path_table(fits, if (grid$refit) refits, gate, path, gamma),
      fits = fits, refits = if (grid$refit) refits, path = path, checked = checked, penalty = penalty,
      control = control, gamma = gamma
    ),
    class = "moe_path"
  )
}

# The criteria are those of the refits, where there are any.
path_table <- function(fits, refits, gate, path, gamma) {
  pick <- function(name, type, from = fits) {
    vapply(from, function(fit) if (is.null(fit)) NA + type else fit[[name]], type)
  }
  df <- pick("degrees", 0)
  nonzero <- pick("slopes", 0)
  log_likelihood <- pick("log_likelihood", 0)
  judged <- if (is.null(refits)) log_likelihood else pick("log_likelihood", 0, refits)
  bic <- -2 * judged + log(path$weight) * df
  table <- data.frame(
    gate = gate, lambda = pick("lambda", 0), df = df, nonzero = nonzero, logLik = log_likelihood,
    objective = pick("objective", 0), BIC = bic, EBIC = bic + 2 * gamma * lchoose(path$slopes, nonzero),
    mBIC = judged - 0.5 * log(path$weight) * nonzero, violation = pick("violation", 0),
    guarded = vapply(fits, `[[`, NA, "guarded"), faulty = vapply(fits, is_faulty, NA),
    converged = vapply(fits, `[[`, NA, "converged")
  )
  if (!is.null(refits)) table$refit <- judged
  table
}

# Whether a fit has an expert that follows a few rows or collapsed: its likelihood says nothing.
is_faulty <- function(fit) fit$guarded || length(fit$spikes) > 0

#' @export
print.moe_path <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  check_call(..., .passed = print_arguments)
  experts <- ncol(x$fits[[1]]$estimates$gate)
  cat(sprintf("Lasso path of a mixture of %d experts: %d fits with lambda from %s to %s\n", experts, length(x$lambda),
    format(max(x$lambda), digits = digits), format(min(x$lambda), digits = digits)))
  if (x$path$status != "complete") cat("The path ends early:", x$path$status, "\n")
  cat(sprintf("Largest violation of the optimality conditions: %.1e\n\n", max(x$table$violation)))
  best <- unique(vapply(c("BIC", "EBIC", "mBIC"), function(name) chosen_fit(x, NULL, name), 0L))
  shown <- x$table[best, c("gate", "lambda", "df", "nonzero", "logLik", "BIC", "EBIC", "mBIC")]
  if (!is.null(x$refits)) shown$logLik <- x$table$refit[best]
  if (length(x$penalty$gate) == 1) shown$gate <- NULL
  cat("Chosen by BIC, EBIC and mBIC", if (!is.null(x$refits)) " of the fits without penalty", ":\n", sep = "")
  print(shown, digits = digits, row.names = FALSE)
  invisible(x)
}

#' @export
logLik.moe_path <- function(object, ...) {
  check_call(...)
  table <- object$table
  structure(table$refit %||% table$logLik, df = table$df, nobs = object$path$weight, class = "logLik")
}
