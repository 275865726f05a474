# How well a fit of multinomial experts classifies its own data: every unit of a row of counts is one case.
classification <- function(object) {
  design <- fitted_design(object)
  probabilities <- predict_rows(object, design, "response")
  weights <- design$weights %||% 1
  unit <- max(weights)
  cases <- class_counts(object, design$y) * (weights / unit)
  predicted <- most_likely(probabilities, object$classes$labels)
  confusion <- rowsum(cases, predicted, reorder = TRUE)
  table <- matrix(0, ncol(cases), ncol(cases), dimnames = list(
    observed = object$classes$labels, predicted = object$classes$labels
  ))
  table[, rownames(confusion)] <- t(confusion)
  total <- sum(cases)
  seen <- cases > 0
  list(
    confusion = as.table(unit * table), accuracy = sum(diag(table)) / total,
    log_score = sum(cases[seen] * log(probabilities[seen])) / total,
    brier = sum(cases * (1 - 2 * probabilities + rowSums(probabilities^2))) / total
  )
}

print_classification <- function(x, digits) {
  cat("Observed (rows) and most likely (columns) classes:\n")
  print(x$confusion, digits = digits)
  shown <- lapply(x[c("accuracy", "log_score", "brier")], format, digits = digits)
  cat(sprintf("Accuracy %s, mean log score %s, Brier score %s on the data of the fit\n", shown$accuracy,
    shown$log_score, shown$brier))
}

# Observed values as the fitted ones are: indicators of classes, or shares of counts or trials.
observed <- function(object, y) {
  if (!has_classes(object)) return(if (has_trials(object)) observed_share(y) else y)
  counts <- class_counts(object, y)
  counts / pmax(rowSums(counts), 1)
}
