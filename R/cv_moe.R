#' Cross-validate a Lasso path
#'
#' Fits the path again without each fold, at the same lambdas and from the coefficients of the whole path, and scores it
#' by the log-likelihood of the rows left out. Folds run in parallel where 'mirai' daemons have been set
#' (`mirai::daemons(2)`); the result is the same.
#'
#' @param path A path by [moe_path()].
#' @param folds Number of folds, 2 to the number of rows, or a fold number for every row.
#' @param seed A whole number, or `NULL` to draw one from R's generator.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"cv_moe"`: `table`, a data frame with a row for every lambda of the path: `loss` (minus
#'   the mean log-likelihood per observation left out), its standard error over the folds `se`, and the number of
#'   `folds` whose path reached this lambda; `lambda_min`, the lambda of the smallest loss; `lambda_1se`, the largest
#'   within one standard error of it; `folds`, `seed` and `path`. `plot()` shows it; [select_fit()] takes the fit at
#'   either lambda.
#' @section Errors: `expertmix_error_folds`.
#' @examples
#' path <- moe_path(mpg ~ ., mtcars, experts = 1, nlambda = 10)
#' cv <- cv_moe(path, folds = 5, seed = 1)
#' cv
#' select_fit(path, cv$lambda_1se)
#' @export
cv_moe <- function(path, folds = 10, seed = NULL, ...) {
  check_call(..., .hints = c(nfolds = "Did you mean `folds`?", foldid = "`folds` may be the fold of every row."),
    .what = "folds")
  check_required("path")
  check_path(path)
  if (is.null(seed)) seed <- sample.int(.Machine$integer.max, 1)
  if (!is_whole(seed) || seed < 0) abort_moe("folds", "`seed` must be a whole number >= 0.")
  rows <- NROW(path$checked$design$y)
  fold <- fold_of_rows(folds, rows, seed)
  scores <- run_folds(path, fold)
  weights <- path$checked$design$weights %||% rep(1, rows)
  new_cv(path, fold, scores, tapply(weights / max(weights), fold, sum), seed)
}

# The fold of every row.
fold_of_rows <- function(folds, rows, seed) {
  if (is.numeric(folds) && length(folds) == rows && rows > 1) {
    if (anyNA(folds) || length(unique(folds)) < 2) abort_moe("folds", "`folds` must name two folds or more.")
    return(match(folds, sort(unique(folds))))
  }
  if (!is_whole(folds) || folds < 2 || folds > rows) {
    abort_moe("folds", sprintf("`folds` must be from 2 to %d, the number of rows, or a fold for every row.", rows))
  }
  computed_order(rows, seed) %% folds + 1
}

# The mean log-likelihood of every fold's rows at every lambda: a matrix of lambdas by folds.
run_folds <- function(path, fold) {
  jobs <- seq_len(max(fold))
  if (!daemons_are_set()) return(do.call(cbind, lapply(jobs, function(job) score_fold(path, fold, job))))
  call <- quote(work(path, fold, job))
  tasks <- lapply(jobs, function(job) {
    mirai::mirai(call, .args = list(work = score_fold, path = path, fold = fold, job = job))
  })
  on.exit(lapply(tasks, mirai::stop_mirai))
  scores <- lapply(tasks, function(task) task[])
  failed <- Find(mirai::is_error_value, scores)
  if (!is.null(failed)) abort_moe("folds", paste("A daemon failed:", format(failed)))
  do.call(cbind, scores)
}

score_fold <- function(path, fold, job) {
  checked <- path$checked
  whole <- checked$design
  checked$design <- cut_design(whole, fold != job)
  checked$start <- path$fits[[chosen_fit(path, NULL, "BIC")]]$estimates
  found <- solve_fold(checked, path)
  left <- cut_design(whole, fold == job)
  scores <- rep(NA_real_, length(path$lambda))
  for (fit in found$fits) {
    scores[match_lambda(fit$lambda, path$lambda)] <- held_out(fit$estimates, left, checked$mixture, path$penalty)
  }
  scores
}

solve_fold <- function(checked, path) {
  penalty <- path$penalty
  penalty$experts <- penalty$experts / path$path$response_scale
  control <- path$control
  control$progress <- FALSE
  solve_path(checked, penalty, control, path_grid(path$lambda))
}

match_lambda <- function(lambda, all) which.min(abs(all - lambda))

# The mean log-likelihood of rows left out; zero where none has a weight.
held_out <- function(estimates, design, mixture, penalty) {
  mixture$symmetric <- is.null(penalty$reference)
  weights <- design$weights %||% rep(1, NROW(design$y))
  dense <- dense_part(list(estimates = estimates), design)
  if (all(weights == 0)) return(0)
  density <- computed_rows(dense$design, mixture, dense$object$estimates, "log_density")
  stats::weighted.mean(density, weights / max(weights))
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
  mean <- as.vector(loss %*% sizes / sum(sizes))
  se <- sqrt(rowSums((loss - mean)^2) / (ncol(loss) - 1) / ncol(loss))
  whole <- which(reached == ncol(loss))
  if (length(whole) == 0) abort_moe("folds", "No lambda of the path could be fitted without every fold.")
  best <- whole[which.min(mean[whole])]
  near <- whole[mean[whole] <= mean[best] + se[best]]
  new_object(
    list(
      table = data.frame(lambda = path$lambda, loss = mean, se = se, folds = reached), lambda_min = path$lambda[best],
      lambda_1se = max(path$lambda[near]), folds = fold, seed = seed, path = path
    ),
    class = "cv_moe"
  )
}

#' @export
print.cv_moe <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  check_call(..., .passed = print_arguments)
  cat(sprintf("Cross-validation of a Lasso path with %d folds\n", max(x$folds)))
  shown <- x$table[match(c(x$lambda_min, x$lambda_1se), x$table$lambda), c("lambda", "loss", "se")]
  shown$nonzero <- x$path$table$nonzero[match(shown$lambda, x$path$lambda)]
  rownames(shown) <- c("smallest loss", "one standard error")
  print(shown, digits = digits)
  invisible(x)
}
