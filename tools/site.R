# The pages of the website: Rscript tools/site.R <folder>, after tools/reference.sh and with the package installed.
folder <- commandArgs(TRUE)[1]
options(pkgdown.internet = FALSE)
unlink(folder, recursive = TRUE)
dir.create(folder, FALSE, TRUE)
folder <- normalizePath(folder)
site <- pkgdown::as_pkgdown(".", override = list(destination = folder))
pkgdown::check_pkgdown(site)

# KaTeX's script and style, which asks for one format of its fonts.
copy_katex <- function(from = "/usr/share/javascript/katex", to = file.path(folder, "katex")) {
  dir.create(file.path(to, "fonts"), recursive = TRUE)
  stopifnot(
    file.copy(file.path(from, c("katex.min.js", "contrib/auto-render.js")), to),
    file.copy(list.files(file.path(from, "fonts"), "[.]woff2$", full.names = TRUE), file.path(to, "fonts"))
  )
  style <- readLines(file.path(from, "katex.min.css"), warn = FALSE)
  style <- gsub(",url\\([^)]+[.](woff|ttf)\\) *format\\([^)]+\\)", "", style)
  writeLines(style, file.path(to, "katex.min.css"))
}

# A page of lines of Markdown that are no part of the R package.
write_page <- function(lines, page, source) {
  markdown <- tempfile(fileext = ".md")
  html <- tempfile(fileext = ".html")
  writeLines(lines, markdown)
  rmarkdown::pandoc_convert(markdown, "html", "gfm", output = html, options = "--wrap=preserve")
  body <- paste(readLines(html), collapse = "\n")
  title <- sub("^.*?<h1[^>]*>(.*?)</h1>.*$", "\\1", body)
  body <- sub("<h1[^>]*>.*?</h1>", "", body)
  pkgdown::render_page(site, "title-body", list(pagetitle = title, body = body, file = source), page)
}

# The tables that README quotes, then how they were measured.
benchmarks <- function() {
  readme <- readLines("README.md")
  quoted <- readme[do.call(seq, as.list(grep("<!-- numbers: (begin|end) -->", readme)))]
  measured <- readLines("bench/README.md")
  c(measured[1], "", "## Compared with other packages", quoted, "", "## How these were measured", measured[-1])
}

# What links to the repository's files are on the website; NA has no page, and only its words stay.
pages <- c(
  "bench/README.md" = "benchmarks.html", "bench/README.html" = "benchmarks.html", "guide/README.md" = "guide.html",
  "guide/README.html" = "guide.html", "guide/" = "guide.html", "tests/consumers/rpackage" = NA
)

# Doxygen has a page for each program of the guide.
page_of_program <- function(target) sub("[.]cpp$", "_8cpp-example.html", target)

edit_links <- function(page, reference) {
  file <- file.path(folder, page)
  html <- xml2::read_html(file)
  for (link in xml2::xml_find_all(html, "//a[@href]")) {
    target <- xml2::xml_attr(link, "href")
    if (target %in% names(pages)) {
      xml2::xml_set_attr(link, "href", if (!is.na(pages[[target]])) pages[[target]])
    } else if (grepl("^[a-z_]+[.]cpp$", target)) {
      xml2::xml_set_attr(link, "href", paste0(reference, page_of_program(target)))
    }
  }
  xml2::write_html(html, file, format = FALSE)
}

# The C++ reference in a folder of its own, each page with a way back. Doxygen writes a link to a list of nested classes
# where all of them are inherited and no list is there.
copy_reference <- function(from = "build/reference/html", to = file.path(folder, "cpp")) {
  dir.create(to)
  file.copy(c(list.files(from, full.names = TRUE), "pkgdown/reference.css"), to, recursive = TRUE)
  style <- '<link href="reference.css" rel="stylesheet" type="text/css"/>\n</head>'
  bar <- paste0(
    '<body>\n<nav id="site"><a href="../index.html">expertmix</a><a href="../reference/index.html">R</a>',
    '<a href="../guide.html">C++ guide</a><a href="../articles/validation.html">Validation</a>',
    '<a href="../benchmarks.html">Benchmarks</a><a href="../news/index.html">News</a></nav>'
  )
  for (file in list.files(to, "[.]html$", full.names = TRUE)) {
    lines <- sub("^</head>$", style, sub("^<body>$", bar, readLines(file, warn = FALSE)))
    if (!any(grepl('name="nested-classes"', lines))) {
      lines <- sub('<a href="#nested-classes">[^<]*</a>( &#124;)?', "", lines)
    }
    writeLines(lines, file)
  }
}

pkgdown::init_site(site)
copy_katex()
pkgdown::build_home(site, preview = FALSE)
write_page(readLines("guide/README.md"), "guide.html", "guide/README.md")
write_page(benchmarks(), "benchmarks.html", "bench/README.md")
pkgdown::build_reference(site, preview = FALSE, lazy = FALSE, devel = FALSE)
pkgdown::build_articles(site, preview = FALSE, lazy = FALSE)
pkgdown::build_news(site, preview = FALSE)
copy_reference()
for (page in c("index.html", "guide.html", "benchmarks.html", "CONTRIBUTING.html")) edit_links(page, "cpp/")
edit_links("cpp/index.html", "")

# The index of the search as a script, which pages opened from a disk can read, too.
entry_of_search <- function(found) {
  word <- function(field) if (length(found[[field]]) && !is.na(found[[field]])) found[[field]] else ""
  path <- sub("^/", "", found$path)
  title <- xml2::xml_text(xml2::xml_find_first(xml2::read_html(file.path(folder, path)), "//title"))
  anchor <- if (nzchar(word("id"))) paste0("#", word("id"))
  list(path = paste0(path, anchor), title = sub(" \u2022.*$", "", title), what = word("what"),
    text = paste(word("text"), word("code")))
}
texts <- Filter(function(found) length(found$path) == 1, pkgdown:::build_search_index(site))
index <- jsonlite::toJSON(lapply(texts, entry_of_search), auto_unbox = TRUE)
writeLines(paste0("window.siteIndex = ", index, ";"), file.path(folder, "search.js"))
