#!/usr/bin/env python3
"""Compares `roi resample`, `reorder`, `crop` and `smooth` with SciPy and NumPy on random images.

Grids by voxel size and by affine are those of nilearn's rules, and voxels that are left out weigh nothing.

usage: peer_spatial.py ROI [CASES] [SEED]

ROI is the program; every function gets CASES (500) images: flips, permutations, oblique and sheared affines, up- and
down-sampling, fractions of voxels, axes of one voxel, targets that lie outside. Nearest must be equal, linear and cubic
agree to 1e-6 of the range of the image in double. Skips with a word when SciPy or nibabel is missing.
"""
import itertools
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

ORDERS = {"nearest": 0, "linear": 1, "continuous": 3}


def run(*words):
    done = subprocess.run([ROI, *map(str, words)], capture_output=True, text=True)
    return done.returncode, done.stderr


def save(name, data, affine):
    image = nibabel.Nifti1Image(data, affine)
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, name)
    return nibabel.load(name).affine  # as single precision holds it


def random_affine(rng, kind):
    sizes = rng.uniform(0.7, 3.5, 3)
    if kind == "fractions":
        sizes = rng.integers(1, 8, 3) / rng.integers(1, 8, 3)
    axes = np.diag(sizes * rng.choice([-1, 1], 3))
    if kind != "scaled":
        axes = axes[rng.permutation(3)]
    if kind in ("oblique", "sheared"):
        turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        axes = turn @ axes
    if kind == "sheared":
        axes = axes @ (np.eye(3) + np.triu(rng.uniform(-0.4, 0.4, (3, 3)), 1))
    out = np.eye(4)
    out[:3, :3] = axes
    out[:3, 3] = rng.uniform(-30, 30, 3)
    return out


def check(condition, *what):
    if not condition:
        print("FAILED:", *what)
        sys.exit(1)


def resample(rng, case):
    kind = ("scaled", "permuted", "fractions", "oblique", "sheared")[case % 5]
    shape = rng.integers(1, 12, 3)
    source = random_affine(rng, kind)
    data = rng.normal(50, 20, shape)
    source = save("in.nii", data, source)
    # Every other target runs along the axes of the image.
    target = random_affine(rng, kind)
    if case % 2:
        target[:3, :3] = source[:3, rng.permutation(3)] * rng.uniform(0.3, 2.5, 3) * rng.choice([-1, 1], 3)
    place = rng.uniform(-0.2, 1.2, 3) * (shape - 1)
    goal = rng.integers(1, 12, 3)
    target[:3, 3] = (source @ np.append(place, 1))[:3] - target[:3, :3] @ ((goal - 1) / 2)
    target = save("like.nii", np.zeros(goal), target)

    matrix = np.linalg.inv(source) @ target
    grid = np.stack(np.meshgrid(*[np.arange(n) for n in goal], indexing="ij"), -1)
    places = grid @ matrix[:3, :3].T + matrix[:3, 3]
    last = shape - 1
    rim = (((places < 0) & (places > -1e-3)) | ((places > last) & (places < last + 1e-3))).any(-1)
    rim |= (np.abs(places) < 1e-9).any(-1) | (np.abs(places - last) < 1e-9).any(-1)
    inside = ((places >= 0) & (places <= last)).all(-1)
    ties = (np.abs(places - np.floor(places) - 0.5) < 1e-6).any(-1)
    whole = (np.abs(places - np.rint(places)) < 2e-4).all()
    for how, order in ORDERS.items():
        status, said = run("resample", "in.nii", "--like", "like.nii", "--interpolation", how, "--fill", -7, "-o",
                           "out.nii")
        if status == 1 and ("share no place" in said or "meet in no voxel centre" in said):
            check(not (inside & ~rim).any(), case, how, "refused, but there is something inside")
            continue
        check(status == 0, case, how, said)
        found = nibabel.load("out.nii")
        check(found.shape == tuple(goal), case, how, found.shape, goal)
        check(np.allclose(found.affine, target, atol=1e-5), case, how, "affine")
        expected = ndimage.affine_transform(data, matrix[:3, :3], matrix[:3, 3], output_shape=tuple(goal), order=order,
                                            cval=-7, mode="constant")
        expected[inside] = np.clip(expected[inside], data.min(), data.max())
        compared = ~rim & ~ties if order == 0 else ~rim
        worst = np.abs(found.get_fdata() - expected)[compared].max(initial=0)
        limit = 0 if order == 0 else 1e-6 * np.ptp(data) + (1e-3 * np.ptp(data) if whole else 0)
        check(worst <= limit, case, kind, how, shape, goal, worst)


def grids(rng, case):
    """--voxel-size and --affine: where the result lies, and that it holds what --like gives on that grid."""
    shape = rng.integers(1, 9, 3)
    source = save("in.nii", rng.normal(50, 20, shape), random_affine(rng, ("scaled", "oblique", "sheared")[case % 3]))
    corners = np.array(list(itertools.product(*[(0, n - 1) for n in shape])))
    world = corners @ source[:3, :3].T + source[:3, 3]
    wanted = np.eye(4)
    if case % 2:
        sizes = np.round(rng.uniform(0.8, 6, 3), 2)
        words = ["--voxel-size", ",".join(map(str, sizes))]
        edges = np.sqrt((source[:3, :3] ** 2).sum(0))
        wanted[:3, :3] = source[:3, :3] * (sizes / edges)
        # The outer corner of the first voxel stays.
        wanted[:3, 3] = source[:3, 3] + (wanted[:3, :3] - source[:3, :3]) @ [0.5, 0.5, 0.5]
    else:
        wanted[:3, :3] = random_affine(rng, "oblique")[:3, :3]
        axes = np.linalg.inv(wanted[:3, :3])
        if case % 4 == 0:  # without an origin: the box that holds all centres
            wanted[:3, 3] = wanted[:3, :3] @ (world @ axes.T).min(0)
            np.savetxt("affine.txt", wanted[:3, :3])
        else:
            wanted[:3, 3] = world.mean(0) - wanted[:3, :3] @ rng.integers(0, 4, 3)
            np.savetxt("affine.txt", wanted)
        words = ["--affine", "affine.txt"]
    reach = (world @ np.linalg.inv(wanted[:3, :3]).T - np.linalg.inv(wanted[:3, :3]) @ wanted[:3, 3]).max(0)
    status, said = run("resample", "in.nii", *words, "-o", "out.nii")
    if (reach < 0).any():
        check(status == 1, case, "lies before the first voxel", status)
        return
    check(status == 0, case, said)
    found = nibabel.load("out.nii")
    check(np.allclose(found.affine, wanted, rtol=1e-5, atol=1e-4), case, words, found.affine, wanted)
    # Where the last centre lies on a voxel but for rounding either count is right.
    low, high = np.ceil(reach - 1e-4) + 1, np.ceil(reach + 1e-4) + 1
    check(((found.shape >= low) & (found.shape <= high)).all(), case, words, found.shape, reach)
    status, said = run("resample", "in.nii", "--like", "out.nii", "-o", "same.nii")
    check(status == 0, case, said)
    a, b = found.get_fdata(), nibabel.load("same.nii").get_fdata()
    # The affine of a file is rounded to single precision: at the rim either is right.
    differs = np.abs(a - b) > 1e-2
    check(differs.sum() <= (a == 0).sum() + (b == 0).sum() and not (differs & (a != 0) & (b != 0)).any(), case, "values")


def left_out(rng, case):
    """Linear means of the finite voxels alone, with their own weights."""
    shape, goal = rng.integers(2, 9, 3), rng.integers(2, 9, 3)
    data = rng.normal(50, 20, shape)
    data[rng.random(shape) < 0.2] = rng.choice([np.nan, np.inf])
    save("in.nii", data, np.eye(4))
    target = random_affine(rng, ("scaled", "oblique")[case % 2])
    target[:3, 3] = (shape - 1) / 2 - target[:3, :3] @ ((goal - 1) / 2)
    target = save("like.nii", np.zeros(goal), target)
    status, said = run("resample", "in.nii", "--like", "like.nii", "--interpolation", "linear", "--non-finite", "leave-out",
                       "-o", "out.nii")
    check(status == 0, case, said)
    found = nibabel.load("out.nii").get_fdata()
    how = dict(output_shape=tuple(goal), order=1, mode="constant", cval=np.nan)
    fine = np.isfinite(data)
    weights = ndimage.affine_transform(fine.astype(float), target[:3, :3], target[:3, 3], **how)
    sums = ndimage.affine_transform(np.where(fine, data, 0), target[:3, :3], target[:3, 3], **how)
    known = weights > 0.5 + 1e-6
    check(np.abs(found[known] - sums[known] / weights[known]).max(initial=0) < 1e-6, case, "values")
    check(np.isnan(found[weights < 0.5 - 1e-6]).all(), case, "NaN")


def reorder(rng, case):
    kind = ("scaled", "permuted", "oblique", "sheared")[case % 4]
    shape = rng.integers(1, 7, 3)
    data = rng.integers(-1000, 1000, shape).astype(np.int16)
    affine = save("in.nii", data, random_affine(rng, kind))
    status, said = run("reorder", "in.nii", "-o", "out.nii")
    check(status == 0, case, said)
    out = nibabel.load("out.nii")
    check(out.get_data_dtype() == np.int16, case, "type")
    if kind in ("scaled", "permuted"):
        expected = nibabel.as_closest_canonical(nibabel.load("in.nii"))
        check(np.array_equal(np.asanyarray(out.dataobj), np.asanyarray(expected.dataobj)), case, "values")
        check(np.allclose(out.affine, expected.affine, atol=1e-4), case, "affine")
    codes = "".join(nibabel.aff2axcodes(affine))
    if kind in ("scaled", "permuted"):
        status, said = run("reorder", "out.nii", "--axes", codes, "-o", "back.nii")
        check(status == 0, case, said)
        back = nibabel.load("back.nii")
        check(np.array_equal(np.asanyarray(back.dataobj), data), case, "back")
        check(np.allclose(back.affine, affine, atol=1e-4), case, "affine back")
    for voxel in itertools.product(*[range(n) for n in shape]):
        world = affine @ np.append(voxel, 1)
        there = np.rint(np.linalg.inv(out.affine) @ world).astype(int)[:3]
        check(np.asanyarray(out.dataobj)[tuple(there)] == data[voxel], case, "a voxel has moved")


def crop(rng, case):
    shape = rng.integers(1, 9, 3)
    data = np.where(rng.random(shape) < rng.choice([0.02, 0.2]), rng.normal(size=shape), 0)
    affine = save("in.nii", data, random_affine(rng, "oblique"))
    status, said = run("crop", "in.nii", "-o", "out.nii")
    if not data.any():
        check(status == 1, case, "nothing to keep", status)
        return
    check(status == 0, case, said)
    kept = np.argwhere(np.abs(data) > 1e-8 * np.abs(data).max())
    first, last = kept.min(0), kept.max(0) + 1
    out = nibabel.load("out.nii")
    check(np.array_equal(out.get_fdata(), data[tuple(slice(a, b) for a, b in zip(first, last))]), case, "values")
    check(np.allclose(out.affine[:3, 3], (affine @ np.append(first, 1))[:3], atol=1e-3), case, "origin")


def smooth(rng, case):
    shape = rng.integers(1, 10, 3)
    border = ("reflect", "nearest", "mirror", "constant")[case % 4]
    data = rng.normal(100, 20, shape)
    affine = save("in.nii", data, random_affine(rng, "oblique"))
    fwhm = rng.uniform(0, 8, 3)
    truncate = rng.uniform(1, 4)
    sigma = fwhm / (np.sqrt(8 * np.log(2)) * np.sqrt((affine[:3, :3] ** 2).sum(0)))
    words = ["--fwhm", ",".join(map(repr, map(float, fwhm))), "--border", border, "--truncate", truncate]
    mode = dict(mode=border, truncate=truncate)
    # No filter where the width is so small that SciPy leaves the axis out.
    expected = ndimage.gaussian_filter(data, sigma, **mode)
    if case % 3 == 0:
        mask = rng.random(shape) < 0.6
        save("mask.nii", mask.astype(np.uint8), affine)
        words += ["--mask", "mask.nii"]
        with np.errstate(invalid="ignore", divide="ignore"):
            expected = np.where(mask, ndimage.gaussian_filter(np.where(mask, data, 0), sigma, **mode) /
                                ndimage.gaussian_filter(mask.astype(float), sigma, **mode), 0)
    status, said = run("smooth", "in.nii", *words, "-o", "out.nii")
    check(status == 0, case, said)
    worst = np.abs(nibabel.load("out.nii").get_fdata() - expected).max()
    check(worst <= 1e-9 * np.abs(data).max(), case, border, shape, worst)


ROI = os.path.abspath(sys.argv[1])
CASES = int(sys.argv[2]) if len(sys.argv) > 2 else 500
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 20260122
print(f"seed {SEED}")
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for function in (resample, grids, left_out, reorder, crop, smooth):
        for case in range(CASES):
            function(np.random.default_rng([SEED, case]), case)
        print(f"{function.__name__}: {CASES} cases agree")
    os.chdir("/")
