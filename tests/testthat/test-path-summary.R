# What is said of a path and of its cross-validation: nobs(), summary(), tidy(), glance(); its lambdas given back.
d <- withr::with_seed(1, {
  d <- data.frame(matrix(rnorm(200 * 5), 200))
  first <- runif(200) < plogis(2 * d$X1)
  d$y <- ifelse(first, 2 * d$X2, 3 - 1.5 * d$X3) + rnorm(200) / 2
  d$class <- factor(ifelse(first, "a", ifelse(runif(200) < plogis(2 * d$X2), "b", "c")))
  d
})
settings <- moe_control(starts = 5, seed = 1)
path <- moe_path(y ~ ., d[names(d) != "class"], nlambda = 10, refit = TRUE, control = settings)
cv <- cv_moe(path, folds = 3, seed = 1)

test_that("summary() shows the best fits and the chosen one's coefficients", {
  s <- summary(path, count = 3)
  expect_equal(s$best$EBIC, sort(path$table$EBIC[!path$table$faulty])[1:3])
  expect_equal(s$violation, max(path$table$violation))
  chosen <- select_fit(path)
  slopes <- s$coefficients[s$coefficients$part == "experts" & s$coefficients$expert == 1, ]
  kept <- coef(chosen, part = "experts")[, 1]
  expect_equal(slopes$estimate, unname(kept[kept != 0]))
  expect_equal(summary(path, "mBIC")$best$mBIC[1], max(path$table$mBIC[!path$table$faulty]))
  expect_output(print(s), "Best by EBIC.*that are not zero")
  expect_error(summary(path, count = 0), class = "expertmix_error_count")
  faulty <- path
  faulty$table$faulty[] <- TRUE
  expect_equal(nrow(summary(faulty)$best), 5)
})

test_that("tidy() has every coefficient that is not zero, glance() the choice", {
  table <- generics::tidy(path)
  expect_named(table, c("lambda", "gate_penalty", "part", "expert", "term", "estimate"))
  expect_true(all(table$estimate != 0))
  for (i in c(5, 15, 30)) {
    own <- table[table$lambda == path$lambda[i] & table$gate_penalty == path$table$gate[i], ]
    fit <- (path$refits[[i]] %||% path$fits[[i]])$estimates
    expect_equal(own$estimate[own$term == "log(sigma)"], log(unname(fit$sigma)))
    expect_equal(sum(own$term != "log(sigma)"), sum(fit$gate != 0) + sum(fit$experts != 0))
  }
  at <- generics::glance(path)
  expect_equal(at$EBIC, min(path$table$EBIC[!path$table$faulty]))
  expect_equal(c(at$nobs, nobs(path), nobs(cv)), c(200, 200, 200))
  expect_equal(BIC(path), path$table$BIC)
  classes <- moe_path(class ~ X1 + X2, d, experts = 1, nlambda = 4)
  expect_true(all(c("a", "b", "c") %in% generics::tidy(classes)$y.level))
  common <- moe_path(y ~ X1 + X2, d, sigma = "common", nlambda = 3, control = settings)
  expect_equal(sum(is.na(generics::tidy(common)$expert)), length(common$lambda))
})

test_that("a cross-validation has the same verbs", {
  expect_equal(generics::tidy(cv)$estimate, cv$table$loss)
  at <- generics::glance(cv)
  expect_equal(c(at$lambda, at$gate_penalty), c(cv$lambda_min, cv$gate_min))
  s <- summary(cv)
  expect_equal(s$best$lambda[1], cv$lambda_min)
  expect_false(is.unsorted(s$best$loss))
  expect_output(print(s), "Best by loss")
})

test_that("the lambdas of a path may be given back", {
  again <- moe_path(y ~ ., d[names(d) != "class"], lambda = path$lambda, control = settings)
  expect_equal(again$lambda, path$lambda)
  expect_equal(again$table$gate, path$table$gate)
  expect_equal(again$table$objective, path$table$objective, tolerance = 0.01)
  refuses <- function(lambda) expect_error(moe_path(y ~ X1, d, lambda = lambda), class = "expertmix_error_penalty")
  refuses(c(0.1, 0.2))
  refuses(c(0.1, 0.1))
})

test_that("folds and groups may be those of all rows, of which na.action left some", {
  holes <- mtcars
  holes$mpg[c(3, 10)] <- NA
  folds <- rep(letters[1:4], 8)
  for (action in list(na.omit, na.exclude)) {
    path <- moe_path(mpg ~ wt + hp, holes, experts = 1, nlambda = 4, na.action = action)
    cv <- cv_moe(path, folds = folds)
    expect_equal(cv$folds, match(folds, letters)[-c(3, 10)])
    expect_equal(cv$table, cv_moe(path, folds = folds[-c(3, 10)])$table)
    grouped <- cv_moe(path, 2, groups = folds, seed = 1)
    expect_equal(grouped$table, cv_moe(path, 2, groups = folds[-c(3, 10)], seed = 1)$table)
    expect_error(cv_moe(path, folds = folds[-1]), class = "expertmix_error_folds")
  }
})
