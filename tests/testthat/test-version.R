# Objects that another version of the package made, or one that left no number.
objects <- one_of_each()

made_by_version <- function(object, version) {
  if (inherits(object, c("moe", "summary.moe"))) object$record$version <- version else object$version <- version
  object
}

of_others <- function(object) list(made_by_version(object, "0.0.9"), made_by_version(object, NULL))

expect_refused <- function(call, label = NULL, frame = parent.frame()) {
  maker <- "made by (expertmix 0.0.9|a version of expertmix that left no number)"
  expect_error(eval(call, frame), maker, class = "expertmix_error_version", label = label)
}

test_that("every object says which version made it", {
  version <- as.character(packageVersion("expertmix"))
  for (class in names(objects)) {
    object <- objects[[class]]
    expect_identical(if (is.null(object$record)) object$version else object$record$version, version, label = class)
  }
  expect_identical(select_fit(objects$moe_path)$record$version, version)
})

test_that("every method but update() refuses objects of other versions", {
  methods <- getNamespaceInfo("expertmix", "S3methods")
  tried <- methods[methods[, 2] %in% names(objects) & methods[, 1] != "update", ]
  expect_setequal(unique(tried[, 2]), names(objects))
  for (i in seq_len(nrow(tried))) {
    object <- objects[[tried[i, 2]]]
    method <- get(tried[i, 3], asNamespace("expertmix"))
    others <- if (tried[i, 1] == "all.equal") list(object)
    for (old in of_others(object)) expect_refused(as.call(c(method, list(old), others)), tried[i, 3])
  }
})

test_that("functions refuse what another version made, in whichever argument it stands", {
  x <- seq(-1, 1, length.out = 5)
  d <- two_lines(30)
  for (old in of_others(objects$moe)) {
    expect_refused(quote(moe(y ~ x | z, d, start = old)))
    expect_refused(quote(mixing_measure(old)))
    expect_refused(quote(all.equal(objects$moe, old)))
  }
  for (old in of_others(objects$mixing_measure)) {
    expect_refused(quote(moe(y ~ x | z, d, start = old)))
    expect_refused(quote(hellinger(objects$mixing_measure, old, x)))
    expect_refused(quote(voronoi_loss(old, objects$mixing_measure)))
    expect_refused(quote(rmoe(5, old, x)))
    expect_refused(quote(log_density(old, x, x)))
    expect_refused(quote(rate_study(old, n = 10, replications = 1)))
    expect_refused(quote(all.equal(objects$mixing_measure, old)))
  }
  for (old in of_others(objects$theory_design)) expect_refused(quote(rate_study(old)))
  for (old in of_others(objects$moe_path)) {
    expect_refused(quote(select_fit(old)))
    expect_refused(quote(cv_moe(old)))
  }
  for (old in of_others(objects$moe_gate)) expect_refused(quote(moe(y ~ x, d, gate = old)))
  for (old in of_others(objects$moe_penalty)) expect_refused(quote(moe(y ~ x, d, penalty = old)))
  for (old in of_others(objects$moe_control)) expect_refused(quote(moe(y ~ x, d, control = old)))
})

test_that("the error names both versions and the way out, which works", {
  d <- two_lines(200)
  settings <- moe_control(starts = 5, seed = 1)
  fit <- moe(y ~ x | z, d, control = settings)
  path <- moe_path(y ~ x | z, d, nlambda = 3, control = settings)
  for (version in list("0.0.9", "99.0", NULL)) {
    old <- made_by_version(fit, version)
    error <- expect_error(print(old), class = "expertmix_error_version")
    expect_match(conditionMessage(error), as.character(packageVersion("expertmix")), fixed = TRUE)
    expect_match(conditionMessage(error), "update()", fixed = TRUE)
    expect_warning(again <- update(old), class = "expertmix_warning_labels")
    expect_equal(coef(again), coef(fit))
    expect_warning(other <- update(old, . ~ . | 1), class = "expertmix_warning_labels")
    expect_equal(logLik(other), logLik(moe(y ~ x | 1, d, control = settings)))
    expect_warning(again <- update(made_by_version(path, version)), class = "expertmix_warning_labels")
    expect_equal(again$table, path$table)
    cv <- objects$cv_moe
    cv$path <- made_by_version(path, version)
    expect_warning(again <- update(cv$path), class = "expertmix_warning_labels")
    expect_equal(cv_moe(again, folds = 2, seed = 1)$table, cv$table)
  }
  selected <- made_by_version(select_fit(path, 0.1), "0.0.9")
  expect_warning(again <- update(selected), class = "expertmix_warning_labels")
  expect_equal(coef(again), coef(select_fit(path, 0.1)))
})

test_that("the store of a study belongs to a version", {
  store <- withr::local_tempfile()
  study <- function(n = 100) {
    rate_study(objects$theory_design, n = n, replications = 1, seed = 1, store = store, progress = FALSE)
  }
  results <- study()$results
  manifest <- file.path(store, "study.rds")
  identity <- readRDS(manifest)
  for (other in list(replace(identity, "version", "0.0.9"), identity[names(identity) != "version"])) {
    saveRDS(other, manifest)
    expect_refused(quote(study(c(100, 200))))
    error <- expect_error(study(), class = "expertmix_error_version")
    expect_match(conditionMessage(error), "another directory")
  }
  expect_equal(list.files(store, "^n"), "n100-r1.rds")
  saveRDS(identity, manifest)
  expect_equal(study()$results, results)
})
