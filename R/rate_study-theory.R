# The slopes that the papers' theorems give to log loss on log n, up to logarithms; NA for a loss that they do not speak
# about (see `summary.rate_study()`).

theory_slopes <- function(settings) vapply(settings$loss, theory_slope, 0, settings)

theory_slope <- function(loss, settings) {
  if (!contains_truth(settings)) return(NA_real_)
  if (is.function(loss)) return(unname(distance_slopes[distance_of(loss)]))
  if (has_published_rate(loss, settings)) -0.5 else NA_real_
}

distance_slopes <- c(hellinger = -0.5, total_variation = -0.5, kl_divergence = -1)

# Whether the truth is among the measures that are fitted. As many active experts more as there are experts more are
# enough for a top-K gate.
contains_truth <- function(settings) {
  fitted <- settings$gate
  true <- settings$truth$gating
  more <- settings$experts - measure_size(settings$truth)
  if (more < 0 || !identical(gate_kind(fitted), gate_kind(true)) || !same_origin(fitted, true)) return(FALSE)
  if (!is.null(true$top_k) && fitted$top_k - true$top_k != more) return(FALSE)
  is.null(fitted$temperature) || fitted$homogeneous || fitted$temperature == true$temperature
}

# The loss of as many experts as there are; that of more, but for multinomial experts of which one has no slopes.
has_published_rate <- function(loss, settings) {
  more <- settings$experts > measure_size(settings$truth)
  switch(loss, exact = !more, over = !more || !has_constant_class_expert(settings$truth), FALSE)
}

has_constant_class_expert <- function(truth) {
  length(dim(truth$experts)) == 3 && any(apply(truth$experts[-1, , , drop = FALSE] == 0, 3, all))
}

# The distance of densities (a name) that a function is a call of: what it returns is that distance and nothing else.
# NA for other functions.
distance_of <- function(loss) {
  call <- body(loss)
  while (is.call(call) && identical(call[[1]], quote(`{`))) call <- call[[length(call)]]
  if (!is.call(call)) return(NA_character_)
  called <- call[[1]]
  if (!is.symbol(called) && !is.call(called)) return(NA_character_)
  if (is.call(called) && !identical(called[[1]], quote(`::`))) return(NA_character_)
  called <- tryCatch(eval(called, environment(loss)), error = function(error) NULL)
  distances <- list(hellinger = hellinger, total_variation = total_variation, kl_divergence = kl_divergence)
  match <- vapply(distances, identical, NA, called)
  if (any(match)) names(distances)[match] else NA_character_
}

# What a user says of the theory: a number for every loss, numbers named by losses, or NULL for none.
check_theory <- function(theory, losses) {
  none <- stats::setNames(rep(NA_real_, length(losses)), losses)
  if (is.null(theory)) return(none)
  if (is.null(names(theory))) {
    if (is_number(theory) && is.finite(theory)) return(replace(none, losses, as.double(theory)))
    abort_moe("study", "`theory` must be a number, the slope of log loss on log n, or NULL for none.",
      "For several losses give numbers named by the losses.")
  }
  if (!is.numeric(theory) || any(is.infinite(theory))) abort_moe("study", "`theory` must hold finite numbers.")
  unknown <- setdiff(names(theory), losses)
  if (length(unknown)) {
    abort_moe("study", sprintf("`theory` names %s, which is no loss of this study.", quoted(unknown)))
  }
  replace(none, names(theory), as.double(theory))
}
