truth <- mixing_measure(cbind(c(-8, 25), c(0, 0)), cbind(c(15, -20), c(-5, 20)), c(0.3, 0.4))
half <- log(0.5)

test_that("losses are what one computes by hand", {
  near <- mixing_measure(truth$gate, truth$experts + cbind(c(4, 3), c(0.1, 0)), truth$sigma)
  expect_equal(c(voronoi_loss(near, truth)), 5 * exp(-8) + 0.1, tolerance = 1e-9)
  wider <- mixing_measure(truth$gate, truth$experts, c(0.3, 0.5))
  expect_equal(c(voronoi_loss(wider, truth)), 0.09, tolerance = 1e-9)
  over <- mixing_measure(
    cbind(c(-8, 25), c(half, 0), c(half, 0)), cbind(c(15, -20), c(-4.5, 20), c(-5, 20.1)), c(0.3, 0.4, 0.4)
  )
  expect_equal(c(voronoi_loss(over, truth)), 0.5 * 0.5^4 + 0.5 * 0.1^2, tolerance = 1e-9)
  expect_equal(c(voronoi_loss(over, truth, "exact")), 0.5 * 0.5 + 0.5 * 0.1, tolerance = 1e-9)
  expect_equal(c(voronoi_loss(over, truth, "power", power = 3)), 0.5 * 0.5^3 + 0.5 * 0.1^3, tolerance = 1e-9)
  cells <- voronoi_cells(over, truth)
  expect_equal(cells$cell, c(1, 2, 2))
  expect_equal(cells$intercept, c(0, 0.5, 0))
  expect_equal(cells$slope, c(0, 0, 0.1))
  expect_equal(cells$weight, c(exp(-8), 0.5, 0.5), tolerance = 1e-6)
})

test_that("losses of multinomial experts, activation gates and temperatures by hand", {
  classes <- array(c(0, 0, 1, -2, 0, 0, 0, 2), c(2, 2, 2))
  plain <- mixing_measure(cbind(c(0, 1), c(0, 0)), classes, family = multinomial())
  moved <- mixing_measure(cbind(c(0, 1), c(0, 0)), replace(classes, c(3, 8), c(1.5, 2.1)), family = multinomial())
  expect_equal(c(voronoi_loss(moved, plain)), 0.5 + 0.1, tolerance = 1e-9)
  expect_equal(c(voronoi_loss(moved, plain, "power", power = 2)), 0.25 + 0.01, tolerance = 1e-9)
  measure <- function(temperature, slope = 2) {
    mixing_measure(cbind(c(0, slope), c(0, -1)), truth$experts, 1, gate_temperature(temperature, "tanh"))
  }
  expect_equal(c(voronoi_loss(measure(1.5), measure(1))), 2 * 0.5, tolerance = 1e-9)
  expect_equal(c(voronoi_loss(measure(1, 2.25), measure(1))), 0.25, tolerance = 1e-9)
  linear <- function(c) mixing_measure(c * cbind(c(1, 2), c(0, 0)), truth$experts, 1, gate_temperature(c))
  expect_equal(c(voronoi_loss(linear(2), linear(1))), 0, tolerance = 1e-9)
  expect_equal(c(voronoi_loss(linear(1.1), linear(1), "power")), 0.1 * exp(1) + 0.1 + 0.2, tolerance = 1e-9)
})

test_that("losses are invariant under relabelling and translation of the estimate's gate", {
  set.seed(1)
  gatings <- list(gate_softmax(), gate_topk(2), gate_temperature(2, "softplus"))
  for (gating in gatings) {
    of <- mixing_measure(matrix(rnorm(6), 2), matrix(rnorm(6), 2), runif(3), gating)
    for (k in 3:4) {
      gate <- matrix(rnorm(2 * k), 2)
      experts <- matrix(rnorm(2 * k), 2)
      sigma <- runif(k)
      estimate <- mixing_measure(gate, experts, sigma, gating)
      order <- sample(k)
      shift <- c(rnorm(1), if (gating$activation == "identity") rnorm(1) else 0)
      other <- mixing_measure(gate[, order] + shift, experts[, order], sigma[order], gating)
      for (translate in c("truth", "estimate")) {
        loss <- voronoi_loss(estimate, of, translate = translate)
        expect_equal(voronoi_loss(other, of, translate = translate), loss, tolerance = 1e-9)
        pinned <- voronoi_loss(estimate, of, translate = translate, gauge = "reference", reference = order[2])
        expect_equal(
          voronoi_loss(other, of, translate = translate, gauge = "reference", reference = 2), pinned, tolerance = 1e-9
        )
      }
    }
  }
})

test_that("a hopeless estimate is told as such", {
  far <- mixing_measure(cbind(c(0, 1), c(0, 0)), cbind(c(500, 300), c(-300, 700)), 9)
  loss <- voronoi_loss(far, truth, translate = "estimate")
  expect_false(attr(loss, "attained"))
  expect_equal(c(loss), 1 + exp(-8))
  expect_gt(voronoi_loss(far, truth), 100)
  for (translate in c("truth", "estimate", "none")) {
    expect_true(attr(voronoi_loss(truth, truth, translate = translate), "attained"))
    expect_equal(c(voronoi_loss(truth, truth, translate = translate)), 0)
  }
})

test_that("what cannot be compared is a classed error that says why", {
  fails <- function(estimate, class, words, ...) {
    expect_error(voronoi_loss(estimate, truth, ...), words, class = paste0("expertmix_error_", class))
  }
  fails(mixing_measure(cbind(c(0, 1)), array(1:4, c(2, 2, 1)), family = multinomial()), "measure", "families")
  fails(mixing_measure(cbind(c(0, 1, 1)), cbind(1:2), 1), "measure", "covariates of the gate")
  fails(mixing_measure(cbind(c(0, 1)), cbind(1:3), 1), "measure", "covariates of the experts")
  fails(mixing_measure(truth$gate, truth$experts, 1, gate_temperature(1, "tanh")), "measure", "gates")
  fails(mixing_measure(truth$gate, truth$experts, 1, gate_modified("tanh")), "measure", "gates")
  fails(1, "measure", "estimate")
  fails(truth, "loss", "loss", loss = "squared")
  fails(truth, "loss", "power", loss = "power", power = 0.5)
  fails(truth, "loss", "power", loss = "power", power = Inf)
  fails(truth, "loss", "translate", translate = "both")
  fails(truth, "loss", "translate", translate = NULL)
  fails(truth, "loss", "gauge", gauge = "last")
  for (bad in list(0, 3, 1.5, NA, "expert1", 1:2)) {
    fails(truth, "loss", "reference", gauge = "reference", reference = bad)
  }
  fails(truth, "loss", "gauge", reference = 1)
  hard <- mixing_measure(truth$gate, truth$experts, truth$sigma, gate_topk(1))
  expect_error(voronoi_loss(hard, hard), "one active expert", class = "expertmix_error_loss")
  sigmoid <- mixing_measure(truth$gate, truth$experts, truth$sigma, gate_sigmoid())
  expect_error(voronoi_loss(sigmoid, sigmoid), class = "expertmix_error_loss")
})
