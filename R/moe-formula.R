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
  all <- join_variables(experts, gate)
  check_reserved(variable_names(variables_of(stats::terms(all))))
  check_covariates(experts, gate)
  list(formula = parts, experts = experts, gate = gate, all = all)
}

# model.matrix() would leave the response out without a word.
check_covariates <- function(experts, gate) {
  response <- variable_names(variables_of(experts)[1])
  if (response %in% c(attr(experts, "term.labels"), attr(gate, "term.labels"))) {
    abort_moe("formula", sprintf("The response `%s` stands among the terms.", response), "Take it out of them.")
  }
}

# Names that a model frame gives to what is no variable of its formula.
check_reserved <- function(names) {
  taken <- intersect(names, c("(weights)", "(offset)", "(rows)", "(covariate)"))
  if (length(taken)) {
    abort_moe("formula", sprintf("A variable must not be called %s: model frames use this name.", quoted(taken)),
      "Rename it.")
  }
}

check_data <- function(data) {
  if (is.null(data) || is.list(data) || is.environment(data)) return(invisible())
  abort_moe("frame", sprintf("`data` must be a data frame, a list or an environment, not of class %s.", class(data)[1]),
    "A matrix becomes one by `as.data.frame()`.")
}

# Without package bit64, its numbers are read wrongly inside terms such as log(x).
check_integer64 <- function(names, data, environment) {
  if (isNamespaceLoaded("bit64")) return(invisible())
  for (name in names) {
    value <- if (is.list(data) && name %in% names(data)) data[[name]] else get0(name, environment)
    refuse_integer64(value, name)
  }
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

# The model frame of the call of moe(), as lm() makes it. `rows` adds the row numbers of the data, `covariate` the
# values of a single covariate that only appears inside a term.
build_frame <- function(call, parsed, environment, rows = FALSE, covariate = NULL) {
  keep <- match(c("data", "subset", "weights", "na.action", "offset"), names(call), 0)
  call <- call[c(1, keep)]
  call$formula <- parsed$all
  call$drop.unused.levels <- TRUE
  if (rows) call$rows <- as.call(list(seq_len, as.call(list(NROW, variables_of(parsed$experts)[[1]]))))
  if (!is.null(covariate)) call$covariate <- as.name(covariate)
  call[[1]] <- quote(stats::model.frame)
  frame <- rethrow(eval(call, environment), "frame", "The variables of the call cannot be put together.")
  for (name in names(frame)) refuse_integer64(frame[[name]], argument_name(name))
  if (nrow(frame) == 0) {
    abort_moe("rows", "No row is left after `subset` and `na.action`.",
      "Look for a variable that is missing throughout.")
  }
  frame
}

# terms of a part with what a new model frame needs: predvars and dataClasses of its variables.
complete_terms <- function(part, full) {
  at <- match(variable_names(variables_of(part)), variable_names(variables_of(full)))
  attr(part, "predvars") <- attr(full, "predvars")[c(1, at + 1)]
  classes <- attr(full, "dataClasses")
  structure(part, dataClasses = classes[intersect(variable_names(variables_of(part)), names(classes))])
}

design_of <- function(terms, frame, contrasts = NULL) {
  x <- rethrow(
    suppressWarnings(model.matrix(stats::delete.response(terms), frame, contrasts.arg = contrasts)),
    "design", "A design matrix cannot be built."
  )
  if (anyDuplicated(colnames(x))) colnames(x) <- make.unique(colnames(x))
  x
}

# An argument's values stand in a model frame under its name in parentheses.
argument_name <- function(name) switch(name, "(weights)" = "weights", "(offset)" = "offset", name)

# The sum of the offsets of a model frame, each of which must be numeric.
frame_offset <- function(frame) {
  at <- c(attr(attr(frame, "terms"), "offset"), which(names(frame) == "(offset)"))
  for (j in at) {
    name <- argument_name(names(frame)[j])
    if (!is.numeric(frame[[j]])) abort_moe("offset", sprintf("`%s` is not numeric.", name))
  }
  stats::model.offset(frame)
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
    if (name %in% held) return(TRUE)
    value <- get0(name, environment, ifnotfound = NULL)
    is.atomic(value) && NROW(value) == rows
  }
  used <- list(
    response = all.vars(parsed$all[[2]]),
    covariates = all.vars(parsed$all[[3]])
  )
  lapply(used, function(names) Filter(is_column, names))
}
