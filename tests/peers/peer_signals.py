"""Signals of regions and their cleaning against NumPy and SciPy, on random cases: peer_signals.py ROI CASES [SEED]."""
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import nibabel as nib
    import numpy as np
    from scipy.interpolate import CubicSpline
    from scipy.linalg import lstsq, qr
    from scipy.signal import butter, sosfiltfilt
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(0)

ROI, CASES = sys.argv[1], int(sys.argv[2])
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 20260122
EPS = np.finfo(float).eps


def roi(*words):
    done = subprocess.run([ROI, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"roi {' '.join(map(str, words))}: {done.stderr}")
    return done.stdout


def table(text):
    lines = text.splitlines()
    rows = [[float("nan") if field == "n/a" else float(field) for field in line.split("\t")] for line in lines[1:]]
    return lines[0].split("\t"), np.array(rows).reshape(len(rows), -1)


def detrended(x):
    if len(x) < 2:
        return x
    ramp = np.arange(len(x)) - (len(x) - 1) / 2
    ramp /= np.linalg.norm(ramp)
    x = x - x.mean(0)
    return x - np.outer(ramp, ramp @ x)


def zscored(x):
    sd = x.std(0, ddof=1)
    return (x - x.mean(0)) / np.where(sd < EPS, 1, sd)


def cleaned(x, detrend, standardize, confounds, low, high, kind, t_r, kept):
    n = len(x)
    c = np.zeros((n, 0)) if confounds is None else confounds
    if kind == "cosine" and high:
        count = min(n - 1, int(np.floor(2 * n * high * t_r)))
        drifts = [np.sqrt(2 / n) * np.cos(np.pi * (np.arange(n) + .5) * k / n) for k in range(1, count + 1)]
        c = np.column_stack([c, *drifts])
    butterworth = kind == "butterworth" and (low or high)
    inside = np.arange(n)
    if kept is not None and butterworth:
        for values in (x, c):
            if values.shape[1]:
                values[:] = np.where(np.isin(inside, kept)[:, None], values, CubicSpline(kept, values[kept])(inside))
        x, c = x[kept[0]:kept[-1] + 1], c[kept[0]:kept[-1] + 1]
    elif kept is not None:
        x, c = x[kept], c[kept]
    means = x.mean(0)
    if detrend:
        x, c = detrended(x), detrended(c)
    if butterworth:
        band = [f for f in (high, low) if f]
        sos = butter(5, band if len(band) == 2 else band[0], "band" if len(band) == 2 else "low" if low else "high",
                     output="sos", fs=1 / t_r)
        x = sosfiltfilt(sos, x, axis=0)
        c = sosfiltfilt(sos, c, axis=0) if c.shape[1] else c
        if kept is not None:
            x, c = x[kept - kept[0]], c[kept - kept[0]]
    if c.shape[1]:
        q, r, _ = qr(zscored(c), mode="economic", pivoting=True)
        q = q[:, np.abs(np.diag(r)) > 100 * EPS]
        x = x - q @ (q.T @ x)
    if standardize == "zscore_sample":
        return zscored(x)
    if standardize == "psc":
        lost = detrend | (np.abs(x.mean(0)) < .1 * np.abs(means))
        x = np.where(lost, x + means, x - x.mean(0) + means if butterworth and high else x)
        return 100 * (x - x.mean(0)) / np.abs(x.mean(0))
    return x


def close(found, expected, tolerance, what):
    scale = max(1.0, float(np.nanmax(np.abs(expected), initial=0.0)))
    assert found.shape == expected.shape, f"{what}: {found.shape} instead of {expected.shape}"
    worst = float(np.nanmax(np.abs(found - expected), initial=0.0)) / scale
    assert worst <= tolerance, f"{what}: differs by {worst}"


def regions_case(random, folder):
    shape = tuple(random.integers(2, 8, 3))
    volumes = int(random.integers(1, 12))
    affine = np.diag([*random.uniform(1, 4, 3), 1])
    run = random.normal(100, 20, (*shape, volumes))
    atlas = random.integers(-1, 5, shape).astype(np.int16)
    maps = np.where(random.random((*shape, 3)) < .4, random.normal(size=(*shape, 3)), 0).astype(np.float32)
    for name, values in (("run", run), ("atlas", atlas), ("maps", maps)):
        nib.save(nib.Nifti1Image(values, affine), folder / f"{name}.nii")
    labels = [label for label in np.unique(atlas) if label != 0]
    statistics = {"mean": np.mean, "sum": np.sum, "std": np.std, "variance": np.var, "min": np.min, "max": np.max,
                  "median": np.median}
    if labels:
        words = [word for name in statistics for word in ("--statistic", name)]
        names, found = table(roi("signals", folder / "run.nii", "--labels", folder / "atlas.nii", *words))
        assert names == [f"label_{label}_{name}" for label in labels for name in statistics], names
        expected = np.array([[function(run[atlas == label, t]) for label in labels for function in statistics.values()]
                             for t in range(volumes)])
        close(found, expected, 1e-12, "statistics")
        _, found = table(roi("signals", folder / "run.nii", "--labels", folder / "atlas.nii", "--statistic", "eigenvariate"))
        for column, label in enumerate(labels):
            y = run[atlas == label].T
            u, s, v = np.linalg.svd(y, full_matrices=False)
            sign = np.sign(v[0].sum())
            close(found[:, column], sign * u[:, 0] * s[0] / np.sqrt(y.shape[1]), 1e-9, "eigenvariate")
    weights = maps.reshape(-1, 3).astype(float)
    if np.linalg.matrix_rank(weights) == 3 and np.linalg.cond(weights) < 1e3:
        _, found = table(roi("signals", folder / "run.nii", "--maps", folder / "maps.nii"))
        close(found, lstsq(weights, run.reshape(-1, volumes))[0].T, 1e-9, "maps")


def clean_case(random, folder):
    # One run, or two that were joined.
    lengths = random.integers(40, 90, random.integers(1, 3))
    n, runs = int(lengths.sum()), np.repeat(np.arange(len(lengths)), lengths)
    x = random.normal(100, 10, (n, 3)) + np.outer(np.arange(n), random.normal(0, .3, 3))
    np.savetxt(folder / "x.tsv", x, fmt="%.17g", delimiter="\t", header="a\tb\tc", comments="")
    words, confounds, kept = [], None, None
    detrend = bool(random.integers(2))
    if detrend:
        words.append("--detrend")
    standardize = random.choice(["", "zscore_sample", "psc"])
    if standardize:
        words += ["--standardize", standardize]
    if random.integers(2):
        confounds = random.normal(size=(n, 4))
        np.savetxt(folder / "c.tsv", confounds, fmt="%.17g", delimiter="\t", header="p\tq\tr\ts", comments="")
        words += ["--confounds", folder / "c.tsv"]
    kind = random.choice(["butterworth", "cosine"])
    low = .1 if kind == "butterworth" and random.integers(2) else None
    high = .02 if random.integers(2) else None
    words += ["--t-r", 2, "--filter", kind] if low or high else []
    words += ["--low-pass", low] if low else []
    words += ["--high-pass", high] if high else []
    if random.integers(2):
        kept = np.flatnonzero(random.random(n) < .95)
        np.savetxt(folder / "kept.txt", kept, fmt="%d")
        words += ["--sample-mask", folder / "kept.txt"]
    computes = detrend or standardize or confounds is not None or low or high
    if not computes and kept is None:  # nothing to do is wrong usage
        return
    if len(lengths) > 1 and computes:
        np.savetxt(folder / "runs.txt", runs, fmt="%d", header="run", comments="")
        words += ["--chunks", "run", "--chunk-table", folder / "runs.txt"]
    _, found = table(roi("clean", folder / "x.tsv", *words))
    expected = np.vstack([
        cleaned(x[runs == run], detrend, standardize, None if confounds is None else confounds[runs == run], low, high, kind,
                2.0, None if kept is None else kept[runs[kept] == run] - np.flatnonzero(runs == run)[0])
        for run in range(len(lengths))])
    close(found, expected, 1e-9, f"clean {' '.join(map(str, words))}")


def main():
    for case in range(CASES):
        random = np.random.default_rng([SEED, case])
        with tempfile.TemporaryDirectory() as name:
            try:
                (regions_case if case % 2 else clean_case)(random, Path(name))
            except AssertionError as error:
                sys.exit(f"case {case}, seed {SEED}: {error}")
    print(f"{CASES} cases")


main()
