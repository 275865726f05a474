# Odd input: each kind is fitted as what it stands for, or is a classed error that says what to do.

data <- simulated(80)
data$count <- 1:80
data$group <- data$g
settings <- moe_control(starts = 5, seed = 1)
lasso <- penalty_lasso(0.02)

# The fit works through all that asks for its rows, and is that of plain input.
expect_like <- function(fit, plain) {
  expect_equal(unname(coef(fit)), unname(coef(plain)))
  expect_equal(c(logLik(fit)), c(logLik(plain)))
  expect_equal(unname(fitted(fit)), unname(fitted(plain)))
  expect_equal(unname(residuals(fit)), unname(residuals(plain)))
  expect_equal(unname(predict(fit, type = "posterior")), unname(predict(plain, type = "posterior")))
  expect_output(print(summary(fit)))
}

expect_refused <- function(code, class, message = NULL) {
  condition <- expect_error(code, message, class = paste0("expertmix_error_", class))
  expect_s3_class(condition, "expertmix_error")
}

test_that("the bridge reads whole numbers and logical values as numbers", {
  x <- cbind(one = 1L, count = data$count)
  double <- x + 0
  for (penalty in list(NULL, lasso)) {
    fitted_to <- function(x, z, ...) quietly(moe_fit(x, data$y, z, ..., penalty = penalty, control = settings))
    plain <- fitted_to(double, double + 0, weights = data$w + 0, offset = data$count + 0)
    fit <- fitted_to(x, x + 0L, weights = data$w, offset = data$count)
    expect_like(fit, plain)
    new <- list(x = double, z = double, offset = data$count + 0)
    expect_equal(predict(fit, list(x = x, z = x, offset = data$count)), predict(plain, new))
    fit_to <- function(x, y) quietly(moe_fit(x, y, penalty = penalty, control = settings))
    expect_like(fit_to(double, as.integer(10 * data$y)), fit_to(double, trunc(10 * data$y)))
    above <- cbind(TRUE, data$x > 0)
    expect_like(fit_to(above, data$y), fit_to(above + 0, data$y))
  }
  for (shift in list(quote(count), quote(round(v)))) {
    shifted <- function(by) eval(bquote(moe(y ~ x, data, offset = .(by), control = settings)))
    expect_like(shifted(shift), shifted(bquote(.(shift) + 0)))
  }
  plain <- moe(y ~ x + offset(count + 0), data, control = settings)
  expect_like(moe(y ~ x + offset(count), data, control = settings), plain)
  whole <- list(x = x, z = NULL, y = NULL, weights = NULL, offset = NULL)
  expect_error(checked_result(core_predict(whole, list(), list(), "gate", double())),
    class = "expertmix_error_argument")
})

test_that("sparse and dense classes of package Matrix are read", {
  skip_if_not_installed("Matrix")
  x <- cbind(1, data$x, data$x > 0.5)
  sparse <- methods::as(x, "CsparseMatrix")
  plain <- moe_fit(sparse, data$y, penalty = lasso, control = settings)
  for (class in c("TsparseMatrix", "RsparseMatrix", "CsparseMatrix")) {
    expect_like(moe_fit(methods::as(sparse, class), data$y, penalty = lasso, control = settings), plain)
    expect_refused(moe_fit(methods::as(sparse, class), data$y), "design", "penalty")
  }
  dense <- Matrix::Matrix(x, sparse = FALSE)
  expect_like(moe_fit(dense, data$y, control = settings), moe_fit(x, data$y, control = settings))
  above <- methods::as(cbind(1, data$x > 0.5), "CsparseMatrix")
  plain <- moe_fit(above, data$y, penalty = lasso, control = settings)
  for (class in c("lMatrix", "nMatrix")) {
    expect_like(moe_fit(methods::as(above, class), data$y, penalty = lasso, control = settings), plain)
  }
  path <- moe_path(methods::as(sparse, "TsparseMatrix"), data$y, nlambda = 4, control = settings)
  expect_equal(path$table, moe_path(sparse, data$y, nlambda = 4, control = settings)$table)
})

test_that("a penalised sparse design without names gets some", {
  skip_if_not_installed("Matrix")
  fit <- moe_fit(methods::as(cbind(1, data$x), "CsparseMatrix"), data$y, penalty = lasso, control = settings)
  expect_identical(rownames(coef(fit, part = "experts")), c("x1", "x2"))
})

test_that("terms of data$column, and of what else is a column", {
  local <- data
  plain <- moe(y ~ x | v, data, control = settings)
  expect_like(moe(local$y ~ local$x | local$v, control = settings), plain)
  expect_like(moe(local[["y"]] ~ local[, "x"] | local$v, control = settings), plain)
  expect_like(moe(y ~ x | v, as.list(data), control = settings), plain)
  expect_like(moe(y ~ x | v, list2env(data), control = settings), plain)
  expect_like(with(data, moe(y ~ x | v, control = settings)), plain)
})

test_that("kinds of columns: each is fitted as the numbers it stands for", {
  days <- transform(data, date = as.Date("2024-01-01") + count, time = as.difftime(x, units = "hours"),
    stamp = as.POSIXct("2024-01-01", tz = "UTC") + count, few = ordered(as.character(g)))
  same <- list(
    date ~ I(as.numeric(date)), time ~ x, stamp ~ I(as.numeric(stamp)), I(x) ~ x, cbind(x, v) ~ x + v,
    count ~ I(count + 0), I(x > 0) ~ factor(x > 0)
  )
  for (pair in same) {
    fits <- lapply(c(pair[[2]], pair[[3]]), function(term) {
      quietly(moe(eval(substitute(y ~ term, list(term = term))), days, control = settings))
    })
    expect_equal(unname(coef(fits[[1]])), unname(coef(fits[[2]])), tolerance = 1e-5)
    expect_equal(fitted(fits[[1]]), fitted(fits[[2]]), tolerance = 1e-6)
  }
  ordered <- moe(y ~ few, days, control = settings)
  expect_identical(rownames(coef(ordered, part = "experts")), c("(Intercept)", "few.L", "few.Q"))
})

test_that("names with spaces and backticks", {
  renamed <- stats::setNames(data[c("x", "v", "y")], c("my x", "gate2:v", "the y"))
  fit <- moe(`the y` ~ `my x` | `gate2:v`, renamed, control = settings)
  plain <- moe(y ~ x | v, data, control = settings)
  expect_equal(unname(coef(fit)), unname(coef(plain)))
  expect_equal(predict(fit, renamed), fitted(fit))
  expect_equal(length(capture.output(print(summary(fit)))), length(capture.output(print(summary(plain)))))
})

test_that("columns of the same name get a number", {
  x <- structure(cbind(1, data$x, data$v), dimnames = list(NULL, c("x", "x", "")))
  fit <- moe_fit(x, data$y, control = settings)
  expect_identical(rownames(coef(fit, part = "experts")), c("x", "x.1", "x3"))
  expect_like(fit, moe_fit(unname(x), data$y, control = settings))
  expect_equal(anyDuplicated(names(coef(fit))), 0)
  twice <- transform(data, f = factor(ifelse(v > 0, "b", "a")), fb = x)
  fit <- moe(y ~ f + fb, twice, control = settings)
  expect_identical(rownames(coef(fit, part = "experts")), c("(Intercept)", "fb", "fb.1"))
  expect_equal(unname(predict(fit, twice[1:3, ])), unname(fitted(fit)[1:3]))
})

test_that("kinds of responses", {
  x <- cbind(1, x = data$x)
  plain <- moe_fit(x, data$y, control = settings)
  for (y in list(matrix(data$y), array(data$y), stats::ts(data$y), I(data$y), as.table(data$y))) {
    expect_like(moe_fit(x, y, control = settings), plain)
  }
  data$m <- matrix(data$y)
  expect_like(moe(m ~ x, data, control = settings), moe(y ~ x, data, control = settings))
  data$frame <- data["y"]
  for (y in list(data["y"], as.list(data$y), NULL, as.Date(data$count, "2024-01-01"), complex(80, data$y))) {
    expect_error(moe_fit(x, y), class = "expertmix_error")
  }
  for (formula in list(frame ~ x, as.Date(count, "2024-01-01") ~ x, cbind(y, v) ~ x, as.list(y) ~ x)) {
    expect_error(moe(formula, data), class = "expertmix_error")
  }
})

test_that("what is no weight, offset, design or data is refused", {
  x <- cbind(1, data$x)
  wrong <- list(data$g, as.character(data$y), as.list(data$y), cbind(data$v, data$v), data$v[-1], data["v"],
    as.Date(data$count, "2024-01-01"), complex(80, data$v))
  for (value in wrong) {
    expect_refused(moe_fit(x, data$y, weights = value), "weights")
    expect_refused(moe_fit(x, data$y, offset = value), "offset")
  }
  for (term in list(quote(g), quote(as.character(x)), quote(cbind(x, v)), quote(as.Date(count, "2024-01-01")))) {
    expect_refused(eval(substitute(moe(y ~ x, data, offset = term), list(term = term))), "offset")
    expect_refused(eval(substitute(quietly(moe(y ~ x + offset(term), data)), list(term = term))), "offset")
    expect_refused(eval(substitute(moe(y ~ x, data, weights = term), list(term = term))), "weights")
  }
  wrong <- list(
    data["x"], data$x, NULL, matrix("a", 80, 2), matrix(list(1), 80, 2), array(1, c(80, 2, 2)), x[-1, ], x[, 0]
  )
  for (design in wrong) {
    expect_refused(quietly(moe_fit(design, data$y)), "design")
  }
  for (held in list(as.matrix(data[c("x", "y")]), stats::ts(as.matrix(data[c("x", "y")])), 3, "data", mean)) {
    expect_refused(moe(y ~ x, held), "frame", "as.data.frame")
  }
  expect_refused(moe(y ~ l, list(y = data$y, l = as.list(data$y))), "frame")
})

test_that("what is missing or stands twice is named", {
  expect_refused(moe_fit(y = data$y), "design", "`x`")
  expect_refused(moe_fit(cbind(1, data$x)), "response", "`y`")
  expect_refused(moe_path(cbind(1, data$x)), "response", "`y`")
  expect_refused(penalty_lasso(), "penalty", "`lambda`")
  expect_refused(penalty_lasso(experts = 1), "penalty", "`lambda`")
  expect_s3_class(penalty_lasso(experts = 1, gate = 2), "moe_penalty")
  expect_refused(moe(y ~ x + y, data), "formula", "`y`")
  expect_refused(moe(y ~ x | y, data), "formula", "`y`")
  expect_refused(moe_path(y ~ x, data, nlambda = 1e9), "penalty", "10000")
})

test_that("few rows", {
  expect_refused(moe(y ~ x, data[0, ]), "rows")
  expect_refused(moe_fit(matrix(0, 0, 2), numeric()), "rows")
  expect_refused(moe_fit(matrix(0, 0, 2), numeric(), penalty = lasso), "rows")
  expect_refused(moe_path(matrix(0, 0, 2), numeric()), "rows")
  expect_refused(moe(y ~ x, data[1, ]), "experts")
  expect_refused(moe(y ~ x, data[1, ], experts = 1), "degenerate")
  expect_true(is.finite(logLik(quietly(moe(y ~ x, data[1:2, ], control = settings)))))
})

test_that("experts are at most the rows of positive weight", {
  weights <- rep(c(1, 0), c(3, 77))
  x <- cbind(1, data$x)
  for (penalty in list(NULL, lasso)) {
    expect_refused(moe_fit(x, data$y, experts = 4, weights = weights, penalty = penalty), "experts", "from 1 to 3")
    fit <- quietly(moe_fit(x, data$y, experts = 3, weights = weights, penalty = penalty, control = settings))
    expect_true(is.finite(logLik(fit)))
  }
})

test_that("a gate whose slopes act alone needs a covariate", {
  for (gate in list(gate_softmax(activation = "tanh"), gate_softmax(activation = "gelu"))) {
    for (penalty in list(NULL, lasso)) {
      expect_refused(moe(y ~ x | 1, data, gate = gate, penalty = penalty), "argument", "covariate")
      expect_refused(moe(y ~ x | 0 + v, data, gate = gate, penalty = penalty), "argument", "ones")
    }
  }
})

test_that("the number of starts has a limit", {
  expect_refused(moe_control(starts = 1e9), "control", "100000")
  expect_s3_class(moe_control(starts = 1e5), "moe_control")
})

test_that("a start of no finite likelihood says so", {
  measure <- function(slope = 2, sigma = 1, gate = 1) {
    mixing_measure(rbind(c(0, 0), c(gate, -gate)), rbind(c(1, -1), c(slope, -1)), c(sigma, sigma))
  }
  data <- data[c("x", "y")]
  for (penalty in list(NULL, lasso)) {
    far <- mixing_measure(rbind(c(0, 0), c(1, -1)), rbind(c(1e149, -1e149), c(2, -1)), c(1e-10, 1e-10))
    expect_refused(moe(y ~ x, data, start = far, penalty = penalty), "start")
    steep <- measure(slope = 1e100, sigma = 1e-100)
    expect_error(moe(y ~ x, data, start = steep, penalty = penalty), class = "expertmix_error")
    fit <- quietly(moe(y ~ x, data, start = measure(sigma = 0.01), penalty = penalty, control = settings))
    expect_true(is.finite(logLik(fit)))
  }
})

test_that("starts of every kind for a common sigma", {
  data <- data[c("x", "y")]
  for (penalty in list(NULL, lasso)) {
    separate <- moe(y ~ x, data, penalty = penalty, control = settings)
    common <- moe(y ~ x, data, sigma = "common", penalty = penalty, control = settings)
    starts <- list(separate, common, mixing_measure(separate), mixing_measure(common))
    starts <- c(starts, list(predict(separate, type = "posterior")))
    for (start in starts) {
      fit <- quietly(moe(y ~ x, data, sigma = "common", start = start, penalty = penalty, control = settings))
      expect_equal(c(logLik(fit)), c(logLik(common)), tolerance = 1e-4)
      expect_equal(unname(diff(sigma(fit))), 0)
      fit <- quietly(moe(y ~ x, data, start = start, penalty = penalty, control = settings))
      expect_equal(c(logLik(fit)), c(logLik(separate)), tolerance = 1e-4)
    }
  }
})

test_that("names that model frames use for what is no variable are refused", {
  for (name in c("(weights)", "(offset)", "(rows)", "(covariate)")) {
    taken <- cbind(data[c("x", "y")], stats::setNames(data["v"], name))
    expect_refused(moe(y ~ ., taken), "formula", "Rename")
    expect_refused(moe(y ~ ., taken, start = matrix(0.5, 80, 2), weights = rep(1, 80)), "formula")
    expect_like(moe(y ~ x, taken, control = settings), moe(y ~ x, data, control = settings))
  }
})

test_that("classes without a name, or of the same, are refused; those without rows are dropped", {
  x <- cbind(1, data$x)
  for (label in c("", NA)) {
    y <- data$g
    levels(y)[1] <- if (is.na(label)) "missing" else label
    y <- if (is.na(label)) addNA(replace(y, y == "missing", NA)) else y
    data$class <- droplevels(y)
    for (penalty in list(NULL, lasso)) {
      expect_refused(moe(class ~ x, data, penalty = penalty), "response", "name")
      expect_refused(moe_fit(x, data$class, penalty = penalty), "response", "name")
    }
  }
  counts <- cbind(a = data$w, b = data$count)
  for (label in c("a", "", NA)) {
    colnames(counts) <- c("a", label)
    expect_refused(moe_fit(x, counts, family = "multinomial"), "response")
  }
  extra <- factor(data$g, levels = c("", "z", levels(data$g)))
  quietly(expect_warning(fit <- moe_fit(x, extra, control = settings), class = "expertmix_warning_levels"))
  expect_equal(coef(fit), coef(quietly(moe_fit(x, data$g, control = settings))))
})

test_that("integer64 is refused wherever it is, by the name of its column", {
  skip_if(isNamespaceLoaded("bit64"))
  data$big <- structure(data$count + 0, class = "integer64")
  x <- cbind(1, data$x)
  formulas <- list(y ~ big, y ~ x | big, big ~ x, y ~ x + offset(big), y ~ log(big), y ~ I(big), y ~ x:big)
  for (formula in formulas) expect_error(moe(formula, data), "`big`.*as.double", class = "expertmix_error")
  expect_error(moe(y ~ x, data, weights = big), "`weights`.*as.double", class = "expertmix_error")
  expect_error(moe(y ~ x, data, offset = big), "`offset`.*as.double", class = "expertmix_error")
  expect_refused(moe_fit(x, data$big), "response", "as.double")
  expect_refused(moe_fit(x, data$y, weights = data$big), "weights", "as.double")
  expect_refused(moe_fit(x, data$y, offset = data$big), "offset", "as.double")
  wide <- structure(x, class = "integer64")
  expect_refused(moe_fit(wide, data$y), "design", "as.double")
  expect_refused(moe_fit(x, data$y, wide), "design", "`z`")
  expect_refused(moe_path(wide, data$y), "design", "as.double")
  expect_like(moe(y ~ x, data, control = settings), moe(y ~ x, data[c("x", "y")], control = settings))
})

test_that("sizes that overflow or vanish are refused, all others fitted alike", {
  plain <- moe(y ~ x | v, data, control = settings)
  value <- function(fit, power = 0) c(logLik(fit)) + 80 * power * log(10)
  for (power in c(-140, 140)) {
    scaled <- transform(data, a = x * 10^power, b = v * 10^power, c = y * 10^power)
    expect_equal(value(moe(y ~ a | b, scaled, control = settings)), value(plain), tolerance = 1e-6)
    expect_equal(value(moe(c ~ x | v, scaled, control = settings), power), value(plain), tolerance = 1e-6)
  }
  for (power in c(-300, -200, -151, 155, 160, 200, 305)) {
    scaled <- transform(data, a = x * 10^power, c = y * 10^power)
    for (penalty in list(NULL, lasso)) {
      expect_refused(moe(y ~ a, scaled, penalty = penalty), "range", "`a`")
      expect_refused(moe(y ~ x | a, scaled, penalty = penalty), "range", "gate design")
      expect_refused(moe(c ~ x, scaled, penalty = penalty), "range", "`c`")
    }
    if (power > 0) expect_refused(moe(y ~ x, scaled, offset = a), "range", "offset")
  }
  expect_refused(moe(y ~ x, data, weights = rep(1e308, 80)), "weights", "sum")
})

test_that("sparse sizes too", {
  skip_if_not_installed("Matrix")
  for (size in c(1e200, 1e-200)) {
    x <- methods::as(cbind(one = 1, a = data$x, b = size * data$v), "CsparseMatrix")
    expect_refused(moe_fit(x, data$y, penalty = lasso), "range", "`b`")
  }
})

test_that("collinear columns are said once, and kept", {
  double <- transform(data, twice = 2 * x)
  expect_message(fit <- moe(y ~ x + twice, double, control = settings), "`twice`", class = "expertmix_message_aliased")
  expect_no_message(expect_no_warning(predict(fit, double)))
  expect_no_message(summary(fit))
  expect_no_message(moe(y ~ x + twice, double, start = fit, control = settings))
  expect_s3_class(fit, "moe")
  expect_identical(names(fit$record$warnings), "aliased")
  expect_equal(sum(grepl("twice.*NA|NA.*twice|Note:.*twice", capture.output(print(summary(fit))))), 1)
  expect_message(moe(y ~ x + twice | x, double, control = settings), "twice` (experts)", fixed = TRUE)
  expect_message(moe(y ~ x | x + twice, double, control = settings), "twice` (gate)", fixed = TRUE)
  expect_no_message(moe(y ~ x, double, control = settings))
})
