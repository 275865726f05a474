# The table of a fit's free parameters, a row for each, which says what they are; names are made from it and never read.
#   part    "gate" or "experts"
#   expert  its number; NA for what all experts share
#   outcome the number of a class of a multinomial response; else NA
#   column  of the part's design; NA for scalars
#   kind    "coefficient", "log_sigma", "log_temperature", or "log_<name>" of another scalar of the family
#   class, term  what outcome and column are called
#   name    unique: that of coef()
parameter_table <- function(rows, design) {
  terms <- list(gate = colnames(design$z %||% design$x), experts = colnames(design$x))
  rows$class <- (design$classes$labels %||% NA_character_)[rows$outcome]
  rows$term <- ifelse(rows$part == "gate", terms$gate[rows$column], terms$experts[rows$column])
  rows$name <- parameter_names(rows)
  rows
}

# What a parameter is called within its predictor: the term of a coefficient, or log(sigma) of "log_sigma".
parameter_labels <- function(table) {
  ifelse(table$kind == "coefficient", table$term, paste0("log(", scalar_of(table), ")"))
}

# The scalars whose logarithms parameters are.
scalar_of <- function(table) sub("^log_", "", table$kind)

# gate2, expert1; NA for what all experts share.
parameter_components <- function(table) {
  ifelse(is.na(table$expert), NA_character_, paste0(ifelse(table$part == "gate", "gate", "expert"), table$expert))
}

# gate2:x, expert1:virginica:x, expert1:log(sigma), log(temperature). The term of a coefficient whose name would be
# another parameter's as well stands in backticks.
parameter_names <- function(table) {
  before <- function(words) ifelse(is.na(words), "", paste0(words, ":"))
  join <- function(labels) paste0(before(parameter_components(table)), before(table$class), labels)
  labels <- parameter_labels(table)
  names <- join(labels)
  shared <- names %in% names[duplicated(names)] & table$kind == "coefficient"
  names[shared] <- join(paste0("`", labels, "`"))[shared]
  make.unique(names, sep = ".")
}

# Which parameters are intercepts: coefficients of a column of ones.
is_intercept <- function(parameters, estimates) {
  intercept <- ifelse(parameters$part == "gate", estimates$gate_intercept, estimates$expert_intercept)
  parameters$kind == "coefficient" & parameters$column == intercept
}

# Where parameters stand among estimates: which of them are coefficients of the gate and of the experts, with their
# places in these arrays, and which are logarithms of sigma, with the expert (1 where it is common), of the family's
# other scalars, with the places in their matrix, and of a temperature.
parameter_places <- function(parameters, estimates) {
  coefficient <- parameters$kind == "coefficient"
  gate <- coefficient & parameters$part == "gate"
  experts <- coefficient & !gate
  sigma <- parameters$kind == "log_sigma"
  scalar <- match(scalar_of(parameters), colnames(estimates$scalars))
  others <- !coefficient & parameters$part == "experts" & !is.na(scalar)
  place <- cbind(parameters$column, parameters$outcome, parameters$expert)
  by <- if (length(dim(estimates$experts)) == 3) 1:3 else c(1, 3)
  list(
    gate = which(gate), of_gate = place[gate, c(1, 3), drop = FALSE],
    experts = which(experts), of_experts = place[experts, by, drop = FALSE],
    sigma = which(sigma), of_sigma = pmax(parameters$expert[sigma], 1L, na.rm = TRUE),
    scalars = which(others), of_scalars = cbind(parameters$expert, scalar)[others, , drop = FALSE],
    temperature = which(parameters$kind == "log_temperature")
  )
}

# The values that parameters have among estimates.
parameter_values <- function(parameters, estimates) {
  at <- parameter_places(parameters, estimates)
  out <- numeric(nrow(parameters))
  out[at$gate] <- estimates$gate[at$of_gate]
  out[at$experts] <- estimates$experts[at$of_experts]
  out[at$sigma] <- log(estimates$sigma[at$of_sigma])
  out[at$scalars] <- log(estimates$scalars[at$of_scalars])
  out[at$temperature] <- log(estimates$temperature)
  out
}

# The estimates of a fit with other values of its free parameters.
estimates_at <- function(object, values) {
  estimates <- object$estimates
  values <- all_values(object, values)
  at <- parameter_places(all_parameters(object), estimates)
  estimates$gate[at$of_gate] <- values[at$gate]
  estimates$experts[at$of_experts] <- values[at$experts]
  estimates$sigma[at$of_sigma] <- exp(values[at$sigma])
  if (object$common_sigma) estimates$sigma[] <- estimates$sigma[1]
  estimates$scalars[at$of_scalars] <- exp(values[at$scalars])
  if (length(at$temperature)) estimates$temperature <- exp(values[at$temperature])
  estimates
}
