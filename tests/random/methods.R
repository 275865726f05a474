# Code of what is done with a fit `f` or a path `p`.

types <- c('"response"', '"class"', '"experts"', '"gate"', '"posterior"', '"density"')

new_rows <- c(
  "d", "d[1:2, ]", "d[0, ]", "d[c(1, 1, 2), ]", "transform(d[1:2, ], x = 1e200)", "transform(d[1:2, ], x = NA_real_)",
  "transform(d[1:2, ], z = -1e5)", "d[1:2, c('y', 'x')]", "transform(d[1:2, ], g = 'unseen')", "as.list(d[1:2, ])",
  "transform(d[1:2, ], y = NA)", "7"
)

new_responses <- c(
  "transform(d[1:2, ], y = 1e200)", "transform(d[1:2, ], y = Inf)", "transform(d[1:2, ], y = as.character(y))"
)

new_matrices <- c(
  "X", "X[1:2, , drop = FALSE]", "list(x = X[1:2, , drop = FALSE], z = X[1:2, 1, drop = FALSE], y = d$y[1:2])",
  "X[0, , drop = FALSE]", "cbind(X, 1)", "list(x = X, y = d$y, offset = d$o)", "d"
)

draw_prediction <- function(kind, family) {
  type <- one_of(types)
  if (chance(0.4)) return(sprintf("predict(f, type = %s)", type))
  of_matrices <- grepl("matrix", kind)
  rows <- one_of(if (of_matrices) new_matrices else c(new_rows, if (!family %in% c("counts", "trials")) new_responses))
  action <- if (chance(0.1) && !of_matrices) ", na.action = na.omit" else ""
  sprintf("predict(f, %s, type = %s%s)", rows, type, action)
}

questions <- c(
  "coef(f)", 'coef(f, part = "gate")', 'coef(f, part = "experts")', "sigma(f)", "vcov(f)", "confint(f)",
  "confint(f, 1, 0.9)", "summary(f)", "print(summary(f))", "print(f)", "tidy(f)", "tidy(f, conf.int = TRUE)",
  "glance(f)", "augment(f)", 'drop1(f, test = "Chisq")', "add1(f, ~ . + u)", "extractAIC(f)", "test_terms(f)",
  'test_terms(f, null = "zero", type = "sandwich")', "anova(update(f, . ~ . | 1), f)", "anova(f)", "variable.names(f)",
  'labels(f, part = "gate")', "case.names(f)",
  "AIC(f)", "BIC(f)", "nobs(f)", "deviance(f)", "df.residual(f)", "fitted(f)", "residuals(f)", "formula(f)", "terms(f)",
  "model.frame(f)", "model.matrix(f)", 'model.matrix(f, part = "gate")', "weights(f)", "family(f)",
  "influence(f)", "dfbetas(f)", "cooks.distance(f)", "hatvalues(f)", "diagnose(f)", "print(diagnose(f))",
  "classification_quality(f)", 'confint(f, method = "profile")', "predict(f, se.fit = TRUE)",
  'predict(f, interval = "confidence")', 'predict(f, type = "gate", interval = "confidence", simultaneous = TRUE)',
  'predict(f, type = "experts", se.fit = TRUE, vcov = "sandwich")', "highest_density(f)",
  "moe_boot(f, 2, seed = 1)", 'summary(moe_boot(f, 3, type = "case", seed = 1))',
  "simulate(f, 2, seed = 1)", "mixing_measure(f)", "print(mixing_measure(f))",
  "all.equal(mixing_measure(f), mixing_measure(f))",
  "voronoi_loss(f, mixing_measure(f))", "plot(f)", "print(ggplot2::autoplot(f))", "print(f$gate)", "print(f$control)",
  sprintf('plot(f, which = "%s")', c(
    "effects", "observed", "gate", "posterior", "coefficients", "qq", "worm", "residuals", "density", "calibration",
    "search"
  ))
)

updates <- c(
  "update(f, experts = 2)", "update(f, start = f)", "update(f, start = mixing_measure(f))", "update(f, data = d[-1, ])",
  "update(f, . ~ . + u)", 'update(f, start = predict(f, type = "posterior"))',
  "update(f, control = moe_control(starts = 1, seed = 2))",
  "update(f, gate = gate_sigmoid(), start = f)", "update(f, weights = d$w)", 'update(f, sigma = "common", start = f)'
)

path_questions <- c(
  "print(p)", "logLik(p)", "coef(p)", 'coef(p, part = "experts")', "coef(p, lambda = 0.1)", "predict(p)", "plot(p)",
  "select_fit(p, refit = TRUE)", "cv_moe(p, folds = 2, seed = 1)", "print(cv_moe(p, folds = 3, seed = 1))"
)

draw_methods <- function(kind, family, size = 5) {
  of_fit <- function() {
    if (chance(0.3)) return(draw_prediction(kind, family))
    if (chance(0.1)) one_of(updates) else one_of(questions)
  }
  selected <- sprintf("f <- select_fit(p%s)", one_of("", ', criterion = "EBIC"', ", p$lambda[1]"))
  of_path <- if (startsWith(kind, "path")) c(sample(path_questions, 2), selected)
  c(of_path, replicate(size, of_fit()))
}
