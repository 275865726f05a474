# Weights 3 and 1 for 1 and 1, all else right.
even <- mixing_measure(cbind(c(0, 1), c(0, -1)), cbind(c(0, 0), c(0, 5)), 1)
heavy <- mixing_measure(even$gate + rbind(c(log(3), 0), 0), even$experts, 1)

test_that("gauges and translations by hand", {
  loss <- function(estimate, ...) c(voronoi_loss(estimate, even, ...))
  # |1.5 - s| + |0.5 - s|; |3 s - 1| + |s - 1| at s = 1/3; |1.5 - 1| + |0.5 - 1|
  expect_equal(loss(heavy), 1)
  expect_equal(loss(heavy, translate = "estimate"), 2 / 3)
  expect_equal(loss(heavy, translate = "none"), 1)
  # pinned at the second: weights 3 and 1; at the first: 1 and 1/3
  expect_equal(loss(heavy, gauge = "reference"), 2)
  expect_equal(loss(heavy, gauge = "reference", reference = 2), 2)
  expect_equal(loss(heavy, gauge = "reference", reference = 1), 2 / 3)
  expect_equal(loss(heavy, translate = "estimate", gauge = "reference", reference = 1), 2 / 3)
  # the second expert at zero, of the estimate and not of the truth: slopes 2 and 0 for 1 and -1
  expect_equal(loss(even, translate = "none", gauge = "reference", reference = 2), 2)
  moved <- mixing_measure(even$gate + c(5, 0.25), even$experts, 1)
  expect_equal(loss(moved, translate = "none"), 0.5)
  expect_equal(loss(moved), 0)
})

test_that("with a temperature weights are exp(beta_0 / tau), in every gauge", {
  tanh <- function(measure, temperature = 2) {
    mixing_measure(temperature * measure$gate, measure$experts, 1, gate_temperature(temperature, "tanh"))
  }
  loss <- function(...) c(voronoi_loss(tanh(heavy), tanh(even), ...))
  expect_equal(loss(), 1)
  expect_equal(loss(translate = "estimate"), 2 / 3)
  expect_equal(loss(gauge = "reference", reference = 1), 2 / 3)
  # an activation's slopes stay
  pinned <- c(voronoi_loss(tanh(even), tanh(even), translate = "none", gauge = "reference", reference = 2))
  expect_equal(pinned, 0)
})

test_that("shifting the estimate's intercepts multiplies a loss in no gauge by e^s, and changes none in a gauge", {
  set.seed(3)
  truth <- random_measure(2, 1, gate_softmax())
  estimate <- random_measure(3, 1, gate_softmax())
  shifted <- mixing_measure(estimate$gate + c(2, 7), estimate$experts, estimate$sigma)
  for (gauge in c("total", "reference")) {
    expect_equal(voronoi_loss(shifted, truth, gauge = gauge), voronoi_loss(estimate, truth, gauge = gauge))
    expect_equal(voronoi_cells(shifted, truth, gauge = gauge), voronoi_cells(estimate, truth, gauge = gauge))
  }
  pinned <- vapply(1:3, function(k) c(voronoi_loss(estimate, truth, gauge = "reference", reference = k)), 0)
  expect_equal(pinned * exp(estimate$gate[1, ]), rep(pinned[1] * exp(estimate$gate[1, 1]), 3), ignore_attr = TRUE)
})

test_that("near a truth of as many experts the readings agree to first order", {
  set.seed(4)
  pin <- function(measure) mixing_measure(measure$gate - measure$gate[, 3], measure$experts, measure$sigma)
  for (d in 1:2) {
    truth <- pin(random_measure(3, d, gate_softmax()))
    off <- random_measure(3, d, gate_softmax())
    near <- function(h) {
      mixing_measure(truth$gate + h * (off$gate - off$gate[, 3]), truth$experts + h * off$experts, truth$sigma)
    }
    gap <- function(h) {
      estimate <- near(h)
      by_truth <- c(voronoi_loss(estimate, truth))
      others <- c(
        voronoi_loss(estimate, truth, translate = "estimate"), voronoi_loss(estimate, truth, gauge = "reference")
      )
      max(abs(others / by_truth - 1))
    }
    expect_lt(gap(1e-4), 1e-3)
    expect_lt(gap(1e-6), 1e-5)
  }
})

test_that("an exact copy of a true expert is filed in its own cell where translations tie", {
  truth <- mixing_measure(cbind(c(-8, 25), c(0, 0)), cbind(c(15, -20), c(-5, 20)), c(0.3, 0.4))
  for (far in c(-700, 700)) {
    estimate <- mixing_measure(
      cbind(c(9, far), truth$gate), cbind(c(90, 900), truth$experts), c(7, truth$sigma)
    )
    for (order in list(1:3, c(3, 1, 2), c(2, 3, 1))) {
      for (shift in c(0, -25, 300)) {
        moved <- mixing_measure(estimate$gate[, order] + c(0, shift), estimate$experts[, order], estimate$sigma[order])
        loss <- voronoi_loss(moved, truth, translate = "estimate")
        cells <- voronoi_cells(moved, truth, translate = "estimate")
        expect_false(attr(loss, "attained"))
        expect_equal(cells$cell[order > 1], order[order > 1] - 1)
        expect_equal(cells$gate[order > 1], c(0, 0), tolerance = 1e-6)
        expect_true(all(cells$tied))
      }
    }
  }
  expect_false(any(voronoi_cells(truth, truth)$tied))
})

test_that("an expert between two true ones is said to be tied", {
  truth <- mixing_measure(cbind(c(0, -1), c(0, 1)), cbind(c(0, 0), c(0, 0)), 1)
  estimate <- mixing_measure(cbind(c(0, -1), c(0, 1), c(0, 0)), cbind(c(0, 0), c(0, 0), c(3, 0)), 1)
  cells <- voronoi_cells(estimate, truth, "exact", translate = "none")
  expect_equal(cells$cell, c(1, 2, 1))
  expect_equal(cells$tied, c(FALSE, FALSE, TRUE))
})

test_that("losses are those of an independent computation, with one covariate, and with two never above it", {
  skip_on_cran()
  pairs <- as.integer(Sys.getenv("EXPERTMIX_LOSS_PAIRS", "6"))
  for (seed in seq_len(pairs)) {
    set.seed(seed)
    d <- 1 + (seed %% 4 == 0)
    k <- c(sample(2:3, 1), sample(2:4, 1))
    gating <- if (seed %% 3 == 0) gate_topk(2) else gate_softmax()
    truth <- random_measure(k[1], d, gating, sample(c(0.3, 1, 3), 1))
    estimate <- random_measure(k[2], d, gating)
    loss <- sample(c("exact", "over", "power"), 1)
    gauge <- sample(c("total", "reference"), 1)
    reference <- if (gauge == "reference") sample(k[2], 1)
    for (translate in c("truth", "estimate", "none")) {
      found <- c(voronoi_loss(estimate, truth, loss, 2, translate = translate, gauge = gauge, reference = reference))
      brute <- brute_loss(estimate, truth, loss, translate, gauge, reference)
      label <- paste(seed, loss, translate, gauge)
      if (d == 1) expect_equal(found, brute, tolerance = 1e-8, label = label)
      expect_lte(found, brute * (1 + 1e-6), label = label)
    }
  }
})
