#' Mixture of experts for package 'parsnip'
#'
#' A model specification for `parsnip::fit()`, workflows and tuning, in which [moe()] fits: engine `"expertmix"`.
#' @param mode `"regression"` or `"classification"` (for a factor: [multinomial()] experts), else `"unknown"`, to be set
#'   by `parsnip::set_mode()`.
#' @param engine `"expertmix"`. Other arguments of [moe()] are given by `parsnip::set_engine("expertmix", gate = ,
#'   penalty = , control = )`.
#' @param experts Number of experts; 2 by default. `tune()` is possible.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"mixture_of_experts"` and `"model_spec"`. The formula of `parsnip::fit()` may have two
#'   parts. Fits predict `"numeric"`, `"conf_int"` and `"pred_int"`, or `"class"` and `"prob"`, and `"raw"`.
#' @examplesIf requireNamespace("parsnip", quietly = TRUE)
#' spec <- mixture_of_experts("regression", experts = 2)
#' spec <- parsnip::set_engine(spec, "expertmix", control = moe_control(seed = 1))
#' fit <- parsnip::fit(spec, dist ~ speed | 1, cars)
#' predict(fit, cars[1:3, ], type = "pred_int")
#' @export
mixture_of_experts <- function(mode = "unknown", engine = "expertmix", experts = NULL, ...) {
  check_call(...)
  rlang::check_installed("parsnip", "to specify a model for it.")
  parsnip::new_model_spec("mixture_of_experts", args = list(experts = rlang::enquo(experts)), eng_args = NULL,
    mode = mode, user_specified_mode = !missing(mode), method = NULL, engine = engine,
    user_specified_engine = !missing(engine))
}

# Tells parsnip of the model, once.
register_engine <- function() {
  model <- "mixture_of_experts"
  if (model %in% parsnip::get_model_env()$models) return(invisible())
  parsnip::set_new_model(model)
  for (mode in c("regression", "classification")) {
    parsnip::set_model_mode(model, mode)
    parsnip::set_model_engine(model, mode, "expertmix")
    parsnip::set_dependency(model, "expertmix", "expertmix", mode)
    parsnip::set_fit(model, mode, "expertmix", list(
      interface = "formula", protect = c("formula", "data", "weights"), func = c(pkg = "expertmix", fun = "moe"),
      defaults = list()
    ))
    parsnip::set_encoding(model, mode, "expertmix", list(
      predictor_indicators = "none", compute_intercept = FALSE, remove_intercept = FALSE, allow_sparse_x = FALSE
    ))
    for (type in names(engine_predictions[[mode]])) {
      parsnip::set_pred(model, mode, "expertmix", type, engine_prediction(engine_predictions[[mode]][[type]]))
    }
  }
  parsnip::set_model_arg(model, "expertmix", "experts", "experts", list(pkg = "dials", fun = "num_comp"), FALSE)
}

# How parsnip predicts each of its types: arguments of predict(), and what is made of the values.
engine_predictions <- list(
  regression = list(
    numeric = list(arguments = list(type = "response")),
    conf_int = list(
      arguments = list(interval = "confidence", level = quote(level)),
      post = function(values, object) interval_columns(values)
    ),
    pred_int = list(
      arguments = list(interval = "prediction", level = quote(level)),
      post = function(values, object) interval_columns(values)
    ),
    raw = list(arguments = list())
  ),
  classification = list(
    class = list(arguments = list(type = "class"), post = function(values, object) unname(values)),
    prob = list(
      arguments = list(type = "response"),
      post = function(values, object) tibble::as_tibble(`rownames<-`(values, NULL))
    ),
    raw = list(arguments = list())
  )
)

interval_columns <- function(values) {
  tibble::tibble(.pred_lower = unname(values[, "lwr"]), .pred_upper = unname(values[, "upr"]))
}

engine_prediction <- function(asked) {
  list(
    pre = NULL, post = asked$post, func = c(fun = "predict"),
    args = c(list(object = quote(object$fit), newdata = quote(new_data)), asked$arguments)
  )
}
