#!/usr/bin/env python3
"""Compares roi with nilearn itself on random cases: nilearn_cases.py ROI [CASES] [SEED] [FUNCTION...].

ROI is the program; every function gets CASES (20) cases. Written for nilearn 0.14; without it, it skips with a word. What
differs on purpose (docs/numerics.md) is left out here, or nilearn is put right first; the reason stands beside it, and the
cases it was needed for are counted.
"""
import itertools
import os
import subprocess
import sys
import tempfile
import warnings
from collections import Counter

try:
    import nibabel as nib
    import nilearn
    import numpy as np
    from nilearn import image, masking, signal
    from nilearn._utils import segmentation
    from nilearn.glm import threshold_stats_img
    from nilearn.maskers import NiftiLabelsMasker, NiftiMapsMasker, NiftiMasker, NiftiSpheresMasker
    from nilearn.mass_univariate import _utils as enhancement
    from nilearn.mass_univariate import permuted_least_squares as permuted
    from nilearn.regions import RegionExtractor
    from nilearn.reporting import get_clusters_table
    from scipy import ndimage
    from scipy.sparse.linalg import spsolve
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(0)
if tuple(int(part) for part in nilearn.__version__.split(".")[:2]) < (0, 14):
    print(f"skipped: nilearn {nilearn.__version__}; these cases are for 0.14")
    sys.exit(0)

DEVIATIONS = Counter()


def run(*words):
    return subprocess.run([ROI, *map(str, words)], capture_output=True, text=True)


def roi(*words):
    done = run(*words)
    check(done.returncode == 0, f"roi {' '.join(map(str, words))}: {done.stderr}")
    return done.stdout


def check(condition, *what):
    if not condition:
        raise AssertionError(" ".join(map(str, what)))


def table(text):
    lines = text.splitlines()
    rows = [[float("nan") if field == "n/a" else float(field) for field in line.split("\t")] for line in lines[1:]]
    return lines[0].split("\t"), np.array(rows).reshape(len(rows), -1)


def save(name, data, affine):
    """Saves and loads, so that nilearn has the affine of the file, which is float32."""
    nib.save(nib.Nifti1Image(data, affine), name)
    return nib.load(name)


def load(name):
    return np.asanyarray(nib.load(name).dataobj)


def close(found, expected, tolerance, *what):
    """Differences against the largest value expected."""
    check(found.shape == expected.shape, *what, f"{found.shape} instead of {expected.shape}")
    check(np.array_equal(np.isnan(found), np.isnan(expected)), *what, "NaN elsewhere:", np.isnan(found).sum(),
          np.isnan(expected).sum())
    scale = float(np.nanmax(np.abs(expected), initial=0)) or 1.0
    far = np.nan_to_num(np.abs(found - expected)) / scale
    if far.size and far.max() > tolerance:
        place = tuple(int(one) for one in np.unravel_index(far.argmax(), far.shape))
        check(False, *what, f"differs by {far.max():.3g} at {place}: {found[place]} instead of {expected[place]};",
              f"{(far > tolerance).sum()} of {far.size}")


def random_affine(rng, kind=None):
    size = rng.uniform(1.5, 4, 3)
    kind = kind or rng.choice(["straight", "flipped", "oblique"])
    axes = np.diag(size * (rng.choice([-1, 1], 3) if kind == "flipped" else 1))
    if kind == "oblique":
        turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        axes = turn @ axes
    out = np.eye(4)
    out[:3, :3], out[:3, 3] = axes, rng.uniform(-30, 30, 3)
    return out


def shifted(rng, affine, shape):
    """Another grid over about the same place."""
    out = affine.copy()
    out[:3, :3] = affine[:3, :3] * rng.uniform(0.7, 1.4, 3)
    out[:3, 3] = affine[:3, 3] + affine[:3, :3] @ rng.uniform(0, 1, 3)
    return out, tuple(int(one) for one in np.maximum(rng.integers(-1, 2, 3) + shape, 2))


def positions(target, shape, source):
    """Where the voxels of the target lie in voxels of the source."""
    voxels = np.indices(shape).reshape(3, -1)
    both = np.linalg.inv(source) @ target
    return (both[:3, :3] @ voxels + both[:3, 3:]).reshape(3, *shape)


def unsure(target, shape, source, limits, nearest):
    """Voxels that rounding puts outside in nilearn, or halfway between two: ours counts 1e-4 voxels outside as inside."""
    p = positions(target, shape, source)
    edge = np.array(limits).reshape(3, 1, 1, 1) - 1
    out = (((p < 0) & (p > -1.1e-4)) | ((p > edge) & (p < edge + 1.1e-4)) | (abs(p) < 1e-9) | (abs(p - edge) < 1e-9)).any(0)
    if nearest:
        out |= (abs(p - np.floor(p) - 0.5) < 1e-6).any(0)
    return out


def random_run(rng, shape, volumes, whole=False):
    trend = np.outer(rng.normal(0, 0.3, np.prod(shape)), np.arange(volumes)).reshape(*shape, volumes)
    out = rng.normal(100, 20, (*shape, volumes)) + trend
    return np.round(out).astype(np.int16) if whole else out


class Cleaning:
    """Options of cleaning, for both."""

    def __init__(self, rng, volumes, kinds=("none", "butterworth", "cosine")):
        self.words, self.clean, self.sample_mask, self.confounds = [], {}, None, None
        detrend = bool(rng.integers(2))
        standardize = rng.choice(["", "zscore_sample", "psc"])
        self.clean = {"detrend": detrend, "standardize": str(standardize) or None}
        self.words += ["--detrend"] if detrend else []
        self.words += ["--standardize", standardize] if standardize else []
        if rng.integers(2):
            self.confounds = rng.normal(size=(volumes, int(rng.integers(1, 5)))) + rng.normal(size=1)
            if rng.integers(3) == 0:
                self.confounds[:, 0] = 3.0  # takes nothing out
            names = [f"c{k}" for k in range(self.confounds.shape[1])]
            np.savetxt("confounds.tsv", self.confounds, fmt="%.17g", delimiter="\t", header="\t".join(names), comments="")
            self.words += ["--confounds", "confounds.tsv"]
        kind = str(rng.choice(kinds))
        t_r = float(rng.choice([0.8, 2, 2.5]))
        nyquist = 0.5 / t_r
        self.clean["t_r"] = t_r
        self.filter = False
        low = high = None
        if kind != "none":
            which = rng.integers(3) if kind == "butterworth" else 1
            high = float(rng.uniform(0.04, 0.15) * nyquist) if which != 0 else None
            low = float(rng.uniform(0.3, 0.8) * nyquist) if which != 1 else None
            self.filter = kind
            self.words += ["--t-r", t_r, "--filter", kind] + (["--low-pass", low] if low else []) + \
                (["--high-pass", high] if high else [])
        self.clean["low_pass"], self.clean["high_pass"] = low, high
        if self.filter == "butterworth" and high is None and not detrend and self.confounds is not None and \
                np.ptp(self.confounds[:, 0]) == 0:
            DEVIATIONS["a constant confound is rounding noise after a low pass, scaled to 1: left out"] += 1
            self.confounds = self.confounds[:, 1:] if self.confounds.shape[1] > 1 else None
        if rng.integers(2):
            kept = rng.random(volumes) < 0.9
            # nilearn fills neither of two volumes that are as far from either end (a bitwise not of indices).
            if self.filter == "butterworth" and (~kept & ~kept[::-1]).any():
                DEVIATIONS["of censored volumes i and n-1-i neither is filled: one of them kept"] += 1
                kept |= ~kept & ~kept[::-1] & (np.arange(volumes) >= volumes // 2)
                kept[volumes // 2] = True
            self.sample_mask = np.flatnonzero(kept)
            np.savetxt("kept.txt", self.sample_mask, fmt="%d")
            self.words += ["--sample-mask", "kept.txt"]

    def columns(self, series, confounds=None):
        """nilearn's; percent change column by column, as its choice of the mean looks at all of them together."""
        confounds = self.confounds if confounds is None else confounds
        options = dict(self.clean, filter=self.filter, sample_mask=self.sample_mask, confounds=confounds)
        series = np.array(series, float)
        if self.clean["standardize"] == "psc":
            return np.column_stack([signal.clean(series[:, [k]].copy(), **options) for k in range(series.shape[1])])
        return signal.clean(series, **options)


STATISTICS = {"mean": "mean", "sum": "sum", "std": "standard_deviation", "variance": "variance", "min": "minimum",
              "max": "maximum", "median": "median"}


def masker_options(rng, case, volumes):
    """Smoothing, cleaning in a third of the cases."""
    words, options, cleaning = [], {"standardize": None}, None
    if case % 2:
        options["smoothing_fwhm"] = float(rng.uniform(2, 8))
        words += ["--fwhm", options["smoothing_fwhm"]]
    if case % 3 == 0 and volumes > 30:
        cleaning = Cleaning(rng, volumes)
    return words, options, cleaning


def cleaned_by(masker, run_image, cleaning, raw):
    """What the masker gives with cleaning; for percent change by column see `Cleaning.columns`."""
    if cleaning.clean["standardize"] == "psc":
        return cleaning.columns(raw)
    masker.set_params(**cleaning.clean, clean_args={"filter": cleaning.filter})
    return masker.fit().transform(run_image, confounds=cleaning.confounds, sample_mask=cleaning.sample_mask)


def brought(run_image, grid):
    """The run on the grid of its regions: nilearn's masker clips to the range of the run and 0, ours does not."""
    return image.resample_img(run_image, target_affine=grid.affine, target_shape=grid.shape[:3], clip=False)


def turned(image_):
    """Places on a grid whose axes are the same but for rounding are off by 1e-7 of a voxel at most: an affine in a file is
    float32, and so ours takes them as straight."""
    axes = image_.affine[:3, :3]
    return bool((np.diag(np.diag(axes)) != axes).any())


def brought_check(run_image, grid):
    """Rounding at the edge of the run would blank voxels there in nilearn."""
    return not unsure(grid.affine, grid.shape[:3], run_image.affine, run_image.shape[:3], False).any()


def labels(rng, case):
    shape = tuple(int(one) for one in rng.integers(4, 10, 3))
    volumes = int(rng.integers(31, 60)) if case % 3 == 0 else int(rng.integers(1, 8))
    affine = random_affine(rng)
    data = random_run(rng, shape, volumes, case % 5 == 0)
    if case % 4 == 1 and data.dtype == float:
        data[rng.random(data.shape) < 0.01] = np.nan
    run_image = save("run.nii", data, affine)
    words, options, cleaning = masker_options(rng, case, volumes)
    target = str(rng.choice(["none", "data", "labels"]))
    grid, size = (affine, shape) if target == "none" else shifted(rng, affine, shape)
    atlas_image = save("atlas.nii", rng.integers(-1, 9, size).astype(np.int16) * (rng.random(size) < 0.5), grid)
    words += ["--labels", "atlas.nii", "--resample", target]
    background = int(rng.choice([0, 0, 2]))
    words += ["--background", background]
    options.update(labels_img=atlas_image, background_label=background, resampling_target=None if target == "none" else target)
    if rng.integers(2):
        inside = rng.random(size) < 0.7
        if rng.integers(3) == 0:
            inside &= load("atlas.nii") != 3
        options["mask_img"] = save("mask.nii", inside.astype(np.uint8), grid)
        words += ["--mask", "mask.nii"]
    if run_image.get_data_dtype() == np.int16:
        # 0.14 gives the signals of whole numbers as whole numbers; ours are double.
        DEVIATIONS["signals of int16 runs cut to int16: nilearn gets the run as double"] += 1
        run_image = nib.Nifti1Image(data.astype(float), run_image.affine)
    if target == "labels":
        if not brought_check(run_image, atlas_image):
            return
        DEVIATIONS["runs brought to the labels clipped to their range and 0: brought without, then the masker"] += 1
        run_image = brought(run_image, atlas_image)
        options["resampling_target"] = None
    elif target == "data":
        if unsure(affine, shape, grid, size, True).any():
            return
        if background != 0:
            # Voxels outside the atlas get 0 in nilearn, a region where the background is another label; none in ours.
            DEVIATIONS["outside the atlas 0, though that is a region: filled with the background"] += 1
            options["labels_img"] = image.resample_img(atlas_image, target_affine=run_image.affine, target_shape=shape,
                                                       interpolation="nearest", fill_value=background)
    names = list(STATISTICS) if cleaning is None else [str(rng.choice(list(STATISTICS)))]
    if cleaning:
        words += cleaning.words
    found_names, found = table(roi("signals", "run.nii", *words, "--statistic", ",".join(names)))
    expected, ids = [], None
    for name in names:
        masker = NiftiLabelsMasker(strategy=STATISTICS[name], **options)
        raw = np.atleast_2d(masker.fit().transform(run_image))
        ids = [value for key, value in masker.region_ids_.items() if key != "background"]
        expected.append(cleaned_by(masker, run_image, cleaning, raw) if cleaning else raw)
    check([name.split("_")[1] for name in found_names[::len(names)]] == [str(int(one)) for one in ids], "columns", found_names,
          ids)
    for k, name in enumerate(names):
        # Whole numbers smoothed or brought to another grid are float32 in either; nilearn has got them as double.
        tolerance = 1e-12
        if target == "labels":
            tolerance = 1e-7 if turned(run_image) else 1e-11
        if data.dtype == np.int16 and ("--fwhm" in words or target == "labels"):
            tolerance = 1e-6
        close(found[:, k::len(names)], expected[k], max(tolerance, 1e-9) if cleaning else tolerance, name, *words)


def spheres(rng, case):
    shape = tuple(int(one) for one in rng.integers(5, 10, 3))
    volumes = int(rng.integers(31, 60)) if case % 3 == 0 else int(rng.integers(1, 8))
    affine = random_affine(rng)
    run_image = save("run.nii", random_run(rng, shape, volumes), affine)
    affine = run_image.affine
    words, options, cleaning = masker_options(rng, case, volumes)
    radius = float(rng.choice([0, 3.1, 5.3, 7.7]))
    world = np.indices(shape).reshape(3, -1).T @ affine[:3, :3].T + affine[:3, 3]
    seeds = []
    while len(seeds) < 3:
        seed = affine[:3, :3] @ rng.uniform(0, np.array(shape) - 1) + affine[:3, 3]
        p = np.linalg.inv(affine)[:3] @ [*seed, 1]
        far = np.linalg.norm(world - seed, axis=1)
        inside = far <= radius
        inside[np.ravel_multi_index(np.rint(p).astype(int), shape)] = True
        # nilearn adds the first voxel whose coordinates, cut to whole numbers, are those of the centre.
        same = np.flatnonzero((world.astype(int) == seed.astype(int)).all(1))
        if same.size and not inside[same[0]]:
            DEVIATIONS["a voxel added by truncated coordinates: another centre taken"] += 1
            continue
        if (abs(p - np.floor(p) - 0.5) < 1e-6).any() or (abs(far - radius) < 1e-5).any():
            continue
        seeds.append(tuple(float(one) for one in seed))
    with open("spheres.tsv", "w", encoding="ascii") as out:
        out.write("x\ty\tz\n" + "".join("\t".join(map(repr, seed)) + "\n" for seed in seeds))
    words += ["--spheres", "spheres.tsv", "--radius", radius] + ["--overlap"] * (case % 2)
    options.update(seeds=seeds, radius=radius or None, allow_overlap=bool(case % 2))
    if rng.integers(2):
        options["mask_img"] = save("mask.nii", (rng.random(shape) < 0.8).astype(np.uint8), affine)
        words += ["--mask", "mask.nii", "--lost", "error"]
    masker = NiftiSpheresMasker(**options)
    try:
        expected = np.atleast_2d(masker.fit().transform(run_image))
        if cleaning:
            words += cleaning.words
            expected = cleaned_by(masker, run_image, cleaning, expected)
    except ValueError as error:
        done = run("signals", "run.nii", *words)
        check(done.returncode == 1, "nilearn:", error, "; roi:", done.returncode, done.stderr, *words)
        return
    _, found = table(roi("signals", "run.nii", *words))
    close(found, expected, 1e-9 if cleaning else 1e-12, *words, seeds)


def maps(rng, case):
    shape = tuple(int(one) for one in rng.integers(4, 9, 3))
    volumes = int(rng.integers(31, 60)) if case % 3 == 0 else int(rng.integers(1, 8))
    affine = random_affine(rng)
    run_image = save("run.nii", random_run(rng, shape, volumes), affine)
    words, options, cleaning = masker_options(rng, case, volumes)
    target = str(rng.choice(["none", "data", "labels"]))
    grid, size = (affine, shape) if target == "none" else shifted(rng, affine, shape)
    weights = np.where(rng.random((*size, 3)) < 0.4, rng.uniform(0.1, 1, (*size, 3)), 0)
    # The command reads weights as float32; as double they would differ by 1e-8 times the condition of the maps.
    maps_image = save("maps.nii", weights.astype(np.float32), grid)
    words += ["--maps", "maps.nii", "--resample", target]
    options.update(maps_img=maps_image, resampling_target={"none": None, "labels": "maps"}.get(target, target))
    if rng.integers(2):
        options["mask_img"] = save("mask.nii", (rng.random(size) < 0.8).astype(np.uint8), grid)
        words += ["--mask", "mask.nii"]
    if target == "labels":
        if not brought_check(run_image, maps_image):
            return
        DEVIATIONS["runs brought to the maps clipped to their range and 0: brought without, then the masker"] += 1
        run_image = brought(run_image, maps_image)
        options["resampling_target"] = None
    elif target == "data" and unsure(affine, shape, grid, size, True).any():
        return
    masker = NiftiMapsMasker(**options)
    expected = np.atleast_2d(masker.fit().transform(run_image))
    if cleaning:
        words += cleaning.words
        expected = cleaned_by(masker, run_image, cleaning, expected)
    _, found = table(roi("signals", "run.nii", *words))
    # Maps brought to another grid are float32 in either.
    close(found, expected, 1e-6 if target == "data" else 1e-7 if target == "labels" and turned(run_image) else 1e-9, *words)


def clean(rng, case):
    volumes = int(rng.integers(45, 100))
    cleaning = Cleaning(rng, volumes)
    series = rng.normal(100, 10, (volumes, 4)) + np.outer(np.arange(volumes), rng.normal(0, 0.3, 4))
    if case % 4 == 0:
        series[:, 1] = 42.0
    confounds = None
    words = list(cleaning.words)
    if case % 3 == 0:
        # The top 2 % of a table are few series, so it has to be a wide one.
        series = np.hstack([series, rng.normal(100, rng.uniform(1, 20, 296), (volumes, 296))])
        loud = signal.high_variance_confounds(series.copy(), n_confounds=3)
        confounds = loud if cleaning.confounds is None else np.hstack([cleaning.confounds, loud])
        words += ["--high-variance-confounds", 3]
    np.savetxt("series.tsv", series, fmt="%.17g", delimiter="\t", header="\t".join(f"s{k}" for k in range(series.shape[1])),
               comments="")
    expected = cleaning.columns(series, confounds)
    _, found = table(roi("clean", "series.tsv", *words))
    if case % 4 == 0:
        # What is left of a constant is rounding noise, which nilearn scales to 1; ours is 0.
        DEVIATIONS["a constant series scaled from rounding noise: ours is 0"] += 1
        if cleaning.clean["standardize"] == "zscore_sample":
            check((found[:, 1] == 0).all(), "constant", found[:3, 1], *words)
            expected[:, 1] = 0
    close(found, expected, 1e-9, *words)


def clean_run(rng, case):
    shape, volumes = tuple(int(one) for one in rng.integers(2, 5, 3)), int(rng.integers(45, 80))
    cleaning = Cleaning(rng, volumes, ("none", "cosine"))  # Butterworth needs whole series; clean-run says so
    if not cleaning.words:
        return  # nothing to do, which clean-run says
    run_image = save("run.nii", random_run(rng, shape, volumes), random_affine(rng))
    if cleaning.clean["standardize"] == "psc":
        expected = cleaning.columns(run_image.get_fdata().reshape(-1, volumes).T).T.reshape(*shape, -1)
    else:
        options = dict(cleaning.clean)
        if cleaning.sample_mask is not None:
            options["clean__sample_mask"] = cleaning.sample_mask
        expected = image.clean_img(run_image, confounds=cleaning.confounds, clean__filter=cleaning.filter, ensure_finite=True,
                                   **options).get_fdata()
    roi("clean-run", "run.nii", *cleaning.words, "-o", "out.nii")
    close(load("out.nii"), expected, 1e-9, *cleaning.words)


def resample(rng, case):
    shape = tuple(int(one) for one in rng.integers(2, 9, 3))
    volumes = int(rng.integers(0, 3))
    affine = random_affine(rng)
    middle = float(rng.choice([0, 50]))
    data = rng.normal(middle, 10, (*shape, volumes) if volumes else shape)
    if case % 4 == 0:
        data = np.round(data).astype(np.int16)
    elif case % 4 == 1:
        data[rng.random(data.shape) < 0.05] = rng.choice([np.nan, np.inf])
    source = save("in.nii", data, affine)
    interpolation = ["nearest", "linear", "continuous"][case % 3]
    fill = float(rng.choice([0, 0, -7 if data.dtype == np.int16 else -7.5]))
    how = str(rng.choice(["like", "affine", "axes", "finer"]))
    other, size = shifted(rng, affine, shape)
    if rng.integers(2):
        other[:3, :3] = random_affine(rng)[:3, :3]
        other[:3, 3] = affine[:3, :3] @ (np.array(shape) / 3) + affine[:3, 3]
    if how == "finer":  # the same axes, whole parts of a voxel: edges on edges
        other[:3, :3], other[:3, 3] = source.affine[:3, :3] / int(rng.integers(2, 4)), source.affine[:3, 3]
    words = ["--interpolation", interpolation, "--fill", fill]
    if data.dtype == np.int16 and interpolation == "linear":
        DEVIATIONS["resample: linear means of whole numbers rounded to whole numbers: nilearn gets them as double"] += 1
        source = nib.Nifti1Image(data.astype(float), source.affine)
    options = {"interpolation": interpolation, "fill_value": fill, "clip": False}
    try:
        if how in ("like", "finer"):
            like = save("like.nii", np.zeros(size, np.uint8), other)
            words += ["--like", "like.nii"]
            expected = image.resample_to_img(source, like, **options)
        else:
            matrix = other if how == "affine" else other[:3, :3]
            np.savetxt("affine.txt", matrix, fmt="%.17g")
            words += ["--affine", "affine.txt"]
            expected = image.resample_img(source, target_affine=np.loadtxt("affine.txt"), **options)
    except ValueError as error:
        done = run("resample", "in.nii", *words, "-o", "out.nii")
        check(done.returncode == 1, how, "nilearn:", error, "; roi:", done.returncode, done.stderr)
        return
    p = positions(expected.affine, expected.shape[:3], source.affine)
    edge = np.array(shape).reshape(3, 1, 1, 1) - 1
    if not ((p > -1e-4) & (p < edge + 1e-4)).all(0).any():
        return  # nothing of the image reaches the grid; ours says so in some cases
    roi("resample", "in.nii", *words, "-o", "out.nii")
    out = nib.load("out.nii")
    found = np.asanyarray(out.dataobj).astype(float)
    theirs = expected.get_fdata()
    if volumes == 1:  # a run of one volume becomes a volume
        found = found.reshape(theirs.shape)
    check(found.shape == theirs.shape, how, *words, found.shape, theirs.shape)
    close(out.affine, expected.affine, 1e-6, how, "affine")
    # NaN is put where the nearest voxel was not finite.
    nearest = interpolation == "nearest" or not np.isfinite(data).all()
    excluded = unsure(expected.affine, expected.shape[:3], source.affine, shape, nearest)
    if excluded.any():
        DEVIATIONS["resample: voxels that rounding puts outside, or halfway between two"] += 1
    if interpolation == "continuous":
        # Ours clips to the range of the image but leaves the fill; nilearn to that and 0, fill included.
        finite = data[np.isfinite(data)]
        inside = ((p >= 0) & (p <= edge)).all(0)
        clipped = np.clip(theirs, finite.min(), finite.max())
        inside = inside[..., None] if volumes else inside
        theirs = np.where(inside, clipped, theirs)
    if interpolation == "nearest" and np.isinf(found).any():
        DEVIATIONS["resample: NaN for infinite voxels by nilearn, ours copies them"] += 1
        found[np.isinf(found)] = np.nan
    # Affines as rounded to float32 for the file move places by 1e-7 of a voxel.
    close(found[~excluded], theirs[~excluded], 0 if interpolation == "nearest" else 1e-6, how, shape, *words)


def smooth(rng, case):
    shape = tuple(int(one) for one in rng.integers(1, 12, 3))
    data = rng.normal(10, 20, (*shape, 2) if case % 2 else shape)
    kind = [np.float64, np.float32, np.int16][case % 3]
    data = (np.round(data) if kind == np.int16 else data).astype(kind)
    if kind != np.int16 and rng.integers(2):
        data[rng.random(data.shape) < 0.05] = rng.choice([np.nan, np.inf])
    source = save("in.nii", data, random_affine(rng))
    fwhm = [float(rng.uniform(1, 12))] if rng.integers(2) else [float(one) for one in rng.choice([0, 3.3, 8], 3)]
    # nilearn rounds to float32 after every axis.
    tolerance = 1e-12 if kind == np.float64 else 1e-6
    roi("smooth", "in.nii", "--fwhm", ",".join(map(str, fwhm)), "-o", "out.nii")
    expected = image.smooth_img(source, fwhm[0] if len(fwhm) == 1 else fwhm)
    close(load("out.nii").astype(float), np.asarray(expected.dataobj).astype(float), tolerance, shape, fwhm)


def random_map(rng, shape, *more):
    values = ndimage.gaussian_filter(rng.normal(size=(*shape, *more)), (*[rng.choice([0.5, 1, 1.5])] * 3, *[0] * len(more)))
    return values / values.std()


def threshold(rng, case):
    shape = tuple(int(one) for one in rng.integers(3, 12, 3))
    values = random_map(rng, shape)
    if case % 3 == 0:
        values = np.round(values, 1)  # values at the threshold
    if case % 4 == 0:
        values[rng.random(values.shape) < 0.05] = np.nan
    source = save("map.nii", values, random_affine(rng))
    two_sided = bool(rng.integers(2))
    words, options = ["--two-sided"] * two_sided, {"two_sided": two_sided}
    if rng.integers(2):
        size = int(rng.integers(1, 12))
        words += ["--cluster-size", size]
        options["cluster_threshold"] = size
    if rng.integers(2):
        options["mask_img"] = save("mask.nii", (rng.random(shape) < 0.8).astype(np.uint8), source.affine)
        words += ["--mask", "mask.nii"]
    if rng.integers(2):
        limit = float(rng.choice([0, 0.5, 1, 2, 9] + [-0.5, -1] * (not two_sided)))
        words += ["--value", limit]
    else:
        limit = f"{rng.choice([0, 50, 80, 97.5])}%"
        words += ["--percentile", limit[:-1]]
    roi("threshold", "map.nii", *words, "-o", "out.nii")
    try:
        expected = image.threshold_img(source, limit, **options).get_fdata()
    except ValueError:
        DEVIATIONS["threshold: no value of 0 or more to take a percentile of: an error in nilearn, none in ours"] += 1
        return
    found = load("out.nii")
    check(np.array_equal(found, expected), shape, *words, (found != expected).sum(), "of", (expected != 0).sum(), "kept")


def extract(rng, case):
    kind = ["connected_components", "local_regions"][case % 2]
    shape = rng.integers(4, 10, 3)
    if kind == "local_regions":
        shape = rng.permutation([*rng.integers(2, 7, 2), rng.integers(20, 45)])
    shape = tuple(int(one) for one in shape)
    volumes = int(rng.integers(1, 4))
    values = random_map(rng, shape, volumes)
    affine = np.diag([*rng.choice([-1, 1], 3) * 2, 1]).astype(float)
    source = save("maps.nii", values, affine)
    strategy = str(rng.choice(["ratio_n_voxels", "img_value", "percentile"]))
    limit = float({"ratio_n_voxels": rng.uniform(0.1, 0.9 * volumes), "img_value": rng.uniform(0.3, 1.5),
                   "percentile": rng.uniform(60, 95)}[strategy])
    # nilearn keeps what is more than the least size, ours what is that much: never equal here.
    least, fwhm = 8 * (float(rng.integers(0, 12)) + 0.5), float(rng.uniform(2, 6))
    words = ["--strategy", strategy, "--threshold", limit, "--type", kind, "--min-volume", least]
    if kind == "local_regions":
        words += ["--fwhm", fwhm]
    options = {}
    if rng.random() < 0.5:
        options["mask_img"] = save("mask.nii", (rng.random(shape) < 0.8).astype(np.uint8), affine)
        words += ["--mask", "mask.nii"]
    if strategy != "ratio_n_voxels" and rng.random() < 0.5:
        options["two_sided"] = True
        words += ["--two-sided"]
    done = run("extract", "maps.nii", *words, "-o", "out.nii")
    extractor = RegionExtractor(source, threshold=limit, thresholding_strategy=strategy, min_region_size=least, extractor=kind,
                                smoothing_fwhm=fwhm, standardize=None, **options)
    CLOSE_CALLS[0] = False
    try:
        extractor.fit()
    except Exception as error:  # noqa: BLE001: it has several for "nothing found"
        check(done.returncode == 1 and "no region" in done.stderr, "nilearn:", error, "; roi:", done.returncode, done.stderr,
              *words)
        return
    if kind == "local_regions":
        DEVIATIONS["random walker stopped at 1e-3: solved"] += 1
        if CLOSE_CALLS[0]:
            return
    check(done.returncode == 0, done.stderr, *words)
    expected = extractor.regions_img_.get_fdata()
    found = load("out.nii").reshape(*shape, -1)
    _, said = table(done.stdout)
    check(found.shape == expected.shape and [int(one) for one in said[:, -1]] == list(extractor.index_), *words, found.shape,
          expected.shape, said[:, -1], extractor.index_)
    close(found, expected, 1e-7, *words)  # concat_imgs makes float32 of them


CLOSE_CALLS = [False]


def solved(lap_sparse, right, **_):
    """For nilearn's random walker, whose conjugate gradients stop at a residual of 1e-3: voxels not yet reached go to the
    first peak."""
    out = np.array([spsolve(lap_sparse.tocsc(), -one.toarray().ravel()) for one in right])
    if len(out) > 1:
        ordered = np.sort(out, 0)
        CLOSE_CALLS[0] |= bool((ordered[-1] - ordered[-2] < 1e-9).any())
    return out.argmax(0)


def pared(places, voxels, values, apart):
    """For nilearn's table, where a peak left out can come back."""
    kept = []
    for k, place in enumerate(places):
        if all(np.linalg.norm(place - places[one]) > apart for one in kept):
            kept.append(k)
    return voxels[kept], values[kept]


def clusters(rng, case):
    shape = tuple(int(one) for one in rng.integers(3, 14, 3))
    values = random_map(rng, shape)
    if case % 4 == 0:
        values[rng.random(shape) < 0.03] = np.nan
    affine = np.diag([*rng.choice([-1, 1], 3) * rng.integers(1, 5, 3), 1]).astype(float)
    affine[:3, 3] = rng.integers(-9, 9, 3)
    source = save("map.nii", values, affine)
    limit, two_sided = float(rng.choice([0.7, 1.1, 1.9])), bool(case % 2)
    least, apart = int(rng.integers(0, 6)), float(rng.choice([2, 4.5, 8]))
    expected = get_clusters_table(source, limit, cluster_threshold=least, two_sided=two_sided, min_distance=apart)
    rows, number = [], 0
    for _, row in expected.iterrows():
        # Ids of negative clusters: nilearn goes on from the number of rows, ours from that of clusters.
        name = row["Cluster ID"]
        name = name if isinstance(name, str) else str(int(name))
        number += name.isdigit()
        size = float(row["Cluster Size (mm3)"]) if name.isdigit() else np.nan
        rows.append((str(number) + name.lstrip("0123456789"), row["X"], row["Y"], row["Z"], row["Peak Stat"], size))
    found = [line.split("\t") for line in roi("clusters", "map.nii", "--threshold", limit, "--min-size", max(least, 1),
                                              "--min-distance", apart, "--quiet",
                                              *["--two-sided"] * two_sided).splitlines()[1:]]
    check([row[0] for row in found] == [row[0] for row in rows], "ids", found, rows)
    numbers = np.array([[float(one) if one != "n/a" else np.nan for one in row[1:]] for row in found]).reshape(-1, 5)
    close(numbers, np.array([row[1:] for row in rows], float).reshape(-1, 5), 1e-12, "rows", shape, limit, least, apart)


def correct(rng, case):
    shape = tuple(int(one) for one in rng.integers(3, 10, 3))
    values = random_map(rng, shape) * rng.choice([1, 2, 3])
    source = save("map.nii", values, random_affine(rng))
    mask = save("mask.nii", ((rng.random(shape) < 0.7) | (np.arange(shape[2]) == 0)).astype(np.uint8), source.affine)
    method, alpha = str(rng.choice(["fpr", "fdr", "bonferroni"])), float(rng.choice([0.001, 0.01, 0.05, 0.2]))
    two_sided, size = bool(rng.integers(2)), int(rng.choice([0, 0, 3, 8]))
    words = ["--method", method, "--alpha", alpha, "--mask", "mask.nii", "--cluster-size", size] + ["--two-sided"] * two_sided
    said = float(roi("correct", "map.nii", *words, "-o", "out.nii"))
    map_image, limit = threshold_stats_img(source, mask, alpha=alpha, height_control=method, cluster_threshold=size,
                                           two_sided=two_sided)
    check(said == limit or abs(said - limit) < 1e-11, "threshold", said, limit, *words)
    found, expected = load("out.nii"), map_image.get_fdata()
    check(np.array_equal(found, expected), "map", *words, (found != expected).sum(), "of", (expected != 0).sum())


def intersect(rng, case):
    shape, count = tuple(int(one) for one in rng.integers(2, 8, 3)), int(rng.integers(1, 6))
    affine = random_affine(rng)
    masks = [save(f"mask{k}.nii", (rng.random(shape) < rng.choice([0.3, 0.6, 0.9])).astype(np.uint8), affine)
             for k in range(count)]
    if any(not load(f"mask{k}.nii").any() for k in range(count)):
        return
    fraction = float(rng.choice([0, 0.25, 1 / 3, 0.5, 2 / 3, 0.75, 1, rng.random()]))
    largest = bool(rng.integers(2))
    roi("intersect", *[f"mask{k}.nii" for k in range(count)], "--fraction", repr(fraction), *["--largest"] * largest, "-o",
        "out.nii")
    expected = masking.intersect_masks(masks, threshold=fraction, connected=largest)
    check(np.array_equal(load("out.nii"), expected.get_fdata()), shape, count, fraction, largest)


class Every:
    """In place of nilearn's random numbers: every flip, or every order, but the one there is. nilearn changes what it has
    changed before."""

    def __init__(self, changes, flips):
        self.changes, self.flips = iter(changes), flips
        self.now = None

    def randint(self, low, high=None, size=None):
        if size is None:
            return 1
        flips = np.array(next(self.changes))
        before = np.ones_like(flips) if self.now is None else self.now
        self.now = flips
        return (((flips * before) + 1) // 2).reshape(size)

    def permutation(self, count):
        order = np.array(next(self.changes))
        before = np.arange(count) if self.now is None else self.now
        self.now = order
        return np.argsort(before)[order]


def permute(rng, case):
    groups = case % 3
    size = 6 if groups == 0 else 5
    shape = tuple(int(one) for one in rng.integers(2, 6, 3))
    values = np.stack([random_map(rng, shape) + rng.choice([0, 0.7]) for _ in range(size)], 3)
    source = save("run.nii", values, random_affine(rng))
    inside = rng.random(shape) < 0.9
    inside[0, 0] = True
    inside[-1, -1, -1] = False  # nilearn asserts that not all voxels of the image are in clusters
    mask = save("mask.nii", inside.astype(np.uint8), source.affine)
    two_sided, cluster_p = bool(rng.integers(2)), float(rng.choice([0.05, 0.2]))
    words = ["--mask", "mask.nii", "--alternative", "two-sided" if two_sided else "greater", "--cluster-p", cluster_p,
             "--permutations", 1000]
    tested, nuisance = np.ones((size, 1)), None
    if groups:
        tested = rng.normal(size=(size, 1)) if rng.integers(2) else np.array([[0.0], [1], [0], [1], [0]])
        np.savetxt("tested.tsv", tested, fmt="%.17g", header="x", comments="")
        words += ["--tested", "tested.tsv"]
    if groups == 2:
        nuisance = rng.normal(size=(size, 1))
        np.savetxt("nuisance.tsv", nuisance, fmt="%.17g", header="n", comments="")
        words += ["--nuisance", "nuisance.tsv"]
    kinds = ["t", "tfce", "log-p", "log-p-tfce", "log-p-size", "log-p-mass"]
    roi("permute", "run.nii", *words, *[word for kind in kinds for word in (f"--{kind}", f"{kind}.nii")], "--null", "null.tsv")
    found = {kind: load(f"{kind}.nii")[inside] for kind in kinds}
    with open("null.tsv", encoding="ascii") as text:
        names, null = table(text.read())
    null = dict(zip(names, null.T))

    changes = list(itertools.permutations(range(size)) if groups else itertools.product([1, -1], repeat=size))[1:]
    permuted.check_random_state = lambda seed, every=Every(changes, not groups): every
    masker = NiftiMasker(mask, standardize=None).fit()
    out = permuted.permuted_ols(tested, masker.transform(source), confounding_vars=nuisance, n_perm=len(changes),
                                two_sided_test=two_sided, masker=masker, tfce=True, threshold=cluster_p, n_jobs=1,
                                model_intercept=bool(groups))
    close(found["t"], out["t"][0], 1e-9, "t", *words)
    largest = np.abs(found["t"]).max() if two_sided else found["t"].max()
    h0 = np.append(out["h0_max_t"][0], largest)
    repeats = len(h0) // len(null["t"])
    check(repeats * len(null["t"]) == len(h0), "permutations", len(null["t"]), len(h0))

    def same(name, theirs, tolerance):
        close(np.repeat(np.sort(null[name]), repeats), np.sort(theirs), tolerance, "null", name, *words)

    same("t", h0, 1e-9)
    # Ties by symmetry: nilearn counts values as less that rounding makes less; ours are equal within 1e-9.
    seen = np.abs(found["t"]) if two_sided else found["t"]
    close(10 ** -found["log-p"], (h0[None, :] >= seen[:, None] * (1 - np.sign(seen[:, None]) * 1e-9)).mean(1), 1e-9, "p of t",
          *words)
    theirs = 10 ** -out["logp_max_t"][0]
    if np.abs(theirs - 10 ** -found["log-p"]).max() > 1e-9:
        DEVIATIONS["permute: ties counted by rounding"] += 1

    # Clusters: nilearn's p has no +1; the largest sizes and masses of all permutations are the same.
    limit = permuted._compute_t_stat_threshold(cluster_p, two_sided, tested,
                                               np.ones((size, groups)) if groups else None)
    grid = np.zeros(shape)
    grid[inside] = found["t"]
    measures = enhancement.calculate_cluster_measures(grid[..., None], limit, ndimage.generate_binary_structure(3, 1),
                                                      two_sided)
    for name, own, theirs in zip(["cluster_size", "cluster_mass"], measures, ["h0_max_size", "h0_max_mass"]):
        # SciPy's isf of t is good to 1e-9, and is taken from every voxel of a cluster.
        same(name, np.append(out[theirs][0], own), 1e-8)

    # Enhancement: nilearn sums 100 steps of max/100 without their width, so the scale of every permutation is another.
    DEVIATIONS["permute: TFCE without the width of its steps: multiplied by it"] += 1
    height = max(largest, 0.0)
    # A sum over steps of d is off by 3 d e^E h^H at most, with e that of all voxels.
    step = height / 100
    bound = 3 * step * np.sqrt(inside.sum()) * found["t"] ** 2 + 1e-12
    far = np.abs(found["tfce"] - out["tfce"][0] * step)
    check((far <= bound).all(), "tfce", far.max(), *words)
    steps = enhancement._return_score_threshs
    try:
        enhancement._return_score_threshs = lambda *_: np.linspace(0, height, 4001)[1:]
        fine = enhancement.calculate_tfce(grid[..., None], ndimage.generate_binary_structure(3, 1), two_sided_test=two_sided)
    finally:
        enhancement._return_score_threshs = steps
    far = np.abs(found["tfce"] - fine[..., 0][inside] * height / 4000)
    check((far <= bound / 40).all(), "tfce of 4000 steps", far.max(), *words)
    h0_tfce = np.append(out["h0_max_tfce"][0], np.abs(out["tfce"][0]).max()) * np.abs(h0) / 100
    order, own = np.lexsort((h0_tfce, np.round(h0, 9))), np.lexsort((null["tfce"], np.round(null["t"], 9)))
    theirs = h0_tfce[order].reshape(-1, repeats)
    ours = null["tfce"][own][:, None]
    allowed = 3 * np.abs(h0[order]).reshape(-1, repeats) ** 3 / 100 * np.sqrt(inside.sum())
    check((np.abs(ours - theirs) <= allowed + 1e-12).all(), "null tfce", np.abs(ours - theirs).max(), *words)


FUNCTIONS = {one.__name__: one for one in (labels, spheres, maps, clean, clean_run, resample, smooth, threshold, extract,
                                            clusters, correct, intersect, permute)}

if len(sys.argv) < 2:
    sys.exit(__doc__)
ROI = os.path.abspath(sys.argv[1])
CASES = int(sys.argv[2]) if len(sys.argv) > 2 else 20
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 20261127
segmentation._solve_cg = solved
sys.modules[get_clusters_table.__module__]._pare_subpeaks = pared
warnings.simplefilter("ignore")
wrong = 0
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for name in sys.argv[4:] or FUNCTIONS:
        DEVIATIONS.clear()
        failed = []
        for case in range(CASES):
            try:
                FUNCTIONS[name](np.random.default_rng([SEED, case]), case)
            except AssertionError as error:
                failed.append(f"  case {case}: {error}")
        print(f"{name}: {CASES} cases, seed {SEED}: {len(failed)} disagree", flush=True)
        for line in failed[:3]:
            print(line)
        for reason, count in sorted(DEVIATIONS.items()):
            print(f"  {count} with {reason}")
        wrong += len(failed)
    os.chdir("/")
sys.exit(1 if wrong else 0)
