# The compiled code of another package must find the fit that the R interface finds, and its errors must arrive in R.
x <- cbind(1, lattice::ethanol$NOx)
y <- lattice::ethanol$E
theirs <- expertmixconsumer::fit_two_experts(x, y)
others <- expertmixother::fit_two_experts(x, y)
ours <- expertmix::moe(E ~ NOx, data = lattice::ethanol, experts = 2)
print(theirs)
stopifnot(
  identical(others, theirs),
  abs(theirs$log_likelihood - 123.620591) < 1e-5,
  abs(theirs$log_likelihood - as.numeric(logLik(ours))) < 1e-6,
  all.equal(sort(drop(theirs$sigma)), sort(unname(sigma(ours))), tolerance = 1e-3)
)
failure <- tryCatch(expertmixconsumer::fit_two_experts(x, y * NA), error = conditionMessage)
stopifnot(is.character(failure), grepl("finite", failure))
