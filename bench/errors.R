# What covariances cost at n = 1e5, p = 10, K = 4, of a fit to matrices and of one to a formula, whose design matrices
# are built again: milliseconds of one thread, medians of nine runs. bench/pass.cpp times a pass with the observed
# information.
#   Rscript bench/errors.R
library(expertmix)
set.seed(1)
n <- 1e5
p <- 10
k <- 4
x <- matrix(rnorm(n * p), n, dimnames = list(NULL, paste0("x", 1:p)))
truth <- mixing_measure(
  cbind(0, matrix(rnorm((p + 1) * (k - 1), 0, 0.7), p + 1)), matrix(rnorm((p + 1) * k, 0, 2), p + 1), rep(0.5, k)
)
d <- rmoe(n, truth, x)
control <- moe_control(seed = 1)
fits <- list(
  matrices = moe_fit(cbind(1, x), d$y, experts = k, start = truth, control = control),
  formula = moe(reformulate(colnames(x), "y"), d, experts = k, start = truth, control = control)
)
id <- rep_len(1:1000, n)
milliseconds <- function(f) 1e3 * stats::median(replicate(9, system.time(f())[["elapsed"]]))
print(sapply(fits, function(fit) {
  c(
    sandwich = milliseconds(function() vcov(fit, type = "sandwich")),
    opg = milliseconds(function() vcov(fit, type = "opg")),
    `1000 clusters` = milliseconds(function() vcov(fit, cluster = id)),
    `design matrices` = milliseconds(function() expertmix:::fitted_design(fit))
  )
}))
