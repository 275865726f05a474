# Why some coefficients have no standard errors, in a sentence; NULL where all have.
unheld_words <- function(object) {
  if (all(object$estimable)) return(NULL)
  record <- object$record
  gate <- if (length(record$separated)) {
    sprintf("the gate of %s splits the rows%s", experts_named(record$separated), split_words(hard_splits(object)))
  }
  classes <- if (length(record$separated_classes)) {
    away <- unique(as.integer(record$separated_classes[, 1]))
    sprintf("the likelihood of %s rises for ever", experts_named(away))
  }
  bounded <- bounded_scalars(object)
  scalars <- if (length(bounded)) sprintf("%s is at a bound", listed(bounded))
  causes <- c(gate, classes, scalars)
  if (length(causes) == 0) causes <- "the likelihood is flat along them, as with too many experts"
  sprintf("NA for coefficients that the data do not hold: %s. All others are valid.", paste(causes, collapse = "; "))
}

# " (times at 24.1 between experts 2 and 1)"
split_words <- function(splits) {
  if (length(splits$at) == 0) return("")
  places <- sprintf("%s between experts %d and %d", format(splits$at, digits = 3), splits$from, splits$to)
  sprintf(" (%s at %s)", splits$covariate, listed(places))
}

# Of a gate that is linear in one covariate: its name, and the places where the gate changes from one expert to another
# between neighbouring rows, being all but certain (.95) on both sides. NULL for other gates.
hard_splits <- function(object) {
  gate <- object$gate
  coefficients <- object$estimates$gate
  intercept <- object$estimates$gate_intercept
  plain <- gate$linear && gate$translates && is.null(gate$top_k) && is.null(gate$transform)
  if (!plain || nrow(coefficients) != 2 || intercept > 2) return(NULL)
  design <- fitted_design(object)
  z <- sort(unique((design$z %||% design$x)[, -intercept]))
  slopes <- coefficients[-intercept, ]
  scores <- outer(z, slopes) + rep(coefficients[intercept, ], each = length(z))
  leader <- max.col(scores, "first")
  certain <- 1 / rowSums(exp((scores - apply(scores, 1, max)) / object$estimates$temperature)) > 0.95
  before <- which(diff(leader) != 0 & certain[-1] & certain[-length(z)])
  from <- leader[before]
  to <- leader[before + 1]
  at <- -(coefficients[intercept, to] - coefficients[intercept, from]) / (slopes[to] - slopes[from])
  list(covariate = rownames(coefficients)[-intercept], at = unname(at), from = from, to = to)
}
