# Finds the nifti2 library of nifti_clib: NIFTI-1 and NIfTI-2 headers in one library.
#
# Defines the target NIFTI::nifti2, whose include folder holds nifti2_io.h, and
#   NIFTI_FOUND  NIFTI_INCLUDE_DIR  NIFTI_NIFTI2_LIBRARY  NIFTI_ZNZ_LIBRARY
#
# The package's own NIFTIConfig.cmake is never read: Debian's aborts the configure run when an unrelated
# tool is absent. Its library niftiio is never linked: it exports the same names as nifti2.

find_path(NIFTI_INCLUDE_DIR nifti2_io.h PATH_SUFFIXES nifti nifticlib)
find_library(NIFTI_NIFTI2_LIBRARY NAMES nifti2 libnifti2)
find_library(NIFTI_ZNZ_LIBRARY NAMES znz libznz)
mark_as_advanced(NIFTI_INCLUDE_DIR NIFTI_NIFTI2_LIBRARY NIFTI_ZNZ_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(NIFTI
  REQUIRED_VARS NIFTI_NIFTI2_LIBRARY NIFTI_ZNZ_LIBRARY NIFTI_INCLUDE_DIR)

if(NIFTI_FOUND AND NOT TARGET NIFTI::nifti2)
  find_package(ZLIB QUIET)
  add_library(NIFTI::znz UNKNOWN IMPORTED)
  set_target_properties(NIFTI::znz PROPERTIES IMPORTED_LOCATION "${NIFTI_ZNZ_LIBRARY}")
  if(TARGET ZLIB::ZLIB)
    target_link_libraries(NIFTI::znz INTERFACE ZLIB::ZLIB)
  endif()
  add_library(NIFTI::nifti2 UNKNOWN IMPORTED)
  set_target_properties(NIFTI::nifti2 PROPERTIES
    IMPORTED_LOCATION "${NIFTI_NIFTI2_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${NIFTI_INCLUDE_DIR}")
  target_link_libraries(NIFTI::nifti2 INTERFACE NIFTI::znz)
  if(UNIX)
    target_link_libraries(NIFTI::nifti2 INTERFACE m)
  endif()
endif()
