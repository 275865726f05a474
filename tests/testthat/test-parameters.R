# Parameters are told apart by a table: no name of a covariate or a class confuses coef(), summary(), vcov() or tidy().

data <- simulated(100)
settings <- moe_control(starts = 5, seed = 1)

# A fit's numbers without their names.
bare <- function(fit) unname(coef(fit))

# The fit is that of plain names, and everything that tells its parameters apart agrees with its estimates.
expect_same_parts <- function(fit, plain) {
  expect_equal(bare(fit), bare(plain))
  expect_equal(anyDuplicated(names(coef(fit))), 0)
  expect_identical(fit$parameters$name, names(coef(fit)))
  expect_equal(fit$parameters[c("part", "expert", "outcome", "column", "kind")],
    plain$parameters[c("part", "expert", "outcome", "column", "kind")])
  expect_equal(unname(summary(fit)$coefficients), unname(summary(plain)$coefficients))
  expect_equal(unname(summary(fit)$sigma), unname(summary(plain)$sigma))
  expect_identical(rownames(summary(fit)$coefficients), names(coef(fit)))
  expect_equal(generics::tidy(fit)[1:2], generics::tidy(plain)[1:2])
  expect_equal(parameter_values(fit$parameters, fit$estimates), bare(fit))
  plain$call <- fit$call
  shown <- capture.output(print(summary(fit), table = "full"))
  expect_equal(length(shown), length(capture.output(print(summary(plain), table = "full"))))
}

strange <- c("log(sigma)", "log(temperature)", "(Intercept)", "gate2:x", "expert1:x", "x:y", "sigma", "1", "a b", "all")

test_that("a matrix column may have any name", {
  x <- cbind(1, data$x, data$v)
  for (name in strange) {
    named <- function(second) structure(x, dimnames = list(NULL, c("(Intercept) ", second, "v")))
    for (penalty in list(NULL, if (name %in% strange[1:3]) penalty_lasso(0.01))) {
      for (y in list(data$y, data$g)[if (name %in% strange[1:3]) 1:2 else 1]) {
        fits <- lapply(c("x", name), function(term) {
          quietly(moe_fit(named(term), y, control = settings, penalty = penalty))
        })
        expect_same_parts(fits[[2]], fits[[1]])
      }
    }
  }
})

test_that("a covariate may have any name", {
  for (name in setdiff(strange, "log(sigma)")) {
    renamed <- data[c("x", "v", "y")]
    names(renamed)[2] <- name
    fit <- moe(y ~ ., renamed, control = settings)
    expect_same_parts(fit, moe(y ~ x + v, data, control = settings))
    expect_equal(unname(predict(fit, renamed[1:3, ])), unname(fitted(fit)[1:3]))
  }
})

test_that("the slope of log(sigma) is no standard deviation", {
  logged <- transform(data, sigma = exp(x))
  fit <- moe(y ~ log(sigma), logged, control = settings)
  expect_same_parts(fit, moe(y ~ x, data, control = settings))
  expect_true(all(c("expert1:`log(sigma)`", "expert1:log(sigma)", "gate2:log(sigma)") %in% names(coef(fit))))
  expect_equal(dim(vcov(fit)), rep(length(coef(fit)), 2))
  expect_equal(rownames(confint(fit)), names(coef(fit)))
  expect_equal(sum(grepl("`log(sigma)`", capture.output(print(summary(fit), table = "full")), fixed = TRUE)), 0)
  expect_equal(sum(grepl("^log\\(sigma\\)", capture.output(print(summary(fit), table = "full")))), 3)
  common <- moe(y ~ log(sigma), logged, sigma = "common", control = settings)
  expect_equal(tail(names(coef(common)), 1), "log(sigma)")
  expect_equal(dim(summary(common)$sigma), c(2, 2))
})

test_that("a covariate called sigma is told from the standard deviations in print", {
  shown <- capture.output(print(moe(y ~ sigma, transform(data, sigma = x), control = settings)))
  expect_equal(sum(grepl("^sigma", shown)), 2)
  expect_equal(sum(grepl("^`sigma`", shown)), 1)
})

test_that("classes and terms whose labels join to the same name stay apart", {
  x <- structure(cbind(1, data$x, data$v), dimnames = list(NULL, c("one", "b:x", "x")))
  y <- factor(as.character(data$g), levels = c("c", "a", "b"), labels = c("c", "a", "a:b"))
  for (penalty in list(NULL, penalty_lasso(0.01))) {
    fit <- quietly(moe_fit(x, y, control = settings, penalty = penalty))
    plain <- quietly(moe_fit(unname(x), factor(y, labels = 1:3), control = settings, penalty = penalty))
    expect_same_parts(fit, plain)
    expect_true(all(c("expert1:a:`b:x`", "expert1:a:b:`x`") %in% names(coef(fit))))
  }
})

test_that("the table says what temperatures, free slopes and common standard deviations are", {
  fit <- quietly(moe(y ~ x, data, gate = gate_temperature(activation = "tanh"), sigma = "common", control = settings))
  table <- fit$parameters
  expect_equal(table$expert[table$part == "gate"], c(1, 2, 2, NA))
  expect_equal(table$kind[is.na(table$expert)], c("log_temperature", "log_sigma"))
  expect_equal(names(coef(fit))[is.na(table$expert)], c("log(temperature)", "log(sigma)"))
  expect_equal(table$term[table$kind != "coefficient"], rep(NA_character_, 2))
  expect_equal(generics::tidy(fit)$part[is.na(table$expert)], c("temperature", "sigma"))
})

test_that("a penalised fit of a common standard deviation has it once", {
  fit <- moe(y ~ x + v, data, sigma = "common", penalty = penalty_lasso(0.02), control = settings)
  expect_equal(sum(fit$parameters$kind == "log_sigma"), 1)
  expect_equal(unname(coef(fit)["log(sigma)"]), unname(log(sigma(fit)[1])))
  expect_equal(dim(summary(fit)$sigma), c(2, 2))
})

test_that("intercepts of penalised fits are known by their column", {
  x <- structure(cbind(data$x, 1, data$v), dimnames = list(NULL, c("(Intercept)", "one", "v")))
  fit <- quietly(moe_fit(x, data$g, penalty = penalty_lasso(0.02), control = settings))
  first <- fit$parameters[fit$parameters$outcome %in% 1 | fit$parameters$part == "gate" & fit$parameters$expert == 1, ]
  expect_false("one" %in% first$term)
  expect_true("(Intercept)" %in% first$term)
  expect_equal(sum(coef(fit) != 0 | is_intercept(fit$parameters, fit$estimates)), unname(attr(logLik(fit), "df")))
})
