# What 999 replicates of a bootstrap take, K = 2 and n = 500: CPU seconds of one core, medians of three runs.
#   Rscript bench/boot.R
library(expertmix)
set.seed(1)
n <- 500
d <- data.frame(x = runif(n, -2, 2), z = rnorm(n))
d$y <- ifelse(runif(n) < plogis(d$z), 1 + 2 * d$x, -1 - 1.5 * d$x) + rnorm(n, 0, 0.4)
fit <- moe(y ~ x | z, d, control = moe_control(seed = 1))
new <- data.frame(x = 1, z = 0)
runs <- list(
  parametric = function() moe_boot(fit, seed = 1),
  cases = function() moe_boot(fit, type = "case", seed = 1),
  `with a store` = function() moe_boot(fit, seed = 1, store = tempfile()),
  `with a statistic` = function() moe_boot(fit, seed = 1, statistic = function(fit) predict(fit, new))
)
seconds <- function(f) stats::median(replicate(3, sum(system.time(f())[c("user.self", "sys.self")])))
print(round(vapply(runs, seconds, 0), 1))
