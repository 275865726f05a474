# What makes random cases (and, with checks.R, runs them); `folder` is where these files are.
for (file in c("draw", "data", "model", "calls", "methods", "case", "checks")) {
  source(file.path(folder, paste0(file, ".R")))
}
