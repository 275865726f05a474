# The clusters of the rows that a fit used, as a factor without unused levels.
read_cluster <- function(cluster, object) {
  if (inherits(cluster, "formula")) cluster <- cluster_of_formula(cluster, object)
  if (!is.atomic(cluster) || NCOL(cluster) != 1) {
    abort_moe("cluster", "`cluster` must be a vector, a factor or a one-sided formula such as ~ id.")
  }
  cluster <- of_used_rows(cluster, object)
  missing <- which(is.na(cluster))
  if (length(missing)) {
    abort_moe("cluster", sprintf("`cluster` is missing in row %s.", listed(missing)),
      "Put these rows into clusters, or fit without them.")
  }
  clusters <- factor(cluster)
  if (nlevels(clusters) < 2) abort_moe("cluster", "`cluster` has one level: two or more are needed.")
  clusters
}

# Values of the rows that were used, from those or from the values of all rows before `na.action`.
of_used_rows <- function(cluster, object) {
  rows <- fitted_rows(object)
  dropped <- object$na.action
  cluster <- without_dropped(cluster, rows, dropped)
  if (length(cluster) != rows) {
    abort_moe("cluster", sprintf("`cluster` has %d values where the fit has %d rows.", length(cluster), rows),
      if (length(dropped)) sprintf("Give a value for each of these, or of the %d before `na.action`.",
        rows + length(dropped)))
  }
  cluster
}

# Of values of all rows those of the rows that `na.action` left; other values as they are.
without_dropped <- function(values, rows, dropped) {
  if (length(dropped) && length(values) == rows + length(dropped)) values[-dropped] else values
}

# The value of a one-sided formula in the rows of a fit, found by their names: in its model frame, or else in its data.
cluster_of_formula <- function(formula, object) {
  if (length(formula) != 2 || length(attr(stats::terms(formula), "term.labels")) != 1) {
    abort_moe("cluster", "`cluster` must be a one-sided formula with one term, such as ~ id.")
  }
  if (is.null(object$terms)) {
    abort_moe("cluster", "A fit to matrices has no data in which to look up a formula.", "Give `cluster` as a vector.")
  }
  known <- all(all.vars(formula) %in% names(object$model))
  frame <- rethrow(
    model.frame(formula, if (known) object$model else data_of_fit(object), na.action = stats::na.pass),
    "cluster", "The variables of `cluster` cannot be found.", "Give `cluster` as a vector."
  )
  values <- rows_of_fit(frame, object)
  if (is.null(values)) {
    abort_moe("cluster", "The variables of `cluster` do not have the rows of the fit.", "Give `cluster` as a vector.")
  }
  if (ncol(values) == 1) values[[1]] else interaction(values, drop = TRUE)
}

# The rows of a frame that a fit used, found by their names; NULL where it lacks some.
rows_of_fit <- function(frame, object) {
  rows <- match(row.names(object$model), row.names(frame))
  if (!anyNA(rows)) frame[rows, , drop = FALSE]
}

# The data of the rows that a fit used; NULL where they are not found any more, or are no data frame.
data_of_rows <- function(object) {
  data <- tryCatch(data_of_fit(object), error = function(cause) NULL)
  if (is.data.frame(data)) rows_of_fit(data, object)
}

# The data that a fit's call names, as they are now.
data_of_fit <- function(object) {
  home <- environment(object$formula)
  if (is.null(object$call$data)) home else eval(object$call$data, home)
}
