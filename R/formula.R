# A two-part formula, response ~ expert terms | gate terms, as the terms of its parts and one formula of all variables:
# one model frame of the latter serves both parts, so that both see the same rows.
parse_formula <- function(formula, data) {
  if (!inherits(formula, "formula")) abort_moe("formula", "`formula` must be a formula such as y ~ x | z.")
  parts <- rethrow(Formula(formula), "formula", "`formula` cannot be read.")
  check_parts(length(parts))
  part_terms <- function(part) {
    rethrow(
      terms(formula(parts, lhs = 1, rhs = part), data = data),
      "formula", sprintf("The %s part of `formula` cannot be read.", if (part == 1) "expert" else "gate")
    )
  }
  experts <- part_terms(1)
  gate <- if (length(parts)[2] == 2) part_terms(2) else drop_offset(experts)
  if (!is.null(attr(gate, "offset"))) {
    abort_moe("offset", "An offset in the gate part of `formula` is not possible.", "Move it to the expert part.")
  }
  list(formula = parts, experts = experts, gate = gate, all = join_variables(experts, gate))
}

check_parts <- function(size) {
  if (size[1] != 1) abort_moe("formula", sprintf("`formula` must have one response; it has %d.", size[1]))
  if (size[2] > 2) {
    abort_moe("formula", sprintf("`formula` has %d parts; only experts | gate are possible.", size[2]),
      "Write y ~ expert terms | gate terms.")
  }
}

# terms without offset(): the gate of a formula with one part.
drop_offset <- function(terms) {
  at <- attr(terms, "offset")
  if (is.null(at)) return(terms)
  attr(terms, "variables") <- attr(terms, "variables")[-(at + 1)]
  if (length(attr(terms, "factors"))) attr(terms, "factors") <- attr(terms, "factors")[-at, , drop = FALSE]
  attr(terms, "offset") <- NULL
  terms
}

join_variables <- function(experts, gate) {
  variables <- unique(c(variables_of(experts), variables_of(gate)))
  right <- if (length(variables) > 1) Reduce(function(a, b) call("+", a, b), variables[-1]) else 1
  stats::as.formula(call("~", variables[[1]], right), environment(experts))
}

variables_of <- function(terms) as.list(attr(terms, "variables"))[-1]
variable_names <- function(variables) vapply(variables, function(v) paste(deparse(v, 500L), collapse = " "), "")

# The model frame of the call of moe(), as lm() makes it. `rows` adds the row numbers of the data, `covariate` the values
# of a single covariate that only appears inside a term.
build_frame <- function(call, parsed, environment, rows = FALSE, covariate = NULL) {
  keep <- match(c("data", "subset", "weights", "na.action", "offset"), names(call), 0)
  call <- call[c(1, keep)]
  call$formula <- parsed$all
  call$drop.unused.levels <- TRUE
  if (rows) call$rows <- as.call(list(seq_len, as.call(list(NROW, variables_of(parsed$experts)[[1]]))))
  if (!is.null(covariate)) call$covariate <- as.name(covariate)
  call[[1]] <- quote(stats::model.frame)
  frame <- rethrow(eval(call, environment), "frame", "The variables of the call cannot be put together.")
  if (nrow(frame) == 0) {
    abort_moe("rows", "No row is left after `subset` and `na.action`.", "Look for a variable that is missing throughout.")
  }
  frame
}

# terms of a part with what a new model frame needs: predvars and dataClasses of its variables.
complete_terms <- function(part, full) {
  at <- match(variable_names(variables_of(part)), variable_names(variables_of(full)))
  attr(part, "predvars") <- attr(full, "predvars")[c(1, at + 1)]
  classes <- attr(full, "dataClasses")
  attr(part, "dataClasses") <- classes[intersect(variable_names(variables_of(part)), names(classes))]
  part
}

design_of <- function(terms, frame, contrasts = NULL) {
  rethrow(
    suppressWarnings(model.matrix(stats::delete.response(terms), frame, contrasts.arg = contrasts)),
    "design", "A design matrix cannot be built."
  )
}

same_design <- function(experts, gate) {
  identical(attr(experts, "term.labels"), attr(gate, "term.labels")) &&
    identical(attr(experts, "intercept"), attr(gate, "intercept"))
}

# Names of the variables that new data must hold: those that `data` held, and covariates found elsewhere.
needed_columns <- function(parsed, data, rows) {
  environment <- environment(parsed$all)
  held <- if (is.environment(data)) character() else names(data)
  is_column <- function(name) {
    name %in% held || NROW(get0(name, environment, ifnotfound = NULL)) == rows
  }
  used <- list(
    response = all.vars(parsed$all[[2]]),
    covariates = all.vars(parsed$all[[3]])
  )
  lapply(used, function(names) Filter(is_column, names))
}
