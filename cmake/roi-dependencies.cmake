# What roi is built on, found in one way by this project's build and by the installed package.
#
#   roi_find_dependency(NAME)      looks for one of them; nothing happens when it is not there
#   roi_link_dependencies(TARGET)  links what every user of roi needs
#   roi_use_isal(TARGET)           adds ISA-L as ROI_USE_ISAL says

set(ROI_DEPENDENCIES Eigen3 Boost ZLIB NIFTI Threads)

# The target of each, the same whichever way the package was found.
set(ROI_TARGET_Eigen3 Eigen3::Eigen)
set(ROI_TARGET_Boost Boost::headers)
set(ROI_TARGET_ZLIB ZLIB::ZLIB)
set(ROI_TARGET_NIFTI NIFTI::nifti2)
set(ROI_TARGET_Threads Threads::Threads)

set(ROI_MODULE_DIR "${CMAKE_CURRENT_LIST_DIR}")

macro(roi_find_module name)
  set(roi_module_path "${CMAKE_MODULE_PATH}")
  list(PREPEND CMAKE_MODULE_PATH "${ROI_MODULE_DIR}")
  find_package(${name} QUIET MODULE)
  set(CMAKE_MODULE_PATH "${roi_module_path}")
endmacro()

# Boost.Math is headers only, and comes as a part of Boost or, in newer package managers, on its own.
macro(roi_find_boost)
  find_package(boost_math QUIET CONFIG)
  if(NOT TARGET Boost::math)
    find_package(Boost QUIET CONFIG)
  endif()
  if(NOT TARGET Boost::headers)
    if(TARGET Boost::math)
      add_library(Boost::headers INTERFACE IMPORTED GLOBAL)
      target_link_libraries(Boost::headers INTERFACE Boost::math)
    else()
      if(NOT CMAKE_DISABLE_FIND_PACKAGE_Boost)
        find_path(ROI_BOOST_INCLUDE_DIR boost/math/distributions/students_t.hpp)
        mark_as_advanced(ROI_BOOST_INCLUDE_DIR)
      endif()
      if(ROI_BOOST_INCLUDE_DIR)
        add_library(Boost::headers INTERFACE IMPORTED GLOBAL)
        target_include_directories(Boost::headers INTERFACE "${ROI_BOOST_INCLUDE_DIR}")
      endif()
    endif()
  endif()
endmacro()

macro(roi_find_dependency name)
  if(NOT TARGET ${ROI_TARGET_${name}})
    if("${name}" STREQUAL "Boost")
      roi_find_boost()
    elseif("${name}" STREQUAL "NIFTI")
      roi_find_module(NIFTI)
    elseif("${name}" STREQUAL "Eigen3")
      find_package(Eigen3 QUIET CONFIG)
    else()
      find_package(${name} QUIET)
    endif()
  endif()
endmacro()

macro(roi_link_dependencies target)
  foreach(roi_dependency IN LISTS ROI_DEPENDENCIES)
    target_link_libraries(${target} INTERFACE ${ROI_TARGET_${roi_dependency}})
  endforeach()
endmacro()

# Not exported with the target: whoever uses an installed roi decides anew, on their own machine.
macro(roi_use_isal target)
  set(roi_gzip "zlib")
  if(NOT DEFINED ROI_USE_ISAL OR NOT "${ROI_USE_ISAL}" STREQUAL "OFF")
    roi_find_module(ISAL)
    if(TARGET ISAL::isal)
      set(roi_gzip "ISA-L and zlib")
      target_link_libraries(${target} INTERFACE "$<BUILD_INTERFACE:ISAL::isal>")
      target_compile_definitions(${target} INTERFACE "$<BUILD_INTERFACE:ROI_WITH_ISAL=1>")
    elseif("${ROI_USE_ISAL}" STREQUAL "ON")
      message(FATAL_ERROR "roi: ROI_USE_ISAL is ON and ISA-L is not found; "
        "install libisal-dev (apt) or isal (vcpkg), or set ROI_USE_ISAL=AUTO")
    endif()
  endif()
endmacro()
