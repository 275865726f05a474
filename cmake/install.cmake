# Installs headers, compiled library and a CMake package, so that find_package(expertmix) gives expertmix::expertmix and
# expertmix::compiled.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/expertmix")
set(package_build_dir "${CMAKE_CURRENT_BINARY_DIR}/package")

install(DIRECTORY include/expertmix DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.[hi]pp")
install(TARGETS expertmix expertmix_compiled EXPORT expertmix INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT expertmix NAMESPACE expertmix:: FILE expertmix-targets.cmake DESTINATION "${package_dir}")

if(TARGET OpenMP::OpenMP_CXX)
  set(expertmix_uses_openmp ON)
else()
  set(expertmix_uses_openmp OFF)
endif()
configure_package_config_file(cmake/expertmix-config.cmake.in "${package_build_dir}/expertmix-config.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${package_build_dir}/expertmix-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${package_build_dir}/expertmix-config.cmake" "${package_build_dir}/expertmix-config-version.cmake"
  DESTINATION "${package_dir}")
