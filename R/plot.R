#' Plot a fit
#'
#' Pictures of a fit, one or several: `plot()` draws them, `autoplot()` returns ggplot2 objects. `which`:
#' * `"fit"`, the default. One numeric covariate: above, the data, coloured by the expert that most likely generated the
#'   row, with every expert's mean, as strong as its gate probability, and the mixture's mean with the band between the
#'   quantiles that leave out `(1 - level) / 2` on either side (the coefficients taken as they are, see
#'   [predict.moe()]); below, the gate probabilities. Other covariates: as `"effects"`; where these cannot be predicted
#'   (of terms like `cut(x, 3)`) as `"observed"`. `plot()` draws this picture of experts without classes by base
#'   graphics; all others need ggplot2.
#'
#'   Multinomial experts. One numeric covariate: the class probabilities of the mixture, with the observed classes as
#'   ticks below, those of every expert, and the gate probabilities. Two: the regions where each class is the most
#'   likely, the stronger the colour the surer, with the data. Else a table of observed and most likely classes.
#' * `"effects"`: how the mean (or the class probabilities) depends on each of the `covariates`, the others at their
#'   medians or most frequent values, an `offset` at its median, with pointwise confidence bands; categories as points
#'   with bars. Ticks inside the lower axis are rows.
#' * `"observed"`: observed against fitted values, with the line of equality; of classes a table.
#' * `"gate"`: gate probabilities over the first two numeric covariates of the gate, or over those of `covariates`;
#'   along each with confidence bands where no two are numeric. Other covariates stand as in `"effects"`.
#' * `"posterior"`: the posterior probabilities of the experts, a bar for each row, the rows sorted by their most likely
#'   expert.
#' * `"coefficients"`: estimates with Wald intervals, a panel for each term of experts and gate; `type` and `cluster` as
#'   in [vcov.moe()]. Hollow: no standard error. At most 24 terms.
#' * `"qq"`, `"worm"`: sorted quantile residuals (see [residuals.moe()]) against normal quantiles, and the same less the
#'   normal quantiles (van Buuren and Fredriks 2001); the band holds each point with probability `level` where the model
#'   is right.
#' * `"residuals"`: quantile residuals against fitted values and covariates, with running means by local regression.
#' * `"density"`: the predictive density, or probabilities, at the rows of `newdata` (by default at the quartiles of the
#'   first covariate, the others as in `"effects"`), as the sum of what the experts contribute; points are modes.
#' * `"calibration"`: of classes or events, the observed share against the predicted probability in ten bins of as many
#'   rows, with exact binomial intervals; of two classes the second. On the rows of the fit, or better on `newdata` with
#'   responses.
#' * `"search"`: every optimum that the search saw, by how far it lies below the best and how many independent starts
#'   ended there (see [moe_control()]); spikes are marked.
#'
#' Of more than 5000 rows (600 in `"posterior"`, 2000 in `"gate"`) some are shown, evenly; below the picture stands so.
#'
#' @param x,object A fit by [moe()].
#' @param which Names of pictures.
#' @param covariates Names of the covariates of `"effects"` (by default the first twelve that vary), of `"gate"` and of
#'   `"residuals"`.
#' @param newdata As in [predict.moe()]: up to nine rows for `"density"`, rows with responses for `"calibration"`.
#' @param level Probability of bands and intervals, between 0 and 1.
#' @param type,cluster Which standard errors `"coefficients"` have, see [vcov.moe()].
#' @param ... Labels: `xlab = "width (cm)"`, or of several covariates `xlab = c(width = "width (cm)", ...)`, `ylab`,
#'   `main`. For pictures by ggplot2 others of [ggplot2::labs()] too, such as `fill`; for those by base graphics
#'   graphical parameters of the upper panel.
#' @return `plot()`: the fit, invisibly. `autoplot()`: an object of class `"ggplot"`; of several pictures a list of
#'   them, by name.
#' @section Errors: an unknown or impossible picture is an error of class `expertmix_error_which`; an argument that none
#'   of the pictures uses of class `expertmix_error_argument`; unknown covariates of class `expertmix_error_covariates`.
#' @references van Buuren, S. and Fredriks, M. (2001). Worm plot: a simple diagnostic device for modelling growth
#'   reference curves. Statistics in Medicine 20, 1259-1277.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' plot(fit, xlab = "speed (mph)", ylab = "stopping distance (ft)")
#' @examplesIf requireNamespace("ggplot2", quietly = TRUE)
#' plot(fit, which = c("worm", "coefficients"))
#' plot(fit, which = "density", newdata = data.frame(speed = c(5, 15, 25)))
#' two <- moe(mpg ~ wt + factor(cyl) | wt + hp, mtcars, control = moe_control(starts = 10, seed = 1))
#' plot(two, which = "effects", xlab = c(wt = "weight (1000 lb)"))
#' plot(two, which = "gate")
#' @export
plot.moe <- function(x, which = "fit", covariates = NULL, newdata = NULL, level = 0.95,
                     type = c("observed", "sandwich", "opg"), cluster = NULL, ...) {
  check_call(..., .passed = usable_labels(x, which))
  asked <- asked_of_picture(x, environment(), ...)
  if (length(which) > 1 && grDevices::dev.interactive()) {
    old <- grDevices::devAskNewPage(TRUE)
    on.exit(grDevices::devAskNewPage(old))
  }
  labels <- plain_labels(...)
  for (name in asked$which) {
    if (name == "fit") {
      do.call(experts_of(x)$plot, c(list(x, asked), labels))
    } else {
      print(one_picture(x, name, asked, labels))
    }
  }
  invisible(x)
}

# What `plot()` can hand on to all of several pictures.
usable_labels <- function(object, which) {
  base <- experts_of(object)$plot_arguments
  if (identical(which, "fit")) return(base)
  if ("fit" %in% which) intersect(base, picture_labels) else picture_labels
}

#' @rdname plot.moe
#' @exportS3Method ggplot2::autoplot
autoplot.moe <- function(object, which = "fit", covariates = NULL, newdata = NULL, level = 0.95,
                         type = c("observed", "sandwich", "opg"), cluster = NULL, ...) {
  check_call(..., .passed = picture_labels)
  asked <- asked_of_picture(object, environment(), ...)
  drawn <- lapply(stats::setNames(asked$which, asked$which), function(name) {
    one_picture(object, name, asked, plain_labels(...))
  })
  if (length(drawn) == 1) drawn[[1]] else drawn
}

# The pictures of a fit: which of the arguments each uses, and how it is drawn by ggplot2.
pictures <- function(object) {
  list(
    fit = list(if (!has_classes(object)) c("covariates", "level"), experts_of(object)$autoplot),
    effects = list(c("covariates", "level"), plot_effects),
    observed = list(NULL, plot_observed),
    gate = list(c("covariates", "level"), plot_gate),
    posterior = list(NULL, plot_posterior),
    coefficients = list(c("level", "type", "cluster"), plot_coefficients),
    qq = list("level", plot_qq),
    worm = list("level", plot_worm),
    residuals = list("covariates", plot_residuals),
    density = list("newdata", plot_density),
    calibration = list(c("newdata", "level"), plot_calibration),
    search = list(NULL, plot_search)
  )
}

# The arguments of a call of `plot()` or `autoplot()`, checked.
asked_of_picture <- function(object, frame, ...) {
  arguments <- c("which", "covariates", "newdata", "level", "type", "cluster")
  asked <- mget(arguments, frame)
  known <- pictures(object)
  if (!is.character(asked$which) || length(asked$which) == 0 || !all(asked$which %in% names(known))) {
    abort_moe("which", sprintf("`which` must name some of %s.", paste0('"', names(known), '"', collapse = ", ")))
  }
  given <- Filter(function(name) !is_missing_in(name, frame), arguments[-1])
  idle <- setdiff(given, unlist(lapply(known[asked$which], `[[`, 1)))
  if (length(idle)) {
    asked_for <- paste0('"', asked$which, '"', collapse = ", ")
    abort_moe("argument", sprintf("%s has no use for %s.", asked_for, quoted(idle)))
  }
  check_level(asked$level)
  labels <- list(...)
  if (!is.null(names(labels$xlab))) asked$titles <- labels$xlab
  asked$ylab <- labels$ylab
  asked
}

# The labels without names of covariates.
plain_labels <- function(...) {
  given <- list(...)
  if (is.null(names(given$xlab))) given else given[names(given) != "xlab"]
}

one_picture <- function(object, name, asked, labels) {
  rlang::check_installed("ggplot2", "to draw this picture; `plot(fit)` of Gaussian experts needs no other package.")
  pictures(object)[[name]][[2]](object, asked) + do.call(given_labels, labels)
}

#' @importFrom rlang .data
NULL
