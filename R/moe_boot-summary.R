#' What a bootstrap says
#'
#' Bias, standard errors, covariance and intervals from the replicates of [moe_boot()] that did not fail.
#'
#' With \eqn{q_p} the quantile of the replicates at \eqn{p} (number \eqn{p (B + 1)} in order of size, between neighbours
#' by interpolation), \eqn{t} the estimate and \eqn{\alpha}{a} one minus `level`, the interval is
#' * `"percentile"`: from \eqn{q_{\alpha/2}}{q_(a/2)} to \eqn{q_{1 - \alpha/2}}{q_(1 - a/2)};
#' * `"basic"`: from \eqn{2t - q_{1 - \alpha/2}}{2t - q_(1 - a/2)} to \eqn{2t - q_{\alpha/2}}{2t - q_(a/2)};
#' * `"bca"` (bias-corrected and accelerated, Efron 1987): between the quantiles at \eqn{\Phi(z_0 + (z_0 + z_p) / (1 - a
#'   (z_0 + z_p)))}{Phi(z0 + (z0 + z_p) / (1 - a (z0 + z_p)))}, where \eqn{z_p} are the normal quantiles at
#'   \eqn{\alpha/2}{a/2} and \eqn{1 - \alpha/2}{1 - a/2}, \eqn{\Phi(z_0)}{Phi(z0)} is the share of replicates below the
#'   estimate, and \eqn{a = \sum l_i^3 / (6 (\sum l_i^2)^{3/2})}{a = sum l_i^3 / (6 (sum l_i^2)^(3/2))} with the
#'   influences \eqn{l_i} of rows or clusters, which are the rows of the scores times the inverse of the information. So
#'   it is there for coefficients under `type = "case"` only.
#'
#' Coefficients that the data do not hold (see [vcov.moe()]) are `NA`: where their replicates end, the bounds of the fit
#' say and not the data.
#'
#' @param object,x A bootstrap by [moe_boot()].
#' @param parm Names or numbers of parameters or statistics; all by default.
#' @param level,conf.level Confidence level, between 0 and 1.
#' @param type,conf.method `"percentile"`, `"basic"` or `"bca"`.
#' @param conf.int Add intervals.
#' @param row.names,optional As in [as.data.frame()].
#' @param digits Number of digits to print.
#' @param ... For `plot()` and `autoplot()`: labels, such as `xlab`, `ylab` and `main`. For `print()`: arguments of
#'   [print.default()]. Else not used: anything else is an error.
#' @return `summary()`: an object of class `"summary.moe_boot"`, with the matrix `coefficients` of `estimate`, `bias`,
#'   `std.error` and the ends of the interval. `confint()`: a matrix of the ends of intervals, with a warning of class
#'   `expertmix_warning_replicates` where there are too few replicates for them. `vcov()`: the covariance of the
#'   replicates. `coef()`: the values at the fit. `tidy()`: a data frame, with `part`, `expert`, (for multinomial
#'   experts) `y.level`, `term`, `estimate`, `bias`, `std.error`, and `conf.low` and `conf.high`; of a `statistic`
#'   with its names in `term` alone. `as.data.frame()`: a row for every replicate, with its number in `replication`
#'   and `reason`. `autoplot()`: a histogram of the replicates for every parameter, as an object of class `"ggplot"`;
#'   `plot()` draws it.
#' @section Errors: `expertmix_error_bootstrap` for a `"bca"` interval where there is none; `expertmix_error_type`,
#'   `expertmix_error_level`, `expertmix_error_parm`.
#' @references Efron, B. (1987). Better bootstrap confidence intervals. JASA 82, 171-185.
#' @examples
#' fit <- moe(waiting ~ 1, faithful, control = moe_control(seed = 1))
#' boot <- moe_boot(fit, 199, type = "case", seed = 1)
#' summary(boot, level = 0.9)
#' confint(boot, "expert1:(Intercept)", type = "bca")
#' generics::tidy(boot, conf.int = TRUE)
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   plot(boot, c("expert1:(Intercept)", "expert2:(Intercept)"), xlab = "mean of the expert (minutes)")
#' }
#' @export
summary.moe_boot <- function(object, level = 0.95, type = c("percentile", "basic", "bca"), ...) {
  check_call(...)
  kind <- check_choice(type, interval_types, "type")
  bounds <- confint(object, level = level, type = kind)
  new_object(
    list(
      coefficients = cbind(boot_moments(object), bounds), interval = kind, type = object$type, reasons = object$reasons,
      units = object$units, clusters = object$clusters, seed = object$seed
    ),
    class = "summary.moe_boot"
  )
}

interval_types <- c("percentile", "basic", "bca")

# The replicates that did not fail, without what the data do not hold.
sound_replicates <- function(boot) {
  values <- boot$replicates[is.na(boot$reasons), , drop = FALSE]
  values[, !(boot$estimable %||% TRUE)] <- NA
  values
}

# Estimate, bias and standard error of each statistic.
boot_moments <- function(boot) {
  bias <- if (all(!is.na(boot$reasons))) NA_real_ else colMeans(sound_replicates(boot)) - boot$coefficients
  cbind(estimate = boot$coefficients, bias = bias, std.error = sqrt(diag(vcov(boot))))
}

#' @export
print.moe_boot <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  check_call(..., .passed = print_arguments)
  print(withCallingHandlers(summary(x), expertmix_warning_replicates = rlang::cnd_muffle), digits = digits, ...)
  invisible(x)
}

#' @rdname summary.moe_boot
#' @export
print.summary.moe_boot <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  check_call(..., .passed = print_arguments)
  kind <- if (x$type == "case") "Case" else "Parametric"
  what <- if (x$clusters) "clusters" else "rows"
  cat(sprintf("%s bootstrap: %d replicates of %d %s, seed %s\n", kind, length(x$reasons), x$units, what,
    format(x$seed, scientific = FALSE)))
  failures <- failure_words(x$reasons)
  if (length(failures)) cat(failures, "They are left out below.\n")
  cat("\n")
  print(x$coefficients, digits = digits, ...)
  cat(sprintf("\n%s intervals\n", if (x$interval == "bca") "BCa" else tools::toTitleCase(x$interval)))
  invisible(x)
}

#' @rdname summary.moe_boot
#' @export
coef.moe_boot <- function(object, ...) {
  check_call(...)
  object$coefficients
}

#' @rdname summary.moe_boot
#' @export
vcov.moe_boot <- function(object, ...) {
  check_call(...)
  stats::cov(sound_replicates(object))
}

#' @rdname summary.moe_boot
#' @export
confint.moe_boot <- function(object, parm, level = 0.95, type = c("percentile", "basic", "bca"), ...) {
  check_call(...)
  check_level(level)
  kind <- check_choice(type, interval_types, "type")
  names <- names(object$coefficients)
  chosen <- if (missing(parm)) names else check_parm(parm, names)
  values <- sound_replicates(object)
  tails <- interval_tails(level)
  warn_few(nrow(values), tails[1])
  ends <- vapply(chosen, function(name) boot_interval(object, name, values[, name], tails, kind), numeric(2))
  matrix(t(ends), ncol = 2, dimnames = list(chosen, percent_names(tails)))
}

warn_few <- function(count, tail) {
  if ((count + 1) * tail >= 1 - 1e-9) return(invisible())
  warn_moe("replicates", sprintf("There are %d replicates: intervals end at the outermost.", count),
    sprintf("Take %.0f or more, or a lower `level`.", ceiling(1 / tail - 1e-9) - 1))
}

# The interval of one statistic from its replicates; NA where there are none.
boot_interval <- function(boot, name, values, tails, kind) {
  if (kind == "bca") tails <- accelerated_tails(boot, name, values, tails)
  if (length(values) == 0 || anyNA(values) || anyNA(tails)) return(c(NA_real_, NA_real_))
  ends <- stats::quantile(values, tails, type = 6, names = FALSE)
  if (kind == "basic") 2 * boot$coefficients[[name]] - rev(ends) else ends
}

# Phi(z0 + (z0 + z) / (1 - a (z0 + z))); a replicate equal to the estimate counts half. NA where all are on one side.
accelerated_tails <- function(boot, name, values, tails) {
  a <- boot$acceleration[[name]]
  if (is.null(a)) {
    abort_moe("bootstrap", "There is no BCa interval: it needs coefficients, their information and drawn cases.",
      'Take `type = "percentile"`, or `moe_boot(type = "case")`.')
  }
  estimate <- boot$coefficients[[name]]
  below <- mean(values < estimate) + mean(values == estimate) / 2
  if (is.na(below) || below == 0 || below == 1) return(c(NA_real_, NA_real_))
  z <- stats::qnorm(below) + stats::qnorm(tails)
  stats::pnorm(stats::qnorm(below) + z / (1 - a * z))
}

#' @rdname summary.moe_boot
#' @export
tidy.moe_boot <- function(x, conf.int = FALSE, conf.level = 0.95, conf.method = c("percentile", "basic", "bca"), ...) {
  check_call(...)
  check_flag(conf.int, "conf.int")
  result <- cbind(boot_terms(x), data.frame(boot_moments(x), row.names = NULL))
  if (!conf.int) return(as_table(result))
  bounds <- confint(x, level = conf.level, type = check_choice(conf.method, interval_types, "conf.method", "type"))
  as_table(cbind(result, conf.low = bounds[, 1], conf.high = bounds[, 2], row.names = NULL))
}

# What each statistic is called: coefficients as tidy() of a fit calls them.
boot_terms <- function(boot) {
  if (is.null(boot$parameters)) return(data.frame(term = names(boot$coefficients)))
  terms_of_parameters(boot$parameters)
}

#' @rdname summary.moe_boot
#' @export
as.data.frame.moe_boot <- function(x, row.names = NULL, optional = FALSE, ...) { # nolint: object_name_linter.
  check_call(...)
  data.frame(replication = seq_along(x$reasons), x$replicates, reason = x$reasons, row.names = row.names,
    check.names = FALSE)
}
