# What must hold for every random case. run_case() returns the faults as a data frame: `what` (the kind), `where` (a
# line of the case) and `message`.

# Warnings of base R and of what it calls that are no fault: they tell of the formula, the frame or the picture.
known_warnings <- paste(
  "contrasts dropped from factor", "non-list contrasts argument ignored", "is not a factor",
  sep = "|"
)

run_case <- function(case, tell = function(line) NULL) {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  notes <- new.env()
  notes$faults <- data.frame(what = character(), where = character(), message = character())
  notes$tell <- tell
  home <- new.env(parent = globalenv())
  for (line in case$setup) eval(parse(text = line), home)
  notes$random <- get(".Random.seed", globalenv())
  fitted <- run_line(case$fit, home, notes)
  if (fitted) {
    check_result(case, home, notes)
    for (line in case$after) if (!run_line(line, home, notes) && grepl("<-", line)) break
  }
  list(fitted = fitted, faults = notes$faults)
}

add_fault <- function(notes, what, where, message) {
  notes$faults[nrow(notes$faults) + 1, ] <- list(what, where, paste(message, collapse = " "))
}

# Evaluates a line; TRUE where it gave a value. Conditions must be classed, values free of NaN.
run_line <- function(line, home, notes) {
  notes$tell(line)
  done <- FALSE
  output <- utils::capture.output(type = "output", tryCatch(
    {
      value <- withCallingHandlers(eval(parse(text = line), home), warning = function(cause) {
        known <- inherits(cause, "expertmix_warning") || grepl(known_warnings, conditionMessage(cause))
        if (!known) add_fault(notes, "unclassed warning", line, conditionMessage(cause))
        invokeRestart("muffleWarning")
      }, message = function(cause) invokeRestart("muffleMessage"))
      done <- TRUE
    },
    error = function(cause) {
      if (!inherits(cause, "expertmix_error")) {
        place <- deparse(conditionCall(cause))[1]
        add_fault(notes, "unclassed error", line, c(class(cause)[1], conditionMessage(cause), "in", place))
      }
    }
  ))
  if (any(grepl("\\bNaN\\b", output))) add_fault(notes, "prints NaN", line, grep("NaN", output, value = TRUE)[1])
  if (done) check_value(value, line, home, notes)
  done
}

check_value <- function(value, line, home, notes) {
  if (inherits(value, c("ggplot", "formula", "terms"))) return(invisible())
  place <- nan_place(value)
  if (length(place)) add_fault(notes, "NaN", line, paste("at", place))
  if (startsWith(line, "predict(f")) check_prediction(value, line, home, notes)
  if (inherits(value, "moe")) check_fit_values(value, line, notes)
}

# Where in a value the first NaN is.
nan_place <- function(value, at = "value") {
  if (is.numeric(value)) return(if (any(is.nan(value))) at)
  if (!is.list(value)) return(NULL)
  names <- names(value)
  if (is.null(names)) names <- seq_along(value)
  for (i in seq_along(value)) {
    found <- nan_place(unclass(value)[[i]], paste0(at, "$", names[i]))
    if (length(found)) return(found)
  }
  NULL
}

check_prediction <- function(value, line, home, notes) {
  if (!is.numeric(value)) return(invisible())
  probabilities <- grepl('"gate"|"posterior"', line)
  present <- value[!is.na(value)]
  if (probabilities && any(present < 0 | present > 1 + 1e-12)) {
    add_fault(notes, "no probabilities", line, c("from", range(present)))
  }
  if (probabilities && is.matrix(value)) {
    sums <- rowSums(value)
    if (any(abs(sums - 1) > 1e-8, na.rm = TRUE)) add_fault(notes, "no probabilities", line, c("sums", range(sums)))
  }
  own_rows <- grepl("f, type", line) && !grepl("interval", line)
  if (own_rows && !inherits(home$f$na.action, "exclude") && anyNA(value)) {
    add_fault(notes, "NA", line, sprintf("%d of %d", sum(is.na(value)), length(value)))
  }
  if (own_rows && any(is.infinite(value))) add_fault(notes, "infinite", line, value[is.infinite(value)][1])
}

# NA are the coefficients of aliased columns, in coef(part =) only.
check_fit_values <- function(fit, line, notes) {
  numbers <- list(
    coefficients = fit$coefficients, gate = fit$estimates$gate, experts = fit$estimates$experts,
    sigma = fit$estimates$sigma, temperature = fit$estimates$temperature, logLik = fit$log_likelihood,
    mass = fit$mass, covariance = fit$covariance
  )
  for (name in names(numbers)) {
    bad <- !is.finite(numbers[[name]])
    if (any(bad)) add_fault(notes, "not finite", line, c(name, numbers[[name]][bad][1]))
  }
  if (any(fit$estimates$sigma <= 0)) add_fault(notes, "sigma", line, fit$estimates$sigma)
  check_invariant(fit, line, notes)
}

# sum(w * log(density)) is the log-likelihood, where the densities are numbers that a double holds well.
check_invariant <- function(fit, line, notes) {
  density <- tryCatch(suppressWarnings(predict(fit, type = "density"), "expertmix_warning"), error = identity)
  if (inherits(density, "error")) return(add_fault(notes, "density fails", line, conditionMessage(density)))
  weights <- weights(fit)
  if (is.null(weights)) weights <- rep(1, length(density))
  if (inherits(fit$na.action, "exclude")) {
    density <- density[-fit$na.action]
    weights <- weights[-fit$na.action]
  }
  if (too_narrow(fit)) return(invisible())
  kept <- !is.na(weights) & weights > 0
  terms <- weights[kept] * log(density[kept])
  if (anyNA(terms)) return(add_fault(notes, "NaN", "predict(f, type = \"density\")", "density of rows of the fit"))
  if (any(density[kept] < 1e-300 | density[kept] > 1e300)) return(invisible())
  gap <- abs(sum(terms) - fit$log_likelihood)
  if (!isTRUE(gap <= 1e-8 * sum(abs(terms)) + 1e-10 * sum(weights[kept]))) {
    add_fault(notes, "invariant", line, sprintf(
      "sum(w * log(density)) is %.10g, logLik %.10g", sum(terms), fit$log_likelihood
    ))
  }
}

# Whether an expert is so narrow that rounding of the response itself moves its densities.
too_narrow <- function(fit) {
  sigma <- fit$estimates$sigma
  length(sigma) > 0 && min(sigma) < 1e-5 * max(abs(fitted(fit) + residuals(fit)), na.rm = TRUE)
}

# The same with two threads, bit by bit; a path's own values.
check_result <- function(case, home, notes) {
  if (!grepl("time_limit", case$setup[length(case$setup)])) check_threads(case, home, notes)
  if (!is.null(home$p)) check_path(home$p, case$fit, notes)
}

check_threads <- function(case, home, notes) {
  name <- if (is.null(home$p)) "f" else "p"
  one <- home[[name]]
  home$control$threads <- 2
  assign(".Random.seed", notes$random, globalenv())
  fitted <- run_line(case$fit, home, new_notes(notes))
  two <- home[[name]]
  home$control$threads <- 1
  home[[name]] <- one
  if (!fitted) return(add_fault(notes, "threads", case$fit, "fails with two threads only"))
  different <- Filter(function(part) {
    !identical(comparable(one)[[part]], comparable(two)[[part]], ignore.environment = TRUE)
  }, names(comparable(one)))
  if (length(different)) add_fault(notes, "threads", case$fit, c("differ in", different))
}

new_notes <- function(notes) list2env(list(faults = notes$faults, tell = notes$tell))

comparable <- function(result) {
  result <- unclass(result)
  result$control <- NULL
  result$record$seconds <- NULL
  result$path$seconds <- NULL
  result
}

check_path <- function(path, line, notes) {
  bad <- vapply(path$table, function(column) any(!is.finite(column)), NA)
  if (any(bad)) add_fault(notes, "not finite", line, c("table", names(path$table)[bad]))
  for (at in unique(c(1L, length(path$lambda)))) {
    fit <- tryCatch(suppressWarnings(select_fit(path, path$lambda[at]), "expertmix_warning"), error = identity)
    if (inherits(fit, "error")) return(add_fault(notes, "select_fit fails", line, conditionMessage(fit)))
    check_fit_values(fit, sprintf("select_fit(p, p$lambda[%d])", at), notes)
  }
}
