#' What other packages do with a fit
#'
#' Methods for functions of other packages, which work where these are installed.
#'
#' | package | what works | errors of |
#' | --- | --- | --- |
#' | car | `linearHypothesis()`, `Anova()` (see [test_terms()]) | `vcov. =` of `linearHypothesis()` |
#' | lmtest, sandwich, multcomp | `coeftest()`, `lrtest()` (by [anova.moe()]), `vcovCL()`, `glht()` | `vcov. =` |
#' | emmeans | `emmeans()`, `emtrends()`, `pairs()` | `vcov. =` |
#' | marginaleffects | `predictions()`, `comparisons()`, `slopes()`, `hypotheses()` | `vcov =` |
#' | insight, parameters, performance | `model_parameters()`, `model_performance()`, `find_*()`, `get_*()` | `vcov =` |
#' | ggeffects | `ggpredict()`, `ggemmeans()` | the observed information |
#' | modelsummary | `modelsummary()` | `vcov =` |
#' | generics (broom) | `tidy()`, `glance()`, `augment()` (see [tidy.moe()]) | `type =`, `cluster =` |
#' | parsnip | [mixture_of_experts()] | |
#'
#' Errors of means and gate probabilities are by the delta method. `vcov` may be `"HC0"` (the sandwich), `"OPG"`, a
#' one-sided formula of clusters, a function or a matrix; by default it is the observed information. Where the data do
#' not hold a coefficient, errors that depend on it are `NA`, as in [vcov.moe()].
#'
#' @section emmeans: `component = "response"` is the mean of the mixture, of which classes are levels of a factor
#'   `class`; `"experts"` the mean of every expert and `"gate"` their probabilities, with a factor `expert`. All are on
#'   the scale of [predict.moe()], and averages are those of a grid's predictions: over `expert` or `class`, too, where
#'   these are not asked for. Intervals, those of ggeffects too, are symmetric, while [predict.moe()] forms those of
#'   probabilities and of means of counts on the scale of logits and logarithms.
#' @section lmtest: `coeftest()` tests by a t distribution unless it is told `df = Inf`; [summary()][summary.moe] by the
#'   normal.
#' @section marginaleffects: this package adds `"moe"` to the option `marginaleffects_model_classes` when it is loaded,
#'   as is asked of classes from elsewhere. `type` is that of [predict.moe()]. Derivatives in the parameters are
#'   differences there, right to about six digits; with `numderiv = "richardson"` errors equal the delta method's to
#'   1e-8. Version 1.0.0 needs R 4.4, or package 'rlang' attached.
#' @section insight: components are `"conditional"` (experts), `"mix"` (gate), `"sigma"`, and `"dispersion"` for other
#'   scalars of a family, as `theta`.
#' @section Refused: an error rather than a number are `step()` (see [step_terms()]),
#'   [dummy.coef()][moe_names], likelihood-ratio tests between numbers of experts, type II tests of terms within
#'   interactions, marginal means of penalised fits.
#' @examplesIf requireNamespace("emmeans", quietly = TRUE)
#' fit <- moe(mpg ~ wt + factor(am) | wt, mtcars, control = moe_control(starts = 10, seed = 1))
#' emmeans::emmeans(fit, ~ am)
#' emmeans::emmeans(fit, ~ am | expert, component = "experts")
#' @name other_packages
NULL
