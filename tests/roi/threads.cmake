# The same bytes and the same words of every subcommand with 1, 2 and 5 threads.
include("${CMAKE_CURRENT_LIST_DIR}/harness.cmake")
set(mask "${SUBJECT}/mask4_vt.nii.gz")
run(0 frames "${SUBJECT}/bold.nii.gz" --select 0-29 -o run.nii.gz)
run(0 mean run.nii.gz -o mean.nii)
run(0 label "${mask}" -o atlas.nii.gz)
run(0 resample "${mask}" --voxel-size 7 -o coarse.nii.gz)
run(0 signals run.nii.gz --labels atlas.nii.gz -o signals.tsv)
set(labels "labels\tchunks\n")
foreach(pair RANGE 9)
  string(APPEND labels "face\t${pair}\nhouse\t${pair}\nrest\t${pair}\n")
endforeach()
file(WRITE "${WORK_DIR}/labels.tsv" "${labels}")
file(WRITE "${WORK_DIR}/events.tsv" "onset\tduration\ttrial_type\n0\t4\tface\n6\t4\thouse\n")

# Subcommand, what it writes (- for nothing), and the rest of the line.
set(lines
  "info|-|run.nii.gz mean.nii --json"
  "smooth|nii.gz|run.nii.gz --fwhm 4,6,8 -o OUT"
  "smooth|nii|run.nii.gz --fwhm 6 --mask ${mask} -o OUT"
  "mean|nii|run.nii.gz mean.nii -o OUT"
  "std|nii|run.nii.gz -o OUT"
  "min|nii|run.nii.gz -o OUT"
  "max|nii|run.nii.gz -o OUT"
  "resample|nii|run.nii.gz --voxel-size 4 -o OUT"
  "resample|nii|mean.nii --like coarse.nii.gz --interpolation linear -o OUT"
  "resample|nii.gz|atlas.nii.gz --like coarse.nii.gz -o OUT"
  "reorder|nii|run.nii.gz --axes SPL -o OUT"
  "crop|nii|atlas.nii.gz --margin 1 -o OUT"
  "concat|nii.gz|run.nii.gz coarse.nii.gz mean.nii --resample -o OUT"
  "frames|nii|run.nii.gz --select 9,3,3 -o OUT"
  "threshold|nii|run.nii.gz --value 500 --cluster-size 5 -o OUT"
  "threshold|nii|mean.nii --percentile 80 --two-sided -o OUT"
  "binarize|nii.gz|mean.nii --value 500 -o OUT"
  "math|nii|a/mean(a)-b*2|--a run.nii.gz --b mean.nii -o OUT"
  "and|nii.gz|${mask} mean.nii -o OUT"
  "or|nii.gz|${mask} mean.nii -o OUT"
  "xor|nii.gz|${mask} mean.nii -o OUT"
  "not|nii.gz|${mask} -o OUT"
  "intersect|nii.gz|${mask} mean.nii --fraction 0.5 --largest -o OUT"
  "dilate|nii.gz|${mask} --structure ball:12 -o OUT"
  "erode|nii.gz|${mask} --structure corners -o OUT"
  "opening|nii.gz|${mask} -o OUT"
  "closing|nii.gz|${mask} --keep-border --iterations 2 -o OUT"
  "gradient|nii.gz|${mask} --kind inner -o OUT"
  "top-hat|nii.gz|${mask} --kind black -o OUT"
  "hit-or-miss|nii.gz|${mask} --hit edges -o OUT"
  "brain-mask|nii.gz|run.nii.gz -o OUT"
  "fill-holes|nii.gz|${mask} -o OUT"
  "propagate|nii.gz|${mask} --mask mean.nii -o OUT"
  "grow|nii.gz|${mask} --distance 9 -o OUT"
  "distance|nii|${mask} -o OUT"
  "overlap|tsv|${mask} atlas.nii.gz --distances -o OUT"
  "label|nii.gz|${mask} --order size -o OUT"
  "relabel|nii.gz|${mask} --split-sides -o OUT"
  "regions|tsv|atlas.nii.gz --values mean.nii -o OUT"
  "clusters|tsv|mean.nii --threshold 550 --atlas atlas.nii.gz -o OUT"
  "extract|nii|mean.nii --threshold 0.2 -o OUT"
  "spheres|nii.gz|--like ${mask} --at 0,0,0 --radius 20 -o OUT"
  "ttest-ind|nii|run.nii.gz --labels labels.tsv --conditions face house --log-p OUT"
  "ttest-1samp|nii|run.nii.gz --t OUT"
  "ttest-rel|nii|--a run.nii.gz --b run.nii.gz --p OUT"
  "f-classif|nii|run.nii.gz --labels labels.tsv --log-p OUT"
  "correlate|nii|run.nii.gz --seed-mask ${mask} --z OUT"
  "correct|nii|mean.nii --alpha 0.01 --method fdr -o OUT"
  "permute|nii|run.nii.gz --mask ${mask} --permutations 20 --log-p-tfce OUT"
  "group|nii|run.nii.gz --mask ${mask} --method tfce --permutations 20 --log-p OUT"
  "signals|tsv|run.nii.gz --labels atlas.nii.gz --fwhm 5 --statistic mean median eigenvariate -o OUT"
  "clean|tsv|signals.tsv --detrend --standardize zscore_sample -o OUT"
  "clean-run|nii|run.nii.gz run.nii.gz --detrend --standardize psc -o OUT"
  "signals-to-image|nii|signals.tsv --labels atlas.nii.gz -o OUT"
  "conditions|tsv|events.tsv --volumes 12 --t-r 1 -o OUT"
  "average|tsv|signals.tsv --labels labels.tsv -o OUT"
  "plot|svg|stat mean.nii --cut 0,0,0 --threshold 100 -o OUT")

set(covered)
foreach(line IN LISTS lines)
  string(REPLACE "|" ";" parts "${line}")
  list(POP_FRONT parts name ending)
  list(APPEND covered ${name})
  # What stands between bars is one word.
  list(POP_BACK parts words)
  string(REPLACE " " ";" words "${words}")
  list(PREPEND words ${parts})
  foreach(number 1 2 5)
    string(REPLACE "OUT" "out_${number}.${ending}" line "${words}")
    run(0 ${name} ${line} --threads ${number})
    string(REPLACE "out_${number}." "out." said "${OUT}${ERR}")
    if(number EQUAL 1)
      set(first "${said}")
    elseif(NOT said STREQUAL first)
      message(FATAL_ERROR "roi ${name} says with ${number} threads\n${said}with one\n${first}")
    elseif(NOT ending STREQUAL "-")
      expect_same(out_1.${ending} out_${number}.${ending})
    endif()
  endforeach()
endforeach()

# None is left out.
run(0 --help)
string(REGEX MATCHALL "\n  [a-z][a-z0-9-]* " names "${OUT}")
foreach(name IN LISTS names)
  string(STRIP "${name}" name)
  if(NOT name IN_LIST covered)
    message(FATAL_ERROR "roi ${name} is not among the lines of this test")
  endif()
endforeach()
