# A random case: R code that depends on the seed alone. `setup` makes the data, `fit` fits, `after` uses the fit.

random_case <- function(seed) {
  set.seed(seed, "Mersenne-Twister", "Inversion", "Rejection")
  data <- draw_data()
  fit <- draw_fit(data)
  path <- startsWith(fit$kind, "path")
  list(
    seed = seed, kind = fit$kind, setup = c(data$code, fit$before, paste("control <-", draw_control())),
    fit = paste(if (path) "p <-" else "f <-", fit$call), after = draw_methods(fit$kind, data$family)
  )
}

case_code <- function(case) c("library(expertmix)", case$setup, case$fit, case$after)
