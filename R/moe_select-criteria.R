# Criteria of fits, and what they choose.

selection_criteria <- c("BIC", "ICL", "AIC", "cv", "slope", "DSC")

# Refuses a criterion that the fits to come will not have.
check_selectable <- function(criterion, search, experts, models = 1) {
  if ("DSC" %in% criterion && search != "path") {
    abort_moe("criterion", "`criterion = \"DSC\"` is about the merges of a path.", "Give `search = \"path\"`.")
  }
  if ("DSC" %in% criterion && max(experts) == 1) {
    abort_moe("criterion", "`criterion = \"DSC\"` cannot judge one expert, which has no merge.",
      "Give more `experts`, or another criterion.")
  }
  if (!"slope" %in% criterion) return(invisible())
  rlang::check_installed("MASS", "for the robust regression of `criterion = \"slope\"`.")
  if (length(experts) * models < least_for_slope) abort_few_for_slope(length(experts) * models, "experts")
}

# A row for every fit of a search; the merges of a path know the dendrogram criterion of two experts or more.
criteria_of <- function(found) {
  fits <- found$fits
  table <- do.call(rbind, lapply(fits, function(fit) {
    data.frame(experts = as.double(length(fit$mass)), criteria_of_fit(fit, posterior_entropy(fit)))
  }))
  table$fault[are_low(fits)] <- "below a smaller fit"
  if (any(found$below)) table$fault[found$below] <- "below a nested fit"
  table$DSC <- found$tree$DSC[match(table$experts, found$tree$experts)] %||% rep(NA_real_, nrow(table))
  table
}

selection_table <- function(found, models) {
  fitted <- lengths(lapply(found, `[[`, "fits")) > 0
  table <- do.call(rbind, Map(function(one, model) {
    data.frame(formula = model$formula_name, gate = model$gate_name, criteria_of(one))
  }, found[fitted], models[fitted]))
  if (all(is.na(table$DSC))) table$DSC <- NULL
  table
}

# What a fit with an entropy of its responsibilities is judged by, and what is wrong with it.
criteria_of_fit <- function(fit, entropy) {
  deviance <- -2 * fit$log_likelihood
  bic <- deviance + log(fit$nobs) * fit$df
  data.frame(
    logLik = fit$log_likelihood, df = fit$df, AIC = deviance + 2 * fit$df, BIC = bic, ICL = bic + 2 * entropy,
    fault = fault_of_fit(fit)
  )
}

posterior_entropy <- function(fit) {
  design <- fitted_design(fit)
  weighted_entropy(predict_rows(fit, design, "posterior"), design$weights)
}

# -sum_i w_i sum_k r_ik log r_ik
weighted_entropy <- function(r, weights) -sum((weights %||% 1) * ifelse(r > 0, r * log(r), 0))

# The criterion of slope heuristics, -2 l + 2 (2 kappa d).
slope_criterion <- function(table) -2 * table$logLik + 4 * estimated_slope(table) * table$df

# The slope kappa of the log-likelihood in the number of parameters among large models, chosen as by Baudry, Maugis and
# Michel (2012): robust lines through the p-th and all larger models, for every p; of the runs of p whose penalty
# chooses the same model, the last that holds 15 % of them; kappa of its middle.
estimated_slope <- function(table) {
  sound <- table[!nzchar(table$fault), ]
  best <- tapply(sound$logLik, sound$df, max)
  if (length(best) < least_for_slope) abort_few_for_slope(length(best), "select")
  df <- as.numeric(names(best))
  best <- as.vector(best)
  lines <- seq_len(length(df) - 1)
  kappa <- vapply(lines, function(first) robust_slope(df[df >= df[first]], best[df >= df[first]]), 0)
  chosen <- vapply(kappa, function(slope) which.min(-best + 2 * slope * df), 0L)
  runs <- rle(chosen)
  long <- which(runs$lengths >= 0.15 * length(lines))
  if (length(long) == 0) {
    abort_moe("select", "The log-likelihoods of large fits are on no line: there is no slope.",
      "Give more and larger `experts`, or take another `criterion`.")
  }
  run <- max(long)
  kappa[sum(runs$lengths[seq_len(run - 1)]) + 1 + runs$lengths[run] %/% 2]
}

robust_slope <- function(x, y) {
  unname(suppressWarnings(stats::coef(MASS::rlm(y ~ x, psi = MASS::psi.bisquare)))[2])
}

least_for_slope <- 10

abort_few_for_slope <- function(count, what) {
  abort_moe(what, sprintf("`criterion = \"slope\"` needs %d sound fits of different sizes: there are %d.",
    least_for_slope, as.integer(count)),
    "Give more and larger `experts`, `sigma = \"common\"` where variances collapse, or take another `criterion`.")
}

# What a criterion makes smallest.
criterion_values <- function(table, criterion) if (criterion == "cv") -table$cv else table[[criterion]]

# The row that a criterion chooses among the sound fits, or among all where none is sound.
chosen_row <- function(table, criterion) {
  value <- criterion_values(table, criterion)
  among <- which(!nzchar(table$fault) & !is.na(value))
  if (length(among) == 0) among <- which(!is.na(value))
  if (length(among) == 0) abort_moe("select", "No fit has a value of the criterion.", "Use fewer folds or experts.")
  among[which.min(value[among])]
}
