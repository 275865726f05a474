# Code of the arguments of a fit.

draw_formula <- function() {
  experts <- one_of(
    "x", "x", "x + z", "x + u + g", "g", "b", "k", "poly(x, 2)", "x * b", "z + I(z^2)", "log(1 + abs(z))",
    "0 + x", "1", "x:z", "factor(b)", "scale(z)", "x + I(2 * x)", "x + offset(o)", ".", "u", "log(sigma)",
    "splines::ns(z, 3)"
  )
  gate <- one_of(
    "z", "z", "x", "x + z", "1", "0 + z", "g", "k", "b", "x + u + g", "poly(z, 2)", "x + I(2 * x)", "tanh(z)"
  )
  paste0("y ~ ", experts, if (chance(0.6)) paste(" |", gate))
}

draw_experts <- function() one_of(2, 2, 2, 2, 3, 3, 3, 1, 4, 7, if (chance(0.1)) c(0, 2.5, 500))

draw_family <- function(family) {
  if (family == "gaussian") {
    other <- if (chance(0.2)) "multinomial()"
    return(one_of(list(NULL, NULL, NULL, "gaussian()", '"gaussian"', "student_t()", "student_t(df = 3)", other)))
  }
  if (family == "counts") return("multinomial()")
  if (family == "events") {
    return(one_of("poisson()", '"poisson"', "poisson", "negative_binomial()", if (chance(0.2)) "gaussian()"))
  }
  if (family == "trials") return(one_of("binomial()", '"binomial"', if (chance(0.2)) "multinomial()"))
  if (family == "durations") return(one_of('Gamma("log")', '"Gamma"', if (chance(0.1)) "Gamma()"))
  one_of(list(NULL, "multinomial()", '"multinomial"', if (chance(0.1)) "gaussian()"))
}

draw_activation <- function() {
  if (chance(0.5)) return(NULL)
  one_of('"tanh"', '"sigmoid"', '"gelu"', '"softplus"', '"relu"', '"identity"')
}

draw_temperature <- function() one_of(list(NULL, NULL, "NULL", "0.5", "2", if (chance(0.1)) "0"))
draw_transform <- function() {
  one_of('"tanh"', '"sigmoid"', '"cos"', "function(z) z / (1 + abs(z))", if (chance(0.2)) "function(z) z[, 1]")
}
draw_top <- function() one_of("1", "2", "1", "2", "3")
draw_select <- function() one_of('"slope"', '"logit"')

# A gate by any of its constructors; `smooth` has no active set and a fixed temperature, as a penalty asks.
draw_gate <- function(smooth = FALSE) {
  if (chance(0.25)) return(NULL)
  constructors <- c("gate_softmax", "gate_temperature", "gate_modified", "gate_sigmoid")
  constructor <- one_of(constructors, if (!smooth) rep("gate_topk", 3))
  temperature <- if (smooth) one_of("1", "2") else draw_temperature()
  transform <- if (constructor == "gate_modified" || chance(0.2)) draw_transform()
  top <- if (constructor == "gate_topk" || (!smooth && chance(0.25))) draw_top()
  named <- if (constructor == "gate_topk") list(k = top) else list(top_k = top)
  do.call(call_code, c(
    constructor, named,
    list(
      transform = transform, activation = draw_activation(), temperature = temperature,
      select = if (!is.null(top)) draw_select(), origin = if (chance(0.2)) one_of("0", "0", "1.5", "c(1, 2)")
    )
  ))
}

draw_penalty <- function() {
  call_code("penalty_lasso",
    one_of("0.01", "0.05", "0.2", "5", "0", "1e-6"),
    experts = if (chance(0.2)) one_of("0", "0.1"), gate = if (chance(0.2)) one_of("0", "0.1"),
    ridge = if (chance(0.2)) one_of("0.1", "10"), reference = if (chance(0.2)) one_of("1", "2"),
    standardize = if (chance(0.2)) "FALSE"
  )
}

draw_control <- function() {
  call_code("moe_control",
    starts = sample.int(6, 1), seed = sample.int(1e6, 1), progress = "FALSE",
    method = if (chance(0.4)) one_of('"em"', '"newton"', '"lbfgs"'),
    iterations = if (chance(0.15)) one_of("1", "5"), tolerance = if (chance(0.1)) one_of("1e-4", "1e-12"),
    guard = if (chance(0.15)) one_of("0", "0.01", "10"), time_limit = if (chance(0.05)) "0.05"
  )
}

draw_offset <- function(family, code) if (chance(if (family %in% c("gaussian", "events")) 0.15 else 0.02)) code

draw_sigma <- function() if (chance(0.2)) '"common"'

# Ties, some of parameters that there may not be.
draw_ties <- function() {
  kinds <- list(
    list(common = "~ x"), list(common = "~ 1 + z"), list(fixed = 'c("expert1:x" = 1)'),
    list(fixed = 'c("gate2:z" = 0, "expert2:(Intercept)" = -1)'), list(equal = 'c("expert1:x", "expert2:x")'),
    list(equal = 'list(c("expert1:log(sigma)", "expert2:log(sigma)"))', common = "~ x")
  )
  if (chance(0.15)) one_of(kinds)
}

# A matrix of responsibilities, of the right shape or another.
draw_responsibilities <- function(experts) {
  columns <- if (chance(0.9)) ceiling(experts) else 2
  one_of(
    sprintf("prop.table(matrix(runif(n * %.0f), n), 1)", columns),
    sprintf("matrix(1 / %.0f, n, %1$.0f)", columns),
    sprintf("diag(%.0f)[rep(seq_len(%1$.0f), length.out = n), , drop = FALSE]", columns),
    if (chance(0.1)) c("matrix(0.5, 3, 2)", "matrix(NA_real_, n, 2)", "matrix(-1, n, 2)", "7")
  )
}

# A measure of an intercept and one slope in gate and experts.
draw_measure <- function(experts) {
  size <- 2 * max(1, ceiling(experts))
  numbers <- function(n) paste0("c(", paste(round(stats::rnorm(n, 0, one_of(1, 30)), 2), collapse = ", "), ")")
  sprintf(
    "mixing_measure(matrix(%s, 2), matrix(%s, 2), %s)", numbers(size), numbers(size),
    one_of("0.4", "1e-8", "1e8")
  )
}

draw_start <- function(experts, family) {
  if (chance(0.7)) return(NULL)
  if (chance(0.8) || (family != "gaussian" && chance(0.9))) draw_responsibilities(experts) else draw_measure(experts)
}
