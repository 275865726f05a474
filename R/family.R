#' Multinomial-logistic experts
#'
#' The family of experts for a categorical response: with \eqn{C} classes, expert \eqn{k} gives class \eqn{c} the
#' probability \deqn{p_{kc}(x) = \exp(x' b_{kc}) / \sum_d \exp(x' b_{kd}), \quad b_{k1} = 0,}{%
#'   p_kc(x) = exp(x'b_kc) / sum_d exp(x'b_kd),  b_k1 = 0,}
#' so the first class is the reference, and two classes are logistic regression. A mixture of such experts under a
#' softmax gate is the model of Nguyen et al. (2023).
#'
#' The response is a factor (its levels are the classes), a logical vector (classes `FALSE` and `TRUE`), or, as in
#' `nnet::multinom()`, a matrix of counts with a column for every class: a row of counts is one observation from one
#' expert, and its likelihood includes the multinomial coefficient. A factor or logical response implies this family.
#'
#' The maximum does not exist where covariates separate a class from others among an expert's rows, or where an expert
#' never meets a class: some coefficients then grow without bound. They are bounded, and named in a warning of class
#' `expertmix_warning_classes`; probabilities hardly notice, and [vcov()][vcov.moe] is
#' `NA` for these coefficients.
#'
#' @param ... Not used: anything is an error.
#' @return An object of class `"family"`, for the argument `family` of [moe()].
#' @references Nguyen, H., Akbarian, P., Nguyen, T. and Ho, N. (2023). A general theory for softmax gating multinomial
#'   logistic mixture of experts. arXiv:2310.14188.
#' @examples
#' multinomial()
#' fit <- moe(Species ~ Petal.Width, iris, control = moe_control(starts = 10, seed = 1))
#' head(predict(fit))
#' table(iris$Species, predict(fit, type = "class"))
#' @export
multinomial <- function(...) {
  check_call(..., .what = "family")
  structure(list(family = "multinomial", link = "logit"), class = "family")
}

# What R knows of the families of experts; another one is a constructor more, and a line in `families`.
#   name, label     in calls, and in what is printed
#   family          the family that a fit keeps, whose link is the only one
#   implied(y)      whether a response implies the family where none was asked for
#   classes         whether the response is of classes, for which coefficients have a dimension of their own
#   sigma           whether experts have standard deviations
#   discrete        whether probability lies on points
#   types           what predict() gives
#   variance(means, estimates)  the experts' variances
#   saturated(y, gate, estimates)  the log-density with the mean of every expert at the response
#   crps(y, gate, means, estimates)  the continuous ranked probability score of every row
#   read(y, name, label), read_new(object, y)  a response, and that of new data, as the core takes it
#   check(design, experts)  refuses what these experts cannot have
#   print_experts(x, digits, ...)  prints the experts of a fit
#   plot_arguments, plot(x, asked, ...), autoplot(object, asked)  the picture "fit"; `asked`: the arguments of plot()
#   paper(gate)     whose losses measures of the family have
gaussian_experts <- function() {
  regression_experts("gaussian", "Gaussian", stats::gaussian(),
    sigma = TRUE, discrete = FALSE, read = check_response, read_new = new_numbers,
    variance = function(means, estimates) rep(estimates$sigma^2, each = nrow(means)),
    saturated = function(y, gate, estimates) log(gate %*% (1 / estimates$sigma)) - log(2 * pi) / 2,
    crps = function(y, gate, means, estimates) normal_crps(y, gate, means, estimates$sigma),
    paper = function(gate) if (!is.null(gate$top_k)) "topk" else if (gate$linear) "softmax" else "activation"
  )
}

multinomial_experts <- function() {
  list(
    name = "multinomial", label = "multinomial-logistic", family = multinomial(),
    implied = function(y) is.factor(y) || is.logical(y),
    classes = TRUE, sigma = FALSE, discrete = TRUE,
    types = c("response", "class", "experts", "gate", "posterior", "density"),
    read = read_classes, read_new = new_classes, check = check_classified,
    print_experts = print_classes, plot_arguments = picture_labels,
    plot = function(x, asked, ...) print(one_picture(x, "fit", asked, list(...))), autoplot = plot_classes,
    paper = function(gate) "multinomial"
  )
}

poisson_experts <- function() {
  regression_experts("poisson", "Poisson", stats::poisson(),
    sigma = FALSE, discrete = TRUE, read = read_counts, read_new = new_counts,
    variance = function(means, estimates) means,
    saturated = function(y, gate, estimates) stats::dpois(y, y, log = TRUE),
    crps = function(y, gate, means, estimates) poisson_crps(y, gate, means),
    paper = function(gate) {
      abort_moe("measure", "No paper defines a loss between measures of Poisson experts.",
        "Compare densities by `hellinger()`, `total_variation()` or `kl_divergence()`.")
    }
  )
}

# Experts whose response is one number with one mean.
regression_experts <- function(name, label, family, ...) {
  list(
    name = name, label = label, family = family, implied = function(y) FALSE, classes = FALSE,
    types = c("response", "experts", "gate", "posterior", "density", "cdf", "quantile"),
    check = function(design, experts) NULL,
    print_experts = print_regressions, plot_arguments = graphical_parameters, plot = draw_fit, autoplot = plot_fit, ...
  )
}

families <- list(gaussian = gaussian_experts, multinomial = multinomial_experts, poisson = poisson_experts)

# The experts of a family, or of what has one.
experts_of <- function(object) {
  family <- if (inherits(object, "family")) object else object$family
  families[[family$family]]()
}

# The family that was asked for, by an object, a function that makes one, or a name.
check_family <- function(family) {
  if (is.function(family)) family <- tryCatch(family(), error = function(cause) NULL)
  name <- if (inherits(family, "family")) family$family else family
  if (!rlang::is_string(name, names(families))) {
    shown <- if (rlang::is_string(name)) paste0('"', name, '"') else "this"
    known <- paste0(names(families), "()", collapse = " and ")
    abort_moe("family", sprintf("`family` %s is not available: %s are.", shown, known),
      if (identical(name, "binomial")) "Make the response a factor or logical: `multinomial()` of two classes is it.")
  }
  experts <- families[[name]]()
  if (inherits(family, "family") && family$link != experts$family$link) {
    abort_moe("family", sprintf('The link "%s" is not available: %s experts have the %s link.', family$link,
      experts$label, experts$family$link))
  }
  experts$family
}

# The family of a response where none was asked for.
implied_family <- function(y) {
  implied <- Find(function(experts) experts()$implied(y), families) %||% families[[1]]
  implied()$family
}

has_classes <- function(object) !is.null(object$classes)
