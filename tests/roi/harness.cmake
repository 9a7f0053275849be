# What the tests of subcommands share. Included by each tests/roi/NAME.cmake, which CTest runs with ROI (the program),
# SUBJECT (a synthetic subject: bold.nii.gz, labels.txt, mask4_vt.nii.gz), WORK_DIR (a folder of its own) and DATA.
cmake_minimum_required(VERSION 3.24)
file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")
# Unit tests look for leaks. Here the search takes as long as most calls, and the program ends anyway.
set(ENV{ASAN_OPTIONS} "detect_leaks=0")

# run(STATUS ARGUMENT...): runs `roi` in WORK_DIR and fails unless it ends with STATUS; OUT and ERR are what it printed.
function(run status)
  execute_process(COMMAND "${ROI}" ${ARGN} WORKING_DIRECTORY "${WORK_DIR}" OUTPUT_VARIABLE out ERROR_VARIABLE err
                  RESULT_VARIABLE result)
  set(OUT "${out}" PARENT_SCOPE)
  set(ERR "${err}" PARENT_SCOPE)
  if(NOT result STREQUAL status)
    list(JOIN ARGN " " line)
    message(FATAL_ERROR "roi ${line}\nended with ${result}, expected ${status}\n${out}${err}")
  endif()
  if(status STREQUAL "2" AND NOT err MATCHES "^roi[^\n]*: [^\n]+\n$")
    message(FATAL_ERROR "wrong usage is one line on stderr, found:\n${err}")
  endif()
endfunction()

# refused(WORDS ARGUMENT...): fails unless it is wrong usage that is said with these words.
function(refused words)
  run(2 ${ARGN})
  string(FIND "${ERR}" "${words}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "expected ${words}, found:\n${ERR}")
  endif()
endfunction()

# expect(TEXT REGEX): fails unless the text matches.
function(expect text regex)
  if(NOT "${text}" MATCHES "${regex}")
    message(FATAL_ERROR "expected ${regex}, found:\n${text}")
  endif()
endfunction()

# expect_same(FILE FILE): fails unless both files of WORK_DIR hold the same bytes.
function(expect_same a b)
  execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${a}" "${b}" WORKING_DIRECTORY "${WORK_DIR}"
                  RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${a} and ${b} differ")
  endif()
endfunction()

# expect_value(FILE KEY VALUE): fails unless `roi info --json` says so; for statistics the key is "statistics;sum".
function(expect_value file key value)
  execute_process(COMMAND "${ROI}" info --json "${file}" WORKING_DIRECTORY "${WORK_DIR}" OUTPUT_VARIABLE json)
  string(JSON found GET "${json}" ${key})
  if(NOT found STREQUAL value)
    message(FATAL_ERROR "${file}: ${key} is ${found}, expected ${value}")
  endif()
endfunction()
