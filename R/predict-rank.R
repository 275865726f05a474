# Predictions of rank-deficient fits: where columns are linear combinations of others, their coefficients are left out,
# and a row in which they are another combination has no prediction that the data of the fit could tell.

warn_not_estimable <- function(object, design, type) {
  parts <- switch(type, gate = "gate", experts = "experts", c("gate", "experts"))
  if (length(object$mass) == 1) parts <- setdiff(parts, "gate")
  parts <- Filter(function(part) any(object$aliased[[part]]), parts)
  if (length(parts) == 0) return(invisible())
  if (isTRUE(object$data$absent)) return(warn_unknown_rank(object, parts))
  fitted <- fitted_design(object)
  for (part in parts) {
    seen <- part_design(object, fitted, part)
    if (!is.null(fitted$weights)) seen <- seen[fitted$weights > 0, , drop = FALSE]
    aliased <- object$aliased[[part]]
    rows <- not_estimable(part_design(object, design, part), seen, aliased)
    if (length(rows) == 0) next
    warn_moe("rank",
      sprintf("Row %s of `newdata` is not estimable: for the fit %s of the %s was a combination of other columns.",
        listed(rows), quoted(names(which(aliased))), part),
      "Its coefficient was left out (taken as zero), so that the prediction is one of many."
    )
  }
}

# A fit from a file does not know which combinations its columns were.
warn_unknown_rank <- function(object, parts) {
  left <- unlist(lapply(object$aliased[parts], function(aliased) names(which(aliased))))
  warn_moe("rank",
    sprintf("For the fit %s was a combination of other columns; a file does not say which.", quoted(unique(left))),
    "Its coefficient was left out (taken as zero): a row in which it is another combination is not estimable."
  )
}

part_design <- function(object, design, part) {
  if (part == "experts") return(design$x)
  transformed_z(object$gate, design, object$transformed) %||% design$x
}

# Rows of `new` whose aliased columns are not that combination of the others which they are in `seen`.
not_estimable <- function(new, seen, aliased) {
  scale <- sqrt(colSums(seen^2))
  scale[scale == 0] <- 1
  seen <- seen / rep(scale, each = nrow(seen))
  new <- new / rep(scale, each = nrow(new))
  combination <- qr.coef(qr(seen[, !aliased, drop = FALSE]), seen[, aliased, drop = FALSE])
  combination[is.na(combination)] <- 0
  off <- new[, aliased, drop = FALSE] - new[, !aliased, drop = FALSE] %*% combination
  size <- abs(new[, aliased, drop = FALSE]) + abs(new[, !aliased, drop = FALSE]) %*% abs(combination)
  which(rowSums(abs(off) > 1e-6 * size, na.rm = TRUE) > 0)
}
