# Simulated data of the comparisons: softmax-gated Gaussian experts, gate and experts on all p covariates.

cases <- list(
  A0 = list(n = 1000, p = 1, experts = 2),
  A1 = list(n = 1000, p = 2, experts = 2),
  A2 = list(n = 5000, p = 5, experts = 3),
  A3 = list(n = 20000, p = 10, experts = 4)
)

# Standard normal covariates; all coefficients normal (gate intercepts with sd 0.5, gate slopes with sd 1.5 / sqrt(p),
# experts' coefficients with sd 2); standard deviations uniform on (0.5, 1). Everything is a function of `seed`.
simulate_case <- function(n, p, experts, seed = 2026) {
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  gate <- cbind(0, rbind(rnorm(experts - 1, 0, 0.5), matrix(rnorm(p * (experts - 1), 0, 1.5 / sqrt(p)), p)))
  slopes <- matrix(rnorm((p + 1) * experts, 0, 2), p + 1)
  sigma <- runif(experts, 0.5, 1)
  x <- matrix(rnorm(n * p), n, dimnames = list(NULL, paste0("x", seq_len(p))))
  design <- cbind(1, x)
  probability <- softmax_rows(design %*% gate)
  label <- 1 + rowSums(runif(n) > t(apply(probability, 1, cumsum))[, -experts, drop = FALSE])
  y <- rowSums(design * t(slopes)[label, ]) + sigma[label] * rnorm(n)
  list(
    data = data.frame(y = y, x), y = y, design = design, experts = experts,
    covariates = paste(colnames(x), collapse = " + "), start = start_from(label, experts)
  )
}

# The common start: half of the true labels replaced at random, then mixed half and half with equal probabilities.
start_from <- function(label, experts) {
  n <- length(label)
  replaced <- sample.int(n, n %/% 2)
  label[replaced] <- sample.int(experts, length(replaced), replace = TRUE)
  responsibilities <- matrix(0.5 / experts, n, experts)
  responsibilities[cbind(seq_len(n), label)] <- 0.5 + 0.5 / experts
  responsibilities
}

softmax_rows <- function(scores) {
  odds <- exp(scores - apply(scores, 1, max))
  odds / rowSums(odds)
}

# The one function that every package's coefficients are judged by: gate and experts (p + 1) x K, sigma of length K.
log_likelihood <- function(case, gate, experts, sigma) {
  scores <- case$design %*% gate
  standardised <- sweep(case$y - case$design %*% experts, 2, sigma, "/")
  joint <- log(softmax_rows(scores)) + sweep(dnorm(standardised, log = TRUE), 2, log(sigma))
  largest <- apply(joint, 1, max)
  sum(largest + log(rowSums(exp(joint - largest))))
}

# Expert and gate coefficients of one M-step from the start, for packages that begin with parameters.
m_step <- function(case) {
  r <- case$start
  fits <- lapply(seq_len(case$experts), function(k) lm.wfit(case$design, case$y, r[, k]))
  gate <- nnet::multinom(r ~ case$design - 1, trace = FALSE, maxit = 200)
  list(
    gate = cbind(0, matrix(coef(gate), ncol = case$experts - 1, byrow = case$experts > 2)),
    experts = sapply(fits, function(f) unname(f$coefficients)),
    sigma = sapply(seq_len(case$experts), function(k) sqrt(sum(r[, k] * fits[[k]]$residuals^2) / sum(r[, k])))
  )
}
