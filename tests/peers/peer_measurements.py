#!/usr/bin/env python3
"""Runs SciPy's own tests of labels and measurements, and random cases, against roi.

usage: peer_measurements.py SERVER [CASES] [SEED]

SERVER is the program measurements_server. SciPy's test_measurements.py runs with SciPy's functions replaced by those of
measurements_by_roi.py: a test that fails is an error, one that asks for what roi does not have is listed with the reason.
Every function then gets CASES (2000) random arrays of one to three dimensions, axes of 0 and 1 included, with ties, labels
with gaps and below 0, asked for one by one as SciPy is exact there: sizes, extremes and their places, boxes, medians and
bins must be equal, sums and what follows from them agree to 1e-12. Without SciPy everything is skipped with a word.
"""
import importlib
import sys
import types
import warnings

try:
    import numpy as np
    from scipy import ndimage
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(0)

import measurements_by_roi as roi



def tests_of(module):
    """Names and functions of a module's tests, methods of classes as functions of a new object."""
    for name, value in vars(module).items():
        if name.startswith("test_") and callable(value):
            yield name, value
        if name.startswith("Test") and isinstance(value, type):
            for method in dir(value):
                if method.startswith("test_"):
                    yield f"{name}.{method}", getattr(value(), method)


def scipys_own_tests():
    try:
        import pytest  # noqa: F401
    except ImportError:
        # The tests want nothing of it but to see that something is raised.
        raises = lambda kind, *words, match=None, **options: np.testing.assert_raises(kind, *words, **options)  # noqa: E731
        sys.modules["pytest"] = types.SimpleNamespace(raises=raises)
    try:
        module = importlib.import_module("scipy.ndimage.tests.test_measurements")
    except ImportError as missing:
        print(f"SciPy's own tests skipped: {missing}")
        return True
    kept = {name: getattr(ndimage, name) for name in roi.FUNCTIONS if hasattr(ndimage, name)}
    passed, failed, absent = 0, [], {}
    try:
        for name in kept:
            setattr(ndimage, name, roi.FUNCTIONS[name])
        for name, function in tests_of(module):
            before = roi.SERVER.requests
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    function()
                passed += roi.SERVER.requests > before  # the others test SciPy's own helpers
            except roi.Unsupported as reason:
                absent.setdefault(str(reason), []).append(name)
            except Exception as error:  # noqa: BLE001
                failed.append(f"{name}: {error!r}")
    finally:
        for name, function in kept.items():
            setattr(ndimage, name, function)
    total = passed + len(failed) + sum(map(len, absent.values()))
    print(f"SciPy's own tests: {total} ask for measurements, {passed} pass, {len(failed)} are wrong")
    for reason, names in sorted(absent.items()):
        print(f"  {len(names)} not there: {reason}")
    for line in failed:
        print("  WRONG", line)
    return passed > 0 and not failed


def random_call(rng, name):
    """Arguments of one call that SciPy answers."""
    shape = tuple(rng.choice([0, 1, 2, 3, 4, 5, 6, 7, 9, 13], rng.integers(1, 4), p=[.02] + [.98 / 9] * 9))
    if name == "label":
        structure = None
        if rng.random() < 0.7:
            structure = rng.random((3,) * len(shape)) < rng.choice([0.3, 0.7])
            structure |= structure[(slice(None, None, -1),) * len(shape)]
        return rng.random(shape) < rng.choice([0.1, 0.5, 0.8]), structure
    labels = rng.choice([1, 3]) * rng.integers(-2, rng.integers(2, 8), shape)
    if name == "find_objects":
        return labels, int(rng.integers(0, 9))
    if name == "value_indices":
        return (labels,)
    values = rng.normal(5, 3, shape)
    if rng.random() < 0.5:
        values = np.round(values)
    if rng.random() < 0.2:
        values = values.astype(np.float32).astype(float)  # of float32 SciPy adds in float32
    # A label that occurs, without ties between SciPy's forms; absent ones are garbage in SciPy.
    present = np.unique(labels)
    index = None if present.size == 0 or (rng.random() < 0.2 and (labels > 0).any()) else int(rng.choice(present))
    if name == "labeled_comprehension":
        # SciPy hands the values over in no order of its own.
        return values, labels, None if index is None else np.unique(labels), np.median, float, -1.0
    if name == "histogram":
        low = float(rng.integers(-3, 5))
        return values, low, low + float(rng.integers(1, 9)), int(rng.integers(1, 12)), labels, index
    return values, labels, index


def random_cases(cases, seed):
    right = True
    for number, (name, function) in enumerate(roi.FUNCTIONS.items()):
        if not hasattr(ndimage, name) or name in ("watershed_ift",):
            continue
        rng = np.random.default_rng([seed, number])
        compared = 0
        while compared < cases:
            words = random_call(rng, name)
            if name == "labeled_comprehension" and words[2] is None and not (words[1] > 0).any():
                continue
            if name not in ("label", "find_objects", "value_indices", "labeled_comprehension") and (
                    words[-1] is None and not (words[-2] > 0).any()):
                continue
            if name == "find_objects" and words[0].size == 0:
                continue  # SciPy asks for its maximum
            compared += 1
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                peer = getattr(ndimage, name)(*words)
            ours = function(*words)
            rounded = name in ("sum", "sum_labels", "mean", "variance", "standard_deviation", "center_of_mass")
            if name == "center_of_mass" and not np.isfinite(peer).all():
                continue
            if name == "value_indices":
                same = list(peer) == list(ours) and all(
                    np.array_equal(a, b) for k in peer for a, b in zip(peer[k], ours[k]))
            else:
                same = np.allclose(peer, ours, rtol=1e-12, atol=1e-11) if rounded else \
                    peer == ours if name in ("find_objects", "minimum_position", "maximum_position", "extrema") else \
                    all(np.array_equal(a, b) for a, b in zip(peer, ours)) if name == "label" else \
                    np.array_equal(peer, ours)
            if not same:
                print(f"WRONG {name}, case {compared} of seed {seed}: {words}\nSciPy {peer}\nroi {ours}")
                right = False
                break
        else:
            print(f"{name}: {compared} random cases agree")
    return right


if __name__ == "__main__":
    roi.SERVER = roi.Server(sys.argv[1])
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    chosen = int(sys.argv[3]) if len(sys.argv) > 3 else 20260122
    own, random = scipys_own_tests(), random_cases(number, chosen)
    sys.exit(0 if own and random else 1)
