# Tests of the example programs from outside: options, output, exit statuses and files.
set(roi_program_folder "${CMAKE_CURRENT_BINARY_DIR}/programs")
add_test(NAME program/make_subject COMMAND make_subject "${roi_program_folder}/subject" --quiet)
set_tests_properties(program/make_subject PROPERTIES LABELS program FIXTURES_SETUP roi_program_subject)
set(roi_program_cases default same_bytes options errors pictures interrupted permissions nifti_info real_data)
if(ROI_BUILD_STEPS)
  list(APPEND roi_program_cases steps step_options step_pictures step_interrupted step_permissions)
endif()
foreach(case IN LISTS roi_program_cases)
  if(case MATCHES "^(default|same_bytes|options|errors|real_data)$")
    set(test program/roi_extraction_${case})
  else()
    set(test program/${case})
  endif()
  add_test(NAME ${test}
    COMMAND "${CMAKE_COMMAND}" -DCASE=${case} "-DPROGRAMS=$<TARGET_FILE_DIR:roi_extraction>"
            "-DSUBJECT=${roi_program_folder}/subject" "-DWORK_DIR=${roi_program_folder}/${case}"
            "-DDATA=${ROI_TEST_DATA}" -P "${CMAKE_CURRENT_SOURCE_DIR}/programs.cmake")
  set_tests_properties(${test} PROPERTIES LABELS program FIXTURES_REQUIRED roi_program_subject)
endforeach()
set_tests_properties(program/roi_extraction_real_data PROPERTIES SKIP_REGULAR_EXPRESSION "^skipped: ")

# roi_extraction and roi with every system call and allocation failing in turn; docs/files.md says how to try all.
add_library(failing_calls MODULE failures/preload.cpp)
target_include_directories(failing_calls PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
target_link_libraries(failing_calls PRIVATE ${CMAKE_DL_LIBS})
add_executable(every_failure failures/every_failure.cpp)
target_include_directories(every_failure PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
target_link_libraries(every_failure PRIVATE roi::roi roi_warnings)
add_test(NAME program/every_failure
  COMMAND every_failure "$<TARGET_FILE:roi_extraction>" "$<TARGET_FILE:roi_command>" "$<TARGET_FILE:failing_calls>"
          "${roi_program_folder}/every_failure")
set_tests_properties(program/every_failure PROPERTIES
  LABELS program SKIP_REGULAR_EXPRESSION "^skipped: ")

# The command `roi`: a file of tests for each group of subcommands.
file(GLOB roi_command_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/roi/*.cmake")
list(FILTER roi_command_tests EXCLUDE REGEX "/harness\\.cmake$")
foreach(file IN LISTS roi_command_tests)
  get_filename_component(name "${file}" NAME_WE)
  add_test(NAME program/roi_${name}
    COMMAND "${CMAKE_COMMAND}" "-DROI=$<TARGET_FILE:roi_command>" "-DSUBJECT=${roi_program_folder}/subject/subj2"
            "-DWORK_DIR=${roi_program_folder}/roi_${name}" "-DDATA=${ROI_TEST_DATA}" -P "${file}")
  set_tests_properties(program/roi_${name} PROPERTIES
    LABELS program FIXTURES_REQUIRED roi_program_subject SKIP_REGULAR_EXPRESSION "^skipped: ")
endforeach()

# Against SciPy and its kin, on random images: a script of peers/ for each family; many more cases by hand.
find_program(roi_python NAMES python3 python)
file(GLOB roi_peer_scripts CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/peers/peer_spatial.py"
     "${CMAKE_CURRENT_SOURCE_DIR}/peers/peer_images.py"
     "${CMAKE_CURRENT_SOURCE_DIR}/peers/peer_regions.py" "${CMAKE_CURRENT_SOURCE_DIR}/peers/peer_stats.py"
     "${CMAKE_CURRENT_SOURCE_DIR}/peers/peer_signals.py" "${CMAKE_CURRENT_SOURCE_DIR}/peers/nilearn_cases.py")
if(roi_python)
  foreach(file IN LISTS roi_peer_scripts)
    get_filename_component(name "${file}" NAME_WE)
    set(cases 25)
    if(name STREQUAL "peer_images")  # which has twice the functions
      set(cases 10)
    endif()
    add_test(NAME program/${name} COMMAND "${roi_python}" "${file}" "$<TARGET_FILE:roi_command>" ${cases})
    set_tests_properties(program/${name} PROPERTIES LABELS program SKIP_REGULAR_EXPRESSION "^skipped: ")
  endforeach()
endif()
