# cmake -DSCRIPT=FetchHaxby.cmake -DWORK_DIR=DIR -P fetch_haxby.cmake: downloads a made-up subject from file://
# addresses, whole and damaged, and looks at what is left in the folder afterwards.
cmake_minimum_required(VERSION 3.24)

set(server "${WORK_DIR}/server")
set(goal "${WORK_DIR}/data")
file(REMOVE_RECURSE "${WORK_DIR}")
file(WRITE "${server}/content/subj2/bold.nii.gz" "stands for an image")
file(WRITE "${server}/content/subj2/labels.txt" "labels chunks\nrest 0\n")
execute_process(COMMAND "${CMAKE_COMMAND}" -E tar czf "${server}/subj2-2010.01.14.tar.gz" subj2
  WORKING_DIRECTORY "${server}/content" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" -E tar czf "${server}/mask.nii.gz" subj2
  WORKING_DIRECTORY "${server}/content" COMMAND_ERROR_IS_FATAL ANY)
file(MD5 "${server}/subj2-2010.01.14.tar.gz" sum)

# Runs the script and compares: did it succeed, what does it say, which files are there afterwards?
function(check name succeeds says files)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -DSUBJECT=2 "-DDESTINATION=${goal}" "-DBASE_URL=file://${server}"
            "-DMASK_URL=file://${server}/mask.nii.gz" ${ARGN} -P "${SCRIPT}"
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \t\r\n]+" " " flat "${output}")
  if(succeeds AND NOT result EQUAL 0 OR NOT succeeds AND result EQUAL 0)
    message(FATAL_ERROR "${name}: exit status ${result}\n${output}")
  endif()
  if(NOT flat MATCHES "${says}")
    message(FATAL_ERROR "${name}: did not say \"${says}\"\n${output}")
  endif()
  file(GLOB_RECURSE found LIST_DIRECTORIES OFF RELATIVE "${goal}" "${goal}/*")
  list(SORT found)
  if(NOT "${found}" STREQUAL "${files}")
    message(FATAL_ERROR "${name}: expected the files ${files}, found ${found}")
  endif()
  file(GLOB litter LIST_DIRECTORIES ON "${goal}/haxby2001/.*")
  if(litter)
    message(FATAL_ERROR "${name}: left ${litter} behind")
  endif()
endfunction()

set(whole "haxby2001/mask.nii.gz;haxby2001/subj2/bold.nii.gz;haxby2001/subj2/labels.txt")

check("no server" OFF "Try again later" "" "-DBASE_URL=file://${WORK_DIR}/nowhere")
check("no subject" OFF "expected a number from 1 to 6" "" -DSUBJECT=7)
file(WRITE "${server}/MD5SUMS" "${sum}  subj1-2010.01.14.tar.gz\n")
check("no checksum" OFF "expected a line for subj2-2010.01.14.tar.gz" "")
file(WRITE "${server}/MD5SUMS" "00000000000000000000000000000000  subj2-2010.01.14.tar.gz\n")
check("damaged" OFF "expected MD5 0+, found ${sum}" "")
if(EXISTS "${goal}/haxby2001")
  message(FATAL_ERROR "a failed download left the folder ${goal}/haxby2001")
endif()

file(WRITE "${server}/MD5SUMS" "1${sum}  other\n${sum}  subj2-2010.01.14.tar.gz\n")
check("no mask" OFF "Try again later" "haxby2001/subj2/bold.nii.gz;haxby2001/subj2/labels.txt"
  "-DMASK_URL=file://${WORK_DIR}/nowhere")
check("only the mask is missing" ON "there already" "${whole}")
file(REMOVE_RECURSE "${goal}")
check("good" ON "subj2 is ready" "${whole}")
file(REMOVE_RECURSE "${server}")
check("all there, no server" ON "there already" "${whole}")
