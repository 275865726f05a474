# The bridge to the compiled core: every call of it, what it is handed and what comes back. Other files call
# computed_*(), which take and return what R keeps: designs, mixtures (new_mixture()), estimates, gates, penalties and
# settings.

# The maximum of the likelihood from a start (nothing, estimates or responsibilities), as the fields of a fit.
computed_fit <- function(design, mixture, control, start) {
  result <- with_progress(control$progress, function(report) {
    settings <- core_settings(control, mixture$gate, design)
    core_fit(core_data(design), core_mixture(mixture), settings, core_coefficients(start), report)
  })
  fit_fields(checked_result(result), design, scalar_names(mixture))
}

# Penalised fits at decreasing lambdas, or, where none are given, at `count` of them down to `ratio` times the first.
# `response_unit`: the experts' penalty is in units of the response, not of its standard deviation. `refit`: without
# penalty, on the support of the start.
computed_path <- function(design, mixture, penalty, control, start, grid, response_unit = TRUE, refit = FALSE) {
  settings <- core_settings(control, mixture$gate, design)
  settings[c("lambda", "count", "ratio")] <- list(as.double(grid$lambda), as.double(grid$count), as.double(grid$ratio))
  settings$refit <- grid$refit
  settings$tolerance <- min(control$tolerance, 1e-8)
  lasso <- core_penalty(penalty, adaptive_factors(penalty, design), response_unit, refit)
  path <- checked_result(with_progress(control$progress, function(report) {
    core_lasso_path(core_data(design), core_mixture(mixture), lasso, settings, core_coefficients(start), report)
  }))
  intercept <- ones_column(design$x)
  with_fits(path, function(fit) {
    fit$estimates <- named_estimates(fit, design, scalar_names(mixture), intercept)
    fit[setdiff(names(fit$estimates), "expert_intercept")] <- NULL
    fit
  })
}

# A path whose fits, and refits where there are any, are changed one by one.
with_fits <- function(path, change) {
  for (name in c("fits", "refits")) {
    if (!is.null(path[[name]])) path[[name]] <- lapply(path[[name]], function(fit) if (!is.null(fit)) change(fit))
  }
  path
}

# For every row: "response", "experts", "gate", "posterior", "density", "log_density", "cdf", "survival", or for every
# row and probability "quantile".
computed_rows <- function(design, mixture, estimates, type, probabilities = double()) {
  design$weights <- NULL
  if (is.null(design$y) && mixture$counts && mixture$classes > 0) design$y <- matrix(0, nrow(design$x), mixture$classes)
  checked_result(core_predict(core_data(design), core_mixture(mixture), core_coefficients(estimates), type,
    as.double(probabilities)))
}

# Parts of the rows' highest-density sets: a matrix of row, lower and upper end, and probability.
computed_highest_density <- function(design, mixture, estimates, level) {
  if (!mixture$counts) design$y <- NULL
  design$weights <- NULL
  checked_result(core_highest_density(core_data(design), core_mixture(mixture), core_coefficients(estimates), level))
}

# Of the rows of a fit's design, in the parameters that it identifies: their scores, or the sum of s s' over these.
computed_scores <- function(fit, design) in_free_parameters(fit, score_result(core_scores, fit, design))

computed_score_products <- function(fit, design) {
  products <- in_free_parameters(fit, score_result(core_score_products, fit, design))
  in_free_parameters(fit, t(products))
}

# Of the rows of a design: the derivatives of a predicted quantity (`kind` "mean", "gate" or "expert", the number of an
# expert and that of an outcome) in the parameters that a fit identifies.
computed_gradients <- function(fit, design, quantity) {
  design$weights <- NULL
  in_free_parameters(fit, score_result(core_gradients, fit, design, quantity))
}

# Profile-likelihood intervals of some of a fit's parameters: `ends`, a row for each, and how far a climb `rise`s above
# the fit.
computed_profiles <- function(fit, design, chosen, level) {
  away <- list(gate = length(fit$record$separated) > 0, experts = length(fit$record$separated_classes) > 0)
  with_progress(fit$control$progress, function(report) {
    checked_result(core_profile(
      core_data(design), core_mixture(mixture_of_fit(fit)), core_coefficients(fit$estimates), away,
      as.double(which(fit$identified)[chosen]), level, as.integer(fit$control$threads), report
    ))
  })
}

# What a function of the core says of a fit's rows at its estimates.
at_estimates <- function(core, fit, ...) {
  checked_result(core(
    core_data(score_design(fit)), core_mixture(mixture_of_fit(fit)), core_coefficients(fit$estimates), ...
  ))
}

score_result <- function(core, fit, design, ...) {
  checked_result(core(
    core_data(design), core_mixture(mixture_of_fit(fit)), core_coefficients(fit$estimates), fit$aliased,
    as.integer(fit$control$threads), ...
  ))
}

# The parameters of a mixture on a design, as R's table of them and as the core describes them (`raw`); the names of
# columns that are `aliased`.
computed_table <- function(design, mixture) {
  settings <- core_settings(list(), mixture$gate, design)
  result <- checked_result(core_table(core_data(design), core_mixture(mixture), settings$origin))
  z <- design$z %||% design$x
  list(
    raw = as.data.frame(result$table), parameters = core_parameters(result$table, design),
    aliased = c(colnames(z)[result$gate_aliased], colnames(design$x)[result$experts_aliased])
  )
}

# A response for every row, by a seed from R's generator, and the `expert` that it came from.
computed_draw <- function(design, mixture, estimates, form) {
  design$weights <- NULL
  seed <- sample.int(.Machine$integer.max, 1)
  drawn <- checked_result(core_draw(core_data(design), core_mixture(mixture), core_coefficients(estimates), seed))
  list(y = response_of_core(drawn$y, form), expert = as.integer(drawn$expert))
}

# The loss of one measure from another, and the differences of each expert from its cell's.
computed_loss <- function(estimate, truth, loss) {
  checked_result(core_voronoi(
    core_mixture(measure_mixture(estimate)), core_coefficients(measure_estimates(estimate)),
    core_coefficients(measure_estimates(truth)), loss
  ))
}

# Distances of the densities of two measures at designs; without `draws` by quadrature.
computed_distances <- function(truth, estimate, truth_design, estimate_design, draws = 0, seed = 0) {
  conditional <- function(measure, design) {
    list(
      data = core_data(design), model = core_mixture(measure_mixture(measure)),
      estimates = core_coefficients(measure_estimates(measure))
    )
  }
  checked_result(core_divergence(conditional(truth, truth_design), conditional(estimate, estimate_design), draws, seed))
}

computed_system <- function(m, r, starts, seed) checked_result(core_rbar(m, r, starts, seed))

# The numbers from 0 to `count` - 1 in random order.
computed_order <- function(count, seed) core_permutation(count, seed)

# The seed of R's generator for a replication of a study.
computed_stream <- function(seed, size, replication) core_stream(seed, size, replication)

# A fit's numbers to a file with notes, and from one.
computed_file <- function(write, numbers, mixture, notes, file) {
  checked_file(write(numbers, core_mixture(mixture), notes, file))
}

# The `result` of a fit in a file, or the penalised fits of a `path`.
computed_from_file <- function(file) checked_file(core_read_file(file))

# The core's `path` is `file` here.
checked_file <- function(result) {
  if (is.list(result) && identical(result$argument, "path")) result$argument <- "file"
  checked_result(result)
}

# What is handed over -------------------------------------------------------------------------------------------------

core_data <- function(design) {
  list(
    x = core_numbers(design$x), z = core_numbers(design$z), y = core_numbers(design$y),
    weights = core_numbers(design$weights), offset = core_numbers(design$offset)
  )
}

# The core reads R's memory, which must hold doubles.
core_numbers <- function(values) {
  if (is.integer(values) || is.logical(values)) storage.mode(values) <- "double"
  values
}

core_mixture <- function(mixture) {
  mixture$degrees_of_freedom <- mixture$family$df %||% 0
  mixture$family <- mixture$family$family
  mixture$gate <- core_gate(mixture$gate)
  mixture
}

core_gate <- function(gate) {
  list(
    activation = gate$activation, temperature = gate$temperature %||% 1,
    estimate_temperature = is.null(gate$temperature), top_k = gate$top_k %||% 0,
    select_by_score = gate$select == "logit", normaliser = gate$normaliser
  )
}

# An array of expert coefficients (terms x classes x experts) goes expert by expert.
core_coefficients <- function(estimates) {
  shape <- dim(estimates$experts)
  if (length(shape) == 3) dim(estimates$experts) <- c(shape[1], prod(shape[-1]))
  estimates$origin <- as.double(estimates$origin)
  estimates
}

core_settings <- function(control, gate, design) {
  control$origin <- origin_of_columns(gate, design$z %||% design$x)
  control$starts <- control$starts %||% 0
  control$bounds <- as.list(control$bounds)
  control
}

core_penalty <- function(penalty, factors, response_unit, refit) {
  list(
    experts = penalty$experts, gate = penalty$gate, ridge = penalty$ridge, alpha = penalty$alpha,
    expert_factors = factors$experts, gate_factors = factors$gate,
    standardize = penalty$standardize, scaled = penalty$scaled, gamma = penalty$gamma, response_unit = response_unit,
    refit = refit, reference = as.double(penalty$reference %||% 0)
  )
}

# What comes back -----------------------------------------------------------------------------------------------------

# A result, or the condition that its failure stands for.
checked_result <- function(result) {
  if (!is.list(result) || is.null(result$error)) return(result)
  if (result$error == "interrupted") rlang::interrupt()
  message <- sub("^[^:]*: ", "", result$message)
  if (nzchar(result$argument)) message <- paste0("`", result$argument, "`: ", message)
  abort_moe(result$error, message, failure_hints[[result$error]])
}

failure_hints <- list(
  argument = NULL,
  degenerate = "The likelihood has no maximum: a regression without an error term already explains this response.",
  numerical = "Rescale the data, use fewer experts, or give a `start`.",
  memory = "Use fewer rows, columns, experts or starts.",
  internal = "This is a fault of the package: please report it, with the call."
)

# Which parameters are among coef(): those that are identified and not tied to others or fixed.
free_parameters <- function(result) {
  if (is.null(result$map)) result$identified else seq_along(result$identified) %in% result$map$free
}

fit_fields <- function(result, design, scalars) {
  labels <- expert_labels(ncol(result$gate))
  free <- free_parameters(result)
  parameters <- core_parameters(result$table, design)[free, ]
  rownames(parameters) <- NULL
  of_free <- function(m) {
    if (length(m)) structure(m[free, free, drop = FALSE], dimnames = list(parameters$name, parameters$name))
  }
  list(
    coefficients = stats::setNames(result$parameters[free], parameters$name),
    parameters = parameters,
    identified = free,
    map = result$map,
    estimable = stats::setNames(result$estimable[free], parameters$name),
    estimates = named_estimates(result, design, scalars),
    aliased = list(
      gate = stats::setNames(result$gate_aliased, colnames(design$z %||% design$x)),
      experts = stats::setNames(result$experts_aliased, colnames(design$x))
    ),
    covariance = of_free(result$covariance),
    loose = of_free(result$loose),
    df = result$degrees,
    mass = stats::setNames(result$mass, labels),
    gate_mass = stats::setNames(result$gate_mass, labels),
    log_likelihood = result$log_likelihood,
    nobs = result$weight,
    record = result$record
  )
}

# Coefficients as a fit keeps them; the intercepts by their rows (none: 0 of the experts').
named_estimates <- function(result, design, names, expert_intercept = ones_column(design$x)) {
  labels <- expert_labels(ncol(result$gate))
  classes <- design$classes$labels
  terms <- colnames(design$x)
  dimnames(result$gate) <- list(colnames(design$z %||% design$x), labels)
  if (!is.null(classes)) dim(result$experts) <- c(length(terms), length(classes), length(labels))
  dimnames(result$experts) <- c(list(terms), if (!is.null(classes)) list(classes), list(labels))
  list(
    gate = result$gate, experts = result$experts,
    sigma = if (length(result$sigma)) stats::setNames(result$sigma, labels) else numeric(),
    temperature = result$temperature, gate_intercept = result$gate_intercept, expert_intercept = expert_intercept,
    origin = result$origin, scalars = named_scalars(result$scalars, labels, names)
  )
}

# The family's scalars beside sigma, experts by scalars; of a family without, a matrix without columns.
named_scalars <- function(values, labels, names) {
  matrix(as.double(values), length(labels), length(names), dimnames = list(labels, names))
}

# The rows of the table of parameters; scalars have no column, and only coefficients of classes an outcome.
core_parameters <- function(table, design) {
  rows <- data.frame(part = table$part, expert = as.integer(table$expert))
  scalar <- table$kind != "coefficient"
  classless <- scalar | table$part == "gate" | is.null(design$classes)
  rows$outcome <- replace(as.integer(table$outcome), classless, NA)
  rows$column <- replace(as.integer(table$column), scalar, NA)
  rows$kind <- table$kind
  parameter_table(rows, design)
}

# Numbers as responses of the form that was given: that of classes or of events, NULL of numbers.
response_of_core <- function(y, form) {
  if (is.null(form)) return(y[, 1])
  if (form$kind == "trials") y <- cbind(y[, 1], y[, 2] - y[, 1])
  if (form$kind %in% c("counts", "trials")) return(structure(y, dimnames = list(NULL, form$labels)))
  out <- factor(form$labels[y[, 1] + 1], levels = form$labels)
  if (form$kind == "logical") as.logical(out) else out
}

# That of a fit, or of the design of one.
response_form <- function(object) object$classes %||% object$events
