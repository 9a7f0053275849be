# Files made of pieces of others, for tests that cannot write bytes.
# Bytes [first, last] of a file, or to its end.
function(cut from to first last)
  file(DOWNLOAD "file://${from}" "${to}" RANGE_START ${first} RANGE_END ${last} STATUS status)
  list(GET status 0 code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${from} could not be cut: ${status}")
  endif()
endfunction()

# Bytes in front of the voxels of a .nii: its affine becomes a shear so wide that no sheet has room for it.
function(shear from to)
  # Single precision without a byte 0, which a text of CMake cannot hold: 3, a million, 1e-38.
  string(ASCII 1 1 64 64 three)
  string(ASCII 36 36 116 73 million)
  string(ASCII 1 1 1 1 nothing)
  file(WRITE "${WORK_DIR}/rows" "${three}${million}${nothing}${nothing}${nothing}${three}${nothing}${nothing}"
       "${nothing}${nothing}${three}${nothing}")
  file(SIZE "${from}" size)
  cut("${from}" "${WORK_DIR}/front" 0 279)
  cut("${from}" "${WORK_DIR}/back" 328 ${size})
  execute_process(COMMAND "${CMAKE_COMMAND}" -E cat "${WORK_DIR}/front" "${WORK_DIR}/rows" "${WORK_DIR}/back"
    OUTPUT_FILE "${to}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()
