# The workflow of examples/study, on a Slurm of this machine where one can be started.
execute_process(COMMAND bash "${CMAKE_CURRENT_LIST_DIR}/workflow.sh" "${APP}" "${MAKE_SUBJECT}" "${STUDY}" "${WORK_DIR}"
                RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
message("${said}")
if(NOT result EQUAL 0)
  message(FATAL_ERROR "the workflow test ended with ${result}")
endif()
