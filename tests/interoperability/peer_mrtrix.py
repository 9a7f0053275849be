"""peer_mrtrix.py FOLDER: does MRtrix3 read what we save as we meant it?"""

import subprocess
import sys

import samples

# Otherwise MRtrix3 turns and mirrors images towards its own axes, and so the numbers it prints.
AS_STORED = ["-quiet", "-config", "RealignTransform", "false"]


def run(program, sample, *options):
    # It knows pairs by the name of their voxels.
    path = sample.path.replace("-pair.hdr", "-pair.img")
    done = subprocess.run([program, path, *options, *AS_STORED], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode("utf-8", "replace")


def numbers(text):
    return [float(word) for word in text.split()]


report = samples.Report()
for sample in samples.read(sys.argv[1]):
    status, text, problem = run("mrinfo", sample, "-size")
    report.check(sample, "opens: " + problem, status, 0)
    if status != 0:
        continue
    size = [int(n) for n in text.split()]
    report.check(sample, "size", size, sample.shape)
    spacing = numbers(run("mrinfo", sample, "-spacing")[1])
    if len(sample.shape) == 4:
        report.check(sample, "repetition time", spacing[3], sample.time_step)
    transform = numbers(run("mrinfo", sample, "-transform")[1])
    found = [transform[i] * (spacing[i % 4] if i % 4 < 3 else 1.0) for i in range(12)]
    # It keeps a rotation and voxel sizes, so of a sheared affine only the lengths can agree.
    if sample.name.split(".")[0] in ("mask", "labels", "scaled"):
        lengths = [sum(sample.affine[4 * row + column] ** 2 for row in range(3)) ** 0.5 for column in range(3)]
        report.check_values(sample, "voxel size", spacing[:3], lengths, 1e-4)
    else:
        report.check_values(sample, "affine", found, sample.affine, 1e-4)
    if sample.name.startswith("scaled"):  # mrdump prints integers for integer types, whatever their scaling
        text = run("mrstats", sample, "-output", "min", "-output", "max")[1]
        report.check_values(sample, "range", numbers(text), [min(sample.values), max(sample.values)], 1e-3)
        continue
    status, text, problem = run("mrdump", sample)
    report.check(sample, "voxels: " + problem, status, 0)
    report.check_values(sample, "values", numbers(text), list(sample.values), max(sample.tolerance, 1e-4))
report.end()
