# Log-likelihoods of maxima found by several programs from many starts.

expect_best <- function(formula, data, experts, best, seeds = 20) {
  found <- vapply(seq_len(seeds), function(seed) {
    set.seed(seed)
    as.numeric(logLik(moe(formula, data, experts = experts)))
  }, numeric(1))
  expect_equal(found, rep(best, seeds), tolerance = 1e-6 / abs(best))
}

test_that("ethanol, constant and varying mixing probabilities", {
  skip_if_not_installed("lattice")
  expect_best(E ~ NOx | 1, lattice::ethanol, 2, 122.038356)
  expect_best(E ~ NOx | NOx, lattice::ethanol, 2, 123.620591)
})

test_that("ethanol's coefficients", {
  skip_if_not_installed("lattice")
  set.seed(1)
  fit <- moe(E ~ NOx, lattice::ethanol)
  order <- order(coef(fit, part = "experts")[1, ])
  expect_equal(unname(coef(fit, part = "experts")[, order]), cbind(c(0.56130, 0.08786), c(1.24849, -0.08410)),
    tolerance = 1e-4)
  expect_equal(unname(sigma(fit)[order]), c(0.04457, 0.02298), tolerance = 1e-3)
  gate <- coef(fit, part = "gate")[, order]
  expect_equal(unname(gate[, 2] - gate[, 1]), c(0.76437, -0.41719), tolerance = 1e-4)
})

test_that("tone perception", {
  skip_if_not_installed("mixtools")
  data("tonedata", package = "mixtools", envir = environment())
  # The literature's optimum, and a higher one: a narrow expert of 56 tones tuned just as stretched.
  known <- list(
    list(tuned ~ stretchratio | 1, 141.198402, 145.416848), list(tuned ~ stretchratio, 142.848014, 145.650315)
  )
  for (case in known) {
    found <- vapply(1:10, function(seed) {
      as.numeric(logLik(moe(case[[1]], tonedata, control = moe_control(seed = seed, search = "thorough"))))
    }, 0)
    at <- outer(found, unlist(case[2:3]), function(value, known) abs(value - known) < 1e-4)
    expect_equal(rowSums(at), rep(1, 10))
    expect_gt(sum(at[, 2]), 5)
  }
})

test_that("carbon dioxide and gross national product", {
  skip_if_not_installed("mixtools")
  data("CO2data", package = "mixtools", envir = environment())
  expect_best(CO2 ~ GNP | 1, CO2data, 2, -66.939768)
  expect_best(CO2 ~ GNP, CO2data, 2, -66.296555)
})

test_that("flexmix's artificial regression", {
  skip_if_not_installed("flexmix")
  data("NPreg", package = "flexmix", envir = environment())
  expect_best(yn ~ x + I(x^2) | 1, NPreg, 2, -642.532014)
  expect_best(yn ~ x + I(x^2) | x, NPreg, 2, -642.063880)
  expect_best(yn ~ x + I(x^2) | yb, NPreg, 2, -641.656670)
})
