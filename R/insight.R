# What package insight asks of a model, on which parameters, performance, ggeffects, marginaleffects and others build.
# Its components are "conditional" for the experts, "mix" (its word for mixing probabilities) for the gate, "sigma",
# and "dispersion" for other scalars of a family.
# Those packages hand on arguments of their own, so that what is in `...` is not refused.
# nolint start: object_name_linter. The generics' names are theirs.

insight_parts <- c(experts = "conditional", gate = "mix", sigma = "sigma", temperature = "mix")

#' @exportS3Method insight::find_formula
find_formula.moe <- function(x, verbose = TRUE, ...) {
  check_version(x)
  if (is.null(x$terms)) return(NULL)
  parts <- list(conditional = formula(x$terms$experts))
  if (length(x$mass) > 1) parts$mix <- formula(stats::delete.response(x$terms$gate))
  structure(parts, class = c("insight_formula", "list"))
}

# Those of the gate stand beside those of the experts, since both move the mean; other packages look only there.
#' @exportS3Method insight::find_predictors
find_predictors.moe <- function(x, component = "all", flatten = FALSE, verbose = TRUE, ...) {
  formulas <- find_formula.moe(x)
  if (component %in% names(formulas)) formulas <- formulas[component]
  names <- unique(unlist(lapply(formulas, function(part) all.vars(stats::delete.response(stats::terms(part))))))
  if (flatten) names else list(conditional = names)
}

# The rows of the data that were used, before terms such as log(x); the model frame where the data are gone.
#' @exportS3Method insight::get_data
get_data.moe <- function(x, additional_variables = FALSE, ...) {
  check_version(x)
  data <- data_of_rows(x)
  names <- unlist(x$columns, use.names = FALSE)
  if (!all(names %in% names(data))) return(structure(as.data.frame(x$model), terms = NULL))
  if (isTRUE(additional_variables)) data else data[names]
}

#' @exportS3Method insight::find_parameters
find_parameters.moe <- function(x, component = "all", flatten = FALSE, verbose = TRUE, ...) {
  table <- component_table(x, component)
  if (flatten) return(table$Parameter)
  split(table$Parameter, factor(table$Component, unique(table$Component)))
}

#' @exportS3Method insight::get_parameters
get_parameters.moe <- function(x, component = "all", verbose = TRUE, ...) {
  component_table(x, component)[c("Parameter", "Estimate", "Component", if (has_classes(x)) "Response")]
}

#' @exportS3Method insight::get_statistic
get_statistic.moe <- function(x, component = "all", ...) {
  table <- component_table(x, component)
  table$Statistic <- summary(x)$coefficients[table$Parameter, "z value"]
  structure(table[c("Parameter", "Statistic", "Component")], statistic = "z-statistic")
}

#' @exportS3Method insight::get_varcov
get_varcov.moe <- function(x, component = "all", vcov = NULL, ...) {
  chosen <- component_table(x, component)$Parameter
  asked_covariance(x, vcov)[chosen, chosen, drop = FALSE]
}

#' @exportS3Method insight::find_statistic
find_statistic.moe <- function(x, ...) {
  check_version(x)
  "z-statistic"
}

#' @exportS3Method insight::get_df
get_df.moe <- function(x, type = "residual", ...) {
  check_version(x)
  switch(type, residual = df.residual(x), model = x$df, Inf)
}

#' @exportS3Method insight::get_loglikelihood
get_loglikelihood.moe <- function(x, ...) logLik(x)

# Of scalars that insight has no word for, "dispersion".
insight_components <- function(parameters) {
  components <- unname(insight_parts[tidy_parts(parameters)])
  ifelse(is.na(components), "dispersion", components)
}

# The parameters of a component, by the names of coef().
component_table <- function(x, component = "all") {
  check_version(x)
  parameters <- x$parameters
  table <- data.frame(
    Parameter = parameters$name, Estimate = unname(x$coefficients),
    Component = insight_components(parameters), Response = parameters$class
  )
  if (component == "all") table else table[table$Component == component, , drop = FALSE]
}

# The mixture's mean with errors by the delta method, as ggeffects::ggpredict() takes it.
#' @exportS3Method insight::get_predicted
get_predicted.moe <- function(x, data = NULL, predict = "expectation", ci = 0.95, vcov = NULL, ...) {
  check_version(x)
  if (has_classes(x)) {
    abort_moe("type", "The mean of classes is no single number.", "Use `emmeans::emmeans(fit, ~ class)`.")
  }
  design <- given_design(x, data, FALSE)
  refuse_penalised(x, "errors of predictions")
  values <- unname(predict_rows(x, design, "response"))
  covariance <- covariance_of_predictions(x, vcov)
  errors <- for_complete_rows(design, NULL, function(rows) {
    standard_errors_at(x, prediction_gradients(x, rows, "response"), covariance)
  })
  errors <- unname(errors)
  bounds <- if (!is.null(ci)) unname(wald_interval(values, errors, ci)) else matrix(NA, length(values), 2)
  structure(values, class = c("get_predicted", "numeric"), data = data,
    ci_data = data.frame(SE = errors, CI_low = bounds[, 1], CI_high = bounds[, 2]), ci = ci)
}

#' @exportS3Method parameters::model_parameters
model_parameters.moe <- function(model, ci = 0.95, vcov = NULL, exponentiate = FALSE, ...) {
  if (!isFALSE(exponentiate)) abort_moe("argument", "`exponentiate` is not used.", "Take exp() of `Coefficient`.")
  out <- coefficient_table(model, vcov)
  if (!is.null(ci)) {
    check_level(ci)
    bounds <- unname(wald_interval(out$Coefficient, out$SE, ci))
    out <- cbind(out[1:3], CI = ci, CI_low = bounds[, 1], CI_high = bounds[, 2], out[4:7])
  }
  structure(out, class = c("parameters_model", "see_parameters_model", "data.frame"), ci = ci, model_class = "moe",
    test_statistic = "z-statistic", pretty_names = stats::setNames(nm = out$Parameter), exponentiate = FALSE,
    bootstrap = FALSE, digits = 2, ci_digits = 2, p_digits = 3, coefficient_name = "Coefficient",
    ignore_group = TRUE)
}

coefficient_table <- function(model, vcov) {
  parameters <- component_table(model)
  penalised <- !is.null(model$penalty)
  errors <- if (penalised) rep(NA_real_, nrow(parameters)) else unname(standard_errors(asked_covariance(model, vcov)))
  table <- z_table(parameters$Estimate, errors)
  data.frame(
    Parameter = parameters$Parameter, Coefficient = table[, 1], SE = table[, 2], z = table[, 3], df_error = Inf,
    p = table[, 4], Component = parameters$Component
  )
}

#' @exportS3Method parameters::standard_error
standard_error.moe <- function(model, vcov = NULL, ...) {
  coefficient_table(model, vcov)[c("Parameter", "SE", "Component")]
}

#' @exportS3Method parameters::p_value
p_value.moe <- function(model, vcov = NULL, ...) {
  coefficient_table(model, vcov)[c("Parameter", "p", "Component")]
}

#' @exportS3Method parameters::ci
ci.moe <- function(x, ci = 0.95, vcov = NULL, ...) {
  data.frame(model_parameters.moe(x, ci, vcov))[c("Parameter", "CI", "CI_low", "CI_high", "Component")]
}

#' @exportS3Method performance::model_performance
model_performance.moe <- function(model, metrics = "all", ...) {
  check_version(model)
  design <- fitted_design(model)
  squares <- rowSums(as.matrix(response_residuals(model, design)^2))
  loss <- stats::weighted.mean(squares, design$weights %||% rep(1, length(squares)))
  out <- data.frame(AIC = stats::AIC(model), BIC = stats::BIC(model), Log_score = model$log_likelihood / model$nobs)
  if (has_classes(model)) out$Brier <- loss else out$RMSE <- sqrt(loss)
  if (!all(metrics %in% c("all", "common"))) out <- out[toupper(names(out)) %in% toupper(metrics)]
  structure(out, class = c("performance_model", "data.frame"))
}
# nolint end
