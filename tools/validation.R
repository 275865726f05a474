# Writes the table of known answers, with expertmix and the programs that it names installed:
#   Rscript tools/validation.R                     all rows, into inst/validation/validation.csv
#   Rscript tools/validation.R word of a row ...   prints the rows of the comparisons that have all these words
folder <- file.path("inst", "validation")
peers <- file.path("build", "bench-library")
if (dir.exists(peers)) .libPaths(c(peers, .libPaths()))
source(file.path(folder, "digits.R"))
cases <- known_answers(folder)

words <- commandArgs(TRUE)
chosen <- vapply(cases, function(case) {
  all(vapply(words, grepl, NA, paste(case$what, case$data, case$program), fixed = TRUE))
}, NA)
table <- do.call(rbind, lapply(cases[chosen], rows_of))
print(table[c("what", "program", "quantity", "digits", "least")], right = FALSE)
if (!length(words)) utils::write.csv(table, file.path(folder, "validation.csv"), row.names = FALSE)

missing <- unique(table$program[is.na(table$digits)])
if (length(missing)) cat("not installed:", missing, "\n")
below <- which(table$digits < table$least)
if (length(below)) stop("fewer digits than promised: rows ", toString(below), call. = FALSE)
