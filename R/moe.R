#' Fit a mixture of experts
#'
#' Maximum likelihood estimate of a softmax-gated mixture of Gaussian experts, of the multinomial-logistic experts of
#' [multinomial()] for a categorical response, or of experts of another of the [families] for counts, trials, durations
#' or numbers with heavy tails:
#' \deqn{f(y | x, z) = \sum_{k=1}^K \pi_k(z) N(y; x' b_k + offset, \sigma_k^2), \quad
#'   \pi_k(z) = \exp(z' \beta_k) / \sum_j \exp(z' \beta_j), \quad \beta_1 = 0.}{%
#'   f(y | x, z) = sum_k pi_k(z) N(y; x'b_k + offset, sigma_k^2),
#'   pi_k(z) = exp(z'beta_k) / sum_j exp(z'beta_j), beta_1 = 0.}
#' Experts are ordered by decreasing average gate probability.
#'
#' Factors, interactions, `poly()`, `scale()`, splines, `subset`, `weights`, `offset` and `na.action` behave as in
#' [lm()], in both parts of the formula. Collinear columns are left out: their coefficients are `NA`, and a message of
#' class `expertmix_message_aliased` names them, once; `fit$record` and the print keep it. The names `(weights)`,
#' `(offset)`, `(rows)` and `(covariate)` are taken: no variable of a formula may have one. Covariates and response may
#' be of any size from 1e-150 to 1e150.
#'
#' The Gaussian likelihood is unbounded where a variance goes to zero. A variance guard steers the search; the estimate
#' is a stationary point of the plain likelihood, unless an expert collapses all the same, of which a warning tells.
#' What happened is kept in `fit$record`: starts, iterations, the certificate of the end point, and warnings.
#'
#' @param formula A two-part formula `y ~ expert terms | gate terms`; one part serves both. `y ~ x | 1` has constant
#'   mixing probabilities. `offset()` is possible in the expert part.
#' @param data A data frame, list or environment that holds the variables; else they are looked up where the formula was
#'   written.
#' @param experts Number \eqn{K} of experts, 1 to the number of rows. One expert is the linear or generalised linear
#'   model.
#' @param family `gaussian()`, [student_t()], [multinomial()], `binomial()`, `poisson()`, [negative_binomial()] or
#'   `Gamma("log")`, see [families], or their names. By default [multinomial()] for a factor or logical response.
#' @param gate A gate: [gate_softmax()], [gate_topk()], [gate_temperature()], [gate_modified()] or [gate_sigmoid()].
#' @param sigma `"separate"` standard deviations (scales of Student-t experts, coefficients of variation of Gamma
#'   experts), or one `"common"` to all experts.
#' @param penalty `NULL`, or [penalty_lasso()] for sparse gates and experts; see [moe_path()] for many penalties at
#'   once.
#' @param weights Numbers that count repeated rows: the number of observations is their sum.
#' @param subset Rows to use.
#' @param na.action What to do with missing values, [na.omit()] by default; [na.exclude()] pads residuals and fitted
#'   values. Covariates are never imputed: of data that were, fit each completed set by `update(fit, data = )`, which
#'   keeps the experts' labels, and pool the coefficients.
#' @param offset Known part of every expert's linear predictor: in units of the response, or on the scale of the
#'   family's link.
#' @param start A fit by `moe()` of the same terms and number of experts, a [mixing_measure()] of as many experts and
#'   covariates (matched by name, else by order), or a matrix of responsibilities: a row for every row of the data (or
#'   of the model frame, after `subset` and `na.action`), a column for every expert, rows summing to one. Then no other
#'   start is tried.
#' @param control Settings of the search, see [moe_control()].
#' @param common,fixed,equal Ties of coefficients, see there. `common`: terms whose coefficients all experts share, as a
#'   one-sided formula (`~ x`; `~ 1 + x` has the intercept, too) or names. `fixed`: coefficients that are given numbers,
#'   by the names of [coef()][coef.moe]: `c("expert2:x" = 0)`. `equal`: coefficients that are the same, each a character
#'   vector of names in a list: `list(c("expert1:x", "expert2:x"))`.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"moe"`, a list of plain data. See [predict.moe()], [coef.moe()], [summary.moe()] and
#'   [plot.moe()]; `logLik`, `AIC`, `BIC`, `nobs`, `vcov`, `confint`, `residuals`, `fitted`, `update` and the other
#'   verbs of [lm()] work.
#' @section Ties: parameters that are tied are an affine function \eqn{\theta = A \phi + c}{theta = A phi + c} of free
#'   ones; scalars are tied by their logarithms (`"expert1:log(sigma)"`), and gates by what is in `coef()`, for a
#'   softmax gate differences from expert 1. An expert all of whose parameters are fixed is a known density. The free
#'   parameters are those of [coef()][coef.moe], [vcov()][vcov.moe], intervals, profiles and `df`: of a tied group the
#'   first, and none that are fixed. `coef(fit, part = "experts")`, [summary()][summary.moe] and pictures show all. The
#'   search looks which of the experts it is that a tie names; the fit has the labels of the ties. `fit$ties$words`
#'   says them, [anova()] tests them. They are not defined with a `penalty` or a top-K gate.
#' @section Errors: bad input is an error of class `expertmix_error`, with a subclass that says what is wrong:
#'   `expertmix_error_formula`, `_frame`, `_response`, `_family`, `_nonfinite`, `_rows`, `_weights`, `_offset`,
#'   `_experts`, `_start`, `_control`, `_gate`, `_sigma`, `_penalty`, `_design`, `_ties` (a tie that names nothing, a
#'   column that is a combination of others, contradicts others or follows from them), `_range` for numbers whose
#'   squares overflow or vanish, and `_degenerate` for a response that one expert fits exactly. Whatever the package
#'   makes (fits, paths, measures, studies and their stores, gates and so on) only the version that made it reads;
#'   another one refuses it by an error of class `expertmix_error_version`. There `update()` fits again.
#' @section Warnings: `expertmix_warning_variance` (an expert's variance collapsed and was bounded),
#'   `expertmix_warning_separation` (gate coefficients grew without bound and were bounded), `expertmix_warning_empty`
#'   (an expert holds no rows), `expertmix_warning_unidentified` (the gate's temperature or size is not identified),
#'   `expertmix_warning_temperature` (an estimated temperature went to its bound), `expertmix_warning_convergence`,
#'   `expertmix_warning_classes` (coefficients that nothing holds were bounded: classes that an expert's covariates
#'   separate, counts or trials without events), and for multinomial experts `expertmix_warning_levels` (classes without
#'   rows were dropped).
#' @references Nguyen, H., Nguyen, T. and Ho, N. (2023). Demystifying softmax gating function in Gaussian mixture of
#'   experts. arXiv:2305.03288.
#' @examplesIf requireNamespace("lattice", quietly = TRUE)
#' set.seed(1)
#' fit <- moe(E ~ NOx, lattice::ethanol)
#' fit
#' summary(fit)
#' predict(fit, data.frame(NOx = 1:3), type = "gate")
#'
#' # constant mixing probabilities
#' moe(E ~ NOx | 1, lattice::ethanol)
#'
#' # a first expert that is constant
#' moe(E ~ NOx, lattice::ethanol, fixed = c("expert1:NOx" = 0))
#' @export
moe <- function(formula, data, experts = 2, family = gaussian(), gate = gate_softmax(),
                sigma = c("separate", "common"), penalty = NULL, weights, subset, na.action, offset, start = NULL,
                control = moe_control(), common = NULL, fixed = NULL, equal = NULL, ...) {
  check_call(..., .hints = model_hints)
  call <- match.call()
  check_required(formula = "formula")
  variables <- if (missing(data)) environment(formula) else data
  family <- if (!missing(family)) check_family(family)
  asked <- asked_by_formula(call, formula, variables, parent.frame(), family, start)
  common <- common_columns(common, asked$design$x, asked$kept$terms$experts)
  ties <- asked_ties(common, fixed, equal)
  fit <- fit_matrices(asked$design, experts, sigma, gate, asked$family, asked$start, control, penalty, ties)
  fit$call <- call
  fit[names(asked$kept)] <- asked$kept
  fit
}

#' @importFrom stats gaussian
#' @importFrom rlang %||%
NULL

model_hints <- c(
  k = "Did you mean `experts`?", K = "Did you mean `experts`?",
  lambda = "Did you mean `penalty = penalty_lasso(lambda)`?"
)

# What a call with a formula asks for: a design, its family (implied by the response where none is given), the rows of a
# start, and what a fit keeps of the formula.
asked_by_formula <- function(call, formula, data, environment, family, start) {
  model <- moe_model(call, formula, data, environment, start)
  kept <- model$kept
  response <- stats::model.response(kept$model, "any")
  family <- family %||% implied_family(response)
  if (experts_of(family)$classes) kept$model[[1]] <- drop_empty_classes(response, model$levels)
  design <- model_design(kept, family)
  kept$contrasts <- list(experts = attr(design$x, "contrasts"), gate = attr(design$z %||% design$x, "contrasts"))
  list(design = design, family = family, start = model$start, kept = kept)
}

# What a call says about its model: `kept` is what the fit keeps of it.
moe_model <- function(call, formula, data, environment, start) {
  check_data(data)
  parsed <- parse_formula(formula, data)
  check_integer64(all.vars(parsed$all), data, environment(parsed$all))
  if (!is.null(call$data)) call$data <- data
  response <- whole_response(parsed, data)
  total <- NROW(response)
  columns <- needed_columns(parsed, data, total)
  frame <- build_frame(call, parsed, environment, is.matrix(start), lone_covariate(columns$covariates, parsed))
  start <- select_rows(start, total, frame[["(rows)"]])
  frame[["(rows)"]] <- NULL
  full <- attr(frame, "terms")
  terms <- list(
    full = full, experts = complete_terms(parsed$experts, full), gate = complete_terms(parsed$gate, full)
  )
  kept <- list(
    formula = parsed$formula, terms = terms, xlevels = stats::.getXlevels(full, frame), columns = columns,
    na.action = attr(frame, "na.action"), model = frame, offset_argument = call$offset
  )
  list(start = start, kept = kept, levels = levels(response))
}

# The response before `subset` and `na.action`.
whole_response <- function(parsed, data) {
  response <- variables_of(parsed$experts)[[1]]
  rethrow(eval(response, data, environment(parsed$all)), "frame", "The response cannot be found.")
}

# The one covariate of a model, where it does not stand in the model frame by itself: a plot needs its values.
lone_covariate <- function(covariates, parsed) {
  if (length(covariates) == 1 && !covariates %in% variable_names(variables_of(stats::terms(parsed$all)))) covariates
}

model_design <- function(model, family) {
  frame <- model$model
  label <- function(rows) row.names(frame)[rows]
  response <- stats::model.response(frame, "any")
  list(
    y = read_response(response, family, response_name(model$terms$full), label),
    classes = response_classes(response, family), events = response_events(response, family),
    x = design_of(model$terms$experts, frame, model$contrasts$experts),
    z = if (!same_design(model$terms$experts, model$terms$gate)) {
      design_of(model$terms$gate, frame, model$contrasts$gate)
    },
    gate_terms = model$terms$gate,
    weights = frame[["(weights)"]], offset = frame_offset(frame), label = label
  )
}

response_name <- function(terms) variable_names(variables_of(terms)[1])
