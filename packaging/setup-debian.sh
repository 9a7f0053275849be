#!/bin/sh
# sh packaging/setup-debian.sh GROUP...: installs what is missing for building roi, on Debian and its kin.
#
# Groups: build (tools and libraries), plot (pictures), examples, tests, clang, fuzz, lint,
# portability (32-bit headers), peers (programs that read what we save), study (what the workflow of examples/study and
# its tests need), browser (to test the report in). Nothing is done when nothing is missing.
# Elsewhere it says what to install, and fails only when a compiler or CMake is missing: the configure run
# names every missing library itself.
set -eu

tools= packages=
plot="pkg-config libpng-dev libcairo2-dev libpango1.0-dev fonts-dejavu-core"
need_tool() {  # COMMAND PACKAGE: any program of that name will do
    command -v "$1" >/dev/null 2>&1 || tools="$tools $2"
}
for group in build "$@"; do
    case $group in
    build)
        need_tool cmake cmake
        need_tool make make
        need_tool c++ g++
        packages="$packages libeigen3-dev libboost-dev libnifti2-dev zlib1g-dev libisal-dev"
        ;;
    plot) packages="$packages $plot" ;;
    examples) packages="$packages $plot libcli11-dev nlohmann-json3-dev" ;;
    tests) packages="$packages $plot catch2" ;;
    clang | fuzz)
        need_tool clang++ clang
        need_tool llvm-symbolizer llvm  # names in what the sanitizers say
        packages="$packages libclang-rt-dev libc++-dev libc++abi-dev"
        ;;
    peers) packages="$packages python3-nibabel nifti-bin mrtrix3" ;;
    study) packages="$packages python3-bids-validator python3-pandas snakemake slurm-wlm munge" ;;
    portability) packages="$packages g++-multilib" ;;
    browser)
        need_tool chromium chromium
        need_tool python3 python3
        ;;
    lint)
        need_tool clang-format clang-format
        need_tool clang-tidy clang-tidy
        ;;
    *)
        echo "setup-debian.sh: unknown group '$group', expected plot, examples, tests, clang, fuzz, portability, peers, study, browser or lint" >&2
        exit 2
        ;;
    esac
done

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    [ -n "$tools" ] || exit 0
    cat >&2 <<'END'
roi: a C++20 compiler, make and CMake 3.25 or newer are needed, and these libraries. Install them with one of
  dnf install cmake make gcc-c++ eigen3-devel boost-devel nifticlib-devel zlib-devel isa-l-devel pango-devel libpng-devel cli11-devel catch-devel
  brew install cmake eigen boost zlib isa-l pango libpng pkgconf cli11 catch2      (and nifticlib by vcpkg)
  vcpkg install eigen3 boost-math nifticlib zlib isal pango libpng pkgconf cli11 catch2
A library that is not installed is downloaded when the project is configured.
END
    exit 1
fi

missing=$tools
for package in $packages; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) || status=
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "roi: these packages are missing and you are neither root nor have sudo; ask for:$missing" >&2
        exit 1
    fi
    as_root=sudo
fi

echo "roi: installing$missing"
echo "roi: this takes a few minutes on a bare machine; what the package manager does follows"
apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 "$@" </dev/null; }
# shellcheck disable=SC2086  # a list of package names
if ! { apt update && apt install --no-install-recommends --yes $missing; }; then
    echo "roi: apt-get could not install$missing; is there a network?" >&2
    exit 1
fi
