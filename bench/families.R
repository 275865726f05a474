# Mixtures of binomial and Poisson regressions against flexmix, from the same start: Rscript bench/families.R
# bench/README.md says what the numbers mean.

# Two experts on x under a gate on x; a row of trials has one to ten.
draw_case <- function(family, n = 10000) {
  set.seed(1)
  x <- runif(n, -2, 2)
  first <- runif(n) < plogis(0.5 - 1.5 * x)
  trials <- rep_len(1:10, n)
  y <- switch(family,
    poisson = rpois(n, exp(ifelse(first, 0.5 - 0.8 * x, 2 + 0.5 * x))),
    binomial = rbinom(n, trials, plogis(ifelse(first, -1 - x, 1 + 1.2 * x)))
  )
  data.frame(x, y, rest = trials - y, start = 1 + (x > runif(n, -2, 2)))
}

formulas <- list(poisson = y ~ x, binomial = cbind(y, rest) ~ x)

fit_expertmix <- function(family, data) {
  expertmix::moe(formulas[[family]], data, family = family, start = cbind(data$start == 1, data$start == 2) + 0)
}

fit_flexmix <- function(family, data) {
  flexmix::flexmix(formulas[[family]], data, k = 2, cluster = data$start,
    model = flexmix::FLXMRglm(family = family), concomitant = flexmix::FLXPmultinom(~x),
    control = list(iter.max = 5000, tolerance = 1e-8, minprior = 0))
}

fits <- list(expertmix = fit_expertmix, flexmix = fit_flexmix)

# Median CPU seconds of several calls: one a sample where they are long, else as many as the clock can tell.
cpu_seconds <- function(call, samples) {
  cpu <- function(times) {
    used <- system.time(for (i in seq_len(times)) call())
    (used[["user.self"]] + used[["sys.self"]]) / times
  }
  times <- max(1, ceiling(0.2 / max(cpu(1), 1e-4)))
  median(replicate(samples, cpu(times)))
}

compare <- function(family) {
  data <- draw_case(family)
  each <- lapply(names(fits), function(package) {
    fit <- fits[[package]](family, data)
    value <- as.numeric(if (package == "flexmix") flexmix::logLik(fit) else logLik(fit))
    seconds <- cpu_seconds(function() fits[[package]](family, data), if (package == "flexmix") 3 else 9)
    data.frame(family, package, log_likelihood = value, seconds)
  })
  each <- do.call(rbind, each)
  each$ratio <- each$seconds / each$seconds[1]
  each
}

# A negative binomial regression against MASS, where the family is there.
compare_glm_nb <- function(n = 10000) {
  set.seed(1)
  data <- data.frame(x = runif(n, -2, 2))
  data$y <- rnbinom(n, mu = exp(1 + 0.5 * data$x), size = 2)
  family <- getExportedValue("expertmix", "negative_binomial")()
  ours <- function() expertmix::moe(y ~ x, data, experts = 1, family = family)
  theirs <- function() MASS::glm.nb(y ~ x, data)
  each <- data.frame(family = "negative binomial, K = 1", package = c("expertmix", "MASS"),
    log_likelihood = c(as.numeric(logLik(ours())), as.numeric(logLik(theirs()))),
    seconds = c(cpu_seconds(ours, 9), cpu_seconds(theirs, 3)))
  each$ratio <- each$seconds / each$seconds[1]
  each
}

if (!requireNamespace("flexmix", quietly = TRUE)) stop("flexmix is not installed: see tools/setup.sh")
table <- rbind(compare("poisson"), compare("binomial"))
known <- "negative_binomial" %in% getNamespaceExports("expertmix") && requireNamespace("MASS", quietly = TRUE)
if (known) table <- rbind(table, compare_glm_nb())
table$log_likelihood <- sprintf("%.4f", table$log_likelihood)
table$seconds <- signif(table$seconds, 3)
table$ratio <- round(table$ratio, 1)
print(table, row.names = FALSE)
