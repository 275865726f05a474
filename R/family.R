#' Families of experts
#'
#' What the argument `family` of [moe()] may be: a family object, a function that makes one, or its name. With
#' \eqn{\eta_k = x' b_k}{eta_k = x'b_k} plus an offset where there is one:
#'
#' \tabular{llllll}{
#'   **family** \tab **response** \tab **mean of expert \eqn{k}** \tab
#'     **other parameters** \tab **what runs away** \tab **what a Lasso shrinks** \cr
#'   `gaussian()` \tab numbers \tab \eqn{\eta_k}{eta_k} \tab
#'     `sigma`, a standard deviation \tab a variance to 0 \tab \eqn{b_k / \sigma_k}{b_k / sigma_k} \cr
#'   [multinomial()] \tab a factor, logicals, rows of counts \tab class probabilities \tab
#'      \tab separated classes \tab \eqn{b_{kc}}{b_kc} of every class \cr
#'   `binomial()` \tab 0 and 1, two classes, `cbind(successes, failures)` \tab
#'     \eqn{1 / (1 + \exp(-\eta_k))}{1 / (1 + exp(-eta_k))} \tab \tab successes or failures alone \tab \eqn{b_k} \cr
#'   `poisson()` \tab counts \tab \eqn{\exp(\eta_k)}{exp(eta_k)} \tab
#'      \tab counts that are all 0 \tab \eqn{b_k} \cr
#'   `Gamma("log")` \tab numbers above 0 \tab \eqn{\exp(\eta_k)}{exp(eta_k)} \tab
#'     `sigma`, a coefficient of variation \tab a variance to 0 \tab \eqn{b_k} \cr
#'   [negative_binomial()] \tab counts \tab \eqn{\exp(\eta_k)}{exp(eta_k)} \tab
#'     `theta`, the variance is \eqn{\mu + \mu^2 / \theta}{mu + mu^2 / theta} \tab
#'     counts that are all 0, `theta` to a bound \tab \eqn{b_k} \cr
#'   [student_t()] \tab numbers \tab \eqn{\eta_k}{eta_k} \tab
#'     `sigma`, a scale, and `df`, estimated or fixed \tab a scale to 0, `df` to a bound \tab \eqn{b_k} \cr
#' }
#'
#' **Trials.** Binomial experts take what [stats::glm()] takes: one trial a row, as 0 and 1 or as a factor or logical
#' vector whose second class is the success, or `cbind(successes, failures)`, of which a row is one observation from one
#' expert, its likelihood with the binomial coefficient. A factor or logical response without a family is
#' [multinomial()], whose fit with two classes is the same. Means are probabilities of a trial; of trials quantiles,
#' intervals and residuals are shares too, those of a row's own number of trials, so that new data need the response for
#' quantiles and intervals (its successes do not matter). Rows without trials are possible and say nothing. Of one trial
#' a row a mixture without covariates is not told from one expert, with more trials it is.
#'
#' **Gamma.** The shape of expert \eqn{k} is \eqn{1 / \sigma_k^2}{1 / sigma_k^2}: `sigma`, separate or common, is the
#' coefficient of variation, as in 'gamlss' (`GA`), and its square the dispersion of [stats::glm()], here estimated by
#' maximum likelihood like all else. It has no unit: the response in another unit has other intercepts only. `Gamma()`
#' alone has the inverse link, which is not available.
#'
#' **Offsets** are on the scale of \eqn{\eta}{eta}: `offset(log(exposure))` for counts and durations.
#'
#' **Runaways.** The likelihood of Gaussian and Gamma mixtures is unbounded where an expert's variance goes to zero; a
#' guard, and a rule about spikes, see [moe_control()], keep fits from there. That of the others has its maximum at
#' infinity where nothing holds an expert's coefficients: they are bounded, and named in a warning of class
#' `expertmix_warning_classes`. A `theta` or `df` that goes to a bound, where the expert is a Poisson or a Gaussian one,
#' is named in a warning of class `expertmix_warning_scalars`.
#'
#' @seealso [mixing_measure()] and [rmoe()] for mixtures with known coefficients.
#' @examples
#' set.seed(1)
#' d <- data.frame(x = runif(300, -1, 1), trials = rep(1:10, 30))
#' p <- plogis(ifelse(runif(300) < plogis(2 * d$x), 1 + 2 * d$x, -1 - d$x))
#' d$successes <- rbinom(300, d$trials, p)
#' fit <- moe(cbind(successes, trials - successes) ~ x, d, family = binomial())
#' predict(fit, data.frame(x = c(-0.5, 0.5)))
#'
#' d$duration <- rgamma(300, shape = 4, scale = exp(1 + d$x) / 4)
#' sigma(moe(duration ~ x, d, experts = 1, family = Gamma("log")))
#' @name families
NULL

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

#' Negative binomial experts
#'
#' The family of experts for counts that vary more than Poisson counts: expert \eqn{k} has the mean \eqn{\mu_k =
#' \exp(x' b_k + offset)}{mu_k = exp(x'b_k + offset)} and the variance \eqn{\mu_k + \mu_k^2 / \theta_k}{mu_k +
#' mu_k^2 / theta_k}, as `MASS::glm.nb()` has it, with \eqn{\theta_k}{theta_k} estimated by maximum likelihood.
#'
#' The response are whole numbers, zero or more; for rates take `offset = log(exposure)`. \eqn{\theta_k}{theta_k} has
#' no unit. It is kept between 1e-3 and 1e6. Where the rows of an expert vary no more than Poisson counts, the
#' likelihood has its maximum at infinity: \eqn{\theta_k}{theta_k} is at its upper bound then, where the expert is a
#' Poisson expert, a warning of class `expertmix_warning_scalars` says so, and [vcov()][vcov.moe] is `NA` for it.
#'
#' @param ... Not used: anything is an error.
#' @return An object of class `"family"`, for the argument `family` of [moe()]. `fit$estimates$scalars` has the
#'   column `theta`; in `coef()` it is `expert1:log(theta)`, ....
#' @references Lawless, J. F. (1987). Negative binomial and mixed Poisson regression. Canadian Journal of Statistics 15,
#'   209-225.
#'
#'   Venables, W. N. and Ripley, B. D. (2002). Modern Applied Statistics with S, section 7.4. Springer.
#' @seealso [moe()], [student_t()], [multinomial()].
#' @examples
#' fit <- moe(breaks ~ wool + tension, warpbreaks, experts = 1, family = negative_binomial())
#' fit
#' fit$estimates$scalars
#' @export
negative_binomial <- function(...) {
  check_call(..., .what = "family")
  structure(list(family = "negative_binomial", link = "log"), class = "family")
}

#' Student-t experts
#'
#' The family of experts for numbers with heavy tails, in which single rows far from all experts pull less than under
#' Gaussian experts: \eqn{y = x' b_k + offset + \sigma_k T}{y = x'b_k + offset + sigma_k T} with \eqn{T} of Student's
#' t distribution with \eqn{\nu_k}{nu_k} degrees of freedom, fixed or estimated for every expert.
#'
#' \eqn{\sigma_k}{sigma_k} is a scale in units of the response, no standard deviation: that is
#' \eqn{\sigma_k (\nu_k / (\nu_k - 2))^{1/2}}{sigma_k sqrt(nu_k / (nu_k - 2))}, and infinite for
#' \eqn{\nu_k}{nu_k} of 2 or less, where there are no Pearson residuals (class `expertmix_error_type`). For
#' \eqn{\nu_k}{nu_k} of 1 or less there is no mean either: what [predict()][predict.moe] gives is always the location
#' \eqn{x' b_k + offset}{x'b_k + offset}, of the mixture the mean of the locations.
#'
#' Degrees of freedom that are estimated are kept between 1/2 and 1000. Below, the likelihood would grow without bound
#' where an expert runs exactly through a few of its rows; above, a million rows hardly tell t from normal. At a
#' bound a warning of class `expertmix_warning_scalars` says so, and [vcov()][vcov.moe] is `NA` for them.
#'
#' @param df Degrees of freedom of all experts, one number from 0.01 on; `NULL` estimates them, one for every expert.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"family"`, for the argument `family` of [moe()]. Where they are estimated,
#'   `fit$estimates$scalars` has the column `df`; in `coef()` it is `expert1:log(df)`, ....
#' @section Errors: `expertmix_error_family` for degrees of freedom that are not one positive finite number.
#' @references Lange, K. L., Little, R. J. A. and Taylor, J. M. G. (1989). Robust statistical modeling using the t
#'   distribution. Journal of the American Statistical Association 84, 881-896.
#'
#'   Fernandez, C. and Steel, M. F. J. (1999). Multivariate Student-t regression models: pitfalls and inference.
#'   Biometrika 86, 153-167.
#' @seealso [moe()], [negative_binomial()].
#' @examples
#' fit <- moe(dist ~ speed, cars, experts = 1, family = student_t(df = 4))
#' fit
#' moe(dist ~ speed, cars, experts = 1, family = student_t())$estimates$scalars
#' @export
student_t <- function(df = NULL, ...) {
  check_call(..., .what = "family")
  if (!is.null(df) && !(is_number(df) && is.finite(df) && df >= 0.01)) {
    abort_moe("family", "`df` must be one number, at least 0.01, or NULL to estimate it.")
  }
  structure(list(family = "student_t", link = "identity", df = if (!is.null(df)) as.double(df)), class = "family")
}

# What R knows of the families of experts; another one is a constructor more, and a line in `families`.
#   name, label     in calls, and in what is printed
#   family          the family that a fit keeps, whose link is the only one
#   implied(y)      whether a response implies the family where none was asked for
#   classes         whether the response is of classes, for which coefficients have a dimension of their own
#   sigma           whether experts have standard deviations, or other scales
#   scalars         the names of other positive numbers that experts have beside their coefficients, if there are any
#   limits          what an expert is where one of these is at its lower or upper bound, in words
#   discrete        whether probability lies on points
#   range           where responses lie; 0 and more of discrete ones, all numbers of others where it is not said
#   events(y)       how a response of events was given, see `event_form()`; nothing of other families
#   types           what predict() gives
#   variance(means, estimates)  the experts' variances
#   saturated(y, gate, estimates)  the log-density with the mean of every expert at the response
#   crps(object, design)  the continuous ranked probability score of every row
#   neighbours(y, estimates)  responses a little below and above, list(lower, upper); not needed of plain numbers
#   scale_score(y, means, estimates)  the scores of log sigma; not needed of normal experts
#   extreme         in words, the responses that send an expert's coefficients to infinity; "all zero" if not said
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
    crps = normal_crps,
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
    crps = counts_crps, paper = no_paper("Poisson")
  )
}

binomial_experts <- function() {
  regression_experts("binomial", "binomial", stats::binomial(),
    sigma = FALSE, discrete = TRUE, range = c(0, 1), events = event_form, read = read_events, read_new = new_events,
    extreme = "all successes, or all failures,",
    variance = function(means, estimates) means * (1 - means),
    saturated = function(y, gate, estimates) stats::dbinom(successes(y), trials(y), observed_share(y), log = TRUE),
    crps = binomial_crps,
    neighbours = function(y, estimates) neighbouring_events(y),
    paper = no_paper("binomial")
  )
}

gamma_experts <- function() {
  regression_experts("Gamma", "Gamma", stats::Gamma("log"),
    sigma = TRUE, discrete = FALSE, range = c(0, Inf), read = read_positive, read_new = new_positive,
    variance = function(means, estimates) sweep(means, 2, estimates$sigma, "*")^2,
    saturated = function(y, gate, estimates) {
      shape <- 1 / estimates$sigma^2
      log(gate %*% stats::dgamma(1, shape, shape)) - log(y)
    },
    crps = gamma_crps,
    neighbours = function(y, estimates) {
      share <- 1e-4 * min(estimates$sigma)
      list(lower = y * (1 - share), upper = y * (1 + share))
    },
    scale_score = gamma_scale_score,
    paper = no_paper("Gamma")
  )
}

# 2 (a q - a (log a - psi(a))) with a = 1 / sigma^2 and q = y / m - 1 - log(y / m).
gamma_scale_score <- function(y, means, estimates) {
  shape <- rep(1 / estimates$sigma^2, each = length(y))
  ratio <- y / means
  2 * shape * (ratio - 1 - log(ratio) - log(shape) + digamma(shape))
}

negative_binomial_experts <- function() {
  regression_experts("negative_binomial", "negative binomial", negative_binomial(),
    sigma = FALSE, scalars = "theta", discrete = TRUE, read = read_counts, read_new = new_counts,
    limits = list(theta = c(lower = "hardly any response is above zero", upper = "it is a Poisson expert")),
    variance = function(means, estimates) means + means^2 / rep(estimates$scalars[, "theta"], each = nrow(means)),
    saturated = function(y, gate, estimates) {
      density <- function(theta) stats::dnbinom(y, size = theta, mu = y)
      log(rowSums(gate * vapply(estimates$scalars[, "theta"], density, as.double(y))))
    },
    crps = counts_crps, paper = no_paper("negative binomial")
  )
}

student_t_experts <- function(family = student_t()) {
  family <- student_t(family$df)
  regression_experts("student_t", "Student-t", family,
    sigma = TRUE, scale = "Scales", scalars = if (is.null(family$df)) "df", discrete = FALSE,
    read = check_response, read_new = new_numbers,
    limits = list(df = c(lower = "few residuals are not small beside the largest", upper = "it is a Gaussian expert")),
    variance = function(means, estimates) {
      df <- degrees_of_freedom(family, estimates)
      refuse_infinite_variance(df)
      rep(estimates$sigma^2 * df / (df - 2), each = nrow(means))
    },
    saturated = function(y, gate, estimates) {
      log(gate %*% (stats::dt(0, degrees_of_freedom(family, estimates)) / estimates$sigma))
    },
    scale_score = function(y, means, estimates) {
      z <- sweep(y - means, 2, estimates$sigma, "/")
      df <- rep(degrees_of_freedom(family, estimates), each = nrow(z))
      (df + 1) * z^2 / (df + z^2) - 1
    },
    crps = quadrature_crps, paper = no_paper("Student-t")
  )
}

# Of every expert, fixed or estimated.
degrees_of_freedom <- function(family, estimates) {
  if (is.null(family$df)) estimates$scalars[, "df"] else rep(family$df, length(estimates$sigma))
}

refuse_infinite_variance <- function(df) {
  if (all(df > 2)) return(invisible())
  abort_moe("type", sprintf("There is no variance of expert %s: it has %s degrees of freedom, no more than 2.",
    listed(which(df <= 2)), listed(format(df[df <= 2], digits = 3))),
    'Take residuals of type "quantile", or `student_t(df = )` above 2.')
}

no_paper <- function(label) {
  function(gate) {
    abort_moe("measure", sprintf("No paper defines a loss between measures of %s experts.", label),
      "Compare densities by `hellinger()`, `total_variation()` or `kl_divergence()`.")
  }
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

families <- list(
  gaussian = gaussian_experts, multinomial = multinomial_experts, poisson = poisson_experts,
  binomial = binomial_experts, Gamma = gamma_experts, negative_binomial = negative_binomial_experts,
  student_t = student_t_experts
)

# The experts of a family, or of what has one.
experts_of <- function(object) {
  family <- if (inherits(object, "family")) object else object$family
  make <- families[[family$family]]
  if (length(formals(make))) make(family) else make()
}

# The names of the positive numbers that a family has beside coefficients and sigma.
scalar_names <- function(object) experts_of(object)$scalars %||% character()

# The family that was asked for, by an object, a function that makes one, or a name.
check_family <- function(family) {
  if (is.function(family)) family <- tryCatch(family(), error = function(cause) NULL)
  name <- if (inherits(family, "family")) family$family else family
  if (!rlang::is_string(name, names(families))) {
    shown <- if (rlang::is_string(name)) paste0('"', name, '"') else "this"
    known <- vapply(names(families), family_call, "")
    abort_moe("family", sprintf("`family` %s is not available: %s are.", shown, listed(known, 20)))
  }
  experts <- experts_of(if (inherits(family, "family")) family else families[[name]]()$family)
  if (inherits(family, "family") && family$link != experts$family$link) {
    abort_moe("family", sprintf('The link "%s" is not available: %s experts have the %s link.', family$link,
      experts$label, experts$family$link), sprintf("Use `family = %s`.", family_call(name)))
  }
  experts$family
}

# poisson(), Gamma("log"): how the family is asked for, where its usual link is another one.
family_call <- function(name) if (name == "Gamma") 'Gamma("log")' else paste0(name, "()")

# The family of a response where none was asked for.
implied_family <- function(y) {
  implied <- Find(function(experts) experts()$implied(y), families) %||% families[[1]]
  implied()$family
}

has_classes <- function(object) !is.null(object$classes)
