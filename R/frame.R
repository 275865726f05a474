#' Formula, terms and design matrices of a fit
#'
#' @param object,x,formula A fit by [moe()].
#' @param part Of the formula: `"experts"`, `"gate"`, or `"full"`, all variables of both.
#' @param ... For `model.frame()`: `data`, to build the frame of other data; else not used.
#' @return As for [lm()]: `formula()` the two-part formula, `terms()` the terms of a part, `model.frame()` the one frame of
#'   both parts, `model.matrix()` the design of a part, `weights()` the weights or `NULL`, `family()` the family. A fit by
#'   [moe_fit()] has matrices only.
#' @examples
#' fit <- moe(dist ~ poly(speed, 2) | speed, cars, control = moe_control(seed = 1))
#' formula(fit)
#' head(model.matrix(fit, part = "gate"))
#' @name moe_parts
NULL

#' @rdname moe_parts
#' @export
formula.moe <- function(x, ...) x$formula

#' @rdname moe_parts
#' @export
terms.moe <- function(x, part = c("experts", "gate", "full"), ...) {
  x$terms[[check_choice(part, c("experts", "gate", "full"), "part")]]
}

#' @rdname moe_parts
#' @export
model.frame.moe <- function(formula, ...) {
  given <- list(...)
  data <- given$data %||% given$newdata
  if (is.null(data)) return(formula$model)
  model.frame(formula$terms$full, data, xlev = formula$xlevels)
}

#' @rdname moe_parts
#' @export
model.matrix.moe <- function(object, part = c("experts", "gate"), ...) {
  part <- check_choice(part, c("experts", "gate"), "part")
  if (is.null(object$terms)) return(if (part == "gate") object$data$z %||% object$data$x else object$data$x)
  design_of(object$terms[[part]], object$model, object$contrasts[[part]])
}

#' @rdname moe_parts
#' @export
weights.moe <- function(object, ...) {
  if (is.null(object$terms)) return(object$data$weights)
  stats::naresid(object$na.action, stats::model.weights(object$model))
}

#' @rdname moe_parts
#' @export
family.moe <- function(object, ...) object$family
