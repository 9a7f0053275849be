# The programs in the documentation: every docs/snippets/NAME.cpp is compiled and run, and shown by a page word for
# word, in the code block below the line <!-- snippet NAME.cpp -->.
file(GLOB roi_snippets CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/snippets/*.cpp")
add_custom_target(snippets)
foreach(file IN LISTS roi_snippets)
  get_filename_component(name "${file}" NAME_WE)
  add_executable(snippet_${name} EXCLUDE_FROM_ALL "${file}")
  target_link_libraries(snippet_${name} PRIVATE roi::roi roi::plot roi_warnings)
  # They run once on a small subject: optimising takes longer than it saves.
  target_compile_options(snippet_${name} PRIVATE $<$<NOT:$<CXX_COMPILER_ID:MSVC>>:-O0>)
  add_dependencies(snippets snippet_${name})
endforeach()
roi_add_build_test(build/snippets snippets)
set_tests_properties(build/snippets PROPERTIES FIXTURES_SETUP roi_snippets)

# In a folder with a small subject, as their reader would have the real one.
if(ROI_BUILD_EXAMPLES)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/snippets")
  file(MAKE_DIRECTORY "${folder}")
  add_test(NAME docs/subject COMMAND make_subject "${folder}/haxby2001" --quiet)
  set_tests_properties(docs/subject PROPERTIES LABELS build FIXTURES_SETUP roi_snippets)
  foreach(file IN LISTS roi_snippets)
    get_filename_component(name "${file}" NAME_WE)
    add_test(NAME docs/${name} COMMAND snippet_${name} WORKING_DIRECTORY "${folder}")
    set_tests_properties(docs/${name} PROPERTIES LABELS build FIXTURES_REQUIRED roi_snippets)
  endforeach()
  # Two programs that read one run differently print the same. A test of its own: looking at what a program prints
  # makes CTest overlook its exit status.
  foreach(name in_memory streamed)
    add_test(NAME docs/${name}/prints COMMAND snippet_${name} WORKING_DIRECTORY "${folder}")
    set_tests_properties(docs/${name}/prints PROPERTIES
      LABELS build FIXTURES_REQUIRED roi_snippets PASS_REGULAR_EXPRESSION "^6 regions, 300 volumes\n$")
  endforeach()
endif()

# The pages, and proof that the check can fail.
add_test(NAME docs/pages COMMAND "${CMAKE_COMMAND}" "-DROOT=${PROJECT_SOURCE_DIR}"
         -P "${CMAKE_CURRENT_SOURCE_DIR}/check_pages.cmake")
foreach(fixture changed missing dead_link test_case)
  set(expected_changed "README.md: the code below <!-- snippet one.cpp --> differs from docs/snippets/one.cpp")
  set(expected_missing "docs/snippets/one.cpp is shown by no page")
  set(expected_dead_link "README.md: there is no docs/nowhere.md")
  set(expected_test_case "README.md: tests/test_one.cpp has no test case \"a case that was renamed\"")
  add_test(NAME docs/pages/${fixture}
    COMMAND "${CMAKE_COMMAND}" "-DEXPECTED=${expected_${fixture}}" -P "${CMAKE_CURRENT_SOURCE_DIR}/expect_failure.cmake"
            -- "${CMAKE_COMMAND}" "-DROOT=${CMAKE_CURRENT_SOURCE_DIR}/pages/${fixture}"
               -P "${CMAKE_CURRENT_SOURCE_DIR}/check_pages.cmake")
  set_tests_properties(docs/pages/${fixture} PROPERTIES LABELS build)
endforeach()
set_tests_properties(docs/pages PROPERTIES LABELS build)
