# Code that makes a data frame `d` of `n` rows: a response `y`, covariates `x`, `z`, `u`, `b` (0 or 1), `k` (counts) and
# `sigma`, a factor `g`, weights `w`, an offset `o`.

draw_data <- function() {
  family <- if (chance(0.55)) "gaussian" else one_of("classes", "classes", "counts", "events", "trials", "durations")
  rows <- one_of(sample(2:12, 1), sample(20:60, 2), sample(60:200, 2))
  covariates <- c(
    sprintf("set.seed(%d)", sample.int(1e6, 1)),
    sprintf("n <- %d", rows),
    "d <- data.frame(x = runif(n, -2, 2), z = rnorm(n), u = rexp(n), b = rbinom(n, 1, 0.4), k = rpois(n, 2))",
    'd$g <- factor(sample(c("p", "q", "r"), n, TRUE), levels = c("p", "q", "r"))',
    "d$sigma <- 1 + d$u",
    "d$o <- d$z / 2",
    paste("d$w <-", draw_weights()),
    if (chance(0.5)) replicate(one_of(1, 1, 2), one_of(disturbances))
  )
  list(family = family, rows = rows, code = c(covariates, response_code(family)))
}

draw_weights <- function() {
  one_of(
    "runif(n)", "rep(1 / n, n)", "rep(2, n)", "sample(0:2, n, TRUE)", "1e-12 * runif(n)", "1e12 * runif(n)",
    "c(1000, rep(1, n - 1))", "as.numeric(seq_len(n) > n / 2)", "rep(1e-300, n)", "rep(1e300, n)",
    if (chance(0.3)) c("rep(1e307, n)", "c(-1, rep(1, n - 1))", "rep(0, n)")
  )
}

disturbances <- c(
  "d$x <- d$x * 1e8", "d$x <- d$x * 1e-8", "d$x <- d$x + 1e6", "d$x <- d$x * 1e-160", "d$x <- d$x * 1e160",
  "d$x[1] <- 1e100", "d$x[1] <- 60", "d$x <- round(d$x)", "d$x <- 0", "d$z <- 3", "d$z <- 2 * d$x",
  "d$u <- d$x - d$z", "d$z <- d$z * 1e-5 + d$x", "d$x[2] <- NA", "d$g[2] <- NA", "d$z[1] <- Inf",
  "d$x <- as.integer(round(3 * d$x))", "d$b <- d$b == 1", "d$g <- as.character(d$g)",
  'd$g <- factor(d$g, levels = c("p", "q", "r", "s"))', "d$g <- factor(d$g, ordered = TRUE)",
  'd$g <- factor(c("p", rep("q", n - 1)))', "d$b <- rep(0:1, length.out = n)", "d$z <- d$b",
  "d$x <- rep(d$x[1:2], length.out = n)", "d$x[1] <- -1e12", "d$o <- d$o * 1e6", "d$o <- round(d$o)",
  "d$o <- as.integer(10 * d$o)", "d$u <- matrix(c(d$u, d$z), n)"
)

response_code <- function(family) {
  two <- "ifelse(runif(n) < plogis(2 * d$z), 1 + 2 * as.numeric(d$x), -1 - 1.5 * as.numeric(d$x))"
  switch(family,
    gaussian = c(paste0("d$y <- ", two, " + rnorm(n, 0, 0.4)"), if (chance(0.4)) one_of(numeric_disturbances)),
    classes = c(
      sprintf("d$y <- factor(sample(letters[1:%d], n, TRUE, prob = 1 / seq_len(%1$d)))", one_of(2, 3, 4)),
      if (chance(0.5)) one_of(class_disturbances)
    ),
    counts = c(
      sprintf("counts <- t(rmultinom(n, %d, c(0.5, 0.3, 0.2)))", one_of(1, 5, 40)),
      'colnames(counts) <- c("a", "b", "c")', "d$y <- counts", if (chance(0.3)) one_of(count_disturbances)
    ),
    events = c(
      sprintf("d$y <- rpois(n, exp(pmin(5, 1 + %s / 2)))", two), if (chance(0.3)) one_of(event_disturbances)
    ),
    trials = c(
      sprintf("d$y <- rbinom(n, %s, plogis(%s))", one_of(1, 1, "rep_len(1:9, n)"), two),
      if (chance(0.5)) one_of(trial_disturbances)
    ),
    durations = c(
      sprintf("d$y <- rgamma(n, %s) * exp(pmin(5, %s))", one_of(0.5, 4, 50), two),
      if (chance(0.4)) one_of(duration_disturbances)
    )
  )
}

numeric_disturbances <- c(
  "d$y <- as.numeric(d$y > 0)", "d$y <- round(d$y)", "d$y <- 0", "d$y <- 1 + 2 * d$z", "d$y <- d$y * 1e8",
  "d$y <- d$y * 1e-8", "d$y <- d$y + 1e7", "d$y[1] <- 1e6", "d$y <- d$y * 1e150", "d$y <- d$y * 1e-150",
  "d$y[1] <- NA", "d$y[1] <- Inf", "d$y <- as.integer(round(d$y))", "d$y <- rnorm(n)", "d$y[seq_len(n %/% 2)] <- 1",
  "d$y[1] <- 1e100", "d$y <- d$y * 1e300"
)

class_disturbances <- c(
  'd$y <- factor(ifelse(d$z > 0, "a", "b"))', 'd$y <- d$y == "a"', "d$y <- as.character(d$y)",
  'd$y <- factor(d$y, levels = c("a", "b", "c", "d", "e"))', 'd$y <- factor(c("b", rep("a", n - 1)))',
  'levels(d$y)[1] <- ""', "d$y[1] <- NA", "d$y <- addNA(d$y)", 'd$y <- factor(rep("a", n))', "d$y <- ordered(d$y)",
  'levels(d$y) <- paste0("log(sigma)", seq_along(levels(d$y)))', "d$y <- factor(pmin(seq_len(n), 40))"
)

event_disturbances <- c(
  "d$y <- 0", "d$y <- 7L", "d$y[d$z > 0] <- 0", "d$y[1] <- 1e6", "d$y[1] <- NA", "d$y[1] <- -1", "d$y <- d$y + 0.5",
  "d$y <- d$y * 1e9", "d$y[1] <- 1e100", "d$y <- as.numeric(d$y > 1)", "d$y <- factor(d$y)"
)

trial_disturbances <- c(
  "d$y <- cbind(d$y, 9 - d$y)", "d$y <- cbind(s = d$y, f = 9)", "d$y <- cbind(d$y, 0)", "d$y <- d$y > 0", "d$y <- 0",
  'd$y <- factor(ifelse(d$y > 0, "a", "b"))', "d$y <- d$y / 9", "d$y[1] <- NA", "d$y <- cbind(1e9 * d$y, 1e9)",
  "d$y <- cbind(d$y * (d$z > 0), 3)", "d$y <- cbind(d$y, -1)", "d$y <- cbind(d$y, c(NA, rep(1, n - 1)))"
)

duration_disturbances <- c(
  "d$y <- round(d$y) + 1", "d$y[1] <- 0", "d$y[1] <- NA", "d$y <- d$y * 1e-140", "d$y <- d$y * 1e140",
  "d$y[1] <- 1e100", "d$y[seq_len(n %/% 2)] <- 1", "d$y <- exp(d$z)", "d$y <- -d$y", "d$y <- 3", "d$y[1] <- 1e-300",
  "d$y <- d$y^20"
)

count_disturbances <- c(
  "d$y[1, ] <- 0L", "d$y[, 2] <- 0L", "d$y <- d$y + 0.5", "d$y <- unname(d$y)", "d$y <- d$y * 100000L",
  "d$y[1, 1] <- NA", "d$y[1, ] <- c(1000L, 0L, 0L)", "d$y <- d$y[, 1:2]", "d$y <- d$y[, 1, drop = FALSE]"
)
