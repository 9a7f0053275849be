# cmake -DPROGRAM=FILE -DNAME=NAME -DFOLDER=DIR -P manual.cmake: writes the manual page and completions that a program makes
# of its options.
cmake_minimum_required(VERSION 3.24)
function(write name)
  execute_process(COMMAND "${PROGRAM}" ${ARGN} OUTPUT_FILE "${FOLDER}/${name}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()
write(${NAME}.1 --man)
write(${NAME}.bash --completion bash)
write(_${NAME} --completion zsh)
