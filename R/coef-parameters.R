# The table of a fit's free parameters, a row for each, which says what they are; names are made from it and never read.
#   part    "gate" or "experts"
#   expert  its number; NA for what all experts share
#   outcome the number of a class of a multinomial response; else NA
#   column  of the part's design; NA for scalars
#   kind    "coefficient", "log_sigma" or "log_temperature"
#   class, term  what outcome and column are called
#   name    unique: that of coef()
parameter_table <- function(rows, design) {
  terms <- list(gate = colnames(design$z %||% design$x), experts = colnames(design$x))
  rows$class <- (design$classes$labels %||% NA_character_)[rows$outcome]
  rows$term <- ifelse(rows$part == "gate", terms$gate[rows$column], terms$experts[rows$column])
  rows$name <- parameter_names(rows)
  rows
}

scalar_labels <- c(log_sigma = "log(sigma)", log_temperature = "log(temperature)")

# What a parameter is called within its predictor: the term of a coefficient, or a scalar by its kind.
parameter_labels <- function(table) ifelse(is.na(table$term), scalar_labels[table$kind], table$term)

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

# The values that parameters have among estimates.
parameter_values <- function(parameters, estimates) {
  out <- numeric(nrow(parameters))
  coefficient <- parameters$kind == "coefficient"
  gate <- coefficient & parameters$part == "gate"
  experts <- coefficient & !gate
  sigma <- parameters$kind == "log_sigma"
  place <- cbind(parameters$column, parameters$outcome, parameters$expert)
  by <- if (length(dim(estimates$experts)) == 3) 1:3 else c(1, 3)
  out[gate] <- estimates$gate[place[gate, c(1, 3), drop = FALSE]]
  out[experts] <- estimates$experts[place[experts, by, drop = FALSE]]
  out[sigma] <- log(estimates$sigma[pmax(parameters$expert[sigma], 1L, na.rm = TRUE)])
  out
}
