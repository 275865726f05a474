settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(200)
fit <- moe(y ~ x | z, d, control = settings)
path <- moe_path(y ~ x | z, d, nlambda = 3, control = settings)

test_that("every method refuses an argument that it does not use, by its name and without evaluating it", {
  methods <- getNamespaceInfo("expertmix", "S3methods")
  objects <- c(one_of_each(), list(formula = y ~ x, default = matrix(1, 3, 1)))
  expect_setequal(unique(methods[, 2]), names(objects))
  # Functions of these packages hand on arguments of their own.
  tolerant <- methods[, 4] %in% c("emmeans", "insight", "marginaleffects", "parameters", "performance")
  for (i in which(!tolerant)) {
    method <- get(methods[i, 3], asNamespace("expertmix"))
    object <- objects[[methods[i, 2]]]
    others <- if (methods[i, 1] == "all.equal") list(object)
    refused <- function(extra) {
      caught <- tryCatch(eval(as.call(c(method, list(object), others, extra))), error = identity)
      expect_s3_class(caught, "expertmix_error")
      conditionMessage(caught)
    }
    expect_match(refused(list(not_an_argument = quote(stop("evaluated")))), "not_an_argument", label = methods[i, 3])
  }
})

test_that("every exported function refuses an argument that it does not have", {
  generics <- c("tidy", "glance", "augment")
  for (name in setdiff(getNamespaceExports("expertmix"), generics)) {
    expect_error(do.call(name, list(not_an_argument = 1)), class = "expertmix_error", label = name)
  }
  expect_error(moe_path(y ~ x, d, not_an_argument = 1), "not_an_argument", class = "expertmix_error")
})

test_that("an argument too many is refused where it has no name", {
  expect_error(coef(fit, "all", 3), "<unnamed>", class = "expertmix_error_argument")
  expect_error(predict(fit, d, "gate", na.pass, 0.5, "none", 0.95, FALSE, "opg", FALSE, NULL, 1), "<unnamed>",
    class = "expertmix_error_argument")
  expect_error(plot(fit, d), class = "expertmix_error_which")
})

test_that("the error says what was meant, or what to do", {
  expect_error(predict(fit, tpye = "gate"), "Did you mean `type`", class = "expertmix_error_argument")
  expect_error(predict(fit, data = d), "Did you mean `newdata`", class = "expertmix_error_argument")
  expect_error(predict(fit, quantiles = 0.5), "probs", class = "expertmix_error_argument")
  expect_error(confint(fit, method = "exact"), "profile", class = "expertmix_error_method")
  expect_error(simulate(fit, newdata = d), "rmoe", class = "expertmix_error_argument")
  expect_error(tidy(fit, exponentiate = TRUE), "exp\\(\\)", class = "expertmix_error_argument")
  expect_error(model.matrix(fit, data = d), "update", class = "expertmix_error_argument")
  expect_error(coef(path, s = 0.1), "`lambda`", class = "expertmix_error_argument")
  expect_error(predict(path, s = 0.1), "`lambda`", class = "expertmix_error_argument")
  expect_error(predict(path, newx = d), "`newdata`", class = "expertmix_error_argument")
  expect_error(moe_path(y ~ x, d, n_lambda = 5), "Did you mean `nlambda`", class = "expertmix_error_argument")
  expect_error(moe_path(y ~ x, d, alpha = 0.5), "penalty_lasso", class = "expertmix_error_argument")
  expect_error(moe_path(formula = y ~ x, data = d), "`x` is missing", class = "expertmix_error_argument")
  expect_error(cv_moe(path, nfolds = 3), "`folds`", class = "expertmix_error_folds")
  expect_error(moe(y ~ x, d, K = 3), "`experts`", class = "expertmix_error_argument")
  expect_error(moe(y ~ x, d, lambda = 3), "penalty_lasso", class = "expertmix_error_argument")
  expect_error(gate_topk(1, top_k = 2), class = "expertmix_error_gate")
  expect_error(moe_control(strats = 2), "`starts`", class = "expertmix_error_control")
})

test_that("what other functions hand to methods is not refused", {
  expect_equal(nobs(fit, use.fallback = TRUE), 200)
  expect_equal(AIC(fit, k = 3), -2 * fit$log_likelihood + 3 * fit$df)
  expect_equal(unname(confint(fit, level = 0.5)), unname(confint.default(fit, level = 0.5)))
  expect_output(print(fit, digits = 3, quote = FALSE), "Mixture of 2")
  expect_output(print(summary(fit), digits = 3, table = "full", signif.stars = FALSE), "Expert 1")
  expect_output(print(list(gate_softmax(), settings, penalty_lasso(1)), digits = 3), "softmax gate")
  expect_equal(nrow(model.frame(fit, data = d[1:7, ])), 7)
  expect_equal(nrow(expand.model.frame(fit, ~z)), 200)
  expect_equal(length(predict(path, d, na.action = na.omit)), 200)
})

test_that("moe_path() takes subset, na.action and offset as moe() does", {
  cut <- moe_path(y ~ x | z, d, nlambda = 3, subset = x > 0, offset = z, control = settings)
  kept <- d$x > 0
  same <- moe_path(I(y - z) ~ x | z, d[kept, ], nlambda = 3, control = settings)
  expect_equal(cut$table$logLik, same$table$logLik)
  expect_equal(unname(predict(cut, d[1:4, ])), unname(predict(same, d[1:4, ])) + d$z[1:4], tolerance = 1e-5)
})

test_that("confint() refuses parameters that are not there and levels that are none", {
  for (parm in list("nothere", 99, c(1, 99), 0, 1.5, c(-1, 1), NA, TRUE, list("gate2:z"))) {
    expect_error(confint(fit, parm), class = "expertmix_error_parm")
  }
  for (level in list(0, 1, 95, -1, NA, c(0.9, 0.95), "0.9")) {
    expect_error(confint(fit, level = level), class = "expertmix_error_level")
  }
  all <- confint(fit)
  expect_equal(confint(fit, "gate2:z"), all["gate2:z", , drop = FALSE])
  expect_equal(confint(fit, 2:3), all[2:3, ])
  expect_equal(confint(fit, -1), all[-1, ])
})
