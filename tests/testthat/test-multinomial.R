# Multinomial-logistic experts: one expert is nnet::multinom(); classes, logical values and counts; bad input.

classified <- function(n, seed = 1, classes = c("a", "b", "c")) {
  set.seed(seed)
  x <- rnorm(n)
  v <- rnorm(n)
  first <- runif(n) < plogis(0.3 + 2 * v)
  scores <- cbind(0, ifelse(first, 1 + 2 * x, -1 - x), ifelse(first, -1 + x - v, 1 + v))
  noise <- -log(-log(matrix(runif(3 * n), n)))
  data.frame(x = x, v = v, y = factor(classes[max.col(scores + noise)], levels = classes))
}

expect_multinom <- function(formula, data, weights = rep(1, nrow(data))) {
  environment(formula) <- environment()
  fit <- moe(formula, data, experts = 1, family = multinomial(), weights = weights)
  reference <- nnet::multinom(formula, data, weights, trace = FALSE, maxit = 5000, reltol = 1e-15, abstol = 1e-15)
  ours <- coef(fit, part = "experts")[, -1, 1]
  theirs <- coef(reference)
  if (is.matrix(theirs)) theirs <- t(theirs)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(reference)), tolerance = 1e-6 / abs(logLik(reference)))
  expect_equal(ours, theirs, tolerance = 1e-4, ignore_attr = TRUE)
  expect_equal(attr(logLik(fit), "df"), attr(logLik(reference), "df"))
}

test_that("one expert is multinomial logistic regression", {
  skip_if_not_installed("nnet")
  skip_if_not_installed("MASS")
  expect_multinom(y ~ x + v, classified(500))
  expect_multinom(y ~ x * v, classified(500), weights = rep(1:2, 250))
  expect_multinom(type ~ npreg + glu + bp + skin + bmi + ped + age, MASS::Pima.tr)
  expect_multinom(low ~ age + lwt + factor(race) + smoke, transform(MASS::birthwt, low = factor(low)))
  expect_multinom(Sat ~ Infl + Type + Cont, MASS::housing, weights = MASS::housing$Freq)
})

test_that("two classes are glm's binomial family, for a factor, logical values and counts", {
  skip_if_not_installed("MASS")
  pima <- transform(MASS::Pima.tr, yes = type == "Yes")
  reference <- glm(yes ~ glu + bmi, binomial, pima, epsilon = 1e-14)
  for (fit in list(moe(type ~ glu + bmi, pima, experts = 1), moe(yes ~ glu + bmi, pima, experts = 1))) {
    expect_equal(coef(fit), coef(reference), tolerance = 1e-7, ignore_attr = TRUE)
    expect_equal(vcov(fit), vcov(reference), tolerance = 1e-5, ignore_attr = TRUE)
    expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(reference)), tolerance = 1e-10)
    expect_equal(predict(fit)[, 2], fitted(reference), tolerance = 1e-7)
  }
  expect_identical(levels(predict(fit, type = "class")), c("FALSE", "TRUE"))
  budworm <- data.frame(dose = rep(0:5, 2), sex = gl(2, 6), dead = c(1, 4, 9, 13, 18, 20, 0, 2, 6, 10, 12, 16))
  fit <- moe(cbind(alive = 20 - dead, dead) ~ sex + dose, budworm, experts = 1, family = "multinomial")
  reference <- glm(cbind(dead, 20 - dead) ~ sex + dose, binomial, budworm)
  expect_equal(coef(fit), coef(reference), tolerance = 1e-7, ignore_attr = TRUE)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(reference)), tolerance = 1e-10)
  expect_equal(residuals(fit)[, "dead"], budworm$dead / 20 - fitted(reference), tolerance = 1e-7, ignore_attr = TRUE)
})

test_that("a known maximum: flexmix's NPreg, logistic experts", {
  skip_if_not_installed("flexmix")
  data("NPreg", package = "flexmix", envir = environment())
  fit <- quietly(moe(factor(yb) ~ x, NPreg, control = moe_control(seed = 1)))
  expect_gt(as.numeric(logLik(fit)), -138.0901)
})

test_that("predictions are what their names say", {
  data <- classified(300)
  fit <- quietly(moe(y ~ x + v, data, control = few(seed = 1)))
  x <- model.matrix(~ x + v, data)
  gate <- exp(x %*% coef(fit, part = "gate"))
  gate <- gate / rowSums(gate)
  experts <- vapply(1:2, function(k) {
    odds <- exp(x %*% coef(fit, part = "experts")[, , k])
    odds / rowSums(odds)
  }, matrix(0, 300, 3))
  expect_equal(predict(fit, type = "experts"), experts, ignore_attr = TRUE)
  expect_identical(dimnames(predict(fit, type = "experts"))[-1], list(levels(data$y), c("expert1", "expert2")))
  mean <- gate[, 1] * experts[, , 1] + gate[, 2] * experts[, , 2]
  expect_equal(predict(fit, data), mean, ignore_attr = TRUE)
  expect_equal(fitted(fit), mean, ignore_attr = TRUE)
  expect_identical(predict(fit, type = "class"), factor(levels(data$y)[max.col(mean)], levels(data$y)))
  seen <- cbind(seq_len(300), as.integer(data$y))
  expect_equal(predict(fit, data, type = "density"), mean[seen], ignore_attr = TRUE)
  expect_equal(sum(log(mean[seen])), as.numeric(logLik(fit)), tolerance = 1e-9)
  joint <- gate * cbind(experts[, , 1][seen], experts[, , 2][seen])
  expect_equal(predict(fit, type = "posterior"), joint / rowSums(joint), ignore_attr = TRUE)
  expect_null(sigma(fit))
  expect_identical(names(coef(fit))[4:5], c("expert1:b:(Intercept)", "expert1:b:x"))
  expect_identical(dim(quietly(vcov(fit))), c(15L, 15L))
})

test_that("summary counts hits and scores probabilities", {
  data <- classified(300)
  fit <- quietly(moe(y ~ x + v, data, control = few(seed = 1)))
  scores <- summary(fit)$classification
  p <- predict(fit)
  y <- diag(3)[as.integer(data$y), ]
  expect_equal(unclass(scores$confusion), unclass(table(data$y, predict(fit, type = "class"))), ignore_attr = TRUE)
  expect_equal(scores$accuracy, mean(data$y == predict(fit, type = "class")))
  expect_equal(scores$log_score, as.numeric(logLik(fit)) / 300)
  expect_equal(scores$brier, mean(rowSums((y - p)^2)))
  expect_output(print(summary(fit), table = "full"), "Expert 1, b against a")
  expect_output(print(fit), "Classes: a, b, c")
  table <- generics::tidy(fit)
  expect_identical(table$y.level[3:5], c(NA, "b", "b"))
  expect_identical(table$term[4:5], c("(Intercept)", "x"))
  expect_identical(generics::glance(fit)$experts, 2L)
  expect_identical(generics::augment(fit)$.fitted, unname(predict(fit, type = "class")))
})

test_that("the order of the classes, weights and rows of counts do not matter", {
  data <- classified(400)
  fit <- moe(y ~ x + v, data, control = few(seed = 1))
  turned <- moe(y ~ x + v, transform(data, y = factor(y, levels = c("c", "a", "b"))), control = few(seed = 1))
  expect_equal(logLik(turned), logLik(fit), tolerance = 1e-9)
  expect_equal(predict(turned)[, c("a", "b", "c")], predict(fit), tolerance = 1e-4)
  data$w <- rep(1:2, 200)
  weighted <- moe(y ~ x + v, data, weights = w, control = few(seed = 1))
  repeated <- moe(y ~ x + v, data[rep(1:400, data$w), ], control = few(seed = 1))
  expect_equal(as.numeric(logLik(weighted)), as.numeric(logLik(repeated)), tolerance = 1e-8)
  data$counts <- diag(3)[as.integer(data$y), ]
  counted <- moe(counts ~ x + v, data, family = multinomial(), control = few(seed = 1))
  expect_equal(as.numeric(logLik(counted)), as.numeric(logLik(fit)), tolerance = 1e-9)
  by_matrix <- moe_fit(model.matrix(~ x + v, data), data$y, control = few(seed = 1))
  expect_equal(coef(by_matrix), coef(fit))
  expect_equal(predict(by_matrix, list(x = model.matrix(~ x + v, data), y = data$y), type = "density"),
    predict(fit, type = "density"))
})

test_that("both regimes of an expert without slopes are fitted without NaN", {
  set.seed(3)
  n <- 4000
  x <- runif(n, -3, 3)
  first <- runif(n) < plogis(1 + 2 * x)
  noise <- -log(-log(matrix(runif(3 * n), n)))
  for (slope in c(1.5, 0)) {
    scores <- cbind(0, ifelse(first, 1 + slope * x, -1 - 2 * x), ifelse(first, -0.5 - slope * x, 0.5 + x))
    data <- data.frame(x = x, y = factor(max.col(scores + noise)))
    truth <- array(c(0, 0, 1, slope, -0.5, -slope, 0, 0, -1, -2, 0.5, 1), c(2, 3, 2))
    odds <- lapply(1:2, function(k) exp(cbind(1, x) %*% truth[, , k]))
    p <- plogis(1 + 2 * x) * odds[[1]] / rowSums(odds[[1]]) + plogis(-1 - 2 * x) * odds[[2]] / rowSums(odds[[2]])
    for (experts in 2:3) {
      fit <- quietly(moe(y ~ x, data, experts = experts, control = few(seed = 1)))
      expect_true(all(is.finite(coef(fit))))
      expect_false(anyNA(predict(fit)))
      expect_gt(as.numeric(logLik(fit)), sum(log(p[cbind(seq_len(n), as.integer(data$y))])))
      if (experts == 2) expect_lt(sqrt(mean((predict(fit) - p)^2)), 0.03)
    }
  }
})

test_that("missing values, aliased columns, new data", {
  data <- classified(200)
  data$y[4] <- NA
  data$x[7] <- NA
  fit <- quietly(moe(y ~ x + v + I(2 * v), data, na.action = na.exclude, control = few(seed = 1)))
  expect_true(all(is.na(coef(fit, part = "experts")["I(2 * v)", , ])))
  expect_identical(dim(predict(fit, type = "experts")), c(200L, 3L, 2L))
  expect_identical(which(is.na(fitted(fit)[, 1])), c(`4` = 4L, `7` = 7L))
  expect_identical(unname(which(is.na(predict(fit, data, type = "class")))), 7L)
  expect_identical(unname(which(is.na(predict(fit, data, type = "density")))), c(4L, 7L))
  some <- droplevels(data[which(data$y != "b")[1:5], ])
  expect_equal(predict(fit, some, type = "density"), predict(fit, data, type = "density")[rownames(some)])
  expect_equal(predict(fit, data[1:3, c("x", "v")]), predict(fit, data)[1:3, ])
  strange <- transform(data[1:2, ], y = factor(c("a", "z")))
  expect_error(predict(fit, strange, type = "density"), "z", class = "expertmix_error_newdata")
  again <- quietly(update(fit, start = fit, na.action = na.omit))
  expect_equal(logLik(again), logLik(fit), tolerance = 1e-8)
})

test_that("separated classes are named and bounded", {
  data <- transform(classified(200), y = factor(ifelse(x > 0.5, "c", as.character(y))))
  data$y[data$x <= 0.5 & data$y == "c"] <- "a"
  expect_warning(fit <- moe(y ~ x, data, experts = 1), "c \\(expert 1\\)", class = "expertmix_warning_classes")
  expect_true(all(is.finite(coef(fit))))
  expect_false(anyNA(predict(fit)))
  expect_match(fit$record$objective, "bounded experts")
})

test_that("bad input is a classed error or a clear result", {
  data <- classified(100)
  expect_class <- function(code, class) expect_error(code, class = paste0("expertmix_error_", class))
  expect_class(moe(y ~ x, transform(data, y = factor("a"))), "response")
  expect_class(moe(y ~ x, transform(data, y = TRUE)), "response")
  expect_class(moe(y ~ x, data.frame(x = rnorm(2002), y = gl(1001, 2))), "response")
  expect_class(moe(y ~ x, data.frame(x = rnorm(2002), y = gl(501, 4, 2002)), experts = 3), "experts")
  expect_class(moe(y ~ x, data, offset = v), "offset")
  expect_class(moe(y ~ x + offset(v), data), "offset")
  expect_class(moe(x ~ v, data, family = multinomial()), "family")
  expect_class(moe(y ~ x, data, family = gaussian()), "family")
  expect_class(moe(cbind(x, v) ~ v, data), "response")
  expect_class(moe(cbind(x, v) ~ v, data, family = multinomial()), "response")
  expect_class(moe(y ~ x, transform(data, y = NA)), "rows")
  expect_class(moe(y ~ x, transform(data, y = replace(y, 3, NA)), na.action = na.pass), "nonfinite")
  expect_class(moe_fit(cbind(1, data$x), replace(data$y, 3, NA)), "nonfinite")
  gaussian <- quietly(moe(x ~ v, data, control = few(seed = 1)))
  expect_class(moe(y ~ x, data, start = gaussian), "start")
  expect_warning(fit <- moe(y ~ x, transform(data, y = factor(y, levels = c("a", "b", "none", "c"))), experts = 1),
    "none", class = "expertmix_warning_levels")
  expect_equal(coef(fit), coef(moe(y ~ x, data, experts = 1)))
  expect_class(predict(gaussian, type = "class"), "type")
  expect_identical(levels(predict(moe(as.character(y) ~ x, data, experts = 1, family = multinomial()), type = "class")),
    c("a", "b", "c"))
})

test_that("there is a picture for one, for two and for other covariates", {
  skip_if_not_installed("ggplot2")
  data <- transform(classified(150), g = gl(2, 75))
  design <- model.matrix(~ x + v, data)
  fits <- quietly(list(
    moe(y ~ x, data, control = few(seed = 1)), moe(y ~ x, data, experts = 1), moe(y ~ poly(x, 2), data, experts = 1),
    moe(y ~ x + v, data, control = few(seed = 1)), moe_fit(design, data$y, experts = 1),
    moe(y ~ x + g, data, experts = 1)
  ))
  layers <- vapply(fits, function(fit) {
    picture <- ggplot2::autoplot(fit, xlab = "x (cm)")
    expect_identical(picture$labels$x, "x (cm)")
    expect_silent(ggplot2::ggplotGrob(picture))
    class(picture$layers[[1]]$geom)[1]
  }, "")
  expect_identical(layers, rep(c("GeomLine", "GeomTile"), each = 3))
})

test_that("fits to sparse matrices have pictures, too", {
  data <- classified(100)
  x <- Matrix::Matrix(cbind(1, data$x, data$v), sparse = TRUE)
  fit <- quietly(moe_fit(x, data$y, experts = 2, penalty = penalty_lasso(0.05), control = few(seed = 1)))
  expect_s3_class(ggplot2::autoplot(fit)$layers[[1]]$geom, "GeomTile")
})
