# Intervals, robust and clustered errors and tests of one expert.

like_profile <- function() {
  ours <- single(breaks ~ wool + tension, datasets::warpbreaks, family = stats::poisson())
  theirs <- stats::glm(breaks ~ wool + tension, stats::poisson(), datasets::warpbreaks, control = tight_glm)
  suppressMessages(interval <- stats::confint(theirs))
  list(`profile intervals` = list(stats::confint(ours, method = "profile"), interval))
}

# Looms that made three pieces each, for errors by cluster.
looms <- function() transform(datasets::warpbreaks, loom = rep(1:18, 3))

like_sandwich <- function() {
  data <- looms()
  ours <- single(breaks ~ wool + tension, data, family = stats::poisson())
  theirs <- stats::glm(breaks ~ wool + tension, stats::poisson(), data, control = tight_glm)
  list(
    sandwich = list(standard_errors(ours, type = "sandwich"), errors_of(sandwich::sandwich(theirs))),
    clustered = list(
      standard_errors(ours, cluster = data$loom),
      errors_of(sandwich::vcovCL(theirs, data$loom, type = "HC0", cadjust = TRUE))
    )
  )
}

like_club_sandwich <- function() {
  data <- looms()
  ours <- single(breaks ~ wool + tension, data, family = stats::poisson())
  theirs <- stats::glm(breaks ~ wool + tension, stats::poisson(), data, control = tight_glm)
  list(clustered = list(
    standard_errors(ours, cluster = data$loom), errors_of(clubSandwich::vcovCR(theirs, data$loom, type = "CR1"))
  ))
}

like_lmtest <- function() {
  data <- datasets::warpbreaks
  small <- single(breaks ~ wool, data, family = stats::poisson())
  large <- single(breaks ~ wool + tension, data, family = stats::poisson())
  glms <- lapply(list(breaks ~ wool, breaks ~ wool + tension), stats::glm, stats::poisson(), data, control = tight_glm)
  theirs <- lmtest::lrtest(glms[[1]], glms[[2]])
  list(
    `likelihood ratio` = list(2 * (stats::logLik(large) - stats::logLik(small)), theirs$Chisq[2]),
    `z values` = list(coef(large) / standard_errors(large), lmtest::coeftest(glms[[2]])[, 3])
  )
}

list(
  known_answer("profile intervals, Poisson", "warpbreaks", "MASS", c(`profile intervals` = 4), like_profile,
    "confint.glm() interpolates its profile by splines"),
  known_answer("robust errors, Poisson", "warpbreaks", "sandwich", c(sandwich = 7, clustered = 7), like_sandwich),
  known_answer("clustered errors, Poisson", "warpbreaks", "clubSandwich", c(clustered = 7), like_club_sandwich, "CR1"),
  known_answer("nested models, Poisson", "warpbreaks", "lmtest", c(`likelihood ratio` = 9, `z values` = 7), like_lmtest)
)
