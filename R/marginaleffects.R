# What package marginaleffects asks of a model, so that predictions(), comparisons(), slopes() and hypotheses() work. It
# takes classes that it does not know from the option marginaleffects_model_classes, which .onLoad() sets.
# nolint start: object_name_linter. The generics' names are theirs.

#' @exportS3Method marginaleffects::get_coef
get_coef.moe <- function(model, ...) coef(model)

# The fit at other values of its parameters.
#' @exportS3Method marginaleffects::set_coef
set_coef.moe <- function(model, coefs, ...) {
  check_version(model)
  model$estimates <- estimates_at(model, coefs)
  model$coefficients[] <- coefs
  model
}

#' @exportS3Method marginaleffects::get_vcov
get_vcov.moe <- function(model, vcov = NULL, ...) if (isFALSE(vcov)) NULL else asked_covariance(model, vcov)

#' @exportS3Method marginaleffects::get_predict
get_predict.moe <- function(model, newdata, type = "response", ...) {
  type <- type %||% "response"
  if (identical(type, "class")) abort_moe("type", "A class has no mean: use `type = \"response\"`, its probability.")
  values <- suppressWarnings(predict(model, newdata, type = type), "expertmix_warning_rank")
  rows <- newdata[["rowid"]] %||% seq_len(nrow(newdata))
  if (is.null(dim(values))) return(data.frame(rowid = rows, estimate = unname(values)))
  groups <- do.call(paste, c(rev(expand.grid(dimnames(values)[-1])), sep = ": "))
  data.frame(
    rowid = rep(rows, length(groups)), group = rep(factor(groups, groups), each = nrow(values)), estimate = c(values)
  )
}
# nolint end
