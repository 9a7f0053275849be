# Headers and the package that `find_package(roi CONFIG)` reads.
include(CMakePackageConfigHelpers)

set(roi_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/roi")

install(TARGETS roi EXPORT roi-targets FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT roi-targets NAMESPACE roi:: DESTINATION "${roi_package_dir}")

configure_package_config_file(cmake/roi-config.cmake.in "${PROJECT_BINARY_DIR}/roi-config.cmake"
  INSTALL_DESTINATION "${roi_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/roi-config-version.cmake"
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  "${PROJECT_BINARY_DIR}/roi-config.cmake"
  "${PROJECT_BINARY_DIR}/roi-config-version.cmake"
  cmake/roi-dependencies.cmake
  cmake/roi-plot.cmake
  cmake/FindNIFTI.cmake
  cmake/FindISAL.cmake
  DESTINATION "${roi_package_dir}")

# For builds without CMake. What is found there is what was found here; ISA-L is left to who wants it.
file(RELATIVE_PATH roi_prefix "${CMAKE_INSTALL_FULL_DATADIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
set(roi_pc_flags "-I\${includedir}")
if(NIFTI_INCLUDE_DIR AND NOT NIFTI_INCLUDE_DIR STREQUAL "/usr/include")
  string(APPEND roi_pc_flags " -I${NIFTI_INCLUDE_DIR}")
endif()
configure_file(cmake/roi.pc.in "${PROJECT_BINARY_DIR}/roi.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/roi.pc" DESTINATION "${CMAKE_INSTALL_DATADIR}/pkgconfig")

install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATADIR}/roi")
