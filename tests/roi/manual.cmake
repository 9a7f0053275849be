# What man and the shells are given: every command and its options, from the one description of them.
include("${CMAKE_CURRENT_LIST_DIR}/harness.cmake")

run(0 --man)
expect("${OUT}" "^\\.TH ROI 1 ")
expect("${OUT}" "\n\\.SH IMAGES\n.*\n\\.SS roi smooth IMAGE\n.*\\.TP\n\\\\fB\\\\-\\\\-fwhm\\\\fR .*MM")
expect("${OUT}" "\n\\.SH STATISTICS.*\n\\.SS roi ttest\\\\-ind ")
foreach(word IN ITEMS "--version" "smooth" "ttest-ind" "reflect nearest mirror constant")
  foreach(shell IN ITEMS bash zsh)
    run(0 --completion ${shell})
    if(NOT word STREQUAL "--version" OR shell STREQUAL "bash")
      string(FIND "${OUT}" "${word}" at)
      if(at EQUAL -1)
        message(FATAL_ERROR "completion of ${shell} does not know ${word}")
      endif()
    endif()
  endforeach()
endforeach()
run(2 --completion fish)

# As the shell does it.
find_program(bash bash)
if(bash)
  run(0 --completion bash)
  file(WRITE "${WORK_DIR}/roi.bash" "${OUT}")
  file(WRITE "${WORK_DIR}/try.sh" "
    . ./roi.bash
    complete_words() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _roi; echo \"\${COMPREPLY[*]}\"; }
    complete_words roi smo
    complete_words roi smooth x.nii --bor
    complete_words roi smooth x.nii --border n
    complete_words roi smooth x
  ")
  execute_process(COMMAND "${bash}" try.sh WORKING_DIRECTORY "${WORK_DIR}" OUTPUT_VARIABLE out ERROR_VARIABLE err)
  expect("${out}|${err}" "^smooth\n--border\nnearest\n\n\\|$")
endif()
