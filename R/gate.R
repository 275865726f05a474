#' Gates
#'
#' A gate gives expert \eqn{k} the probability \eqn{\pi_k(z)}{pi_k(z)} of generating a row with gate covariates \eqn{z}:
#' with the scores
#' \deqn{s_k(z) = [h(\beta_{1k}' [M(z) - o]) + \beta_{0k}] / \tau}{s_k(z) = [h(beta_1k' [M(z) - o]) + beta_0k] / tau}
#' it is \eqn{\exp(s_k) / \sum_{j \in A(z)} \exp(s_j)}{exp(s_k) / sum_{j in A(z)} exp(s_j)} for the experts in the
#' active set \eqn{A(z)} and 0 for the others. A gate is five choices, which every function here takes; the functions
#' differ in which of them comes first.
#'
#' @section What is identified:
#' * With the identity as activation, gates are the same up to a common translation: expert 1 is the reference, its
#'   coefficients are zero. With another activation all \eqn{K} slope vectors are free and only intercepts have a
#'   reference; with `"tanh"` or `"sigmoid"` and two experts \eqn{(\beta_1, \beta_2)}{(b1, b2)} and
#'   \eqn{(-\beta_2, -\beta_1)}{(-b2, -b1)} are the same gate, of which one is returned. These gates need an intercept.
#' * A temperature that is estimated is not identified with the activations `"identity"` and `"relu"`: only
#'   \eqn{\beta / \tau}{beta / tau} is. The fit reports that, with temperature 1, and warns
#'   (`expertmix_warning_unidentified`). Estimates stay between 1/100 and 100.
#' * With one active expert only the direction of the slopes is identified: they are returned with unit norm, intercepts
#'   (under `select = "slope"`) as `NA`, and `coef()` and `vcov()` leave the gate out, with the same warning.
#'   `df` counts the direction.
#' * The likelihood of a gate with `top_k` jumps where a row's active set changes. Fits are found by dense gates, then
#'   by an evolution strategy on the true likelihood between climbs with the active sets held; the certificate is
#'   one-sided at a jump, and standard errors hold the active sets fixed.
#'
#' @param transform `NULL`, one of `"tanh"`, `"sigmoid"`, `"cos"`, or a function \eqn{M} that takes the matrix of the
#'   numeric gate covariates (no intercept, no dummy variables) and returns numbers of the same shape.
#' @param activation The function \eqn{h}: `"identity"`, `"tanh"`, `"sigmoid"`, `"gelu"`, `"softplus"` or `"relu"`.
#' @param temperature The number \eqn{\tau}{tau}; `NULL` estimates it.
#' @param top_k,k How many experts are active in a row, 1 to the number of experts; `NULL`: all.
#' @param select The active experts are those with the largest \eqn{h(\beta_{1k}' [M(z) - o])}{h(beta_1k' [M(z) - o])}
#'   (`"slope"`, the intercept added after selection: borders of active sets pass through the origin \eqn{o}), or with
#'   the largest scores (`"logit"`). Ties go to the smaller index.
#' @param origin What slopes count from where they act alone, under an activation or in selection by `"slope"`: a
#'   number, or one for each gate covariate, by name or in their order (after `transform`, without the intercept). `0`
#'   is the papers' form. `NULL`: the origin of `start`, where a fit has one, or else the weighted means of its gate
#'   covariates; of a [mixing_measure()], 0. A fit keeps it, as `fit$gate$origin`, and hands it on to updates,
#'   bootstraps, folds and its measure; losses compare gates of the same origin only.
#' @param ... The other choices: `transform`, `activation`, `temperature`, `top_k`, `select`, `origin`. Any other name
#'   is an error.
#' @return An object of class `"moe_gate"`, for the argument `gate` of [moe()].
#'
#' `gate_sigmoid()` is the normalised sigmoid gate: sigmoid(\eqn{s_k}) over their sum, all coefficients free; where all
#' scores are very negative it becomes a softmax gate, and only differences are identified.
#' @section Errors: a choice that is unknown or out of range, and a transform that is no function or returns another
#'   shape or values that are not finite, are errors of class `expertmix_error_gate`.
#' @references Nguyen, H., Nguyen, T. and Ho, N. (2023). Demystifying softmax gating function in Gaussian mixture of
#'   experts. arXiv:2305.03288. Nguyen, H. et al. (2023). Statistical perspective of top-K sparse softmax gating mixture
#'   of experts. arXiv:2309.13850. Nguyen, H. et al. (2024). Is temperature sample efficient for softmax Gaussian
#'   mixture of experts? arXiv:2401.13875. Nguyen, H. et al. (2023). A general theory for softmax gating multinomial
#'   logistic mixture of experts. arXiv:2310.14188.
#' @examples
#' gate_softmax()
#' gate_topk(1)
#' gate_temperature(activation = "tanh")
#' gate_modified("tanh", temperature = 2)
#' gate <- gate_modified(function(z) log(z))
#' fit <- moe(dist ~ speed, cars, gate = gate, control = moe_control(seed = 1))
#' coef(fit, part = "gate")
#' gate_topk(1, origin = 0)
#' @export
gate_softmax <- function(transform = NULL, activation = "identity", temperature = 1, top_k = NULL, select = "slope",
                         origin = NULL, ...) {
  check_call(..., .what = "gate")
  new_gate(transform, activation, temperature, top_k, select, origin, "softmax")
}

#' @rdname gate_softmax
#' @export
gate_topk <- function(k, select = c("slope", "logit"), ...) {
  check_call(..., .passed = c("transform", "activation", "temperature", "origin"), .what = "gate")
  if (missing(k)) abort_moe("gate", "`k`, the number of active experts, is missing.")
  gate_softmax(top_k = k, select = select, ...)
}

#' @rdname gate_softmax
#' @export
gate_temperature <- function(temperature = NULL, activation = "identity", ...) {
  check_call(..., .passed = c("transform", "top_k", "select", "origin"), .what = "gate")
  gate_softmax(temperature = temperature, activation = activation, ...)
}

#' @rdname gate_softmax
#' @export
gate_modified <- function(transform, ...) {
  check_call(..., .passed = c("activation", "temperature", "top_k", "select", "origin"), .what = "gate")
  if (missing(transform)) abort_moe("gate", "`transform` is missing.", "For example gate_modified(\"tanh\").")
  gate_softmax(transform = transform, ...)
}

#' @rdname gate_softmax
#' @export
gate_sigmoid <- function(transform = NULL, activation = "identity", temperature = 1, top_k = NULL, select = "slope",
                         origin = NULL, ...) {
  check_call(..., .what = "gate")
  new_gate(transform, activation, temperature, top_k, select, origin, "sigmoid")
}

# What depends on the activation: whether it is linear, so that gates are the same up to a translation of all
# coefficients and not of intercepts only; whether h(c u) = c h(u) for c > 0, so that only beta / tau is identified.
activations <- list(
  identity = list(linear = TRUE, homogeneous = TRUE),
  tanh = list(linear = FALSE, homogeneous = FALSE),
  sigmoid = list(linear = FALSE, homogeneous = FALSE),
  gelu = list(linear = FALSE, homogeneous = FALSE),
  softplus = list(linear = FALSE, homogeneous = FALSE),
  relu = list(linear = FALSE, homogeneous = TRUE)
)

# What depends on the normaliser: its name, and whether a translation of all scores leaves the gate as it is.
normalisers <- list(
  softmax = list(label = "softmax", translates = TRUE),
  sigmoid = list(label = "normalised sigmoid", translates = FALSE)
)

new_gate <- function(transform, activation, temperature, top_k, select, origin, normaliser) {
  activation <- check_choice(activation, names(activations), "activation", "gate")
  select <- check_choice(select, c("slope", "logit"), "select", "gate")
  if (!is.null(temperature) && !(is_number(temperature) && is.finite(temperature) && temperature > 0)) {
    abort_moe("gate", "`temperature` must be a positive number, or NULL to estimate it.")
  }
  if (!is.null(top_k) && !(is_whole(top_k) && top_k >= 1)) {
    abort_moe("gate", "The number of active experts must be a whole number from 1 to the number of experts.")
  }
  check_origin(new_object(
    list(
      transform = named_transform(transform), transform_name = if (is.character(transform)) transform,
      activation = activation, linear = activations[[activation]]$linear,
      homogeneous = activations[[activation]]$homogeneous, temperature = temperature, top_k = top_k, select = select,
      normaliser = normaliser, translates = normalisers[[normaliser]]$translates, origin = origin
    ),
    class = "moe_gate"
  ))
}

transforms <- list(tanh = tanh, sigmoid = stats::plogis, cos = cos)

named_transform <- function(transform) {
  if (is.null(transform) || is.function(transform)) return(transform)
  transforms[[check_choice(transform, names(transforms), "transform", "gate")]]
}

check_gate <- function(gate, experts) {
  if (!inherits(gate, "moe_gate")) abort_moe("gate", "`gate` must be a gate object.", "For example `gate_softmax()`.")
  check_version(gate)
  gate <- check_origin(gate)
  if (!is.null(gate$top_k) && gate$top_k > experts) {
    abort_moe("gate", sprintf("The gate has %d active experts of %d.", as.integer(gate$top_k), as.integer(experts)))
  }
  gate
}

# The gate design with the numbered columns transformed.
transform_design <- function(gate, z, columns) {
  if (is.null(gate$transform) || length(columns) == 0) return(z)
  given <- as.matrix(z[, columns, drop = FALSE])
  result <- rethrow(gate$transform(given), "gate", "The gate's `transform` failed.")
  if (is.data.frame(result)) result <- as.matrix(result)
  shape <- dim(result) %||% if (length(result) == length(given)) dim(given)
  if (!is.numeric(result) || !identical(shape, dim(given))) {
    abort_moe("gate", "The gate's `transform` must return numbers of the shape that it is given.")
  }
  bad <- which(!is.finite(result))
  if (length(bad)) {
    abort_moe("gate", sprintf("The gate's `transform` is not finite in row %s.", listed((bad - 1) %% nrow(given) + 1)))
  }
  z[, columns] <- result
  z
}

# Which columns of a gate design a transform sees: not those that are constant, nor dummy variables.
covariate_columns <- function(z, dummies = FALSE) {
  constant <- vapply(seq_len(ncol(z)), function(j) all(z[, j] == z[1, j]), NA)
  which(!constant & !dummies)
}

dummy_columns <- function(terms, z) {
  classes <- attr(terms, "dataClasses")
  factors <- attr(terms, "factors")
  if (length(factors) == 0) return(rep(FALSE, ncol(z)))
  dummied <- names(classes)[classes %in% c("factor", "ordered", "character", "logical")]
  categorical <- intersect(rownames(factors), dummied)
  in_term <- colSums(factors[categorical, , drop = FALSE]) > 0
  c(FALSE, in_term)[attr(z, "assign") + 1]
}

# What a fit leaves unidentified, in words.
unidentified_part <- function(gate, experts) {
  if (experts > 1 && has_one_active(gate)) return("direction")
  if (experts > 1 && has_idle_temperature(gate)) return("temperature")
  NULL
}

has_one_active <- function(gate) identical(as.integer(gate$top_k), 1L)

# Whether a temperature is estimated that the size of the coefficients stands for.
has_idle_temperature <- function(gate) is.null(gate$temperature) && gate$homogeneous

# What must agree of two gates: not the temperature, nor how many experts are active.
gate_kind <- function(gate) {
  list(
    gate$activation, gate$normaliser, is.null(gate$top_k), if (!is.null(gate$top_k)) gate$select,
    gate$transform_name %||% deparse(gate$transform)
  )
}

same_gate <- function(a, b) {
  numbers <- function(gate) as.double(c(gate$temperature %||% NA, gate$top_k %||% NA))
  identical(gate_kind(a), gate_kind(b)) && identical(numbers(a), numbers(b))
}

#' @export
print.moe_gate <- function(x, ...) {
  check_call(..., .passed = print_arguments)
  cat(format(x), "\n", sep = "")
  if (!is.null(names(x$origin))) print_origin(x, getOption("digits") - 3)
  invisible(x)
}

#' @export
format.moe_gate <- function(x, ...) {
  check_call(...)
  name <- paste(normalisers[[x$normaliser]]$label, "gate")
  if (!is.null(x$top_k)) name <- sprintf("top-%d %s by %s", as.integer(x$top_k), name, x$select)
  temperature <- if (is.null(x$temperature)) {
    "temperature estimated"
  } else if (x$temperature != 1) {
    paste("temperature", format(x$temperature))
  }
  choices <- c(
    if (!is.null(x$transform)) paste("of", x$transform_name %||% "transformed", "covariates"),
    if (!x$linear) paste(x$activation, "activation"),
    temperature,
    if (length(x$origin) && is.null(names(x$origin))) paste("origin", listed(x$origin))
  )
  paste(c(name, choices), collapse = ", ")
}
