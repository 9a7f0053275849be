# What the tests of roi_bids share, beside those of roi. CTest runs each with APP (roi_bids), ROI, MAKE_SUBJECT, WORK_DIR.
include("${CMAKE_CURRENT_LIST_DIR}/../roi/harness.cmake")

# app(STATUS ARGUMENT...): runs roi_bids in WORK_DIR and fails unless it ends with STATUS; OUT and ERR are what it printed.
function(app status)
  execute_process(COMMAND "${APP}" ${ARGN} WORKING_DIRECTORY "${WORK_DIR}" OUTPUT_VARIABLE out ERROR_VARIABLE err
                  RESULT_VARIABLE result)
  set(OUT "${out}" PARENT_SCOPE)
  set(ERR "${err}" PARENT_SCOPE)
  if(NOT result STREQUAL status)
    list(JOIN ARGN " " line)
    message(FATAL_ERROR "roi_bids ${line}\nended with ${result}, expected ${status}\n${out}${err}")
  endif()
endfunction()

# study(FOLDER SUBJECTS): a synthetic data set in WORK_DIR.
function(study folder subjects)
  execute_process(COMMAND "${MAKE_SUBJECT}" "${folder}" --bids --subjects ${subjects} --quiet
                  WORKING_DIRECTORY "${WORK_DIR}" RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "make_subject ended with ${result}")
  endif()
endfunction()

# expect_file(FILE...), expect_no_file(FILE...): in WORK_DIR.
function(expect_file)
  foreach(file IN LISTS ARGN)
    if(NOT EXISTS "${WORK_DIR}/${file}")
      message(FATAL_ERROR "${file} is missing")
    endif()
  endforeach()
endfunction()
function(expect_no_file)
  foreach(file IN LISTS ARGN)
    if(EXISTS "${WORK_DIR}/${file}")
      message(FATAL_ERROR "${file} should not be there")
    endif()
  endforeach()
endfunction()

# expect_same_folders(A B): the same files with the same bytes; nothing hidden in either.
function(expect_same_folders a b)
  file(GLOB_RECURSE of_a LIST_DIRECTORIES OFF RELATIVE "${WORK_DIR}/${a}" "${WORK_DIR}/${a}/*" "${WORK_DIR}/${a}/.*")
  file(GLOB_RECURSE of_b LIST_DIRECTORIES OFF RELATIVE "${WORK_DIR}/${b}" "${WORK_DIR}/${b}/*" "${WORK_DIR}/${b}/.*")
  if(NOT of_a STREQUAL of_b)
    message(FATAL_ERROR "${a} and ${b} hold different files:\n${of_a}\n${of_b}")
  endif()
  foreach(file IN LISTS of_a)
    if(file MATCHES "roi-unfinished")
      message(FATAL_ERROR "left behind: ${file}")
    endif()
    expect_same("${a}/${file}" "${b}/${file}")
  endforeach()
endfunction()

# expect_json(FILE VALUE KEY...): fails unless the member of the file is this.
function(expect_json file value)
  file(READ "${WORK_DIR}/${file}" json)
  string(JSON found GET "${json}" ${ARGN})
  if(NOT found STREQUAL value)
    message(FATAL_ERROR "${file}: ${ARGN} is ${found}, expected ${value}")
  endif()
endfunction()

set(atlas study/derivatives/atlas/tpl-MNI152NLin2009cAsym_atlas-Sixths_dseg)
set(space space-MNI152NLin2009cAsym)
