# The workflow of examples/study, on a Slurm of this machine where one can be started. The environment variable
# ROI_BIDS_KILLS says how often it is killed and started again (3), ROI_SEED repeats the moments.
if(SANITIZED)
  message("skipped: it starts the program a hundred times, for what the other tests do once under sanitizers")
  return()
endif()
set(kills 3)
if(DEFINED ENV{ROI_BIDS_KILLS})
  set(kills $ENV{ROI_BIDS_KILLS})
endif()
execute_process(COMMAND bash "${CMAKE_CURRENT_LIST_DIR}/workflow.sh" "${APP}" "${MAKE_SUBJECT}" "${STUDY}" "${WORK_DIR}" ${kills}
                RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
message("${said}")
if(NOT result EQUAL 0)
  message(FATAL_ERROR "the workflow test ended with ${result}")
endif()
