#!/usr/bin/env python3
"""Compares compute_epi_mask and compute_background_mask with nilearn's on random images.

usage: peer_brain_mask.py SERVER [CASES] [SEED]

SERVER is the program measurements_server; each function gets CASES (2000) images: heads of noise, plateaus, ties, axes of one
voxel, NaN and infinite voxels, masks that come out empty, every option. Masks are equal, and what one refuses the other does.
Skips with a word when nilearn is missing.
"""
import sys
import warnings
from collections import Counter

try:
    import nibabel
    import numpy as np
    from nilearn import masking
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(0)

from measurements_by_roi import Server

EPI, BACKGROUND = 3, 4


def random_image(rng):
    """A brighter box in noise, of real or few whole numbers; some voxels not finite."""
    shape = rng.integers(1, 13, 3)
    whole = rng.random() < 0.4
    data = rng.normal(0, 5, shape) if rng.random() < 0.7 else np.zeros(shape)
    first = (shape * rng.uniform(0, 0.4, 3)).astype(int)
    last = np.maximum((shape * rng.uniform(0.5, 1, 3)).astype(int), first + 1)
    box = tuple(slice(a, b) for a, b in zip(first, last))
    data[box] += rng.normal(rng.choice([5, 20, 60]), 3, data[box].shape)
    if whole:
        data = np.round(data / rng.choice([1, 8]))
    spoilt = rng.random()
    if spoilt < 0.15:
        data[rng.random(shape) < 0.1] = np.nan
    elif spoilt < 0.2:
        data[rng.random(shape) < 0.05] = rng.choice([np.inf, -np.inf])
    elif spoilt < 0.25:
        outside = np.ones(shape, bool)
        outside[box] = False
        data[outside] = np.nan
    return data, whole


def answer(server, operation, data, opening, flags, low=0.0, high=0.0):
    try:
        found = server.ask(operation, data.shape, [data.tobytes(order="F")], asked=opening, bins=flags, low=low, high=high)
    except RuntimeError as error:
        return str(error)
    return np.frombuffer(found, bool).reshape(data.shape, order="F")


def peer(function, data, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return function(nibabel.Nifti1Image(data, np.eye(4)), **options).get_fdata() != 0
        except (ValueError, IndexError) as error:
            return str(error)


def epi(rng, server):
    data, whole = random_image(rng)
    low = float(rng.choice([0.2, 0.2, round(rng.uniform(0, 0.5), 2)]))
    high = float(rng.choice([0.85, 0.85, round(rng.uniform(0.55, 1), 2)]))
    # Smoothed whole numbers make gaps that are equal but for rounding, and either may be the widest then.
    opening = 0 if whole else int(rng.choice([0, 1, 2, 2, 3]))
    connected, zeros = bool(rng.integers(2)), bool(rng.integers(2))
    ours = answer(server, EPI, data, opening, connected + 2 * zeros, low, high)
    theirs = peer(masking.compute_epi_mask, data, lower_cutoff=low, upper_cutoff=high,
                  connected=connected, opening=opening or False, exclude_zeros=zeros)
    return ours, theirs, (data, low, high, opening, connected, zeros)


def background(rng, server):
    data, _ = random_image(rng)
    size = int(rng.integers(1, 5))
    opening, connected = int(rng.choice([0, 0, 1, 2])), bool(rng.integers(2))
    ours = answer(server, BACKGROUND, data, opening, connected + 4 * size)
    theirs = peer(masking.compute_background_mask, data, border_size=size, connected=connected, opening=opening or False)
    return ours, theirs, (data, size, opening, connected)


def main():
    server = Server(sys.argv[1])
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20260122
    for number, function in enumerate((epi, background)):
        rng = np.random.default_rng([seed, number])
        kinds = Counter()
        for case in range(cases):
            ours, theirs, said = function(rng, server)
            if isinstance(ours, str) and isinstance(theirs, str):
                kinds["refused by both"] += 1
                continue
            if isinstance(ours, str) or isinstance(theirs, str) or not np.array_equal(ours, theirs):
                print(f"WRONG {function.__name__}, case {case} of seed {seed}: {said}\nnilearn {theirs}\nroi {ours}")
                return 1
            kinds["empty" if not ours.any() else "full" if ours.all() else "masks"] += 1
        words = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        print(f"{function.__name__}: {cases} random cases equal, seed {seed}: {words}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
