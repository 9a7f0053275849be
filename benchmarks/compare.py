"""Compares roi with the libraries that are installed: equal results first, then time and memory.

    compare.py BUILD_FOLDER [--write TABLE.md] [--only NAME...] [--rounds 5] [--large] [--subject FOLDER]
               [--zlib-build FOLDER] [--peer NAME=COMMAND...]

BUILD_FOLDER holds benchmarks/driver, examples/roi_extraction, and benchmarks/peer_itk where it was built. Every
contender gets the same files, its results are checked against those of driver, then all run in turn, --rounds times.
The table has medians of CPU time (user and system, all threads) of one call and of the peak memory of the process,
input included. --large measures files of 951 MB too; --subject a folder of make_subject or haxby, for the whole
notebook, with --zlib-build also by a build without ISA-L. --peer adds a program of your own that takes the arguments
of call.hpp. Needs NumPy, SciPy and nibabel.
"""
import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

import numpy as np
from scipy import ndimage

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = ["scipy", "nilearn", "cc3d", "mrtrix3", "niimath"]


def same_partition(a, b):
    """Do both label the same sets of voxels?"""
    pairs = np.unique(np.stack([a, b]), axis=1)
    return len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]


def close(tolerance):
    def check(peer, ours, theirs):
        finite = np.isfinite(ours) & np.isfinite(theirs)
        scale = np.maximum(1.0, np.abs(ours[finite]))
        worst = np.max(np.abs(ours[finite].astype(np.float64) - theirs[finite]) / scale)
        return finite.mean() > 0.99 and worst <= tolerance, f"largest difference {worst:.1g}"
    return check


def same_clusters(peer, ours, theirs):
    """Peak and mm3 of every cluster; of equal peaks in any order, as nilearn has no rule."""
    ours, theirs = (sorted(map(tuple, rows.reshape(-1, 2))) for rows in (ours, theirs))
    return len(ours) == len(theirs) and np.allclose(ours, theirs, rtol=1e-6), f"{len(ours)} clusters, equal"


def equal(peer, ours, theirs):
    return np.array_equal(ours, theirs), "equal"


def labels(peer, ours, theirs):
    if peer == "scipy":
        return np.array_equal(ours, theirs), "equal, voxel for voxel"
    return same_partition(ours, theirs), "the same partition"


def run_data(frames, shape=(40, 64, 64), seed=1):
    random = np.random.default_rng(seed)
    level = ndimage.gaussian_filter(random.random(shape), 3).astype(np.float32) * 4000
    noise = random.integers(-500, 500, (frames,) + shape[::-1], dtype=np.int16)
    return noise.astype(np.float32) + level.T[None]


def blobs(n, seed=7):
    field = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal((n, n, n)).astype(np.float32), 4)
    return field > np.quantile(field[::4, ::4, ::4], 0.8)


class Data:
    """Input files, made when first asked for."""

    def __init__(self, folder, large):
        self.folder, self.large = folder, large

    def file(self, name, make):
        path = f"{self.folder}/{name}"
        if not os.path.exists(path):
            make().tofile(path)
        return path

    def run(self, frames):
        return self.file(f"run{frames}.f32", lambda: run_data(frames))

    def map(self):
        return self.file("p.f64", lambda: np.random.default_rng(3).random(163840) ** 8)

    def mask(self, n=163840):
        return self.file(f"mask{n}.u8", lambda: np.random.default_rng(4).random(n) < 0.3)

    def blobs(self):
        return self.file("blobs256.u8", lambda: blobs(256).ravel(order="F"))

    def noise(self):
        return self.file("noise256.u8", lambda: np.random.default_rng(7).random(256 ** 3) < 0.3)

    def volumes(self):
        """20 volumes of a run."""
        return self.file("volumes20.f32", lambda: run_data(20))

    def labels_of_2_mm(self):
        """An atlas as float, one volume."""
        def make():
            return ndimage.label(blobs(128)[:91, :109, :91])[0].astype(np.float32).ravel(order="F")
        return self.file("labels91.f32", make)

    def map_of_2_mm(self):
        def make():
            noise = np.random.default_rng(6).standard_normal((91, 109, 91)).astype(np.float32)
            map = ndimage.gaussian_filter(noise, 2)
            return (map / map.std()).ravel(order="F")
        return self.file("map91.f32", make)

    def brain_of_2_mm(self):
        """An ellipsoid of 237,303 voxels."""
        def make():
            x, y, z = np.ogrid[:91, :109, :91]
            return (((x - 45) / 36) ** 2 + ((y - 54) / 45) ** 2 + ((z - 42) / 35) ** 2 < 1).ravel(order="F")
        return self.file("brain91.u8", make)

    def subjects(self):
        """40 maps with an effect in a cube."""
        def make():
            random = np.random.default_rng(1)
            maps = np.empty((40, 91, 109, 91), np.float32)
            for map in maps:
                map[:] = 5 * ndimage.gaussian_filter(random.standard_normal(map.shape).astype(np.float32), 1.5)
                map[40:50, 50:60, 40:50] += 0.6
            return np.concatenate([map.ravel(order="F") for map in maps])
        return self.file("subjects91.f32", make)

    def components(self):
        return self.file("components256.i32", lambda: ndimage.label(blobs(256))[0].astype(np.int32).ravel(order="F"))

    def field(self):
        def make():
            noise = np.random.default_rng(5).standard_normal((256, 256, 256)).astype(np.float32)
            return ndimage.gaussian_filter(noise, 2).ravel(order="F")
        return self.file("field256.f32", make)

    def level_field(self):
        """The same round 10, so that sums are far from 0."""
        return self.file("level256.f32", lambda: 10 + np.fromfile(self.field(), np.float32))

    def atlas(self):
        """A fifth of the voxels: more than any notebook has."""
        def make():
            return ndimage.label(blobs(64)[:40])[0].astype(np.int32).ravel(order="F")
        return self.file("atlas.i32", make)

    def few_regions(self):
        """Six regions of 27 voxels, as the notebook finds them."""
        def make():
            atlas = np.zeros((40, 64, 64), np.int32)
            for k in range(6):
                atlas[4 + 5 * k:7 + 5 * k, 20 + 3 * k:23 + 3 * k, 24:27] = k + 1
            return atlas.ravel(order="F")
        return self.file("regions.i32", make)

    def image(self, frames):
        path = f"{self.folder}/run{frames}.nii.gz"
        if not os.path.exists(path):
            import nibabel
            values = np.fromfile(self.run(frames), np.float32).astype(np.int16)
            image = nibabel.Nifti1Image(values.reshape(40, 64, 64, frames, order="F"), np.eye(4))
            nibabel.openers.Opener.default_compresslevel = 6
            nibabel.save(image, path)
        return path


def functions(data):
    """Name: (function, input, arguments, type of the output, check)."""
    frames = 1452 if data.large else 200
    image, cube = ["40", "64", "64"], ["256", "256", "256"]
    work = {
        f"load 40x64x64x{frames} int16 .nii.gz": ("load", data.image, frames, [], "f4", equal),
        f"smooth 40x64x64x{frames} float, 6 mm": (
            "smooth", data.run, frames, image + [str(frames), "3.5", "3.75", "3.75", "6"], "f4", close(2e-6)),
        f"mean 40x64x64x{frames} float": ("mean", data.run, frames, image + [str(frames)], "f8", close(1e-6)),
        "ttest_ind 163840 voxels, 108 v 108": ("ttest_ind", data.run, 216, image + ["216", "108"], "f8", close(2e-3)),
        "ttest_ind 163840 voxels, 4 v 4": ("ttest_ind", data.run, 8, image + ["8", "4"], "f8", close(2e-3)),
        "f_classif 163840 voxels, 8 conditions, 216 volumes": (
            "f_classif", data.run, 216, image + ["216", "8"], "f8", close(2e-3)),
        "permute 40 maps of 91x109x91, 20 flips with enhancement": (
            "permute", data.subjects, None, ["91", "109", "91", "40", data.brain_of_2_mm(), "20"], "f8", close(1e-6)),
        "neg_log10 163840 voxels": ("neg_log10", data.map, None, image, "f8", close(1e-13)),
        "threshold and logical_and 163840 voxels": (
            "threshold_and", data.map, None, image + ["0.5", data.mask()], "?", equal),
        "labels_masker 1452 volumes, 6 regions": (
            "labels_masker", data.run, 1452, image + ["1452", data.few_regions()], "f8", close(1e-6)),
        "labels_masker 1452 volumes, a fifth of all voxels": (
            "labels_masker", data.run, 1452, image + ["1452", data.atlas()], "f8", close(1e-6)),
        f"save 40x64x64x{frames} float .nii.gz": ("save", data.run, frames, image + [str(frames)], None, None),
    }
    for name, connectivity in ("cross", "6"), ("box", "26"):
        work[f"dilate 256^3, {name}"] = ("dilate", data.blobs, None, cube + [connectivity], "?", equal)
        work[f"erode 256^3, {name}"] = ("erode", data.blobs, None, cube + [connectivity], "?", equal)
    work["count 256^3"] = ("count", data.blobs, None, cube, "f8", equal)
    work["regions 256^3, sizes, boxes and centres"] = ("regions", data.components, None, cube, "f8", close(1e-9))
    work["find_xyz_cut_coords 256^3"] = ("cut_coords", data.field, None, cube, "f8", close(1e-3))
    for function in "opening", "closing":
        for name, connectivity in ("cross", "6"), ("box", "26"):
            work[f"{function} 256^3, {name}"] = (function, data.blobs, None, cube + [connectivity], "?", equal)
    work["fill_holes 256^3 blobs"] = ("fill_holes", data.blobs, None, cube, "?", equal)
    work["fill_holes 256^3, 30 % noise"] = ("fill_holes", data.noise, None, cube, "?", equal)
    work["distance 256^3, 3.5 x 3.75 x 3.75 mm"] = ("distance", data.blobs, None, cube + ["3.5", "3.75", "3.75"], "f8",
                                                   close(1e-6))
    work["measure 256^3, all of 400 regions"] = ("measure", data.level_field, None, cube + [data.components()], "f8",
                                                 close(1e-5))
    work["clusters 91x109x91 of 2 mm"] = ("clusters", data.map_of_2_mm, None, ["91", "109", "91", "2", "1.5"], "f8",
                                          same_clusters)
    # From voxels of the result to those of the input; no place lies at an edge, where rounding would decide.
    to_2_mm = "0.5714 0 0 -5.3 0 0.5333 0 2.6 0 0 0.5333 7.2".split()
    turned = "0.56 0.06 0.01 -6.337 -0.06 0.53 0.02 4.613 -0.01 -0.02 0.53 8.237".split()
    to_run = "1.75 0 0 10.3 0 1.875 0 -5.2 0 0 1.875 -14.4".split()
    for name, rows in ("", to_2_mm), (", turned", turned):
        for how, order in ("cubic", "3"), ("linear", "1"):
            work[f"resample 40x64x64x20 to 91x109x91, {how}{name}"] = (
                "resample", data.volumes, None, image + ["20", "91", "109", "91", order, *rows], "f4", close(2e-5))
    work["resample 91x109x91 atlas to 40x64x64, nearest"] = (
        "resample", data.labels_of_2_mm, None, ["91", "109", "91", "1", *image, "0", *to_run], "f4", equal)
    for connectivity in "6", "26":
        for name, make in ("blobs", data.blobs), ("30 % noise", data.noise):
            work[f"label 256^3 {name}, {connectivity} neighbours"] = ("label", make, None, cube + [connectivity], "i4",
                                                                      labels)
    return work


def execute(command):
    """CPU milliseconds of the calls and peak MB, None where the contender has no such function."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode == 3:
        return None
    if done.returncode != 0:
        raise SystemExit(f"compare.py: failed with status {done.returncode}: {' '.join(command)}")
    lines = done.stdout.split("\n")
    peak = [float(line.split()[1]) for line in lines if line.startswith("peak")]
    return [float(line) for line in lines if line[:1].isdigit()], peak[0]


def compare_function(name, work, contenders, rounds, folder):
    function, make, size, arguments, kind, check = work
    path = make() if size is None else make(size)
    results, remarks, present, repeats = {}, {}, {}, {}

    def command(who, repeat):
        suffix = ".nii.gz" if function == "save" else ".raw"
        return contenders[who] + [function, path, f"{folder}/{who}{suffix}", str(repeat)] + arguments

    for who in contenders:
        first = execute(command(who, 1))
        if first is None:
            continue
        present[who] = []
        # Of short calls many: the first ones get their memory from the system, as an allocator's limits adapt.
        repeats[who] = 1 if first[0][0] > 1000 else 5 if first[0][0] > 20 else 50
        if kind:
            results[who] = np.fromfile(f"{folder}/{who}.raw", kind)
    for who in results:
        if who != "roi":
            fine, remarks[who] = check(who, results["roi"], results[who])
            if not fine:
                raise SystemExit(f"compare.py: {name}: results of roi and {who} differ: {remarks[who]}")
    if function == "save":
        import nibabel
        for who in present:
            stored = np.asarray(nibabel.load(f"{folder}/{who}.nii.gz").dataobj).ravel(order="F")
            if not np.array_equal(stored, np.fromfile(path, np.float32)):
                raise SystemExit(f"compare.py: {name}: {who} saved other values")
            remarks[who] = f"{os.path.getsize(f'{folder}/{who}.nii.gz') / 1e6:.1f} MB"
    for _ in range(rounds):
        for who in present:
            present[who].append(execute(command(who, repeats[who])))
    rows = []
    for who, runs in present.items():
        rows.append([name, who, statistics.median(statistics.median(times) for times, _ in runs),
                     statistics.median(peak for _, peak in runs), remarks.get(who, "")])
    return rows


# A process inherits the peak memory of the one that starts it, so a small one has to.
STARTER = """
import os, sys, time
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def time_program(command):
    """CPU milliseconds, wall milliseconds and peak MB of a program."""
    done = subprocess.run([sys.executable, "-S", "-E", "-c", STARTER, *command], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"compare.py: failed: {' '.join(command)}\n{done.stderr}")
    cpu, wall, kilobytes = (float(word) for word in done.stderr.split("\n")[-2].split())
    return cpu * 1e3, wall * 1e3, kilobytes / 1024


INFLATE = """
import sys, zlib
inflate = zlib.decompressobj(31)
with open(sys.argv[1], "rb") as file:
    while piece := file.read(1 << 18):
        inflate.decompress(piece)
"""


def compare_notebook(build, zlib_build, subject, rounds, folder):
    import nibabel
    bold = f"{subject}/bold.nii.gz"

    def extract(build, mode, output):
        return [f"{build}/examples/roi_extraction", "--bold", bold, "--labels", f"{subject}/labels.txt", "--mask",
                f"{subject}/mask4_vt.nii.gz", "--quiet", "--mode", mode, "--output", f"{folder}/{output}"]

    programs = {"roi stream": extract(build, "stream", "stream"), "roi memory": extract(build, "memory", "memory")}
    atlases = {"roi stream": "stream", "roi memory": "memory"}  # where each leaves its atlas
    if zlib_build:
        programs["roi stream, zlib only"] = extract(zlib_build, "stream", "zlib")
        programs["zlib's inflate alone"] = [sys.executable, "-S", "-E", "-c", INFLATE, bold]
        atlases["roi stream, zlib only"] = "zlib"
    programs["roi functions, floats in memory"] = [f"{build}/benchmarks/driver", "notebook", subject,
                                                   f"{folder}/functions.raw", "1"]
    atlases["roi functions, floats in memory"] = "functions.raw"
    for peer in "scipy", "nilearn":
        command = [sys.executable, f"{HERE}/peers.py", peer, "notebook", subject, f"{folder}/{peer}.raw", "1"]
        if execute(command) is not None:
            programs[peer] = command
            atlases[peer] = f"{peer}.raw"
    for tool in "igzip", "pigz", "gzip":
        if shutil.which(tool):
            programs[f"{tool} -dc alone"] = [tool, "-dc", bold]

    def atlas(who):
        place = f"{folder}/{atlases[who]}"
        if place.endswith(".raw"):
            return np.fromfile(place, np.int32)
        return np.asarray(nibabel.load(f"{place}/mask_atlas.nii.gz").dataobj).astype(np.int32).ravel(order="F")

    for who in atlases:
        time_program(programs[who])
        if not np.array_equal(atlas(who), atlas("roi stream")):
            raise SystemExit(f"compare.py: notebook: the atlas of {who} differs from that of roi stream")

    runs = {who: [] for who in programs}
    turns = random.Random(0)
    for _ in range(rounds):
        for who in turns.sample(list(programs), len(programs)):
            runs[who].append(time_program(programs[who]))
    medians = {who: [statistics.median(column) for column in zip(*times)] for who, times in runs.items()}
    floor = medians.get("igzip -dc alone")
    rows = []
    for who, (cpu, wall, peak) in medians.items():
        remarks = [f"wall {wall:.0f} ms"]
        if floor:
            remarks.append(f"{cpu / floor[0]:.2f} and {wall / floor[1]:.2f} x igzip")
        if who in atlases and who != "roi stream":
            remarks.append("atlas equal")
        rows.append(["whole notebook", who, cpu, peak, "; ".join(remarks)])
    return rows


def include_cost(rounds, folder):
    """What a file pays to the compiler."""
    compiler = os.environ.get("CXX", "c++")
    flags = ["-std=c++20", "-O0", f"-I{HERE}/../include", "-isystem", "/usr/include/eigen3", "-isystem",
             "/usr/include/nifti", "-c", "-o", f"{folder}/cost.o"]
    headers = ["roi/roi.hpp", "roi/image/volume.hpp", "roi/spatial/smooth.hpp", "roi/stats/ttest_ind.hpp", "roi/regions/label.hpp", "roi/io/load.hpp",
               "Eigen/Core", "boost/math/distributions/students_t.hpp"]
    times = {header: [] for header in headers}
    for _ in range(rounds):
        for header in headers:
            source = f"{folder}/cost.cpp"
            with open(source, "w") as file:
                file.write(f"#include <{header}>\nint main() {{}}\n")
            times[header].append(time_program([compiler, *flags, source]))
    rows = []
    for header, runs in times.items():
        rows.append(["include, -O0", f"<{header}>", statistics.median(run[0] for run in runs),
                     statistics.median(run[2] for run in runs), ""])
    return rows


def table(rows):
    lines = ["| work | who | CPU ms | times roi | peak MB | |", "| --- | --- | ---: | ---: | ---: | --- |"]
    ours = {}
    for name, who, cpu, peak, remark in rows:
        base = ours.setdefault(name, cpu)
        ratio = "" if base == cpu or name.startswith("include") else f"{cpu / base:.1f}"
        lines.append(f"| {name} | {who} | {cpu:.3g} | {ratio} | {peak:.0f} | {remark} |"
                     if cpu < 1000 else f"| {name} | {who} | {cpu:.0f} | {ratio} | {peak:.0f} | {remark} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--write")
    parser.add_argument("--only", nargs="*", default=[""], help="names that start with one of these")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--subject")
    parser.add_argument("--zlib-build")
    parser.add_argument("--peer", nargs="*", default=[])
    options = parser.parse_args()

    contenders = {"roi": [f"{options.build}/benchmarks/driver"]}
    contenders |= {peer: [sys.executable, f"{HERE}/peers.py", peer] for peer in PEERS}
    if os.path.exists(f"{options.build}/benchmarks/peer_itk"):
        contenders["itk"] = [f"{options.build}/benchmarks/peer_itk"]
    contenders |= {name: command.split() for name, command in (peer.split("=", 1) for peer in options.peer)}

    def wanted(name):
        return any(name.startswith(start) for start in options.only)

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        if options.subject and wanted("notebook"):
            rows += compare_notebook(options.build, options.zlib_build, options.subject, options.rounds, folder)
            print(table(rows), flush=True)
        data = Data(folder, options.large)
        for name, work in functions(data).items():
            if wanted(name):
                new = compare_function(name, work, contenders, options.rounds, folder)
                rows += new
                print(table(new), flush=True)
        if wanted("include"):
            rows += include_cost(options.rounds, folder)
    print(table(rows))
    if options.write:
        with open(options.write, "w") as file:
            file.write(table(rows))


if __name__ == "__main__":
    main()
