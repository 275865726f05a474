# The store of replications: a directory with a manifest, which says what they are of (`kind`, such as "study", and what
# makes it the one it is), and a file for each that is finished.

# The store that is asked for, NULL as a directory for none, and the seed of what it holds.
open_store <- function(directory, seed, identity, kind) {
  if (!is.null(seed)) seed <- as.double(seed)
  if (is.null(directory)) return(list(directory = NULL, seed = seed %||% sample.int(.Machine$integer.max, 1)))
  if (!dir.exists(directory) && !dir.create(directory, recursive = TRUE, showWarnings = FALSE)) {
    abort_moe("store", sprintf("The store `%s` cannot be made.", directory))
  }
  manifest <- file.path(directory, paste0(kind, ".rds"))
  identity$version <- this_version()
  if (!file.exists(manifest)) {
    others <- list.files(directory, all.files = TRUE, no.. = TRUE)
    if (!all(endsWith(others, ".part"))) {
      abort_moe("store", sprintf("The directory `%s` holds other files and no %s.", directory, kind),
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
  check_identity(known, identity, directory, kind)
  list(directory = directory, seed = identity$seed)
}

# Settings by which those of another session can be known as the same: functions count by their text.
as_text <- function(value) {
  if (is.function(value)) return(deparse(value, control = c("keepNA", "keepInteger", "digits17")))
  if (is.list(value)) return(lapply(unclass(value), as_text))
  unclass(value)
}

# What of the settings of fits has no bearing on where they end, with a seed of their own.
idle_settings <- c("starts", "seed", "progress", "threads", "time_limit")

check_identity <- function(known, identity, directory, kind) {
  names <- union(names(identity), names(known))
  different <- names[!vapply(names, function(name) identical(known[[name]], identity[[name]]), NA)]
  if (length(different)) {
    verb <- if (length(different) == 1) "differs" else "differ"
    belongs <- sprintf("The store `%s` belongs to another %s", directory, kind)
    abort_moe("store", sprintf("%s: %s %s.", belongs, quoted(different), verb),
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
