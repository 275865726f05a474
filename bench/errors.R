# What covariances cost at n = 1e5, p = 10, K = 4: seconds of one thread, medians of five runs. A fit's restart at its end
# does passes with score, EM information and observed information; bench/pass.cpp times such passes alone.
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
fit <- moe(reformulate(colnames(x), "y"), d, experts = k, start = truth, control = moe_control(seed = 1))
median_seconds <- function(expression) {
  expression <- substitute(expression)
  caller <- parent.frame()
  stats::median(replicate(5, system.time(eval(expression, caller))[["elapsed"]]))
}
seconds <- c(
  `design matrices` = median_seconds(model.matrix(fit)),
  scores = median_seconds(sandwich::estfun(fit)),
  sandwich = median_seconds(vcov(fit, type = "sandwich")),
  `sandwich, 1000 clusters` = median_seconds(vcov(fit, cluster = rep_len(1:1000, n))),
  opg = median_seconds(vcov(fit, type = "opg"))
)
print(round(seconds, 3))
