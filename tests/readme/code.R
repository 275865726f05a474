# The commands of all ```r blocks of a page, one after the other.
readme_code <- function(page) {
  lines <- readLines(page)
  fence <- startsWith(lines, "```")
  block <- cumsum(fence)
  opening <- which(lines == "```r")
  inside <- block %in% block[opening] & !fence
  as.list(parse(text = lines[inside], keep.source = FALSE))
}

call_of <- function(command) if (is.call(command) && identical(command[[1]], as.name("<-"))) command[[3]] else command

is_fit <- function(command) {
  call <- call_of(command)
  is.call(call) && as.character(call[[1]])[1] %in% c("moe", "moe_path")
}

with_seed <- function(command, seed) {
  call <- call_of(command)
  call$control <- bquote(moe_control(seed = .(seed)))
  call
}
