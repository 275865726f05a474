#' How well the experts are told apart
#'
#' Whether the rows' posterior probabilities \eqn{r_{ik}}{r_ik} of the experts (`predict(fit, type = "posterior")`) are
#' near 0 and 1, on the data of the fit. The relative entropy is
#' \deqn{1 - \frac{EN}{n \log K}, \quad EN = -\sum_i w_i \sum_k r_{ik} \log r_{ik},}{%
#'   1 - EN / (n log K), EN = -sum_i w_i sum_k r_ik log r_ik,}
#' with \eqn{n} the sum of the weights \eqn{w_i}: 1 where every row has its expert, 0 where all experts are equally
#' likely in every row (Ramaswamy et al. 1993; Celeux and Soromenho 1996). It is 1 for one expert. That experts are not
#' told apart is no fault of a mixture whose mean or density is wanted; of one whose experts are to be groups it is.
#'
#' @param object,x A fit by [moe()]; an object of class `"moe_classification"`.
#' @param digits Significant digits.
#' @param ... Of `print()`: passed to [print.default()]. Anything else is an error.
#' @return An object of class `"moe_classification"`, a list of `relative_entropy`; `posterior`, a \eqn{K \times K}{K x
#'   K} matrix, whose row k has the average posterior probabilities of the rows that are assigned to expert k, their
#'   most likely one (`NA` where there are none): its diagonal is the average posterior probability of assignment, at
#'   least .7 of all experts as a rule of thumb (Nagin 2005); and `assigned`, the sum of the weights of these rows.
#' @references Ramaswamy, V., DeSarbo, W. S., Reibstein, D. J. and Robinson, W. T. (1993). An empirical pooling approach
#'   for estimating marketing mix elasticities with PIMS data. Marketing Science 12, 103-124.
#'
#'   Celeux, G. and Soromenho, G. (1996). An entropy criterion for assessing the number of clusters in a mixture model.
#'   Journal of Classification 13, 195-212.
#'
#'   Nagin, D. S. (2005). Group-Based Modeling of Development. Harvard University Press.
#' @examples
#' fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
#' classification_quality(fit)
#' @export
classification_quality <- function(object, ...) {
  check_call(...)
  check_is_fit(object)
  design <- fitted_design(object)
  posterior <- predict_rows(object, design, "posterior")
  weights <- design$weights %||% rep(1, nrow(posterior))
  table <- assignment_table(posterior, weights)
  new_object(
    list(
      relative_entropy = relative_entropy(posterior, weights), posterior = table$average, assigned = table$mass
    ),
    class = "moe_classification"
  )
}

# The mass of the rows that are assigned to every expert, and their average posterior probabilities.
assignment_table <- function(posterior, weights) {
  labels <- colnames(posterior)
  assigned <- factor(max.col(posterior, "first"), seq_along(labels), labels)
  mass <- vapply(split(weights, assigned), sum, 0)
  average <- t(vapply(labels, function(k) {
    colSums((weights * posterior)[assigned == k, , drop = FALSE]) / mass[[k]]
  }, double(length(labels))))
  average[mass == 0, ] <- NA
  dim(average) <- rep(length(labels), 2)
  list(mass = mass, average = structure(average, dimnames = list(assigned = labels, posterior = labels)))
}

# 1 - EN / (n log K)
relative_entropy <- function(posterior, weights) {
  if (ncol(posterior) == 1) return(1)
  terms <- ifelse(posterior > 0, posterior * log(posterior), 0)
  1 + stats::weighted.mean(rowSums(terms), weights) / log(ncol(posterior))
}

#' @rdname classification_quality
#' @export
print.moe_classification <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  check_call(..., .passed = print_arguments)
  cat(sprintf("Relative entropy %s (1: every row has its expert, 0: none has)\n", format(x$relative_entropy,
    digits = digits)))
  cat("\nAverage posterior probabilities of the rows whose most likely expert is\n")
  print(x$posterior, digits = digits, ...)
  cat("\nRows assigned (sum of weights):\n")
  print(x$assigned, digits = digits, ...)
  invisible(x)
}
