# How often a default fit finds the best optimum known: Rscript bench/search.R [case ...] [--seeds=20] [--search=quick]
# search-cases.R holds the battery, search-best.csv the best value known of each case, which a run may only raise:
# without --keep, better ones are written there. bench/README.md says what the numbers mean.

arguments <- commandArgs(trailingOnly = FALSE)
here <- dirname(sub("^--file=", "", grep("^--file=", arguments, value = TRUE)))
own_library <- file.path(here, "..", "build", "bench-library")
if (dir.exists(own_library)) .libPaths(c(normalizePath(own_library), .libPaths()))
source(file.path(here, "search-cases.R"))
given <- commandArgs(trailingOnly = TRUE)
option <- function(name, default) {
  value <- sub(paste0("^--", name, "="), "", grep(paste0("^--", name, "="), given, value = TRUE))
  if (length(value)) value else default
}
seeds <- seq_len(as.integer(option("seeds", "20")))
level <- option("search", "default")
best_file <- file.path(here, "search-best.csv")

is_class <- function(case) identical(case$family, "multinomial")

# One default fit: the value that is compared (of separated classes, what the search climbs, since no likelihood has a
# maximum there), whether it is a spike, and what the search saw.
fit_case <- function(case, seed) {
  fit <- suppressWarnings(do.call(expertmix::moe, c(case, list(
    control = expertmix::moe_control(seed = seed, search = level, progress = FALSE)))))
  record <- fit$record
  list(
    value = if (is_class(case)) record$optima$value[1] else as.numeric(stats::logLik(fit)),
    spike = length(record$spikes) > 0, passes = record$passes, seconds = record$seconds, unseen = record$unseen,
    optima = record$optima[record$optima$starts > 0, ]
  )
}

# The share of another fit's independent starts that ended at an optimum which the first has not seen.
share_unseen <- function(one, other) {
  new <- vapply(other$optima$value, function(value) all(abs(one$optima$value - value) > 0.01), TRUE)
  sum(other$optima$starts[new]) / sum(other$optima$starts)
}

summarise_case <- function(name, case, best) {
  fits <- lapply(seeds, function(seed) fit_case(case, seed))
  take <- function(what) vapply(fits, function(fit) as.numeric(fit[[what]]), 0)
  sound <- take("spike") == 0
  known <- max(best[name], take("value")[sound], na.rm = TRUE)
  following <- c(seeds[-1], seeds[1])
  data.frame(
    case = name, n = NROW(case$data), K = case$experts, kind = if (is_class(case)) "classes" else "numbers",
    best = known,
    hits = sum(sound & take("value") > known - 1e-3), spikes = sum(!sound), passes = stats::median(take("passes")),
    seconds = stats::median(take("seconds")), unseen = mean(take("unseen")),
    fresh = mean(mapply(share_unseen, fits, fits[match(following, seeds)]))
  )
}

print_row <- function(row) {
  shown <- "| %s | %d | %d | %.5f | %d of %d | %d | %.0f | %.2f | %.3f | %.3f |\n"
  cat(sprintf(shown, row$case, row$n, row$K, row$best, row$hits, length(seeds), row$spikes, row$passes,
    row$seconds, row$unseen, row$fresh))
}

share_line <- function(rows, what) {
  if (nrow(rows) == 0) return(invisible())
  whole <- sum(rows$hits == length(seeds))
  cat(sprintf("%s: all seeds at the best known in %d of %d (%.0f %%)\n", what, whole, nrow(rows),
    100 * whole / nrow(rows)))
}

cases <- search_cases()
wanted <- grep("^--", given, value = TRUE, invert = TRUE)
if (identical(wanted, "large")) wanted <- names(large_cases())
if (length(wanted)) cases <- c(cases, large_cases())[wanted]
known <- if (file.exists(best_file)) utils::read.csv(best_file) else data.frame(case = character(), best = double())
best <- stats::setNames(known$best, known$case)
cat("| case | n | K | best known | hits | spikes | passes | seconds | unseen | share of fresh starts |\n")
cat("|---|---|---|---|---|---|---|---|---|---|\n")
rows <- do.call(rbind, lapply(names(cases), function(name) {
  row <- summarise_case(name, cases[[name]], best)
  print_row(row)
  row
}))
numbers <- rows[rows$kind == "numbers", ]
cat("\n")
share_line(numbers[numbers$K <= 3, ], "K <= 3")
share_line(numbers[numbers$K == 4, ], "K = 4")
share_line(numbers[numbers$K >= 5, ], "K >= 5")
share_line(rows[rows$kind == "classes", ], "multinomial")
cat(sprintf("passes: median %.0f; seconds: median %.2f, largest %.2f\n", stats::median(rows$passes),
  stats::median(rows$seconds), max(rows$seconds)))
cat(sprintf("unseen: mean %.4f by Good and Turing, %.4f of fresh starts\n", mean(rows$unseen), mean(rows$fresh)))
if (!"--keep" %in% given) {
  best[rows$case] <- rows$best
  best <- best[order(names(best))]
  utils::write.csv(data.frame(case = names(best), best = sprintf("%.6f", best)), best_file, row.names = FALSE,
    quote = FALSE)
}
