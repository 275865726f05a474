# Tests of moments that are zero on average where a model is right.

# Tests that moments m_i(theta), which have mean zero where the model is right, sum to zero at the estimate, in blocks
# of columns. To first order sum_i m_i(estimate) = sum_i m*_i with m*_i = m_i + M I^-1 s_i, where M is the derivative
# of the sum in theta and s_i are the scores; the statistic is U' (sum_i m*_i m*_i')^-1 U with U = sum_i m*_i (Newey
# 1985). Of scores of new parameters it is the score test with robust covariance (White 1982).
moment_tests <- function(object, moments_of, blocks) {
  root <- covariance_root(object$covariance)
  slopes <- derivatives_along(object, root, moments_of, score_design(object), then = colSums)
  slopes <- matrix(unlist(slopes), ncol = ncol(root))
  adjusted <- moments_of(object) + tcrossprod(row_scores(object) %*% root, slopes)
  tests <- lapply(blocks, function(block) moment_test(adjusted[, block, drop = FALSE]))
  do.call(rbind, tests)
}

# NA where moments are collinear.
moment_test <- function(moments) {
  inverse <- inverse_of_products(crossprod(moments))
  total <- colSums(moments)
  statistic <- if (is.null(inverse)) NA_real_ else sum(total * (inverse %*% total))
  df <- ncol(moments)
  data.frame(statistic = statistic, df = df, p.value = stats::pchisq(statistic, df, lower.tail = FALSE))
}

# What a family's distribution is tested for, each as a function from a fit to moments of rows.
distribution_tests <- function(object, design) {
  checks <- list(
    normality = if (!has_classes(object)) shape_moments(object, design),
    heteroscedasticity = if (experts_of(object)$sigma) spread_moments(object, design),
    dispersion = if (object$family$family == "poisson") dispersion_moments(design)
  )
  checks <- Filter(Negate(is.null), checks)
  tests <- lapply(names(checks), function(check) {
    columns <- seq_len(ncol(checks[[check]](object)))
    cbind(check = check, part = NA_character_, term = NA_character_, remedy = NA_character_,
      moment_tests(object, checks[[check]], list(columns)))
  })
  do.call(rbind, tests)
}

# tanh(q) and log cosh(q) - E log cosh(Z) of quantile residuals: skewness and tails, of bounded and of linear growth
# (Hyvarinen 1998), so that the statistic has its distribution at moderate n, which third and fourth powers do not give.
shape_moments <- function(object, design) {
  share <- stats::runif(nrow(design$x))
  weights <- design$weights %||% 1
  log_cosh <- function(q) abs(q) + log1p(exp(-2 * abs(q))) - log(2)
  function(fit) {
    q <- quantile_residuals(fit, design, share)
    weights * cbind(tanh(q), log_cosh(q) - 0.374567207491)
  }
}

# The score of log sigma_k growing with the expert's mean, of Gaussian experts r_ik (e_ik^2 / sigma_k^2 - 1) v_ik, with
# v_ik its standardised mean at the estimate (Breusch and Pagan 1979). NULL where no expert's mean varies.
spread_moments <- function(object, design) {
  means <- predict_rows(object, design, "experts")
  varying <- apply(means, 2, stats::sd) > 1e-8 * (abs(colMeans(means)) + object$estimates$sigma)
  if (!any(varying)) return(NULL)
  trend <- scale(means[, varying, drop = FALSE])
  weights <- design$weights %||% 1
  spread <- experts_of(object)$spread
  function(fit) {
    r <- predict_rows(fit, design, "posterior")
    z <- sweep(as.vector(design$y) - predict_rows(fit, design, "experts"), 2, fit$estimates$sigma, "/")
    weights * (r * spread(z, fit$estimates))[, varying, drop = FALSE] * trend
  }
}

# sum_k r_ik ((y - m_ik)^2 - y) / 2, the score at alpha = 0 of negative binomial experts with variance m + alpha m^2
# (Dean and Lawless 1989).
dispersion_moments <- function(design) {
  weights <- design$weights %||% 1
  function(fit) {
    excess <- (as.vector(design$y) - predict_rows(fit, design, "experts"))^2 - as.vector(design$y)
    cbind(weights * rowSums(predict_rows(fit, design, "posterior") * excess) / 2)
  }
}
