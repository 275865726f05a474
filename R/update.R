#' Update a fit
#'
#' Fits again with another formula, data or other arguments. An update keeps the labels of its fit: expert 1 stays
#' expert 1, so that coefficients of updates can be compared, as in a bootstrap. It starts at the fit's estimates and
#' climbs to the maximum next to them; then the experts are named such that the rows' posterior probabilities change
#' least.
#'
#' Other numbers of experts, gates, families, terms or ties cannot start there: then, or with `search`, starting values
#' are searched as by [moe()]. Labels are kept all the same where that has a meaning, that is for as many experts and
#' the same terms or the same rows; else they are by size, and a warning of class `expertmix_warning_labels` says so. So
#' they are where another version of the package made the fit, of which only the call is used.
#'
#' @param object A fit by [moe()], [moe_fit()] or [select_fit()], or a path by [moe_path()]. A path starts at the fit
#'   that the EBIC chooses; of a fit that was selected from a path, the path is updated and the fit selected again.
#' @param formula. A new formula, in which `.` stands for what was there, see [stats::update.formula()]; the parts of a
#'   formula with two are updated one by one.
#' @param ... Arguments of the call that change; `NULL` takes one out. With `start`, the fit starts there and has its
#'   labels.
#' @param search Search starting values as a first fit does, instead of starting at the estimates.
#' @param evaluate `FALSE` returns the new call.
#' @return An object like `object`, or the call.
#' @section Errors: `expertmix_error_update`, and those of the function that made the fit.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' update(fit, . ~ . | 1)
#' # A bootstrap of three replications: the labels stay.
#' set.seed(1)
#' replicate(3, coef(update(fit, data = cars[sample(50, replace = TRUE), ])))
#' @export
update.moe <- function(object, formula., ..., search = FALSE, evaluate = TRUE) { # nolint: object_name_linter.
  extras <- match.call(expand.dots = FALSE)$...
  call <- changed_call(object, if (!missing(formula.)) formula., extras)
  if (!check_flag(evaluate, "evaluate", "update")) return(call)
  run_update(call, object, check_flag(search, "search", "update"), parent.frame())
}

#' @rdname update.moe
#' @export
update.moe_path <- function(object, formula., ..., search = FALSE, evaluate = TRUE) { # nolint: object_name_linter.
  extras <- match.call(expand.dots = FALSE)$...
  call <- changed_call(object, if (!missing(formula.)) formula., extras)
  if (!check_flag(evaluate, "evaluate", "update")) return(call)
  fit <- if (is_current(object)) suppressWarnings(select_fit(object), "expertmix_warning") else object
  run_update(call, fit, check_flag(search, "search", "update"), parent.frame())
}

# The call of a fit with other arguments; a fit that was selected from a path has the path's call within.
changed_call <- function(object, formula, extras) {
  if (any(rlang::names2(extras) == "")) abort_moe("update", "Arguments of an update must be named.")
  call <- object$call
  kept_data(object)
  if (is.null(call)) abort_moe("update", "The object has no call to change.", "Fit again.")
  if (is.null(call$path)) return(changed_model(call, object, formula, extras))
  of_selection <- names(extras) %in% names(formals(select_fit))
  call$path <- changed_model(call$path, object, formula, extras[!of_selection])
  replace_arguments(call, extras[of_selection])
}

changed_model <- function(call, object, formula, extras) {
  call$start <- NULL
  call <- replace_arguments(call, extras)
  if (is.null(formula)) return(call)
  model <- if (is.null(object$formula)) object$kept else object
  if (is.null(model)) abort_moe("update", "A fit to matrices has no formula.", "Give other matrices: `x`, `y` or `z`.")
  new <- rethrow(formula(update(expanded_formula(model), formula)), "update", "`formula.` cannot be read.")
  call[[if (is.null(call$formula)) "x" else "formula"]] <- new
  call
}

# The formula of a model, a dot in it written out as what it stood for.
expanded_formula <- function(model) {
  if (!"." %in% all.vars(model$formula)) return(model$formula)
  part <- function(terms) formula(terms)[[3]]
  both <- part(model$terms$experts)
  if (length(model$formula)[2] == 2) both <- call("|", both, part(model$terms$gate))
  Formula::as.Formula(stats::as.formula(call("~", formula(model$terms$experts)[[2]], both), environment(model$formula)))
}

# A call with other arguments; one that is NULL is left out.
replace_arguments <- function(call, extras) {
  arguments <- as.list(call)
  arguments[names(extras)] <- extras
  as.call(Filter(Negate(is.null), arguments))
}

# Evaluates a call where it was made, with a fit as its start whose labels it keeps, unless it has a start. Of a fit by
# another version the call is all that is used.
run_update <- function(call, fit, search, caller) {
  if (!is_current(fit)) {
    warn_moe("labels", "The experts of the update are ordered by size: those of another version's fit are not read.")
    return(eval(call, caller))
  }
  start <- structure(list(fit = fit, search = search), class = "kept_fit")
  updated <- eval(starting_call(call, function() start), caller)
  updated$call <- call
  updated
}

# The start as a call of a function: its values would fill the screen where an error shows the call.
starting_call <- function(call, start) {
  if (!is.null(call$path)) {
    call$path <- starting_call(call$path, start)
  } else if (is.null(call$start)) {
    call$start <- as.call(list(start))
  }
  call
}

# Where the update of a fit starts: at its estimates, or nowhere; `labels` are posterior probabilities of its experts.
start_of_update <- function(start, mixture, design) {
  fit <- start$fit
  if (ncol(fit$estimates$gate) != mixture$experts) return(list())
  if (!fits_model(fit, design, mixture)) return(list(labels = posterior_of_same_rows(fit, design)))
  estimates <- start_from_fit(fit, mixture, design)
  searches <- start$search || !identical(fit$ties$words, mixture$ties$words)
  if (searches) list(labels = posterior_at(design, mixture, estimates)) else estimates
}

# Whether a fit's estimates are coefficients of a model.
fits_model <- function(fit, design, mixture) {
  gate <- mixture$gate
  identical(unclass(fit$family)[c("family", "df")], unclass(mixture$family)[c("family", "df")]) &&
    identical(fit$classes$labels, design$classes$labels) &&
    identical(rownames(fit$estimates$experts), colnames(design$x)) &&
    identical(rownames(fit$estimates$gate), colnames(design$z %||% design$x)) && same_gate(fit$gate, gate) &&
    same_origin(fit$gate, gate)
}

posterior_of_same_rows <- function(fit, design) {
  own <- fitted_design(fit)
  if (identical(own$y, design$y)) return(predict_rows(fit, own, "posterior"))
  warn_moe("labels", "The experts of the update cannot be told by those of the fit: they are ordered by size.",
    "Compare fits with the same terms, or to the same rows.")
  NULL
}
