# Simulations of the vignette tests-and-intervals, about a quarter of an hour on one thread:
#   Rscript vignettes/precompute-coverage.R [gaussian | multinomial | families | heavy | clusters | bootstrap |
#     prediction | pit]
# Writes vignettes/coverage.csv, in which it replaces the rows of the studies that it runs, and vignettes/pit.csv.
# Everything is a function of the seeds below, one for every size and replication.

library(expertmix)
arguments <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("^--file=", "", grep("^--file=", arguments, value = TRUE)))

seeded <- function(seed) set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

quiet <- function(code) suppressWarnings(code, classes = "expertmix_warning")

# Two lines that overlap, each on its side of a gate with slope 2.
two_lines <- mixing_measure(gate = cbind(0, c(0, 2)), experts = cbind(c(-1, -0.5), c(1, 1)), sigma = c(0.7, 0.4))

# Two experts with three classes; their covariate is not the gate's.
two_tables <- mixing_measure(
  gate = rbind(0, z = c(0, 2)), experts = array(c(0, 0, 1, 1, -1, -1, 0, 0, -1, 1, 1, -1), c(2, 3, 2)),
  family = multinomial()
)

uniform <- function(n) runif(n, -2, 2)

drawn_lines <- function(n) rmoe(n, two_lines, uniform)

drawn_tables <- function(n) rmoe(n, two_tables, uniform, uniform)

# The lines with errors from a t distribution with five degrees of freedom, with the same standard deviations.
heavy_lines <- function(n) {
  data <- drawn_lines(n)
  data$y <- expert_means(data) + two_lines$sigma[data$expert] * rt(n, 5) / sqrt(5 / 3)
  data
}

expert_means <- function(data) two_lines$experts[1, data$expert] + two_lines$experts[2, data$expert] * data$x1

# The lines with an intercept of its own for every ten rows.
clustered_lines <- function(n) {
  data <- drawn_lines(n)
  data$id <- rep(seq_len(n / 10), each = 10)
  data$y <- data$y + rnorm(n / 10, sd = 0.4)[data$id]
  data
}

# Two experts of another family under the gate of the lines.
two_experts <- function(family, experts, sigma = NULL) {
  mixing_measure(gate = two_lines$gate, experts = experts, sigma = sigma, family = family)
}
two_of <- list(
  poisson = two_experts(poisson(), cbind(c(0.5, -0.8), c(2, 0.5))),
  binomial = two_experts(binomial(), cbind(c(-1, -1), c(1, 1.2))),
  Gamma = two_experts(Gamma("log"), cbind(c(0, -0.5), c(1, 0.6)), c(0.5, 0.3))
)

drawn_of <- function(measure) function(n) rmoe(n, measure, uniform)

# One to ten trials in every row.
drawn_trials <- function(n) {
  data <- drawn_of(two_of$binomial)(n)
  data$trials <- rep_len(1:10, n)
  eta <- two_of$binomial$experts[1, data$expert] + two_of$binomial$experts[2, data$expert] * data$x1
  data$y <- rbinom(n, data$trials, plogis(eta))
  data
}

fit_from <- function(measure) {
  response <- if (measure$family$family == "binomial") quote(cbind(y, trials - y)) else quote(y)
  formula <- eval(bquote(.(response) ~ x1))
  function(data) quiet(moe(formula, data, family = measure$family, start = measure, control = moe_control(seed = 1)))
}

true_of <- function(measure) {
  scalars <- if (length(measure$sigma)) log(measure$sigma)
  with(measure, c(gate[, 2] - gate[, 1], rbind(experts, scalars)))
}

fit_lines <- function(data) quiet(moe(y ~ x1, data, start = two_lines, control = moe_control(seed = 1)))

fit_tables <- function(data) quiet(moe(y ~ x1 | z, data, start = two_tables, control = moe_control(seed = 1)))

# The parameters of a measure as coef() of a fit has them.
true_lines <- with(two_lines, c(gate[, 2] - gate[, 1], rbind(experts, log(sigma))))
true_tables <- with(two_tables, c(gate[, 2] - gate[, 1], experts[, -1, ]))

# The nearest mixture to what is drawn, in Kullback-Leibler divergence: a fit to a million rows.
projection <- function(draw, fit) {
  seeded(0)
  coef(fit(draw(1e6)))
}

# By which intervals does a fit to data of one seed miss the target, and on which side? With a rise, the fit was not the
# highest maximum.
missed <- function(seed, n, draw, fit, methods, target) {
  seeded(1e4 * seed + n)
  data <- draw(n)
  found <- fit(data)
  rows <- lapply(names(methods), function(method) {
    rises <- FALSE
    ends <- withCallingHandlers(methods[[method]](found, data), expertmix_warning = function(warning) {
      rises <<- rises || inherits(warning, "expertmix_warning_profile")
      rlang::cnd_muffle(warning)
    })
    data.frame(method = method, parameter = rownames(ends), below = target < ends[, 1], above = target > ends[, 2],
      rises = rises)
  })
  do.call(rbind, rows)
}

# Shares of replications with an interval in which the target is below or above it, and how many had none.
coverage <- function(study, n, draw, fit, methods, target, replications = 1000) {
  each <- lapply(seq_len(replications), function(seed) {
    if (seed %% 100 == 0) message(sprintf("%s, n = %d: %d of %d", study, n, seed, replications))
    missed(seed, n, draw, fit, methods, target)
  })
  each <- do.call(rbind, each)
  by <- each[c("parameter", "method")]
  by[] <- lapply(by, function(names) factor(names, unique(names)))
  mean_by <- function(values) as.vector(tapply(values, by, mean, na.rm = TRUE))
  sum_by <- function(values) as.vector(tapply(values, by, sum))
  table <- expand.grid(lapply(by, levels), stringsAsFactors = FALSE)
  below <- mean_by(each$below)
  above <- mean_by(each$above)
  data.frame(study, n, table, replications, missing = sum_by(is.na(each$below)), rises = sum_by(each$rises),
    below, above, coverage = 1 - below - above)
}

by_wald <- function(...) function(fit, data) confint(fit, ...)

by_profile <- function(fit, data) confint(fit, method = "profile")

by_cluster <- function(fit, data) confint(fit, cluster = data$id)

by_cases <- function(fit, data) quiet(confint(moe_boot(fit, 200, type = "case", seed = 1, progress = FALSE)))

likelihood <- list(wald = by_wald(), profile = by_profile)

gaussian_study <- function() {
  over <- lapply(c(250, 500, 1000), function(n) {
    coverage("gaussian", n, drawn_lines, fit_lines, likelihood, true_lines)
  })
  do.call(rbind, over)
}

multinomial_study <- function() {
  over <- lapply(c(1000, 4000), function(n) {
    coverage("multinomial", n, drawn_tables, fit_tables, likelihood, true_tables)
  })
  do.call(rbind, over)
}

families_study <- function() {
  over <- lapply(names(two_of), function(family) {
    draw <- if (family == "binomial") drawn_trials else drawn_of(two_of[[family]])
    coverage(family, 1000, draw, fit_from(two_of[[family]]), likelihood, true_of(two_of[[family]]))
  })
  do.call(rbind, over)
}

heavy_study <- function() {
  target <- projection(heavy_lines, fit_lines)
  over <- lapply(c(1000, 4000), function(n) {
    coverage("heavy", n, heavy_lines, fit_lines, list(observed = by_wald(), sandwich = by_wald(type = "sandwich")),
      target)
  })
  do.call(rbind, over)
}

cluster_study <- function() {
  coverage("clusters", 1000, clustered_lines, fit_lines,
    list(observed = by_wald(), sandwich = by_wald(type = "sandwich"), cluster = by_cluster),
    projection(clustered_lines, fit_lines))
}

bootstrap_study <- function() {
  coverage("bootstrap", 1000, heavy_lines, fit_lines, list(sandwich = by_wald(type = "sandwich"), cases = by_cases),
    projection(heavy_lines, fit_lines), 200)
}

# Shares of new rows below and above an interval for them.
outside <- function(study, n, method, interval, y) {
  data.frame(study, n, method, below = mean(y < interval[, "lwr"]), above = mean(y > interval[, "upr"]))
}

predicted_rows <- function(seed, n) {
  seeded(1e4 * seed + n)
  fit <- fit_lines(drawn_lines(n))
  new <- drawn_lines(1e5)
  outside("prediction", n, "plug-in", predict(fit, new, interval = "prediction"), new$y)
}

# One line with one standard deviation for what two lines have drawn.
conformal_rows <- function(seed, n) {
  seeded(1e4 * seed + n)
  fit <- moe(y ~ x1, drawn_lines(n), experts = 1)
  calibration <- drawn_lines(n)
  new <- drawn_lines(1e4)
  conformal <- predict(fit, new, interval = "conformal", calibration = calibration)
  rbind(
    outside("wrong model", n, "plug-in", predict(fit, new, interval = "prediction"), new$y),
    outside("wrong model", n, "conformal", conformal, new$y)
  )
}

prediction_study <- function() {
  each <- rbind(
    do.call(rbind, Map(predicted_rows, 1:20, 250)), do.call(rbind, Map(predicted_rows, 1:20, 1000)),
    do.call(rbind, Map(conformal_rows, 1:200, 200))
  )
  table <- aggregate(cbind(below, above) ~ study + n + method, each, mean)
  counts <- aggregate(below ~ study + n + method, each, length)
  data.frame(table[c("study", "n", "method")], parameter = "new response", replications = counts$below, missing = 0,
    rises = 0, table[c("below", "above")], coverage = 1 - table$below - table$above)
}

# P-values of Kolmogorov-Smirnov tests that F(y) is uniform, of 200 sets of responses drawn from a fit, at its own
# parameters.
pit_values <- function() {
  seeded(1)
  data <- drawn_lines(500)
  data$count <- rpois(500, exp(1 + 0.5 * data$x1 + (data$x1 > 0)))
  fits <- list(gaussian = fit_lines(data), poisson = quiet(moe(count ~ x1, data, family = poisson(),
    control = moe_control(seed = 1))))
  each <- lapply(names(fits), function(family) {
    draws <- simulate(fits[[family]], 200, seed = 1)
    response <- all.vars(fits[[family]]$formula)[1]
    p <- vapply(draws, function(drawn) {
      data[[response]] <- drawn
      stats::ks.test(scores(fits[[family]], data)$pit, "punif")$p.value
    }, 0)
    data.frame(family, p = unname(p))
  })
  do.call(rbind, each)
}

write_table <- function(table, name) {
  table <- rapply(table, signif, "numeric", how = "replace", digits = 7)
  write.csv(table, file.path(here, name), row.names = FALSE, quote = FALSE)
}

# The rows of other studies stay.
replace_rows <- function(table) {
  file <- file.path(here, "coverage.csv")
  kept <- if (file.exists(file)) read.csv(file)
  write_table(rbind(kept[!kept$study %in% table$study, ], table), "coverage.csv")
}

studies <- list(gaussian = gaussian_study, multinomial = multinomial_study, families = families_study,
  heavy = heavy_study, clusters = cluster_study, bootstrap = bootstrap_study, prediction = prediction_study)
if (!interactive() && length(here)) {
  chosen <- commandArgs(TRUE)
  for (name in if (length(chosen)) chosen else c(names(studies), "pit")) {
    seconds <- system.time(if (name == "pit") write_table(pit_values(), "pit.csv") else replace_rows(studies[[name]]()))
    message(sprintf("%s: %.0f s", name, seconds[["elapsed"]]))
  }
}
