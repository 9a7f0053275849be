"""How the time and memory of roi_extraction grow with the length of a run, the size of a volume and the threads.

    scaling.py BUILD_FOLDER [--write TABLE.md] [--plot FIGURE.svg] [--rounds 5]

Makes runs of noise (int16, .nii.gz) in a temporary folder, measures both modes in turn and fits slopes. Needs NumPy
and nibabel, for the figure matplotlib, and about 2 GB of disk.
"""
import argparse
import gzip
import statistics
import tempfile

import nibabel
import numpy as np

from compare import time_program

LENGTHS = [10, 100, 1000, 4840, 14520]
SIZES = [64, 96, 128, 192, 256]
LENGTH_SHAPE, SIZE_FRAMES = (16, 16, 16), 12


def make(folder, shape, frames):
    """A run whose volumes are made one by one, so that its length costs no memory here."""
    random = np.random.default_rng(1)
    image = nibabel.Nifti1Image(np.zeros((1, 1, 1, 1), np.int16), np.diag([3.0, 3.0, 3.0, 1.0]))
    header = image.header.copy()
    header.set_data_shape(shape + (frames,))
    header["vox_offset"] = 352
    bold = f"{folder}/{shape[0]}_{frames}.nii.gz"
    with gzip.open(bold, "wb", compresslevel=1) as file:
        file.write(header.binaryblock + bytes(4))
        for _ in range(frames):
            file.write(random.integers(1000, 1064, shape, dtype=np.int16).tobytes())
    labels = f"{folder}/{frames}.txt"
    with open(labels, "w") as file:
        file.write("labels chunks\n")
        file.writelines(f"{('face', 'house', 'rest')[t % 3]} 0\n" for t in range(frames))
    return bold, labels


def measure(build, folder, runs, threads, rounds):
    """{(mode, threads): [(CPU ms, wall ms, MB) of every run]}, medians of interleaved rounds."""
    cases = [(mode, count) for mode in ("stream", "memory") for count in threads]
    times = {case: [[] for _ in runs] for case in cases}
    for _ in range(rounds):
        for i, (bold, labels) in enumerate(runs):
            for mode, count in cases:
                command = [f"{build}/examples/roi_extraction", "--bold", bold, "--labels", labels, "--mode", mode,
                           "--threads", str(count), "--output", f"{folder}/out", "--quiet"]
                times[mode, count][i].append(time_program(command))
    return {case: [tuple(statistics.median(column) for column in zip(*runs)) for runs in all_runs]
            for case, all_runs in times.items()}


def exponent(x, y):
    """b of y = a x^b, from the larger half, where fixed costs no longer count."""
    half = len(x) // 2
    return np.polyfit(np.log(x[half:]), np.log(y[half:]), 1)[0]


def table(title, unit, x, measured):
    lines = [f"### {title}", "",
             "| mode | threads | " + " | ".join(f"{n}" for n in x) + " | slope |", "| --- " * (len(x) + 3) + "|"]
    for (mode, threads), values in measured.items():
        cpu, wall, peak = (np.array(column) for column in zip(*values))
        cells = " | ".join(f"{c:.0f} / {w:.0f} ms, {m:.0f} MB" for c, w, m in values)
        slope = (f"CPU ~ n^{exponent(x, cpu):.2f}, {np.polyfit(x, cpu, 1)[0]:.3g} ms a {unit}; "
                 f"memory {np.polyfit(x, peak, 1)[0] * 1024:.3g} KB a {unit}")
        lines.append(f"| {mode} | {threads} | {cells} | {slope} |")
    return "\n".join(lines) + "\n"


def plot(path, panels):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "roi"
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(2, len(panels), figsize=(10, 6.5), sharex="col")
    colors = {"stream": "#0072b2", "memory": "#d55e00"}
    for column, (label, x, measured) in zip(axes.T, panels):
        for (mode, threads), values in measured.items():
            line = "-" if threads == 1 else "--"
            name = f"{mode}, {threads} thread" + ("s" if threads > 1 else "")
            _, wall, peak = (np.array(row) for row in zip(*values))
            unit = label.split()[0].rstrip(",s")
            for axis, y, slope in ((column[0], wall / 1000, f"{np.polyfit(x, wall * 1000, 1)[0]:.2g} µs"),
                                   (column[1], peak, f"{np.polyfit(x, peak * 2 ** 20, 1)[0]:.0f} bytes")):
                axis.loglog(x, y, line, marker="o", color=colors[mode], label=f"{name}: {slope} a {unit}")
        column[0].set_ylabel("wall time, s")
        column[1].set_ylabel("peak memory, MB")
        column[1].set_xlabel(label)
        for axis in column:
            axis.legend(frameon=False, fontsize="small")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--write")
    parser.add_argument("--plot")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = [make(folder, LENGTH_SHAPE, frames) for frames in LENGTHS]
        lengths = measure(options.build, folder, runs, (1, 2), options.rounds)
        runs = [make(folder, (n, n, n), SIZE_FRAMES) for n in SIZES]
        sizes = measure(options.build, folder, runs, (1, 2), options.rounds)
    voxels = [n ** 3 for n in SIZES]
    text = (table(f"Volumes of {' x '.join(map(str, LENGTH_SHAPE))} voxels, CPU / wall time and memory", "volume",
                  LENGTHS, lengths) + "\n" +
            table(f"Voxels of each of {SIZE_FRAMES} volumes, CPU / wall time and memory", "voxel", voxels, sizes))
    print(text)
    if options.write:
        with open(options.write, "w") as file:
            file.write(text)
    if options.plot:
        plot(options.plot, [(f"volumes of {LENGTH_SHAPE[0]}³ voxels", LENGTHS, lengths),
                            (f"voxels, {SIZE_FRAMES} volumes", voxels, sizes)])


if __name__ == "__main__":
    main()
