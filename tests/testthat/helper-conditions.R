# Evaluates without the package's warnings and messages.
quietly <- function(expression) {
  suppressMessages(suppressWarnings(expression, "expertmix_warning"), "expertmix_message")
}

# Evaluates without the package's warnings, but for one.
quiet_but <- function(expression, kept) {
  withCallingHandlers(expression, expertmix_warning = function(warning) {
    if (!inherits(warning, paste0("expertmix_warning_", kept))) rlang::cnd_muffle(warning)
  })
}
