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

# The Haxby data: a condition a volume, whatever the header says.
get_filename_component(haxby "${SUBJECT}" DIRECTORY)
found(1 "${haxby}" haxby_out participant)
app(0 "${haxby}" haxby_out participant --atlas "${SUBJECT}/mask4_vt.nii.gz" --contrast face house)
expect_file(haxby_out/sub-2/func/sub-2_task-objectviewing_seg-mask4Vt_timeseries.tsv
            haxby_out/sub-2/func/sub-2_task-objectviewing_contrast-faceVsHouse_stat-t_statmap.nii.gz)
run(0 ttest-ind "${SUBJECT}/bold.nii.gz" --labels "${SUBJECT}/labels.txt" --conditions face house --t t.nii.gz)
run(0 math "max(abs(a - b), 0.00001) - 0.00001" --a t.nii.gz
    --b haxby_out/sub-2/func/sub-2_task-objectviewing_contrast-faceVsHouse_stat-t_statmap.nii.gz -o d.nii)
run(0 info --json d.nii)
expect("${OUT}" "\"max\": 0[,}]")
