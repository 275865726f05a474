# Held-out log scores of Lasso paths on real data, with cv.glmnet's as the measure: Rscript bench/lasso-real.R
# Hitters needs package 'ISLR2', Boston 'MASS', riboflavin 'hdi'; what is not installed is skipped.

library(expertmix)

from_package <- function(name, package) {
  if (!requireNamespace(package, quietly = TRUE)) {
    return(cat(sprintf("| %s | %s is not installed: skipped |\n", name, package)))
  }
  box <- new.env()
  utils::data(list = name, package = package, envir = box)
  stats::na.omit(box[[name]])
}

# Columns that vary, and a response in units of its standard deviation.
as_case <- function(x, y) {
  x <- x[, apply(x, 2, function(column) any(column != column[1])), drop = FALSE]
  colnames(x) <- paste0("x", seq_len(ncol(x)))
  list(x = x, data = data.frame(y = y / sd(y), x))
}

cases <- list(
  Hitters = function() {
    data <- from_package("Hitters", "ISLR2")
    if (!is.null(data)) as_case(stats::model.matrix(log(Salary) ~ ., data)[, -1], log(data$Salary))
  },
  `Boston, interactions` = function() {
    data <- from_package("Boston", "MASS")
    if (!is.null(data)) as_case(stats::model.matrix(medv ~ .^2, data)[, -1], data$medv)
  },
  riboflavin = function() {
    data <- from_package("riboflavin", "hdi")
    if (!is.null(data)) as_case(unclass(data$x), data$y)
  }
)

# One expert: cv.glmnet's coefficients, and the standard deviation of its cross-validated errors.
glmnet_score <- function(case, test) {
  fit <- glmnet::cv.glmnet(case$x[-test, ], case$data$y[-test])
  at <- fit$index["min", 1]
  mean(dnorm(case$data$y[test], predict(fit, case$x[test, ], s = "lambda.min"), sqrt(fit$cvm[at]), log = TRUE))
}

# The log scores of one to three experts, lambda and gate penalty by EBIC and by cross-validation of the penalised or
# the refitted fits, and of the number of experts with the smallest loss of a cross-validation.
path_scores <- function(case, test, seed, refit, most = 3) {
  log_score <- function(object) mean(log(suppressWarnings(predict(object, case$data[test, ], type = "density"))))
  each <- lapply(seq_len(most), function(experts) {
    suppressWarnings({
      path <- moe_path(y ~ ., case$data[-test, ], experts = experts, refit = refit, control = moe_control(seed = seed))
      cv_moe(path, folds = 5, seed = seed)
    })
  })
  by_ebic <- vapply(each, function(cv) log_score(cv$path), 0)
  scores <- vapply(each, log_score, 0)
  best <- which.min(vapply(each, function(cv) min(cv$table$loss, na.rm = TRUE), 0))
  c(by_ebic, scores, scores[best], best)
}

scores_on <- function(case, splits = 10) {
  scores <- vapply(seq_len(splits), function(split) {
    set.seed(split)
    test <- sample(nrow(case$x), nrow(case$x) %/% 5)
    c(glmnet_score(case, test), path_scores(case, test, split, FALSE), path_scores(case, test, split, TRUE))
  }, double(17))
  names <- c(paste("K =", 1:3, "by EBIC"), paste("K =", 1:3), "chosen K", "K")
  rownames(scores) <- c("cv.glmnet", paste("penalised,", names), paste("refitted,", names))
  t(scores)
}

for (name in names(cases)) {
  case <- cases[[name]]()
  if (is.null(case)) next
  scores <- scores_on(case)
  cat(sprintf("%s: n = %d, p = %d; mean log score of ten test fifths; less cv.glmnet's (standard error)\n", name,
    nrow(case$x), ncol(case$x)))
  chosen <- which(endsWith(colnames(scores), ", K"))
  for (column in colnames(scores)[-chosen]) {
    gap <- scores[, column] - scores[, "cv.glmnet"]
    cat(sprintf("| %s | %.3f | %+.3f (%.3f) |\n", column, mean(scores[, column]), mean(gap),
      sd(gap) / sqrt(length(gap))))
  }
  for (column in colnames(scores)[chosen]) cat("|", column, "|", scores[, column], "|\n")
}
