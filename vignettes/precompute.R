# Runs the studies of the vignettes on convergence rates and writes the vignettes, with their figures, from the
# *.Rmd.orig beside them:
#   Rscript vignettes/precompute.R                    all of them, about a quarter of an hour on two cores
#   Rscript vignettes/precompute.R rates-softmax      one
# It needs the installed package, knitr and ggplot2, and uses two mirai daemons where mirai is installed. Finished
# replications are kept in vignettes/studies: a run that was killed goes on from there; delete the folder to start anew.

library(expertmix)

script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
setwd(if (length(script)) dirname(script) else "vignettes")
dir.create("studies", showWarnings = FALSE)
wanted <- commandArgs(TRUE)
if (!length(wanted)) wanted <- sub("\\.Rmd\\.orig$", "", list.files(pattern = "\\.Rmd\\.orig$"))
parallel <- requireNamespace("mirai", quietly = TRUE)
if (parallel) mirai::daemons(2)

# Chunks of the engine `live` become R chunks of the vignette, run when it is built.
knitr::knit_engines$set(live = function(options) {
  header <- paste(c(options$label, options$header), collapse = ", ")
  paste0("```{r ", header, "}\n", paste(options$code, collapse = "\n"), "\n```\n")
})

# Losses of several studies on one pair of axes: `curves` is a named list of list(study, loss, statistic).
compare <- function(curves, theory = -0.5, ylab = "loss") {
  points <- do.call(rbind, lapply(names(curves), function(name) {
    curve <- curves[[name]]
    sizes <- summary(curve[[1]])$sizes
    sizes <- sizes[sizes$loss == curve[[2]], ]
    data.frame(n = sizes$n, value = sizes[[curve[[3]]]], curve = name)
  }))
  points$curve <- factor(points$curve, names(curves))
  middle <- points[points$curve == names(curves)[1], ]
  n <- range(points$n)
  line <- data.frame(n = n, value = exp(mean(log(middle$value)) + theory * (log(n) - mean(log(middle$n)))))
  ggplot2::ggplot(points, ggplot2::aes(n, value, colour = curve, shape = curve)) +
    ggplot2::geom_point() +
    ggplot2::geom_smooth(method = "lm", formula = y ~ x, se = FALSE, linewidth = 0.5) +
    ggplot2::geom_line(ggplot2::aes(n, value, linetype = paste("slope", theory)), line, inherit.aes = FALSE) +
    ggplot2::scale_linetype_manual(values = "dashed") +
    ggplot2::scale_x_log10(labels = function(n) format(n, big.mark = " ", scientific = FALSE, trim = TRUE)) +
    ggplot2::scale_y_log10() +
    ggplot2::labs(x = "sample size n", y = ylab, colour = NULL, shape = NULL, linetype = NULL)
}

# The slopes of named studies, as a table.
slopes <- function(studies, digits = 3) {
  rows <- lapply(names(studies), function(name) cbind(study = name, summary(studies[[name]])$slopes))
  table <- do.call(rbind, rows)
  knitr::kable(table[c("study", "loss", "statistic", "slope", "se")], digits = digits, row.names = FALSE)
}

for (name in wanted) {
  began <- proc.time()[["elapsed"]]
  knitr::opts_chunk$set(
    error = FALSE, collapse = TRUE, comment = "#>", fig.width = 6.5, fig.height = 4, dpi = 80, dev = "png",
    fig.path = paste0("figures/", name, "-")
  )
  knitr::knit(paste0(name, ".Rmd.orig"), paste0(name, ".Rmd"), envir = new.env(parent = globalenv()))
  message(sprintf("%s: %.0f s", name, proc.time()[["elapsed"]] - began))
}
if (parallel) mirai::daemons(0)
