#' Choice of terms step by step
#'
#' From a fit to the one with the smallest AIC among those that are one term of the experts or of the gate away, until
#' none is smaller: what [stats::step()] does for formulas with one part.
#' @inheritParams drop1.moe
#' @param object A fit by [moe()].
#' @param scope The largest model, `~ x1 + x2 | x3`; by default the fit itself. `.` is what there is.
#' @param direction `"both"`, `"backward"` or `"forward"`; without a `scope` always `"backward"`.
#' @param trace Print the steps.
#' @return The last fit, with `anova`, a data frame of the steps: `Step`, `Df`, and the `AIC` after it.
#' @section Errors: those of [drop1.moe()].
#' @examples
#' fit <- moe(mpg ~ wt + qsec | wt, mtcars, control = moe_control(starts = 10, seed = 1))
#' step_terms(fit, k = log(32))
#' @export
step_terms <- function(object, scope = NULL, direction = c("both", "backward", "forward"), k = 2, trace = TRUE,
                       search = TRUE, ...) {
  check_call(...)
  direction <- check_choice(direction, c("both", "backward", "forward"), "direction")
  check_stepped(object, search, k)
  check_flag(trace, "trace")
  if (is.null(scope)) direction <- "backward"
  upper <- if (!is.null(scope)) wider_parts(object, scope)
  caller <- parent.frame()
  steps <- data.frame(Step = "", Df = NA_real_, AIC = extractAIC(object, k = k)[2])
  if (trace) cat(sprintf("%-30s AIC %s\n", "start", format(steps$AIC)))
  repeat {
    tried <- neighbours(object, upper, direction)
    fits <- lapply(seq_len(nrow(tried)), function(i) refit(object, tried[i, ], tried$sign[i], search, caller))
    sound <- Filter(function(i) is.null(unsound_words(fits[[i]])), seq_along(fits))
    values <- vapply(fits[sound], function(fit) extractAIC(fit, k = k)[2], 0)
    if (length(values) == 0 || min(values) >= steps$AIC[nrow(steps)]) break
    best <- sound[which.min(values)]
    step <- data.frame(
      Step = paste(tried$sign[best], term_labels(tried[best, ])), Df = fits[[best]]$df - object$df, AIC = min(values)
    )
    if (trace) cat(sprintf("%-30s AIC %s\n", step$Step, format(step$AIC)))
    steps <- rbind(steps, step)
    object <- fits[[best]]
  }
  object$anova <- steps
  object
}

# The terms that may be left out of a fit, and those of a larger model that may be put in.
neighbours <- function(object, upper, direction) {
  less <- if (direction != "forward") part_terms(object, stats::drop.scope)
  more <- if (direction != "backward") terms_beyond(object, upper)
  terms <- rbind(less, more)
  terms$sign <- rep(c("-", "+"), c(NROW(less), NROW(more)))
  terms
}
