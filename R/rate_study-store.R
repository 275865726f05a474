# The store of a study: a directory with a manifest, which says what the study is, and a file for each finished
# replication.

# The store that is asked for, NULL as a directory for none, and the study's seed.
open_store <- function(directory, settings) {
  seed <- if (!is.null(settings$seed)) as.double(settings$seed)
  if (is.null(directory)) return(list(directory = NULL, seed = seed %||% sample.int(.Machine$integer.max, 1)))
  if (!dir.exists(directory) && !dir.create(directory, recursive = TRUE, showWarnings = FALSE)) {
    abort_moe("store", sprintf("The store `%s` cannot be made.", directory))
  }
  manifest <- file.path(directory, "study.rds")
  identity <- study_identity(settings)
  if (!file.exists(manifest)) {
    others <- list.files(directory, all.files = TRUE, no.. = TRUE)
    if (!all(endsWith(others, ".part"))) {
      abort_moe("store", sprintf("The directory `%s` holds other files and no study.", directory),
        "Give an empty or a new one.")
    }
    new <- seed %||% as.double(sample.int(.Machine$integer.max, 1))
    write_whole(c(identity, list(seed = new)), manifest, replace = FALSE)
  }
  known <- read_whole(manifest, sprintf("The store `%s` cannot be read.", directory), "Give another directory.")
  if (!is_current(known)) {
    abort_version(sprintf("The store `%s`", directory), made_by(known),
      "Give another directory, or go on by that version.")
  }
  known$seed <- as.double(known$seed)
  identity$seed <- seed %||% known$seed
  check_identity(known, identity, directory)
  list(directory = directory, seed = identity$seed)
}

# What makes a study the one it is: sizes and replications may grow. Functions count by their text.
study_identity <- function(settings) {
  settings <- settings[c("truth", "experts", "x", "init", "gate", "loss", "starts", "control")]
  settings$control[c("starts", "seed", "progress", "threads", "time_limit")] <- NULL
  as_text <- function(value) {
    if (is.function(value)) return(deparse(value, control = c("keepNA", "keepInteger", "digits17")))
    if (is.list(value)) return(lapply(unclass(value), as_text))
    unclass(value)
  }
  c(as_text(settings), list(version = this_version()))
}

check_identity <- function(known, identity, directory) {
  different <- names(identity)[!vapply(names(identity), function(name) identical(known[[name]], identity[[name]]), NA)]
  if (length(different)) {
    verb <- if (length(different) == 1) "differs" else "differ"
    abort_moe("store", sprintf("The store `%s` belongs to another study: %s %s.", directory, quoted(different), verb),
      "Give another directory, or the same settings.")
  }
}

item_file <- function(store, n, replication) file.path(store$directory, sprintf("n%.0f-r%.0f.rds", n, replication))

# Finished replications in the order of the items; NULL for others.
stored_items <- function(store, items) {
  out <- vector("list", nrow(items))
  if (is.null(store$directory)) return(out)
  files <- item_file(store, items$n, items$replication)
  for (i in which(file.exists(files))) {
    item <- read_whole(files[i], sprintf("`%s` cannot be read.", files[i]), "Delete it: it will be made again.")
    if (!is.list(item) || !identical(as.double(c(item$n, item$replication)), as.double(items[i, ]))) {
      abort_moe("store", sprintf("`%s` holds something else.", files[i]), "Delete it: it will be made again.")
    }
    out[[i]] <- item
  }
  out
}

read_whole <- function(file, message, hint = NULL) {
  rethrow(suppressWarnings(readRDS(file)), "store", message, hint)
}

store_item <- function(store, n, replication, result) {
  if (!is.null(store$directory)) write_whole(result, item_file(store, n, replication))
}

# A file that is there is whole: it gets its name when it has been read back. Every writer has a part of its own; of
# several that may not replace each other, the first wins.
write_whole <- function(value, file, replace = TRUE) {
  force(value)
  part <- tempfile(paste0(basename(file), "-"), dirname(file), ".part")
  on.exit(unlink(part))
  failed <- function(...) abort_moe("store", sprintf("`%s` cannot be written.", file), "Is the disk full?")
  tryCatch(saveRDS(value, part), error = failed, warning = failed)
  if (!identical(tryCatch(readRDS(part), error = failed, warning = failed), value)) failed()
  if (!replace && (suppressWarnings(file.link(part, file)) || file.exists(file))) return(invisible())
  if (!suppressWarnings(file.rename(part, file))) failed()
}
