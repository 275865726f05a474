# Simulations of the vignettes many-covariates and lasso-oracle, a few minutes on one thread:
#   Rscript vignettes/precompute-lasso.R [designs | boston | kl ...]
# Writes vignettes/lasso-<name>.csv. Everything is a function of the seeds below. 'designs' needs package 'glmnet'.

library(expertmix)
arguments <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("^--file=", "", grep("^--file=", arguments, value = TRUE)))

seeded <- function(seed) set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

quiet <- function(code) suppressWarnings(code, classes = "expertmix_warning")

named <- function(x) `colnames<-`(cbind(1, x), c("(Intercept)", paste0("x", seq_len(ncol(x)))))

row_log_sums <- function(values) {
  largest <- do.call(pmax, as.data.frame(values))
  largest + log(rowSums(exp(values - largest)))
}

# Gate log-probabilities and means of the experts at the rows of a design; log-density of a response there.
parts_at <- function(estimates, x) {
  scores <- x %*% estimates$gate
  list(log_gate = scores - row_log_sums(scores), mean = x %*% estimates$experts, sigma = estimates$sigma)
}

log_density <- function(parts, y) {
  each <- lapply(seq_along(parts$sigma), function(k) {
    parts$log_gate[, k] + dnorm(y, parts$mean[, k], parts$sigma[k], log = TRUE)
  })
  row_log_sums(do.call(cbind, each))
}

# Designs of table "How often is the support right?": four slopes of every expert and one of every gate score but the
# first's are not zero.
designs <- list(
  list(n = 200, p = 20, sigma = c(0.5, 0.5)), list(n = 200, p = 100, sigma = c(0.5, 0.5)),
  list(n = 200, p = 100, sigma = c(0.3, 1.2)), list(n = 400, p = 200, sigma = c(1, 1)),
  list(n = 400, p = 50, sigma = c(0.5, 0.5, 0.5)), list(n = 200, p = 500, sigma = c(0.5, 0.5)),
  list(n = 500, p = 500, sigma = c(0.5, 0.5, 0.5))
)

drawn_truth <- function(p, sigma) {
  experts <- rbind(c(0, 1, -1)[seq_along(sigma)], matrix(0, p, length(sigma)))
  gate <- matrix(0, p + 1, length(sigma))
  for (k in seq_along(sigma)) {
    experts[1 + sample(p, 4), k] <- c(2, 1.5, 1, 1) * sample(c(-1, 1), 4, replace = TRUE)
  }
  gate[cbind(1 + sample(p, length(sigma) - 1), seq_along(sigma)[-1])] <- 2
  list(gate = gate, experts = experts, sigma = sigma)
}

drawn_rows <- function(truth, x) {
  parts <- parts_at(truth, x)
  label <- apply(exp(parts$log_gate), 1, function(share) sample(length(share), 1, prob = share))
  y <- parts$mean[cbind(seq_along(label), label)] + truth$sigma[label] * rnorm(length(label))
  list(x = x, y = y, label = label)
}

drawn_data <- function(design, seed, fresh = 2000) {
  seeded(seed)
  truth <- drawn_truth(design$p, design$sigma)
  normal <- function(n) named(matrix(rnorm(n * design$p), n))
  list(truth = truth, rows = drawn_rows(truth, normal(design$n)), fresh = drawn_rows(truth, normal(fresh)))
}

least_ebic <- function(deviance, n, slopes, nonzero) {
  which.min(deviance + log(n) * nonzero + 2 * lchoose(slopes, nonzero))
}

# Lasso fits of 'glmnet' that know which expert every row is from. With as many slopes as rows the residuals vanish, and
# EBIC chooses that: at most half as many are allowed.
labelled_fit <- function(rows, experts) {
  x <- rows$x[, -1]
  each <- lapply(seq_len(experts), function(k) {
    own <- rows$label == k
    path <- glmnet::glmnet(x[own, ], rows$y[own], dfmax = sum(own) / 2)
    rss <- deviance(path)
    best <- least_ebic(sum(own) * log(rss / sum(own)), sum(own), ncol(x), path$df)
    list(slopes = as.vector(coef(path, s = path$lambda[best])), sigma = sqrt(rss[best] / sum(own)))
  })
  path <- glmnet::glmnet(x, factor(rows$label), family = "multinomial", dfmax = nrow(x) / 2)
  scores <- lapply(coef(path), as.matrix)
  scores <- lapply(scores, `-`, scores[[1]])
  nonzero <- Reduce(`+`, lapply(scores, function(part) colSums(part[-1, ] != 0)))
  best <- least_ebic(deviance(path), nrow(x), ncol(x) * (experts - 1), nonzero)
  list(
    gate = vapply(scores, function(part) part[, best], double(ncol(x) + 1)),
    experts = vapply(each, `[[`, double(ncol(x) + 1), "slopes"), sigma = vapply(each, `[[`, 0, "sigma")
  )
}

orders <- function(n) {
  if (n == 1) return(list(1))
  longer <- function(order) lapply(seq_len(n) - 1, append, x = order, values = n)
  unlist(lapply(orders(n - 1), longer), recursive = FALSE)
}

# The order of the experts that is nearest to the truth.
nearest_order <- function(estimates, truth) {
  each <- orders(ncol(truth$experts))
  distance <- function(order) sum((estimates$experts[-1, order] - truth$experts[-1, ])^2)
  each[[which.min(vapply(each, distance, 0))]]
}

# Experts' supports and the log-likelihood a fresh row.
judged <- function(estimates, data) {
  true <- data$truth$experts[-1, ]
  found <- estimates$experts[-1, nearest_order(estimates, data$truth)]
  right <- colSums(found != 0 & true != 0)
  data.frame(
    f1 = 2 * sum(right) / (sum(found != 0) + sum(true != 0)), worse = min(right / colSums(true != 0)),
    log_score = mean(log_density(parts_at(estimates, data$fresh$x), data$fresh$y))
  )
}

methods_on <- function(design, seed) {
  data <- drawn_data(design, seed)
  experts <- length(design$sigma)
  path_by <- function(...) {
    quiet(moe_path(data$rows$x, data$rows$y, experts = experts, ..., control = moe_control(seed = 1)))
  }
  default <- path_by()
  pilot <- quiet(select_fit(default))
  # A pilot without slopes leaves nothing to choose among.
  empty <- all(pilot$estimates$experts[-1, ] == 0, pilot$estimates$gate[-1, ] == 0)
  paths <- list(
    plain = path_by(penalty = penalty_lasso(1, scaled = FALSE)), default = default, refit = path_by(refit = TRUE),
    adaptive = if (empty) default else path_by(penalty = penalty_lasso(1, gate = 1 / experts, adaptive = pilot))
  )
  estimates <- lapply(paths, function(path) quiet(select_fit(path))$estimates)
  estimates <- c(estimates, list(labels = labelled_fit(data$rows, experts), truth = data$truth))
  violation <- c(vapply(paths, function(path) max(path$table$violation), 0), NA, NA)
  data.frame(
    n = design$n, p = design$p, K = experts, sigma = paste(unique(design$sigma), collapse = " and "), seed = seed,
    method = names(estimates), do.call(rbind, lapply(estimates, judged, data)), violation = violation
  )
}

design_study <- function(seeds = 201:220) {
  jobs <- expand.grid(seed = seeds, design = designs)
  do.call(rbind, Map(methods_on, jobs$design, jobs$seed))
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

# The Gaussian design of Chamroukhi and Huynh (2019); of p covariates, all but the first six have no effect.
oracle_truth <- function(p) {
  padded <- function(six) rbind(six, matrix(0, p - 6, 2))
  list(
    gate = padded(cbind(c(1, 2, 0, 0, -1, 0, 0), 0)),
    experts = padded(cbind(c(0, 0, 1.5, 0, 0, 0, 1), c(0, 1, -1.5, 0, 0, 2, 0))), sigma = c(1, 1)
  )
}

# Covariates with unit variance and correlation 0.5^|j - l|.
correlated <- function(n, p) {
  x <- matrix(rnorm(n * p), n)
  for (j in seq_len(p)[-1]) x[, j] <- 0.5 * x[, j - 1] + sqrt(0.75) * x[, j]
  x
}

# Nodes and weights of the Gauss-Hermite rule for the mean over a standard normal variable.
normal_nodes <- function(size) {
  off <- sqrt(seq_len(size - 1))
  jacobi <- matrix(0, size, size)
  jacobi[cbind(seq_len(size - 1), seq_len(size)[-1])] <- off
  jacobi[cbind(seq_len(size)[-1], seq_len(size - 1))] <- off
  spectrum <- eigen(jacobi, symmetric = TRUE)
  list(at = spectrum$values, weight = spectrum$vectors[1, ]^2)
}

# Mean over the rows of x of KL(s0(. | x), s(. | x)), the integral over y component by component of s0.
kl_at <- function(truth, estimates, x, nodes = normal_nodes(40)) {
  true <- parts_at(truth, x)
  fitted <- parts_at(estimates, x)
  loss <- 0
  for (k in seq_along(truth$sigma)) {
    for (i in seq_along(nodes$at)) {
      y <- true$mean[, k] + truth$sigma[k] * nodes$at[i]
      gap <- log_density(true, y) - log_density(fitted, y)
      loss <- loss + nodes$weight[i] * mean(exp(true$log_gate[, k]) * gap)
    }
  }
  loss
}

# How many of the true slopes are not zero in a fit; of the gate, differences between the experts count.
found_slopes <- function(estimates, truth) {
  order <- nearest_order(estimates, truth)
  slopes <- function(gate, experts) cbind(gate[-1, 1] - gate[-1, 2], experts[-1, ]) != 0
  sum(slopes(estimates$gate[, order], estimates$experts[, order]) & slopes(truth$gate, truth$experts))
}

# The loss at the data's own x of the fits at lambda = c sqrt(log(2p + 1) / n) log n.
kl_losses <- function(n, p, replicate, constants) {
  seeded(1e6 + 1e4 * replicate + n + p)
  truth <- oracle_truth(p)
  data <- drawn_rows(truth, named(correlated(n, p)))
  lambda <- constants * sqrt(log(2 * p + 1) / n) * log(n)
  unit <- sqrt(mean((data$y - mean(data$y))^2))
  # Experts' penalties of a path that is not scaled are per standard deviation of y: these are lambda itself, in both
  # parts.
  path <- quiet(moe_path(data$x, data$y, experts = 2, lambda = unit * lambda,
    penalty = penalty_lasso(1, gate = 1 / unit, scaled = FALSE), control = moe_control(seed = replicate)))
  reached <- seq_along(path$lambda)
  fits <- lapply(reached, function(i) quiet(select_fit(path, path$lambda[i]))$estimates)
  data.frame(n = n, p = p, replicate = replicate, constant = constants[reached], lambda = lambda[reached],
    loss = vapply(fits, function(fit) kl_at(truth, fit, data$x), 0), nonzero = path$table$nonzero,
    found = vapply(fits, found_slopes, 0L, truth), violation = path$table$violation)
}

kl_study <- function(replicates = 8, constants = c(0.4, 0.2, 0.1, 0.07)) {
  settings <- unique(rbind(
    expand.grid(n = c(125, 250, 500, 1000, 2000), p = 100), expand.grid(n = 500, p = c(10, 30, 100, 300))
  ))
  jobs <- merge(settings, data.frame(replicate = seq_len(replicates)))
  do.call(rbind, Map(kl_losses, jobs$n, jobs$p, jobs$replicate, MoreArgs = list(constants = constants)))
}

studies <- list(designs = design_study, boston = boston_splits, kl = kl_study)
if (!interactive() && length(here)) {
  chosen <- commandArgs(TRUE)
  for (name in if (length(chosen)) chosen else names(studies)) {
    seconds <- system.time(table <- studies[[name]]())[["elapsed"]]
    table <- rapply(table, signif, "numeric", how = "replace", digits = 5)
    write.csv(table, file.path(here, sprintf("lasso-%s.csv", name)), row.names = FALSE, quote = FALSE)
    message(sprintf("%s: %d rows in %.0f s", name, nrow(table), seconds))
  }
}
