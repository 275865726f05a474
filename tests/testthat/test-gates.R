control <- moe_control(seed = 1)

# Rows from a mixture of two experts with a gate on x and w.
simulated <- function(n = 400) {
  set.seed(1)
  data <- data.frame(x = rnorm(n), w = rnorm(n))
  first <- runif(n) < plogis(1.5 * data$x - data$w)
  data$y <- ifelse(first, 1 + 2 * data$x, -1 - data$x) + 0.5 * rnorm(n)
  data
}

test_that("gates that are the same model have the same likelihood", {
  data <- simulated()
  plain <- moe(y ~ x | x + w, data, control = control)
  warm <- moe(y ~ x | x + w, data, gate = gate_temperature(2), control = control)
  expect_equal(c(logLik(warm)), c(logLik(plain)), tolerance = 1e-10)
  expect_equal(coef(warm, "gate"), 2 * coef(plain, "gate"), tolerance = 1e-5)
  all <- moe(y ~ x | x + w, data, gate = gate_topk(2), control = control)
  expect_equal(c(logLik(all)), c(logLik(plain)), tolerance = 1e-10)
  written <- moe(y ~ x | tanh(x) + tanh(w), data, control = control)
  modified <- moe(y ~ x | x + w, data, gate = gate_modified("tanh"), control = control)
  expect_equal(c(logLik(modified)), c(logLik(written)), tolerance = 1e-10)
  expect_equal(unname(coef(modified)), unname(coef(written)), tolerance = 1e-6)
  gate_of <- function(fit) predict(fit, data[1:5, ], type = "gate")
  expect_equal(gate_of(modified), gate_of(written), tolerance = 1e-6)
})

test_that("a transform sees numeric covariates only and is applied to new data", {
  data <- simulated()
  data$f <- factor(sample(c("a", "b"), nrow(data), TRUE))
  seen <- NULL
  note <- function(z) {
    seen <<- colnames(z)
    cos(z)
  }
  fit <- moe(y ~ x | x + f, data, gate = gate_modified(note), control = control)
  expect_equal(seen, "x")
  expect_equal(predict(fit, data[7, ]), predict(fit)[7])
  same <- moe(y ~ x | cos(x) + f, data, control = control)
  expect_equal(c(logLik(fit)), c(logLik(same)), tolerance = 1e-10)
})

test_that("one active expert: a direction, left out of coef() and vcov()", {
  data <- simulated()
  expect_warning(
    fit <- moe(y ~ x | x + w, data, gate = gate_topk(1), control = control), class = "expertmix_warning_unidentified"
  )
  gate <- coef(fit, "gate")
  expect_equal(sum(gate[-1, ]^2), 1)
  expect_true(all(is.na(gate[1, ])))
  expect_false(any(startsWith(names(coef(fit)), "gate")))
  expect_equal(dim(vcov(fit)), rep(length(coef(fit)), 2))
  expect_equal(attr(logLik(fit), "df"), 6 + 1)
  expect_true(all(predict(fit, type = "gate") %in% c(0, 1)))
  expect_equal(sum(log(predict(fit, type = "density"))), c(logLik(fit)))
})

test_that("an estimated temperature has a coefficient and a standard error; or a warning where it is not identified", {
  data <- simulated(1500)
  fit <- quietly(moe(y ~ x | x + w, data, gate = gate_temperature(activation = "tanh"), control = control))
  expect_true("log(temperature)" %in% names(coef(fit)))
  expect_true(all(c("gate1:x", "gate2:(Intercept)", "gate2:x") %in% names(coef(fit))))
  expect_output(print(fit), "Temperature:")
  expect_warning(
    free <- moe(y ~ x | x + w, data, gate = gate_temperature(), control = control),
    class = "expertmix_warning_unidentified"
  )
  plain <- moe(y ~ x | x + w, data, control = control)
  expect_equal(coef(free), coef(plain))
  expect_equal(attr(logLik(free), "df"), attr(logLik(plain), "df"))
})

test_that("the normalised sigmoid gate is what its formula says", {
  data <- simulated()
  fit <- moe(y ~ x | x + w, data, gate = gate_sigmoid(), control = control)
  scores <- plogis(model.matrix(fit, part = "gate") %*% coef(fit, "gate"))
  expect_equal(predict(fit, type = "gate"), scores / rowSums(scores), ignore_attr = TRUE)
})

test_that("an activation gate is what its formula says", {
  data <- simulated()
  fit <- quietly(moe(y ~ x | x + w, data, gate = gate_temperature(0.7, activation = "softplus"), control = control))
  gate <- coef(fit, "gate")
  origin <- rep(fit$gate$origin, each = nrow(data))
  expect_equal(fit$gate$origin, colMeans(data[c("x", "w")]))
  slopes <- (as.matrix(data[c("x", "w")]) - origin) %*% gate[-1, ]
  scores <- (log1p(exp(slopes)) + rep(gate[1, ], each = nrow(data))) / 0.7
  expect_equal(predict(fit, type = "gate"), exp(scores) / rowSums(exp(scores)), ignore_attr = TRUE)
})

test_that("choices that cannot be are classed errors", {
  data <- simulated(60)
  bad <- function(expression) expect_error(expression, class = "expertmix_error_gate")
  bad(gate_topk(0))
  bad(gate_topk(1.5))
  bad(gate_topk())
  bad(moe(y ~ x, data, gate = gate_topk(3)))
  bad(gate_topk(1, select = "score"))
  bad(gate_temperature(0))
  bad(gate_temperature(-1))
  bad(gate_temperature(NA))
  bad(gate_temperature(activation = "sine"))
  bad(gate_modified("sine"))
  bad(gate_modified(1))
  bad(gate_modified())
  bad(moe(y ~ x, data, gate = gate_modified(function(z) z[-1, , drop = FALSE])))
  bad(moe(y ~ x, data, gate = gate_modified(function(z) z / 0)))
  bad(moe(y ~ x, data, gate = gate_modified(function(z) as.character(z))))
  bad(moe(y ~ x, data, gate = gate_modified(function(z) stop("no"))))
  bad(moe(y ~ x, data, gate = "softmax"))
  expect_error(moe(y ~ x | 1, data, gate = gate_topk(1)), class = "expertmix_error_argument")
})

test_that("gates that an activation folds do not separate the rows", {
  data <- simulated(300)
  for (gate in list(gate_softmax(activation = "tanh"), gate_softmax(activation = "sigmoid"))) {
    expect_no_warning(fit <- moe(y ~ x | w, data, gate = gate, control = control),
      class = "expertmix_warning_separation")
    expect_true(all(predict(fit, type = "gate") > 0.05))
    expect_false(anyNA(vcov(fit)))
  }
})
