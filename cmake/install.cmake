# Installs two components: `headers`, with a CMake package and a pkg-config file, and `compiled`, the compiled library. So
# find_package(expertmix) gives expertmix::expertmix and expertmix::compiled, pkg-config expertmix-headers and expertmix.

include_guard(GLOBAL)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/expertmix")
set(package_build_dir "${PROJECT_BINARY_DIR}/package")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/expertmix" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  COMPONENT headers FILES_MATCHING PATTERN "*.[hi]pp")
install(TARGETS expertmix EXPORT expertmix COMPONENT headers INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT expertmix NAMESPACE expertmix:: FILE expertmix-targets.cmake DESTINATION "${package_dir}"
  COMPONENT headers)
install(TARGETS expertmix_compiled EXPORT expertmix_compiled ARCHIVE COMPONENT compiled)
install(EXPORT expertmix_compiled NAMESPACE expertmix:: FILE expertmix-compiled.cmake DESTINATION "${package_dir}"
  COMPONENT compiled)

set(expertmix_uses_openmp OFF)
set(expertmix_openmp_libraries "")
if(TARGET OpenMP::OpenMP_CXX)
  set(expertmix_uses_openmp ON)
  list(TRANSFORM OpenMP_CXX_LIB_NAMES PREPEND "-l" OUTPUT_VARIABLE expertmix_openmp_libraries)
  list(JOIN expertmix_openmp_libraries " " expertmix_openmp_libraries)
endif()
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/expertmix-config.cmake.in"
  "${package_build_dir}/expertmix-config.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${package_build_dir}/expertmix-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${package_build_dir}/expertmix-config.cmake" "${package_build_dir}/expertmix-config-version.cmake"
  DESTINATION "${package_dir}" COMPONENT headers)

# Paths from where the file is: an installed copy may be moved.
set(pkgconfig_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH expertmix_prefix "/prefix/${pkgconfig_dir}" "/prefix")
configure_file("${PROJECT_SOURCE_DIR}/cmake/expertmix-headers.pc.in" "${package_build_dir}/expertmix-headers.pc" @ONLY)
configure_file("${PROJECT_SOURCE_DIR}/cmake/expertmix.pc.in" "${package_build_dir}/expertmix.pc" @ONLY)
install(FILES "${package_build_dir}/expertmix-headers.pc" DESTINATION "${pkgconfig_dir}" COMPONENT headers)
install(FILES "${package_build_dir}/expertmix.pc" DESTINATION "${pkgconfig_dir}" COMPONENT compiled)
