# One object of every class of the package, by class.
one_of_each <- function() {
  settings <- moe_control(starts = 5, seed = 1)
  d <- two_lines(200)
  fit <- moe(y ~ x | z, d, control = settings)
  path <- moe_path(y ~ x | z, d, nlambda = 3, control = settings)
  design <- theory_design("softmax-exact")
  study <- rate_study(design, n = 100, replications = 1, seed = 1, progress = FALSE)
  choices <- rate_study(design, experts = 1:2, n = 50, replications = 1, search = "path", starts = 1, seed = 1)
  boot <- moe_boot(fit, 40, seed = 1, progress = FALSE)
  list(
    moe = fit, moe_boot = boot, summary.moe_boot = summary(boot), moe_path = path, summary.moe_path = summary(path),
    cv_moe = cv_moe(path, folds = 2, seed = 1), summary.moe = summary(fit),
    moe_stability = moe_stability(path, pairs = 1, seed = 1),
    rate_study = study, summary.rate_study = summary(study), moe_gate = gate_softmax(), moe_control = settings,
    choice_study = choices, summary.choice_study = summary(choices),
    moe_classification = classification_quality(fit), moe_diagnosis = diagnose(fit),
    moe_bounds = moe_bounds(gate = 2), moe_select = moe_select(y ~ x, d, experts = 1, control = settings),
    moe_penalty = penalty_lasso(1), mixing_measure = mixing_measure(fit), theory_design = design,
    rbar_check = rbar_check(2, 2)
  )
}
