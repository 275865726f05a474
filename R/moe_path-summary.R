#' Summary of a Lasso path
#'
#' The fit that a criterion chooses, or the smallest loss of a cross-validation, what comes next to it, and how well the
#' path is known.
#'
#' @param object A path by [moe_path()] or a cross-validation by [cv_moe()].
#' @param criterion `"EBIC"`, `"BIC"` or `"mBIC"`, see [moe_path()].
#' @param count How many of the best fits to show.
#' @param x A summary.
#' @param digits Significant digits.
#' @param ... Not used: anything else is an error, but for `use.fallback`, which other functions give to `nobs()`.
#' @return A list of class `"summary.moe_path"`: `criterion`; `best`, rows of the path's table (with the `loss` and its
#'   `se`, of a cross-validation), the best first, faulty fits left out where there are others; `coefficients`, those of
#'   the chosen fit that are not zero, as by [tidy.moe_path()]; `fits`, `faulty` and `converged` (how many there are,
#'   have an expert that collapsed or follows a few rows, and arrived at a maximum), `violation` (the largest of the
#'   optimality conditions), `status`, `experts`, `lambda` (the range), `nobs` and `call`. `nobs()`: the sum of the
#'   weights.
#' @examples
#' path <- moe_path(mpg ~ ., mtcars, experts = 1, nlambda = 20)
#' summary(path)
#' nobs(path)
#' @export
summary.moe_path <- function(object, criterion = c("EBIC", "BIC", "mBIC"), count = 5, ...) {
  check_call(..., .hints = selection_hints)
  criterion <- check_choice(criterion, c("EBIC", "BIC", "mBIC"), "criterion")
  values <- object$table[[criterion]]
  summary_of_path(object, object$table, if (criterion == "mBIC") -values else values, criterion, count)
}

#' @rdname summary.moe_path
#' @export
summary.cv_moe <- function(object, count = 5, ...) {
  check_call(...)
  table <- cbind(object$path$table, object$table[c("loss", "se")])
  everywhere <- object$table$folds == max(object$table$folds)
  summary_of_path(object$path, table, ifelse(everywhere, table$loss, NA), "loss", count)
}

# What there is to say of a path whose fits are ranked by some values, the smallest of which is best.
summary_of_path <- function(path, table, values, criterion, count) {
  if (!is_whole(count) || count < 1) abort_moe("count", "`count` must be a whole number >= 1.")
  sound <- !table$faulty & is.finite(values)
  ranked <- order(!sound, values)
  shown <- ranked[seq_len(min(count, if (any(sound)) sum(sound) else length(values)))]
  new_object(
    list(
      criterion = criterion, best = table[shown, ], coefficients = tidy_fits(path, shown[1]), fits = nrow(table),
      faulty = sum(table$faulty), converged = sum(table$converged), violation = max(table$violation),
      status = path$path$status, experts = path$checked$experts, lambda = range(path$lambda), nobs = path$path$weight,
      call = path$call
    ),
    class = "summary.moe_path"
  )
}

#' @rdname summary.moe_path
#' @export
print.summary.moe_path <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  check_call(..., .passed = print_arguments)
  cat("Call:", call_in_words(x$call, width.cutoff = 100), "", sep = "\n")
  cat(sprintf("Lasso path of a mixture of %d experts, %s rows: %d fits with lambda from %s to %s\n",
    as.integer(x$experts), format(x$nobs), x$fits, format(x$lambda[2], digits = digits),
    format(x$lambda[1], digits = digits)))
  if (x$status != "complete") cat("The path ends early:", x$status, "\n")
  cat(sprintf("Certificate: largest violation of the optimality conditions %.1e; %d of the fits converged\n",
    x$violation, x$converged))
  if (x$faulty > 0) cat(sprintf("%d fits have an expert that collapsed or follows a few rows\n", x$faulty))
  cat("\nBest by ", x$criterion, ":\n", sep = "")
  columns <- c("gate", "lambda", "df", "nonzero", "logLik", "BIC", "EBIC", "mBIC", "loss", "se", "refit")
  print(x$best[intersect(columns, names(x$best))], digits = digits, row.names = FALSE)
  cat("\nCoefficients of the first that are not zero:\n")
  print(x$coefficients[intersect(c("part", "expert", "y.level", "term", "estimate"), names(x$coefficients))],
    digits = digits, row.names = FALSE)
  invisible(x)
}

#' @rdname summary.moe_path
#' @export
nobs.moe_path <- function(object, ...) {
  check_call(..., .passed = "use.fallback")
  object$path$weight
}

#' @rdname summary.moe_path
#' @export
nobs.cv_moe <- function(object, ...) {
  check_call(..., .passed = "use.fallback")
  nobs(object$path)
}
