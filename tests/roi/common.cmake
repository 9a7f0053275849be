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
run(2 mean "${SUBJECT}/bold.nii.gz" -o out.txt)
expect("${ERR}" "ends in .nii[^\n]*out.txt")
# A number of threads that is none is said by everything, also by what needs no threads; the option is heard first.
foreach(line "info FILE" "mean FILE -o out.nii" "regions FILE" "conditions FILE --volumes 2 --t-r 2")
  string(REPLACE "FILE" "${SUBJECT}/mask4_vt.nii.gz" line "${line}")
  string(REPLACE " " ";" line "${line}")
  set(ENV{ROI_THREADS} abc)
  run(1 ${line})
  expect("${ERR}" "^roi [a-z]+: ROI_THREADS: expected a number from 0 to 1024, found \"abc\"[^\n]*\n$")
  unset(ENV{ROI_THREADS})
endforeach()
set(ENV{ROI_THREADS} abc)
run(0 info "${SUBJECT}/mask4_vt.nii.gz" --threads 1)
unset(ENV{ROI_THREADS})
# No result replaces another.
foreach(other IN ITEMS same.nii ./same.nii)
  run(2 ttest-1samp "${SUBJECT}/bold.nii.gz" --t same.nii --p ${other})
  expect("${ERR}" "--t and --p name the same file: ")
endforeach()
if(EXISTS "${WORK_DIR}/same.nii")
  message(FATAL_ERROR "same.nii was written")
endif()
run(1 mean nothing.nii.gz -o out.nii)
expect("${ERR}" "^roi mean: nothing.nii.gz: [^\n]+\n$")
run(1 mean nothing -o out.nii)
expect("${ERR}" "^roi mean: nothing: [^\n]+\n$")

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

# What a person at a shell can do is said, and not what a program could call.
run(0 mean "${SUBJECT}/bold.nii.gz" -o mean.nii)
run(0 resample mean.nii --voxel-size 9 -o coarse.nii)
foreach(line "smooth mean.nii --fwhm 4 --mask coarse.nii -o out.nii" "mean mean.nii coarse.nii -o out.nii"
        "math a-b --a mean.nii --b coarse.nii -o out.nii" "threshold mean.nii --value 5 --mask coarse.nii -o out.nii"
        "concat mean.nii coarse.nii -o out.nii" "overlap SUBJECT/mask4_vt.nii.gz atlas.nii.gz"
        "propagate SUBJECT/mask4_vt.nii.gz --mask coarse.nii -o out.nii" "and SUBJECT/mask4_vt.nii.gz coarse.nii -o out.nii"
        "regions SUBJECT/mask4_vt.nii.gz --values coarse.nii")
  string(REPLACE "SUBJECT" "${SUBJECT}" line "${line}")
  string(REPLACE " " ";" line "${line}")
  list(GET line 0 name)
  if(name STREQUAL "overlap")
    run(0 resample "${SUBJECT}/mask4_vt.nii.gz" --like coarse.nii -o atlas.nii.gz)
  endif()
  run(1 ${line})
  expect("${ERR}" "^(roi ${name}: warning: coarse.nii is taken for a mask[^\n]*\n)?roi ${name}: [^\n]*lie on one grid[^\n]*roi resample IMAGE --like OTHER")
  if(ERR MATCHES "[a-z]_[a-z]+: |[a-z]\\(|roi::|`")
    message(FATAL_ERROR "a message for programmers: ${ERR}")
  endif()
endforeach()
foreach(name dilate label relabel distance)
  run(1 ${name} "${SUBJECT}/bold.nii.gz" -o out.nii.gz)
  expect("${ERR}" "expected one volume, found 300; roi frames takes one of them, roi mean their mean\n$")
endforeach()
run(1 regions mean.nii)
expect("${ERR}" "no whole numbers that could be labels\n$")
run(2 crop mean.nii --margin -1 -o out.nii)
expect("${ERR}" "expected 0 or more, found -1 ")

# Defaults are shown, but none for what must be given.
run(0 label --help)
expect("${OUT}" "--connectivity S[^\n]*faces.*--min-size N[^\n]*1.*--order[^\n]*first")
run(0 clusters --help)
expect("${OUT}" "--threshold X REQUIRED")

# A run as a pair of files is the same run.
run(0 frames "${SUBJECT}/bold.nii.gz" --select 3-5 -o few.nii)
run(0 reorder few.nii --axes RAS -o pair.hdr)
run(0 reorder pair.img --axes RAS -o single.nii)
run(0 reorder few.nii --axes RAS -o upright.nii)
expect_same(single.nii upright.nii)
if(NOT EXISTS "${WORK_DIR}/pair.hdr" OR NOT EXISTS "${WORK_DIR}/pair.img")
  message(FATAL_ERROR "a pair of files is missing")
endif()
run(0 mean pair.hdr -o packed.img.gz)
run(0 mean upright.nii -o plain.nii)
run(0 math a-b --a packed.hdr.gz --b plain.nii -o none.nii)
expect_value(none.nii "statistics;max" 0)

# A signal ends long work soon, and what was there stays as it was.
find_program(shell NAMES sh)
file(COPY_FILE "${WORK_DIR}/commas.nii.gz" "${WORK_DIR}/long.nii.gz")
string(REPEAT "\"$1\" " 200 copies)
foreach(signal "TERM 143" "USR1 138" "USR2 140" "ALRM 142" "PIPE 141" "ABRT 134" "VTALRM 154")
  string(REPLACE " " ";" signal "${signal}")
  list(GET signal 0 name)
  list(GET signal 1 status)
  execute_process(
    COMMAND "${shell}" -c "\"$0\" concat ${copies} -o long.nii.gz & p=$!; sleep 0.7; kill -${name} $p; wait $p; echo $?" "${ROI}"
            "${SUBJECT}/bold.nii.gz"
    WORKING_DIRECTORY "${WORK_DIR}" OUTPUT_VARIABLE out ERROR_VARIABLE err)
  expect("${out}" "^${status}\n$")
  expect_same(long.nii.gz commas.nii.gz)
endforeach()
file(GLOB left RELATIVE "${WORK_DIR}" "${WORK_DIR}/.*long*")
if(left)
  message(FATAL_ERROR "a signal left behind: ${left}")
endif()

# A misspelt option is named, also where the one that was meant is missing.
run(2 f-classif long.nii.gz --labls labels.tsv --f f.nii)
expect("${ERR}" "^roi f-classif: --labels is required; --labls is no option \\(--help")
run(2 ttest-rel --a=long.nii.gz --bb=long.nii.gz --tt t.nii)
expect("${ERR}" "--b is required; --bb, --tt are no options")

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
run(2 regions atlas.nii.gz -o table.txt)
expect("${ERR}" "ends in .tsv, .csv or .json, found table.txt")
# What cannot be printed is an error, and a stream that is closed is not one that a file gets the number of.
set(extract "extract ${SUBJECT}/bold.nii.gz --threshold 500 --strategy img_value --type connected_components -o printed.nii")
foreach(line "info atlas.nii.gz" "regions atlas.nii.gz" "label ${SUBJECT}/mask4_vt.nii.gz -o printed.nii" "${extract}")
  foreach(to IN ITEMS /dev/full "&-")
    execute_process(COMMAND "${shell}" -c "\"$0\" ${line} >${to}" "${ROI}" WORKING_DIRECTORY "${WORK_DIR}"
                    RESULT_VARIABLE result ERROR_VARIABLE err)
    expect("${result} ${err}" "^1 roi [a-z]+: standard output cannot be written: [^\n]+\n$")
    if(EXISTS "${WORK_DIR}/printed.nii")
      message(FATAL_ERROR "a file was written whose line could not be printed")
    endif()
  endforeach()
endforeach()

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

# Several results appear together or not at all, wherever they go; what stands in the way of one keeps the others.
file(MAKE_DIRECTORY "${WORK_DIR}/one" "${WORK_DIR}/two" "${WORK_DIR}/folder.nii")
run(2 ttest-1samp few.nii --t both.hdr --p both.img)
expect("${ERR}" "--t and --p name the same file: both.img")
set(test ttest-1samp few.nii --t one/t.nii --p two/p.hdr)
run(0 ${test})
file(SHA256 "${WORK_DIR}/one/t.nii" before)
run(1 ${test} --mean 3 --z folder.nii --quiet)
expect("${ERR}" "^roi ttest-1samp: folder.nii: expected the name of a file, found a folder\n$")
# Nothing is printed where the file cannot be written.
foreach(command label relabel)
  run(1 ${command} "${SUBJECT}/mask4_vt.nii.gz" -o folder.nii)
  expect("${OUT}${ERR}" "^roi ${command}: folder.nii: expected the name of a file, found a folder\n$")
  run(1 ${command} "${SUBJECT}/mask4_vt.nii.gz" -o nowhere/out.nii)
  expect("${OUT}${ERR}" "^roi ${command}: nowhere/out.nii: there is no such folder; make it first\n$")
endforeach()
run(1 ${test} --mean 3 --z one/none/z.nii)
file(SHA256 "${WORK_DIR}/one/t.nii" after)
expect("${after}" "^${before}$")
run(0 ${test} --mean 3)
file(SHA256 "${WORK_DIR}/one/t.nii" after)
if(after STREQUAL before)
  message(FATAL_ERROR "a result was not replaced")
endif()
file(GLOB_RECURSE left LIST_DIRECTORIES true RELATIVE "${WORK_DIR}" "${WORK_DIR}/one/*" "${WORK_DIR}/two/*")
expect("${left}" "^one/t.nii;two/p.hdr;two/p.img$")

# Numbers are decimal.
run(0 label "${SUBJECT}/mask4_vt.nii.gz" --min-size 010 -o ten.nii)
run(0 label "${SUBJECT}/mask4_vt.nii.gz" --min-size 10 -o zehn.nii)
expect_same(ten.nii zehn.nii)
run(2 label "${SUBJECT}/mask4_vt.nii.gz" --min-size 0x10 -o ten.nii)
expect("${ERR}" "--min-size: expected a number in decimals, found 0x10")
run(2 smooth few.nii --fwhm 0x10 -o ten.nii)

# Tables come through pipes as well; one without numbers is not cleaned.
file(WRITE "${WORK_DIR}/signals.tsv" "a\n1\n2\n4\n")
file(WRITE "${WORK_DIR}/events.tsv" "onset\tduration\ttrial_type\n0\t2\ta\n")
foreach(line "clean TABLE --detrend" "signals-to-image TABLE --labels SUBJECT/mask4_vt.nii.gz --names names.tsv -o out.nii"
        "conditions EVENTS --volumes 2 --t-r 2")
  file(WRITE "${WORK_DIR}/names.tsv" "index\tname\n1\ta\n")
  string(REPLACE "SUBJECT" "${SUBJECT}" line "${line}")
  string(REPLACE " " ";" line "${line}")
  string(REGEX REPLACE "TABLE|EVENTS" "-" piped "${line}")
  set(file signals.tsv)
  if(line MATCHES "EVENTS")
    set(file events.tsv)
  endif()
  string(REGEX REPLACE "TABLE|EVENTS" "${file}" line "${line}")
  run(0 ${line})
  set(filed "${OUT}")
  execute_process(COMMAND "${ROI}" ${piped} INPUT_FILE "${WORK_DIR}/${file}" WORKING_DIRECTORY "${WORK_DIR}"
                  OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE result)
  if(NOT "${result} ${out}" STREQUAL "0 ${filed}")
    message(FATAL_ERROR "roi ${piped} ended with ${result}: ${out}${err}")
  endif()
endforeach()
# So do those that a shell names, `<(...)`, of tables and images, as often as they are read; with the words of a file.
find_program(bash bash)
if(bash)
  # by_pipe(STATUS COMMAND): runs a line of bash, in which $ROI is the program.
  function(by_pipe status line)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E env "ROI=${ROI}" "${bash}" -c "${line}" WORKING_DIRECTORY "${WORK_DIR}"
                    OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE result TIMEOUT 60)
    set(OUT "${out}" PARENT_SCOPE)
    set(ERR "${err}" PARENT_SCOPE)
    if(NOT result STREQUAL status)
      message(FATAL_ERROR "${line}\nended with ${result}, expected ${status}\n${out}${err}")
    endif()
  endfunction()
  file(WRITE "${WORK_DIR}/courses.tsv" "run\tsignal\n1\t3\n1\t1\n2\t4\n2\t1\n2\t5\n1\t9\n")
  file(WRITE "${WORK_DIR}/places.csv" "x,y,z\n20,-40,-10\n")
  file(WRITE "${WORK_DIR}/some.tsv" "labels\na\nb\na\nb\na\nb\n")
  run(0 frames "${SUBJECT}/bold.nii.gz" --select 0-5 -o six.nii)
  foreach(line "correlate six.nii --seed courses.tsv --seed-column signal --chunks run --r OUT"
          "permute six.nii --tested courses.tsv --tested-column signal --blocks courses.tsv --permutations 9 --t OUT"
          "f-classif six.nii --labels some.tsv --f OUT" "mean six.nii -o OUT" "concat six.nii few.nii -o OUT"
          "spheres --like few.nii --centres places.csv --radius 9 -o OUT" "smooth six.nii --fwhm 4 --mask SUBJECT/mask4_vt.nii.gz -o OUT"
          "ttest-rel --a six.nii --b six.nii --df OUT" "average signals.tsv --labels three.tsv" "clean signals.tsv --detrend"
          "conditions events.tsv --volumes 2 --t-r 2" "dilate SUBJECT/mask4_vt.nii.gz --structure SUBJECT/mask4_vt.nii.gz --mask SUBJECT/mask4_vt.nii.gz -o OUT" "regions SUBJECT/mask4_vt.nii.gz --names names.tsv")
    file(WRITE "${WORK_DIR}/three.tsv" "labels\na\nb\na\n")
    string(REPLACE "SUBJECT" "${SUBJECT}" line "${line}")
    string(REPLACE "OUT" "of_pipe.nii" piped "${line}")
    string(REGEX REPLACE "([^ ]+[.](tsv|csv|nii[.]gz))" "<(cat '\\1')" piped "${piped}")
    string(REGEX REPLACE " (six|few)[.]nii" " <(cat \\1.nii)" piped "${piped}")
    by_pipe(0 "\"$ROI\" ${piped}")
    set(piped "${OUT}")
    string(REPLACE "OUT" "of_file.nii" line "${line}")
    string(REPLACE " " ";" arguments "${line}")
    run(0 ${arguments})
    if(NOT OUT STREQUAL piped)
      message(FATAL_ERROR "roi ${line}: by pipes ${piped}, by files ${OUT}")
    endif()
    if(line MATCHES "of_file")
      expect_same(of_pipe.nii of_file.nii)
    endif()
  endforeach()
  by_pipe(1 "\"$ROI\" correlate six.nii --seed <(printf 'x\\na\\nb\\na\\nb\\na\\nb\\n') --r y.nii")
  expect("${ERR}" "^roi correlate: /dev/fd/[0-9]+: column \"x\", row 1: expected a number, found \"a\"\n$")
  by_pipe(1 "\"$ROI\" correlate six.nii --seed <(head -c 2000 six.nii) --r y.nii")
  expect("${ERR}" "^roi correlate: /dev/fd/[0-9]+: expected a table of text, found a NIfTI image\n$")
  by_pipe(1 "\"$ROI\" correlate six.nii --seed <(true) --r y.nii")
  expect("${ERR}" "^roi correlate: /dev/fd/[0-9]+: expected a header line, found an empty file\n$")
  by_pipe(1 "\"$ROI\" smooth six.nii --fwhm 4 --mask <(cat coarse.nii) -o y.nii")
  expect("${ERR}" "^(roi smooth: warning[^\n]*\n)?roi smooth: six.nii and /dev/fd/[0-9]+ must lie on one grid; ")
  # One that another program fills when it likes.
  by_pipe(0 "rm -f fifo && mkfifo fifo && (sleep 0.3; cat courses.tsv > fifo) & until [ -p fifo ]; do sleep 0.05; done; \"$ROI\" correlate six.nii --seed fifo --seed-column signal --chunks run --r of_pipe.nii")
  run(0 correlate six.nii --seed courses.tsv --seed-column signal --chunks run --r of_file.nii)
  expect_same(of_pipe.nii of_file.nii)
  by_pipe(0 "\"$ROI\" info <(cat six.nii)")
  expect("${OUT}" "/dev/fd/[0-9]+")
endif()

# Standard input is one input, whatever is in it.
foreach(line "f-classif - --labels - --f y.nii" "ttest-ind - --labels - --conditions a b --t y.nii" "permute - --tested - --t y.nii"
        "correct - --mask - -o y.nii" "group - --mask -" "clean - --confounds -" "signals - --labels - " "clusters - --threshold 1 --atlas -"
        "mean - - -o y.nii" "correlate - --seed - --r y.nii" "average - --labels -" "plot roi - --names - -o y.png" "resample - --like - -o y.nii")
  string(REPLACE " " ";" arguments "${line}")
  foreach(file IN ITEMS few.nii signals.tsv)
    execute_process(COMMAND "${ROI}" ${arguments} INPUT_FILE "${WORK_DIR}/${file}" WORKING_DIRECTORY "${WORK_DIR}"
                    OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE result)
    expect("${line} ${result} ${err}" " 2 roi [a-z-]+: standard input \\(-\\) can be read only once [^\n]*\n$")
  endforeach()
endforeach()

file(WRITE "${WORK_DIR}/semicolons.csv" "a;b\n1,5;2\n2,5;3\n")
run(1 clean semicolons.csv --detrend)
expect("${ERR}" "^roi clean: expected a column of numbers, found none in the columns a;b\n$")

# An atlas that reaches beyond what was scanned.
run(0 math "a * 0" --a few.nii -o zeros.nii)
run(0 signals zeros.nii --labels "${SUBJECT}/mask4_vt.nii.gz")
expect("${ERR}" "warning: label_1 is 0 in every volume, as outside what was scanned")
