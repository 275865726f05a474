# The name of the family that was asked for: a family object, a function that makes one, or a name.
check_family <- function(family) {
  if (is.function(family)) family <- tryCatch(family(), error = function(cause) NULL)
  name <- if (inherits(family, "family")) family$family else family
  if (!identical(name, "gaussian")) {
    shown <- if (is.character(name) && length(name) == 1) paste0('"', name, '"') else "this"
    abort_moe("family", sprintf("`family` %s is not available yet: only gaussian() is.", shown))
  }
  if (inherits(family, "family") && family$link != "identity") {
    abort_moe("family", sprintf('The link "%s" is not available: Gaussian experts have the identity link.', family$link))
  }
  stats::gaussian()
}
