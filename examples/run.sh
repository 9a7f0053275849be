#!/bin/sh
# sh examples/run.sh [OPTION...]: installs what is missing, builds the notebook as a program and runs it.
#
# Without options it runs on a synthetic subject that it makes itself; options are those of roi_extraction. Paths in
# options are relative to where it was called.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
program=$root/build/examples/examples/roi_extraction
sh "$root/packaging/setup-debian.sh" examples

(
    cd "$root"
    [ -x "$program" ] || echo "roi: compiling, which takes a few minutes the first time"
    cmake --preset examples
    cmake --build --preset examples --target roi_extraction --parallel "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)"
)

# Whoever just tries it gets the page with the pictures too, and is told what to try next.
if [ $# -gt 0 ]; then
    exec "$program" "$@"
fi
"$program" --report
cat <<END

The program is $program (--help lists its options).
Open $(pwd)/results/plot_roi_extraction/report.html in a browser: the pictures and what was found.
Next: another contrast:    sh $0 --contrast cat house --report
      your own data:       sh $0 --bold run.nii.gz --labels labels.txt --mask mask.nii.gz --report
      the command \`roi\`:   cmake --build "$root/build/examples" --target roi_command && "$root/build/examples/examples/roi" --help
END
