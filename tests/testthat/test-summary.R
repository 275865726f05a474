settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(200)
fit <- moe(y ~ x | z, d, control = settings)
shown <- function(x, ...) capture.output(print(x, ...))
# The numbers of the line of a term, from the block of a title on.
numbers_of <- function(lines, title, term) {
  from <- grep(title, lines)[1]
  line <- lines[from:length(lines)][grep(paste0("^", term), lines[from:length(lines)])[1]]
  as.numeric(regmatches(line, gregexpr("-?[0-9]+\\.[0-9]+", line))[[1]])
}

test_that("experts stand side by side with their standard errors", {
  lines <- shown(summary(fit))
  table <- summary(fit)$coefficients
  expect_equal(numbers_of(lines, "^Experts:", "x "), c(t(table[c("expert1:x", "expert2:x"), 1:2])), tolerance = 2e-2)
  expect_equal(numbers_of(lines, "^Experts:", "sigma"), c(t(summary(fit)$sigma)), tolerance = 2e-2)
  expect_equal(numbers_of(lines, "^Gate", "z "), unname(table["gate2:z", 1:2]), tolerance = 2e-2)
  expect_match(lines, "\\*\\*\\*", all = FALSE)
  expect_false(any(grepl("*", shown(summary(fit), signif.stars = FALSE), fixed = TRUE)))
  expect_match(lines, "^Search: ", all = FALSE)
  expect_false(any(grepl("Certificate|Status", lines)))
})

test_that("the full table has a row for every coefficient, and the certificate", {
  lines <- shown(summary(fit), table = "full")
  expect_match(lines, "Pr(>|z|)", fixed = TRUE, all = FALSE)
  expect_match(lines, "^Certificate", all = FALSE)
  expect_match(shown(summary(moe(y ~ x, d, experts = 1))), "Pr(>|z|)", fixed = TRUE, all = FALSE)
  expect_error(shown(summary(fit), P.values = FALSE), class = "expertmix_error_table")
  expect_error(shown(summary(fit), table = "wide"), class = "expertmix_error_table")
})

test_that("classes stand side by side for every expert", {
  classes <- quietly(moe(Species ~ Sepal.Width | Sepal.Length, iris, control = settings))
  lines <- shown(summary(classes))
  expect_match(lines, "Expert 2, against setosa", all = FALSE)
  expect_equal(sum(grepl("versicolor +virginica", lines)), 3)
})

test_that("covariates called sigma are told from the standard deviations", {
  odd <- moe(y ~ sigma, transform(d, sigma = x), control = settings)
  expect_equal(sum(grepl("^`sigma`", shown(summary(odd)))), 1)
  expect_equal(sum(grepl("^sigma", shown(summary(odd)))), 2)
})

test_that("dropped rows are said", {
  holes <- transform(d, x = replace(x, 3:4, NA))
  for (action in list(na.omit, na.exclude)) {
    dropped <- moe(y ~ x | z, holes, na.action = action, control = settings)
    expect_match(shown(summary(dropped)), "^2 rows with missing values were left out", all = FALSE)
    expect_match(shown(dropped), "^2 rows with missing values were left out", all = FALSE)
  }
  expect_false(any(grepl("left out", shown(summary(fit)))))
})

test_that("a covariance may be given", {
  fit <- moe(dist ~ speed, cars, control = moe_control(seed = 1))
  given <- summary(fit, vcov = 4 * vcov(fit))
  expect_equal(given$coefficients[, "Std. Error"], 2 * summary(fit)$coefficients[, "Std. Error"])
  expect_output(print(given), "Standard errors: given")
  expect_identical(
    summary(fit, vcov = function(fit) vcov(fit, type = "sandwich"))$coefficients,
    summary(fit, type = "sandwich")$coefficients
  )
  expect_error(summary(fit, vcov = diag(2)), class = "expertmix_error_vcov")
  expect_error(summary(fit, vcov = "HC0"), class = "expertmix_error_vcov")
  expect_error(summary(fit, type = "opg", vcov = vcov(fit)), class = "expertmix_error_vcov")
})
