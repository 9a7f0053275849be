"""peer_nifti_tool.py FOLDER: does nifti_clib's own program find nothing wrong in what we save?"""

import subprocess
import sys

import samples

CODES = dict(uint8=2, int16=4, int32=8, float32=16, float64=64, int8=256, uint16=512, uint32=768, int64=1024,
             uint64=1280)


def run(*arguments):
    done = subprocess.run(["nifti_tool", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def field(text, name):
    for line in text.splitlines():
        words = line.split()
        if words and words[0] == name:
            return words[3:]
    return None


report = samples.Report()
for sample in samples.read(sys.argv[1]):
    # Its check of raw headers knows NIfTI-1 only.
    checks = ["-check_nim"] if "-v2" in sample.name else ["-check_hdr", "-check_nim"]
    status, text = run(*checks, "-infiles", sample.path)
    report.check(sample, "check: " + text, (status, "FAILURE" in text), (0, False))
    status, text = run("-disp_nim", "-infiles", sample.path)
    report.check(sample, "display: " + text[-200:], status, 0)
    dims = field(text, "dim") or []
    report.check(sample, "dim", [int(n) for n in dims[1:1 + len(sample.shape)]], sample.shape)
    report.check(sample, "datatype", field(text, "datatype"), [str(CODES[sample.type])])
    report.check(sample, "extensions", field(text, "num_ext"), ["2"])
    at = [str(n - 1) for n in sample.shape] + ["0"] * (7 - len(sample.shape))
    status, text = run("-disp_ci", *at, "-infiles", sample.path)
    report.check(sample, "last voxel: " + text, status, 0)
    # It prints stored numbers, and none of type uint64.
    if not sample.name.startswith(("scaled", "uint64")):
        report.check(sample, "last voxel", float(text.split()[-1]), sample.values[-1])
report.end()
