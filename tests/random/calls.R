# Code that fits: the lines before the fit, and the call of the fit itself, which takes its settings from `control`.

draw_fit <- function(data) {
  switch(one_of("formula", "formula", "formula", "formula", "formula", "matrix", "path", "path matrix"),
    formula = formula_fit(data), matrix = matrix_fit(data), path = formula_path(data), `path matrix` = matrix_path(data)
  )
}

formula_fit <- function(data) {
  penalised <- chance(0.2)
  experts <- draw_experts()
  ties <- draw_ties()
  list(kind = "fit", before = character(), call = call_code("moe",
    draw_formula(), "d", common = ties$common, fixed = ties$fixed, equal = ties$equal,
    experts = experts, family = draw_family(data$family), gate = draw_gate(smooth = penalised && chance(0.9)),
    sigma = draw_sigma(), penalty = if (penalised) draw_penalty(), weights = if (chance(0.35)) "w",
    subset = if (chance(0.1)) one_of("x > -1", "seq_len(n) > 2", "b == 1"),
    na.action = if (chance(0.1)) one_of("na.exclude", "na.omit", "na.fail"), offset = draw_offset(data$family, "o"),
    start = draw_start(experts, data$family), control = "control"
  ))
}

matrix_designs <- function(penalised) {
  design <- one_of(
    "cbind(`(Intercept)` = 1, x = d$x, z = d$z)", "cbind(1, d$x, d$z, d$b)", "cbind(d$x, d$k)", "cbind(x = d$x)",
    "matrix(1, n, 1)", "cbind(1, matrix(rnorm(n * 30), n))", "cbind(1, d$k, d$b)"
  )
  sparse <- penalised && chance(0.5)
  c(
    paste("X <-", if (sparse) sprintf("Matrix::Matrix(%s, sparse = TRUE)", design) else design),
    if (chance(0.3)) "Z <- X[, seq_len(min(2, ncol(X))), drop = FALSE]"
  )
}

matrix_fit <- function(data) {
  penalised <- chance(0.5)
  experts <- draw_experts()
  designs <- matrix_designs(penalised)
  list(kind = "matrix", before = designs, call = call_code("moe_fit",
    "X", "d$y", z = if (length(designs) == 2) "Z", experts = experts, family = draw_family(data$family),
    gate = draw_gate(smooth = penalised), sigma = draw_sigma(), penalty = if (penalised) draw_penalty(),
    weights = if (chance(0.3)) "d$w", offset = draw_offset(data$family, "d$o"),
    start = draw_start(experts, data$family), control = "control"
  ))
}

path_arguments <- function(data, experts) {
  list(
    experts = experts, family = draw_family(data$family), gate = draw_gate(smooth = TRUE), sigma = draw_sigma(),
    start = draw_start(experts, data$family),
    lambda = if (chance(0.2)) one_of("c(1, 0.1, 0.01)", "0.1", "c(0.1, 0.2)", "c(0.1, 0)"),
    nlambda = sample(1:8, 1), ratio = if (chance(0.3)) one_of("0.1", "0.5", "0.001"),
    penalty = if (chance(0.3)) draw_penalty(), control = "control"
  )
}

formula_path <- function(data) {
  arguments <- path_arguments(data, draw_experts())
  call <- do.call(call_code, c("moe_path", draw_formula(), "d", arguments, list(weights = if (chance(0.3)) "w")))
  list(kind = "path", before = character(), call = call)
}

matrix_path <- function(data) {
  designs <- matrix_designs(TRUE)
  arguments <- path_arguments(data, draw_experts())
  call <- do.call(call_code, c("moe_path", "X", "d$y", arguments, list(
    z = if (length(designs) == 2) "Z", weights = if (chance(0.3)) "d$w", offset = draw_offset(data$family, "d$o")
  )))
  list(kind = "path matrix", before = designs, call = call)
}
