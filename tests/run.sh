#!/bin/sh
# sh tests/run.sh [PRESET...]: installs what is missing, builds roi and runs its tests.
#
# Presets are those of CMakePresets.json: release (the default), debug, clang, asan, tsan, zlib-only, fuzz.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
[ $# -gt 0 ] || set -- release

groups="tests examples"
for preset; do
    case $preset in clang | asan | tsan | zlib-only | fuzz) groups="$groups clang" ;; esac
done
# shellcheck disable=SC2086  # a list of groups
sh "$root/packaging/setup-debian.sh" $groups

cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || cores=2
# A compiler takes 3 GB for the largest files.
compilers=$(awk -v cores="$cores" '/^MemAvailable:/ { fit = int($2 / 3000000); print fit < 1 ? 1 : fit < cores ? fit : cores }' \
    /proc/meminfo 2>/dev/null) || compilers=
export CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-${compilers:-$cores}}"
export CTEST_PARALLEL_LEVEL="${CTEST_PARALLEL_LEVEL:-$cores}"
cd "$root"
for preset; do
    cmake --preset "$preset"
    cmake --build --preset "$preset"
    ctest --preset "$preset"
done
