#!/usr/bin/env python3
"""Compares `roi label`, `relabel` and `regions` with SciPy and NumPy on random images.

usage: peer_regions.py ROI [CASES] [SEED]

ROI is the program; every function gets CASES (500) images: axes of one voxel, sparse and dense, ties, NaN, negative labels
with gaps. Numbers of labels, sizes, boxes and places are equal, sums and means agree to 1e-12. Skips with a word when SciPy
or nibabel is missing.
"""
import io
import os
import subprocess
import sys
import tempfile

try:
    import nibabel
    import numpy as np
    from scipy import ndimage
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(0)


def run(*words):
    done = subprocess.run([ROI, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        print("FAILED: roi", *words, "said", done.stderr)
        sys.exit(1)
    return done.stdout


def save(name, data, affine=np.eye(4)):
    nibabel.save(nibabel.Nifti1Image(data, affine), name)


def load(name):
    return np.asanyarray(nibabel.load(name).dataobj)


def check(condition, *what):
    if not condition:
        print("FAILED:", *what)
        sys.exit(1)


def table(text):
    lines = text.splitlines()
    names = lines[0].split("\t")
    rows = [line.split("\t") for line in lines[1:]]
    return [dict(zip(names, row)) for row in rows]


def random_mask(rng):
    return rng.random(rng.integers(1, 12, 3)) < rng.choice([0.1, 0.3, 0.5, 0.8])


STRUCTURES = {"faces": 1, "edges": 2, "corners": 3}


def label(rng, case):
    mask = random_mask(rng)
    save("in.nii", mask.astype(np.uint8))
    word = list(STRUCTURES)[case % 3]
    structure = ndimage.generate_binary_structure(3, STRUCTURES[word])
    expected, count = ndimage.label(mask, structure)
    found = run("label", "in.nii", "--connectivity", word, "-o", "out.nii")
    check(int(found) == count and np.array_equal(load("out.nii"), expected), case, word, "label")
    least = int(rng.integers(0, 6))
    sizes = np.bincount(expected.ravel(), minlength=count + 1)
    kept = [k for k in range(1, count + 1) if sizes[k] >= least]
    kept.sort(key=lambda k: -sizes[k])
    number = np.zeros(count + 1, int)
    number[kept] = np.arange(1, len(kept) + 1)
    run("label", "in.nii", "--connectivity", word, "--min-size", least, "--order", "size", "-o", "out.nii")
    check(np.array_equal(load("out.nii"), number[expected]), case, word, "order")


def relabel(rng, case):
    labels = rng.integers(-2, 4, rng.integers(1, 9, 3)).astype(np.int16)
    affine = np.diag([*rng.choice([-1, 1], 3) * rng.integers(1, 4, 3), 1]).astype(float)
    affine[:3, 3] = rng.integers(-6, 6, 3) + 0.5
    save("in.nii", labels, affine)
    word = list(STRUCTURES)[case % 3]
    structure = ndimage.generate_binary_structure(3, STRUCTURES[word])
    left = (affine[0, 0] * np.arange(labels.shape[0]) + affine[0, 3] < 0)[:, None, None]
    split = case % 2 == 1
    least = int(rng.integers(0, 4))
    expected = np.zeros(labels.shape, int)
    count = 0
    for value in np.unique(labels[labels != 0]):
        for part in [left, ~left] if split else [np.ones_like(left)]:
            pieces, number = ndimage.label((labels == value) & part, structure)
            for k in range(1, number + 1):
                if (pieces == k).sum() >= least:
                    count += 1
                    expected[pieces == k] = count
    volume = abs(np.linalg.det(affine[:3, :3]))
    run("relabel", "in.nii", "--connectivity", word, "--min-volume", least * volume,
        *(["--split-sides"] if split else []), "-o", "out.nii")
    check(np.array_equal(load("out.nii"), expected), case, word, "relabel")


def regions(rng, case):
    shape = rng.integers(1, 12, 3)
    labels = 3 * rng.integers(-2, rng.integers(1, 8), shape).astype(np.int32)
    values = rng.normal(10, 5, shape)
    if case % 3 == 0:
        values = np.round(values)
    if case % 5 == 0:
        values[rng.random(shape) < 0.1] = np.nan
    affine = np.diag([*rng.integers(1, 4, 3), 1]).astype(float)
    save("labels.nii", labels, affine)
    save("values.nii", values, affine)
    rows = table(run("regions", "labels.nii", "--values", "values.nii"))
    index = np.unique(labels[labels != 0])
    check([int(row["label"]) for row in rows] == list(index), case, "labels")
    for row in rows:
        inside = labels == int(row["label"])
        box = ndimage.find_objects(inside.astype(int))[0]
        check([int(row[k]) for k in ("i0", "i1", "j0", "j1", "k0", "k1")] ==
              [bound for axis in box for bound in (axis.start, axis.stop)], case, "box", row)
        check(int(row["voxels"]) == inside.sum(), case, "size", row)
        check(float(row["mm3"]) == inside.sum() * np.linalg.det(affine[:3, :3]).round(), case, "mm3", row)
        centre = np.array(ndimage.center_of_mass(inside)) * np.diag(affine)[:3]
        check(np.allclose([float(row[k]) for k in "xyz"], centre, rtol=1e-12, atol=1e-12), case, "centre", row)
        usable = inside & np.isfinite(values)
        if not usable.any():
            check(row["mean"] == "n/a" and row["peak_x"] == "n/a", case, "nothing", row)
            continue
        number = usable.astype(int)
        clean = np.nan_to_num(values)
        for key, function in {"sum": ndimage.sum_labels, "mean": ndimage.mean, "std": ndimage.standard_deviation,
                              "min": ndimage.minimum, "max": ndimage.maximum, "median": ndimage.median}.items():
            expected = function(clean, number, 1)
            exact = key in ("min", "max", "median")
            check(float(row[key]) == expected if exact else
                  np.isclose(float(row[key]), expected, rtol=1e-12, atol=1e-12), case, key, row, expected)
        # The scalar form of maximum_position takes the first of equals.
        place = np.array(ndimage.maximum_position(clean, number, 1)) * np.diag(affine)[:3]
        check([float(row[f"peak_{k}"]) for k in "xyz"] == list(place), case, "peak", row, place)


if len(sys.argv) < 2:
    sys.exit(__doc__)
ROI = os.path.abspath(sys.argv[1])
CASES = int(sys.argv[2]) if len(sys.argv) > 2 else 500
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 20260122
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for function in (label, relabel, regions):
        rng = np.random.default_rng(SEED)
        for case in range(CASES):
            function(rng, case)
        print(f"{function.__name__}: {CASES} cases agree, seed {SEED}")
    os.chdir("/")
