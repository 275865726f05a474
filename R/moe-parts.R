#' Formula, terms and design matrices of a fit
#'
#' @param object,x,formula A fit by [moe()].
#' @param part Of the formula: `"experts"`, `"gate"`, or `"full"`, all variables of both.
#' @param data Other data, to build their model frame.
#' @param ... Not used: anything else is an error.
#' @return As for [lm()]: `formula()` the two-part formula, `terms()` the terms of a part, `model.frame()` the one frame
#'   of both parts, `model.matrix()` the design of a part, `weights()` the weights or `NULL`, `family()` the family. A
#'   fit by [moe_fit()] has matrices only.
#' @examples
#' fit <- moe(dist ~ poly(speed, 2) | speed, cars, control = moe_control(seed = 1))
#' formula(fit)
#' head(model.matrix(fit, part = "gate"))
#' @name moe_parts
NULL

#' @rdname moe_parts
#' @export
formula.moe <- function(x, ...) {
  check_call(...)
  x$formula
}

#' @rdname moe_parts
#' @export
terms.moe <- function(x, part = c("experts", "gate", "full"), ...) {
  check_call(...)
  x$terms[[check_choice(part, c("experts", "gate", "full"), "part")]]
}

#' @rdname moe_parts
#' @export
model.frame.moe <- function(formula, data = NULL, ...) {
  check_call(..., .hints = c(newdata = "Did you mean `data`?"))
  if (is.null(data)) return(formula$model)
  if (is.null(formula$terms)) abort_moe("frame", "A fit by `moe_fit()` has matrices and no model frame.")
  rethrow(
    model.frame(formula$terms$full, data, xlev = formula$xlevels),
    "frame", "A model frame of `data` cannot be built."
  )
}

#' @rdname moe_parts
#' @export
model.matrix.moe <- function(object, part = c("experts", "gate"), ...) {
  check_call(..., .hints = c(data = "`update(fit, data = )` fits to other data, `predict()` predicts them."))
  part <- check_choice(part, c("experts", "gate"), "part")
  if (is.null(object$terms)) {
    data <- kept_data(object)
    return(if (part == "gate") data$z %||% data$x else data$x)
  }
  design_of(object$terms[[part]], object$model, object$contrasts[[part]])
}

#' @rdname moe_parts
#' @export
weights.moe <- function(object, ...) {
  check_call(...)
  if (is.null(object$terms)) return(kept_data(object)$weights)
  stats::naresid(object$na.action, stats::model.weights(object$model))
}

#' @rdname moe_parts
#' @export
family.moe <- function(object, ...) {
  check_call(...)
  object$family
}
