# Which runs are found: in layouts of the standard's public examples, with empty files, and in that of the Haxby data.
include("${CMAKE_CURRENT_LIST_DIR}/harness.cmake")

function(touch)
  foreach(file IN LISTS ARGN)
    get_filename_component(folder "${WORK_DIR}/${file}" DIRECTORY)
    file(MAKE_DIRECTORY "${folder}")
    file(TOUCH "${WORK_DIR}/${file}")
  endforeach()
endfunction()
function(describe folder type)
  file(WRITE "${WORK_DIR}/${folder}/dataset_description.json"
       "{\"Name\": \"${folder}\", \"BIDSVersion\": \"1.8.0\", \"DatasetType\": \"${type}\"}")
endfunction()
# found(COUNT ARGUMENT...): so many runs are found.
function(found count)
  app(0 ${ARGN} --dry-run)
  string(REGEX MATCHALL "\n" lines "${OUT}")
  list(LENGTH lines lines)
  if(NOT lines EQUAL count)
    message(FATAL_ERROR "${ARGN}: expected ${count} runs, found ${lines}:\n${OUT}")
  endif()
  set(OUT "${OUT}" PARENT_SCOPE)
endfunction()

# As 7t_trt: sessions, an acquisition, a parameter of all runs at the top.
describe(sessions raw)
foreach(subject 01 02)
  foreach(session 1 2)
    set(at sessions/sub-${subject}/ses-${session})
    touch(${at}/anat/sub-${subject}_ses-${session}_T1w.nii.gz ${at}/fmap/sub-${subject}_ses-${session}_run-1_phasediff.nii.gz)
    foreach(run 1 2)
      touch(${at}/func/sub-${subject}_ses-${session}_task-rest_acq-fullbrain_run-${run}_bold.nii.gz
            ${at}/func/sub-${subject}_ses-${session}_task-rest_acq-fullbrain_run-${run}_physio.tsv.gz)
    endforeach()
    touch(${at}/func/sub-${subject}_ses-${session}_task-rest_acq-prefrontal_bold.nii.gz
          ${at}/func/sub-${subject}_ses-${session}_task-rest_acq-prefrontal_sbref.nii.gz)
  endforeach()
endforeach()
touch(sessions/sub-02/ses-1/func/notes.txt sessions/derivatives/x/sub-01/func/sub-01_task-rest_bold.nii.gz)
found(12 sessions out participant)
found(6 sessions out participant --session 2)
found(3 sessions out participant --participant-label sub-02 --session ses-1)
found(4 sessions out participant --run 01)
app(18 sessions out participant --task other --dry-run)

# As ds000001-fmriprep: two spaces, confounds, surfaces that are no volumes.
describe(prepared derivative)
foreach(run 1 2 3)
  set(at prepared/sub-10/func/sub-10_task-balloonanalogrisktask_run-${run})
  touch(${at}_space-MNI152NLin2009cAsym_res-2_desc-preproc_bold.nii.gz ${at}_space-T1w_desc-preproc_bold.nii.gz
        ${at}_space-fsaverage5_hemi-L_bold.func.gii ${at}_space-MNI152NLin2009cAsym_res-2_boldref.nii.gz
        ${at}_space-MNI152NLin2009cAsym_res-2_desc-brain_mask.nii.gz ${at}_desc-confounds_regressors.tsv
        ${at}_space-fsLR_den-91k_bold.dtseries.nii
        ${at}_space-MNI152NLin2009cAsym_desc-smoothAROMAnonaggr_bold.nii.gz)
endforeach()
found(6 prepared out participant)
found(3 prepared out participant --space T1w)
found(3 prepared out participant --desc smoothAROMAnonaggr)
found(2 prepared out participant --space T1w --run 1 2)

# As ds001: one session, a task of several runs, a parameter of all of them and events beside each.
describe(one_session raw)
foreach(subject 01 02 03)
  foreach(run 01 02 03)
    set(at one_session/sub-${subject}/func/sub-${subject}_task-balloonanalogrisktask_run-${run})
    touch(${at}_bold.nii.gz ${at}_events.tsv)
  endforeach()
  touch(one_session/sub-${subject}/anat/sub-${subject}_T1w.nii.gz one_session/sub-${subject}/anat/sub-${subject}_inplaneT2.nii.gz)
endforeach()
touch(one_session/task-balloonanalogrisktask_bold.json one_session/sub-03.html one_session/participants.tsv)
found(9 one_session out participant)
found(3 one_session out participant --participant-label 03)
expect("${OUT}" "one_session/sub-03/func/sub-03_task-balloonanalogrisktask_run-01_bold.nii.gz\n")

# As ds210: three echoes of each run, JSON files by echo at the top.
describe(echoes raw)
foreach(task cuedSGT rest)
  foreach(echo 1 2 3)
    touch(echoes/sub-04/func/sub-04_task-${task}_run-01_echo-${echo}_bold.nii.gz echoes/task-${task}_echo-${echo}_bold.json)
  endforeach()
endforeach()
found(6 echoes out participant)
# What fMRIPrep makes of them: one run, beside whose confounds the echoes may be kept.
describe(echoes_prepared derivative)
set(at echoes_prepared/sub-04/func/sub-04_task-rest_run-01)
touch(${at}_echo-1_desc-preproc_bold.nii.gz ${at}_echo-2_desc-preproc_bold.nii.gz ${at}_desc-confounds_timeseries.tsv
      ${at}_space-MNI152NLin2009cAsym_res-2_desc-preproc_bold.nii.gz ${at}_part-mag_desc-coreg_boldref.nii.gz
      ${at}_desc-hmc_boldref.nii.gz ${at}_space-boldref_T2starmap.nii.gz)
found(1 echoes_prepared out participant)
expect("${OUT}" "space-MNI152NLin2009cAsym_res-2_desc-preproc_bold")
file(REMOVE "${WORK_DIR}/${at}_space-MNI152NLin2009cAsym_res-2_desc-preproc_bold.nii.gz")
found(2 echoes_prepared out participant)

# Every entity that a run may have. Of complex data the magnitude is the run; references, phases and physiology are none.
describe(entities raw)
set(at entities/sub-01/ses-pre/func/sub-01_ses-pre)
touch(${at}_task-rest_dir-AP_run-1_bold.nii.gz ${at}_task-rest_dir-PA_run-1_bold.nii.gz ${at}_task-rest_dir-AP_run-1_sbref.nii.gz
      ${at}_task-rest_acq-multiband_rec-online_bold.nii ${at}_task-rest_acq-multiband_rec-moco_bold.nii
      ${at}_task-nback_part-mag_bold.nii.gz ${at}_task-nback_part-phase_bold.nii.gz ${at}_task-nback_part-mag_bold.json
      ${at}_task-nback_part-phase_bold.json ${at}_task-nback_part-mag_sbref.nii.gz
      ${at}_task-nback_ce-gadolinium_part-real_bold.nii.gz ${at}_task-nback_ce-gadolinium_part-imag_bold.nii.gz
      ${at}_task-lines_chunk-1_bold.nii.gz ${at}_task-lines_chunk-2_bold.nii.gz ${at}_task-lines_echo-1_phase.nii.gz
      ${at}_task-lines_cbv.nii.gz ${at}_task-only_bold.json ${at}_task-only_events.tsv ${at}_bold.nii.gz
      ${at}_task-rest_recording-breathing_physio.tsv.gz ${at}_task-rest_boldref.nii.gz ${at}_acq-b0_epi.nii.gz)
found(7 entities out participant)
foreach(part phase real imag)
  if(OUT MATCHES "part-${part}")
    message(FATAL_ERROR "found as a run:\n${OUT}")
  endif()
endforeach()
expect("${OUT}" "_task-nback_part-mag_bold.nii.gz")
found(4 entities out participant --task rest --session pre)
found(2 entities out participant --task lines)
app(18 entities out participant --task only --dry-run)
# A session without runs, one that only others have, an empty func, a file of another subject, and a run stored twice.
touch(entities/sub-01/ses-post/anat/sub-01_ses-post_T1w.nii.gz entities/sub-01/ses-lost/func/.empty
      entities/sub-02/ses-pre/func/sub-01_ses-pre_task-rest_dir-AP_run-1_bold.nii.gz
      entities/sub-02/ses-pre/func/sub-02_ses-pre_task-rest_bold.nii entities/sub-02/ses-pre/func/sub-02_ses-pre_task-rest_bold.nii.gz)
found(8 entities out participant)
app(18 entities out participant --session post --dry-run)
app(18 entities out participant --session lost --dry-run)

# Preprocessed folders that do not say what they are, as before fMRIPrep 20, and those that XCP-D leaves.
describe(old_prepared raw)
set(at old_prepared/sub-01/func/sub-01_task-rest)
touch(${at}_space-T1w_desc-preproc_bold.nii.gz ${at}_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz
      ${at}_space-MNI152NLin2009cAsym_desc-smoothAROMAnonaggr_bold.nii.gz ${at}_desc-confounds_regressors.tsv)
found(2 old_prepared out participant)
describe(denoised derivative)
touch(denoised/sub-01/func/sub-01_task-rest_space-MNI152NLin2009cAsym_desc-denoised_bold.nii.gz
      denoised/sub-01/func/sub-01_task-rest_space-MNI152NLin2009cAsym_desc-denoisedSmoothed_bold.nii.gz
      denoised/sub-01/func/sub-01_task-rest_space-MNI152NLin2009cAsym_stat-alff_boldmap.nii.gz)
found(2 denoised out participant)
found(1 denoised out participant --desc denoised)
# Inside the raw data set, by name, with its events.
describe(nested raw)
describe(nested/derivatives/fmriprep derivative)
touch(nested/sub-01/ses-1/func/sub-01_ses-1_task-x_bold.nii.gz nested/sub-01/ses-1/func/sub-01_ses-1_task-x_events.tsv
      nested/derivatives/fmriprep/sub-01/ses-1/func/sub-01_ses-1_task-x_space-T1w_desc-preproc_bold.nii.gz
      nested/derivatives/fmriprep/sub-01/figures/sub-01_ses-1_task-x_desc-carpetplot_bold.svg)
found(1 nested out participant)
expect("${OUT}" "^[^\n]*nested/sub-01/ses-1/func/sub-01_ses-1_task-x_bold.nii.gz\n$")
found(1 nested out participant -d fmriprep)
expect("${OUT}" "derivatives/fmriprep/sub-01/ses-1/func/")
found(1 nested/derivatives/fmriprep out participant)

# Inherited JSON files: the nearest wins, and those of other tasks do not count.
study(inherited 1)
file(REMOVE "${WORK_DIR}/inherited/task-blocks_bold.json")
file(WRITE "${WORK_DIR}/inherited/bold.json" "{\"RepetitionTime\": 7, \"Manufacturer\": \"none\"}")
file(WRITE "${WORK_DIR}/inherited/sub-01/sub-01_bold.json" "{\"RepetitionTime\": 3}")
file(WRITE "${WORK_DIR}/inherited/sub-01/func/sub-01_task-other_bold.json" "{\"RepetitionTime\": 5}")
file(WRITE "${WORK_DIR}/inherited/sub-01/func/sub-01_task-blocks_run-2_bold.json" "{\"RepetitionTime\": 2.5}")
file(WRITE "${WORK_DIR}/seeds.tsv" "x\ty\tz\n0\t0\t0\n")
app(0 inherited out participant --spheres seeds.tsv)
expect("${ERR}" "RepetitionTime is 3 s, in the image 2 s")
foreach(pair 1:3 2:2.5)
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 run)
  list(GET pair 1 t_r)
  expect_json(out/sub-01/func/sub-01_task-blocks_run-${run}_seg-spheres_timeseries.json ${t_r} RepetitionTime)
endforeach()

# The same by session: what stands in the folder of a session holds for its runs alone. Sparse volumes list their starts.
describe(by_session raw)
file(WRITE "${WORK_DIR}/by_session/task-blocks_bold.json" "{\"RepetitionTime\": 4}")
file(WRITE "${WORK_DIR}/by_session/sub-01/ses-b/sub-01_ses-b_bold.json" "{\"RepetitionTime\": 6}")
set(starts 0)
foreach(volume RANGE 1 39)
  math(EXPR start "8 * ${volume}")
  string(APPEND starts ", ${start}")
endforeach()
foreach(session a b c d)
  set(at by_session/sub-01/ses-${session}/func/sub-01_ses-${session}_task)
  foreach(task blocks other)
    file(MAKE_DIRECTORY "${WORK_DIR}/by_session/sub-01/ses-${session}/func")
    file(COPY_FILE "${WORK_DIR}/inherited/sub-01/func/sub-01_task-blocks_run-1_bold.nii.gz" "${WORK_DIR}/${at}-${task}_bold.nii.gz")
  endforeach()
  file(COPY_FILE "${WORK_DIR}/inherited/sub-01/func/sub-01_task-blocks_run-1_events.tsv" "${WORK_DIR}/${at}-other_events.tsv")
endforeach()
file(WRITE "${WORK_DIR}/by_session/sub-01/ses-c/func/sub-01_ses-c_task-other_bold.json" "{\"VolumeTiming\": [${starts}]}")
file(WRITE "${WORK_DIR}/by_session/sub-01/ses-d/func/sub-01_ses-d_task-other_bold.json" "{\"VolumeTiming\": [0, 1, 2, 6, 7, 8]}")
app(0 by_session out participant --spheres seeds.tsv)
expect("${ERR}" "ses-d_task-other[^\n]*not evenly spaced")
foreach(pair a_task-blocks:4 b_task-blocks:6 a_task-other:2 b_task-other:6 c_task-other:8 c_task-blocks:4)
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 run)
  list(GET pair 1 t_r)
  string(SUBSTRING ${run} 0 1 session)
  expect_json(out/sub-01/ses-${session}/func/sub-01_ses-${run}_seg-spheres_timeseries.json ${t_r} RepetitionTime)
endforeach()
expect_no_file(out/sub-01/ses-d/func/sub-01_ses-d_task-other_seg-spheres_desc-conditions_means.tsv)
app(65 by_session out participant --spheres seeds.tsv --contrast face house --session d --task other)

# The Haxby data: a condition a volume, whatever the header says.
get_filename_component(haxby "${SUBJECT}" DIRECTORY)
found(1 "${haxby}" haxby_out participant)
app(0 "${haxby}" haxby_out participant --atlas "${SUBJECT}/mask4_vt.nii.gz" --contrast face house)
expect_file(haxby_out/sub-2/func/sub-2_task-objectviewing_seg-mask4Vt_timeseries.tsv
            haxby_out/sub-2/func/sub-2_task-objectviewing_seg-mask4Vt_contrast-faceVsHouse_stat-t_statmap.nii.gz)
run(0 ttest-ind "${SUBJECT}/bold.nii.gz" --labels "${SUBJECT}/labels.txt" --conditions face house --t t.nii.gz)
run(0 math "max(abs(a - b), 0.00001) - 0.00001" --a t.nii.gz
    --b haxby_out/sub-2/func/sub-2_task-objectviewing_seg-mask4Vt_contrast-faceVsHouse_stat-t_statmap.nii.gz -o d.nii)
run(0 info --json d.nii)
expect("${OUT}" "\"max\": 0[,}]")

# Its twelve runs are one file: each is cleaned for itself when told, else that they are one is said.
set(one haxby_out/sub-2/func/sub-2_task-objectviewing_seg-mask4Vt)
app(0 "${haxby}" haxby_out participant --atlas "${SUBJECT}/mask4_vt.nii.gz" --detrend --standardize zscore_sample --contrast face house
    --chunks chunks)
if(ERR MATCHES "cleaned as one")
  message(FATAL_ERROR "${ERR}")
endif()
run(0 signals "${SUBJECT}/bold.nii.gz" --labels "${SUBJECT}/mask4_vt.nii.gz" --detrend --standardize zscore_sample --chunks chunks
    --chunk-table "${SUBJECT}/labels.txt" -o by_roi.tsv)
expect_same(by_roi.tsv ${one}_timeseries.tsv)
run(0 ttest-ind "${SUBJECT}/bold.nii.gz" --labels "${SUBJECT}/labels.txt" --conditions face house --chunks chunks --t t.nii.gz)
run(0 math "max(abs(a - b), 0.00001) - 0.00001" --a t.nii.gz --b ${one}_contrast-faceVsHouse_stat-t_statmap.nii.gz -o d.nii)
expect_value(d.nii "statistics;max" 0)
app(0 "${haxby}" haxby_out participant --atlas "${SUBJECT}/mask4_vt.nii.gz" --detrend)
expect("${ERR}" "warning: the file holds [0-9]+ runs by its column \"chunks\", which are cleaned as one; --chunks chunks cleans each")
app(65 "${haxby}" haxby_out participant --atlas "${SUBJECT}/mask4_vt.nii.gz" --detrend --chunks nothing)
expect("${ERR}" "--chunks: neither a table of conditions of volumes nor one of confounds has a column \"nothing\"")
