# How this project compiles its own programs (tests and benchmarks): warnings, sanitizers and OpenMP are never passed on to
# those who use the library.

function(expertmix_program target)
  target_link_libraries(${target} PRIVATE expertmix::expertmix)
  if(TARGET OpenMP::OpenMP_CXX)
    target_link_libraries(${target} PRIVATE OpenMP::OpenMP_CXX)
  endif()
  if(MSVC)
    return()
  endif()
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic)
  if(EXPERTMIX_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(EXPERTMIX_SANITIZERS)
    # GCC gives false alarms of this kind under sanitizers, many of them in the standard library.
    target_compile_options(${target} PRIVATE "$<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>")
    set(sanitize "-fsanitize=${EXPERTMIX_SANITIZERS}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_compile_options(${target} PRIVATE ${sanitize})
    target_link_options(${target} PRIVATE ${sanitize})
  endif()
endfunction()
