# Lints every R file of the project as .lintr says; fails on the first thing that it finds.
files <- system2("git", c("ls-files", "'*.R'"), stdout = TRUE)
found <- do.call(c, lapply(setdiff(files, "R/RcppExports.R"), lintr::lint))

# A name that is defined twice is that of the file which comes last.
names_defined <- function(file) {
  assigned <- Filter(function(x) is.call(x) && identical(x[[1]], quote(`<-`)) && is.name(x[[2]]), as.list(parse(file)))
  vapply(assigned, function(x) as.character(x[[2]]), "")
}
defined <- unlist(lapply(grep("^R/", files, value = TRUE), names_defined))
twice <- unique(defined[duplicated(defined)])
if (length(twice)) stop("defined twice in R/: ", paste(twice, collapse = ", "), call. = FALSE)

for (lint in found) cat(lint$filename, ":", lint$line_number, ": ", lint$message, "\n", sep = "")
if (length(found) > 0) stop(length(found), " lint(s)", call. = FALSE)
