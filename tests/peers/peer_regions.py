#!/usr/bin/env python3
"""Compares `roi label`, `relabel`, `regions`, `clusters` and `extract` with SciPy and NumPy on random images.

usage: peer_regions.py ROI [CASES] [SEED]

ROI is the program; every function gets CASES (2000) images: axes of one voxel, sparse and dense, ties, NaN, negative labels
with gaps. Numbers of labels, sizes, boxes and places are equal, sums and means agree to 1e-12. Tables of clusters are those
of nilearn's `get_clusters_table`, written out here with its rules (of 0.14) but where ours differ on purpose, as
docs/numerics.md says; regions round peaks are those of its `connected_regions(extract_type="local_regions")`, with
the equations of the random walker solved by SciPy's sparse solver. Skips with a word when SciPy or nibabel is missing.
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
    # All labels that occur, or some in any order, with the background and one that no voxel has.
    index = np.unique(labels[labels != 0])
    chosen = list(rng.permutation([*index, 0, 1000, *index[:1]])) if case % 2 else list(index)
    points = np.unique(rng.choice([0, 12.5, 50, 99, 100, 33.25], 3))
    low, bins = float(rng.integers(-5, 10)), int(rng.integers(1, 9))
    high = low + float(rng.choice([1, 7.5, 20]))
    said = run("regions", "labels.nii", "--values", "values.nii", "--quiet", "--all", "--percentiles",
               ",".join(f"{p:g}" for p in points), "--histogram", f"{low},{high},{bins}",
               *(["--select", ",".join(map(str, chosen))] if case % 2 else []))
    if not chosen:
        check(len(said.splitlines()) == 1, case, "no labels")
        return
    rows = table(said)
    index = chosen
    check([int(row["label"]) for row in rows] == list(index), case, "labels")
    for row in rows:
        inside = labels == int(row["label"])
        in_bins = [value for key, value in row.items() if key.startswith("bin_")]
        if not inside.any():
            check(row["voxels"] == "0" and row["i0"] == row["mean"] == row["min_i"] == "n/a", case, "absent", row)
            check(row["count"] == "0" and in_bins == ["0"] * bins, case, "absent", row)
            continue
        box = ndimage.find_objects(inside.astype(int))[0]
        check([int(row[k]) for k in ("i0", "i1", "j0", "j1", "k0", "k1")] ==
              [bound for axis in box for bound in (axis.start, axis.stop)], case, "box", row)
        check(int(row["voxels"]) == inside.sum(), case, "size", row)
        check(float(row["mm3"]) == inside.sum() * np.linalg.det(affine[:3, :3]).round(), case, "mm3", row)
        centre = np.array(ndimage.center_of_mass(inside)) * np.diag(affine)[:3]
        check(np.allclose([float(row[k]) for k in "xyz"], centre, rtol=1e-12, atol=1e-12), case, "centre", row)
        usable = inside & np.isfinite(values)
        if not usable.any():
            check(row["mean"] == row["peak_x"] == row["variance"] == row["mass_x"] == row["min_i"] == "n/a", case,
                  "nothing", row)
            check(row["count"] == "0" and in_bins == ["0"] * bins, case, "nothing", row)
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
        least, largest = ndimage.minimum_position(clean, number, 1), ndimage.maximum_position(clean, number, 1)
        check([int(row[f"min_{k}"]) for k in "ijk"] == list(least), case, "least", row, least)
        check([int(row[f"peak_{k}"]) for k in "ijk"] == list(largest), case, "largest", row, largest)
        check([float(row[f"min_{k}"]) for k in "xyz"] == list(np.array(least) * np.diag(affine)[:3]), case, "least", row)
        check(int(row["count"]) == usable.sum(), case, "count", row)
        check(np.isclose(float(row["variance"]), ndimage.variance(clean, number, 1), rtol=1e-11, atol=1e-12), case,
              "variance", row)
        mass = np.array(ndimage.center_of_mass(clean, number, 1)) * np.diag(affine)[:3]
        if ndimage.sum_labels(np.abs(clean), number, 1) < 1e3 * abs(ndimage.sum_labels(clean, number, 1)):
            check(np.allclose([float(row[f"mass_{k}"]) for k in "xyz"], mass, rtol=1e-9, atol=1e-9), case, "mass", row, mass)
        for p in points:
            expected = np.percentile(values[usable], p)
            check(np.isclose(float(row[f"percentile{p:g}"]), expected, rtol=1e-12, atol=1e-12), case, "percentile", p, row)
        expected = ndimage.histogram(clean, low, high, bins, number, 1)
        check([int(value) for value in in_bins] == list(expected), case, "histogram", row, expected)


def peaks_of_cluster(values, inside):
    """Voxels and values of a cluster's peaks, by falling value: nilearn's _local_max before it pares them."""
    masked = np.where(inside, values, 0)
    largest, least = (f(masked, footprint=np.ones((3, 3, 3))) for f in (ndimage.maximum_filter, ndimage.minimum_filter))
    peak = (masked == largest) & inside
    if np.unique(values[inside]).size > 1:
        peak &= largest != least
    groups, count = ndimage.label(peak)
    out = []
    for k in range(1, count + 1):
        voxels = np.argwhere(groups == k)
        middle = np.rint(voxels.mean(0)).astype(int)
        if groups[tuple(middle)] != k:
            middle = voxels[((voxels - middle) ** 2).sum(1).argmin()]
        out.append((tuple(middle), values[tuple(voxels[0])]))
    return sorted(out, key=lambda one: -one[1])


def clusters(rng, case):
    shape = rng.integers(1, 14, 3)
    values = ndimage.gaussian_filter(rng.normal(size=shape), rng.choice([0, 0.8, 1.5]))
    values = np.round(values / max(values.std(), 1e-9), int(rng.choice([0, 1, 6])))  # ties and plateaus, and none
    if case % 4 == 0:
        values[rng.random(shape) < 0.05] = np.nan
    affine = np.diag([*rng.choice([-1, 1], 3) * rng.integers(1, 5, 3), 1]).astype(float)
    affine[:3, 3] = rng.integers(-9, 9, 3)
    save("map.nii", values, affine)
    threshold, two_sided = float(rng.choice([0.5, 1, 2])), case % 2 == 1
    least, apart = int(rng.integers(1, 6)), float(rng.choice([2, 4, 8, 11]))
    atlas = rng.integers(0, 4, shape).astype(np.int16)
    save("atlas.nii", atlas, affine)
    expected, number = [], 0
    for sign in (1, -1)[:1 + two_sided]:
        side = sign * np.nan_to_num(values)
        labels, count = ndimage.label(side > threshold)
        found = [(side[labels == k].max(), (labels == k).sum(), k) for k in range(1, count + 1)]
        # By peak, of equals the larger and then the one whose first voxel comes first.
        for _, size, k in sorted((one for one in found if one[1] >= least), key=lambda one: (-one[0], -one[1], one[2])):
            number += 1
            kept = []
            for voxel, value in peaks_of_cluster(side, labels == k):
                place = affine[:3, :3] @ voxel + affine[:3, 3]
                if len(kept) < 4 and all(np.linalg.norm(place - other) > apart * (1 + 1e-6) for other in kept):
                    name = f"{number}{' abc'[len(kept)].strip()}"
                    volume = size * abs(np.linalg.det(affine[:3, :3])).round()
                    region = atlas[voxel]
                    expected.append((name, *place, sign * value, "n/a" if kept else volume,
                                     f"label_{region}" if region else "n/a"))
                    kept.append(place)
    said = run("clusters", "map.nii", "--threshold", threshold, "--min-size", least, "--min-distance", apart, "--atlas",
               "atlas.nii", *(["--two-sided"] if two_sided else []), "--quiet")
    rows = [(row["id"], float(row["x"]), float(row["y"]), float(row["z"]), float(row["peak"]),
             "n/a" if row["mm3"] == "n/a" else float(row["mm3"]), row["region"]) for row in table(said)]
    # Which of several peaks of one value comes first is no rule of nilearn's: where there are such, values are compared.
    if len({row[4] for row in expected}) == len(expected):
        check(rows == expected, case, "clusters", rows, expected)
    else:
        mains = lambda rows: [row for row in rows if row[0].isdigit()]  # noqa: E731
        check([(row[0], row[4], row[5]) for row in mains(rows)] == [(row[0], row[4], row[5]) for row in mains(expected)],
              case, "sizes", rows, expected)


def walked(values, seeds):
    """Labels by the random walker, 0 where no seed is reached; also by how much the winner leads, in every voxel."""
    from scipy import sparse
    from scipy.sparse import linalg
    shape = values.shape
    sharpness = 130 / (10 * values.std())
    number = np.arange(values.size).reshape(shape)
    pairs, weights = [], []
    for axis in range(3):
        a = np.take(number, range(shape[axis] - 1), axis).ravel()
        b = np.take(number, range(1, shape[axis]), axis).ravel()
        flat = values.ravel()
        both = (flat[a] != 0) & (flat[b] != 0)
        a, b = a[both], b[both]
        pairs.append(np.stack([a, b]))
        weights.append(np.exp(-sharpness * (flat[a] - flat[b]) ** 2) + 1e-10)
    (i, j), w = np.hstack(pairs), np.hstack(weights)
    size = values.size
    graph = sparse.coo_matrix((np.r_[w, w], (np.r_[i, j], np.r_[j, i])), (size, size)).tocsr()
    laplacian = (sparse.diags(np.asarray(graph.sum(1)).ravel()) - graph).tocsr()
    marks = np.where(values != 0, seeds, 0).ravel()
    labels, lead = marks.copy(), np.full(size, np.inf)
    pieces, count = ndimage.label(values != 0)
    for piece in range(1, count + 1):
        inside = (pieces == piece).ravel()
        free, seeded = np.flatnonzero(inside & (marks == 0)), np.flatnonzero(inside & (marks > 0))
        names = np.unique(marks[seeded])
        if free.size == 0:
            labels[inside] = 0
        elif names.size == 1:
            labels[free] = names[0]
        elif names.size > 1:
            solve = linalg.splu(laplacian[free][:, free].tocsc()).solve
            right = -laplacian[free][:, seeded] @ (marks[seeded][:, None] == names)
            chances = solve(np.asarray(right, float))
            labels[free] = names[chances.argmax(1)]
            ordered = np.sort(chances, 1)
            lead[free] = ordered[:, -1] - ordered[:, -2]
    return labels.reshape(shape), lead.reshape(shape)


def local_regions(rng, case):
    # Peaks are at least 11 voxels apart, so one axis is long.
    shape = rng.permutation([*rng.integers(1, 8, 2), rng.integers(20, 60)])
    values = ndimage.gaussian_filter(rng.normal(size=shape), rng.choice([0.8, 1.5, 2.5]))
    values = np.round(values / values.std() + rng.choice([0, 1]), 6)
    size = float(rng.integers(1, 4))
    affine = np.diag([size, size, size, 1])
    save("map.nii", values, affine)
    limit, fwhm = float(rng.choice([0.1, 0.5, 1])), float(rng.choice([0, 2, 6]))
    kept = np.where(values >= limit, values, 0)
    smooth = ndimage.gaussian_filter(kept, fwhm / (np.sqrt(8 * np.log(2)) * size), mode="reflect") if fwhm else kept
    largest = ndimage.maximum_filter(smooth, 21, mode="constant")
    peaks = (smooth == largest) & (smooth > max(0.1 * smooth.max(), 0)) if smooth.min() != smooth.max() else \
        np.zeros(smooth.shape, bool)
    seeds, count = ndimage.label(peaks)
    labels, lead = walked(kept, seeds) if count and kept.std() > 0 else (np.zeros(shape, int), np.full(shape, np.inf))
    # Where two peaks are as likely but for rounding, any label is right; so near a maximum of rounded values.
    if (lead < 1e-9).any():
        return
    expected = [k for k in range(1, count + 1) if (labels == k).any()]
    done = subprocess.run([ROI, "extract", "map.nii", "--threshold", str(limit), "--strategy", "img_value", "--type",
                           "local_regions", "--fwhm", str(fwhm), "--min-volume", "0", "-o", "out.nii"],
                          capture_output=True, text=True)
    if not expected:
        check(done.returncode == 1 and "no region" in done.stderr, case, "nothing", done.stderr)
        return
    check(done.returncode == 0, case, done.stderr)
    found = load("out.nii")
    found = found.reshape(*shape, -1)
    check(found.shape[3] == len(expected), case, "regions", found.shape, len(expected))
    for place, k in enumerate(expected):
        check(np.array_equal(found[..., place], np.where(labels == k, kept, 0)), case, "region", k)


if len(sys.argv) < 2:
    sys.exit(__doc__)
ROI = os.path.abspath(sys.argv[1])
CASES = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 20260122
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for function in (label, relabel, regions, clusters, local_regions):
        rng = np.random.default_rng(SEED)
        for case in range(CASES):
            function(rng, case)
        print(f"{function.__name__}: {CASES} cases agree, seed {SEED}")
    os.chdir("/")
