#' @rdname write_moe
#' @export
read_moe <- function(file, gate = NULL, ...) {
  check_call(...)
  read <- computed_from_file(check_file(file))
  notes <- read$notes
  penalised <- !is.null(read$path)
  if (penalised) read$result <- only_fit(read$path)
  design <- noted_design(read)
  gate <- read_gate(read$gate, notes, gate)
  family <- read_family(read$family, penalised)
  fit <- if (penalised) {
    penalised_fields(read, design, family)
  } else {
    fit_fields(read$result, design, scalar_names(family))
  }
  fit$estimates$expert_intercept <- as.integer(notes$intercept %||% 0)
  fit[c("family", "gate", "common_sigma", "transformed")] <- list(
    family, gate, isTRUE(read$family$common_sigma == 1), as.integer(notes$transformed)
  )
  fit$gate["origin"] <- list(fitted_origin(fit$estimates))
  fit$control <- moe_control(tolerance = fit$record$tolerance, seed = fit$record$seed, spike = fit$record$spike_rule)
  fit[c("classes", "events")] <- design[c("classes", "events")]
  fit$ties <- kept_ties(fit, read_ties(read, fit, design))
  fit$map <- NULL
  fit$record[c("written_by", "version")] <- list(fit$record$version, this_version())
  fit <- structure(fit, class = "moe")
  fit$record$warnings <- (if (penalised) penalised_warnings else fit_warnings)(fit)
  fit$call <- match.call()
  fit$data <- design
  fit
}

# The fit of a file that holds a path.
only_fit <- function(path) {
  count <- length(path$fits)
  if (count != 1) {
    abort_moe("file", sprintf("The file holds a path of %d penalised fits, not one.", count),
      "Read it in C++, and save one of its fits.")
  }
  path$fits[[1]]
}

# A penalised fit as `new_penalised()` makes it of a path's.
penalised_fields <- function(read, design, family) {
  result <- read$result
  result$estimates <- named_estimates(result, design, scalar_names(family), as.integer(read$notes$intercept %||% 0))
  checked <- list(design = design, common = isTRUE(read$family$common_sigma == 1))
  unclass(new_penalised(result, read$path, checked, read_penalty(read$notes$penalty), moe_control()))
}

# The penalty that notes tell; of a file without, one of which nothing is known.
read_penalty <- function(notes) {
  known <- c(experts = NA, gate = NA, ridge = 0, alpha = 1, gamma = 1, scaled = 0, standardize = 1, reference = 0,
    power = 0)
  values <- suppressWarnings(as.numeric(sub("^[a-z]+=", "", notes)))
  told <- stats::setNames(values, sub("=.*$", "", notes))
  known[intersect(names(known), names(told))] <- told[intersect(names(known), names(told))]
  if (length(notes) && anyNA(known)) abort_moe("file", "The file's notes of the penalty are no numbers.")
  penalty <- as.list(known[c("experts", "gate", "ridge", "alpha", "gamma")])
  penalty[c("scaled", "standardize")] <- as.logical(known[c("scaled", "standardize")])
  penalty["reference"] <- list(if (known[["reference"]] > 0) known[["reference"]])
  penalty["adaptive"] <- list(if (known[["power"]] > 0) list(power = known[["power"]]))
  new_object(penalty, class = "moe_penalty")
}

# The designs of a file, without rows: names of columns, and what is known of responses and offsets.
noted_design <- function(read) {
  notes <- read$notes
  result <- read$result
  empty <- function(names) matrix(0, 0, length(names), dimnames = list(NULL, names))
  form <- noted_form(read)
  apart <- is.null(notes$x) || !is.null(notes$z)
  z <- notes$z %||% paste0("z", seq_len(nrow(result$gate)))
  design <- list(
    y = numeric(), x = empty(notes$x %||% paste0("x", seq_len(nrow(result$experts)))), z = if (apart) empty(z),
    classes = if (read$family$name == "multinomial") form, events = if (read$family$name == "binomial") form,
    weights = NULL, offset = if (!is.null(notes$offset)) numeric(), added = notes$added,
    named = list(x = !is.null(notes$x) && !"x" %in% notes$unnamed, z = !is.null(notes$z) && !"z" %in% notes$unnamed),
    absent = TRUE
  )
  check_noted(design, result, form, read$family)
  design
}

# Notes are words, which anybody may have written: they must go with the numbers.
check_noted <- function(design, result, form, family) {
  sound <- ncol(design$x) == nrow(result$experts) && ncol(design$z %||% design$x) == nrow(result$gate) &&
    (is.null(family$classes) || length(form$labels) == family$classes)
  if (!sound) abort_moe("file", "The file's notes do not go with its numbers: it names other columns or classes.")
}

# How the response was given; of a file without notes, classes are numbers from 0.
noted_form <- function(read) {
  notes <- read$notes
  if (!is.null(notes$classes)) return(list(labels = notes$classes, kind = notes$response %||% "factor"))
  counts <- isTRUE(read$family$counts == 1)
  if (read$family$name == "binomial") {
    return(if (counts) list(labels = c("successes", "failures"), kind = "trials"))
  }
  classes <- read$family$classes
  if (!is.null(classes)) {
    list(labels = as.character(seq_len(classes) - 1), kind = if (counts) "counts" else "factor")
  }
}

# The gate of a file; `given` brings the function that transforms its covariates, where that is the user's own.
read_gate <- function(choices, notes, given) {
  transform <- notes$transform
  if (!identical(transform, "own") && !is.null(given)) {
    abort_moe("gate", "`gate` is for a fit whose gate has a `transform` of its own: the file has all of this one.")
  }
  gate <- function(transform) {
    new_gate(
      transform, choices$activation, if (choices$estimate_temperature == 0) choices$temperature,
      if (choices$top_k > 0) choices$top_k, if (choices$select_by_score == 1) "logit" else "slope", NULL,
      choices$normaliser
    )
  }
  if (!identical(transform, "own")) return(gate(transform))
  if (!inherits(given, "moe_gate")) {
    abort_moe("gate", "The gate of the file has a `transform` of its own, which no file can hold.",
      "Give it: `read_moe(file, gate = gate_modified(f))`.")
  }
  check_version(given)
  if (!same_gate(gate(given$transform), given)) abort_moe("gate", "`gate` has other choices than that of the file.")
  given
}

read_family <- function(choices, penalised) {
  make <- families[[choices$name]]
  symmetric <- isTRUE(choices$symmetric == 1)
  known <- !is.null(make) && !isTRUE(choices$in_units_of_sigma == 1) && (penalised || !symmetric)
  if (!known) abort_moe("file", "The experts of the file are of a family that only C++ has.", "Read it there.")
  df <- choices$degrees_of_freedom
  if (is.null(df)) make()$family else student_t(if (df > 0) df)
}

# Ties as a fit keeps them; NULL where there are none.
read_ties <- function(read, fit, design) {
  if (is.null(read$ties)) return(NULL)
  parameters <- core_parameters(read$result$table, design)
  conditions <- as.data.frame(read$ties$conditions)
  list(
    conditions = conditions, value = read$ties$value,
    words = read$notes$ties %||% condition_words(conditions, read$ties$value, parameters, design),
    naming = is.null(read$notes$ties) || !is.null(read$notes$naming), parameters = parameters
  )
}

# In words as "+1 * expert1:x -1 * expert2:x = 0".
condition_words <- function(conditions, value, parameters, design) {
  names <- core_parameters(conditions, design)$name
  vapply(seq_along(value), function(tie) {
    own <- conditions$tie == tie
    paste(paste(sprintf("%+g * %s", conditions$factor[own], names[own]), collapse = " "), "=", format(value[tie]))
  }, "")
}

# The rows of a fit to matrices, which a fit from a file lacks.
kept_data <- function(fit) {
  if (isTRUE(fit$data$absent)) {
    abort_moe("data", "This fit was read from a file, which has no data.",
      "Predictions need `newdata`; for all else fit again, or keep a fit by `saveRDS()`.")
  }
  fit$data
}
