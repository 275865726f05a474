# One replication of a study of choices, and what becomes of all.

# What a study of choices has beside other settings.
choice_settings <- function(settings) {
  settings$experts <- check_numbers_of_experts(settings$experts)
  settings$search <- check_choice(settings$search, c("sweep", "path"), "search")
  criterion <- settings$criterion
  if (!is.character(criterion) || !all(criterion %in% selection_criteria) || length(criterion) == 0 ||
    anyDuplicated(criterion)) {
    abort_moe("criterion", sprintf("`criterion` must be some of %s.", quoted(selection_criteria)))
  }
  check_selectable(criterion, settings$search, settings$experts)
  settings$cross_validated <- "cv" %in% criterion
  coefficients <- nrow(settings$truth$experts)
  rows <- min(settings$n)
  if (settings$cross_validated) rows <- rows - ceiling(rows / 10)
  most <- rows %/% (coefficients + 1)
  if (max(settings$experts) > most) abort_many_experts(most, rows, coefficients)
  settings$loss <- NULL
  settings
}

run_choice <- function(settings, n, replication) {
  timed_replication(settings, n, replication, measure_choice, function(error) list(failure = class(error)[1]))
}

# The table of fits of every number of experts to one data set.
measure_choice <- function(settings, n) {
  drawn <- study_draw(settings, n)
  seed <- sample.int(.Machine$integer.max, 1)
  fitter <- function(experts, start = NULL) {
    settings$experts <- experts
    settings$gate <- gate_of_fewer(settings$gate, experts) %||% gate_softmax()
    silenced(fit_drawn(settings, drawn, start, seed))
  }
  search <- if (settings$search == "sweep") swept_fits else path_fits
  found <- search(fitter, possible_numbers(settings$experts, settings$gate))
  table <- criteria_of(found)
  if (settings$cross_validated) {
    fold <- selection_folds(found$fits[1], max(table$experts), 10, NULL, seed)
    table <- with_fold_scores(table, cross_validated(found$fits, fold))
  }
  list(table = table)
}

new_choice_study <- function(settings, done) {
  done <- done[order(vapply(done, `[[`, 0, "n"), vapply(done, `[[`, 0, "replication"))]
  numbered <- function(one, rows) if (!is.null(rows)) data.frame(n = one$n, replication = one$replication, rows)
  of_each <- function(rows) do.call(rbind, lapply(done, function(one) numbered(one, rows(one))))
  new_object(
    list(
      choices = of_each(function(one) choices_of(one, settings$criterion)),
      tables = of_each(function(one) one$table), seconds = of_each(function(one) data.frame(seconds = one$seconds)),
      settings = settings
    ),
    class = "choice_study"
  )
}

# What every criterion chooses in one replication; NA where it cannot.
choices_of <- function(one, criteria) {
  do.call(rbind, lapply(criteria, function(criterion) {
    choice <- tryCatch(choice_of(one, criterion), expertmix_error = function(error) {
      list(experts = NA_real_, fault = class(error)[1])
    })
    data.frame(criterion = criterion, choice)
  }))
}

choice_of <- function(one, criterion) {
  if (is.null(one$table)) return(list(experts = NA_real_, fault = one$failure))
  if (criterion == "slope") one$table$slope <- slope_criterion(one$table)
  as.list(one$table[chosen_row(one$table, criterion), c("experts", "fault")])
}
