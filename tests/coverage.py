#!/usr/bin/env python3
"""Which branches of the readers of files the tests never take.

    cmake --preset coverage && cmake --build --preset coverage && python3 tests/coverage.py

Runs the tests of that build, counts both ways of every condition in the files below, and compares those that are never taken
with coverage.txt, which says of each why. Fails for one that is not listed; says which of the list are taken by now.
--list writes the list anew: reasons that are known are kept, the others are "?".
"""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
build = os.path.join(root, "build", "coverage", "tests")
listed = os.path.join(root, "tests", "coverage.txt")
measured = re.compile(
    r"include/roi/(io/(?!detail/(mgh|voxel_encode|nifti/(pack|write|names))|save|image_info)|table/)[^ ]*\.hpp$")


def counts():
    """(file, line, column, length) of a condition to how often it was true and false, summed over instantiations."""
    out = collections.defaultdict(lambda: [0, 0])
    with tempfile.TemporaryDirectory() as folder:
        for name in ("io_tests", "table_tests"):
            program, raw, profile = (os.path.join(folder, name + end) for end in ("", ".raw", ".profile"))
            program = os.path.join(build, name)
            done = subprocess.run([program], env={**os.environ, "LLVM_PROFILE_FILE": raw + "-%p"}, cwd=folder,
                                  stdout=subprocess.DEVNULL)
            if done.returncode != 0:
                sys.exit(f"{name} fails")
            raws = [os.path.join(folder, one) for one in os.listdir(folder) if one.startswith(name + ".raw")]
            # Children that were killed leave profiles without an end.
            subprocess.run(["llvm-profdata", "merge", "-sparse", "-failure-mode=all", "-o", profile, *raws], check=True,
                           stderr=subprocess.DEVNULL)
            exported = subprocess.run(["llvm-cov", "export", program, "-instr-profile", profile], check=True,
                                      stdout=subprocess.PIPE).stdout
            for function in json.loads(exported)["data"][0]["functions"]:
                files = function["filenames"]
                for first, column, last, end, true, false, number, *_ in function["branches"]:
                    path = os.path.relpath(files[number], root)
                    if measured.match(path):
                        both = out[path, first, column, last, end]
                        both[0] += true
                        both[1] += false
    return out


def text_of(path, first, column, last, end):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        lines = file.read().split("\n")[first - 1:last]
    lines[-1] = lines[-1][:end - 1]
    lines[0] = lines[0][column - 1:]
    return " ".join(" ".join(lines).split())


def known():
    out = {}
    if os.path.exists(listed):
        with open(listed, encoding="utf-8") as file:
            for line in file:
                if line.strip() and not line.startswith("#"):
                    *key, reason = line.rstrip("\n").split("\t")
                    out[tuple(key)] = reason
    return out


def main():
    reasons, found, where = known(), [], {}
    all_ways, per_file = 0, collections.defaultdict(lambda: [0, 0])
    for place, (true, false) in sorted(counts().items()):
        path = place[0].removeprefix("include/roi/")
        if true + false == 0 and text_of(*place).startswith(("sizeof", "std::is_", "use_")):
            continue
        for side, count in (("true", true), ("false", false)):
            all_ways += 1
            per_file[path][0] += 1
            if count > 0:
                continue
            per_file[path][1] += 1
            key = (path, side, text_of(*place))
            where.setdefault(key, place[1])
            if key not in found:
                found.append(key)
    for path, (ways, missed) in per_file.items():
        print(f"{path}: {ways - missed} of {ways}")
    missed = sum(one[1] for one in per_file.values())
    print(f"{all_ways - missed} of {all_ways} ways are taken ({100 * (all_ways - missed) / all_ways:.1f} %)")
    if "--list" in sys.argv:
        with open(listed, "w", encoding="utf-8") as file:
            file.write("# Ways of conditions that no test takes, and why: file, side, condition, reason. See coverage.py.\n")
            for key in found:
                file.write("\t".join((*key, reasons.get(key, "?"))) + "\n")
        return
    for key in reasons:
        if key not in found:
            print("is taken by now, or gone:", *key)
    new = [key for key in found if key not in reasons]
    for key in new:
        print(f"never {key[1]}: {key[0]}:{where[key]}: {key[2]}")
    sys.exit(1 if new else 0)


main()
