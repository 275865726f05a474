# What the plots show. With one numeric covariate: the rows (covariate, response, most likely expert) and, on a grid,
# every expert's mean and gate probability. Else: the rows (fitted, observed, most likely expert).
plot_data <- function(object, points = 201) {
  posterior <- predict_rows(object, fitted_design(object), "posterior")
  labels <- most_likely(posterior)
  y <- fitted_design(object)$y
  covariate <- one_covariate(object)
  if (is.null(covariate)) {
    rows <- data.frame(x = unname(predict_rows(object, fitted_design(object), "response")), y = y, expert = labels)
    return(list(rows = rows, curves = NULL, xlab = "fitted", ylab = response_label(object)))
  }
  rows <- data.frame(x = as.double(covariate$values), y = y, expert = labels)
  grid <- seq(min(rows$x), max(rows$x), length.out = points)
  list(rows = rows, curves = grid_curves(object, covariate, grid), xlab = covariate$name, ylab = response_label(object))
}

grid_curves <- function(object, covariate, grid) {
  new <- covariate$newdata(grid)
  experts <- predict(object, new, type = "experts")
  gate <- predict(object, new, type = "gate")
  data.frame(
    x = rep(grid, ncol(gate)), expert = factor(rep(seq_len(ncol(gate)), each = length(grid))),
    mean = c(experts), probability = c(gate)
  )
}

# The only covariate of a fit: its name, its values and how to make new data of it. NULL where there are several, where
# it is no number, or where an offset moves the means.
one_covariate <- function(object) {
  if (is.null(object$terms)) return(one_column(object$data))
  name <- object$columns$covariates
  if (length(name) != 1 || has_categories(object)) return(NULL)
  values <- object$model[["(covariate)"]] %||% object$model[[name]]
  if (!is.numeric(values) || NCOL(values) != 1 || !is.null(stats::model.offset(object$model))) return(NULL)
  list(name = name, values = values, newdata = function(grid) stats::setNames(data.frame(grid), name))
}

# Whether a term holds a covariate as categories, like factor(x): values in between have no predictions.
has_categories <- function(object) {
  any(covariate_classes(object) %in% c("factor", "ordered", "character", "other"))
}

one_column <- function(data) {
  varies <- which(apply(data$x, 2, function(column) any(column != column[1])))
  if (length(varies) != 1 || !is.null(data$z) || !is.null(data$offset)) return(NULL)
  new <- function(grid) {
    x <- data$x[rep(1, length(grid)), , drop = FALSE]
    x[, varies] <- grid
    x
  }
  list(name = colnames(data$x)[varies], values = data$x[, varies], newdata = new)
}

response_label <- function(object) if (is.null(object$terms)) "y" else response_name(object$terms$full)

# One colour for every expert, told apart by colour-blind readers too (Okabe and Ito) up to seven.
expert_colours <- function(count) {
  okabe_ito <- c("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
  if (count <= length(okabe_ito)) okabe_ito[seq_len(count)] else grDevices::hcl.colors(count, "Dark 3")
}
