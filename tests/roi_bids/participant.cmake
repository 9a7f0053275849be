# The level of participants: what is written, what is skipped, what fails, and that it is what `roi signals` gives.
include("${CMAKE_CURRENT_LIST_DIR}/harness.cmake")
study(study 4)
set(regions --atlas ${atlas}.nii.gz --names ${atlas}.tsv)
set(one out/sub-01/func/sub-01_task-blocks_run-1_${space})

# Two runs a subject; the broken one is said and noted, and stops nobody.
app(65 study out participant -d fmriprep ${regions} --contrast face house --confounds trans_x csf --detrend --n-cpus 2)
expect("${OUT}" "4 subjects: 7 runs done, 0 complete before, 1 failed")
expect("${ERR}" "sub-03_task-blocks_run-2[^\n]*too early")
expect("${ERR}" "sub-04_task-blocks_run-1[^\n]*warning: there are no events")
expect_file(out/dataset_description.json ${one}_seg-Sixths_timeseries.tsv ${one}_seg-Sixths_timeseries.json
            ${one}_seg-Sixths_desc-conditions_means.tsv ${one}_contrast-faceVsHouse_stat-effect_statmap.nii.gz
            ${one}_contrast-faceVsHouse_stat-t_statmap.nii.gz
            out/sub-03/func/sub-03_task-blocks_run-2_${space}_seg-Sixths_desc-failure_log.json)
expect_no_file(out/sub-03/func/sub-03_task-blocks_run-2_${space}_seg-Sixths_timeseries.tsv
               out/sub-04/func/sub-04_task-blocks_run-1_${space}_contrast-faceVsHouse_stat-t_statmap.nii.gz)
expect_json(out/dataset_description.json derivative DatasetType)
expect_json(${one}_seg-Sixths_timeseries.json 0.5 SamplingFrequency)
expect_json(${one}_seg-Sixths_timeseries.json 40 RoiBids Volumes)
expect_json(${one}_seg-Sixths_timeseries.json 6 RoiBids Regions)

# The same numbers as from `roi signals`.
set(input study/derivatives/fmriprep/sub-01/func/sub-01_task-blocks_run-1)
run(0 signals ${input}_${space}_desc-preproc_bold.nii.gz --labels ${atlas}.nii.gz --names ${atlas}.tsv --resample data
    --confounds ${input}_desc-confounds_timeseries.tsv --confound-columns trans_x,csf --detrend -o by_roi.tsv)
expect_same(by_roi.tsv ${one}_seg-Sixths_timeseries.tsv)
# The delay of fMRIPrep's slice timing is in its JSON: volume k stands at 2 k + 1 s.
run(0 conditions study/sub-01/func/sub-01_task-blocks_run-1_events.tsv --volumes 40 --t-r 2 --slice-time 0.5 -o labels.tsv)
run(0 ttest-ind ${input}_${space}_desc-preproc_bold.nii.gz --labels labels.tsv --conditions face house --t t.nii.gz)
run(0 math "max(abs(a - b), 0.00001) - 0.00001" --a t.nii.gz --b ${one}_contrast-faceVsHouse_stat-t_statmap.nii.gz -o d.nii)
run(0 info --json d.nii)
expect("${OUT}" "\"max\": 0[,}]")

# Complete and unchanged runs are skipped; a change of options, inputs or a lost file is noticed.
file(TIMESTAMP "${WORK_DIR}/${one}_seg-Sixths_timeseries.tsv" before "%s")
set(again study out participant -d fmriprep ${regions} --contrast face house --confounds trans_x csf --detrend)
app(65 ${again} --quiet)
expect("${OUT}" "^$")
app(0 ${again} --participant-label sub-01,02)
expect("${OUT}" "2 subjects: 0 runs done, 4 complete before, 0 failed")
app(0 ${again} --participant-label 01 --dry-run)
expect("${OUT}" "run-1[^\n]*timeseries.tsv \\(complete\\)\n")
file(REMOVE "${WORK_DIR}/${one}_contrast-faceVsHouse_stat-t_statmap.nii.gz")
app(0 ${again} --participant-label 01 02)
expect("${OUT}" "1 runs done, 3 complete before")
file(TOUCH "${WORK_DIR}/study/sub-02/func/sub-02_task-blocks_run-2_events.tsv")
app(0 ${again} --participant-label 01 02)
expect("${OUT}" "1 runs done, 3 complete before")
app(0 study out participant -d fmriprep ${regions} --participant-label 01)
expect("${OUT}" "2 runs done")
expect_no_file(${one}_contrast-faceVsHouse_stat-t_statmap.nii.gz)

# A run that is mended loses its note; one that breaks loses its results.
file(COPY_FILE "${WORK_DIR}/study/derivatives/fmriprep/sub-03/func/sub-03_task-blocks_run-1_${space}_desc-preproc_bold.nii.gz"
     "${WORK_DIR}/study/derivatives/fmriprep/sub-03/func/sub-03_task-blocks_run-2_${space}_desc-preproc_bold.nii.gz")
app(0 ${again} --participant-label 03)
expect_no_file(out/sub-03/func/sub-03_task-blocks_run-2_${space}_seg-Sixths_desc-failure_log.json)
file(WRITE "${WORK_DIR}/study/derivatives/fmriprep/sub-03/func/sub-03_task-blocks_run-2_${space}_desc-preproc_bold.nii.gz" "no")
app(65 ${again} --participant-label 03)
expect_no_file(out/sub-03/func/sub-03_task-blocks_run-2_${space}_seg-Sixths_timeseries.tsv)
expect_file(out/sub-03/func/sub-03_task-blocks_run-2_${space}_seg-Sixths_desc-failure_log.json)

# The same bytes for any number of cores; raw runs, whose TR stands in the JSON at the top; spheres.
file(WRITE "${WORK_DIR}/seeds.tsv" "x\ty\tz\tradius\tname\n-12\t0\t0\t8\tleft\n12\t0\t0\t8\tright\n")
foreach(cores 1 2)
  app(65 study raw${cores} participant --spheres seeds.tsv --statistic mean median --brain-mask --n-cpus ${cores})
  app(65 study raw${cores} participant --spheres seeds.tsv --statistic mean median --n-cpus ${cores} --mem-mb 30)
endforeach()
expect_same_folders(raw1 raw2)
set(raw raw1/sub-01/func/sub-01_task-blocks_run-1_seg-spheres_timeseries)
file(STRINGS "${WORK_DIR}/${raw}.tsv" rows)
list(GET rows 0 header)
expect("${header}" "^left_mean\tleft_median\tright_mean\tright_median$")
expect_json(${raw}.json 2 RepetitionTime)

# Jobs that run at once share an output: together they leave what one leaves.
set(job "${APP}" study shared participant --spheres seeds.tsv --statistic mean median --quiet --participant-label)
execute_process(COMMAND ${job} 01 COMMAND ${job} 02 COMMAND ${job} 03 COMMAND ${job} 04 WORKING_DIRECTORY "${WORK_DIR}"
                RESULTS_VARIABLE results ERROR_VARIABLE err)
if(NOT results STREQUAL "0;0;65;0")
  message(FATAL_ERROR "jobs that share an output ended with ${results}\n${err}")
endif()
expect_same_folders(raw1 shared)

# Two maps of weights, what the loudest voxels share, and maps of quality: as `roi` has them.
foreach(label 1 4)
  run(0 math "(a == ${label}) * 0.5 + (a == 2) * 0.1" --a ${atlas}.nii.gz -o map_${label}.nii)
endforeach()
run(0 concat map_1.nii map_4.nii -o weights.nii.gz)
file(WRITE "${WORK_DIR}/weights.tsv" "index\tname\n1\tfirst\n2\tsecond\n")
app(0 study weighted participant -d fmriprep --maps weights.nii.gz --names weights.tsv --high-variance-confounds 3
    --confounds csf --quality-maps --participant-label 01)
set(weighted weighted/sub-01/func/sub-01_task-blocks_run-1_${space})
run(0 signals ${input}_${space}_desc-preproc_bold.nii.gz --maps weights.nii.gz --names weights.tsv --resample data
    --confounds ${input}_desc-confounds_timeseries.tsv --confound-columns csf --high-variance-confounds 3 -o by_roi.tsv)
expect_same(by_roi.tsv ${weighted}_seg-weights_timeseries.tsv)
run(0 mean ${input}_${space}_desc-preproc_bold.nii.gz -o mean.nii)
run(0 std ${input}_${space}_desc-preproc_bold.nii.gz -o std.nii)
run(0 math "max(max(abs(a - b), abs(c * d - b)), 0.001) - 0.001" --a ${weighted}_stat-mean_boldmap.nii.gz --b mean.nii
    --c ${weighted}_stat-tsnr_boldmap.nii.gz --d std.nii -o d.nii)
run(0 info --json d.nii)
expect("${OUT}" "\"max\": 0[,}]")
expect_json(${weighted}_seg-weights_timeseries.json "least_squares of map 1 (first)" first Description)
app(64 study weighted participant --maps weights.nii.gz --high-variance-confounds 0)
app(65 study weighted participant --maps weights.nii.gz --high-variance-confounds 60 --participant-label 01)

# Wrong usage, missing things, and what they end with.
app(64)
app(64 study out participant)
app(64 study study participant ${regions})
app(64 study out participant ${regions} --no-such-option)
app(64 study out participant ${regions} --contrast face)
app(64 study out participant ${regions} --high-pass 0.1 --low-pass 0.01)
app(17 study out everybody ${regions})
app(18 study out participant ${regions} --participant-label 77)
expect("${ERR}" "no subject sub-77")
app(18 study out participant ${regions} --space T1w)
expect("${ERR}" "--derivatives fmriprep")
app(66 nowhere out participant ${regions})
app(66 study out participant --atlas nothing.nii)
# A folder where an image should be.
file(COPY "${WORK_DIR}/study/dataset_description.json" DESTINATION "${WORK_DIR}/unreadable")
file(MAKE_DIRECTORY "${WORK_DIR}/unreadable/sub-01/func/sub-01_task-x_bold.nii.gz")
app(74 unreadable out74 participant ${regions})
expect_file(out74/sub-01/func/sub-01_task-x_seg-Sixths_desc-failure_log.json)
# Memory that a limit keeps: an atlas of 1000 x 1000 x 1000 voxels, a hole on the disk.
find_program(shell sh)
if(shell AND NOT SANITIZED AND NOT WIN32)
  run(0 math "a" --a ${atlas}.nii.gz -o huge.nii)
  file(WRITE "${WORK_DIR}/huge.sh" "printf '\\350\\003\\350\\003\\350\\003' | dd of=huge.nii bs=1 seek=42 conv=notrunc 2>/dev/null
    dd of=huge.nii bs=1 seek=8000000352 count=0 2>/dev/null
    ulimit -v 2000000
    exec \"$@\"
  ")
  execute_process(COMMAND "${shell}" huge.sh "${APP}" study out75 participant --atlas huge.nii WORKING_DIRECTORY "${WORK_DIR}"
                  RESULT_VARIABLE result ERROR_VARIABLE err)
  file(REMOVE "${WORK_DIR}/huge.nii")
  expect("${result}|${err}" "^75\\|roi_bids: [^\n]*huge.nii[^\n]*\n$")
endif()
file(WRITE "${WORK_DIR}/plain" "")
app(73 study plain participant ${regions})
file(MAKE_DIRECTORY "${WORK_DIR}/bare/sub-01/func")
app(16 bare out participant ${regions})
file(WRITE "${WORK_DIR}/bare/dataset_description.json" "{\"Name\": \"x\"}")
app(16 bare out participant ${regions})
app(18 bare out participant ${regions} --skip-bids-validator)
app(0 --help)
expect("${OUT}" "16 invalid data set.*75 not enough")
app(65 study none participant -d fmriprep ${regions} --confounds no_such_column --participant-label 01)
expect("${ERR}" "no_such_column")
