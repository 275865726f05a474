# Each finding fires on data that have its fault, and sound fits have none; score tests are near likelihood ratios.

settings <- moe_control(starts = 10, seed = 1)
d <- two_lines(500)
d$u <- rnorm(500)
d$g <- factor(rep_len(c("a", "b", "c"), 500))
fit <- moe(y ~ x | z, d, control = settings)

internal <- function(name) get(name, asNamespace("expertmix"))
found <- function(fit) diagnose(fit)$findings$check
test_of <- function(fit, part, term) {
  tests <- diagnose(fit)$tests
  tests[tests$part %in% part & tests$term %in% term, ]
}

test_that("nothing is found of a sound fit, and all that was tested is listed", {
  diagnosis <- diagnose(fit)
  expect_identical(nrow(diagnosis$findings), 0L)
  expect_identical(names(diagnosis$findings), c("check", "finding", "severity", "remedy"))
  expect_setequal(
    na.omit(paste(diagnosis$tests$part, diagnosis$tests$term)),
    c("gate x", "gate u", "gate g", "gate I(z^2)", "experts z", "experts u", "experts g", "experts I(x^2)", "NA NA")
  )
  expect_setequal(with(diagnosis$tests, check[is.na(part)]), c("normality", "heteroscedasticity"))
  expect_identical(diagnosis$tests$df, c(1L, 1L, 2L, 1L, 2L, 2L, 4L, 2L, 2L, 2L))
  expect_equal(diagnosis$tests$p.holm, p.adjust(diagnosis$tests$p.value, "holm"))
  expect_output(print(diagnosis), "Nothing was found.")
})

# Scores of a fit with a further column, at zero for its coefficients, by the fit that has this column.
expect_new_scores <- function(fit, larger, part, column) {
  enlarged <- internal("enlarged_fit")(fit, part, column)
  at_zero <- internal("enlarged_estimates")(fit, part, column, enlarged$origin)
  larger$estimates[c("gate", "experts", "sigma", "temperature")] <-
    at_zero$estimates[c("gate", "experts", "sigma", "temperature")]
  expect_equal(as.vector(larger$estimates$origin), as.vector(at_zero$estimates$origin))
  scores <- internal("row_scores")(larger)
  new <- internal("score_result")(internal("core_scores"), at_zero, enlarged$design)
  expect_lt(max(abs(new[, larger$identified] - scores)), 1e-9 * max(abs(scores)))
  expect_identical(which(enlarged$of_column[larger$identified] > 0), which(larger$parameters$term == "u"))
}

gates <- list(
  softmax = gate_softmax(), tanh = gate_softmax(activation = "tanh"), sigmoid = gate_sigmoid(),
  transform = gate_modified("tanh"), temperature = gate_temperature(activation = "gelu"), topk = gate_topk(2)
)

for (name in names(gates)) {
  test_that(paste("scores of new columns are those of a fit that has them,", name), {
    d$k <- factor(ifelse(d$y > 1, "a", ifelse(d$y < -1, "b", "c")))
    quick <- moe_control(starts = 2, seed = 1)
    for (model in list(y ~ x | z, k ~ x | z)) {
      fit <- quietly(moe(model, d, gate = gates[[name]], control = quick))
      in_gate <- quietly(update(fit, . ~ . | . + u))
      in_experts <- quietly(update(fit, . ~ . + u | .))
      expect_new_scores(fit, in_gate, "gate", cbind(d$u))
      expect_new_scores(fit, in_experts, "experts", cbind(d$u))
    }
  })
}

test_that("the statistic is that of numerical derivatives", {
  d <- d[1:150, ]
  fit <- moe(y ~ x | z, d, control = moe_control(starts = 5, seed = 1, tolerance = 1e-12))
  larger <- moe(y ~ x | z + u, d, control = settings)
  old <- larger$parameters$name != "gate2:u"
  score_at <- function(theta) {
    numerical_jacobian(function(t) slow_log_density(t, larger, cbind(1, d$x), cbind(1, d$z, d$u), d$y), theta)
  }
  theta <- replace(numeric(length(old)), old, coef(fit))
  information <- -numerical_jacobian(function(t) colSums(score_at(t)), theta)
  scores <- score_at(theta)
  adjusted <- scores[, !old] - scores[, old] %*% solve(information[old, old], information[old, !old])
  expect_equal(test_of(fit, "gate", "u")$statistic, sum(adjusted)^2 / sum(adjusted^2), tolerance = 1e-4)
})

test_that("score tests are near likelihood ratios, for all families and both parts", {
  set.seed(4)
  n <- 6000
  e <- data.frame(x = runif(n, -2, 2), z = rnorm(n), u = rnorm(n))
  first <- runif(n) < plogis(e$z + 0.3 * e$u)
  e$y <- ifelse(first, 1 + 2 * e$x + 0.05 * e$u, -1 - 1.5 * e$x) + rnorm(n, 0, 0.4)
  e$count <- rpois(n, exp(ifelse(first, 2 + 0.5 * e$x + 0.05 * e$u, 0.3 - 0.5 * e$x)))
  e$class <- factor(runif(n) < plogis(ifelse(first, 3 * e$x + 0.3 * e$u, -1 - 3 * e$x)))
  families <- list(y = gaussian(), count = poisson(), class = multinomial())
  for (response in names(families)) {
    base <- quietly(moe(reformulate("x | z", response), e, family = families[[response]],
      control = moe_control(starts = 3, seed = 1)))
    tests <- diagnose(base)$tests
    for (part in c("gate", "experts")) {
      larger <- quietly(update(base, if (part == "gate") . ~ . | . + u else . ~ . + u | ., start =
        predict(base, type = "posterior")))
      ratio <- 2 * as.numeric(logLik(larger) - logLik(base))
      test <- tests[tests$part %in% part & tests$term %in% "u", ]
      expect_identical(test$df, as.integer(larger$df - base$df))
      expect_gt(ratio, 7)
      expect_lt(abs(test$statistic / ratio - 1), 0.35)
    }
  }
})

test_that("p-values of score tests and of normality are uniform where the model is right", {
  p <- vapply(seq_len(50), function(seed) {
    d <- two_lines(300, seed)
    d$u <- rnorm(300)
    sides <- as.numeric(abs(d$y - 1 - 2 * d$x) < abs(d$y + 1 + 1.5 * d$x))
    fit <- quietly(moe(y ~ x | z, d, start = cbind(sides, 1 - sides), control = settings))
    diagnose(fit)$tests$p.value
  }, double(8))
  expect_gt(min(apply(p, 1, function(p) ks.test(p, "punif")$p.value)), 1e-3)
  expect_lt(abs(mean(p < 0.1) - 0.1), 0.06)
})

test_that("a term that gate or experts lack is found, and its remedy runs and helps", {
  set.seed(2)
  d$y <- ifelse(runif(500) < plogis(2 * d$u), 1 + 2 * d$x, -1 - 1.5 * d$x) + ifelse(d$g == "b", 1, 0) +
    0.5 * d$x^2 + rnorm(500, 0, 0.4)
  two_parts <- moe(y ~ x | z, d, control = settings)
  one_part <- moe(y ~ x, d, control = settings)
  for (fit in list(two_parts, one_part)) {
    findings <- diagnose(fit)$findings
    for (needed in c("gate needs `u`", "experts need `g`", "experts need `I(x^2)`")) {
      one <- findings[grepl(needed, findings$finding, fixed = TRUE), ]
      expect_identical(nrow(one), 1L)
      expect_match(one$finding, "score test .* on [0-9] df, p .*[(]Holm[)][.]$")
      larger <- quietly(eval(parse(text = sub("^Try `(.*)`.$", "\\1", one$remedy))))
      expect_gt(BIC(fit), BIC(larger))
    }
    expect_false(any(grepl("gate needs `g`|gate needs `z`", findings$finding)))
  }
})

test_that("the wrong distribution is found: skewed, of changing spread, overdispersed", {
  set.seed(3)
  line <- data.frame(x = runif(500, 1, 3))
  one <- function(y, ...) moe(y ~ x, cbind(line, y = y), experts = 1, ...)
  expect_identical(found(one(line$x + rnorm(500))), character())
  expect_identical(found(one(line$x + rexp(500))), "normality")
  expect_true("normality" %in% found(one(line$x + rt(500, 3))))
  expect_true("heteroscedasticity" %in% found(one(line$x + line$x^2 * rnorm(500))))
  mean <- exp(line$x)
  expect_identical(found(one(rpois(500, mean), family = poisson())), character())
  over <- diagnose(one(rnbinom(500, size = 3, mu = mean), family = poisson()))$findings
  expect_match(over$finding[over$check == "dispersion"], "Counts vary more than .*Pearson dispersion [2-9]")
  under <- diagnose(one(rbinom(500, 20, mean / 21), family = poisson()))$findings
  expect_match(under$finding[under$check == "dispersion"], "Counts vary less than")
})

test_that("what a fit warned of is among the findings, first what is serious", {
  apart <- data.frame(x = rep(1:20, 2), z = rep(0:1, each = 20))
  apart$y <- ifelse(apart$z == 0, apart$x, 30 - 2 * apart$x) + sin(1:40)
  split <- quietly(moe(y ~ x | z, apart, control = settings))
  findings <- diagnose(split)$findings
  expect_identical(findings$check[1], "separation")
  expect_identical(findings$finding[1], split$record$warnings$separation$message)
  expect_identical(findings$severity[1], "serious")
  expect_true("classes" %in% found(quietly(moe(Species ~ Petal.Width, iris, control = settings))))
  expect_true("convergence" %in% found(quietly(moe(y ~ x | z, d, control = moe_control(seed = 1, iterations = 1)))))
  tied <- data.frame(x = rep(1:20, 5))
  tied$y <- c(rep(0, 40), sin(1:60) + tied$x[41:100])
  expect_true(any(c("spike", "variance") %in% found(quietly(moe(y ~ x | 1, tied, control = settings)))))
  collinear <- quietly(moe(y ~ x + I(2 * x) | z, d, control = settings))
  expect_identical(diagnose(collinear)$findings[, c("check", "severity")],
    data.frame(check = "aliased", severity = "note"))
})

test_that("bounds, the search and experts that are too many are findings", {
  bounded <- moe(y ~ x | z, d, control = moe_control(starts = 10, seed = 1, bounds = moe_bounds(gate = 0.1)))
  expect_identical(found(bounded), "bounds")
  expect_match(diagnose(bounded)$untested, "no covariance")
  expect_identical(found(moe(y ~ x | z, d, control = moe_control(starts = 3, seed = 1))), "starts")
  given <- moe(y ~ x | z, d, start = predict(fit, type = "posterior"))
  expect_identical(found(given), "search")
  changed <- function(part, values) {
    fit[[part]][names(values)] <- values
    found(fit)
  }
  expect_identical(changed("record", list(unseen = 0.3)), "unseen optimum")
  expect_identical(changed("record", list(starts = replace(fit$record$starts, "reached", 0))), "hops")
  expect_identical(changed("mass", c(expert2 = 3)), "small expert")
  expect_identical(changed("estimable", c("gate2:z" = FALSE)), "information")
})

test_that("experts that do not differ are found, and those that do are not", {
  set.seed(1)
  same <- data.frame(x = rnorm(200), z = rnorm(200))
  same$y <- same$x + rnorm(200)
  apart <- plogis(3 * same$z)
  alike <- quietly(moe(y ~ x | z, same, sigma = "common", start = cbind(apart, 1 - apart), control = settings))
  expect_match(unlist(internal("alike_findings")(alike)), "Experts 1 and 2 do not differ", all = FALSE)
  expect_null(unlist(internal("alike_findings")(fit)))
  far <- data.frame(x = runif(500, -2, 2), z = rnorm(500))
  far$class <- factor(runif(500) < plogis(ifelse(runif(500) < plogis(4 * far$z), 4, -3) * far$x))
  classes <- quietly(moe(class ~ x | z, far, control = settings))
  expect_null(unlist(internal("alike_findings")(classes)))
  expect_equal(internal("log_likelihood_at")(classes, coef(classes)), as.numeric(logLik(classes)))
})

test_that("fits to matrices, of one expert, penalised and without their data are diagnosed too", {
  matrices <- moe_fit(cbind(1, x = d$x), d$y, z = cbind(1, z = d$z), control = settings)
  expect_setequal(paste(diagnose(matrices)$tests$part, diagnose(matrices)$tests$term)[1:2], c("gate x", "experts z"))
  penalised <- moe(y ~ x | z, d, penalty = penalty_lasso(0.01), control = settings)
  expect_match(diagnose(penalised)$untested, "penalised")
  expect_output(print(diagnose(penalised)), "There are no tests")
  gone <- d
  orphan <- moe(y ~ x | z, gone, control = settings)
  expect_null(diagnose(orphan)$untested)
  rm(gone)
  expect_match(diagnose(orphan)$untested, "No covariates outside the formula")
  expect_identical(na.omit(diagnose(orphan)$tests$term)[1:4], c("x", "I(z^2)", "z", "I(x^2)"))
  holes <- transform(d, u = replace(u, 3, NA), y = replace(y, 5, NA), s = as.character(seq_len(500)))
  expect_false(any(c("u", "s") %in% diagnose(moe(y ~ x | z, holes, control = settings))$tests$term))
  expect_error(diagnose(1), class = "expertmix_error_object")
  expect_error(diagnose(fit, level = 0.1), class = "expertmix_error")
})

test_that("findings do not depend on units or on weights that count rows", {
  scaled <- transform(d, y = 1000 * y, x = x / 7, z = 3 * z + 20, u = 1e5 * u)
  again <- moe(y ~ x | z, scaled, start = predict(fit, type = "posterior"), control = settings)
  expect_equal(diagnose(again)$tests$statistic, diagnose(fit)$tests$statistic, tolerance = 1e-3)
  heavy <- moe(y ~ x | z, transform(d, w = 2), weights = w, start = fit, control = settings)
  expect_equal(diagnose(heavy)$tests$statistic, diagnose(fit)$tests$statistic, tolerance = 1e-3)
})

test_that("the print has a line's width, and no line breaks in code", {
  d$y[d$u > 1] <- 10 + d$y[d$u > 1]
  lines <- capture.output(print(diagnose(quietly(moe(y ~ x | z, d, control = settings)))))
  expect_true(all(nchar(lines) <= 80))
  expect_identical(lines[1], "Doubts:")
  marks <- lengths(regmatches(lines, gregexpr("`", lines)))
  expect_true(all(marks %% 2 == 0))
})

test_that("a narrow expert that is no spike by the rule of the search is a doubt", {
  set.seed(1)
  data <- data.frame(x = runif(200))
  data$y <- ifelse(runif(200) < 0.5, 1 + data$x + rnorm(200, sd = 0.02), rnorm(200))
  fit <- moe(y ~ x | 1, data, control = moe_control(seed = 1))
  expect_length(fit$record$spikes, 0)
  found <- diagnose(fit)$findings
  expect_match(found$finding[found$check == "narrow expert"], "standard deviation of 0\\.0[12]")
})
