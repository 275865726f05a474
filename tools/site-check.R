# Checks a website on disk: Rscript tools/site-check.R <folder>. Links within it must lead to a page, and to the anchor
# that they name; scripts, styles, pictures and fonts must be its own.
folder <- normalizePath(commandArgs(TRUE)[1])
pages <- list.files(folder, "[.]html$", recursive = TRUE)

# What a page has: names that a link may point at, links, and what a browser loads to show it.
read_page <- function(page) {
  html <- xml2::read_html(file.path(folder, page))
  all_of <- function(...) unlist(lapply(c(...), function(path) xml2::xml_text(xml2::xml_find_all(html, path))))
  list(
    anchors = all_of("//@id", "//a/@name"), links = all_of("//a/@href", "//area/@href"),
    loads = all_of("//script/@src", "//link[not(@rel='canonical')]/@href", "//img/@src", "//iframe/@src")
  )
}

# A link's file, relative to the folder, and its anchor.
resolve <- function(link, page) {
  link <- utils::URLdecode(sub("[?][^#]*", "", link))
  path <- sub("#.*$", "", link)
  full <- if (nzchar(path)) normalizePath(file.path(folder, dirname(page), path), mustWork = FALSE) else
    file.path(folder, page)
  if (dir.exists(full)) full <- file.path(full, "index.html")
  list(file = full, anchor = if (grepl("#.", link)) sub("^[^#]*#", "", link) else "")
}

elsewhere <- function(link) grepl("^([a-z][a-z0-9+.-]*:|//)", link)

contents <- stats::setNames(lapply(pages, read_page), file.path(folder, pages))

# A sentence about a link that leads nowhere, or nothing.
fault_of_link <- function(link, page) {
  target <- resolve(link, page)
  if (!startsWith(target$file, paste0(folder, "/"))) return(sprintf("%s: '%s' leads out of the site", page, link))
  if (!file.exists(target$file)) return(sprintf("%s: '%s' leads to no file", page, link))
  known <- contents[[target$file]]
  if (nzchar(target$anchor) && !is.null(known) && !target$anchor %in% known$anchors) {
    sprintf("%s: '%s' leads to no anchor", page, link)
  }
}

faults_of_page <- function(page) {
  found <- contents[[file.path(folder, page)]]
  within <- unique(Filter(function(link) nzchar(link) && !elsewhere(link), c(found$links, found$loads)))
  foreign <- Filter(function(link) grepl("^(https?:)?//", link), found$loads)
  c(unlist(lapply(within, fault_of_link, page)), sprintf("%s: loads '%s'", page, foreign))
}

# Styles name fonts and pictures, and may import other styles.
faults_of_style <- function(style) {
  text <- paste(readLines(file.path(folder, style), warn = FALSE), collapse = "\n")
  named <- regmatches(text, gregexpr("(url\\(|@import )[\"']?[^\"');]+", text))[[1]]
  named <- sub("^(url\\(|@import )[\"']?", "", named)
  foreign <- grep("^(https?:)?//", named, value = TRUE)
  own <- named[!grepl("^(data:|#|https?:|//)", named)]
  lacking <- own[!file.exists(file.path(folder, dirname(style), sub("[?#].*$", "", own)))]
  c(sprintf("%s: loads '%s'", style, foreign), sprintf("%s: '%s' is no file", style, lacking))
}

styles <- list.files(folder, "[.]css$", recursive = TRUE)
faults <- c(unlist(lapply(pages, faults_of_page)), unlist(lapply(styles, faults_of_style)))
writeLines(faults)
links <- sum(lengths(lapply(contents, `[[`, "links")))
cat(sprintf("%d pages, %d links, %d styles: %d fault(s)\n", length(pages), links, length(styles), length(faults)))
if (length(faults)) quit(status = 1)
