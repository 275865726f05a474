# One penalised expert.

# One penalised expert against glmnet; only slopes that are not zero have relative errors, and the others must be zero.
like_glmnet <- function(family) {
  boston <- MASS::Boston
  x <- as.matrix(boston[setdiff(names(boston), "medv")])
  y <- switch(family, gaussian = boston$medv, poisson = round(boston$medv), binomial = factor(boston$medv > 22))
  lambda <- switch(family, gaussian = 0.02, poisson = 0.1, binomial = 0.02)
  known <- if (family == "binomial") "multinomial" else family
  reference <- if (family == "binomial") 1
  ours <- expertmix::moe_fit(cbind(1, x), y, experts = 1, family = known,
    penalty = expertmix::penalty_lasso(lambda, scaled = FALSE, reference = reference))
  if (family == "gaussian") lambda <- lambda * stats::sigma(ours)^2
  theirs <- as.matrix(coef(glmnet::glmnet(x, y, family, lambda = lambda, thresh = 1e-16, maxit = 1e7)))[, 1]
  slopes <- coef(ours, part = "experts")
  slopes <- if (length(dim(slopes)) == 3) slopes[, 2, 1] else slopes[, 1]
  stopifnot(identical(unname(slopes == 0), unname(theirs == 0)))
  list(coefficients = list(slopes[slopes != 0], theirs[theirs != 0]))
}

list(
  known_answer("Lasso, Gaussian", "Boston", "glmnet", c(coefficients = 5), function() like_glmnet("gaussian"),
    "the same slopes are zero"),
  known_answer("Lasso, Poisson", "Boston", "glmnet", c(coefficients = 5), function() like_glmnet("poisson"),
    "the same slopes are zero"),
  known_answer("Lasso, logistic", "Boston", "glmnet", c(coefficients = 5), function() like_glmnet("binomial"),
    "the same slopes are zero")
)
