skip_if_not_installed("parsnip")
settings <- moe_control(starts = 5, seed = 1)
d <- two_lines(200)
spec <- parsnip::set_engine(mixture_of_experts("regression", experts = 2), "expertmix", control = settings)

test_that("the engine fits moe() by its formula of two parts", {
  own <- parsnip::fit(spec, y ~ x | z, d)
  direct <- moe(y ~ x | z, d, control = settings)
  expect_equal(coef(own$fit), coef(direct))
  expect_equal(predict(own, d)$.pred, unname(predict(direct)))
  interval <- predict(own, d[1:5, ], type = "conf_int", level = 0.9)
  by_fit <- predict(own$fit, d[1:5, ], interval = "confidence", level = 0.9)
  expect_equal(as.matrix(interval), unname(by_fit[, -1]), ignore_attr = TRUE)
  interval <- predict(own, d[1:5, ], type = "pred_int", level = 0.9)
  expect_equal(as.matrix(interval), predict(direct, d[1:5, ], interval = "prediction", level = 0.9)[, 2:3],
    ignore_attr = TRUE)
  expect_equal(names(interval), c(".pred_lower", ".pred_upper"))
  expect_output(print(spec), "experts = 2")
})

test_that("a factor is classified", {
  classify <- parsnip::set_mode(parsnip::set_engine(mixture_of_experts(), "expertmix", control = settings),
    "classification")
  own <- quietly(parsnip::fit(classify, Species ~ Sepal.Width | Sepal.Length, iris))
  direct <- quietly(moe(Species ~ Sepal.Width | Sepal.Length, iris, control = settings))
  expect_equal(predict(own, iris)$.pred_class, unname(predict(direct, type = "class")))
  shares <- predict(own, iris[1:3, ], type = "prob")
  expect_equal(names(shares), paste0(".pred_", levels(iris$Species)))
  expect_equal(as.matrix(shares), predict(direct, iris[1:3, ]), ignore_attr = TRUE)
})

test_that("case weights and the number of experts reach moe()", {
  one <- parsnip::set_args(spec, experts = 1)
  weights <- rep(1:2, 100)
  own <- parsnip::fit(one, y ~ x, d, case_weights = hardhat::frequency_weights(weights))
  expect_equal(coef(own$fit), coef(moe(y ~ x, d, experts = 1, weights = weights)))
  expect_error(mixture_of_experts(exprts = 3), class = "expertmix_error_argument")
})
