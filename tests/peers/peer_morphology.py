#!/usr/bin/env python3
"""Runs SciPy's own tests of morphology, and random cases, against roi.

usage: peer_morphology.py SERVER [CASES] [SEED]

SERVER is the program morphology_server. SciPy's test_morphology.py runs with SciPy's functions replaced by those of
ndimage_by_roi.py: a test that fails is an error, one that asks for what roi does not have is listed with the reason.
Every function then gets CASES (2000) random arrays of one to three dimensions, axes of 0 and 1 included, with structures of
any size, origins, masks, border values and iterations, and must give SciPy's answer: equal, distances to 1e-12. Gradients
and top hats, which SciPy has only of grey values, must be what they are by definition, and where they can be those of 0 and 1.
Structures larger than the array are left out, because SciPy 1.10 writes beyond its memory there. Without SciPy everything is
skipped with a word, without pytest its tests are.
"""
import contextlib
import io
import sys

try:
    import numpy as np
    from scipy import ndimage
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(0)

import ndimage_by_roi as roi

try:
    import pytest
except ImportError:
    pytest = None


class Report:
    """A plugin of pytest that counts the tests that asked roi."""

    def __init__(self):
        self.passed, self.failed, self.missing, self.before = 0, [], {}, 0

    def pytest_runtest_setup(self, item):
        self.before = roi.SERVER.requests

    def pytest_runtest_makereport(self, item, call):
        if call.when != "call":
            return
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, roi.Unsupported):
            self.missing.setdefault(str(error), []).append(item.name)
        elif roi.SERVER.requests == self.before:
            return  # grey values and the like: SciPy alone
        elif error is None:
            self.passed += 1
        else:
            self.failed.append(f"{item.name}: {error!r}")


def scipys_own_tests():
    if pytest is None:
        print("SciPy's own tests skipped: no pytest")
        return True
    kept = {function.__name__: getattr(ndimage, function.__name__) for function in roi.FUNCTIONS}
    report = Report()
    try:
        for function in roi.FUNCTIONS:
            setattr(ndimage, function.__name__, function)
        with contextlib.redirect_stdout(io.StringIO()):
            pytest.main(["-q", "-p", "no:cacheprovider", "--pyargs", "scipy.ndimage.tests.test_morphology"],
                        plugins=[report])
    finally:
        for name, function in kept.items():
            setattr(ndimage, name, function)
    total = report.passed + len(report.failed) + sum(map(len, report.missing.values()))
    print(f"SciPy's own tests: {total} ask for morphology, {report.passed} pass, {len(report.failed)} are wrong")
    for reason, names in sorted(report.missing.items()):
        print(f"  {len(names)} not there: {reason}")
    for line in report.failed:
        print("  WRONG", line)
    return report.passed > 0 and not report.failed


def random_array(rng, density=None):
    shape = tuple(rng.choice([0, 1, 2, 3, 4, 5, 6, 7, 9, 13], rng.integers(1, 4), p=[.02] + [.98 / 9] * 9))
    if rng.random() < 0.1:
        shape = shape[:-1] + (int(rng.integers(60, 200)),)  # lines of several words
    return rng.random(shape) < (rng.choice([0.1, 0.5, 0.8]) if density is None else density)


def random_structure(rng, shape, centre):
    """No structure, a connectivity, or random values that fit into the array; and an origin."""
    rank = len(shape)
    kind = rng.integers(4)
    if kind < 2 and min(shape) >= 3:
        if kind == 0:
            return None, [0] * rank
        return ndimage.generate_binary_structure(rank, int(rng.integers(1, rank + 1))), [0] * rank
    size = [int(rng.integers(1, min(5, length) + 1)) for length in shape]
    values = rng.random(size) < rng.choice([0.3, 0.7])
    origin = [int(rng.integers(-(n // 2), n - n // 2)) for n in size]
    if centre:
        values[tuple(n // 2 + o for n, o in zip(size, origin))] = True
    return values, origin


def random_call(rng, name):
    """Positional arguments and options of one call that SciPy answers."""
    if name == "iterate_structure":
        size = rng.integers(1, 5, rng.integers(1, 4))
        return (rng.random(size) < 0.5, int(rng.integers(-1, 5))), {}
    if name == "generate_binary_structure":
        return (int(rng.integers(1, 4)), int(rng.integers(-1, 5))), {}
    array = random_array(rng, 0.05 if name == "binary_propagation" else None)
    if name == "distance_transform_edt":
        if array.all() and array.size:
            array.flat[rng.integers(array.size)] = False
        sampling = rng.choice([None, 1, 2])
        return (array,), {"sampling": None if sampling is None else list(rng.uniform(0.3, 4, array.ndim))
                          if sampling == 1 else float(rng.uniform(0.5, 3))}
    if min(array.shape) == 0:
        return (array,), {}
    if name == "binary_hit_or_miss":
        first, origin = random_structure(rng, array.shape, False)
        if rng.random() < 0.5:
            return (array, first), {"origin1": origin}
        second, other = random_structure(rng, array.shape, False)
        if second is None:
            second = ndimage.generate_binary_structure(array.ndim, 1)
        return (array, first, second), {"origin1": origin, "origin2": other}
    stable = name in ("binary_fill_holes", "binary_propagation")
    iterations = int(rng.choice([1, 1, 2, 3, -1]))
    structure, origin = random_structure(rng, array.shape, stable or iterations < 1)
    options = {"structure": structure, "origin": origin}
    if name != "binary_fill_holes":
        options["border_value"] = int(rng.integers(2))
        if rng.random() < 0.5:
            options["mask"] = rng.random(array.shape) < 0.7
    if not stable:
        options["iterations"] = iterations
    return (array,), options


def expected(function, words, options):
    array = words[0]
    if isinstance(array, np.ndarray) and array.size == 0:
        return np.zeros(array.shape, np.float64 if function is ndimage.distance_transform_edt else bool)
    if options.get("structure") is None and len(words) == 1 and function is not ndimage.distance_transform_edt \
            and min(array.shape) < 3:
        return None  # the default structure is larger than the array
    if function is ndimage.binary_hit_or_miss and words[1] is None and min(array.shape) < 3:
        return None
    return function(*words, **options)


def expected_gradient(name, array, options):
    """What a gradient is by its definition, of SciPy's own functions."""
    dilated, eroded, opened, closed = (getattr(ndimage, f"binary_{what}")(array, **options)
                                       for what in ("dilation", "erosion", "opening", "closing"))
    return {"gradient": dilated & ~eroded, "outer_gradient": dilated & ~array, "inner_gradient": array & ~eroded,
            "white_top_hat": array & ~opened, "black_top_hat": closed & ~array}[name]


def of_grey_values(name, array, structure):
    """SciPy's function of grey values that does the same on an image of 0 and 1 with nothing around it; of closing there
    is none, whose erosion would have to see ones around."""
    grey = {"gradient": ndimage.morphological_gradient, "white_top_hat": ndimage.white_tophat}
    if name not in grey:
        return None
    return grey[name](array.astype(np.int8), footprint=structure, mode="constant") != 0


def random_gradients(cases, seed):
    right = True
    for number, name in enumerate(roi.GRADIENTS):
        rng = np.random.default_rng([seed, 100 + number])
        compared = by_grey = 0
        while compared < cases and right:
            array = random_array(rng)
            if min(array.shape) == 0:
                continue
            structure, origin = random_structure(rng, array.shape, True)
            if structure is None:
                structure = ndimage.generate_binary_structure(array.ndim, 1)
            options = {"structure": structure, "origin": origin}
            plain = rng.random() < 0.3
            if plain:
                # Odd and centred, so that grey and binary functions agree where the centre is.
                if any(length % 2 == 0 for length in structure.shape):
                    continue
                options["origin"] = 0
                structure[tuple(length // 2 for length in structure.shape)] = True
            else:
                options |= {"iterations": int(rng.choice([1, 1, 2, 3])), "border_value": int(rng.integers(2))}
                if rng.random() < 0.5:
                    options["mask"] = rng.random(array.shape) < 0.7
            compared += 1
            ours = roi.gradient_by_roi(name, array, **options)
            peers = [expected_gradient(name, array, options)]
            grey = of_grey_values(name, array, structure) if plain else None
            if grey is not None:
                by_grey += 1
                peers.append(grey)
            if not all(np.array_equal(ours, peer) for peer in peers):
                print(f"WRONG {name}, case {compared} of seed {seed}: {array} {options}\nSciPy {peers}\nroi {ours}")
                right = False
        print(f"{name}: {compared} random cases equal, {by_grey} of them also to grey values")
    return right


def random_cases(cases, seed):
    right = True
    for function in roi.FUNCTIONS:
        name = function.__name__
        rng = np.random.default_rng([seed, len(name), ord(name[7])])
        compared = 0
        while compared < cases:
            words, options = random_call(rng, name)
            peer = expected(getattr(ndimage, name), words, options)
            if peer is None:
                continue
            compared += 1
            ours = function(*words, **options)
            same = np.allclose(peer, ours, rtol=1e-12, atol=0) if peer.dtype == float else np.array_equal(peer, ours)
            if peer.shape != ours.shape or not same:
                print(f"WRONG {name}, case {compared} of seed {seed}: {words} {options}\nSciPy {peer}\nroi {ours}")
                right = False
                break
        else:
            print(f"{name}: {compared} random cases equal")
    return right


if __name__ == "__main__":
    roi.SERVER = roi.Server(sys.argv[1])
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    chosen = int(sys.argv[3]) if len(sys.argv) > 3 else 20260122
    own, random, edges = scipys_own_tests(), random_cases(number, chosen), random_gradients(number, chosen)
    sys.exit(0 if own and random and edges else 1)
