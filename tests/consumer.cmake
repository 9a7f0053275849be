# cmake -DCONSUMER=installed|subdirectory -DROI_SOURCE_DIR=DIR -DROI_BINARY_DIR=DIR -DWORK_DIR=DIR [-DSETTINGS=...]
#       -P consumer.cmake: configures, builds and runs a project that uses roi, in a new folder.
cmake_minimum_required(VERSION 3.24)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "consumer ${CONSUMER}: failed: ${ARGN}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK_DIR}")
set(where "-DROI_SOURCE_DIR=${ROI_SOURCE_DIR}")
if(CONSUMER STREQUAL "installed")
  run("${CMAKE_COMMAND}" --install "${ROI_BINARY_DIR}" --prefix "${WORK_DIR}/prefix")
  set(where "-Droi_ROOT=${WORK_DIR}/prefix")
endif()
run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/consumer/${CONSUMER}" -B "${WORK_DIR}/build" ${where} ${SETTINGS})
run("${CMAKE_COMMAND}" --build "${WORK_DIR}/build")
run("${CMAKE_CTEST_COMMAND}" --test-dir "${WORK_DIR}/build" --output-on-failure)
