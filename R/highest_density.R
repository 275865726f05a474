#' Highest-density sets of the predictive distribution
#'
#' The smallest set of responses that has probability `level` under the mixture:
#' \eqn{\{y : f(y | x, z) \ge c\}}{{y : f(y|x,z) >= c}} with the \eqn{c} of every row at which it has that probability
#' (Hyndman 1996). Where the mixture has several modes it is several intervals, and leaves out what is between them,
#' which an interval between two quantiles ([predict.moe()]) holds. Coefficients are taken as they are.
#'
#' @param object A fit by [moe()] whose responses are numbers.
#' @param newdata As in [predict.moe()]; by default the data of the fit.
#' @param level Probability of the set, between 0 and 1. Of counts it is the likeliest ones that together have at least
#'   that probability.
#' @param ... Not used: anything else is an error.
#' @return A data frame with a row for every interval, ordered by rows of `newdata` and upwards: `row`, its number;
#'   `lower` and `upper`, in units of the response, of counts both in the set, of trials shares;
#'   `probability` of the interval. Rows with
#'   missing values have one line of `NA`.
#' @section Errors: multinomial experts are an error of class `expertmix_error_family`; a level that is not between 0
#'   and 1 of class `expertmix_error_level`; `newdata` that does not fit of class `expertmix_error_newdata`.
#' @references Hyndman, R. J. (1996). Computing and graphing highest density regions. American Statistician 50, 120-126.
#' @examples
#' fit <- moe(eruptions ~ 1, faithful, control = moe_control(seed = 1))
#' highest_density(fit, faithful[1, ], level = 0.9)
#' predict(fit, faithful[1, ], interval = "prediction", level = 0.9)
#' @export
highest_density <- function(object, newdata = NULL, level = 0.95, ...) {
  check_call(..., .hints = c(data = "Did you mean `newdata`?"))
  check_is_fit(object)
  if (has_classes(object)) abort_moe("family", "Classes have no order, and no highest-density intervals.")
  check_level(level)
  dense <- dense_part(object, given_design(object, newdata, has_trials(object)))
  sets <- density_sets(dense$object, dense$design, level)
  merge(data.frame(row = seq_len(nrow(dense$design$x))), sets, all.x = TRUE)
}

# The sets of the rows that are complete.
density_sets <- function(object, design, level) {
  if (!has_trials(object)) design$y <- NULL
  rows <- usable_rows(design)
  complete <- which(rows$complete)
  if (length(complete) == 0) {
    return(data.frame(row = integer(), lower = double(), upper = double(), probability = double()))
  }
  rows$design$z <- transformed_z(object$gate, rows$design, object$transformed)
  sets <- computed_highest_density(rows$design, mixture_of_fit(object), object$estimates, level)
  if (has_trials(object)) sets[, 2:3] <- as_shares(sets[, 2:3, drop = FALSE], rows$design$y[sets[, 1], , drop = FALSE])
  data.frame(row = complete[sets[, 1]], lower = sets[, 2], upper = sets[, 3], probability = sets[, 4])
}
