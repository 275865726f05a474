# `cpack -G DEB` in a build folder: the Debian package libexpertmix-dev of headers, compiled library, CMake package and
# pkg-config files.

include_guard(GLOBAL)

if(EXPERTMIX_INSTALL)
  install(FILES LICENSE.md DESTINATION share/doc/libexpertmix-dev RENAME copyright COMPONENT headers)
endif()
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME libexpertmix-dev)
set(CPACK_PACKAGE_VENDOR "expertmix authors")
set(CPACK_PACKAGE_CONTACT "expertmix authors <maintainer@expertmix.example>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libarmadillo-dev (>= 1:10.8), libboost-dev (>= 1.71), libgomp1")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Classical mixtures of experts by maximum likelihood
 Fits, checks and predicts from regressions whose mixing probabilities depend on
 covariates: headers and a compiled library for programs in C++17 and later.")
set(CPACK_STRIP_FILES OFF)
include(CPack)
