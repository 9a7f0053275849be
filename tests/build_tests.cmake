# Tests of the build itself: headers alone, layers, what must not compile, projects that use roi.

# A test that builds a target left out of the normal build. One at a time: they share the build tree.
function(roi_add_build_test test target)
  add_test(NAME ${test}
    COMMAND "${CMAKE_COMMAND}" --build "${CMAKE_BINARY_DIR}" --config $<CONFIG> --target ${target} --parallel 2)
  set_tests_properties(${test} PROPERTIES LABELS build RESOURCE_LOCK build_tree PROCESSORS 2)
endfunction()

# Every public header compiles alone, and may be included twice.
set(roi_alone "")
set(roi_together "")
foreach(header IN LISTS roi_headers)
  file(RELATIVE_PATH path "${PROJECT_SOURCE_DIR}/include" "${header}")
  string(APPEND roi_together "#include <${path}>\n")
  # An umbrella is nothing but headers that do, and the slowest to compile.
  file(STRINGS "${header}" code REGEX "^[^/#]|^#(if|define|undef)")
  if(path MATCHES "/detail/" OR NOT code)
    continue()
  endif()
  string(REGEX REPLACE "\\.hpp$" "" name "${path}")
  set(file "${CMAKE_CURRENT_BINARY_DIR}/alone/${name}.cpp")
  file(CONFIGURE OUTPUT "${file}" CONTENT "#include <${path}>\n#include <${path}>\n" @ONLY)
  list(APPEND roi_alone "${file}")
endforeach()
# All of them in one file: what clang-tidy reads.
set(file "${CMAKE_CURRENT_BINARY_DIR}/alone/all_headers.cpp")
file(CONFIGURE OUTPUT "${file}" CONTENT "${roi_together}" @ONLY)
add_library(headers_alone OBJECT EXCLUDE_FROM_ALL ${roi_alone} "${file}")
target_link_libraries(headers_alone PRIVATE roi::roi roi::plot roi_warnings)
# Nobody links them: a sixth less without objects.
target_compile_options(headers_alone PRIVATE $<$<NOT:$<CXX_COMPILER_ID:MSVC>>:-fsyntax-only>)
roi_add_build_test(build/headers_alone headers_alone)
# It takes all of CTest's processors: begun first, none of them waits for another to be free.
set_tests_properties(build/headers_alone PROPERTIES COST 2000)

# What including a header costs. How a header is found, for who calls the compiler itself:
set(roi_include_dirs "$<TARGET_PROPERTY:headers_alone,INCLUDE_DIRECTORIES>")
set(roi_include_definitions "$<TARGET_PROPERTY:headers_alone,COMPILE_DEFINITIONS>")
string(REGEX MATCH "^[0-9]+" roi_compiler_major "${CMAKE_CXX_COMPILER_VERSION}")
add_test(NAME build/include_cost
  COMMAND "${CMAKE_COMMAND}" "-DINCLUDE_DIR=${PROJECT_SOURCE_DIR}/include"
          "-DRECORD=${CMAKE_CURRENT_SOURCE_DIR}/include_cost.txt" "-DCOMPILER=${CMAKE_CXX_COMPILER}"
          "-DCOMPILER_IS=${CMAKE_CXX_COMPILER_ID} ${roi_compiler_major}"
          "-DFLAGS=-std=c++20;-I$<JOIN:${roi_include_dirs},;-I>;-D$<JOIN:${roi_include_definitions},;-D>"
          -P "${CMAKE_CURRENT_SOURCE_DIR}/include_cost.cmake")
set_tests_properties(build/include_cost PROPERTIES LABELS build SKIP_REGULAR_EXPRESSION "skipped: ")

# The layers, and proof that the check can fail.
function(roi_add_layers_failure fixture expected)
  add_test(NAME build/layers/${fixture}
    COMMAND "${CMAKE_COMMAND}" "-DEXPECTED=${expected}" -P "${CMAKE_CURRENT_SOURCE_DIR}/expect_failure.cmake"
            -- "${CMAKE_COMMAND}" "-DINCLUDE_DIR=${CMAKE_CURRENT_SOURCE_DIR}/layers/${fixture}"
               -P "${CMAKE_CURRENT_SOURCE_DIR}/layers.cmake")
  set_tests_properties(build/layers/${fixture} PROPERTIES LABELS build)
endfunction()
add_test(NAME build/layers
  COMMAND "${CMAKE_COMMAND}" "-DINCLUDE_DIR=${PROJECT_SOURCE_DIR}/include"
          -P "${CMAKE_CURRENT_SOURCE_DIR}/layers.cmake")
set_tests_properties(build/layers PROPERTIES LABELS build)
roi_add_layers_failure(upward "image/grid.hpp: image includes roi/stream/scan.hpp, a family that is not below it")
roi_add_layers_failure(neighbour
  "morphology/dilate.hpp: morphology includes roi/spatial/smooth.hpp, a family that is not below it")
roi_add_layers_failure(detail "stats/mean.hpp: includes roi/spatial/detail/gaussian.hpp, a detail of another family")
roi_add_layers_failure(umbrella "stats/mean.hpp: includes the umbrella roi/image.hpp")
roi_add_layers_failure(circle "in a circle, or stand above one: morphology/dilate.hpp, morphology/erode.hpp")
roi_add_layers_failure(forgotten "stats/mean.hpp: not in the umbrella stats.hpp")
roi_add_layers_failure(unlisted "nouns/no_such_noun.hpp: in no family")
roi_add_layers_failure(file_library "image/volume.hpp: includes <zlib.h>, seen from .io/detail/ only")
roi_add_layers_failure(boost "stats/mean.hpp: includes <boost/.*>, seen from .stats/detail/ only")
roi_add_layers_failure(forbidden "core/units.hpp: includes <iostream>")
roi_add_layers_failure(quoted "stream/scan.hpp: #include \"parallel.hpp\"")

include(must_not_compile.cmake)

# Projects that use roi, with this build's compiler and settings.
set(roi_consumer_settings
  "-DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}"
  "-DCMAKE_CXX_FLAGS=${CMAKE_CXX_FLAGS}"
  "-DCMAKE_BUILD_TYPE=Debug"
  "-DROI_USE_ISAL=${ROI_USE_ISAL}"
  "-DROI_PACKAGE_VERSION=${PROJECT_VERSION}")
foreach(setting CMAKE_TOOLCHAIN_FILE CMAKE_PREFIX_PATH NIFTI_ROOT ISAL_ROOT)
  if(DEFINED ${setting})
    list(APPEND roi_consumer_settings "-D${setting}=${${setting}}")
  endif()
endforeach()
set(roi_consumers subdirectory)
if(ROI_INSTALL)
  list(APPEND roi_consumers installed)
endif()
foreach(consumer IN LISTS roi_consumers)
  add_test(NAME build/consumer/${consumer}
    COMMAND "${CMAKE_COMMAND}" -DCONSUMER=${consumer} "-DSETTINGS=${roi_consumer_settings}"
            "-DROI_SOURCE_DIR=${PROJECT_SOURCE_DIR}" "-DROI_BINARY_DIR=${PROJECT_BINARY_DIR}"
            "-DWORK_DIR=${CMAKE_CURRENT_BINARY_DIR}/consumer/${consumer}"
            -P "${CMAKE_CURRENT_SOURCE_DIR}/consumer.cmake")
  # Long ones first, so that no processor is idle at the end.
  set_tests_properties(build/consumer/${consumer} PROPERTIES LABELS build COST 500)
endforeach()

# A missing package: one message that names what to install, with and without a try to download it.
function(roi_add_missing_test test expected)
  add_test(NAME build/missing/${test}
    COMMAND "${CMAKE_COMMAND}" "-DEXPECTED=${expected}" -P "${CMAKE_CURRENT_SOURCE_DIR}/expect_failure.cmake"
            -- "${CMAKE_COMMAND}" --fresh -S "${PROJECT_SOURCE_DIR}" -B "${CMAKE_CURRENT_BINARY_DIR}/missing/${test}"
               "-DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}" ${ARGN})
  set_tests_properties(build/missing/${test} PROPERTIES LABELS build)
endfunction()
roi_add_missing_test(packages
  "not installed: Boost, NIFTI.*apt-get install libboost-dev libnifti2-dev.*vcpkg install boost-math nifticlib"
  -DROI_FETCH_DEPENDENCIES=OFF -DCMAKE_DISABLE_FIND_PACKAGE_NIFTI=ON -DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON)
roi_add_missing_test(download
  "not installed: NIFTI.*apt-get install libnifti2-dev.*download failed too.*switched off"
  -DFETCHCONTENT_FULLY_DISCONNECTED=ON -DCMAKE_DISABLE_FIND_PACKAGE_NIFTI=ON)
roi_add_missing_test(isal
  "ROI_USE_ISAL is ON and ISA-L is not found.*libisal-dev"
  -DROI_USE_ISAL=ON -DCMAKE_DISABLE_FIND_PACKAGE_ISAL=ON)

# The download of the real data set, from a made-up server.
add_test(NAME build/fetch_haxby
  COMMAND "${CMAKE_COMMAND}" "-DSCRIPT=${PROJECT_SOURCE_DIR}/cmake/FetchHaxby.cmake"
          "-DWORK_DIR=${CMAKE_CURRENT_BINARY_DIR}/fetch_haxby" -P "${CMAKE_CURRENT_SOURCE_DIR}/fetch_haxby.cmake")
set_tests_properties(build/fetch_haxby PROPERTIES LABELS build)
