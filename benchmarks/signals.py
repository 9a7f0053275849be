"""Signals of a thousand regions beside the decompression that nobody can leave out, and cleaning beside the peer's steps.

    signals.py BUILD_FOLDER --subject FOLDER [--rounds 5]

FOLDER is one subject of `make_subject FOLDER --size full`. `igzip -dc` and `roi signals` run in turn: means, ten summaries and
least squares of sparse maps, each in one pass, for cubes that fill the grid and for parcels of a brain. The table of signals
is written. `clean` is nilearn's `signal.clean` in NumPy and SciPy, on one thread: trends, band-pass, 36 confounds, z scores;
of roi the time of the command is given without that of a command that reads and writes the same table and cleans nothing.
Needs NumPy, SciPy and nibabel.
"""
import argparse
import os
import statistics
import tempfile
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import nibabel  # noqa: E402
import numpy as np  # noqa: E402
from scipy import linalg, signal  # noqa: E402
from scipy.spatial import cKDTree  # noqa: E402

from compare import time_program  # noqa: E402

ALL = "mean,sum,std,variance,min,max,median,trimmed_mean,winsorized_mean,count"


def make_regions(bold, folder):
    """A thousand cubes, parcels and sparse maps on the grid of a run."""
    image = nibabel.load(bold)
    shape = image.shape[:3]
    random = np.random.default_rng(5)
    where = np.indices(shape)
    cubes = sum(10**axis * (where[axis] * 10 // shape[axis]) for axis in range(3)) + 1
    middle = [(length - 1) / 2 for length in shape]
    brain = sum(((where[axis] - middle[axis]) / (0.45 * shape[axis])) ** 2 for axis in range(3)) < 1
    voxels = np.argwhere(brain)
    seeds = voxels[random.choice(len(voxels), 1000, replace=False)]
    parcels = np.zeros(shape, np.int16)
    parcels[brain] = cKDTree(seeds).query(voxels)[1] + 1
    maps = np.zeros(shape + (1000,), np.float32)
    for i, seed in enumerate(seeds):
        near = tuple(slice(max(0, place - 3), place + 4) for place in seed)
        blob = np.exp(-sum((where[axis][near] - seed[axis]) ** 2 for axis in range(3)) / (2 * 1.2**2))
        maps[near + (i,)] = np.where(blob < 0.05, 0, blob)
    for name, values in (("cubes", cubes.astype(np.int16)), ("parcels", parcels), ("maps", maps)):
        nibabel.save(nibabel.Nifti1Image(values, image.affine), f"{folder}/{name}.nii.gz")


def clean(values, confounds, t_r, low_pass, high_pass):
    """The steps of nilearn's `signal.clean`."""

    def detrended(series):
        series = series - series.mean(axis=0)
        ramp = np.arange(len(series), dtype=float)
        ramp -= ramp.mean()
        ramp /= np.sqrt((ramp**2).sum())
        return series - np.outer(ramp, ramp @ series)

    def standardized(series):
        series = series - series.mean(axis=0)
        return series / series.std(axis=0, ddof=1)

    sections = signal.butter(5, [high_pass, low_pass], btype="band", fs=1 / t_r, output="sos")
    values = signal.sosfiltfilt(sections, detrended(values), axis=0)
    confounds = standardized(signal.sosfiltfilt(sections, detrended(confounds), axis=0))
    basis = linalg.qr(confounds, mode="economic", pivoting=True)[0]
    return standardized(values - basis @ (basis.T @ values))


def measure(commands, rounds):
    """Medians of CPU seconds and the most MB of commands that run in turn."""
    runs = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(time_program(command))
    return {name: (statistics.median(cpu for cpu, _, _ in times) / 1000, max(mb for _, _, mb in times))
            for name, times in runs.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--subject", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    roi, bold = f"{options.build}/examples/roi", f"{options.subject}/bold.nii.gz"
    with tempfile.TemporaryDirectory() as folder:
        make_regions(bold, folder)
        out = ["-o", f"{folder}/out.tsv"]
        commands = {"igzip -dc": ["igzip", "-dc", bold]}
        for kind in ("cubes", "parcels"):
            labels = [roi, "signals", bold, "--labels", f"{folder}/{kind}.nii.gz", *out]
            commands[f"{kind}, mean"] = labels
            commands[f"{kind}, ten summaries"] = [*labels, "--statistic", ALL]
        commands["maps, least squares"] = [roi, "signals", bold, "--maps", f"{folder}/maps.nii.gz", *out]
        times = measure(commands, options.rounds)
        igzip = times["igzip -dc"][0]
        for name, (cpu, mb) in times.items():
            print(f"{name:24} {cpu:6.2f} s {cpu / igzip:6.2f} x igzip {mb:5.0f} MB")

        random = np.random.default_rng(1)
        values = 1000 + random.normal(size=(1452, 1000)).cumsum(0) + random.normal(size=(1452, 1000)) * 5
        confounds = random.normal(size=(1452, 36)).cumsum(0)
        for name, table in (("signals", values), ("confounds", confounds)):
            np.savetxt(f"{folder}/{name}.tsv", table, delimiter="\t", fmt="%.17g", comments="",
                       header="\t".join(f"c{i}" for i in range(table.shape[1])))
        np.savetxt(f"{folder}/all.txt", np.ones(1452), fmt="%d")
        command = [roi, "clean", f"{folder}/signals.tsv", "--threads", "1", *out]
        times = measure({
            "nothing": [*command, "--sample-mask", f"{folder}/all.txt"],
            "clean": [*command, "--detrend", "--standardize", "zscore_sample", "--confounds", f"{folder}/confounds.tsv",
                      "--high-pass", "0.01", "--low-pass", "0.1", "--t-r", "2.5"],
        }, options.rounds)
        ours = times["clean"][0] - times["nothing"][0]
        peer = []
        for _ in range(options.rounds):
            start = time.process_time()
            expected = clean(values, confounds, 2.5, 0.1, 0.01)
            peer.append(time.process_time() - start)
        worst = np.abs(np.loadtxt(f"{folder}/out.tsv", skiprows=1) - expected).max()
        print(f"clean: {ours:.3f} s, NumPy and SciPy {statistics.median(peer):.3f} s; largest difference {worst:.1g}")


if __name__ == "__main__":
    main()
