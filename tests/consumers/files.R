# A fit goes from R to C++ by a file, and one from C++ to R: both predict the same numbers on either side.
#   Rscript files.R <program made of cmake/files.cpp>
library(expertmix)
program <- commandArgs(TRUE)[1]
of_r <- tempfile(fileext = ".moe")
of_cpp <- tempfile(fileext = ".moe")
fit <- moe(E ~ NOx, data = lattice::ethanol, experts = 2, control = moe_control(seed = 1))
write_moe(fit, of_r)
penalised <- tempfile(fileext = ".moe")
penalised_of_cpp <- tempfile(fileext = ".moe")
lasso <- moe(E ~ NOx, data = lattice::ethanol, experts = 2, penalty = penalty_lasso(0.02),
  control = moe_control(seed = 1))
write_moe(lasso, penalised)
printed <- system2(program, c(of_r, of_cpp, penalised, penalised_of_cpp), stdout = TRUE)
numbers <- lapply(strsplit(printed, " "), as.numeric)
said <- function(fit) {
  of <- predict(fit, cbind(1, 1:3), se.fit = TRUE)
  c(as.numeric(logLik(fit)), rbind(as.vector(of$fit), as.vector(of$se.fit)))
}
said_penalised <- function(fit) c(as.numeric(logLik(fit)), predict(fit, cbind(1, 1:3)))
again <- read_moe(of_cpp)
print(summary(again))
stopifnot(
  all.equal(numbers[[1]], said(read_moe(of_r)), tolerance = 1e-14),
  all.equal(numbers[[2]], said(again), tolerance = 1e-14),
  all.equal(numbers[[3]], said_penalised(read_moe(penalised)), tolerance = 1e-14),
  all.equal(numbers[[4]], said_penalised(read_moe(penalised_of_cpp)), tolerance = 1e-14),
  identical(rownames(coef(again, part = "experts")), c("(Intercept)", "v"))
)
