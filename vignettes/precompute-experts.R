# Studies of the vignette how-many-experts, about half an hour on one thread that has a core of its own:
#   Rscript vignettes/precompute-experts.R [designs | validation | sizes | power | scores ...]
# Writes vignettes/experts-<study>.csv. Every item (a data set, a fold) is a function of its seed, and is kept in
# vignettes/studies/experts: a run that was killed goes on from there; delete the folder to start anew. 'scores' needs
# package 'mgcv'.

library(expertmix)
arguments <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("^--file=", "", grep("^--file=", arguments, value = TRUE)))

seeded <- function(seed) set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

quiet <- function(code) suppressWarnings(code, classes = "expertmix_warning")

settings <- moe_control(seed = 1, progress = FALSE)
thorough <- moe_control(seed = 1, progress = FALSE, search = "thorough")
few <- moe_control(seed = 1, progress = FALSE, search = "quick", starts = 10)

# The rows of a study, one data frame for every row of its plan; what is on disk is not computed again.
study_rows <- function(study, plan, row_of) {
  folder <- file.path(here, "studies", "experts")
  dir.create(folder, showWarnings = FALSE, recursive = TRUE)
  each <- lapply(seq_len(nrow(plan)), function(i) {
    file <- file.path(folder, paste0(paste(c(study, format(plan[i, ], trim = TRUE)), collapse = "-"), ".rds"))
    if (!file.exists(file)) {
      message(basename(file))
      saveRDS(do.call(row_of, plan[i, ]), paste0(file, ".part"))
      file.rename(paste0(file, ".part"), file)
    }
    data.frame(plan[i, ], readRDS(file), row.names = NULL)
  })
  do.call(rbind, each)
}

uniform <- function(from, to) function(n) runif(n, from, to)

# Lines that go up and down in turn, and meet where the gate passes from one expert to the next.
zigzag <- function(count) {
  k <- seq_len(count)
  slopes <- 2 * (-1)^(k + 1)
  gate <- 4 * rbind(-k * (k - 1) / 2, k - 1)
  mixing_measure(gate, unname(rbind(-slopes * (k - 0.5), slopes)), sigma = rep(0.5, count))
}

two_lines <- mixing_measure(gate = cbind(0, c(0, 2)), experts = cbind(c(-1, -0.5), c(1, 1)), sigma = c(0.7, 0.4))

# The first is the example of two experts in the code of Hai et al. (2025); the others are our own.
designs <- list(
  steep = list(
    truth = mixing_measure(cbind(c(-8, 25), 0), cbind(c(15, -20), c(-5, 20)), sigma = c(0.3, 0.4)),
    x = uniform(0, 1), n = 500
  ),
  three = list(
    truth = mixing_measure(cbind(c(-3, -6), 0, c(-3, 6)), cbind(c(2, 1), c(-1, 1.5), c(1, -1)), sigma = rep(0.7, 3)),
    x = uniform(-2, 2), n = 500
  ),
  lines = list(truth = two_lines, x = uniform(-2, 2), n = 500),
  planes = list(
    truth = mixing_measure(
      cbind(0, c(0, 2, -1), c(0, -1, 2)), cbind(c(0, 1, 1), c(2, -1, 0), c(-2, 0, -1)), sigma = c(0.5, 0.7, 0.7)
    ),
    x = function(n) matrix(runif(2 * n, -2, 2), n), n = 500
  ),
  zigzag4 = list(truth = zigzag(4), x = uniform(0, 4), n = 500),
  zigzag5 = list(truth = zigzag(5), x = uniform(0, 5), n = 1000)
)

formula_of <- function(truth) reformulate(paste0("x", seq_len(nrow(truth$experts) - 1)), "y")

# Rows of a design; a share of them has a response that is uniform on the range of all, widened by half on both sides.
drawn <- function(design, n, outliers) {
  data <- rmoe(n, design$truth, design$x)
  hit <- runif(n) < outliers
  ends <- range(data$y) + diff(range(data$y)) * c(-0.5, 0.5)
  data$y[hit] <- runif(sum(hit), ends[1], ends[2])
  data
}

# The share of rows that the true posterior gives to a wrong expert.
overlap <- function(design) {
  seeded(0)
  data <- rmoe(2e4, design$truth, design$x)
  experts <- ncol(design$truth$experts)
  true <- quiet(moe(formula_of(design$truth), data, experts = experts, start = design$truth, control = settings))
  mean(1 - apply(predict(true, type = "posterior"), 1, max))
}

# Passes over the data of all fits that `code` makes: of searches, and of climbs from a start.
counted_passes <- function(code) {
  counts <- c(searches = 0, climbs = 0)
  count <- function(start, fit) {
    kind <- if (length(start)) "climbs" else "searches"
    if (is.list(fit)) counts[kind] <<- counts[kind] + fit$record$passes
  }
  core <- asNamespace("expertmix")
  exit <- bquote(.(count)(start, returnValue()))
  suppressMessages(trace("fit_likelihood", exit = exit, where = core, print = FALSE))
  on.exit(suppressMessages(untrace("fit_likelihood", where = core)))
  list(value = code, passes = counts)
}

chosen_by <- function(selection, criterion) {
  tryCatch(length(quiet(select_fit(selection, criterion = criterion))$mass), expertmix_error = function(cause) NA)
}

designs_row <- function(design, n, outliers, seed) {
  own <- designs[[design]]
  true <- ncol(own$truth$experts)
  formula <- formula_of(own$truth)
  seeded(1e5 * match(design, names(designs)) + 1e4 * (outliers > 0) + seed)
  data <- drawn(own, n, outliers)
  select <- function(...) quiet(moe_select(formula, data, experts = seq_len(true + 2), ..., progress = FALSE))
  path <- counted_passes(select(search = "path", control = settings))
  long <- counted_passes(select(search = "path", control = thorough))
  sweep <- counted_passes(select(control = settings))
  at <- function(selection) selection$table$logLik[match(true, selection$table$experts)]
  tree <- path$value$trees[[1]]
  data.frame(
    true, path.BIC = chosen_by(path$value, "BIC"), long.BIC = chosen_by(long$value, "BIC"),
    path.ICL = chosen_by(path$value, "ICL"), DSC = tree$experts[which.min(tree$DSC)],
    AIC = chosen_by(sweep$value, "AIC"), BIC = chosen_by(sweep$value, "BIC"), ICL = chosen_by(sweep$value, "ICL"),
    path.loss = at(sweep$value) - at(path$value), falls = any(diff(sweep$value$table$logLik) < -1e-6),
    faults = sum(nzchar(sweep$value$table$fault)), passes.unaided = sweep$passes[["searches"]],
    passes.sweep = sum(sweep$passes), passes.path = sum(path$passes), passes.climbs = path$passes[["climbs"]],
    passes.long = sum(long$passes)
  )
}

designs_study <- function() {
  clean <- data.frame(design = names(designs), n = vapply(designs, `[[`, 0, "n"), outliers = 0)
  dirty <- data.frame(design = c("steep", "lines"), n = 500, outliers = 0.03)
  plan <- merge(rbind(clean, dirty), data.frame(seed = 1:40))
  rows <- study_rows("designs", plan, designs_row)
  shares <- vapply(designs, overlap, 0)
  cbind(rows, overlap = shares[rows$design])
}

# Numbers of experts by cross-validation on the data sets of the designs.
validation_row <- function(design, n, seed) {
  own <- designs[[design]]
  formula <- formula_of(own$truth)
  seeded(1e5 * match(design, names(designs)) + seed)
  data <- drawn(own, n, 0)
  fold <- sample(rep_len(1:5, n))
  true <- ncol(own$truth$experts)
  selection <- quiet(moe_select(formula, data, experts = seq_len(true + 2), criterion = "cv", folds = fold,
    control = few, progress = FALSE))
  data.frame(true, cv = chosen_by(selection, "cv"))
}

validation_study <- function() {
  plan <- merge(data.frame(design = names(designs), n = vapply(designs, `[[`, 0, "n")), data.frame(seed = 1:3))
  study_rows("validation", plan, validation_row)
}

# P-values of one expert more against `fewer` experts; NA where a fit is refused. A search of ten starts is a third of
# the work of the default.
tested <- function(data, fewer, replicates, seed) {
  p_of <- function(...) {
    table <- tryCatch(quiet(anova(small, large, ..., seed = seed)), expertmix_error = function(cause) NULL)
    if (is.null(table)) NA else table[2, startsWith(names(table), "Pr")]
  }
  ten <- moe_control(seed = 1, progress = FALSE, starts = 10)
  small <- quiet(moe(y ~ x1, data, experts = fewer, control = ten))
  large <- quiet(moe(y ~ x1, data, experts = fewer + 1, control = ten))
  data.frame(bootstrap = p_of(test = "bootstrap", replicates = replicates), split = p_of(test = "split"))
}

one_line <- mixing_measure(gate = matrix(0, 2, 1), experts = matrix(c(1, 1), 2), sigma = 0.5)

sizes_row <- function(true, n, replicates, seed) {
  seeded(1e6 * true + seed)
  data <- rmoe(n, list(one_line, two_lines)[[true]], uniform(-2, 2))
  tested(data, true, replicates, seed)
}

sizes_study <- function() {
  study_rows("sizes", expand.grid(true = 1:2, n = 200, replicates = 19, seed = 1:400), sizes_row)
}

# Two parallel lines, `separation` standard deviations apart, of a gate with slope 1.
power_row <- function(separation, n, replicates, seed) {
  seeded(1e6 + 1e4 * separation + seed)
  truth <- mixing_measure(cbind(0, c(0, 1)), cbind(c(0, 1), c(0.5 * separation, 1)), sigma = c(0.5, 0.5))
  tested(rmoe(n, truth, uniform(-2, 2)), 1, replicates, seed)
}

power_study <- function() {
  plan <- expand.grid(separation = c(1, 1.5, 2, 2.5, 3, 4), n = 200, replicates = 19, seed = 1:30)
  study_rows("power", plan, power_row)
}

# Data sets with a formula of moe() and one of gam().
real <- list(
  mcycle = list(data = MASS::mcycle, moe = accel ~ times, gam = quote(accel ~ s(times, k = 20))),
  Boston = list(
    data = MASS::Boston, moe = medv ~ lstat + rm + ptratio + log(crim),
    gam = quote(medv ~ s(lstat) + s(rm) + s(ptratio, k = 5) + s(log(crim)))
  )
)

normal_score <- function(y, mean, sigma) mean(dnorm(y, mean, sigma, log = TRUE))

# Mean log-density of a fold's rows by fits to all others, and the number of experts of mixtures.
scores_row <- function(fold, data) {
  own <- real[[data]]
  seeded(1)
  folds <- sample(rep_len(1:10, nrow(own$data)))
  train <- own$data[folds != fold, ]
  test <- own$data[folds == fold, ]
  y <- test[[all.vars(own$moe)[1]]]
  inner <- sample(rep_len(1:10, nrow(train)))
  selection <- quiet(moe_select(own$moe, train, experts = 1:6, criterion = "cv", folds = inner, control = few,
    progress = FALSE))
  plain <- lapply(1:6, function(experts) quiet(moe(own$moe, train, experts = experts, control = settings)))
  mixtures <- list(
    cv = quiet(select_fit(selection)), BIC = quiet(select_fit(selection, criterion = "BIC")),
    "plain BIC" = plain[[which.min(vapply(plain, BIC, 0))]]
  )
  line <- lm(own$moe, train)
  curve <- mgcv::gam(eval(own$gam), data = train, method = "REML")
  data.frame(
    method = c(names(mixtures), "lm", "gam"), rows = length(y),
    experts = c(vapply(mixtures, function(fit) length(fit$mass), 0L), NA, NA),
    score = c(
      vapply(mixtures, function(fit) mean(scores(fit, test)$log_score), 0),
      normal_score(y, predict(line, test), sigma(line)), normal_score(y, predict(curve, test), sqrt(curve$sig2))
    )
  )
}

scores_study <- function() {
  study_rows("scores", expand.grid(fold = 1:10, data = names(real), stringsAsFactors = FALSE), scores_row)
}

write_table <- function(table, name) {
  table <- rapply(table, signif, "numeric", how = "replace", digits = 6)
  write.csv(table, file.path(here, name), row.names = FALSE, quote = FALSE)
}

studies <- list(designs = designs_study, validation = validation_study, sizes = sizes_study, power = power_study,
  scores = scores_study)
if (!interactive() && length(here)) {
  chosen <- commandArgs(TRUE)
  for (name in if (length(chosen)) chosen else names(studies)) {
    seconds <- system.time(write_table(studies[[name]](), paste0("experts-", name, ".csv")))
    message(sprintf("%s: %.0f s", name, seconds[["elapsed"]]))
  }
}
