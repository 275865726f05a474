# Losses of a study by size, and the least squares lines of their logarithms on log n. Sizes are fixed and replications
# independent: a slope is a sum over sizes, and its standard error follows from those of log mean or log median at each.

loss_by_size <- function(results, loss) {
  sizes <- sort(unique(results$n))
  kept <- results[!is.na(results[[loss]]), ]
  of_each <- function(column, statistic) {
    vapply(split(kept[[column]], factor(kept$n, sizes)), statistic, 0, USE.NAMES = FALSE)
  }
  average <- function(values) if (length(values)) mean(values) else NA_real_
  data.frame(
    loss = loss, n = sizes, mean = of_each(loss, average),
    se = of_each(loss, function(values) stats::sd(values) / sqrt(length(values))),
    median = of_each(loss, stats::median), attained = of_each("attained", average),
    fits = of_each(loss, function(values) as.double(length(values))),
    log_mean_se = of_each(loss, log_mean_se), log_median_se = of_each(loss, log_median_se)
  )
}

# The jackknife's. Of skew losses the delta method's, sd / (mean sqrt(count)), is too small for the intervals to cover.
log_mean_se <- function(values) {
  count <- length(values)
  before <- cumsum(c(0, values))[seq_len(count)]
  after <- rev(cumsum(c(0, rev(values)))[seq_len(count)])
  others <- (before + after) / (count - 1)
  if (count < 2 || any(others <= 0)) return(NA_real_)
  (count - 1) * stats::sd(log(others)) / sqrt(count)
}

# The bootstrap's, without drawing (Maritz and Jarrett 1978): the median of a resample is the k-th ordered value with
# the probability that the middle one of so many uniforms falls into the k-th of as many equal parts of [0, 1]. Of an
# even number the median is the average of two ordered values, which takes count / (count + 1) of the variance.
log_median_se <- function(values) {
  count <- length(values)
  if (count < 2 || any(values <= 0)) return(NA_real_)
  middle <- (count + 1) / 2
  probability <- diff(stats::pbeta(seq(0, 1, length.out = count + 1), middle, middle))
  ordered <- log(sort(values))
  variance <- sum(probability * (ordered - sum(probability * ordered))^2)
  sqrt(if (count %% 2 == 0) variance * count / (count + 1) else variance)
}

loss_slopes <- function(sizes, loss) {
  lines <- lapply(c("mean", "median"), function(statistic) {
    usable <- sizes[is.finite(sizes[[statistic]]) & sizes[[statistic]] > 0, ]
    se <- usable[[sprintf("log_%s_se", statistic)]]
    freedom <- if (statistic == "mean") usable$fits - 1 else Inf
    data.frame(loss = loss, statistic = statistic, line_of(log(usable$n), log(usable[[statistic]]), se, freedom))
  })
  do.call(rbind, lines)
}

# The line through points (x, y) with its 95 % interval; `se` and `freedom` are those of each y. The p-value of the
# curvature is that of the square of x, where it is added to the line.
line_of <- function(x, y, se, freedom) {
  if (length(x) < 2) x <- y <- se <- NA_real_
  slope <- contrast(share_of(x, cbind(rep(1, length(x)))), y, se, freedom)
  curvature <- if (length(x) > 2) contrast(share_of((x - mean(x))^2, cbind(1, x)), y, se, freedom)
  margin <- if (isTRUE(slope$se > 0)) stats::qt(0.975, slope$freedom) * slope$se else slope$se
  data.frame(
    slope = slope$value, se = slope$se, lower = slope$value - margin, upper = slope$value + margin,
    intercept = mean(y) - slope$value * mean(x),
    p_curvature = if (isTRUE(curvature$se > 0)) {
      2 * stats::pt(-abs(curvature$value) / curvature$se, curvature$freedom)
    } else {
      NA_real_
    }
  )
}

# What each response adds to the least squares coefficient of x beside `others`.
share_of <- function(x, others) {
  if (anyNA(x)) return(x)
  rest <- qr.resid(qr(others), x)
  rest / sum(rest^2)
}

# A weighted sum of independent estimates, with Satterthwaite's degrees of freedom.
contrast <- function(weights, values, se, freedom) {
  parts <- (weights * se)^2
  list(value = sum(weights * values), se = sqrt(sum(parts)), freedom = sum(parts)^2 / sum(parts^2 / freedom))
}
