# An output that is an input is refused before anything is calculated, by every subcommand and for every option that names a
# file to read; what is worked on may be replaced by --output. Names are looked at and nothing else, so one image and one
# table stand for all.
include("${CMAKE_CURRENT_LIST_DIR}/harness.cmake")

run(0 frames "${SUBJECT}/bold.nii.gz" --select 0 -o in.nii)
file(COPY_FILE "${WORK_DIR}/in.nii" "${WORK_DIR}/x.nii")
file(WRITE "${WORK_DIR}/x.tsv" "x\ty\tz\n1\t2\t3\n")
file(COPY_FILE "${WORK_DIR}/x.tsv" "${WORK_DIR}/in.tsv")
file(MAKE_DIRECTORY "${WORK_DIR}/sub")

# Options whose files are written; every other option of files is one to read.
set(written --output --table --label-map --shares --t --p --f --r --log-p --df --z --fisher-z --adjusted-p --adjusted-log-p --tfce
    --log-p-tfce --log-p-size --log-p-mass --log-p-uncorrected --clusters --null --resume --report --plot --kept --columns)
# Subcommands without --output, whose results stats.cmake tries.
set(elsewhere info ttest-ind ttest-1samp ttest-rel f-classif correlate permute)

# COMMAND or COMMAND:OPTION, what else must be given, and the ending of --output.
set(calls
  "smooth|in.nii --fwhm 4|nii" "resample:--names|in.nii --like in.nii|nii" "resample|in.nii|nii"
  "frames|in.nii --condition a|nii" "threshold|in.nii --value 1|nii" "binarize:--names|in.nii --region a|nii" "dilate|in.nii|nii" "erode|in.nii|nii"
  "opening|in.nii|nii" "closing|in.nii|nii" "gradient|in.nii|nii" "top-hat|in.nii|nii" "propagate|in.nii|nii"
  "overlap|in.nii in.nii|tsv" "relabel:--names|in.nii --table y.tsv|nii"
  "regions:--names|in.nii|tsv" "regions|in.nii|tsv"
  "clusters:--names|in.nii --threshold 1 --atlas in.nii|tsv" "clusters|in.nii --threshold 1|tsv"
  "extract|in.nii --threshold 1|nii" "spheres:--like|--at 1,2,3 --radius 2|nii" "spheres:--centres|--like in.nii --radius 2|nii" "correct|in.nii|nii"
  "group:--names|in.nii in.nii --atlas in.nii|tsv" "group|in.nii in.nii|tsv"
  "signals:--labels|in.nii|tsv" "signals:--spheres|in.nii|tsv" "signals:--maps|in.nii|tsv" "signals:--chunk-table|in.nii --labels in.nii --chunks a|tsv" "signals|in.nii --labels in.nii|tsv"
  "clean:--chunk-table|in.tsv --chunks a|tsv" "clean|in.tsv|tsv" "clean-run:--chunk-table|in.nii --chunks a|nii" "clean-run|in.nii|nii"
  "signals-to-image:--names|in.tsv --labels in.nii|nii" "signals-to-image:--mask|in.tsv --spheres in.tsv|nii" "signals-to-image:--spheres|in.tsv --mask in.nii|nii"
  "signals-to-image|in.tsv|nii" "conditions|in.tsv|tsv" "average:--labels|in.tsv|tsv" "average|in.tsv|tsv")

function(refused name option)
  run(2 ${ARGN})
  expect("${ERR}" "^roi [a-z0-9-]+: ${option}: [^ ]+ is (an input of the same call|what --[a-z-]+ reads), and would be replaced; write it elsewhere")
  foreach(ending IN ITEMS nii tsv)
    expect_same(x.${ending} in.${ending})
  endforeach()
endfunction()

run(0 --help)
string(REGEX MATCHALL "\n  [a-z][a-z0-9-]+ " commands "${OUT}")
set(tried 0)
foreach(command IN LISTS commands)
  string(STRIP "${command}" command)
  if(command IN_LIST elsewhere OR command MATCHES "^(math|plot)$")
    continue()
  endif()
  run(0 ${command} --help)
  string(REGEX MATCHALL "\n  [^\n]*--[a-z-]+ [A-Z]*FILE" options "${OUT}")
  foreach(option IN LISTS options)
    string(REGEX MATCH "--[a-z-]+" option "${option}")
    if(option IN_LIST written)
      continue()
    endif()
    set(call)
    foreach(entry IN LISTS calls)
      if(NOT call AND entry MATCHES "^${command}(:${option})?\\|")
        string(REPLACE "|" ";" call "${entry}")
      endif()
    endforeach()
    if(NOT call)
      message(FATAL_ERROR "roi ${command} ${option}: no line of this test says how it is called")
    endif()
    list(GET call 1 words)
    list(GET call 2 ending)
    separate_arguments(words UNIX_COMMAND "${words}")
    refused(x "--output" ${command} ${words} ${option} x.${ending} -o x.${ending})
    math(EXPR tried "${tried} + 1")
  endforeach()
endforeach()
if(tried LESS 40)
  message(FATAL_ERROR "only ${tried} options of files were found in --help")
endif()

# What is worked on may be replaced, whichever of several it is, and where another option names it too.
foreach(call IN ITEMS "mean;x.nii;in.nii" "mean;in.nii;x.nii" "concat;in.nii;x.nii" "and;in.nii;x.nii" "intersect;x.nii;x.nii"
        "math;a + b;--a;in.nii;--b;x.nii" "math;b * 1;--b;x.nii" "smooth;x.nii;--mask;x.nii;--fwhm;4")
  run(0 ${call} -o y.nii)
  run(0 ${call} -o x.nii)
  expect_same(x.nii y.nii)
  file(COPY_FILE "${WORK_DIR}/in.nii" "${WORK_DIR}/x.nii")
endforeach()
foreach(option IN ITEMS --structure --hit --miss)
  if(option STREQUAL "--structure")
    refused(x "--output" dilate in.nii ${option} x.nii -o x.nii)
  elseif(option STREQUAL "--hit")
    refused(x "--output" hit-or-miss in.nii ${option} x.nii -o x.nii)
  else()
    refused(x "--output" hit-or-miss in.nii --hit faces ${option} x.nii -o x.nii)
  endif()
endforeach()

# The same file by other names: another path, links of both kinds, and the other file of a pair.
file(CREATE_LINK "${WORK_DIR}/x.nii" "${WORK_DIR}/linked.nii" SYMBOLIC)
file(CREATE_LINK "${WORK_DIR}/x.nii" "${WORK_DIR}/hard.nii")
foreach(name IN ITEMS ./x.nii sub/../x.nii "${WORK_DIR}/x.nii" linked.nii hard.nii)
  refused(x "--output" smooth in.nii --fwhm 4 --mask x.nii -o "${name}")
  refused(x "--output" smooth in.nii --fwhm 4 --mask "${name}" -o x.nii)
endforeach()
run(0 reorder in.nii --axes RAS -o pair.hdr)
file(CREATE_LINK "${WORK_DIR}/pair.img" "${WORK_DIR}/voxels.img" SYMBOLIC)
foreach(name IN ITEMS pair.img voxels.img)
  refused(x "--output" smooth in.nii --fwhm 4 --mask ${name} -o pair.hdr)
endforeach()
