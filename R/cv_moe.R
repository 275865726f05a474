#' Cross-validate a Lasso path
#'
#' Fits the path again without each fold, at the same penalties and from the coefficients of the whole path, and scores
#' it by the log-likelihood of the rows left out. Folds run in parallel where 'mirai' daemons have been set
#' (`mirai::daemons(2)`); the result is the same. As the start has seen the rows left out, the score compares penalties,
#' not numbers of experts: see [moe_select()] for these. A covariate that is constant without a fold has no slope there.
#'
#' @param path A path by [moe_path()]; one with `refit` is scored by its fits without penalty.
#' @param folds Number of folds, 2 to the number of rows, or a fold for every row: numbers, names or a factor. Rows are
#'   those of the path, or all of its data before `na.action`.
#' @param groups `NULL`, or a group for every row: rows of a group are left out together.
#' @param seed A whole number, or `NULL` to draw one from R's generator.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"cv_moe"`: `table`, a data frame with a row for every fit of the path: its `gate` penalty
#'   and `lambda`, `loss` (minus the mean log-likelihood per observation left out), its standard error over the folds
#'   `se`, and the number of `folds` whose path reached this lambda; `lambda_min` and `gate_min`, of the smallest loss;
#'   `lambda_1se`, the largest lambda within one standard error of it; `folds`, `seed` and `path`. `plot()` shows it;
#'   [select_fit()], `coef()` and `predict()` take the fit of the smallest loss or at another `lambda`.
#' @section Errors: class `expertmix_error_folds`.
#' @examples
#' path <- moe_path(mpg ~ ., mtcars, experts = 1, nlambda = 10)
#' cv <- cv_moe(path, folds = 5, seed = 1)
#' cv
#' select_fit(cv, cv$lambda_1se)
#' predict(cv, mtcars[1:3, ])
#' @export
cv_moe <- function(path, folds = 10, groups = NULL, seed = NULL, ...) {
  check_call(..., .hints = c(nfolds = "Did you mean `folds`?", foldid = "`folds` may be the fold of every row."),
    .what = "folds")
  check_required("path")
  check_path(path)
  seed <- seed_or_drawn(seed, "folds")
  rows <- NROW(path$checked$design$y)
  dropped <- path$kept$na.action
  groups <- check_groups(without_dropped(groups, rows, dropped), rows)
  fold <- fold_of_rows(without_dropped(folds, rows, dropped), groups, rows, seed)
  scores <- run_folds(path, fold)
  weights <- path$checked$design$weights %||% rep(1, rows)
  new_cv(path, fold, scores, tapply(weights / max(weights), fold, sum), seed)
}

seed_or_drawn <- function(seed, what) {
  if (is.null(seed)) seed <- sample.int(.Machine$integer.max, 1)
  if (!is_whole(seed) || seed < 0) abort_moe(what, "`seed` must be a whole number >= 0.")
  seed
}

check_groups <- function(groups, rows) {
  if (is.null(groups)) return(seq_len(rows))
  if (!is.atomic(groups) || length(groups) != rows || anyNA(groups)) {
    abort_moe("folds", sprintf("`groups` must say the group of each of the %d rows.", rows))
  }
  match(groups, unique(groups))
}

# The fold of every row.
fold_of_rows <- function(folds, groups, rows, seed) {
  if (is.atomic(folds) && length(folds) == rows && rows > 1) {
    if (anyNA(folds)) abort_moe("folds", sprintf("`folds` is missing in row %s.", listed(which(is.na(folds)))))
    if (length(unique(folds)) < 2) abort_moe("folds", "`folds` must name two folds or more.")
    return(match(folds, sort(unique(folds))))
  }
  count <- max(groups)
  if (!is_whole(folds) || folds < 2 || folds > count) {
    what <- if (count < rows) "groups" else "rows"
    abort_moe("folds", sprintf("`folds` must be from 2 to %d, the number of %s, or a fold for every row.", count, what))
  }
  (computed_order(count, seed) %% folds + 1)[groups]
}

# The mean log-likelihood of every fold's rows for every fit of the path: a matrix of fits by folds.
run_folds <- function(path, fold) {
  do.call(cbind, run_jobs(seq_len(max(fold)), score_fold, "folds", path = path, fold = fold))
}

# work(job, ...) for every job, on daemons where they have been set.
run_jobs <- function(jobs, work, what, ...) {
  if (!daemons_are_set()) return(lapply(jobs, work, ...))
  call <- quote(do.call(work, c(list(job), others)))
  tasks <- lapply(jobs, function(job) {
    mirai::mirai(call, .args = list(work = work, job = job, others = list(...)))
  })
  on.exit(lapply(tasks, mirai::stop_mirai))
  results <- lapply(tasks, function(task) task[])
  failed <- Find(mirai::is_error_value, results)
  if (!is.null(failed)) abort_moe(what, paste("A daemon failed:", format(failed)))
  results
}

score_fold <- function(job, path, fold) {
  whole <- path$checked$design
  left <- cut_design(whole, fold == job)
  scores <- rep(NA_real_, length(path$lambda))
  for (gate in path$penalty$gate) {
    own <- which(path$table$gate == gate)
    found <- paths_without(path, fold != job, gate, own)
    fits <- if (is.null(path$refits)) found$fits else found$refits
    at <- match_lambdas(vapply(found$fits, `[[`, 0, "lambda"), path$lambda[own])
    known <- !vapply(fits, is.null, NA)
    scores[own[at[known]]] <- vapply(fits[known], function(fit) {
      held_out(fit$estimates, left, path$checked$mixture, path$penalty)
    }, 0)
  }
  scores
}

# The path of some rows at one gate penalty, from the best fit of all rows; a column that is constant among these rows
# has no slope.
paths_without <- function(path, keep, gate, own) {
  checked <- path$checked
  start <- path$fits[[best_fit(path, "EBIC", own)]]$estimates
  penalty <- with_gate(path$penalty, gate)
  penalty$experts <- penalty$experts / path$path$response_scale
  checked$design <- cut_design(checked$design, keep)
  varying <- columns_that_vary(checked$design, path$checked$design)
  checked$design <- design_of_columns(checked$design, varying)
  penalty <- penalty_of_columns(penalty, varying)
  checked$start <- estimates_of_columns(start, varying)
  control <- path$control
  control$progress <- FALSE
  grid <- path_grid(path$lambda[own], refit = !is.null(path$refits))
  found <- solve_path(checked, penalty, control, grid)
  with_fits(found, function(fit) {
    fit$estimates <- spread_estimates(fit$estimates, start, varying)
    fit
  })
}

# Of expert and gate design the columns that vary among some rows, and those of ones.
columns_that_vary <- function(design, whole) {
  varying <- function(x, all) !flat_columns(x) | flat_columns(all)
  list(experts = varying(design$x, whole$x), gate = varying(design$z %||% design$x, whole$z %||% whole$x))
}

design_of_columns <- function(design, varying) {
  if (!is.null(design$z)) design$z <- design$z[, varying$gate, drop = FALSE]
  design$x <- design$x[, varying$experts, drop = FALSE]
  design
}

penalty_of_columns <- function(penalty, varying) {
  for (part in names(penalty$factors)) penalty$factors[[part]] <- penalty$factors[[part]][varying[[part]]]
  if (length(penalty$adaptive)) {
    penalty$adaptive$estimates <- estimates_of_columns(penalty$adaptive$estimates, varying)
  }
  penalty
}

estimates_of_columns <- function(estimates, varying) {
  estimates$gate <- estimates$gate[varying$gate, , drop = FALSE]
  estimates$experts <- pick_rows(estimates$experts, which(varying$experts))
  if (length(estimates$origin)) estimates$origin <- estimates$origin[varying$gate]
  estimates$gate_intercept <- match(estimates$gate_intercept, which(varying$gate), nomatch = nrow(estimates$gate) + 1)
  estimates
}

# The same estimates among all columns, `whole` a table of them.
spread_estimates <- function(estimates, whole, varying) {
  out <- estimates
  out$gate <- 0 * whole$gate
  out$gate[varying$gate, ] <- estimates$gate
  out$experts <- 0 * whole$experts
  if (length(dim(whole$experts)) == 3) out$experts[varying$experts, , ] <- estimates$experts
  else out$experts[varying$experts, ] <- estimates$experts
  out$origin <- whole$origin
  out$gate_intercept <- whole$gate_intercept
  out
}

match_lambdas <- function(lambda, all) vapply(lambda, function(value) which.min(abs(all - value)), 0L)

# The mean log-likelihood of rows left out.
held_out <- function(estimates, design, mixture, penalty) {
  mixture$symmetric <- is.null(penalty$reference)
  dense <- dense_part(list(estimates = estimates), design)
  mean_log_density(dense$object$estimates, dense$design, mixture)
}

# Zero where no row has a weight.
mean_log_density <- function(estimates, design, mixture) {
  weights <- design$weights %||% rep(1, NROW(design$y))
  if (all(weights == 0)) return(0)
  density <- computed_rows(design, mixture, estimates, "log_density")
  stats::weighted.mean(density, weights / max(weights))
}

# The mean over folds of some sizes of every row of a matrix, and its standard error.
mean_over_folds <- function(values, sizes) {
  mean <- as.vector(values %*% sizes / sum(sizes))
  list(mean = mean, se = sqrt(rowSums((values - mean)^2) / (ncol(values) - 1) / ncol(values)))
}

cut_design <- function(design, keep) {
  part <- design_rows(design, keep)
  part$weights <- design$weights[keep]
  part$label <- NULL
  part
}

new_cv <- function(path, fold, scores, sizes, seed) {
  loss <- -scores
  reached <- rowSums(!is.na(loss))
  over <- mean_over_folds(loss, sizes)
  mean <- over$mean
  se <- over$se
  whole <- which(reached == ncol(loss))
  if (length(whole) == 0) abort_moe("folds", "No lambda of the path could be fitted without every fold.")
  sound <- whole[!path$table$faulty[whole]]
  among <- if (length(sound)) sound else whole
  best <- among[which.min(mean[among])]
  gate <- path$table$gate
  near <- among[mean[among] <= mean[best] + se[best] & gate[among] == gate[best]]
  new_object(
    list(
      table = data.frame(gate = gate, lambda = path$lambda, loss = mean, se = se, folds = reached),
      lambda_min = path$lambda[best], lambda_1se = max(path$lambda[near]), gate_min = gate[best], folds = fold,
      seed = seed, path = path
    ),
    class = "cv_moe"
  )
}

#' @export
print.cv_moe <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  check_call(..., .passed = print_arguments)
  cat(sprintf("Cross-validation of a Lasso path with %d folds\n", max(x$folds)))
  own <- which(x$table$gate == x$gate_min)
  at <- own[match(c(x$lambda_min, x$lambda_1se), x$table$lambda[own])]
  shown <- x$table[at, c("gate", "lambda", "loss", "se")]
  shown$nonzero <- x$path$table$nonzero[at]
  if (length(x$path$penalty$gate) == 1) shown$gate <- NULL
  rownames(shown) <- c("smallest loss", "one standard error")
  print(shown, digits = digits)
  invisible(x)
}

#' @rdname select_fit
#' @export
coef.cv_moe <- function(object, lambda = object$lambda_min, part = "all", ...) {
  check_call(...)
  coef(object$path, lambda, part, gate_penalty = object$gate_min)
}

#' @rdname select_fit
#' @export
predict.cv_moe <- function(object, newdata, lambda = object$lambda_min, type = "response", ...) {
  check_call(..., .passed = prediction_arguments)
  fit <- select_fit(object, lambda)
  if (missing(newdata)) predict(fit, type = type, ...) else predict(fit, newdata, type = type, ...)
}
