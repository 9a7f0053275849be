# cmake -DPROGRAM=FILE -DFOLDER=DIR -P manual.cmake: writes the manual page and completions that `roi` makes of its options.
cmake_minimum_required(VERSION 3.24)
function(write name)
  execute_process(COMMAND "${PROGRAM}" ${ARGN} OUTPUT_FILE "${FOLDER}/${name}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()
write(roi.1 --man)
write(roi.bash --completion bash)
write(_roi --completion zsh)
