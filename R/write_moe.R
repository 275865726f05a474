#' Write a fit to a file and read it
#'
#' A file of text that holds a fit with every bit of its numbers: R and the C++ library (`expertmix::save()`,
#' `expertmix::load()`) read what the other one wrote, on every machine, in every later version that knows the format.
#'
#' The file has coefficients, gate, family and ties, covariance, log-likelihood and the record of the fit, names of
#' columns and classes, and no code, formula or data. What is read predicts at design matrices, in the form that
#' [moe_fit()] has: `newdata` is a matrix `x`, or `list(x = , z = )` for a fit whose gate has a design of its own. Of a
#' fit by [moe()] these are `model.matrix(fit, "experts")` and `model.matrix(fit, "gate")`. `coef()`, `vcov()`,
#' `confint()`, `summary()`, `logLik()`, `AIC()`, `predict()` and [mixing_measure()] are as before; what needs the rows
#' of the data (`fitted()`, `residuals()`, `update()`, [diagnose()] and others) is an error of class
#' `expertmix_error_data`. To keep a whole fit for the same version of the package, use [saveRDS()].
#'
#' The file is written beside its place and then put there, so that one that is there is replaced as a whole or stays.
#'
#' A penalised fit comes back with its coefficients, certificate and the numbers of its penalty; not with `factors` or
#' the pilot of an adaptive one, which only a new fit needs. A path of several fits, which C++ may write, is refused.
#'
#' A fit that C++ wrote has the names that `save()` was given as notes `"x"`, `"z"`, `"classes"`; else its columns are
#' `x1`, ..., `z1`, ..., and both designs are to be given. A gate or a family from outside the library cannot be read
#' by R.
#'
#' @param fit A fit by [moe()] or [moe_fit()], also one with a `penalty`, for C++ a path of one fit (`LassoPath`).
#' @param file A path.
#' @param gate Of a fit whose gate has a function of its own as `transform`, which no file can hold: that gate, as in
#'   [moe()]; else `NULL`.
#' @param ... Not used: anything else is an error.
#' @return `write_moe()` the path, invisibly. `read_moe()` an object of class `"moe"`, as by [moe_fit()].
#' @section Errors: `expertmix_error_file` for a file that cannot be written, is not there, no file of this package,
#'   truncated, edited, or holds something else; `expertmix_error_version` for one of a version of the format that is
#'   not known; `expertmix_error_gate` for a `gate` that is not the file's.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' file <- tempfile(fileext = ".moe")
#' write_moe(fit, file)
#' again <- read_moe(file)
#' identical(coef(again), coef(fit))
#' predict(again, cbind(1, c(10, 20)), se.fit = TRUE)
#' @export
write_moe <- function(fit, file, ...) {
  check_call(...)
  if (!inherits(fit, "moe")) abort_moe("file", "`fit` must be a fit by `moe()` or `moe_fit()`.")
  penalised <- !is.null(fit$penalty)
  numbers <- if (penalised) written_penalised(fit) else written_fit(fit)
  write <- if (penalised) core_write_penalised else core_write_fit
  computed_file(write, numbers, mixture_of_fit(fit), file_notes(fit), check_file(file))
  invisible(file)
}

# The numbers of a penalised fit as the core takes them.
written_penalised <- function(fit) {
  record <- fit$record
  estimates <- fit$estimates
  own <- fit$parameters$kind == "coefficient" & fit$parameters$column != ifelse(fit$parameters$part == "gate",
    estimates$gate_intercept, estimates$expert_intercept)
  list(
    estimates = core_coefficients(estimates), lambda = fit$penalty$experts, log_likelihood = fit$log_likelihood,
    objective = record$objective_value, violation = record$certificate$violation, degrees = fit$df,
    slopes = sum(fit$coefficients[own %in% TRUE] != 0), mass = unname(fit$mass), gate_mass = unname(fit$gate_mass),
    empty = as.double(record$empty), spikes = as.double(vapply(record$spikes, `[[`, 0, "expert")),
    guarded = record$guarded, converged = record$converged, iterations = record$iterations, status = record$status,
    began = record$began, weight = fit$nobs, passes = record$passes, starts = record$starts[["tried"]],
    seconds = record$seconds
  )
}

# A penalty in words, every bit of its numbers: what the fit was penalised by, not what would fit it again (factors and
# the pilot of an adaptive one).
penalty_notes <- function(penalty) {
  numbers <- c(penalty[c("experts", "gate", "ridge", "alpha", "gamma")], list(
    scaled = penalty$scaled, standardize = penalty$standardize, reference = penalty$reference %||% 0,
    power = if (length(penalty$adaptive)) penalty$adaptive$power else 0
  ))
  sprintf("%s=%a", names(numbers), as.double(unlist(numbers)))
}

check_file <- function(file) {
  if (!rlang::is_string(file) || file == "") abort_moe("file", "`file` must be one path.")
  enc2utf8(path.expand(file))
}

# The numbers of a fit as the core takes them.
written_fit <- function(fit) {
  record <- fit$record
  record$spikes <- lapply(record$spikes, function(spike) {
    list(expert = spike$expert, rows = as.double(match(as.character(spike$rows), case_labels(fit, spike$rows))))
  })
  list(
    estimates = core_coefficients(fit$estimates), gate_aliased = unname(fit$aliased$gate),
    experts_aliased = unname(fit$aliased$experts), parameters = all_or(fit, fit$coefficients, NaN),
    identified = if (is.null(fit$ties)) fit$identified else rep(TRUE, length(fit$identified)),
    estimable = all_estimable(fit), covariance = all_square(fit, fit$covariance), loose = all_square(fit, fit$loose),
    degrees = fit$df, mass = unname(fit$mass), gate_mass = unname(fit$gate_mass),
    log_likelihood = fit$log_likelihood, weight = fit$nobs, record = record,
    map = if (!is.null(fit$ties)) c(fit$ties[c("slope", "origin")], list(free = as.double(which(fit$identified))))
  )
}

# The names by which the rows of a fit are called; those of a fit from a file are numbers.
case_labels <- function(fit, rows) {
  if (isTRUE(fit$data$absent)) return(as.character(seq_len(max(rows))))
  if (is.null(fit$terms)) as.character(seq_len(fitted_rows(fit))) else row.names(fit$model)
}

# Values of the free parameters among all, whose others are `otherwise`, or follow by the ties.
all_or <- function(fit, values, otherwise) {
  if (!is.null(fit$ties)) return(as.vector(fit$ties$slope %*% values + fit$ties$origin))
  replace(rep(otherwise, length(fit$identified)), fit$identified, values)
}

# A parameter that is tied is estimable where all are on which it depends.
all_estimable <- function(fit) {
  lost <- as.double(!fit$estimable)
  if (is.null(fit$ties)) fit$identified & all_or(fit, lost, 1) == 0 else as.vector(abs(fit$ties$slope) %*% lost) == 0
}

all_square <- function(fit, values) {
  if (is.null(values)) return(NULL)
  if (!is.null(fit$ties)) return(fit$ties$slope %*% tcrossprod(values, fit$ties$slope))
  all <- matrix(0, length(fit$identified), length(fit$identified))
  all[fit$identified, fit$identified] <- values
  all
}

# Words that go with the numbers: what a fit has beyond the core.
file_notes <- function(fit) {
  form <- response_form(fit)
  notes <- list(
    x = names(fit$aliased$experts), z = if (has_gate_design(fit)) names(fit$aliased$gate),
    intercept = as.character(fit$estimates$expert_intercept), classes = form$labels, response = form$kind,
    added = fit$data$added, unnamed = names(Filter(isFALSE, fit$data$named)), offset = if (has_offset(fit)) "given",
    transform = if (!is.null(fit$gate$transform)) fit$gate$transform_name %||% "own",
    transformed = as.character(fit$transformed), ties = fit$ties$words,
    naming = if (isTRUE(fit$ties$naming)) "experts",
    penalty = if (!is.null(fit$penalty)) penalty_notes(fit$penalty)
  )
  lapply(Filter(length, notes), enc2utf8)
}

has_gate_design <- function(fit) {
  if (is.null(fit$terms)) !is.null(fit$data$z) else !same_design(fit$terms$experts, fit$terms$gate)
}
