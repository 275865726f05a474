# Every object of the package keeps the number of the version that made it, and other versions do not read it: what they
# would make of its fields cannot be known. check_call() looks at the first argument of every function and method; other
# arguments are looked at where they are checked.

this_version <- function() unname(getNamespaceVersion("expertmix"))

# An object of the package; fits and their summaries have the version in their record.
new_object <- function(fields, class) structure(c(fields, list(version = this_version())), class = class)

made_by <- function(object) {
  if (inherits(object, c("moe", "summary.moe"))) object <- object$record
  if (is.list(object)) object$version
}

is_current <- function(object) identical(made_by(object), this_version())

check_version <- function(object) {
  kind <- intersect(class(object), names(remade))
  if (length(kind) && !is_current(object)) abort_version("This object", made_by(object), remade[[kind[1]]])
}

abort_version <- function(what, made, hint) {
  maker <- if (rlang::is_string(made)) paste("expertmix", made) else "a version of expertmix that left no number"
  abort_moe("version", sprintf("%s was made by %s; expertmix %s does not read it.", what, maker, this_version()), hint)
}

# How to have an object of every class again.
remade <- list(
  moe = "`update()` fits again.",
  moe_path = "`update()` computes the path again.",
  cv_moe = "Cross-validate the path again: `cv_moe(update(cv$path))`, where `cv` is this object.",
  moe_stability = "Run `moe_stability()` again, on an updated path.",
  moe_select = "Run `moe_select()` again.",
  moe_boot = "Run `moe_boot()` again, on an updated fit.",
  summary.moe_boot = "Summarise the bootstrap again, after `moe_boot()`.",
  summary.moe = "Summarise the fit again, after `update()`.",
  moe_classification = "Run `classification_quality()` again, on an updated fit.",
  moe_diagnosis = "Run `diagnose()` again, on an updated fit.",
  summary.moe_path = "Summarise the path again, after `update()`.",
  mixing_measure = "Make it again by `mixing_measure()`, from a fit after `update()` or from its matrices.",
  rate_study = "Run `rate_study()` again.",
  summary.rate_study = "Run `rate_study()` again.",
  choice_study = "Run `rate_study()` again.",
  summary.choice_study = "Run `rate_study()` again.",
  theory_design = "Make it again by `theory_design()`.",
  rbar_check = "Run `rbar_check()` again.",
  moe_gate = "Make it again, by `gate_softmax()` for example.",
  moe_penalty = "Make it again by `penalty_lasso()`.",
  moe_bounds = "Make it again by `moe_bounds()`.",
  moe_control = "Make it again by `moe_control()`."
)
