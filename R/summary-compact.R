# Experts side by side: a matrix of terms by experts (or by classes, for every expert), each cell an estimate with its
# standard error and stars.

print_compact <- function(x, digits, stars) {
  parameters <- x$fit$parameters
  coefficient <- parameters$kind == "coefficient"
  gate <- coefficient & parameters$part == "gate"
  experts <- coefficient & parameters$part == "experts"
  expert <- paste0("expert", parameters$expert)
  title <- if (any(gate & parameters$expert %in% 1)) "Gate" else "Gate, against expert 1"
  print_cells(x, gate, expert, title, digits, stars)
  temperature <- parameters$kind == "log_temperature"
  if (any(temperature)) {
    cat("log(temperature) of the gate:", cell_text(x$coefficients[temperature, , drop = FALSE], digits, stars), "\n\n")
  }
  if (is.null(x$fit$classes)) return(print_cells(x, experts, expert, "Experts", digits, stars, scalars_of(x)))
  against <- if (is_symmetric(x$fit)) "" else paste0(", against ", x$fit$classes$labels[1])
  for (k in unique(parameters$expert[experts])) {
    title <- sprintf("Expert %d%s", k, against)
    print_cells(x, experts & parameters$expert == k, parameters$class, title, digits, stars)
  }
}

# Tables of the scalars of all experts, by name.
scalars_of <- function(x) c(if (!is.null(x$sigma)) list(sigma = x$sigma), x$scalars)

# The cells of some parameters in the columns that they name, a row for every term, `scalars` below.
print_cells <- function(x, rows, columns, title, digits, stars, scalars = NULL) {
  if (!any(rows)) return(invisible())
  rows <- which(rows)[order(x$fit$parameters$column[rows])]
  terms <- parameter_labels(x$fit$parameters)[rows]
  columns <- columns[rows]
  table <- x$coefficients[rows, , drop = FALSE]
  shown <- if (length(scalars) == 0) unique(columns) else rownames(scalars[[1]])
  cells <- matrix("", length(unique(terms)), length(shown), dimnames = list(unique(terms), shown))
  for (column in unique(columns)) {
    own <- which(columns == column)
    cells[match(terms[own], rownames(cells)), column] <- cell_text(table[own, , drop = FALSE], digits, stars)
  }
  rownames(cells) <- told_apart(rownames(cells), names(scalars))
  cells <- rbind(cells, do.call(rbind, lapply(scalars, cell_text, digits, stars)))
  cat(title, ":\n", sep = "")
  print(cells, quote = FALSE, right = TRUE)
  cat("\n")
}

# "1.234 (0.056) **", aligned within a column; no stars where there is no test.
cell_text <- function(table, digits, stars) {
  errors <- format(table[, 2], digits = max(2, digits - 2), trim = TRUE)
  errors[table[, 2] %in% 0] <- "fixed"
  cells <- sprintf("%s (%s)", format(table[, 1], digits = digits), errors)
  if (!stars) return(cells)
  p <- if (ncol(table) > 3) table[, 4] else rep(NA_real_, nrow(table))
  marks <- as.character(stats::symnum(p, corr = FALSE, na = "", cutpoints = c(0, 0.001, 0.01, 0.05, 0.1, 1),
    symbols = c("***", "**", "*", ".", "")))
  paste(cells, formatC(marks, width = -3))
}
