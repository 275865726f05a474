# The table of known answers: what it promises is recomputed where the program compared with is installed.

folder <- system.file("validation", package = "expertmix")
scope <- new.env()
sys.source(file.path(folder, "digits.R"), scope)
cases <- scope$known_answers(folder)
stored <- utils::read.csv(file.path(folder, "validation.csv"))

test_that("digits are log relative errors", {
  expect_equal(scope$digits_of(1.001, 1), 3, tolerance = 1e-10)
  expect_equal(scope$digits_of(c(2, -1e-4), c(2, 0)), 4)
  expect_identical(scope$digits_of(pi, pi), 15)
  expect_identical(scope$digits_of(3, 1), 0)
  expect_error(scope$digits_of(NaN, 1))
  expect_error(scope$digits_of(1:2, 1))
})

test_that("the table has every comparison, and no fewer digits than it promises", {
  listed <- unlist(lapply(cases, function(case) paste(case$what, case$data, names(case$least))))
  expect_identical(paste(stored$what, stored$data, stored$quantity), listed)
  expect_equal(stored$least, unlist(lapply(cases, function(case) unname(case$least))))
  expect_true(all(stored$digits >= stored$least, na.rm = TRUE))
})

for (case in Filter(function(case) case$quick, cases)) {
  test_that(paste(case$what, "of", case$data, "agrees with", case$program), {
    skip_if_not(scope$is_installed(case$program), paste(case$program, "is not installed"))
    skip_on_cran()
    rows <- scope$rows_of(case)
    for (i in seq_len(nrow(rows))) expect_gte(!!rows$digits[i], !!rows$least[i])
  })
}
