# How known answers are compared, for the other files of this folder, each of which ends with a list of comparisons.

# Correct decimal digits: the least -log10(|q - c| / |c|) of all numbers q against those of another program c, with 15
# for equal ones and |q| in place of the fraction where c = 0. NIST calls it the log relative error.
digits_of <- function(ours, theirs) {
  ours <- as.numeric(ours)
  theirs <- as.numeric(theirs)
  stopifnot(length(ours) == length(theirs), length(ours) > 0, is.finite(ours), is.finite(theirs))
  error <- abs(ours - theirs) / ifelse(theirs == 0, 1, abs(theirs))
  max(0, min(15, -log10(max(error))))
}

# A comparison with a program, named by its package: compare() gives for each quantity ours and theirs, `least` names
# the quantities and says in how many digits they must agree. The package's tests do the `quick` ones.
known_answer <- function(what, data, program, least, compare, note = "", quick = TRUE) {
  list(what = what, data = data, program = program, least = least, compare = compare, note = note, quick = quick)
}

# Values that are known without a program are named in words.
is_package <- function(program) !grepl(" ", program)

is_installed <- function(program) !is_package(program) || requireNamespace(program, quietly = TRUE)

name_of_program <- function(program) {
  if (!is_package(program)) return(program)
  version <- if (is_installed(program)) as.character(utils::packageVersion(program)) else "(not installed)"
  paste(program, version)
}

# The rows of the table that a comparison gives: one a quantity, without digits where the program is not there.
rows_of <- function(case) {
  digits <- rep(NA_real_, length(case$least))
  if (is_installed(case$program)) {
    pairs <- case$compare()
    stopifnot(identical(names(pairs), names(case$least)))
    digits <- vapply(pairs, function(pair) digits_of(pair[[1]], pair[[2]]), 0)
  }
  data.frame(
    what = case$what, data = case$data, program = name_of_program(case$program), quantity = names(case$least),
    digits = round(digits, 1), least = unname(case$least), note = case$note, row.names = NULL
  )
}

# All comparisons of the folder.
known_answers <- function(folder) {
  scope <- new.env()
  sys.source(file.path(folder, "fits.R"), scope)
  topics <- c("regressions", "errors", "lasso", "mixtures", "mixture-errors", "formulas")
  do.call(c, lapply(topics, function(topic) source(file.path(folder, paste0(topic, ".R")), scope)$value))
}
