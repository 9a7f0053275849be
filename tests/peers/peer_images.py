#!/usr/bin/env python3
"""Compares arithmetic, statistics over time, thresholds, logic, spheres, distances and overlaps of `roi` with NumPy and SciPy.

usage: peer_images.py ROI [CASES] [SEED] [FUNCTION...]

ROI is the program; every function gets CASES random images, without a number 500 for those of images on any grid (min, max, mean,
std, math, concat, frames, scaled, mgh) and 2000 for those of masks and regions (threshold, binarize, logic, intersect, spheres,
distance, grow, overlap): axes of one voxel, NaN and infinite values, ties, empty and full masks. Whole numbers, masks and
labels are equal, sums and distances agree to 1e-12. Skips with a word when SciPy or nibabel is missing.
"""
import csv
import io
import os
import subprocess
import sys
import tempfile
from fractions import Fraction

try:
    import nibabel
    import numpy as np
    from scipy import ndimage
    from scipy.spatial.distance import directed_hausdorff
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(0)


def run(*words):
    done = subprocess.run([ROI, *map(str, words), "--threads", "1"], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def succeed(*words):
    status, out, err = run(*words)
    check(status == 0, "roi", *words, "said", err)
    return out


def check(condition, *what):
    if not condition:
        print("FAILED:", *what)
        sys.exit(1)


def save(name, data, affine=np.eye(4)):
    nibabel.save(nibabel.Nifti1Image(data, affine), name)


def load(name):
    return np.asanyarray(nibabel.load(name).dataobj)


def random_shape(rng):
    return tuple(rng.choice([1, 2, 3, 4, 5, 7, 9], 3))


def random_grid(rng):
    affine = np.diag([*rng.choice([1, 2, 2.5, 3], 3), 1.0])
    affine[:3, 3] = rng.integers(-20, 20, 3)
    return affine


def random_run(rng, shape, frames):
    values = rng.normal(100, 30, shape + (frames,))
    kind = rng.choice([np.int16, np.uint8, np.float32, np.float64])
    return np.clip(values, 0, 255).astype(kind)


def random_mask(rng, shape):
    return (rng.random(shape) < rng.choice([0, 0.05, 0.3, 0.6, 0.95, 1])).astype(np.uint8)


# Images on any grid.

def over_time(rng, case):
    shape, affine = random_shape(rng), random_grid(rng)
    data = random_run(rng, shape, int(rng.integers(2, 9)))
    save("run.nii", data, affine)
    for word, expected in (("min", data.min(-1)), ("max", data.max(-1))):
        succeed(word, "run.nii", "-o", "out.nii")
        check(np.array_equal(load("out.nii"), expected), word, case)
    succeed("std", "run.nii", "-o", "out.nii")
    peer = data.astype(np.float64).std(-1, ddof=1)
    check(np.allclose(load("out.nii"), peer, rtol=1e-6, atol=1e-6), "std", case)


def mean(rng, case):
    """The mean of the images' means, which counts images and not volumes."""
    shape, affine = random_shape(rng), random_grid(rng)
    names, means = [], []
    for k in range(int(rng.integers(1, 5))):
        frames = int(rng.integers(1, 6))
        data = random_run(rng, shape, frames)
        names.append(f"{k}.nii")
        save(names[-1], data if frames > 1 else data[..., 0], affine)
        means.append(data.astype(np.float64).mean(-1))
    succeed("mean", *names, "-o", "out.nii")
    out = load("out.nii")
    tolerance = 1e-12 if out.dtype == np.float64 else 1e-6
    check(np.allclose(out, np.mean(means, 0), rtol=tolerance, atol=0), "mean", case)


def random_expression(rng, depth, runs):
    """An expression as text, and a function of the images that NumPy calculates it with in double."""
    def truth(values):
        return np.where(np.isnan(values), 0.0, values) != 0

    if depth == 0 or rng.random() < 0.1:
        if rng.random() < 0.3:
            number = float(rng.integers(-40, 400)) / 4
            return (f"({number})" if number < 0 else f"{number}"), lambda images: np.float64(number)
        letter = str(rng.choice(list("abc")))
        if letter in runs and rng.random() < 0.3:
            return f"mean({letter})", lambda images: images[letter].mean(-1, keepdims=True)
        return letter, lambda images: images[letter]
    kind = rng.choice(["+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "&", "|", "!", "-x", "abs", "sqrt", "exp",
                       "log", "pow", "min", "max"])
    left, f = random_expression(rng, depth - 1, runs)
    one = {"!": ("!({})", lambda x: 1.0 - truth(x)), "-x": ("-({})", lambda x: -x), "abs": ("abs({})", np.abs),
           "sqrt": ("sqrt(abs({}))", lambda x: np.sqrt(np.abs(x))),
           "pow": ("pow(abs({}), 1.5)", lambda x: np.abs(x) ** 1.5), "exp": ("exp(({}) / 1000)", lambda x: np.exp(x / 1000)),
           "log": ("log(abs({}) + 1)", lambda x: np.log(np.abs(x) + 1))}
    if kind in one:
        words, g = one[kind]
        return words.format(left), lambda images: g(f(images))
    right, h = random_expression(rng, depth - 1, runs)
    two = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "<": np.less, "<=": np.less_equal,
           ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal,
           "&": lambda x, y: truth(x) & truth(y), "|": lambda x, y: truth(x) | truth(y), "min": np.minimum,
           "max": np.maximum}
    text = f"{kind}({left}, {right})" if kind in ("min", "max") else f"({left}) {kind} ({right})"
    return text, lambda images: two[kind](f(images), h(images)) * 1.0


def math(rng, case):
    shape, affine = random_shape(rng), random_grid(rng)
    frames = int(rng.integers(2, 5))
    images, words, runs = {}, [], set()
    for letter in "abc":
        long = rng.random() < 0.4
        data = random_run(rng, shape, frames if long else 1)
        data[rng.random(data.shape) < 0.1] = 0
        runs |= {letter} if long else set()
        save(f"{letter}.nii", data if long else data[..., 0], affine)
        images[letter] = data.astype(np.float64)
        words += [f"--{letter}", f"{letter}.nii"]
    while True:
        text, f = random_expression(rng, 3, runs)
        with np.errstate(all="ignore"):
            expected = np.asarray(f(images))
        # Quotients of zeros have no number to compare, and min and max of them no rule.
        if any(letter in text.replace("max", "").replace("abs", "") for letter in "abc") and np.isfinite(expected).all():
            break
    succeed("math", text, *words, "-o", "out.nii")
    out = load("out.nii").reshape(shape + (-1,)).astype(np.float64)
    expected = np.broadcast_to(expected, np.broadcast_shapes(expected.shape, shape + (1,)))
    agree = np.isclose(out, np.broadcast_to(expected, out.shape), rtol=2e-6, atol=1e-9)
    # A comparison of two numbers that rounding makes equal or not may go either way.
    check(agree.mean() > 0.999 or agree.size < 1000 and (~agree).sum() == 0, "math", case, text)


def scaled(rng, case):
    """Voxels that are only moved keep their stored numbers, slope and intercept; there and back is the same file."""
    shape = random_shape(rng)
    frames = int(rng.integers(1, 4))
    stored = rng.integers(-3000, 3000, shape + (frames,)).astype(np.int16)
    stored[(0,) * 4] = 1  # not all of it is empty
    axes, flips = rng.permutation(3), rng.choice([-1, 1], 3)
    affine = np.zeros((4, 4))
    affine[3, 3] = 1
    for i in range(3):
        affine[axes[i], i] = flips[i] * rng.choice([1, 2, 3])
    image = nibabel.Nifti1Image(stored, affine)
    image.header["pixdim"][4] = 2
    nibabel.save(image, "plain.nii")
    raw = bytearray(open("plain.nii", "rb").read())
    slope, intercept = np.float32(rng.normal()), np.float32(rng.choice([0, rng.normal()]))
    raw[112:120] = slope.tobytes() + intercept.tobytes()
    open("run.nii", "wb").write(raw)

    def parts(name):
        header = nibabel.Nifti1Header(open(name, "rb").read(348))  # as stored; a loaded image forgets its scale
        return header["scl_slope"], header["scl_inter"], header.get_data_dtype(), header["dim"].tolist()

    word = "".join(nibabel.aff2axcodes(affine))
    succeed("reorder", "run.nii", "-o", "ras.nii")
    succeed("reorder", "ras.nii", "--axes", word, "-o", "back.nii")
    check(parts("ras.nii")[:3] == (slope, intercept, np.int16), "scale", case)
    check(parts("back.nii") == parts("run.nii"), "header there and back", case, parts("back.nii"), parts("run.nii"))
    check(open("back.nii", "rb").read()[352:] == bytes(raw[352:]), "bytes there and back", case)
    check(np.allclose(nibabel.load("back.nii").affine, affine), "affine there and back", case)
    names = []
    for k in range(frames):
        names.append(f"{k}.nii")
        succeed("frames", "run.nii", "--select", k, "-o", names[-1])
    succeed("concat", *names, "-o", "joined.nii")
    check(parts("joined.nii") == parts("run.nii"), "header of joined", case)
    check(open("joined.nii", "rb").read()[352:] == bytes(raw[352:]), "bytes of joined", case)


def concat_frames(rng, case):
    shape, affine = random_shape(rng), random_grid(rng)
    names, parts = [], []
    for k in range(int(rng.integers(1, 4))):
        data = random_run(rng, shape, int(rng.integers(2, 5)))
        names.append(f"{k}.nii")
        save(names[-1], data, affine)
        parts.append(data.astype(np.float64))
    whole = np.concatenate(parts, -1)
    succeed("concat", *names, "-o", "joined.nii")
    check(np.array_equal(load("joined.nii"), whole), "concat", case)
    wanted = rng.integers(0, whole.shape[-1], int(rng.integers(1, 6)))
    succeed("frames", "joined.nii", "--select", ",".join(map(str, wanted)), "-o", "some.nii")
    expected = whole[..., wanted] if wanted.size > 1 else whole[..., wanted[0]]
    check(np.array_equal(load("some.nii"), expected), "frames", case)
    status, _, _ = run("frames", "joined.nii", "--select", whole.shape[-1], "-o", "none.nii")
    check(status == 1, "a volume that is not there", case)


def mgh(rng, case):
    """Volumes and runs as FreeSurfer writes them, on any grid."""
    shape = random_shape(rng) + (() if case % 2 else (int(rng.integers(2, 5)),))
    kind = rng.choice([np.uint8, np.int16, np.int32, np.float32])
    data = rng.normal(100, 60, shape).clip(0, 255).astype(kind)
    axes = np.linalg.qr(rng.normal(size=(3, 3)))[0] if rng.random() < 0.7 else np.eye(3)[rng.permutation(3)]
    affine = np.eye(4)
    affine[:3, :3] = axes * rng.choice([1, 1.5, 2, 3.3], 3)
    affine[:3, 3] = rng.uniform(-90, 90, 3)
    name = ("a.mgh", "a.mgz")[case % 3 == 0]
    nibabel.save(nibabel.freesurfer.MGHImage(data, affine), name)
    succeed("concat", name, "-o", "out.nii")
    peer, ours = nibabel.load(name), nibabel.load("out.nii")
    check(ours.get_data_dtype() == peer.get_data_dtype().newbyteorder("="), "type", case)
    check(np.array_equal(np.asanyarray(ours.dataobj).reshape(shape), np.asanyarray(peer.dataobj)), "voxels", case)
    check(np.allclose(ours.affine, peer.affine, rtol=1e-6, atol=1e-4), "affine", case, ours.affine, peer.affine)


# Masks and regions.

STRUCTURES = {"faces": 1, "edges": 2, "corners": 3}


def random_map(rng, shape):
    values = rng.normal(0, 2, shape)
    if rng.random() < 0.5:
        values = np.round(values * 2) / 2
    values = values.astype(rng.choice([np.float32, np.float64]))
    for odd in (np.nan, np.inf, -np.inf):
        if rng.random() < 0.2:
            values[rng.random(shape) < 0.1] = odd
    return values


def threshold(rng, case):
    shape, affine = random_shape(rng), random_grid(rng)
    values = random_map(rng, shape)
    save("map.nii", values, affine)
    words = ["threshold", "map.nii", "-o", "out.nii"]
    inside = np.ones(shape, bool)
    if rng.random() < 0.3:
        inside = random_mask(rng, shape) > 0
        save("mask.nii", inside.astype(np.uint8), affine)
        words += ["--mask", "mask.nii"]
    two_sided = rng.random() < 0.5
    words += ["--two-sided"] if two_sided else []
    known = np.where(np.isnan(values), 0, values)
    if rng.random() < 0.3:
        percent = float(rng.choice([0, 25, 50, 90, 97.5, 100]))
        counted = np.abs(known[inside]) if two_sided else known[inside & (known >= 0)]
        if counted.size == 0 or not np.isfinite(counted).all():
            return threshold(rng, case)
        words += ["--percentile", percent]
        value = np.percentile(counted.astype(np.float64), percent) + 1e-5
    else:
        value = float(rng.choice([0.5, 1, 2, 0.7, 3])) * (1 if two_sided else rng.choice([1, 1, -1]))
        words += ["--value", value]
    value = values.dtype.type(value)
    keep = np.abs(known) >= value if two_sided else known <= value if value < 0 else known >= value
    expected = np.where(keep & inside, known, 0)
    least = 1
    if rng.random() < 0.5:
        least = int(rng.integers(1, 8))
        if rng.random() < 0.5:
            words += ["--cluster-size", least]
        else:
            words += ["--cluster-volume", least * np.abs(np.linalg.det(affine[:3, :3]))]
        name = str(rng.choice(list(STRUCTURES)))
        words += ["--connectivity", name]
        for sign in (1, -1):
            labels, count = ndimage.label(expected * sign > 0, ndimage.generate_binary_structure(3, STRUCTURES[name]))
            sizes = np.bincount(labels.ravel(), minlength=count + 1)
            expected[(labels > 0) & (sizes[labels] < least)] = 0
    succeed(*words)
    check(np.array_equal(load("out.nii"), expected), *words, case, SEED)


def binarize(rng, case):
    shape = random_shape(rng)
    values = random_map(rng, shape)
    save("map.nii", values)
    if rng.random() < 0.3:
        words, expected = [], (values != 0) & ~np.isnan(values)
    else:
        value = float(rng.choice([-1, 0, 0.5, 0.7, 2]))
        words, expected = ["--value", value], values >= values.dtype.type(value)
    succeed("binarize", "map.nii", *words, "-o", "out.nii")
    check(np.array_equal(load("out.nii"), expected), "binarize", words, case)


def logic(rng, case):
    shape = random_shape(rng)
    masks = [random_mask(rng, shape) > 0 for _ in range(int(rng.integers(2, 5)))]
    names = [f"{k}.nii" for k in range(len(masks))]
    for name, mask in zip(names, masks):
        save(name, mask.astype(np.uint8))
    word, peer = [("and", np.logical_and), ("or", np.logical_or), ("xor", np.logical_xor)][case % 3]
    succeed(word, *names, "-o", "out.nii")
    check(np.array_equal(load("out.nii"), peer.reduce(masks)), word, case)
    if case % 4 == 0:
        succeed("not", names[0], "-o", "out.nii")
        check(np.array_equal(load("out.nii"), ~masks[0]), "not", case)


def intersect(rng, case):
    shape = random_shape(rng)
    masks = [random_mask(rng, shape) > 0 for _ in range(int(rng.integers(1, 6)))]
    names = [f"{k}.nii" for k in range(len(masks))]
    for name, mask in zip(names, masks):
        save(name, mask.astype(np.uint8))
    fraction = str(rng.choice(["0", "0.2", "0.5", "0.6", "0.75", "1"]))
    votes = np.sum(masks, 0)
    expected = votes == len(masks) if fraction == "1" else votes > Fraction(fraction) * len(masks)
    words = ["--fraction", fraction]
    if rng.random() < 0.4 and expected.any():
        words += ["--largest"]
        labels, _ = ndimage.label(expected)
        expected = labels == np.argmax(np.bincount(labels.ravel())[1:]) + 1
    succeed("intersect", *names, *words, "-o", "out.nii")
    check(np.array_equal(load("out.nii"), expected), "intersect", words, case)


def centres_of(shape, affine):
    places = np.stack(np.indices(shape), -1).reshape(-1, 3)
    return places @ affine[:3, :3].T + affine[:3, 3]


def spheres(rng, case):
    shape, affine = random_shape(rng), random_grid(rng)
    save("like.nii", np.zeros(shape, np.uint8), affine)
    voxels = centres_of(shape, affine)
    distances, rows = [], ["x\ty\tz\tradius"]
    for _ in range(int(rng.integers(1, 5))):
        centre = affine[:3, :3] @ (rng.random(3) * (np.array(shape) - 1)) + affine[:3, 3]
        radius = float(rng.choice([0.1, 1.3, 3.1, 6.7]))
        rows.append("\t".join(repr(float(x)) for x in (*centre, radius)))
        away = np.sqrt(((voxels - centre) ** 2).sum(1))
        held = away <= radius
        if not held.any():
            held[np.argmin(away)] = True
        distances.append(np.where(held, away, np.inf))
    distances = np.array(distances)
    expected = np.where(np.isfinite(distances.min(0)), distances.argmin(0) + 1, 0).reshape(shape)
    with open("centres.tsv", "w") as file:
        file.write("\n".join(rows) + "\n")
    succeed("spheres", "--like", "like.nii", "--centres", "centres.tsv", "-o", "out.nii")
    check(np.array_equal(load("out.nii"), expected), "spheres", case, rows)


def depth_of(mask, sampling):
    return ndimage.distance_transform_edt(mask, sampling) if not mask.all() else np.full(mask.shape, np.inf)


def distance(rng, case):
    shape, affine = random_shape(rng), random_grid(rng)
    mask = random_mask(rng, shape) > 0
    save("mask.nii", mask.astype(np.uint8), affine)
    sampling = np.diag(affine)[:3]
    succeed("distance", "mask.nii", "-o", "out.nii")
    check(np.allclose(load("out.nii"), depth_of(mask, sampling), rtol=1e-12, atol=0), "distance", case)
    mm = float(rng.uniform(0.2, 9))
    succeed("grow", "mask.nii", "--distance", mm, "-o", "out.nii")
    check(np.array_equal(load("out.nii"), depth_of(~mask, sampling) <= mm), "grow", case, mm)
    succeed("grow", "mask.nii", "--distance", -mm, "-o", "out.nii")
    check(np.array_equal(load("out.nii"), depth_of(mask, sampling) > mm), "shrink", case, mm)


def overlap(rng, case):
    shape, affine = random_shape(rng), random_grid(rng)
    labels = [rng.integers(0, 4, shape) * random_mask(rng, shape) for _ in range(2)]
    for name, data in zip("ab", labels):
        save(f"{name}.nii", data.astype(np.int16), affine)
    out = succeed("overlap", "a.nii", "b.nii", "--distances")
    rows = list(csv.DictReader(io.StringIO(out), delimiter="\t"))
    existing = sorted(set(np.unique(labels[0])) | set(np.unique(labels[1])) - {0})
    existing = [label for label in existing if label != 0] or [1]
    check([int(row["label"]) for row in rows] == existing, "labels", case)
    voxels = centres_of(shape, affine)
    for row, label in zip(rows, existing):
        a, b = (data.ravel() == label for data in labels)
        both, either = (a & b).sum(), (a | b).sum()
        check((int(row["voxels_a"]), int(row["voxels_b"])) == (a.sum(), b.sum()), "sizes", case)
        if either == 0:
            check(row["dice"] == row["jaccard"] == row["hausdorff"] == "n/a", "nothing", case)
            continue
        check(np.isclose(float(row["dice"]), 2 * both / (a.sum() + b.sum()), rtol=1e-12), "dice", case)
        check(np.isclose(float(row["jaccard"]), both / either, rtol=1e-12), "jaccard", case)
        if a.any() and b.any():
            peer = max(directed_hausdorff(voxels[a], voxels[b])[0], directed_hausdorff(voxels[b], voxels[a])[0])
            check(np.isclose(float(row["hausdorff"]), peer, rtol=1e-12), "hausdorff", case)
        else:
            check(float(row["hausdorff"]) == np.inf, "hausdorff of nothing", case)


IMAGES = (over_time, mean, math, concat_frames, scaled, mgh)
MASKS = (threshold, binarize, logic, intersect, spheres, distance, overlap)

ROI = os.path.abspath(sys.argv[1])
CASES = int(sys.argv[2]) if len(sys.argv) > 2 else None
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 20261127
CHOSEN = sys.argv[4:]

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for function in IMAGES + MASKS:
            if CHOSEN and function.__name__ not in CHOSEN:
                continue
            cases = CASES or (500 if function in IMAGES else 2000)
            rng = np.random.default_rng([SEED, len(function.__name__), ord(function.__name__[0])])
            for case in range(cases):
                function(rng, case)
            print(f"{function.__name__}: {cases} cases agree", flush=True)
