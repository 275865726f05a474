# The equations of the system, once more.
equations <- function(t, r) {
  term <- function(base, power) base^power / factorial(power)
  equation <- function(l1, l2) {
    sum(vapply(0:min(l1, l2), function(a2) {
      sum(vapply(0:((l2 - a2) %/% 2), function(a4) {
        sum(t[, 5]^2 * term(t[, 1], l1 - a2) * term(t[, 2], a2) * term(t[, 3], l2 - a2 - 2 * a4) * term(t[, 4], a4))
      }, 0))
    }, 0))
  }
  orders <- expand.grid(l1 = 0:r, l2 = 0:r)
  orders <- orders[orders$l1 + orders$l2 >= 1 & orders$l1 + orders$l2 <= r, ]
  mapply(equation, orders$l1, orders$l2)
}

test_that("rbar(4) > 7 and rbar(5) > 9 by solutions that solve the equations", {
  for (order in list(c(4, 7), c(5, 9))) {
    found <- rbar_check(order[1], order[2])
    expect_true(found$solvable)
    expect_lt(max(abs(equations(found$solution, order[2]))), 1e-13)
    expect_gt(max(abs(equations(found$solution, order[2] + 1))), 1e-9)
    expect_equal(max(abs(found$solution[, "t3"])), 1)
    expect_gt(min(found$solution[, "t5"]^2), 0.1 - 1e-9)
  }
  p <- function(s) sqrt((1 + s^4) / 12)
  s <- uniroot(function(s) 12 * (1 + s^6) - 45 * p(s) * (1 - s^4), c(0, 1), tol = 1e-15)$root
  known <- cbind(0, 0, c(1, -1, s, -s), rep(c(p(s) - 1 / 2, -p(s) - s^2 / 2), each = 2), 1)
  expect_lt(max(abs(equations(known, 7))), 1e-14)
  expect_gt(max(abs(equations(known, 8))), 1e-6)
})

test_that("what is no proof is not said to be one", {
  expect_output(print(rbar_check(2, 4, starts = 5)), "The proof: arXiv:2305.03288", fixed = TRUE)
  expect_output(print(rbar_check(4, 8, starts = 2)), "no proof", fixed = TRUE)
})

test_that("powers of a cell of four experts and more are what is known of rbar, or what is given", {
  truth <- mixing_measure(matrix(0, 2, 1), matrix(0, 2, 1), 1)
  loss <- function(k, ...) {
    estimate <- mixing_measure(rbind(rep(-log(k), k), 0), matrix(c(0.5, 0), 2, k), 1)
    c(voronoi_loss(estimate, truth, ...))
  }
  expect_equal(vapply(2:6, loss, 0), 0.5^c(4, 6, 8, 10, 10), tolerance = 1e-9)
  expect_equal(vapply(4:6, loss, 0, rbar = 9), 0.5^c(9, 10, 10), tolerance = 1e-9)
  expect_equal(vapply(4:7, loss, 0, rbar = c(8, 11, 12)), 0.5^c(8, 11, 12, 12), tolerance = 1e-9)
  for (bad in list(0.5, 7, c(8, 9), c(12, 10), numeric(), NA_real_, Inf, "8")) {
    expect_error(loss(4, rbar = bad), "rbar", class = "expertmix_error_loss")
  }
})
