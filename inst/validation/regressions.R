# One expert is a regression that other programs fit.

# Least squares divides the residual sum of squares by n - p, maximum likelihood by n.
unbiased <- function(fit) {
  p <- nrow(coef(fit, part = "experts"))
  sqrt(stats::nobs(fit) / (stats::nobs(fit) - p))
}

# NIST's certified values: coefficients, their standard errors, residual standard deviation.
certified <- function(formula, data, coefficients, errors, deviation) {
  fit <- single(formula, data)
  p <- length(coefficients)
  list(
    coefficients = list(coef(fit)[seq_len(p)], coefficients),
    `standard errors` = list(unbiased(fit) * standard_errors(fit)[seq_len(p)], errors),
    `residual deviation` = list(unbiased(fit) * stats::sigma(fit), deviation)
  )
}

norris <- data.frame(
  y = c(
    0.1, 338.8, 118.1, 888.0, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1, 778.1, 668.8, 339.3, 448.9,
    10.8, 557.7, 228.3, 998.0, 888.8, 119.6, 0.3, 0.6, 557.6, 339.3, 888.0, 998.5, 778.9, 10.2, 117.6, 228.9, 668.4,
    449.2, 0.2
  ),
  x = c(
    0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777.0, 558.2, 0.4, 0.6, 775.5, 666.9, 338.0, 447.5,
    11.6, 556.0, 228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8, 339.1, 887.2, 999.0, 779.0, 11.1, 118.3, 229.2, 669.1,
    448.9, 0.5
  )
)

# Wampler's polynomial of degree 5 with coefficients 1, and an error `times` as large.
wampler <- function(times) {
  x <- 0:20
  half <- c(759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048)
  error <- c(half, 2048, rev(half))
  data <- data.frame(x = x, y = 1 + x + x^2 + x^3 + x^4 + x^5 + times * error)
  errors <- c(2152.32624678170, 2363.55173469681, 779.343524331583, 101.475507550350, 5.64566512170752,
    0.112324854679312)
  certified(y ~ x + I(x^2) + I(x^3) + I(x^4) + I(x^5), data, rep(1, 6), times * errors, times * 2360.14502379268)
}

nist_units <- function() {
  transform(
    datasets::longley, Employed = 1000 * Employed, GNP = 1000 * GNP, Unemployed = 10 * Unemployed,
    Armed.Forces = 10 * Armed.Forces, Population = 1000 * Population
  )
}

# Estimates, errors and predictions of one expert against those of glm().
like_glm <- function(formula, data, family) {
  ours <- single(formula, data, family = family)
  theirs <- stats::glm(formula, family, data, control = tight_glm)
  p <- length(coef(theirs))
  list(
    coefficients = list(coef(ours)[seq_len(p)], coef(theirs)),
    `standard errors` = list(standard_errors(ours)[seq_len(p)], standard_errors(theirs)),
    predictions = list(stats::predict(ours, data), stats::predict(theirs, data, type = "response")),
    `log-likelihood` = list(stats::logLik(ours), stats::logLik(theirs))
  )
}

# A maximum by glm() for the mean and optimize() for the shape.
like_gamma_glm <- function() {
  cars <- datasets::cars
  ours <- single(dist ~ speed, cars, family = stats::Gamma("log"))
  theirs <- stats::glm(dist ~ speed, stats::Gamma("log"), cars, control = tight_glm)
  shape <- MASS::gamma.shape(theirs, it.lim = 200, eps.max = 1e-13)$alpha
  means <- stats::fitted(theirs)
  list(
    coefficients = list(coef(ours)[1:2], coef(theirs)),
    `coefficient of variation` = list(stats::sigma(ours), 1 / sqrt(shape)),
    `log-likelihood` = list(
      stats::logLik(ours), sum(stats::dgamma(cars$dist, shape, shape / means, log = TRUE))
    )
  )
}

like_glm_nb <- function() {
  ours <- single(Days ~ Sex + Age, MASS::quine, family = expertmix::negative_binomial())
  theirs <- MASS::glm.nb(Days ~ Sex + Age, MASS::quine, control = stats::glm.control(1e-14, 500))
  list(
    coefficients = list(coef(ours)[1:5], coef(theirs)),
    theta = list(exp(coef(ours)[6]), theirs$theta),
    `log-likelihood` = list(stats::logLik(ours), theirs$twologlik / 2)
  )
}

like_multinom <- function() {
  formula <- type ~ glu + bmi + ped
  data <- transform(MASS::Pima.tr, type = cut(age, c(0, 25, 35, 99), labels = c("young", "middle", "old")))
  ours <- single(formula, data, family = expertmix::multinomial())
  theirs <- nnet::multinom(formula, data, trace = FALSE, maxit = 5000, reltol = 1e-16, abstol = 1e-16, Hess = TRUE)
  list(
    coefficients = list(coef(ours, part = "experts")[, -1, 1], t(coef(theirs))),
    `standard errors` = list(standard_errors(ours), sqrt(diag(solve(theirs$Hessian)))),
    predictions = list(stats::predict(ours), stats::fitted(theirs)),
    `log-likelihood` = list(stats::logLik(ours), stats::logLik(theirs))
  )
}

student_loss <- function(parameters, df) {
  location <- parameters[1] + parameters[2] * datasets::cars$speed
  df <- if (is.null(df)) exp(parameters[4]) else df
  -sum(stats::dt((datasets::cars$dist - location) / exp(parameters[3]), df, log = TRUE) - parameters[3])
}

# Student-t regression against a maximum by optim() from elsewhere and derivatives by numDeriv.
like_student <- function(df) {
  ours <- single(dist ~ speed, datasets::cars, family = expertmix::student_t(df))
  loss <- function(parameters) student_loss(parameters, df)
  start <- c(-16, 3.7, 2.4, if (is.null(df)) 1.5)
  near <- stats::optim(start, loss, method = "BFGS", control = list(reltol = 1e-15, maxit = 1000))
  newton <- near$par
  for (step in 1:5) newton <- newton - solve(numDeriv::hessian(loss, newton), numDeriv::grad(loss, newton))
  list(
    coefficients = list(coef(ours), newton),
    `standard errors` = list(standard_errors(ours), sqrt(diag(solve(numDeriv::hessian(loss, newton))))),
    `log-likelihood` = list(stats::logLik(ours), -loss(newton))
  )
}

like_hett <- function() {
  ours <- single(dist ~ speed, datasets::cars, family = expertmix::student_t(4))
  theirs <- hett::tlm(dist ~ speed, data = datasets::cars, start = list(dof = 4),
    control = hett::tlm.control(1e-12, 500))
  list(
    coefficients = list(coef(ours)[1:2], coef(theirs$loc.fit)),
    scale = list(stats::sigma(ours), exp(coef(theirs$scale.fit) / 2))
  )
}

like_fitdistr <- function() {
  ours <- single(y ~ 1, data.frame(y = MASS::galaxies / 1000), family = expertmix::student_t(5))
  theirs <- MASS::fitdistr(MASS::galaxies / 1000, "t", df = 5, list(m = 21, s = 3),
    control = list(reltol = 1e-16, maxit = 2000))
  list(
    `location and scale` = list(c(coef(ours)[1], stats::sigma(ours)), theirs$estimate),
    `log-likelihood` = list(stats::logLik(ours), theirs$loglik)
  )
}

list(
  known_answer("linear regression", "Longley", "NIST StRD",
    c(coefficients = 10, `standard errors` = 10, `residual deviation` = 12),
    function() {
      certified(Employed ~ GNP.deflator + GNP + Unemployed + Armed.Forces + Population + Year, nist_units(),
        c(-3482258.63459582, 15.0618722713733, -0.0358191792925910, -2.02022980381683, -1.03322686717359,
          -0.0511041056535807, 1829.15146461355),
        c(890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699, 0.214274163161675,
          0.226073200069370, 455.478499142212),
        304.854073561965)
    }, "multicollinear, difficulty higher"),
  known_answer("linear regression", "Norris", "NIST StRD",
    c(coefficients = 11, `standard errors` = 11, `residual deviation` = 11),
    function() {
      certified(y ~ x, norris, c(-0.262323073774029, 1.00211681802045), c(0.232818234301152, 0.000429796848199937),
        0.884796396144373)
    }),
  known_answer("linear regression", "Wampler3", "NIST StRD",
    c(coefficients = 8, `standard errors` = 8, `residual deviation` = 12), function() wampler(1),
    "degree 5, difficulty higher"),
  known_answer("linear regression", "Wampler4", "NIST StRD",
    c(coefficients = 3, `standard errors` = 8, `residual deviation` = 12), function() wampler(100),
    "degree 5, difficulty higher; the first standard error is 215 232 times its coefficient: off by 1e-9 of it"),
  known_answer("linear regression", "Wampler5", "NIST StRD",
    c(coefficients = 4, `standard errors` = 8, `residual deviation` = 12), function() wampler(10000),
    "degree 5, difficulty higher; the first standard error is 2e7 times its coefficient"),
  known_answer("linear regression", "NoInt1", "NIST StRD",
    c(coefficients = 12, `standard errors` = 12, `residual deviation` = 12),
    function() {
      certified(y ~ x - 1, data.frame(y = 130:140, x = 60:70), 2.07438016528926, 0.0165289256198347, 3.56753034006338)
    }, "no intercept"),
  known_answer("linear regression", "NoInt2", "NIST StRD",
    c(coefficients = 11, `standard errors` = 12, `residual deviation` = 12),
    function() {
      certified(y ~ x - 1, data.frame(y = c(3, 4, 4), x = 4:6), 0.727272727272727, 0.0420827318078432,
        0.369274472937998)
    }, "no intercept"),
  known_answer("linear regression", "cars", "stats",
    c(coefficients = 10, `standard errors` = 12, predictions = 10, `log-likelihood` = 12),
    function() {
      ours <- single(dist ~ speed, datasets::cars)
      theirs <- stats::lm(dist ~ speed, datasets::cars)
      list(
        coefficients = list(coef(ours)[1:2], coef(theirs)),
        `standard errors` = list(unbiased(ours) * standard_errors(ours)[1:2], standard_errors(theirs)),
        predictions = list(stats::predict(ours), stats::predict(theirs)),
        `log-likelihood` = list(stats::logLik(ours), stats::logLik(theirs))
      )
    }, "lm()"),
  known_answer("Poisson regression", "warpbreaks", "stats",
    c(coefficients = 9, `standard errors` = 9, predictions = 9, `log-likelihood` = 12),
    function() like_glm(breaks ~ wool * tension, datasets::warpbreaks, stats::poisson()), "glm()"),
  known_answer("binomial regression", "infert", "stats",
    c(coefficients = 8, `standard errors` = 8, predictions = 8, `log-likelihood` = 12),
    function() like_glm(case ~ spontaneous + induced + age, datasets::infert, stats::binomial()), "glm()"),
  known_answer("Gamma regression", "cars", "MASS",
    c(coefficients = 6, `coefficient of variation` = 10, `log-likelihood` = 12), like_gamma_glm,
    "glm() and gamma.shape()"),
  known_answer("negative binomial regression", "quine", "MASS",
    c(coefficients = 6, theta = 6, `log-likelihood` = 11), like_glm_nb, "glm.nb()"),
  known_answer("multinomial regression", "Pima.tr", "nnet",
    c(coefficients = 4, `standard errors` = 4, predictions = 4, `log-likelihood` = 9), like_multinom,
    "multinom() stops by BFGS"),
  known_answer("Student-t regression, df = 4", "cars", "numDeriv",
    c(coefficients = 6, `standard errors` = 6, `log-likelihood` = 12), function() like_student(4),
    "optim(), then Newton steps by numDeriv"),
  known_answer("Student-t regression, df estimated", "cars", "numDeriv",
    c(coefficients = 6, `standard errors` = 6, `log-likelihood` = 12), function() like_student(NULL),
    "optim(), then Newton steps by numDeriv"),
  known_answer("Student-t regression, df = 4", "cars", "hett", c(coefficients = 4, scale = 4), like_hett, "tlm()"),
  known_answer("Student-t location and scale", "galaxies", "MASS",
    c(`location and scale` = 4, `log-likelihood` = 9), like_fitdistr, "fitdistr() stops by optim()")
)
