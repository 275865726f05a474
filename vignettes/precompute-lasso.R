# Simulations of the vignettes many-covariates and lasso-oracle, a minute on one thread:
#   Rscript vignettes/precompute-lasso.R [support | wide | boston | kl ...]
# Writes vignettes/lasso-<name>.csv. Everything is a function of the seeds below.

library(expertmix)
arguments <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("^--file=", "", grep("^--file=", arguments, value = TRUE)))

# The Gaussian design of Chamroukhi and Huynh (2019); with p > 6, the other covariates have no effect.
truth <- list(
  gate = c(1, 2, 0, 0, -1, 0, 0),
  experts = cbind(c(0, 0, 1.5, 0, 0, 0, 1), c(0, 1, -1.5, 0, 0, 2, 0)),
  sigma = 1
)

# Covariates with unit variance and correlation 0.5^|j - l|.
correlated <- function(n, p) {
  x <- matrix(rnorm(n * p), n)
  for (j in seq_len(p)[-1]) x[, j] <- 0.5 * x[, j - 1] + sqrt(0.75) * x[, j]
  x
}

simulate <- function(n, p) {
  x <- correlated(n, p)
  design <- cbind(1, x[, 1:6])
  first <- runif(n) < plogis(design %*% truth$gate)
  mean <- design %*% truth$experts
  y <- ifelse(first, mean[, 1], mean[, 2]) + truth$sigma * rnorm(n)
  list(y = y, x = `colnames<-`(cbind(1, x), c("(Intercept)", paste0("x", seq_len(p)))))
}

true_density <- function(data) {
  design <- data$x[, 1:7]
  first <- plogis(design %*% truth$gate)
  each <- dnorm(data$y, design %*% truth$experts, truth$sigma)
  as.vector(first * each[, 1] + (1 - first) * each[, 2])
}

seeded <- function(seed) set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

quiet <- function(code) suppressWarnings(code, classes = "expertmix_warning")

# Slopes with experts in the order of the truth, and the gate's as those of expert 1 less those of expert 2.
matched_slopes <- function(fit, p) {
  experts <- fit$estimates$experts
  true <- rbind(truth$experts, matrix(0, p - 6, 2))
  swap <- sum((experts[, 2:1] - true)^2) < sum((experts - true)^2)
  order <- if (swap) 2:1 else 1:2
  gate <- fit$estimates$gate[, order]
  list(experts = experts[-1, order], gate = (gate[, 1] - gate[, 2])[-1])
}

# Shares of the slopes that are not zero (sensitivity) and that are (specificity) that a fit tells right.
support_shares <- function(fit, p) {
  found <- matched_slopes(fit, p)
  true <- list(gate = c(truth$gate[-1], double(p - 6)), experts = rbind(truth$experts[-1, ], matrix(0, p - 6, 2)))
  parts <- list(
    gate = list(found$gate, true$gate), expert1 = list(found$experts[, 1], true$experts[, 1]),
    expert2 = list(found$experts[, 2], true$experts[, 2])
  )
  shares <- lapply(parts, function(part) {
    data.frame(sensitivity = mean(part[[1]][part[[2]] != 0] != 0), specificity = mean(part[[1]][part[[2]] == 0] == 0))
  })
  data.frame(part = names(parts), do.call(rbind, shares))
}

# Of the fits without penalty on the supports of a path, the one with the least BIC.
best_refit <- function(path, most = 100) {
  supports <- lapply(path$fits, function(fit) list(fit$estimates$gate != 0, fit$estimates$experts != 0))
  first <- which(!duplicated(supports) & path$table$nonzero <= most)
  refits <- lapply(path$lambda[first], function(lambda) quiet(select_fit(path, lambda, refit = TRUE)))
  sound <- Filter(function(fit) fit$record$converged && !fit$record$guarded, refits)
  sound[[which.min(vapply(sound, BIC, 0))]]
}

# Supports chosen by each criterion in data sets of n rows and p covariates.
supports <- function(n, p, sets, seed, ...) {
  rows <- lapply(seq_len(sets), function(set) {
    seeded(seed + set)
    data <- simulate(n, p)
    path <- moe_path(data$x, data$y, experts = 2, ..., control = moe_control(seed = set))
    shares <- lapply(c("BIC", "EBIC", "BIC of refits"), function(criterion) {
      fit <- if (criterion == "BIC of refits") best_refit(path) else quiet(select_fit(path, criterion = criterion))
      data.frame(n = n, p = p, set = set, criterion = criterion, support_shares(fit, p),
        violation = max(path$table$violation), complete = path$path$status == "complete")
    })
    do.call(rbind, shares)
  })
  do.call(rbind, rows)
}

# Mean log score of the rows left out of each split of MASS::Boston, for one and two experts.
boston_splits <- function(splits = 20, left_out = 106) {
  rows <- lapply(seq_len(splits), function(split) {
    seeded(1000 + split)
    test <- sample(nrow(MASS::Boston), left_out)
    scores <- vapply(1:3, function(experts) {
      path <- quiet(moe_path(medv ~ ., MASS::Boston[-test, ], experts = experts, control = moe_control(seed = split)))
      mean(log(predict(path, MASS::Boston[test, ], type = "density")))
    }, 0)
    data.frame(split = split, experts = 1:3, log_score = scores)
  })
  do.call(rbind, rows)
}

# The Kullback-Leibler loss of the fits at lambda = c sqrt(log(2p + 1) / n) log n, on fresh rows.
kl_losses <- function(n, p, replicate, constants, rows = 5000) {
  seeded(1e6 + 1e4 * replicate + n + p)
  data <- simulate(n, p)
  test <- simulate(rows, p)
  lambda <- constants * sqrt(log(2 * p + 1) / n) * log(n)
  unit <- sqrt(mean((data$y - mean(data$y))^2))
  # Experts' penalties of a path are per standard deviation of y: these are lambda itself, in both parts.
  path <- quiet(moe_path(data$x, data$y, experts = 2, lambda = unit * lambda,
    penalty = penalty_lasso(1, gate = 1 / unit), control = moe_control(seed = replicate)))
  reached <- seq_along(path$lambda)
  true <- log(true_density(test))
  losses <- vapply(reached, function(i) {
    fit <- quiet(select_fit(path, path$lambda[i]))
    mean(true - log(predict(fit, test[c("x", "y")], type = "density")))
  }, 0)
  data.frame(n = n, p = p, replicate = replicate, constant = constants[reached], lambda = lambda[reached],
    loss = losses, nonzero = path$table$nonzero, violation = path$table$violation)
}

kl_study <- function(replicates = 8, constants = c(0.4, 0.2, 0.1, 0.07)) {
  settings <- unique(rbind(
    expand.grid(n = c(125, 250, 500, 1000, 2000), p = 100), expand.grid(n = 500, p = c(10, 30, 100, 300))
  ))
  jobs <- merge(settings, data.frame(replicate = seq_len(replicates)))
  do.call(rbind, Map(kl_losses, jobs$n, jobs$p, jobs$replicate, MoreArgs = list(constants = constants)))
}

studies <- list(
  support = function() supports(300, 6, sets = 100, seed = 0),
  wide = function() supports(500, 500, sets = 10, seed = 500, penalty = penalty_lasso(1, gate = 0.5), nlambda = 30),
  boston = boston_splits, kl = kl_study
)
if (!interactive() && length(here)) {
  chosen <- commandArgs(TRUE)
  for (name in if (length(chosen)) chosen else names(studies)) {
    seconds <- system.time(table <- studies[[name]]())[["elapsed"]]
    table <- rapply(table, signif, "numeric", how = "replace", digits = 5)
    write.csv(table, file.path(here, sprintf("lasso-%s.csv", name)), row.names = FALSE, quote = FALSE)
    message(sprintf("%s: %d rows in %.0f s", name, nrow(table), seconds))
  }
}
