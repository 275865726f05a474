# Every condition of the package: class expertmix_error_<what> or expertmix_warning_<what>, below expertmix_error or
# expertmix_warning (expertmix_message_<what> for what is no fault). `message` says what is wrong and where, `hint` what
# to do.

abort_moe <- function(what, message, hint = NULL) {
  rlang::abort(
    c(message, i = hint),
    class = c(paste0("expertmix_error_", what), "expertmix_error"),
    call = calling_verb()
  )
}

warn_moe <- function(what, message, hint = NULL) {
  rlang::warn(c(message, i = hint), class = c(paste0("expertmix_warning_", what), "expertmix_warning"))
}

inform_moe <- function(what, message, hint = NULL) {
  rlang::inform(c(message, i = hint), class = c(paste0("expertmix_message_", what), "expertmix_message"))
}

# The frame of the function of this package that the user called.
calling_verb <- function() {
  home <- environment(calling_verb)
  own <- vapply(seq_len(sys.nframe()), function(i) identical(environment(sys.function(i)), home), NA)
  if (any(own)) sys.frame(which(own)[1]) else NULL
}

# Turns an error of base R (an unknown variable, lengths that differ) into one of this package.
rethrow <- function(expression, what, message, hint = NULL) {
  tryCatch(
    expression,
    expertmix_error = rlang::cnd_signal,
    error = function(cause) abort_moe(what, c(message, x = conditionMessage(cause)), hint)
  )
}

# What every function that users call does first: refuses what the call gives in `...` that the function does not use,
# and a first argument that another version of the package made. `.passed`: names that it hands on; `.hints`: the way
# out, by name. Nothing in `...` is evaluated.
check_call <- function(..., .passed = character(), .hints = character(), .what = "argument") {
  arguments <- setdiff(names(formals(sys.function(sys.parent()))), "...")
  check_first(arguments, parent.frame())
  given <- ...names() %||% character(...length())
  strange <- setdiff(given, .passed)
  if (length(strange)) abort_unused(strange, union(arguments, .passed), .hints, .what)
}

check_first <- function(arguments, frame) {
  first <- arguments[1]
  if (!is.na(first) && !is_missing_in(first, frame)) check_version(get(first, frame))
}

is_missing_in <- function(name, frame) eval(call("missing", as.name(name)), frame)

abort_unused <- function(strange, usable, hints, what) {
  hints <- c(hints[intersect(strange, names(hints))], nearest_names(setdiff(strange, names(hints)), usable))
  strange[strange == ""] <- "<unnamed>"
  known <- if (length(usable)) paste("Known are", listed(paste0("`", usable, "`"), 20)) else "There are none."
  abort_moe(what, sprintf("Unused argument %s.", quoted(strange)), if (length(hints)) unname(hints) else known)
}

# Which names were meant, where one differs in two letters at most.
nearest_names <- function(given, known) {
  hints <- lapply(given[nchar(given) > 2], function(name) {
    pattern <- paste0("^", gsub("[^[:alnum:]]", ".", name), "$")
    for (errors in seq(0, min(2, nchar(name) %/% 2))) {
      near <- agrep(pattern, known, max.distance = list(all = errors), fixed = FALSE, value = TRUE, ignore.case = TRUE)
      if (length(near)) return(sprintf("Did you mean `%s`?", near[1]))
    }
  })
  unlist(hints)
}

# What a method of print() hands on to print.default().
print_arguments <- setdiff(names(formals(print.default)), c("x", "..."))

quoted <- function(names) paste0("`", names, "`", collapse = ", ")

# The first few of many, for a message.
listed <- function(values, most = 5) {
  more <- length(values) - most
  shown <- values[seq_len(min(most, length(values)))]
  paste0(paste(shown, collapse = ", "), if (more > 0) paste(" and", more, "more"))
}
