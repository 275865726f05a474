skip_if_not_installed("ggplot2")

settings <- moe_control(starts = 5, seed = 1)
d <- simulated(150)
d$long <- factor(ifelse(d$g == "a", "a level with a name too long for an axis", as.character(d$g)))
d$count <- rpois(150, exp(1 + d$x / 2))
d$class <- factor(ifelse(d$y > 1, "high", ifelse(d$v > 0, "mid", "low")))

quiet_plot <- function(...) {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  plot(...)
}

test_that("every picture of every kind of fit is drawn, or refused by a classed error", {
  d$y[5] <- NA
  sparse <- Matrix::Matrix(cbind(1, d$x, d$v), sparse = TRUE)
  fits <- quietly(list(
    two_rows = moe(y ~ 1, d[1:2, ], experts = 1),
    mixed = moe(y ~ long | v + w, d, na.action = na.exclude, offset = o, control = settings),
    terms = moe(y ~ poly(x, 2) | 1, d[-5, ], control = settings),
    six = moe(y ~ x, d, experts = 6, control = settings),
    sparse = moe_fit(sparse[-5, ], d$y[-5], penalty = penalty_lasso(0.02), control = settings),
    counts = moe(count ~ x + v, d, family = poisson(), gate = gate_topk(1), control = settings),
    split = moe(y ~ x | cut(x, 2), d, control = settings), classes = moe(class ~ x + long, d, control = settings)
  ))
  refused <- list()
  for (fit in names(fits)) for (which in names(pictures(fits[[fit]]))) {
    drawn <- tryCatch(
      ggplot2::ggplot_build(ggplot2::autoplot(fits[[fit]], which = which)),
      expertmix_error_which = function(cause) NULL
    )
    if (is.null(drawn)) refused[[fit]] <- c(refused[[fit]], which)
  }
  expect_identical(refused, list(
    two_rows = c("effects", "gate", "posterior", "residuals", "calibration"), mixed = "calibration",
    terms = c("gate", "calibration"), six = "calibration", sparse = c("calibration", "search"), counts = "calibration",
    split = c("density", "calibration")
  ))
  for (fit in fits) expect_identical(quiet_plot(fit), fit)
})

test_that("what a picture cannot use is refused", {
  fit <- moe(y ~ x + v, d, control = settings)
  expect_error(plot(fit, which = "calibration"), "classes", class = "expertmix_error_which")
  expect_error(plot(fit, which = c("qq", "worms")), "\"worm\"", class = "expertmix_error_which")
  expect_error(plot(fit, which = "qq", newdata = d), "newdata", class = "expertmix_error_argument")
  expect_error(plot(fit, which = "worm", level = 2), class = "expertmix_error_level")
  expect_error(plot(fit, which = "effects", covariates = "z"), "`x`, `v`", class = "expertmix_error_covariates")
  expect_error(plot(fit, which = "density", newdata = d[1:20, ]), "1 to 9", class = "expertmix_error_newdata")
  expect_error(plot(fit, which = "density", newdata = data.frame(x = NA, v = 1)), class = "expertmix_error_newdata")
  expect_error(plot(fit, which = "qq", collour = 2), "colour", class = "expertmix_error_argument")
  classes <- quietly(moe(class ~ x, d, experts = 1))
  expect_error(plot(classes, level = 0.9), "\"fit\" has no use for `level`", class = "expertmix_error_argument")
  drawn <- ggplot2::autoplot(fit, which = c("qq", "search"), main = "Both")
  expect_named(drawn, c("qq", "search"))
  expect_identical(drawn$qq$labels$title, "Both")
})

test_that("effects are those of lm() and glm(), with their bands", {
  fit <- moe(y ~ x + long, d, experts = 1)
  model <- lm(y ~ x + long, d)
  covariates <- covariates_of(fit)
  effects <- effect_data(covariates, c("x", "long"), 0.9)
  at <- data.frame(x = effects$x$value, long = names(which.max(table(d$long))))
  lm_effect <- predict(model, at, se.fit = TRUE)
  expect_equal(effects$x$fit, unname(lm_effect$fit), tolerance = 1e-7)
  # Maximum likelihood divides by n.
  half <- qnorm(0.95) * lm_effect$se.fit * sqrt(df.residual(model) / 150)
  expect_equal(effects$x$upr, unname(lm_effect$fit + half), tolerance = 1e-6)
  levels <- predict(model, data.frame(x = median(d$x), long = levels(d$long)))
  expect_equal(effects$long$fit, unname(levels), tolerance = 1e-7)
  expect_identical(as.character(effects$long$value), levels(d$long))

  d$positive <- d$y > 0
  binary <- moe(positive ~ v, d, experts = 1)
  logit <- predict(glm(positive ~ v, binomial, d), data.frame(v = c(-0.5, 0.5)), se.fit = TRUE)
  band <- mean_band(binary, data.frame(v = c(-0.5, 0.5)), 0.95)
  expect_equal(unname(band$lwr[, "TRUE"]), unname(plogis(logit$fit - qnorm(0.975) * logit$se.fit)), tolerance = 1e-5)
})

test_that("other covariates and offsets stand at typical values", {
  fit <- quietly(moe(y ~ x + log(w) + factor(w) + g, d, experts = 1, offset = o))
  covariates <- covariates_of(fit)
  expect_identical(covariates$shown, c("x", "w", "g"))
  new <- covariates$newdata(list(x = c(0, 1)), 2)
  expect_equal(new$w, rep(as.integer(names(which.max(table(d$w)))), 2))
  expect_equal(new$g, rep(factor(names(which.max(table(d$g))), levels(d$g)), 2))
  expect_equal(new$.offset, rep(median(d$o), 2))
  expect_equal(diff(effect_data(covariates, "x", 0.9)$x$fit[c(1, 201)]), coef(fit)[["expert1:x"]] * diff(range(d$x)))
  gated <- moe(y ~ x | v, d, control = settings)
  expect_identical(covariates_of(gated, "gate")$shown, "v")
  expect_equal(covariates_of(moe(y ~ x + log(w), d, subset = v > 0, experts = 1))$values$w, d$w[d$v > 0])
})

test_that("panels write their own values below their axes", {
  fit <- moe(y ~ x + long, d, experts = 1)
  built <- ggplot2::ggplot_build(ggplot2::autoplot(fit, xlab = c(x = "x (cm)")))
  labels <- lapply(built$layout$panel_params, function(panel) panel$x$get_labels())
  expect_identical(labels[[2]], c("a level with a ...", "b", "c"))
  at <- built$layout$panel_params[[1]]$x$get_breaks()
  places <- panel_axes(covariates_of(fit), c("x", "long"))
  expect_equal(places$place("x", as.double(labels[[1]])), at)
  expect_identical(levels(built$plot$data$panel), c("x (cm)", "long"))
})

test_that("gates, posteriors and densities are those that are predicted", {
  fit <- moe(y ~ x | x + v, d, control = settings)
  surface <- gate_surface_data(covariates_of(fit, "gate"), c("x", "v"), points = 5)
  first <- surface[surface$expert == 2, ]
  gate <- predict(fit, data.frame(x = first$x, v = first$y), type = "gate")
  expect_equal(first$probability, unname(gate[, 2]))

  posterior <- posterior_data(fit)
  shares <- matrix(posterior$probability, ncol = 2)
  expect_equal(shares, unname(predict(fit, type = "posterior")[posterior$row[1:150], ]))
  expect_setequal(posterior$row, 1:150)
  expect_false(is.unsorted(max.col(shares)))

  rows <- density_rows(fit, list(newdata = data.frame(x = c(-1, 1), v = 0)))
  expect_identical(rows$labels, c("x = -1", "x = 1"))
  data <- density_data(fit, rows$design, rows$labels)
  mixture <- mixture_density(data)
  known <- predict(fit, data.frame(x = ifelse(mixture$row == "x = -1", -1, 1), v = 0, y = mixture$y), type = "density")
  expect_equal(mixture$density, unname(known))
  area <- function(curve) sum(diff(curve$y) * (head(curve$density, -1) + tail(curve$density, -1)) / 2)
  expect_gt(min(vapply(split(mixture, mixture$row), area, 0)), 0.997)
})

test_that("modes are the local maxima", {
  y <- seq(-6, 6, 0.01)
  curve <- function(gap) data.frame(y = y, row = factor("a"), density = dnorm(y, -gap) + dnorm(y, gap))
  expect_equal(modes_of(curve(3))$y, c(-3, 3), tolerance = 1e-2)
  expect_equal(modes_of(curve(0.5))$y, 0)
})

test_that("densities of counts and classes add up", {
  fit <- quietly(moe(count ~ x, d, family = poisson(), control = settings))
  rows <- density_rows(fit, list())
  data <- density_data(fit, rows$design, rows$labels)
  expect_true(all(data$y == round(data$y)))
  expect_gt(min(tapply(data$density, data$row, sum)), 0.997)
  classes <- quietly(moe(class ~ x, d, control = settings))
  rows <- density_rows(classes, list(newdata = data.frame(x = 0:1)))
  data <- class_density_data(classes, rows$design, rows$labels)
  expect_equal(c(xtabs(density ~ row + class, data)), c(predict(classes, data.frame(x = 0:1))))
})

test_that("coefficients have the intervals of confint(), and none where there is none", {
  fit <- moe(y ~ x | v, d, control = settings)
  for (type in c("observed", "sandwich")) {
    table <- coefficient_data(fit, 0.9, type)
    interval <- confint(fit, level = 0.9, type = type)[table$name, ]
    expect_equal(unname(as.matrix(table[c("lwr", "upr")])), unname(interval), ignore_attr = TRUE)
  }
  split <- quietly(moe(accel ~ times, MASS::mcycle, experts = 4, control = settings))
  table <- coefficient_data(split, 0.95)
  lacking <- is.na(suppressWarnings(confint(split))[table$name, 1])
  expect_identical(is.na(table$lwr), unname(lacking))
  expect_match(ggplot2::autoplot(split, which = "coefficients")$labels$caption, "hollow")
})

test_that("bands of quantile residuals hold each point with their probability", {
  expect_equal(unlist(qq_data(0.3, 0.95)), c(theoretical = 0, residual = 0.3, lwr = qnorm(0.025), upr = qnorm(0.975)))
  set.seed(1)
  inside <- replicate(1000, {
    data <- qq_data(rnorm(40), 0.9)
    data$residual > data$lwr & data$residual < data$upr
  })
  # Four standard errors of 1000 draws.
  expect_lt(max(abs(rowMeans(inside) - 0.9)), 4 * sqrt(0.09 / 1000))
  places <- qq_places(1e5)
  expect_lt(length(places), 2600)
  expect_identical(range(places), c(1, 1e5))
  expect_identical(thinned(10), 1:10)
  expect_length(unique(thinned(1e5)), 5000)
})

test_that("a worm is a quantile plot without its line", {
  fit <- moe(y ~ x, d, control = settings)
  worm <- ggplot2::autoplot(fit, which = "worm")$data
  qq <- ggplot2::autoplot(fit, which = "qq")$data
  expect_equal(worm$residual + worm$theoretical, sort(unname(residuals(fit, type = "quantile"))))
  expect_equal(worm$upr, qq$upr - qq$theoretical)
})

test_that("running means are the means of categories, or local regressions", {
  expect_equal(running_mean(c(1, 2, 1, 2), c(0, 4, 2, 6), TRUE), list(x = 1:2, y = c(1, 5)), ignore_attr = TRUE)
  expect_equal(running_mean(1:20, 3 * (1:20), FALSE)$y, 3 * (1:20))
  expect_length(running_mean(c(1, 2), c(0, 0), FALSE)$x, 0)
})

test_that("calibration counts what binom.test() counts", {
  fit <- quietly(moe(class ~ x + v, d, control = settings))
  table <- calibration_data(fit, fitted_design(fit), 0.9)
  expect_equal(c(tapply(table$rows, table$class, sum)), c(high = 150, low = 150, mid = 150))
  expect_equal(c(tapply(table$rows * table$observed, table$class, sum)), c(table(d$class)), ignore_attr = TRUE)
  expect_equal(c(tapply(table$rows * table$predicted, table$class, sum)), colSums(predict(fit)), ignore_attr = TRUE)
  for (i in seq_len(nrow(table))) {
    limits <- binom.test(round(table$rows[i] * table$observed[i]), table$rows[i], conf.level = 0.9)$conf.int
    expect_equal(c(table$lwr[i], table$upr[i]), c(limits), tolerance = 1e-8)
  }
  d$positive <- d$y > 0
  binary <- moe(positive ~ v, d, experts = 1)
  expect_identical(levels(calibration_data(binary, fitted_design(binary), 0.9)$class), "TRUE")
  expect_s3_class(ggplot2::autoplot(binary, which = "calibration", newdata = d[1:50, ]), "ggplot")
})

test_that("a fit to one covariate shows lines, the mixture and its band", {
  fit <- moe(y ~ x, d, control = settings)
  data <- plot_data(fit, 0.9, points = 7)
  at <- data.frame(x = data$mixture$x)
  expect_equal(as.matrix(data$mixture[-1]), predict(fit, at, interval = "prediction", level = 0.9), ignore_attr = TRUE)
  expect_equal(data$curves$probability, c(predict(fit, at, type = "gate")))
  expect_equal(data$curves$mean, c(predict(fit, at, type = "experts")))
  picture <- ggplot2::autoplot(fit, xlab = c(x = "x (cm)"), ylab = "y (g)")
  expect_identical(picture$labels$x, "x (cm)")
  expect_identical(levels(picture$data$panel), c("y (g)", "gate probability"))
})
