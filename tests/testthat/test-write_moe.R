# A fit by a file and back: the same numbers, bit by bit.
round_trip <- function(fit, ...) {
  file <- new_file()
  on.exit(unlink(file))
  write_moe(fit, file)
  read_moe(file, ...)
}

new_file <- function() tempfile(fileext = ".moe")

quick <- moe_control(starts = 2, seed = 1, search = "quick", iterations = 50)

set.seed(3)
rows <- data.frame(x = stats::rnorm(120), v = stats::runif(120, -1, 1))
rows$y <- with(rows, ifelse(stats::runif(120) < stats::plogis(2 * x), 1 + v, -1 - v) + 0.3 * stats::rnorm(120))
rows$count <- stats::rpois(120, exp(0.5 + 0.5 * abs(rows$y)))
rows$positive <- exp(rows$y)
rows$class <- factor(c("low", "mid", "high")[1 + (rows$y > -0.5) + (rows$y > 1)])
rows$event <- rows$y > 0
rows$trials <- 4

expect_back <- function(fit, ...) {
  back <- round_trip(fit, ...)
  x <- unname(model.matrix(fit, "experts"))
  z <- unname(model.matrix(fit, "gate"))
  newdata <- if (has_gate_design(fit)) list(x = x, z = z) else x
  if (has_offset(fit)) newdata <- list(x = x, offset = fitted_design(fit)$offset)
  expect_identical(coef(back), coef(fit))
  expect_identical(suppressWarnings(vcov(back)), suppressWarnings(vcov(fit)))
  expect_identical(logLik(back), logLik(fit))
  expect_identical(back$estimates, fit$estimates)
  expect_identical(back$family, fit$family)
  expect_identical(back[c("parameters", "map", "aliased", "mass", "classes", "events")],
    fit[c("parameters", "map", "aliased", "mass", "classes", "events")])
  predicted <- function(object, ...) unname(suppressWarnings(predict(object, ...), "expertmix_warning_rank"))
  expect_identical(predicted(back, newdata), predicted(fit))
  expect_identical(predicted(back, newdata, type = "gate"), predicted(fit, type = "gate"))
  se <- function(object, ...) suppressWarnings(unname(predict(object, ..., se.fit = TRUE)$se.fit))
  if (!"class" %in% experts_of(fit)$types) expect_identical(se(back, newdata), se(fit))
  invisible(back)
}

quiet_fit <- function(...) {
  call <- match.call()
  call[[1]] <- quote(moe)
  call$control <- quote(quick)
  suppressWarnings(suppressMessages(eval(call, parent.frame())))
}

test_that("fits of every family come back from their file", {
  expect_back(quiet_fit(y ~ v | x, rows))
  expect_back(quiet_fit(y ~ v | x, rows, sigma = "common"))
  expect_back(quiet_fit(count ~ v | x, rows, family = poisson()))
  expect_back(quiet_fit(count ~ v, rows, family = negative_binomial()))
  expect_back(quiet_fit(positive ~ v | x, rows, family = Gamma("log")))
  expect_back(quiet_fit(y ~ v | x, rows, family = student_t()))
  expect_back(quiet_fit(y ~ v | x, rows, family = student_t(df = 4)))
  expect_back(quiet_fit(class ~ v | x, rows))
  expect_back(quiet_fit(event ~ v | x, rows, family = binomial()))
  expect_back(quiet_fit(cbind(count, trials) ~ v | x, rows, family = binomial()))
  expect_back(quiet_fit(cbind(a = count, b = trials, c = 1) ~ v | x, rows, family = multinomial()))
})

test_that("fits of every gate come back from their file", {
  gates <- list(
    gate_topk(2), gate_topk(2, "logit"), gate_topk(1), gate_temperature(2), gate_temperature(activation = "tanh"),
    gate_sigmoid(), gate_softmax(activation = "gelu"), gate_modified("tanh")
  )
  for (gate in gates) {
    back <- expect_back(fit <- quiet_fit(y ~ v | x, rows, experts = 3, gate = gate))
    expect_identical(back$gate, fit$gate, label = format(gate))
  }
})

test_that("a transform of one's own is handed over", {
  gate <- gate_modified(function(z) z / (1 + abs(z)))
  fit <- quiet_fit(y ~ v | x, rows, gate = gate)
  expect_back(fit, gate = gate)
  expect_error(round_trip(fit), "no file can hold", class = "expertmix_error_gate")
  other <- gate_modified(function(z) z, activation = "tanh")
  expect_error(round_trip(fit, gate = other), "other choices", class = "expertmix_error_gate")
  expect_error(round_trip(quiet_fit(y ~ v, rows), gate = gate), "transform", class = "expertmix_error_gate")
})

test_that("weights, offsets, collinear columns, ties and matrices come back", {
  expect_back(quiet_fit(y ~ v | x, rows, weights = seq(0.5, 2, length.out = 120)))
  expect_back(quiet_fit(y ~ v, rows, offset = x))
  aliased <- expect_back(quiet_fit(y ~ v + I(2 * v) + x | x, rows))
  one <- list(x = cbind(1, 1, 2, 0), z = cbind(1, 0))
  expect_warning(predict(aliased, one), "does not say which", class = "expertmix_warning_rank")
  x <- cbind(one = 1, rows$v)
  expect_back(suppressWarnings(moe_fit(x, rows$y, control = quick)))
  added <- moe_fit(cbind(v = rows$v), rows$y, intercept = TRUE, control = quick)
  expect_identical(predict(round_trip(added), cbind(v = 0.5)), predict(added, cbind(v = 0.5)))
  tied <- quiet_fit(y ~ v | x, rows, common = ~ v, fixed = c("expert2:(Intercept)" = 0.5))
  back <- expect_back(tied)
  expect_identical(back$ties$words, tied$ties$words)
  expect_equal(back$ties, tied$ties)
  expect_equal(summary(back)$tied, summary(tied)$tied)
})

test_that("a fit with a spike names the same rows", {
  set.seed(3)
  spiked <- data.frame(x = stats::runif(125))
  spiked$y <- with(spiked, ifelse(seq_along(x) <= 5, 50 + x, 1 + 2 * x + stats::rnorm(125)))
  row.names(spiked)[1:5] <- letters[1:5]
  start <- rbind(diag(2)[rep(1, 5), ], diag(2)[rep(2, 120), ])
  fit <- quiet_fit(y ~ x | 1, spiked, start = start)
  expect_equal(fit$record$spikes[[1]]$rows, letters[1:5])
  back <- round_trip(fit)
  expect_equal(back$record$spikes[[1]]$rows, 1:5)
  expect_equal(names(back$record$warnings), names(fit$record$warnings))
  expect_equal(round_trip(back)$record$spikes, back$record$spikes)
})

test_that("what prints and what is computed of a fit from a file is as before", {
  fit <- quiet_fit(y ~ v | x, rows)
  back <- round_trip(fit)
  lines <- function(object) {
    out <- capture.output(print(object))
    out[-match("Call:", out) - 1]
  }
  expect_identical(lines(back), lines(fit))
  expect_identical(lines(summary(back)), lines(summary(fit)))
  expect_identical(confint(back), confint(fit))
  expect_identical(c(AIC(back), BIC(back), nobs(back)), c(AIC(fit), BIC(fit), nobs(fit)))
  expect_equal(mixing_measure(back), mixing_measure(fit))
  expect_identical(round_trip(back)[names(back) != "call"], back[names(back) != "call"])
})

test_that("what needs rows says that a file has none", {
  back <- round_trip(quiet_fit(y ~ v | x, rows))
  for (verb in list(fitted, residuals, diagnose, update, weights, model.matrix, simulate, predict, plot)) {
    expect_error(verb(back), "no data", class = "expertmix_error_data")
  }
  expect_error(augment(back), "no data", class = "expertmix_error_data")
})

test_that("files that are not what was written are refused", {
  fit <- quiet_fit(y ~ v | x, rows)
  file <- new_file()
  on.exit(unlink(file))
  expect_error(read_moe(file), "`file`.*no such file", class = "expertmix_error_file")
  nowhere <- file.path(tempdir(), "no", "folder")
  expect_error(write_moe(fit, nowhere), "cannot be written", class = "expertmix_error_file")
  expect_error(write_moe(1, file), class = "expertmix_error_file")
  expect_error(write_moe(fit, c("a", "b")), class = "expertmix_error_file")
  writeLines("x,y", file)
  expect_error(read_moe(file), "no file of expertmix", class = "expertmix_error_file")
  expect_identical(write_moe(fit, file), file)
  size <- file.size(file)
  bytes <- readBin(file, "raw", size)
  writeBin(bytes[seq_len(size - 10)], file)
  expect_error(read_moe(file), "truncated", class = "expertmix_error_file")
  writeBin(replace(bytes, size - 3, as.raw(65)), file)
  expect_error(read_moe(file), "edited", class = "expertmix_error_file")
  writeBin(charToRaw(sub("expertmix-file 1", "expertmix-file 9", rawToChar(bytes), fixed = TRUE)), file)
  expect_error(read_moe(file), "version 9", class = "expertmix_error_version")
})

test_that("penalised fits come back with their penalty", {
  file <- new_file()
  on.exit(unlink(file))
  same <- function(fit, at) {
    write_moe(fit, file)
    back <- read_moe(file)
    expect_identical(coef(back), coef(fit))
    expect_identical(coef(back, part = "gate"), coef(fit, part = "gate"))
    expect_identical(logLik(back), logLik(fit))
    expect_identical(AIC(back), AIC(fit))
    design <- model.matrix(fit, "experts")
    if (has_gate_design(fit)) design <- list(x = design, z = model.matrix(fit, "gate"))
    expect_identical(unname(predict(back, design)), unname(predict(fit)))
    expect_identical(unname(predict(back, design, type = "gate")), unname(predict(fit, type = "gate")))
    told <- c("experts", "gate", "ridge", "alpha", "gamma", "scaled", "standardize", "reference")
    expect_identical(unclass(back$penalty)[told], unclass(fit$penalty)[told])
    expect_identical(back$record$certificate, fit$record$certificate)
    expect_identical(names(back$record$warnings), names(fit$record$warnings))
    expect_output(print(back), "Lasso|Elastic")
    # What is read can be written again.
    again <- new_file()
    write_moe(back, again)
    expect_identical(coef(read_moe(again)), coef(fit))
    unlink(again)
  }
  same(quietly(moe(y ~ v | x, rows, penalty = penalty_lasso(0.1), control = quick)))
  same(quietly(moe(y ~ v | x, rows, penalty = penalty_lasso(0.02, gate = 0.1, reference = 2), control = quick)))
  same(quietly(moe(y ~ v | x, rows, sigma = "common", control = quick,
    penalty = penalty_lasso(0.1, ridge = 0.01, alpha = 0.7, gamma = 1 / 2))))
  same(quietly(moe(Species ~ Sepal.Length + Sepal.Width | Petal.Width, iris, penalty = penalty_lasso(0.02),
    control = quick)))
  same(quietly(moe(carb ~ wt + hp, mtcars, family = poisson(), penalty = penalty_lasso(0.05), control = quick)))
  pilot <- quietly(moe(y ~ v | x, rows, control = quick))
  same(quietly(moe(y ~ v | x, rows, penalty = penalty_lasso(0.01, adaptive = pilot), control = quick)))
})

test_that("names beyond ASCII come back", {
  x <- cbind(1, "gr\u00f6\u00dfe \"a\"\n" = rows$v)
  fit <- moe_fit(x, rows$y, control = quick)
  expect_identical(names(coef(round_trip(fit))), names(coef(fit)))
})
