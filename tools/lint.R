# Lints every R file of the project as .lintr says; fails on the first thing that it finds.
files <- system2("git", c("ls-files", "'*.R'"), stdout = TRUE)
found <- do.call(c, lapply(setdiff(files, "R/RcppExports.R"), lintr::lint))
for (lint in found) cat(lint$filename, ":", lint$line_number, ": ", lint$message, "\n", sep = "")
if (length(found) > 0) stop(length(found), " lint(s)", call. = FALSE)
