# cmake -DINCLUDE_DIR=DIR -DRECORD=FILE -DCOMPILER=CXX "-DCOMPILER_IS=GNU 12" "-DFLAGS=..." [-DWRITE=ON] -P include_cost.cmake
#
# What including a public header costs, as lines after the preprocessor: compared with the record, a growth of a quarter
# fails. The lines depend on compiler and libraries, so another compiler than the record's skips. Headers without a line
# in the record are said. -DWRITE=ON writes the record anew: for growth that is wanted, with a reason in the commit.
cmake_minimum_required(VERSION 3.24)

set(recorded_by "")
if(EXISTS "${RECORD}")
  file(STRINGS "${RECORD}" rows)
  foreach(row IN LISTS rows)
    if(row MATCHES "^# compiler: (.*)$")
      set(recorded_by "${CMAKE_MATCH_1}")
    elseif(row MATCHES "^([a-z0-9_/]+\\.hpp) ([0-9]+)$")
      set("lines_of_${CMAKE_MATCH_1}" ${CMAKE_MATCH_2})
    endif()
  endforeach()
endif()
if(NOT WRITE AND NOT recorded_by STREQUAL COMPILER_IS)
  message("skipped: the record is of ${recorded_by}, this is ${COMPILER_IS}")
  return()
endif()

file(GLOB_RECURSE headers RELATIVE "${INCLUDE_DIR}/roi" "${INCLUDE_DIR}/roi/*.hpp")
list(FILTER headers EXCLUDE REGEX "/detail/")
set(text "# Lines of each public header after the preprocessor, see include_cost.cmake.\n# compiler: ${COMPILER_IS}\n")
set(faults "")
set(new "")
foreach(header IN LISTS headers)
  execute_process(
    COMMAND "${COMPILER}" ${FLAGS} -E -P -x c++ "${INCLUDE_DIR}/roi/${header}"
    COMMAND wc -l
    OUTPUT_VARIABLE lines OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULTS_VARIABLE results)
  if(NOT results MATCHES "^0;0$")
    message(FATAL_ERROR "include_cost: ${header} is not preprocessed")
  endif()
  string(APPEND text "${header} ${lines}\n")
  if(NOT DEFINED "lines_of_${header}")
    list(APPEND new "${header}")
  else()
    math(EXPR most "${lines_of_${header}} * 5 / 4")
    if(lines GREATER most)
      list(APPEND faults "${header}: ${lines} lines, recorded are ${lines_of_${header}}")
    endif()
  endif()
endforeach()

if(WRITE)
  file(WRITE "${RECORD}" "${text}")
  return()
endif()
if(faults)
  list(JOIN faults "\n  " text)
  message(FATAL_ERROR "include_cost: these headers grew by more than a quarter; include less, or record it with "
    "-DWRITE=ON and say why:\n  ${text}")
endif()
list(LENGTH headers count)
list(LENGTH new unrecorded)
message(STATUS "include_cost: ${count} headers, ${unrecorded} of them not in the record yet")
