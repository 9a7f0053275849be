#!/bin/sh
# sh examples/run.sh [OPTION...]: installs what is missing, builds the notebook as a program and runs it.
#
# Without options it runs on a synthetic subject that it makes itself; options are those of roi_extraction.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
sh "$root/packaging/setup-debian.sh" examples

(
    cd "$root"
    cmake --preset examples
    cmake --build --preset examples --target roi_extraction
)
exec "$root/build/examples/examples/roi_extraction" "$@"
