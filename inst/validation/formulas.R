# Quantities with closed formulas, and the slope heuristic.

like_capushe <- function() {
  df <- 3 + 5 * 0:15
  values <- -200 * exp(-df / 12) + 0.4 * df + 2 * sin(df)
  estimated <- asNamespace("expertmix")$estimated_slope(data.frame(logLik = values, df = df, fault = ""))
  theirs <- capushe::DDSE(data.frame(1:16, df, df, -values))
  list(slope = list(estimated, max(theirs@interval$interval)))
}

# One normal expert without covariates.
normal <- function(mean, sigma) expertmix::mixing_measure(matrix(0, 1, 1), matrix(mean, 1, 1), sigma)

# Two normal densities of equal sigma: total variation 2 Phi(d / 2) - 1, of any: Hellinger and Kullback-Leibler.
normal_distances <- function() {
  a <- normal(0, 1)
  b <- normal(1, 2)
  point <- matrix(0, 1, 0)
  overlap <- sqrt(2 * 1 * 2 / (1 + 4)) * exp(-1 / 4 / (1 + 4))
  list(
    Hellinger = list(expertmix::hellinger(a, b, point), sqrt(1 - overlap)),
    `Kullback-Leibler` = list(expertmix::kl_divergence(b, a, point), log(2) + (1 + 1) / (2 * 4) - 0.5),
    `total variation` = list(expertmix::total_variation(a, normal(1, 1), point), 2 * stats::pnorm(0.5) - 1)
  )
}

# Gneiting and Raftery (2007): the score of a normal forecast.
normal_crps <- function() {
  fit <- single(dist ~ speed, datasets::cars)
  z <- (datasets::cars$dist - stats::fitted(fit)) / stats::sigma(fit)
  closed <- stats::sigma(fit) * (z * (2 * stats::pnorm(z) - 1) + 2 * stats::dnorm(z) - 1 / sqrt(pi))
  list(CRPS = list(expertmix::scores(fit)$crps, closed))
}

# The score of a mixture of normals.
mixture_crps <- function() {
  fit <- suppressWarnings(fitted_mixture(accel ~ times, MASS::mcycle, 3))
  each <- stats::predict(fit, type = "experts")
  sigma <- matrix(stats::sigma(fit), nrow(each), 3, byrow = TRUE)
  theirs <- scoringRules::crps_mixnorm(MASS::mcycle$accel, each, sigma, stats::predict(fit, type = "gate"))
  list(CRPS = list(expertmix::scores(fit)$crps, theirs))
}

list(
  known_answer("slope heuristic", "made up", "capushe", c(slope = 9), like_capushe),
  known_answer("distances of normal densities", "N(0, 1), N(1, 4), N(1, 1)", "closed formula",
    c(Hellinger = 12, `Kullback-Leibler` = 12, `total variation` = 12), normal_distances),
  known_answer("continuous ranked probability score", "cars", "closed formula", c(CRPS = 12), normal_crps),
  known_answer("continuous ranked probability score of three experts", "mcycle", "scoringRules", c(CRPS = 12),
    mixture_crps)
)
