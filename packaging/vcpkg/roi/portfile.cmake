# An overlay port: installs the checkout that it lies in.
#   vcpkg install roi --overlay-ports=packaging/vcpkg
set(VCPKG_BUILD_TYPE release)  # headers only
get_filename_component(SOURCE_PATH "${CURRENT_PORT_DIR}/../../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS features FEATURES isal ROI_USE_ISAL)
vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    ${features}
    -DROI_BUILD_TESTS=OFF
    -DROI_BUILD_EXAMPLES=OFF
    -DROI_BUILD_BENCHMARKS=OFF
    -DROI_FETCH_DEPENDENCIES=OFF
    -DROI_INSTALL=ON)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/roi)
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/lib")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
