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
