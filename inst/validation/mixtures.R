# Mixtures of regressions: each program climbs on from our maximum.

# flexmix from our responsibilities; its gate is a formula.
like_flexmix <- function(ours, formula, gate, data, family) {
  theirs <- flexmix::flexmix(formula, data, k = ncol(posterior(ours)), cluster = posterior(ours),
    model = flexmix::FLXMRglm(family = family), concomitant = flexmix::FLXPmultinom(gate),
    control = list(tolerance = 1e-15, iter.max = 5000, minprior = 0))
  new <- lapply(flexmix::predict(theirs, data), drop)
  stopifnot(stats::logLik(ours) >= flexmix::logLik(theirs) - 1e-9)
  list(
    `log-likelihood` = list(stats::logLik(ours), flexmix::logLik(theirs)),
    coefficients = list(coef(ours, part = "experts"), flexmix::parameters(theirs)),
    gate = list(coef(ours, part = "gate")[, -1], theirs@concomitant@coef[, -1]),
    predictions = list(stats::predict(ours, data, type = "experts"), unlist(new))
  )
}

flexmix_patents <- function() {
  patent <- from_package("patent", "flexmix")
  like_flexmix(fitted_mixture(Patents ~ lgRD | RDS, patent, 3, family = stats::poisson()), Patents ~ lgRD, ~RDS, patent,
    "poisson")
}

flexmix_counts <- function() {
  counts <- from_package("NPreg", "flexmix")
  like_flexmix(fitted_mixture(yp ~ x | 1, counts, family = stats::poisson()), yp ~ x, ~1, counts, "poisson")[-3]
}

# Standard errors by optim() at the end of flexmix's EM steps: of the experts, and of the gate's intercept.
flexmix_errors <- function() {
  counts <- from_package("NPreg", "flexmix")
  ours <- fitted_mixture(yp ~ x | 1, counts, family = stats::poisson())
  theirs <- flexmix::flexmix(yp ~ x, counts, k = 2, cluster = posterior(ours),
    model = flexmix::FLXMRglm(family = "poisson"), control = list(tolerance = 1e-15, iter.max = 5000))
  refitted <- flexmix::refit(theirs, method = "optim")
  list(`standard errors` = list(standard_errors(ours)[-1], errors_of(refitted@vcov)[1:4]))
}

flexmix_trials <- function() {
  trials <- from_package("betablocker", "flexmix")
  ours <- fitted_mixture(cbind(Deaths, Total - Deaths) ~ Treatment | 1, trials, 3, family = stats::binomial())
  like_flexmix(ours, cbind(Deaths, Total - Deaths) ~ Treatment, ~1, trials, "binomial")[-3]
}

# flexmix's variances are those of lm(): the coefficients and the log-likelihood are a little off the maximum.
flexmix_lines <- function() {
  lines <- from_package("NPreg", "flexmix")
  ours <- fitted_mixture(yn ~ x + I(x^2) | x, lines)
  theirs <- flexmix::flexmix(yn ~ x + I(x^2), lines, k = 2, cluster = posterior(ours),
    concomitant = flexmix::FLXPmultinom(~x), control = list(tolerance = 1e-15, iter.max = 5000))
  shown <- flexmix::parameters(theirs)
  stopifnot(stats::logLik(ours) > flexmix::logLik(theirs))
  list(
    `log-likelihood` = list(stats::logLik(ours), flexmix::logLik(theirs)),
    coefficients = list(coef(ours, part = "experts"), shown[1:3, ]),
    sigma = list(stats::sigma(ours), shown[4, ])
  )
}

like_depmix <- function(formula, gate, both, data, experts = 2) {
  ours <- fitted_mixture(both, data, experts)
  model <- depmixS4::mix(formula, data = data, nstates = experts, prior = gate, family = stats::gaussian())
  start <- rbind(coef(ours, part = "experts"), stats::sigma(ours))
  model <- depmixS4::setpars(model, c(t(coef(ours, part = "gate")), start))
  control <- depmixS4::em.control(maxit = 5000, tol = 1e-14, crit = "relative", random.start = FALSE)
  utils::capture.output(theirs <- depmixS4::fit(model, verbose = FALSE, emcontrol = control))
  responses <- lapply(theirs@response, function(state) state[[1]]@parameters)
  coefficients <- vapply(responses, function(r) unname(r$coefficients), coef(ours, part = "experts")[, 1])
  gates <- theirs@prior@parameters$coefficients[, -1]
  list(
    `log-likelihood` = list(stats::logLik(ours), depmixS4::logLik(theirs)),
    coefficients = list(coef(ours, part = "experts"), coefficients),
    gate = list(coef(ours, part = "gate")[, -1], gates),
    sigma = list(stats::sigma(ours), vapply(responses, function(r) r$sd, 0)),
    `standard errors` = list(standard_errors(ours)[c(1:4, 6, 7)], depmix_errors(theirs))
  )
}

# Of the gate's coefficients of the second expert, then of the two lines; sigma is on another scale there.
depmix_errors <- function(fit) depmixS4::standardError(fit)$se[c(2, 4, 5, 6, 8, 9)]

mixtools_lines <- function() {
  nitrogen <- from_package("NOdata", "mixtools")
  ours <- fitted_mixture(Equivalence ~ NO | 1, nitrogen)
  gate <- colMeans(stats::predict(ours, type = "gate"))
  utils::capture.output(theirs <- mixtools::regmixEM(nitrogen$Equivalence, nitrogen$NO, lambda = gate,
    beta = coef(ours, part = "experts"), sigma = stats::sigma(ours), epsilon = 1e-14, maxit = 10000))
  list(
    `log-likelihood` = list(stats::logLik(ours), theirs$loglik),
    coefficients = list(coef(ours, part = "experts"), theirs$beta), sigma = list(stats::sigma(ours), theirs$sigma),
    gate = list(gate, theirs$lambda), posterior = list(posterior(ours)[, 1], theirs$posterior[, 1])
  )
}

# hmeEM() gives its first component the logistic probability.
mixtools_gate <- function() {
  nitrogen <- from_package("NOdata", "mixtools")
  ours <- fitted_mixture(Equivalence ~ NO, nitrogen)
  utils::capture.output(theirs <- mixtools::hmeEM(nitrogen$Equivalence, nitrogen$NO, k = 2,
    beta = coef(ours, part = "experts")[, 2:1], sigma = stats::sigma(ours)[2:1], w = coef(ours, part = "gate")[, 2],
    epsilon = 1e-8, maxit = 10000))
  list(
    `log-likelihood` = list(stats::logLik(ours), theirs$loglik),
    coefficients = list(coef(ours, part = "experts")[, 2:1], theirs$beta),
    sigma = list(stats::sigma(ours)[2:1], theirs$sigma), gate = list(coef(ours, part = "gate")[, 2], theirs$w)
  )
}

moeclust_growth <- function() {
  growth <- from_package("CO2data", "MoEClust")
  ours <- fitted_mixture(CO2 ~ GNP | GNP, growth)
  suppressWarnings(theirs <- MoEClust::MoE_clust(growth["CO2"], G = 2, modelNames = "V", gating = ~GNP, expert = ~GNP,
    network.data = growth["GNP"], control = MoEClust::MoE_control(init.z = "list", z.list = list(posterior(ours)),
      stopping = "relative", tol = rep(1e-14, 3), itmax = rep(5000, 3), exp.init = list(mahalanobis = FALSE),
      verbose = FALSE)))
  list(
    `log-likelihood` = list(stats::logLik(ours), theirs$loglik[length(theirs$loglik)]),
    coefficients = list(coef(ours, part = "experts"), vapply(theirs$expert, coef, numeric(2))),
    gate = list(coef(ours, part = "gate")[, 2], coef(theirs$gating)),
    sigma = list(stats::sigma(ours), sqrt(theirs$parameters$variance$sigmasq)),
    BIC = list(-stats::BIC(ours), theirs$bic)
  )
}

mclust_faithful <- function() {
  ours <- fitted_mixture(waiting ~ 1 | 1, datasets::faithful)
  theirs <- mclust::meV(datasets::faithful$waiting, posterior(ours),
    control = mclust::emControl(tol = c(1e-15, 1e-15), itmax = c(5000, 5000)))
  list(
    `log-likelihood` = list(stats::logLik(ours), theirs$loglik),
    means = list(coef(ours, part = "experts"), theirs$parameters$mean),
    sigma = list(stats::sigma(ours), sqrt(theirs$parameters$variance$sigmasq)),
    gate = list(stats::predict(ours, type = "gate")[1, ], theirs$parameters$pro)
  )
}

list(
  known_answer("three Poisson regressions, gate on a covariate", "patent", "flexmix",
    c(`log-likelihood` = 7, coefficients = 3, gate = 2, predictions = 2), flexmix_patents,
    "flexmix's gate ends by the rule of nnet, below our log-likelihood", quick = FALSE),
  known_answer("two Poisson regressions", "NPreg", "flexmix",
    c(`log-likelihood` = 9, coefficients = 3, predictions = 3), flexmix_counts,
    "its M-step is glm.fit() to 1e-8; log-likelihood at most ours"),
  known_answer("errors of two Poisson regressions", "NPreg", "flexmix", c(`standard errors` = 2), flexmix_errors,
    "refit() takes second differences"),
  known_answer("three binomial regressions", "betablocker", "flexmix",
    c(`log-likelihood` = 12, coefficients = 5, predictions = 5), flexmix_trials,
    "its M-step is glm.fit() to 1e-8; log-likelihood at most ours"),
  known_answer("two Gaussian regressions, gate on a covariate", "NPreg", "flexmix",
    c(`log-likelihood` = 4, coefficients = 2, sigma = 1), flexmix_lines,
    "flexmix divides variances by n - p - 1: no maximum, and its log-likelihood is lower"),
  known_answer("two Gaussian regressions, gate on a covariate", "NOdata", "depmixS4",
    c(`log-likelihood` = 12, coefficients = 6, gate = 6, sigma = 6, `standard errors` = 2),
    function() like_depmix(Equivalence ~ NO, ~NO, Equivalence ~ NO, from_package("NOdata", "mixtools")),
    "its standard errors by differences"),
  known_answer("two Gaussian regressions", "NOdata", "mixtools",
    c(`log-likelihood` = 12, coefficients = 6, sigma = 6, gate = 7, posterior = 4), mixtools_lines,
    "regmixEM(); some posterior probabilities are 1e-165"),
  known_answer("two Gaussian regressions, gate on a covariate", "NOdata", "mixtools",
    c(`log-likelihood` = 12, coefficients = 5, sigma = 5, gate = 5), mixtools_gate, "hmeEM()"),
  known_answer("two Gaussian regressions, gate on a covariate", "CO2data", "MoEClust",
    c(`log-likelihood` = 12, coefficients = 5, gate = 4, sigma = 5, BIC = 12), moeclust_growth,
    "its gate ends by the rule of nnet"),
  known_answer("two Gaussian densities", "faithful", "mclust",
    c(`log-likelihood` = 12, means = 6, sigma = 5, gate = 5), mclust_faithful, "meV()")
)
