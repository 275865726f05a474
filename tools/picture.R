# Draws README's picture: Rscript tools/picture.R, with the package installed.
library(expertmix)

file <- file.path("man", "figures", "README-mcycle.png")
set.seed(1)
fit <- moe(accel ~ times, data = MASS::mcycle, experts = 4)
grDevices::png(file, width = 1400, height = 1000, res = 170)
plot(fit, xlab = "time after the impact (ms)", ylab = "head acceleration (g)")
invisible(grDevices::dev.off())
cat(file, "drawn\n")
