# Rules that hold for every subcommand: statuses, one line per error, pipes, formats, files that are input and output.
include("${CMAKE_CURRENT_LIST_DIR}/harness.cmake")

run(0 --version)
expect("${OUT}" "^roi [0-9]+\\.[0-9]+\\.[0-9]+\n$")
run(0 --help)
expect("${OUT}" "Images:.*smooth.*Masks and regions:.*dilate.*Statistics:.*ttest-ind.*Signals:")
run(2)
run(2 no-such-command)
run(2 smooth)
run(2 smooth "${SUBJECT}/bold.nii.gz" --fwhm -1 -o out.nii)
run(2 smooth "${SUBJECT}/bold.nii.gz" --fwhm 1,2 -o out.nii)
run(2 mean "${SUBJECT}/bold.nii.gz")
run(2 mean "${SUBJECT}/bold.nii.gz" -o out.nii --threads -1)
run(1 mean nothing.nii.gz -o out.nii)
expect("${ERR}" "^roi mean: nothing.nii.gz: [^\n]+\n$")

# Lists with commas, blanks and as words are the same, in place of the option's value.
run(0 smooth "${SUBJECT}/bold.nii.gz" --fwhm 4,4,6 -o commas.nii.gz)
run(0 smooth "${SUBJECT}/bold.nii.gz" -o words.nii.gz --fwhm 4 4 6 --threads 2)
run(0 smooth --fwhm "4 4 6" "${SUBJECT}/bold.nii.gz" -o blanks.nii.gz --quiet)
expect_same(commas.nii.gz words.nii.gz)
expect_same(commas.nii.gz blanks.nii.gz)

# Pipes carry images, plain or gzip.
execute_process(COMMAND "${ROI}" smooth "${SUBJECT}/bold.nii.gz" --fwhm 4,4,6 -o - COMMAND "${ROI}" mean - -o piped.nii.gz
                WORKING_DIRECTORY "${WORK_DIR}" RESULTS_VARIABLE results ERROR_VARIABLE err)
if(NOT results STREQUAL "0;0")
  message(FATAL_ERROR "a pipe ended with ${results}: ${err}")
endif()
run(0 mean commas.nii.gz -o filed.nii.gz)
expect_same(piped.nii.gz filed.nii.gz)
execute_process(COMMAND "${ROI}" mean - -o gzipped.nii.gz INPUT_FILE "${WORK_DIR}/commas.nii.gz"
                WORKING_DIRECTORY "${WORK_DIR}" RESULT_VARIABLE result)
expect_same(gzipped.nii.gz filed.nii.gz)
execute_process(COMMAND "${ROI}" and - - -o out.nii INPUT_FILE "${SUBJECT}/mask4_vt.nii.gz"
                WORKING_DIRECTORY "${WORK_DIR}" RESULT_VARIABLE result ERROR_VARIABLE err)
expect("${result} ${err}" "^2 roi and: standard input [^\n]*only once")

# Input and output may be one file.
run(0 smooth commas.nii.gz --fwhm 0 -o commas.nii.gz)
expect_same(commas.nii.gz words.nii.gz)

# Tables by ending and by --format.
run(0 label "${SUBJECT}/mask4_vt.nii.gz" -o atlas.nii.gz)
expect("${OUT}" "^[0-9]+\n$")
run(0 regions atlas.nii.gz)
expect("${OUT}" "^label\t")
run(0 regions atlas.nii.gz --format csv)
expect("${OUT}" "^label,")
run(0 regions atlas.nii.gz -o table.json)
file(READ "${WORK_DIR}/table.json" json)
string(JSON first GET "${json}" 0 label)
expect("${first}" "^1$")
run(2 regions atlas.nii.gz -o table.xls)

run(2 nosuch)
expect("${ERR}" "there is no command \"nosuch\"")

# A path with control characters does not reach the terminal as it is.
string(ASCII 27 escape)
run(1 mean "a${escape}c.nii" -o out.nii)
expect("${ERR}" "x1b")
file(GLOB left RELATIVE "${WORK_DIR}" "${WORK_DIR}/.*" "${WORK_DIR}/out*")
if(left)
  message(FATAL_ERROR "left behind: ${left}")
endif()
