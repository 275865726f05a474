.onLoad <- function(libname, pkgname) { # nolint: object_name_linter.
  options(marginaleffects_model_classes = union(getOption("marginaleffects_model_classes"), "moe"))
  if (isNamespaceLoaded("parsnip")) register_engine()
  setHook(packageEvent("parsnip", "onLoad"), function(...) register_engine())
}
