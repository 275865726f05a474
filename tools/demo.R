# Fits two data sets, prints the summaries and draws the fits: Rscript tools/demo.R <folder for the pictures>
library(expertmix)

folder <- commandArgs(TRUE)[1]

demonstrate <- function(name, title, fit) {
  cat("\n##", title, "\n\n")
  print(summary(fit))
  file <- file.path(folder, paste0(name, ".png"))
  grDevices::png(file, width = 1400, height = 1000, res = 160)
  plot(fit, main = title)
  grDevices::dev.off()
  cat("\nPicture:", file, "\n")
}

set.seed(1)
demonstrate("mcycle", "Head acceleration in a motorcycle crash: accel ~ times, 4 experts",
            moe(accel ~ times, data = MASS::mcycle, experts = 4))
demonstrate("ethanol", "Exhaust of an ethanol engine: NOx ~ E, 2 experts",
            moe(NOx ~ E, data = lattice::ethanol, experts = 2))
