# Criteria of fits, and what they choose.

selection_table <- function(fits, models) {
  number <- function(value) vapply(fits, value, 0)
  data.frame(
    formula = vapply(models, `[[`, "", "formula_name"), gate = vapply(models, `[[`, "", "gate_name"),
    experts = number(function(fit) length(fit$mass)), logLik = number(function(fit) fit$log_likelihood),
    df = number(function(fit) fit$df), AIC = number(stats::AIC), BIC = number(stats::BIC),
    ICL = number(function(fit) stats::BIC(fit) + 2 * posterior_entropy(fit)),
    fault = vapply(fits, fault_of_fit, "")
  )
}

# -sum_i w_i sum_k r_ik log r_ik
posterior_entropy <- function(fit) {
  design <- fitted_design(fit)
  r <- predict_rows(fit, design, "posterior")
  -sum((design$weights %||% 1) * ifelse(r > 0, r * log(r), 0))
}

# The row that a criterion chooses among the sound fits, or among all where none is sound.
chosen_row <- function(table, criterion) {
  value <- if (criterion == "cv") -table$cv else table[[criterion]]
  among <- which(!nzchar(table$fault) & !is.na(value))
  if (length(among) == 0) among <- which(!is.na(value))
  if (length(among) == 0) abort_moe("select", "No fit has a value of the criterion.", "Use fewer folds or experts.")
  among[which.min(value[among])]
}
