# The verdict on a log of R CMD check: fails on errors, warnings and every note that is not listed here.
#   Rscript tools/read-check.R <00check.log>

# Notes about the circumstances of a check, not about the package: a regular expression for every line each may have.
harmless <- list(
  "CRAN incoming feasibility" = c("Maintainer:", "^New submission$", "^$"),
  "for future file timestamps" = "^unable to verify current time$",
  # Code, headers and shared library are most of it; CRAN's limit of 5 MB is for data and documentation.
  "installed package size" = c(
    "^ *installed size is +[5-7][.][0-9]Mb$", "^ *sub-directories of 1Mb or more:$", "^ *(doc|include|R) +1[.][0-9]Mb$",
    "^ *libs +2[.][0-9]Mb$"
  ),
  # Debian keeps Boost's headers where the compiler looks anyway.
  "DESCRIPTION meta-information" = "^'LinkingTo' for .BH. is unused as it has no 'include' directory$"
)

log <- commandArgs(TRUE)[1]
if (!any(grepl("^Status: ", readLines(log)))) stop("the check did not finish: ", log, call. = FALSE)
findings <- tools::check_packages_in_dir_details(logs = log, drop_ok = c("OK", "NONE", "SKIPPED", "INFO"))

is_harmless <- function(check, status, output) {
  lines <- strsplit(output, "\n", fixed = TRUE)[[1]]
  allowed <- harmless[[check]]
  is_allowed <- function(line) any(sapply(allowed, grepl, line))
  status %in% c("NOTE", "Note_to_CRAN_maintainers") && !is.null(allowed) && all(vapply(lines, is_allowed, NA))
}
bad <- !mapply(is_harmless, findings$Check, findings$Status, findings$Output)
verdict <- ifelse(bad, "FAULT ", "fine  ")
for (i in seq_len(nrow(findings))) {
  cat(verdict[i], findings$Status[i], " ", findings$Check[i], "\n", findings$Output[i], "\n", sep = "")
}
if (any(bad)) stop(sum(bad), " finding(s) of R CMD check", call. = FALSE)
cat("R CMD check: clean.\n")
