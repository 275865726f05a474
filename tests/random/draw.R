# Words of the generator. Everything is drawn by R's generator, which random_case() seeds.

chance <- function(probability) stats::runif(1) < probability

one_of <- function(...) {
  values <- c(...)
  values[[sample.int(length(values), 1)]]
}

# The code of a call from its arguments in code; those that are NULL are left out.
call_code <- function(name, ...) {
  arguments <- Filter(Negate(is.null), list(...))
  named <- ifelse(names(arguments) == "", "", paste(names(arguments), "= "))
  sprintf("%s(%s)", name, paste0(named, unlist(arguments), collapse = ", "))
}
