settings <- moe_control(starts = 10, seed = 1)
set.seed(8)
d <- data.frame(x = runif(300))
d$y <- ifelse(runif(300) < plogis(-8 + 16 * d$x), -5 + 10 * d$x, 6 - 4 * d$x) + 0.5 * rnorm(300)
sweep_of <- moe_select(y ~ x, d, experts = 1:4, control = settings)

test_that("criteria are those of the fits, and the choice is the smallest sound one", {
  table <- sweep_of$table
  expect_equal(table$experts, 1:4)
  for (i in 1:4) {
    fit <- sweep_of$fits[[i]]
    expect_equal(table$BIC[i], BIC(fit))
    expect_equal(table$AIC[i], AIC(fit))
    r <- predict(fit, type = "posterior")
    expect_equal(table$ICL[i], BIC(fit) - 2 * sum(r * log(pmax(r, 1e-300))), tolerance = 1e-8)
  }
  expect_equal(sweep_of$chosen, which.min(table$BIC))
  expect_equal(length(select_fit(sweep_of)$mass), 2)
  expect_equal(select_fit(sweep_of, criterion = "AIC")$log_likelihood, table$logLik[which.min(table$AIC)])
  expect_output(print(sweep_of), "BIC chooses 2 experts; next is")
})

test_that("the log-likelihood does not fall with the number of experts", {
  quick <- quietly(moe_select(accel ~ times, MASS::mcycle, experts = 1:6, control = moe_control(starts = 1, seed = 2)))
  sound <- !nzchar(quick$table$fault)
  expect_true(all(diff(quick$table$logLik[sound]) > -1e-6))
})

test_that("a path of merges agrees with a sweep", {
  path <- moe_select(y ~ x, d, experts = 1:4, control = settings, search = "path")
  expect_equal(path$table$logLik[1:2], sweep_of$table$logLik[1:2], tolerance = 1e-6)
  expect_equal(path$table$experts[path$chosen], 2)
  tree <- path$trees[[1]]
  expect_equal(tree$experts, 4:2)
  expect_true(all(tree$height > 0))
  expect_gt(tree$height[3], 10 * max(tree$height[1:2]))
})

test_that("the one search of a path is short, its fits are asked for as the others", {
  largest <- function(...) {
    control <- moe_control(..., seed = 1)
    fit <- moe_select(dist ~ speed, cars, experts = 1:3, search = "path", control = control)$fits[[3]]
    list(starts = sum(fit$record$optima$starts), control = eval(fit$call$control))
  }
  expect_equal(largest(), list(starts = 10, control = moe_control(seed = 1)))
  expect_equal(largest(starts = 3)$starts, 3)
  expect_equal(largest(search = "thorough")$starts, 80)
})

test_that("distances of experts do not depend on how the data are recoded", {
  fit <- moe(y ~ x, d, experts = 3, control = settings)
  recoded <- moe(I(100 * y - 7) ~ I(3 - 2 * x), d, start = predict(fit, type = "posterior"), experts = 3)
  expect_equal(expertmix:::expert_distances(recoded), expertmix:::expert_distances(fit), tolerance = 1e-3)
})

test_that("cross-validation is the mean log-density of rows left out", {
  fold <- rep(1:3, 100)
  one <- moe_select(y ~ x, d, experts = 1, criterion = "cv", folds = fold, control = settings)
  by_hand <- vapply(1:3, function(k) {
    fit <- lm(y ~ x, d[fold != k, ])
    sigma <- sqrt(mean(residuals(fit)^2))
    mean(dnorm(d$y[fold == k], predict(fit, d[fold == k, ]), sigma, log = TRUE))
  }, 0)
  expect_equal(one$table$cv, mean(by_hand), tolerance = 1e-6)
  expect_equal(one$table$cv.se, sd(by_hand) / sqrt(3), tolerance = 1e-6)
  two <- moe_select(y ~ x, d, experts = 2, criterion = "cv", folds = fold, control = settings)
  alone <- vapply(1:3, function(k) {
    fit <- moe(y ~ x, d[fold != k, ], experts = 2, control = settings)
    mean(log(predict(fit, d[fold == k, ], type = "density")))
  }, 0)
  expect_equal(two$table$cv, mean(alone), tolerance = 1e-6)
  several <- moe_select(y ~ x, d, experts = 1:3, criterion = "cv", folds = 5, seed = 1, control = settings)
  expect_gt(several$table$cv[2], several$table$cv[1] + 0.2)
  expect_equal(several$table, moe_select(y ~ x, d, experts = 1:3, criterion = "cv", folds = 5, seed = 1,
    control = settings)$table)
})

test_that("the slope heuristic is that of package 'capushe', and needs ten sound fits", {
  df <- 3 + 5 * 0:15
  table <- data.frame(logLik = -200 * exp(-df / 12) + 0.4 * df + 2 * sin(df), df = df, fault = "")
  # DDSE(data.frame(1:16, df, df, -table$logLik)) of capushe
  expect_equal(estimated_slope(table), 0.721499990205, tolerance = 1e-9)
  expect_equal(which.min(slope_criterion(table)), 7)
  # A model that is faulty, and one that is lower with as many parameters, change nothing.
  more <- rbind(table, transform(table[5, ], logLik = 1e3, fault = "a spike"), transform(table[7, ], logLik = -1e3))
  expect_equal(estimated_slope(more), 0.721499990205, tolerance = 1e-9)
  expect_error(slope_criterion(table[1:9, ]), "needs 10 sound fits", class = "expertmix_error_select")
  set.seed(8)
  large <- data.frame(x = runif(600))
  large$y <- ifelse(runif(600) < plogis(-8 + 16 * large$x), -5 + 10 * large$x, 6 - 4 * large$x) + 0.5 * rnorm(600)
  found <- moe_select(y ~ x, large, experts = 1:13, criterion = "slope", search = "path", sigma = "common",
    control = moe_control(starts = 5, seed = 1))
  expect_equal(found$table$experts[found$chosen], 2)
  expect_output(print(found), "The slope heuristic chooses 2 experts")
  expect_equal(found$table$slope, -2 * found$table$logLik + 4 * estimated_slope(found$table) * found$table$df)
  expect_equal(length(select_fit(found, criterion = "BIC")$mass), 2)
  expect_error(moe_select(y ~ x, d, criterion = "slope"), "needs 10", class = "expertmix_error_experts")
})

test_that("the dendrogram criterion chooses on paths, among two experts or more, whatever the origin and unit", {
  path <- moe_select(y ~ x, d, experts = 1:3, criterion = "DSC", search = "path", control = settings)
  expect_equal(path$table$experts[path$chosen], 2)
  expect_true(is.na(path$table$DSC[1]))
  tree <- path$trees[[1]]
  expect_equal(path$table$DSC[2:3], rev(-tree$height - log(300) * path$table$logLik[3:2] / 300))
  recoded <- moe_select(I(100 * y - 7) ~ I(3 - 2 * x), d, experts = 1:3, criterion = "DSC", search = "path",
    control = settings)
  expect_equal(diff(recoded$table$DSC)[2], diff(path$table$DSC)[2], tolerance = 1e-2)
  line <- moe_select(dist ~ speed, cars, experts = 1:2, criterion = "DSC", search = "path", control = settings)
  expect_equal(line$table$experts[line$chosen], 2)
  expect_equal(length(select_fit(line, criterion = "BIC")$mass), 1)
  expect_error(moe_select(y ~ x, d, criterion = "DSC"), "path", class = "expertmix_error_criterion")
  expect_null(sweep_of$table$DSC)
})

test_that("the choice is made again on resamples, whose counts are said and are a table", {
  again <- function(resamples, ...) {
    moe_select(y ~ x, d, experts = 1:3, resamples = resamples, seed = 3, control = settings, ...)
  }
  found <- again(8)
  expect_length(found$resampled, 8)
  expect_equal(found$table$resamples, tabulate(found$resampled, 3))
  expect_gt(found$table$resamples[2], 6)
  expect_output(print(found), sprintf("2 experts, chosen in %d of 8 resamples; next is", found$table$resamples[2]))
  expect_identical(again(3)$resampled, found$resampled[1:3])
  expect_null(sweep_of$table$resamples)
  # One resample, by hand: what is drawn, and fits to it.
  drawn <- with_stream(computed_stream(3, 300, 2), unique(sample.int(300, replace = TRUE)))
  by_hand <- moe_select(y ~ x, d[sort(drawn), ], experts = 1:3, control = settings)
  expect_equal(by_hand$chosen, found$resampled[2])
  # Groups are drawn together: where a group holds all that one expert explains, a resample may do without it.
  grouped <- again(6, groups = ifelse(d$x > 0.25, "right", "left"))
  expect_true(any(grouped$resampled == 1))
  skip_if_not_installed("mirai")
  mirai::daemons(2)
  on.exit(mirai::daemons(0))
  ready <- mirai::mirai(requireNamespace("expertmix", quietly = TRUE), .timeout = 10000)
  if (!isTRUE(ready[])) skip("daemons do not start here, or do not find the package")
  expect_identical(again(8)$resampled, found$resampled)
})

test_that("fits with a spike are shown and passed over", {
  tied <- data.frame(x = 1:60, y = rep(c(1, 1, 1, 2, 5, 3), 10))
  found <- quietly(moe_select(y ~ x, tied, experts = 1:4, control = settings))
  expect_false(nzchar(found$table$fault[found$chosen]))
  birth <- moe_select(bwt ~ age + lwt, MASS::birthwt, experts = 1:3, control = settings)
  expect_equal(birth$table$fault[birth$chosen], "")
})

test_that("wages with a top group and tied values, and rounded responses choose no spike", {
  set.seed(4)
  n <- 1000
  wage <- data.frame(age = sample(18:80, n, TRUE), education = factor(sample(1:5, n, TRUE)))
  level <- 4.2 - 6e-4 * (wage$age - 45)^2 + 0.12 * as.integer(wage$education)
  wage$wage <- round(exp(level + rnorm(n, 0, 0.3)), 2)
  top <- runif(n) < 0.025
  wage$wage[top] <- rnorm(sum(top), 280, 15)
  wage$wage[sample(n, 60)] <- 118.88
  tied <- transform(d, rough = round(y), rougher = 3 * round(y / 3))
  found <- list(
    moe_select(wage ~ age + education | age, wage, experts = 1:4, search = "path", control = settings),
    moe_select(wage ~ age, wage, experts = 1:4, control = settings),
    moe_select(bwt ~ age + lwt + smoke, MASS::birthwt, experts = 1:4, control = settings),
    moe_select(rough ~ x, tied, experts = 1:4, control = settings),
    moe_select(rougher ~ x, tied, experts = 1:5, control = settings),
    moe_select(rougher ~ 1, tied, experts = 1:3, control = settings)
  )
  for (one in found) expect_equal(one$table$fault[one$chosen], "")
  # What is passed over would have been chosen by its likelihood.
  expect_true(any(nzchar(found[[6]]$table$fault)))
  expect_lt(min(found[[6]]$table$BIC), found[[6]]$table$BIC[found[[6]]$chosen])
})

test_that("gates and formulas compete in one table", {
  both <- moe_select(list(y ~ x, y ~ x | 1), d, experts = 1:2, gates = list(gate_softmax(), sharp = gate_sigmoid()),
    control = settings)
  # One expert has no gate: it is there once.
  expect_equal(nrow(both$table), 5)
  expect_equal(sum(both$table$experts == 1), 1)
  expect_setequal(both$table$gate, c("softmax gate", "sharp"))
  expect_equal(both$table$formula[both$chosen], "y ~ x")
  expect_output(print(both), "gate softmax gate|gate sharp")
  d$w <- replace(d$x, 1:3, NA)
  expect_error(moe_select(list(y ~ x, y ~ w), d, experts = 1, control = settings), "different rows",
    class = "expertmix_error_select")
  named <- moe_select(list(plain = y ~ x, constant = y ~ x | 1), d, experts = 2, control = settings)
  expect_equal(named$table$formula, c("plain", "constant"))
  expect_error(moe_select(y ~ x, d, gates = list(a = gate_softmax(), a = gate_sigmoid())), "twice",
    class = "expertmix_error_gate")
})

test_that("gates that select experts compete where there are enough", {
  hard <- moe_select(dist ~ speed, cars, experts = 1:4, gates = gate_topk(1), control = settings)
  expect_equal(hard$table$experts, 1:4)
  for (experts in list(2, 1:2)) for (search in c("sweep", "path")) {
    expect_error(moe_select(dist ~ speed, cars, experts = experts, gates = gate_topk(3), search = search),
      "selects 3 experts; `experts` ends at 2", class = "expertmix_error_gate")
  }
})

test_that("a fit with a fault gives way to a sound one of as many experts", {
  speed <- data.frame(v = MASS::galaxies / 1000)
  for (search in c("path", "sweep")) {
    found <- quietly(moe_select(v ~ 1, speed, experts = 1:4, search = search, control = settings))
    expect_equal(found$table$fault[4], "", label = search)
    expect_equal(found$table$logLik[4], -199.25, tolerance = 1e-4, label = search)
  }
})

test_that("heights of a path are those of the fits in its table", {
  set.seed(4)
  e <- data.frame(x = runif(60, -2, 2))
  e$y <- round(ifelse(runif(60) < plogis(3 * e$x), 1 + 2 * e$x, -1 - e$x) / 3)
  path <- quietly(moe_select(y ~ x, e, experts = 1:4, search = "path", control = moe_control(starts = 3, seed = 1)))
  tree <- path$trees[[1]]
  for (i in seq_len(nrow(tree))) {
    fit <- path$fits[[match(tree$experts[i], path$table$experts)]]
    expect_lt(min(abs(expertmix:::expert_distances(fit) - tree$height[i])), 1e-10 * tree$height[i])
    expect_equal(path$table$DSC[path$table$experts == tree$experts[i]],
      -(tree$height[i] + log(60) * fit$log_likelihood / 60))
  }
})

test_that("what stays below a smaller or a nested fit is passed over", {
  fit <- function(experts, value) {
    list(mass = rep(1, experts), log_likelihood = value, record = list(converged = TRUE))
  }
  spiked <- fit(3, 100)
  spiked$record$spikes <- list(1)
  fits <- list(fit(1, -10), fit(2, -5), spiked, fit(4, -6), fit(5, -5), fit(6, -5.5))
  expect_equal(expertmix:::are_low(fits), c(FALSE, FALSE, FALSE, TRUE, FALSE, TRUE))
  set.seed(125)
  e <- data.frame(x = rnorm(80), x2 = rnorm(80), x3 = rnorm(80))
  e$y <- sample(c(-1, 1), 80, TRUE) * e$x + 0.3 * e$x2 + rnorm(80) * 0.6
  formulas <- list(y ~ x + x2 + x3 | x, y ~ x + x2 | x)
  for (search in c("path", "sweep")) {
    table <- quietly(moe_select(formulas, e, experts = 1:4, search = search, control = settings))$table
    value <- replace(table$logLik, nzchar(table$fault), NA)
    large <- value[table$formula == deparse(formulas[[1]])]
    small <- value[table$formula == deparse(formulas[[2]])]
    expect_true(all(large >= small - 1e-6, na.rm = TRUE))
    expect_true(all(diff(na.omit(large)) > -1e-6) && all(diff(na.omit(small)) > -1e-6))
  }
})

test_that("a choice that is nearly a spike is told", {
  near <- function(mass, sigma) {
    estimates <- list(sigma = c(1, sigma), experts = matrix(0, 3, 2))
    expertmix:::warn_near_spike(list(mass = c(80 - mass, mass), estimates = estimates, record = list()))
  }
  expect_warning(near(15, 0.09), "Expert 2 of the choice holds 15 rows, and its sigma is 9 % of the largest",
    class = "expertmix_warning_select")
  expect_no_warning(near(17, 0.09))
  expect_no_warning(near(15, 0.11))
})

test_that("classes and counts are chosen, too, and weights and subsets are those of moe()", {
  flowers <- moe_select(Species ~ Petal.Width, iris, experts = 1:2, control = settings)
  expect_equal(flowers$table$experts[flowers$chosen], 1)
  set.seed(3)
  counts <- data.frame(n = rpois(300, exp(ifelse(runif(300) < 0.4, 0, 2.5))))
  found <- moe_select(n ~ 1, counts, experts = 1:3, family = poisson(), control = settings)
  expect_equal(found$table$experts[found$chosen], 2)
  half <- moe_select(y ~ x, d, subset = x < 0.5, weights = rep(2, nrow(d)), experts = 1, control = settings)
  expect_equal(half$table$logLik, 2 * c(logLik(moe(y ~ x, d[d$x < 0.5, ], experts = 1))), tolerance = 1e-8)
})

test_that("the table is a data frame", {
  expect_equal(as.data.frame(sweep_of), sweep_of$table)
  expect_equal(generics::tidy(sweep_of)$chosen, seq_len(nrow(sweep_of$table)) == sweep_of$chosen)
  expect_identical(summary(sweep_of), sweep_of)
})

test_that("pictures are drawn", {
  expect_s3_class(ggplot2::autoplot(sweep_of), "ggplot")
  # The likelihood of a spike does not set the scale.
  spiked <- quietly(moe_select(low ~ age + lwt, MASS::birthwt, experts = 1:3, control = settings))
  drawn <- ggplot2::ggplot_build(ggplot2::autoplot(spiked))$data[[3]]
  expect_true(any(nzchar(spiked$table$fault)))
  expect_gt(min(drawn$y), 0.95 * min(spiked$table$AIC[!nzchar(spiked$table$fault)]))
  path <- moe_select(y ~ x, d, experts = 1:4, control = settings, search = "path")
  tree <- ggplot2::autoplot(path, "dendrogram")
  expect_s3_class(ggplot2::ggplot_build(tree), "ggplot_built")
  expect_error(plot(sweep_of, "dendrogram"), "no dendrogram", class = "expertmix_error_which")
})

test_that("bad input is refused", {
  expect_error(moe_select(y ~ x, d, folds = 5), "for `criterion = \"cv\"` only", class = "expertmix_error_folds")
  expect_error(moe_select(y ~ x, d, groups = d$x > 0), "for `criterion = \"cv\"`", class = "expertmix_error_folds")
  expect_error(moe_select(y ~ x, d, experts = 1, search = "path", criterion = "DSC"), "no merge",
    class = "expertmix_error_criterion")
  expect_error(moe_select(y ~ x, d, criterion = "cv", folds = replace(rep(1:3, 100), 7, NA)), "missing in row 7",
    class = "expertmix_error_folds")
  expect_error(select_fit(sweep_of, refit = TRUE), "has no `refit`|has no \"refit\"", class = "expertmix_error_refit")
  expect_error(moe_select(y ~ x, d, experts = c(2, 1)), class = "expertmix_error_experts")
  expect_error(moe_select(y ~ x, d, experts = 1.5), class = "expertmix_error_experts")
  expect_error(moe_select(y ~ x, d, experts = 1:301, control = settings), class = "expertmix_error_experts")
  expect_error(moe_select(y ~ x, d, gates = "softmax"), class = "expertmix_error_gate")
  expect_error(moe_select(y ~ x, d, resamples = -1), class = "expertmix_error_resamples")
  expect_error(moe_select(y ~ x, d, criterion = "cv", resamples = 9), "cv", class = "expertmix_error_resamples")
  expect_error(moe_select(y ~ x, d, K = 1:2), class = "expertmix_error_select")
  expect_error(select_fit(sweep_of, lambda = 1), class = "expertmix_error_lambda")
  expect_error(select_fit(sweep_of, criterion = "cv"), class = "expertmix_error_criterion")
})

test_that("bad input names the argument and the way out", {
  refused <- function(class, argument, way, expression) {
    error <- expect_error(expression, class = paste0("expertmix_error_", class))
    expect_match(conditionMessage(error), argument, fixed = TRUE)
    expect_match(conditionMessage(error), way, fixed = TRUE)
  }
  for (experts in list(c(2, 1), 1.5, 0:2, c(1, 1), "a", NA, numeric(), NULL, c(1, Inf))) {
    refused("experts", "`experts` must be increasing", "experts = 1:6", moe_select(y ~ x, d, experts = experts))
  }
  refused("experts", "`experts` must be at most 100", "fewer `experts`", moe_select(y ~ x, d, experts = 1:101))
  d$some <- rep(1:0, c(100, 200))
  refused("experts", "`experts` must be at most 33", "fewer `experts`",
    moe_select(y ~ x, d, experts = c(1, 34), weights = some))
  refused("folds", "`folds` 10 rows are left, and 4 experts need 12", "more `folds`",
    moe_select(y ~ x, d[1:20, ], experts = 1:4, criterion = "cv", folds = 2))
  refused("folds", "`folds` 10 rows are left", "fewer `experts`",
    moe_select(y ~ x, d, experts = 1:4, criterion = "cv", folds = rep(1:2, c(290, 10))))
  refused("folds", "`folds` must be from 2", "a fold for every row", moe_select(y ~ x, d, criterion = "cv", folds = 1))
  d$v <- replace(d$x, 1:3, NA)
  refused("select", "`formula` use different rows", "complete for every model",
    moe_select(list(y ~ x, y ~ v), d, experts = 1:2))
  refused("select", "`formula` have different responses", "same response",
    moe_select(list(y ~ x, log(x) ~ x), d, experts = 1))
})

test_that("the bootstrap test tells two experts from one, and not three from two", {
  table <- anova(sweep_of$fits[[1]], sweep_of$fits[[2]], sweep_of$fits[[3]], test = "bootstrap", replicates = 19,
    seed = 1)
  expect_equal(table$LR[2:3], 2 * diff(sweep_of$table$logLik[1:3]))
  expect_equal(table$`Pr(>LR)`[2], 0.05)
  expect_gt(table$`Pr(>LR)`[3], 0.05)
  again <- anova(sweep_of$fits[[1]], sweep_of$fits[[2]], test = "bootstrap", replicates = 19, seed = 1)
  expect_equal(again$`Pr(>LR)`[2], table$`Pr(>LR)`[2])
})

test_that("the split test is the mean of both ways of the likelihood ratio of halves", {
  table <- anova(sweep_of$fits[[1]], sweep_of$fits[[2]], test = "split", seed = 4)
  half <- expertmix:::computed_order(300, 4) %% 2 == 1
  ratio <- function(rows) {
    null <- moe(y ~ x, d[rows, ], experts = 1)
    other <- moe(y ~ x, d[!rows, ], control = moe_control(seed = 1))
    sum(log(predict(other, d[rows, ], type = "density"))) - c(logLik(null))
  }
  logs <- c(ratio(half), ratio(!half))
  expect_equal(table$`log(U)`[2], max(logs) + log(mean(exp(logs - max(logs)))), tolerance = 1e-3)
  expect_equal(table$`Pr(>log(U))`[2], min(1, exp(-table$`log(U)`[2])))
})

test_that("the split test searches for the smaller model once in every half", {
  # Every fit without a seed draws one: of each half the larger model's and the smaller's search, and two climbs.
  small <- moe(y ~ x, d, experts = 1)
  large <- moe(y ~ x, d, control = moe_control(starts = 10))
  set.seed(1)
  split_test(small, large, 4)
  after <- .Random.seed
  set.seed(1)
  for (fit in 1:8) sample.int(.Machine$integer.max, 1)
  expect_identical(after, .Random.seed)
})

test_that("experts that share a true one are in one cell", {
  large <- moe(y ~ x, d, experts = 4, control = settings)
  cells <- over_fitted(large)
  expect_equal(length(unique(cells$cell)), 2)
  expect_equal(length(attr(cells, "fit")$mass), 2)
  merged <- merge_experts(sweep_of$fits[[3]])
  expect_equal(length(merged$mass), 2)
  expect_equal(c(logLik(merged)), sweep_of$table$logLik[2], tolerance = 1e-4)
  expect_error(merge_experts(sweep_of$fits[[1]]), class = "expertmix_error_experts")
  expect_error(merge_experts(large, c(1, 1)), class = "expertmix_error_experts")
})

test_that("heavy tails without a variance and trials are no obstacle, and other responses are refused", {
  set.seed(1)
  e <- data.frame(x = rnorm(100), s = rbinom(100, 5, 0.5))
  e$y <- rcauchy(100) + ifelse(runif(100) < 0.5, 8, 0)
  found <- quietly(moe_select(y ~ x | 1, e, experts = 1:2, family = student_t(), control = settings, search = "path"))
  expect_equal(found$table$experts, 1:2)
  one <- moe(cbind(s, 5 - s) ~ x, e, family = binomial(), experts = 1)
  two <- quietly(moe(cbind(s, 5 - s) ~ x, e, family = binomial(), control = settings))
  expect_gt(anova(one, two, test = "bootstrap", replicates = 3, seed = 1)$`Pr(>LR)`[2], 0)
  expect_error(moe_select(list(dist ~ speed, log(dist) ~ speed), cars, experts = 1), "different responses",
    class = "expertmix_error_select")
  expect_error(moe_select(list(), d), class = "expertmix_error_formula")
})

test_that("a bound of sigma that no good fit reaches changes nothing", {
  set.seed(3)
  e <- data.frame(x = rnorm(100))
  e$y <- ifelse(rbinom(100, 1, 0.5) == 1, 1 + e$x, -e$x) + 0.5 * rnorm(100)
  free <- moe(y ~ x, e, control = settings)
  bounded <- moe_control(starts = 10, seed = 1, bounds = moe_bounds(sigma = c(0.01, Inf)))
  expect_equal(c(logLik(moe(y ~ x, e, control = bounded))), c(logLik(free)), tolerance = 1e-8)
})
