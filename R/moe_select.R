#' Choose the number of experts, the gate and the terms
#'
#' Fits mixtures of several numbers of experts, and of several gates or formulas, lets these fits help each other, and
#' chooses one by a criterion. A fit with a spike (an expert that follows a few rows, whose likelihood says nothing), a
#' collapsed variance, an empty expert or without convergence is shown and passed over.
#'
#' With `search = "sweep"` every number of experts is searched by itself; then every fit is climbed from those of one
#' expert fewer, one of whose experts is split, and of one more, two of whose are merged, until none rises. With `search
#' = "path"` only the largest is searched, from ten starts (with `control`'s `search = "thorough"` as other fits are by
#' default), and pairs of experts are merged one after the other, each time with a climb to the next maximum: the same
#' answer nearly always, at a tenth of the cost. Either way a fit that has a fault, or is lower than a sound one of
#' fewer experts, is climbed from that; of models that compete, one in which another is nested is climbed from that
#' where it is lower. What stays lower all the same is no maximum, and passed over as `"below a smaller fit"` or `"below
#' a nested fit"`: log-likelihoods of sound fits do not fall. Merged is, of the three pairs of the smallest distances,
#' the one whose climb ends highest; the distance is \deqn{D_{ij} = \frac{p_i p_j}{p_i + p_j} \Big\{ \frac{\sum_n
#' (r_{ni} + r_{nj}) (m_{ni} - m_{nj})^2 / v_{nij}}{\sum_n (r_{ni} + r_{nj})} + \log^2 \frac{\sigma_i}{\sigma_j}
#' \Big\},}{D_ij = p_i p_j / (p_i + p_j) { sum_n (r_ni + r_nj) (m_ni - m_nj)^2 / v_nij / sum_n (r_ni + r_nj) +
#' log(sigma_i / sigma_j)^2 },} with the experts' masses \eqn{p}, responsibilities \eqn{r}, means \eqn{m} and the mean
#' \eqn{v} of their variances (of classes summed over these; of Gamma experts the logarithms of means, and
#' \eqn{\sigma^2}{sigma^2}): no recoding of the data changes it. The heights of the merges make a dendrogram, as in Do
#' et al. (2024).
#'
#' @section Criteria: with log-likelihood \eqn{\ell}{l}, \eqn{d} parameters and \eqn{n} observations, `AIC` is
#'   \eqn{-2 \ell + 2 d}{-2 l + 2 d}, `BIC` \eqn{-2 \ell + d \log n}{-2 l + d log n}, and `ICL` the BIC plus twice the
#'   entropy of the responsibilities, which asks for experts that are told apart (Biernacki, Celeux and Govaert 2000).
#'   `cv` is the mean log-density of rows left out, with a standard error over folds (larger is better). A fit without a
#'   fold is searched for among its own rows alone: one that starts at the fit to all rows has seen those left out, and
#'   prefers too many experts.
#'
#'   `slope` is the slope heuristic, \eqn{-2 \ell + 4 \hat\kappa d}{-2 l + 4 kappa d}: twice the smallest penalty that
#'   the data themselves show, as the log-likelihoods of fits with more experts than needed grow by
#'   \eqn{\hat\kappa}{kappa} a parameter. The slope is that of robust lines (bisquare, by [MASS::rlm()]) through the
#'   largest fits, of so many of them that the choice is stable, as of Baudry, Maugis and Michel (2012) and their
#'   package 'capushe'. It needs ten sound fits of different sizes, so `experts = 1:10` or more, most of them with more
#'   experts than needed.
#'
#'   `DSC`, the dendrogram criterion of Do et al., is \eqn{-(h_K + \log(n) \ell / n)}{-(h_K + log(n) l / n)}, with the
#'   height \eqn{h_K} of the merge that leaves \eqn{K - 1} experts. Theirs has the distances of coefficients and the
#'   gate's weights at the origin, which change with the origin and the units of the covariates, and averages
#'   coefficients where experts are merged; here the distance is that above, which no recoding of the covariates or
#'   change of the response's unit and origin alters, and merged experts are fitted again. It is there for a path, and
#'   **it cannot choose one expert**, which has no merge: look at another criterion first where that is in question.
#' @section Resamples: How sure is the choice? With `resamples = 100`, rows (or `groups`) are drawn with replacement 100
#'   times, every fit of the table is made again, to the rows that were drawn, and the criterion chooses among them: the
#'   printed sentence and the column `resamples` of the table say how often each is chosen. A row that is drawn twice
#'   counts once: repeated rows look like more experts than there are, and with them the bootstrap chooses too many. So
#'   a resample has about 63 % of the rows, which hold up rather fewer experts than all do. A fit to a resample is the
#'   better of a climb from the fit to all rows and of a quick search, without the help of others. Every resample has a
#'   stream of its own, a function of `seed` and its number; they run on mirai daemons where these are set.
#' @param formula A formula as of [moe()], or a list of formulas that compete.
#' @param data,family,sigma,weights,subset,na.action,offset,control As of [moe()].
#' @param experts Increasing numbers of experts. Of a gate that selects `k` experts, those below `k` but one are left
#'   out; one expert has no gate, and is in the table once.
#' @param criterion Which criterion chooses; `"DSC"` needs a path.
#' @param gates A gate, or a list of gates that compete; names are shown (those of a list of formulas, too).
#' @param search `"sweep"` or `"path"`, see there.
#' @param folds Of `criterion = "cv"`: how many, or the fold of every row.
#' @param groups Of folds and resamples: `NULL`, or the group of every row; rows of a group are in one fold, and are
#'   drawn together.
#' @param resamples On how many resamples of the rows the criterion chooses, too; see the section on these.
#' @param seed Of folds and resamples; drawn from R's generator by default. Searches have that of `control`.
#' @param progress Whether to tell what is fitted.
#' @param ... Not used: anything else is an error.
#' @return An object of class `"moe_select"`: `table`, a row for every fit: `formula`, `gate`, `experts`, `logLik`,
#'   `df`, `AIC`, `BIC`, `ICL`, where asked for `cv` and `cv.se` or `slope`, of a path `DSC`, `fault` (`""` for a
#'   sound fit), and `resamples`, how many of these choose it; `fits`; `chosen`, the row of the choice; `resampled`,
#'   that of every resample, `NA` where there is none; `trees`, the merges of every path. [select_fit()] gives the
#'   fit, `plot()` and `autoplot()` draw the criteria (`which = "criteria"`) and the dendrogram (`which =
#'   "dendrogram"`, in which a merge that is lower than one before it is drawn as high as that); `as.data.frame()` and
#'   `tidy()` give the table.
#' @section Errors: `expertmix_error_experts` for numbers that are not increasing, too large for the rows, or too few
#'   for a slope, `expertmix_error_folds` for folds without which too few rows are left, `expertmix_error_criterion` for
#'   a criterion that the search does not have, `expertmix_error_select` where fits use different rows or none can be
#'   fitted or has the criterion, `expertmix_error_resamples`, and those of [moe()]. `expertmix_error_gate` for a gate
#'   that selects more experts than there are. `expertmix_warning_select` where every fit has a fault, and where an
#'   expert of the choice is nearly a spike: it holds fewer than 4 (d + 1) rows, d the number of its coefficients, with
#'   a sigma below a tenth of the largest, and may be there by chance.
#' @references Baudry, J.-P., Maugis, C. and Michel, B. (2012). Slope heuristics: overview and implementation.
#'   Statistics and Computing 22, 455-470.
#'
#'   Biernacki, C., Celeux, G. and Govaert, G. (2000). Assessing a mixture model for clustering with the
#'   integrated completed likelihood. IEEE Transactions on Pattern Analysis and Machine Intelligence 22, 719-725.
#'
#'   Do, D., Do, L., McKinley, S. A., Terhorst, J. and Nguyen, X. (2024). Dendrogram of mixing measures: hierarchical
#'   clustering and model selection for finite mixture models. arXiv:2403.01684.
#' @seealso [anova.moe()] for tests of a number of experts against a larger one.
#' @examples
#' chosen <- moe_select(dist ~ speed, cars, experts = 1:3, control = moe_control(seed = 1))
#' chosen
#' select_fit(chosen)
#' # How sure is that?
#' moe_select(dist ~ speed, cars, experts = 1:2, resamples = 20, seed = 1,
#'   control = moe_control(seed = 1))
#' @export
moe_select <- function(formula, data, experts = 1:6, criterion = c("BIC", "ICL", "AIC", "cv", "slope", "DSC"),
                       gates = gate_softmax(), search = c("sweep", "path"), family = gaussian(),
                       sigma = c("separate", "common"), weights, subset, na.action, offset, folds = 10, groups = NULL,
                       resamples = 0, seed = NULL, control = moe_control(), progress = interactive(), ...) {
  check_call(..., .hints = c(K = "Did you mean `experts`?", gate = "Did you mean `gates`?"), .what = "select")
  call <- match.call()
  check_required(formula = "formula")
  criterion <- check_choice(criterion, selection_criteria, "criterion")
  search <- check_choice(search, c("sweep", "path"), "search")
  check_flag(progress, "progress", "select")
  check_resamples(resamples, criterion)
  refuse_unused_folds(criterion, !missing(folds), !is.null(groups) && resamples == 0)
  experts <- check_numbers_of_experts(experts)
  models <- competing_models(formula, gates)
  for (model in models) check_selected_experts(experts, model)
  check_selectable(criterion, search, experts, length(models))
  caller <- parent.frame()
  fitters <- lapply(models, function(model) model_fitter(call, model, caller, progress))
  ones <- lapply(fitters, function(fitter) fitter(1))
  check_same_rows(ones)
  for (one in ones) check_most_experts(experts, one)
  fold <- if (criterion == "cv") selection_folds(ones, max(experts), folds, groups, seed)
  found <- Map(function(fitter, model) {
    experts <- possible_numbers(experts, model$gate)
    if (search == "sweep") return(swept_fits(fitter, experts))
    path_fits(fitter, experts, largest = fitter(max(experts), control = short_search(control)))
  }, fitters, models)
  if (length(models) > 1) found <- without_repeated(raised_by_nested(found, fitters))
  fits <- unlist(lapply(found, `[[`, "fits"), FALSE, FALSE)
  table <- selection_table(found, models)
  if (criterion == "cv") table <- with_fold_scores(table, cross_validated(fits, fold))
  if (criterion == "slope") table$slope <- slope_criterion(table)
  chosen <- chosen_row(table, criterion)
  again <- if (resamples > 0) resampled_choices(fits, criterion, resamples, groups, seed)
  if (resamples > 0) table$resamples <- tabulate(again, nrow(table))
  warn_fault(table$fault[chosen])
  warn_near_spike(fits[[chosen]])
  new_object(
    list(
      table = table, fits = fits, chosen = chosen, resampled = again, criterion = criterion, search = search,
      trees = stats::setNames(lapply(found, `[[`, "tree"), vapply(models, `[[`, "", "label")), call = call
    ),
    class = "moe_select"
  )
}

refuse_unused_folds <- function(criterion, folds, groups) {
  if (criterion == "cv") return(invisible())
  if (folds) abort_moe("folds", '`folds`: for `criterion = "cv"` only.', "Leave it out.")
  if (groups) abort_moe("folds", '`groups`: for `criterion = "cv"` or `resamples` only.', "Leave it out.")
}

warn_fault <- function(fault) {
  if (nzchar(fault)) {
    warn_moe("select", sprintf("Every fit has a fault: the choice has %s.", fault),
      "Give fewer `experts`, or fewer terms.")
  }
}

check_numbers_of_experts <- function(experts) {
  whole <- is.numeric(experts) && length(experts) > 0 && all(is.finite(experts)) && all(experts == round(experts))
  if (!whole || experts[1] < 1 || any(diff(experts) <= 0)) {
    abort_moe("experts", "`experts` must be increasing whole numbers, 1 or more.", "For example `experts = 1:6`.")
  }
  as.double(experts)
}

# A gate that selects experts needs a number of experts to select from.
check_selected_experts <- function(experts, model) {
  active <- model$gate$top_k %||% 1
  if (active > max(experts)) {
    abort_moe("gate", sprintf("The gate \"%s\" selects %d experts; `experts` ends at %d.", model$gate_name,
      as.integer(active), as.integer(max(experts))), "Give more `experts`, or a gate that selects fewer.")
  }
}

# A gate that selects experts selects among as many or more.
possible_numbers <- function(experts, gate) experts[experts == 1 | experts >= (gate$top_k %||% 1)]

# Every expert needs more rows than it has coefficients.
check_most_experts <- function(experts, one) {
  rows <- sum((fitted_design(one)$weights %||% rep(1, fitted_rows(one))) > 0)
  most <- rows %/% (nrow(one$estimates$experts) + 1)
  if (max(experts) > most) {
    abort_many_experts(most, rows, nrow(one$estimates$experts))
  }
}

abort_many_experts <- function(most, rows, coefficients) {
  abort_moe("experts", sprintf("`experts` must be at most %d: there are %d rows, and %d coefficients an expert.",
    as.integer(most), as.integer(rows), as.integer(coefficients)), "Give fewer `experts`, or fewer terms.")
}

# Every formula with every gate, and what the table calls them.
competing_models <- function(formula, gates) {
  if (!is.list(formula) || inherits(formula, "formula")) formula <- list(formula)
  if (inherits(gates, "moe_gate") || !is.list(gates)) gates <- list(gates)
  if (length(formula) == 0) abort_moe("formula", "`formula` is an empty list: there is nothing to choose from.")
  if (length(gates) == 0) abort_moe("gate", "`gates` is an empty list: there is nothing to choose from.")
  for (gate in gates) if (!inherits(gate, "moe_gate")) abort_moe("gate", "`gates` must be a gate or a list of gates.")
  names <- named_or(gates, vapply(gates, format, ""), "gates")
  words <- named_or(formula, vapply(formula, function(own) paste(deparse(own, 500L), collapse = " "), ""), "formula")
  pairs <- expand.grid(gate = seq_along(gates), formula = seq_along(formula))
  lapply(seq_len(nrow(pairs)), function(i) {
    formula_name <- words[pairs$formula[i]]
    gate_name <- names[pairs$gate[i]]
    list(formula = formula[[pairs$formula[i]]], gate = gates[[pairs$gate[i]]], gate_name = gate_name,
      formula_name = formula_name, label = paste0(formula_name, ", ", gate_name))
  })
}

# The names of a list, in place of those that are missing what its elements look like; all different.
named_or <- function(list, looks, argument) {
  given <- rlang::names2(list)
  names <- ifelse(nzchar(given), given, looks)
  again <- names[duplicated(names)]
  if (length(again)) {
    abort_moe(if (argument == "gates") "gate" else argument,
      sprintf("`%s` has \"%s\" twice: the table could not tell which is which.", argument, again[1]),
      "Give each a name of its own, or leave one out.")
  }
  names
}

# A function of a number of experts, a start and a search other than that of the call, which fits a model without
# warnings: the fit's record keeps them.
model_fitter <- function(call, model, caller, progress) {
  kept <- intersect(names(call), c("data", "family", "sigma", "weights", "subset", "na.action", "offset", "control"))
  own <- call[c(1, match(kept, names(call)))]
  own[[1]] <- quote(expertmix::moe)
  own$formula <- model$formula
  own$gate <- model$gate
  function(experts, start = NULL, control = NULL) {
    if (progress) {
      inform_moe("select", sprintf(ngettext(experts, "%s: %d expert", "%s: %d experts"), model$label,
        as.integer(experts)))
    }
    own$experts <- experts
    own$start <- start
    own$gate <- gate_of_fewer(model$gate, experts)
    if (is.null(control)) return(silenced(eval(own, caller)))
    own$control <- control
    fit <- silenced(eval(own, caller))
    fit$call$control <- call$control
    fit
  }
}

# The search for the largest fit of a path, from ten starts where `control` does not say how many: on few rows a
# fifteenth of the passes of as many searches as a sweep makes.
short_search <- function(control) {
  control <- check_control(control)
  if (control$search == "thorough") return(utils::modifyList(control, list(search = "default")))
  control$search <- "quick"
  control$starts <- control$starts %||% 10
  control
}

# Why a fit is passed over; "" for a sound one.
fault_of_fit <- function(fit) {
  record <- fit$record
  if (length(record$collapsed)) return("a collapsed variance")
  if (length(record$spikes)) return("a spike")
  if (length(record$empty)) return("an empty expert")
  if (!record$converged) return("no convergence")
  ""
}

# Of an expert that may follow some rows by chance: few and close, though not so few or so close as a spike's.
warn_near_spike <- function(fit) {
  sigma <- fit$estimates$sigma
  if (is.null(sigma) || length(sigma) < 2 || length(fit$record$spikes)) return(invisible())
  few <- fit$mass < 4 * (nrow(fit$estimates$experts) + 1)
  close <- sigma < 0.1 * max(sigma)
  for (k in which(few & close)) {
    warn_moe("select", sprintf(
      "Expert %d of the choice holds %s rows, and its sigma is %s %% of the largest: it may follow them by chance.",
      k, format(fit$mass[[k]], digits = 2), format(100 * sigma[[k]] / max(sigma), digits = 2)
    ), "`control = moe_control(spike = c(rows = 4, sd = 0.1))` passes over fits with such an expert.")
  }
}

# The better of two fits of one number of experts: a sound one, then the higher.
sounder_fit <- function(one, other) {
  if (is.null(other)) return(one)
  sound <- c(!nzchar(fault_of_fit(one)), !nzchar(fault_of_fit(other)))
  if (sound[1] != sound[2]) return(if (sound[1]) one else other)
  if (other$log_likelihood > one$log_likelihood + 1e-6) other else one
}

# A search for every number of experts; then climbs from those of one fewer and one more, until none rises.
swept_fits <- function(fitter, experts, most_rounds = 3) {
  fits <- lapply(experts, fitter)
  for (round in seq_len(most_rounds)) {
    before <- vapply(fits, `[[`, 0, "log_likelihood")
    for (i in seq_along(fits)[-1]) if (experts[i] == experts[i - 1] + 1) {
      fits[[i]] <- improved_fit(fitter, fits[[i]], splits_of(fits[[i - 1]]))
    }
    for (i in rev(seq_along(fits))[-1]) if (experts[i] == experts[i + 1] - 1) {
      fits[[i]] <- improved_fit(fitter, fits[[i]], merges_of(fits[[i + 1]]))
    }
    if (all(vapply(fits, `[[`, 0, "log_likelihood") <= before + 1e-6)) break
  }
  list(fits = rising_fits(fits, fitter), tree = NULL)
}

improved_fit <- function(fitter, fit, starts) {
  for (start in starts) fit <- sounder_fit(fit, attempted_fit(fitter, ncol(start), start))
  fit
}

# NULL where a climb from a start cannot be made: of rows that one expert fits exactly, for example.
attempted_fit <- function(fitter, experts, start) {
  tryCatch(fitter(experts, start), expertmix_error = function(cause) NULL)
}

# Whether the information is of the same rows in all fits.
check_same_rows <- function(fits) {
  response <- function(fit) unname(fitted_design(fit)$y)
  for (fit in fits[-1]) if (NROW(response(fit)) == NROW(response(fits[[1]])) &&
    !identical(response(fit), response(fits[[1]]))) {
    abort_moe("select", "The models of `formula` have different responses: criteria cannot be compared.",
      "Give every formula the same response.")
  }
  rows <- unique(vapply(fits, function(fit) paste(NROW(fitted_design(fit)$y), fit$nobs), ""))
  if (length(rows) > 1) {
    abort_moe("select",
      "The models of `formula` use different rows, as some have missing values: criteria cannot be compared.",
      "Fit all to the rows that are complete for every model.")
  }
}

# The fit of a selection that a criterion chooses, with its own warnings.
selected_fit <- function(selection, criterion, given) {
  if (length(given)) {
    what <- if (given[1] == "gate_penalty") "lambda" else given[1]
    abort_moe(what, sprintf("A selection of the number of experts has no %s.", quoted(given)), "Leave it out.")
  }
  known <- intersect(selection_criteria, names(selection$table))
  fit <- selection$fits[[chosen_row(selection$table, check_choice(criterion, known, "criterion"))]]
  emit_warnings(fit$record$warnings)
  fit
}
