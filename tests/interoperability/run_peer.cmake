# cmake -DPEER=nibabel|nifti_tool|mrtrix -DSAMPLES=FOLDER -P run_peer.cmake: what another program makes of the samples.
# Says "skipped" where that program is not installed.
cmake_minimum_required(VERSION 3.24)

set(module "sys")
set(program "")
set(package "")
if(PEER STREQUAL "nibabel")
  set(module "nibabel")
  set(package "python3-nibabel")
elseif(PEER STREQUAL "nifti_tool")
  set(program "nifti_tool")
  set(package "nifti-bin")
else()
  set(program "mrinfo")
  set(package "mrtrix3")
endif()

# The first Python that has the module: a private one in the path often lacks the system's packages.
set(python "")
foreach(candidate python3 /usr/bin/python3 python)
  execute_process(COMMAND ${candidate} -c "import ${module}" RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
  if(status STREQUAL "0")
    set(python ${candidate})
    break()
  endif()
endforeach()
unset(found CACHE)
if(program)
  find_program(found ${program})
endif()
if(NOT python OR (program AND NOT found))
  message("skipped: ${PEER} is not installed (Debian: apt-get install python3 ${package})")
  return()
endif()

execute_process(
  COMMAND ${CMAKE_COMMAND} -E env PYTHONDONTWRITEBYTECODE=1
          ${python} "${CMAKE_CURRENT_LIST_DIR}/peer_${PEER}.py" "${SAMPLES}"
  RESULT_VARIABLE status)
if(NOT status STREQUAL "0")
  message(FATAL_ERROR "${PEER} reads something else than we meant")
endif()
