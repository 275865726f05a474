# What package insight asks of a model, on which parameters, performance, ggeffects, marginaleffects and others build.
# Its components are "conditional" for the experts, "mix" (its word for mixing probabilities) for the gate, and "sigma".
# nolint start: object_name_linter. The generics' names are theirs.

insight_parts <- c(experts = "conditional", gate = "mix", sigma = "sigma", temperature = "mix")

#' @exportS3Method insight::find_formula
find_formula.moe <- function(x, verbose = TRUE, ...) {
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
  data <- tryCatch(eval(x$call$data, environment(x$formula)), error = function(cause) NULL)
  names <- unlist(x$columns, use.names = FALSE)
  rows <- row.names(x$model)
  there <- is.data.frame(data) && all(names %in% names(data)) && all(rows %in% row.names(data))
  if (!there) return(structure(as.data.frame(x$model), terms = NULL))
  if (isTRUE(additional_variables)) data[rows, , drop = FALSE] else data[rows, names, drop = FALSE]
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

#' @exportS3Method insight::find_statistic
find_statistic.moe <- function(x, ...) "z-statistic"

#' @exportS3Method insight::get_df
get_df.moe <- function(x, type = "residual", ...) {
  switch(type, residual = df.residual(x), model = x$df, Inf)
}

#' @exportS3Method insight::get_loglikelihood
get_loglikelihood.moe <- function(x, ...) logLik(x)

# The parameters of a component, by the names of coef().
component_table <- function(x, component = "all") {
  parameters <- x$parameters
  table <- data.frame(
    Parameter = parameters$name, Estimate = unname(x$coefficients),
    Component = unname(insight_parts[tidy_parts(parameters)]), Response = parameters$class
  )
  if (component == "all") table else table[table$Component == component, , drop = FALSE]
}

#' @exportS3Method parameters::model_parameters
model_parameters.moe <- function(model, ci = 0.95, type = c("observed", "sandwich", "opg"), cluster = NULL, ...) {
  check_call(..., .passed = c("verbose", "ci_method", "effects", "component", "include_reference", "dof"),
    .hints = c(exponentiate = "Take exp() of `Coefficient`.", vcov = 'Did you mean `type = "sandwich"`?'))
  check_level(ci)
  table <- summary(model, type = type, cluster = cluster)$coefficients
  bounds <- wald_interval(table[, 1], table[, 2], ci)
  parameters <- component_table(model)
  out <- data.frame(
    Parameter = parameters$Parameter, Coefficient = table[, 1], SE = table[, 2], CI = ci, CI_low = bounds[, 1],
    CI_high = bounds[, 2], z = table[, 3], df_error = Inf, p = table[, 4], Component = parameters$Component,
    row.names = NULL
  )
  structure(out, class = c("parameters_model", "see_parameters_model", "data.frame"), ci = ci, ci_test = NULL,
    model_class = "moe", test_statistic = "z-statistic", pretty_names = stats::setNames(nm = parameters$Parameter),
    object_name = "model", exponentiate = FALSE, bootstrap = FALSE, iterations = NULL, digits = 2, ci_digits = 2,
    p_digits = 3, coefficient_name = "Coefficient", zi_coefficient_name = "Log-Odds", ignore_group = TRUE)
}

#' @exportS3Method parameters::standard_error
standard_error.moe <- function(model, ...) {
  errors <- summary(model, ...)$coefficients[, 2]
  data.frame(Parameter = names(errors), SE = unname(errors), Component = component_table(model)$Component)
}

#' @exportS3Method parameters::p_value
p_value.moe <- function(model, ...) {
  p <- summary(model, ...)$coefficients[, 4]
  data.frame(Parameter = names(p), p = unname(p), Component = component_table(model)$Component)
}

#' @exportS3Method parameters::ci
ci.moe <- function(x, ci = 0.95, ...) {
  bounds <- unname(confint(x, level = ci, ...))
  parameters <- component_table(x)
  data.frame(Parameter = parameters$Parameter, CI = ci, CI_low = bounds[, 1], CI_high = bounds[, 2],
    Component = parameters$Component)
}

#' @exportS3Method performance::model_performance
model_performance.moe <- function(model, metrics = "all", verbose = TRUE, ...) {
  check_call(...)
  design <- fitted_design(model)
  squares <- rowSums(as.matrix(response_residuals(model, design)^2))
  loss <- stats::weighted.mean(squares, design$weights %||% rep(1, length(squares)))
  out <- data.frame(AIC = stats::AIC(model), BIC = stats::BIC(model), Log_score = model$log_likelihood / model$nobs)
  if (has_classes(model)) out$Brier <- loss else out$RMSE <- sqrt(loss)
  if (!identical(metrics, "all")) out <- out[toupper(names(out)) %in% toupper(metrics)]
  structure(out, class = c("performance_model", "data.frame"))
}
# nolint end
