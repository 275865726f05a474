# The targets that the library links: expertmix::armadillo, Boost::headers and, for the compiled library if EXPERTMIX_OPENMP
# is on and the compiler has it, OpenMP::OpenMP_CXX. expertmix-config.cmake.in does the same for an installed copy.

include_guard(GLOBAL)

# Looks for a package and makes its target visible in the whole project: the project that adds ours by
# add_subdirectory() links it too.
function(expertmix_find package target)
  if(TARGET ${target})
    return()
  endif()
  find_package(${package} ${ARGN})
  if(TARGET ${target})
    set_target_properties(${target} PROPERTIES IMPORTED_GLOBAL TRUE)
  endif()
endfunction()

expertmix_find(Boost Boost::headers 1.71 REQUIRED)
if(EXPERTMIX_OPENMP)
  expertmix_find(OpenMP OpenMP::OpenMP_CXX COMPONENTS CXX)
endif()

# CMake's module for Armadillo sets variables only. Its library brings BLAS and LAPACK.
if(NOT TARGET expertmix::armadillo)
  find_package(Armadillo 10.8 REQUIRED)
  add_library(expertmix::armadillo INTERFACE IMPORTED GLOBAL)
  set_target_properties(expertmix::armadillo PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${ARMADILLO_INCLUDE_DIRS}"
    INTERFACE_LINK_LIBRARIES "${ARMADILLO_LIBRARIES}")
endif()
