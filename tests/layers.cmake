# cmake -DINCLUDE_DIR=DIR [-DPARTIAL=ON] -P layers.cmake: reads the #include lines below DIR/roi and fails
# with one line per header that includes what its layer may not see.
#
# - A header includes lower layers and its own, in layer 4 only lower ones: an algorithm never needs a sibling.
# - Every header is in the table below, and every row of the table is a header (unless PARTIAL).
# - A detail includes lower layers and other details; only those of the NIfTI files stand on gzip.hpp beside them.
# - The libraries for files are seen by the file layer only, and some standard headers by nobody.

cmake_minimum_required(VERSION 3.24)
get_filename_component(INCLUDE_DIR "${INCLUDE_DIR}" ABSOLUTE)

set(LAYER_0
  version error units datatype concepts
  detail/text detail/buffer)
set(LAYER_1
  grid metadata
  detail/finite)
set(LAYER_2
  view volume volume4d selection column frame_source cached kept_voxels structure test_result)
set(LAYER_3
  parallel scan
  detail/instruction_set detail/read_ahead detail/gaussian detail/log10 detail/students_t detail/label
  detail/morphology)
set(LAYER_4
  collect condition_table dilate erode keep_voxels label labels_masker logical mean neg_log10 new_img_like regions
  smooth threshold ttest_ind)
set(LAYER_5
  gzip haxby nifti table
  detail/file detail/atomic_file detail/gzip_codec detail/gzip_isal detail/gzip_zlib
  detail/nifti_affine detail/nifti_header detail/nifti_names detail/nifti_open detail/nifti_pack
  detail/image_writer detail/voxel_decode detail/voxel_encode detail/voxel_stream)
set(LAYER_6
  plot/box_statistics plot/color plot/colorbar plot/colormap plot/contour plot/cut_coords plot/draw_slices plot/figure
  plot/layout plot/plot_anat plot/plot_boxplot plot/plot_epi plot/plot_img plot/plot_options plot/plot_roi
  plot/plot_stat_map plot/png plot/resample plot/scene plot/slice_painter plot/svg plot/world plot
  detail/colormap_points detail/png_encoder detail/text_width)
set(LAYER_7
  roi)

set(FILE_LAYER 5)
set(FILE_LIBRARIES "^(zlib|zconf|znzlib|nifti[12](_io)?|isa-l|isa-l/.*)\\.h$")
# Slow to compile, or not there in Clang 14.
set(FORBIDDEN "^(iostream|regex|format|ranges|source_location|expected)$")

set(listed "")
foreach(layer RANGE 7)
  foreach(header IN LISTS LAYER_${layer})
    set("layer_of_${header}" ${layer})
    list(APPEND listed ${header})
  endforeach()
endforeach()

file(GLOB_RECURSE headers RELATIVE "${INCLUDE_DIR}/roi" "${INCLUDE_DIR}/roi/*.hpp")
if(NOT headers)
  message(FATAL_ERROR "layers: no headers below ${INCLUDE_DIR}/roi")
endif()

set(faults "")
set(present "")
foreach(file IN LISTS headers)
  string(REGEX REPLACE "\\.hpp$" "" header "${file}")
  list(APPEND present ${header})
  set(own "${layer_of_${header}}")
  if("${own}" STREQUAL "")
    list(APPEND faults "${file}: in no layer, add it to the table in tests/layers.cmake")
    continue()
  endif()

  file(STRINGS "${INCLUDE_DIR}/roi/${file}" lines REGEX "^[ \t]*#[ \t]*include")
  foreach(line IN LISTS lines)
    if(NOT line MATCHES "include[ \t]*[<\"]([^>\"]+)[>\"]")
      list(APPEND faults "${file}: cannot read ${line}")
      continue()
    endif()
    set(included "${CMAKE_MATCH_1}")
    if(included MATCHES "^roi/(.+)\\.hpp$")
      set(other "${layer_of_${CMAKE_MATCH_1}}")
      if("${other}" STREQUAL "")
        list(APPEND faults "${file}: includes ${included}, which is in no layer")
      elseif(other GREATER own)
        list(APPEND faults "${file}: layer ${own} includes ${included} of layer ${other}")
      elseif(own EQUAL 4 AND other EQUAL 4)
        list(APPEND faults "${file}: includes its sibling ${included}, in layer 4 only lower layers are seen")
      elseif(header MATCHES "^detail/" AND other EQUAL own AND NOT included MATCHES "^roi/(detail/|gzip\\.hpp)")
        list(APPEND faults "${file}: a detail of layer ${own} includes ${included} of the same layer")
      endif()
    elseif(line MATCHES "\"")
      list(APPEND faults "${file}: ${line}, headers are included as <roi/...>")
    elseif(included MATCHES "${FILE_LIBRARIES}" AND NOT own EQUAL FILE_LAYER)
      list(APPEND faults "${file}: layer ${own} includes ${included}, only layer ${FILE_LAYER} may")
    elseif(included STREQUAL "filesystem" AND own LESS FILE_LAYER)
      list(APPEND faults "${file}: layer ${own} includes <filesystem>, layers from ${FILE_LAYER} may")
    elseif(included MATCHES "${FORBIDDEN}")
      list(APPEND faults "${file}: includes <${included}>, which no header of roi may")
    endif()
  endforeach()
endforeach()

if(NOT PARTIAL)
  foreach(header IN LISTS listed)
    if(NOT header IN_LIST present)
      list(APPEND faults "${header}.hpp: in the table of tests/layers.cmake, but not below ${INCLUDE_DIR}/roi")
    endif()
  endforeach()
endif()

if(faults)
  list(JOIN faults "\n  " text)
  message(FATAL_ERROR "layers:\n  ${text}")
endif()
list(LENGTH headers count)
message(STATUS "layers: ${count} headers, each includes only what its layer may")
