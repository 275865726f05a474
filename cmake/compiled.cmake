# expertmix_compiled: the definitions that cost a compiler most, once for all of this project's own programs that link it.

include_guard(GLOBAL)

add_library(expertmix_compiled STATIC EXCLUDE_FROM_ALL
  "${PROJECT_SOURCE_DIR}/cmake/compiled_fit.cpp" "${PROJECT_SOURCE_DIR}/cmake/compiled_lasso.cpp")
target_compile_definitions(expertmix_compiled PUBLIC EXPERTMIX_COMPILED)
expertmix_program(expertmix_compiled)
