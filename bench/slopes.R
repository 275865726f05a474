# How often the 95 % intervals of summary(<rate study>) cover the slope that they are about: 300 studies each of laws of
# losses with a known line, and of resamples of real studies with many replications, whose own slope is then the truth.
#   Rscript bench/slopes.R [studies]
library(expertmix)
studies <- c(as.integer(commandArgs(TRUE)), 300L)[1]
set.seed(13)

laws <- list(
  "lognormal, sd 0.5" = list(draw = function(k) exp(0.5 * rnorm(k)), mean = exp(0.125), median = 1),
  "lognormal, sd 1" = list(draw = function(k) exp(rnorm(k)), mean = exp(0.5), median = 1),
  "|normal|" = list(draw = function(k) abs(rnorm(k)), mean = sqrt(2 / pi), median = qnorm(0.75)),
  "norm of 5 normals" = list(
    draw = function(k) sqrt(rchisq(k, 5)), mean = sqrt(2) * gamma(3) / gamma(2.5), median = sqrt(qchisq(0.5, 5))
  ),
  "its square" = list(draw = function(k) rchisq(k, 5), mean = 5, median = qchisq(0.5, 5)),
  "Weibull, shape 0.5" = list(draw = function(k) rweibull(k, 0.5), mean = 2, median = log(2)^2)
)

# A study whose losses are given: a matrix with a column for each size.
study_of <- function(template, n, losses) {
  rows <- expand.grid(replication = seq_len(nrow(losses)), n = n)
  template$results <- data.frame(rows, exact = c(losses), attained = TRUE, log_likelihood = 0, warnings = "")
  template
}

line <- function(n, values) coef(lm(log(values) ~ log(n)))[[2]]

# Shares of `studies` whose intervals cover the slopes of mean and median, and of those said to bend.
coverage <- function(template, n, truth, draw) {
  found <- replicate(studies, {
    slopes <- summary(study_of(template, n, draw()))$slopes
    c(slopes$lower <= truth & truth <= slopes$upper, slopes$p_curvature < 0.01)
  })
  100 * rowMeans(found)
}

design <- theory_design("softmax-exact")
sizes <- c(300, 1000, 3000, 10000)
template <- rate_study(design, n = 100, replications = 1, seed = 1, progress = FALSE)
real <- rate_study(design, n = sizes, replications = 300, seed = 1, progress = FALSE, loss = list(
  exact = "exact", KL = function(estimate, truth) kl_divergence(estimate, truth, seq(0.05, 0.95, by = 0.1))
))
pools <- list(
  "Voronoi loss" = do.call(cbind, split(real$results$exact, real$results$n)),
  "KL divergence" = do.call(cbind, split(real$results$KL, real$results$n))
)

rows <- list()
for (shape in list(c(3, 10), c(3, 40), c(8, 20), c(20, 10))) {
  n <- round(10^seq(3, 5, length.out = shape[1]))
  for (name in names(laws)) {
    draw <- function() matrix(laws[[name]]$draw(prod(shape)), shape[2]) %*% diag(n^-0.5)
    rows[[length(rows) + 1]] <- c(list(name, shape[1], shape[2]), coverage(template, n, c(-0.5, -0.5), draw))
  }
}
for (name in names(pools)) {
  pool <- pools[[name]]
  truth <- c(line(sizes, colMeans(pool)), line(sizes, apply(pool, 2, median)))
  for (replications in c(10, 20, 40)) {
    draw <- function() apply(pool, 2, sample, replications, replace = TRUE)
    rows[[length(rows) + 1]] <- c(list(name, 4, replications), coverage(template, sizes, truth, draw))
  }
}
table <- do.call(rbind, lapply(rows, function(row) {
  names <- c("losses", "sizes", "replications", "mean", "median", "mean bends", "median bends")
  stats::setNames(as.data.frame(row), names)
}))
cat(sprintf("Coverage in %% of 95 %% intervals, %d studies a row (standard error %.1f); share said to bend at 1 %%\n",
  studies, 100 * sqrt(0.95 * 0.05 / studies)))
print(table, digits = 3, row.names = FALSE)
cat("\nAll rows together:\n")
print(round(colMeans(table[4:7]), 1))
