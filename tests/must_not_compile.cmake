# Adds one test for every file of must_not_compile/: it must be rejected by the compiler, with the messages that its lines
# `// expected: REGEX` give, in any order, as of as many errors as its line `// errors: N`, if any, says, with the compiler
# flags of its line `// flags: FLAGS`, if any. With ROI_CONTROL defined and without those flags the same file must compile, so
# that only what it is about can be what fails.
file(GLOB roi_must_not_compile CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/must_not_compile/*.cpp")

set(roi_controls ${roi_must_not_compile})
if(ROI_TEST_BATCH GREATER 0)
  roi_batches(must_not_compile_controls roi_controls)
endif()
add_library(must_not_compile_controls OBJECT EXCLUDE_FROM_ALL ${roi_controls})
target_compile_definitions(must_not_compile_controls PRIVATE ROI_CONTROL)
target_link_libraries(must_not_compile_controls PRIVATE roi::roi roi_warnings)
# Nobody links or runs them.
target_compile_options(must_not_compile_controls PRIVATE $<$<NOT:$<CXX_COMPILER_ID:MSVC>>:-O0 -fsyntax-only>)
roi_add_build_test(build/must_not_compile_controls must_not_compile_controls)

# By the compiler itself: a build tool takes longer to find out what is to be done than the compiler to refuse it.
separate_arguments(roi_cxx_flags NATIVE_COMMAND "${CMAKE_CXX_FLAGS}")
foreach(file IN LISTS roi_must_not_compile)
  get_filename_component(name "${file}" NAME_WE)
  file(STRINGS "${file}" expected REGEX "^// expected: " LIMIT_COUNT 1)
  if(NOT expected)
    message(FATAL_ERROR "${file}: expected a line \"// expected: REGEX\" with the compiler's message")
  endif()
  file(STRINGS "${file}" errors REGEX "^// errors: " LIMIT_COUNT 1)
  string(REPLACE "// errors: " "" errors "${errors}")
  file(STRINGS "${file}" flags REGEX "^// flags: " LIMIT_COUNT 1)
  string(REPLACE "// flags: " "" flags "${flags}")
  add_test(NAME must_not_compile/${name}
    COMMAND "${CMAKE_COMMAND}" "-DEXPECTED_OF=${file}" "-DERRORS=${errors}" -P "${CMAKE_CURRENT_SOURCE_DIR}/expect_failure.cmake"
            -- "${CMAKE_CXX_COMPILER}" ${roi_cxx_flags} -std=c++20 -Werror=unused-result ${flags}
               "-I$<JOIN:${roi_include_dirs},;-I>" "-D$<JOIN:${roi_include_definitions},;-D>" -S -o /dev/null "${file}"
    COMMAND_EXPAND_LISTS)
  set_tests_properties(must_not_compile/${name} PROPERTIES LABELS build)
endforeach()
