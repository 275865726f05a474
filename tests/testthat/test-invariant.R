# The log-likelihood of a fit is that of its own coefficients: sum(w * log(f(y | x, z))), as predict() computes it from
# them, for every gate, family and penalty. Weights, some of them zero, everywhere; an offset for Gaussian experts.

activations <- c("identity", "tanh", "sigmoid", "gelu", "softplus", "relu")
selections <- data.frame(top = c(NA, 1, 1, 2, 2), select = c("slope", "slope", "logit", "slope", "logit"))
families <- c("gaussian", "classes", "counts")

# Data of two regimes, the gate's covariate deciding between them.
invariant_data <- function(family, seed, n = 40) {
  set.seed(seed)
  data <- data.frame(x = rnorm(n), z = runif(n, -2, 2), w = sample(c(0, 0.5, 1, 1, 2), n, TRUE))
  data$o <- data$x / 3
  mean <- ifelse(runif(n) < plogis(2 * data$z), 1 + 2 * data$x, -1 - data$x)
  probabilities <- cbind(1, exp(mean), exp(-mean / 2))
  data$y <- switch(family,
    gaussian = mean + data$o + rnorm(n, sd = 0.5),
    classes = factor(apply(probabilities, 1, function(p) sample(c("a", "b", "c"), 1, prob = p))),
    counts = t(apply(probabilities, 1, function(p) rmultinom(1, 6, p)))
  )
  data
}

invariant_fit <- function(data, family, gate, experts, penalty = NULL) {
  formula <- if (family == "gaussian") y ~ x + offset(o) | z + x else y ~ x | z + x
  control <- moe_control(starts = 1, iterations = 20, seed = experts, progress = FALSE)
  family <- if (family == "gaussian") gaussian() else multinomial()
  suppressWarnings(classes = "expertmix_warning", moe(
    formula, data, experts, family, gate, penalty = penalty, weights = w, control = control
  ))
}

# How far the log-likelihood is from that of the coefficients, relative to it.
invariant_gap <- function(fit) {
  kept <- weights(fit) > 0
  terms <- (weights(fit) * log(predict(fit, type = "density")))[kept]
  abs(sum(terms) - as.numeric(logLik(fit))) / sum(abs(terms))
}

# Fits every row of a table of gates, numbers of experts and families, and expects no gap; names those that have one.
expect_invariant <- function(cases, penalty = function(case) NULL, disturb = identity) {
  gaps <- vapply(seq_len(nrow(cases)), function(i) {
    case <- cases[i, ]
    make <- if (case$normaliser == "sigmoid") gate_sigmoid else gate_softmax
    gate <- make(
      activation = case$activation, temperature = if (!is.na(case$temperature)) case$temperature,
      top_k = if (!is.na(case$top)) case$top, select = case$select
    )
    data <- disturb(invariant_data(case$family, i))
    invariant_gap(invariant_fit(data, case$family, gate, case$experts, penalty(case)))
  }, 0)
  wrong <- is.na(gaps) | gaps > 1e-8
  expect_identical(do.call(paste, c(cases, sprintf("%.1e", gaps)))[wrong], character())
}

# Half of all gates of an activation and families, a chessboard of both, with two and three experts by turns.
gates <- function(activation, temperature = c(1, 2, NA), selection = selections, normaliser = c("softmax", "sigmoid")) {
  cases <- expand.grid(
    normaliser = normaliser, activation = activation, temperature = temperature, selection = seq_len(nrow(selection)),
    family = families, stringsAsFactors = FALSE
  )
  place <- vapply(cases, function(values) match(values, unique(values)), integer(nrow(cases)))
  cases$experts <- 2 + rowSums(place[, c("selection", "family")]) %% 2
  cases <- cases[rowSums(place) %% 2 == 0, ]
  cases <- cbind(cases, selection[cases$selection, ], row.names = NULL)
  cases$selection <- NULL
  cases
}

for (activation in activations) {
  test_that(paste("the log-likelihood is that of the coefficients: activation", activation), {
    if (activation != "identity") skip_on_cran()
    expect_invariant(gates(activation))
  })

  test_that(paste("the log-likelihood of penalised fits is that of the coefficients: activation", activation), {
    if (activation != "identity") skip_on_cran()
    smooth <- gates(activation, temperature = 1:2, selection = selections[1, ])
    expect_invariant(smooth, function(case) penalty_lasso(0.02))
    expect_invariant(smooth[smooth$experts == 3, ], function(case) penalty_lasso(0.02, ridge = 0.1, reference = 2))
  })
}

test_that("the log-likelihood is that of the coefficients with an outlier", {
  skip_on_cran()
  cases <- gates(c("identity", "tanh"), temperature = 1)
  expect_invariant(cases, disturb = function(data) {
    data$z[3] <- 60
    if (is.double(data$y) && !is.matrix(data$y)) data$y[5] <- 40
    data
  })
})
