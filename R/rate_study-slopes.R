# Losses of a study by size, and the lines through them.
loss_by_size <- function(results, loss) {
  groups <- split(results, results$n)
  rows <- lapply(groups, function(group) {
    kept <- group[!is.na(group[[loss]]), ]
    values <- kept[[loss]]
    average <- function(values) if (length(values)) mean(values) else NA_real_
    data.frame(
      loss = loss, n = group$n[1], mean = average(values), se = stats::sd(values) / sqrt(length(values)),
      median = stats::median(values), saturated = average(kept$saturated), fits = length(values)
    )
  })
  do.call(rbind, c(rows, make.row.names = FALSE))
}

# Least squares lines of log mean and log median loss on log n.
loss_slopes <- function(sizes, loss) {
  lines <- lapply(c("mean", "median"), function(statistic) {
    usable <- is.finite(sizes[[statistic]]) & sizes[[statistic]] > 0
    values <- log(sizes[[statistic]][usable])
    line <- c(NA_real_, NA_real_)
    se <- NA_real_
    if (sum(usable) > 1) {
      fit <- stats::lm(values ~ log(sizes$n[usable]))
      line <- unname(stats::coef(fit))
      if (sum(usable) > 2) se <- sqrt(suppressWarnings(stats::vcov(fit))[2, 2])
    }
    data.frame(loss = loss, statistic = statistic, slope = line[2], se = se, intercept = line[1])
  })
  do.call(rbind, lines)
}
