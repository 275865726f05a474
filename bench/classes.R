# Multinomial-logistic experts against flexmix and depmixS4 from one common start: Rscript bench/classes.R [case ...]
# One thread; bench/README.md says what the numbers mean.

arguments <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("^--file=", "", grep("^--file=", arguments, value = TRUE)))
own_library <- file.path(here, "..", "build", "bench-library")
if (dir.exists(own_library)) .libPaths(c(normalizePath(own_library), .libPaths()))
source(file.path(here, "design.R"))

class_cases <- list(B1 = list(n = 2000, p = 3), B2 = list(n = 10000, p = 3))

# Two experts on three classes; standard normal covariates, all coefficients standard normal, those of the first class
# and of the first gate zero. Under this seed the experts overlap so much that EM needs some 450 iterations.
simulate_classes <- function(n, p, classes = 3, experts = 2, seed = 2) {
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  gate <- cbind(0, matrix(rnorm((p + 1) * (experts - 1)), p + 1))
  slopes <- array(rnorm((p + 1) * classes * experts), c(p + 1, classes, experts))
  slopes[, 1, ] <- 0
  x <- matrix(rnorm(n * p), n, dimnames = list(NULL, paste0("x", seq_len(p))))
  design <- cbind(1, x)
  draw <- function(probability) {
    below <- t(apply(probability, 1, cumsum))[, -ncol(probability), drop = FALSE]
    1 + rowSums(runif(nrow(probability)) > below)
  }
  label <- draw(softmax_rows(design %*% gate))
  y <- integer(n)
  for (k in seq_len(experts)) y[label == k] <- draw(softmax_rows(design[label == k, ] %*% slopes[, , k]))
  covariates <- paste(colnames(x), collapse = " + ")
  list(
    data = data.frame(y = factor(y), x), y = y, design = design, experts = experts, classes = classes,
    formula = stats::as.formula(paste("y ~", covariates)), gate_formula = stats::as.formula(paste("~", covariates)),
    start = start_from(label, experts)
  )
}

# The one function that every package's coefficients are judged by: gate (p + 1) x K, experts (p + 1) x C x K.
class_log_likelihood <- function(case, gate, experts) {
  seen <- cbind(seq_along(case$y), case$y)
  densities <- vapply(seq_len(case$experts), function(k) softmax_rows(case$design %*% experts[, , k])[seen],
    numeric(length(case$y)))
  sum(log(rowSums(softmax_rows(case$design %*% gate) * densities)))
}

# Coefficients of one M-step from the start, for depmixS4, which begins with parameters.
class_m_step <- function(case) {
  coefficients <- function(response, weights, columns) {
    fit <- nnet::multinom(response ~ case$design - 1, weights = weights, trace = FALSE, maxit = 500)
    cbind(0, matrix(t(coef(fit)), ncol = columns - 1))
  }
  list(
    gate = coefficients(case$start, rep(1, length(case$y)), case$experts),
    experts = vapply(seq_len(case$experts), function(k) coefficients(factor(case$y), case$start[, k], case$classes),
      matrix(0, ncol(case$design), case$classes))
  )
}

class_packages <- list(
  expertmix = list(
    fit = function(case) expertmix::moe(case$formula, case$data, experts = case$experts, start = case$start),
    estimate = function(fit, case) list(gate = coef(fit, part = "gate"), experts = coef(fit, part = "experts"))
  ),

  flexmix = list(
    fit = function(case) {
      flexmix::flexmix(
        case$formula, case$data, k = case$experts, cluster = case$start, model = flexmix::FLXMRmultinom(),
        concomitant = flexmix::FLXPmultinom(case$gate_formula),
        control = list(iter.max = 5000, tolerance = 1e-8, minprior = 0)
      )
    },
    estimate = function(fit, case) {
      experts <- vapply(seq_len(case$experts), function(k) {
        cbind(0, matrix(t(fit@components[[k]][[1]]@parameters$coef), ncol = case$classes - 1))
      }, matrix(0, ncol(case$design), case$classes))
      list(gate = fit@concomitant@coef, experts = experts)
    }
  ),

  depmixS4 = list(
    fit = function(case) {
      start <- class_m_step(case)
      model <- depmixS4::mix(
        case$formula, data = case$data, nstates = case$experts, prior = case$gate_formula,
        family = depmixS4::multinomial("mlogit")
      )
      model <- depmixS4::setpars(model, c(t(start$gate), apply(start$experts, 3, t)))
      control <- depmixS4::em.control(maxit = 5000, tol = 1e-8, crit = "relative", random.start = FALSE)
      utils::capture.output(fit <- depmixS4::fit(model, verbose = FALSE, emcontrol = control))
      fit
    },
    estimate = function(fit, case) {
      experts <- vapply(fit@response, function(state) unname(state[[1]]@parameters$coefficients),
        matrix(0, ncol(case$design), case$classes))
      list(gate = fit@prior@parameters$coefficients, experts = experts)
    }
  )
)

# Median CPU seconds over nine runs, of one run where that takes over five seconds.
time_fit <- function(fit, case) {
  seconds <- numeric()
  repeat {
    gc(FALSE)
    used <- system.time(value <- fit(case))
    seconds <- c(seconds, used[["user.self"]] + used[["sys.self"]])
    if (seconds[1] > 5 || length(seconds) == 9) break
  }
  list(value = value, seconds = stats::median(seconds), runs = length(seconds))
}

compare_classes <- function(name) {
  case <- do.call(simulate_classes, class_cases[[name]])
  cat("case", name, "\n")
  base <- NULL
  for (package in names(class_packages)) {
    if (!requireNamespace(package, quietly = TRUE)) {
      cat("|", package, "| is not installed: skipped |\n")
      next
    }
    timed <- time_fit(class_packages[[package]]$fit, case)
    value <- do.call(class_log_likelihood, c(list(case), class_packages[[package]]$estimate(timed$value, case)))
    base <- base %||% list(seconds = timed$seconds, value = value)
    cat(sprintf("| %s | %.4f s, median of %d | log-likelihood %.6f, behind %.6f | %.0f times slower |\n", package,
      timed$seconds, timed$runs, value, base$value - value, timed$seconds / base$seconds))
  }
}

`%||%` <- rlang::`%||%`
chosen <- commandArgs(TRUE)
for (name in if (length(chosen)) chosen else names(class_cases)) compare_classes(name)
