# expertmix::compiled: the library's definitions compiled once, for programs that link it. The definitions themselves are
# in the headers' .ipp files, which src/compiled_*.cpp include, here and in the R package. OpenMP is the library's own:
# programs link it, and are compiled without.

include_guard(GLOBAL)

if(EXPERTMIX_INSTALL)
  add_library(expertmix_compiled STATIC)
else()
  add_library(expertmix_compiled STATIC EXCLUDE_FROM_ALL)
endif()
add_library(expertmix::compiled ALIAS expertmix_compiled)
set_target_properties(expertmix_compiled PROPERTIES EXPORT_NAME compiled OUTPUT_NAME expertmix POSITION_INDEPENDENT_CODE ON)
foreach(part core fit path save theory)
  target_sources(expertmix_compiled PRIVATE "${PROJECT_SOURCE_DIR}/src/compiled_${part}.cpp")
endforeach()
# What R has in R, and does not compile.
foreach(part inference study)
  target_sources(expertmix_compiled PRIVATE "${PROJECT_SOURCE_DIR}/cmake/compiled_${part}.cpp")
endforeach()
target_compile_definitions(expertmix_compiled PUBLIC EXPERTMIX_COMPILED)
target_link_libraries(expertmix_compiled PUBLIC expertmix::expertmix)
expertmix_program(expertmix_compiled)
