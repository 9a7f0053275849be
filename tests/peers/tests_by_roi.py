"""SciPy's and scikit-learn's tests of means, with their signatures, answered by roi.

Samples go as runs, whatever the other axes are as voxels. What roi does not have raises Unsupported, with the reason. Checks
of arguments that only concern Python (ranks, words, warnings of constants) raise what the peers raise.
"""
import collections
import struct
import subprocess
import warnings

import numpy as np
from scipy import sparse, stats

TTEST, FROM_STATS, F, PERMUTE = range(4)
ALTERNATIVES = ["two-sided", "less", "greater"]
POLICIES = ["propagate", "omit", "raise"]
Result = collections.namedtuple("Ttest_indResult", ("statistic", "pvalue"))


class Unsupported(Exception):
    """Something that roi does not have."""


class Server:
    """The program tests_server; ends with its input."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.requests = 0

    def ask(self, what, voxels, first, second, parts, equal=True, alternative=0, nan=0, groups=0, trim=0.0):
        self.requests += 1
        self.process.stdin.write(struct.pack("=8qd", what, voxels, first, second, equal, alternative, nan, groups, trim) +
                                 b"".join(np.ascontiguousarray(part, np.float64).tobytes() for part in parts))
        self.process.stdin.flush()
        status, size = struct.unpack("=2q", self.process.stdout.read(16))
        answer = self.process.stdout.read(size)
        if status:
            raise ValueError(answer.decode())
        return np.frombuffer(answer).reshape(2, -1)


SERVER = None


def _word(word, words):
    if word not in words:
        raise ValueError(f"{word!r} is none of {words}")
    return words.index(word)


def _samples(arrays, axis):
    """Volumes first, then everything else broadcast as voxels; and its shape."""
    arrays = [np.asarray(array) for array in arrays]
    if any(np.iscomplexobj(array) for array in arrays):
        raise Unsupported("complex numbers")
    arrays = [np.atleast_1d(array) for array in arrays]
    if axis is None:
        arrays, axis = [array.ravel() for array in arrays], 0
    if axis < 0:
        arrays = [np.moveaxis(array, axis, 0) for array in arrays]
    else:
        rank = max(array.ndim for array in arrays)
        arrays = [np.moveaxis(array.reshape((1,) * (rank - array.ndim) + array.shape), axis, 0) for array in arrays]
    shape = np.broadcast_shapes(*(array.shape[1:] for array in arrays))
    if 0 in shape or any(array.shape[0] == 0 for array in arrays):
        raise Unsupported("samples without a value: an error here")
    wide = [np.broadcast_to(array.reshape(array.shape[:1] + (1,) * (len(shape) + 1 - array.ndim) + array.shape[1:]),
                            array.shape[:1] + shape).reshape(array.shape[0], -1).astype(float) for array in arrays]
    return wide, shape


def _shaped(answer, shape):
    return [row.reshape(shape)[()] for row in answer.copy()]


def ttest_ind(a, b, axis=0, equal_var=True, nan_policy="propagate", permutations=None, random_state=None,
              alternative="two-sided", trim=0):
    if permutations is not None and permutations != 0:
        return _permuted(a, b, axis, equal_var, nan_policy, permutations, random_state, alternative, trim)
    which, nan = _word(alternative, ALTERNATIVES), _word(nan_policy, POLICIES)
    (first, second), shape = _samples((a, b), axis)
    if any((part == part[0]).all(0).any() for part in (first, second)):
        warnings.warn("Precision loss occurred in moment calculation due to catastrophic cancellation.", RuntimeWarning)
    if trim and nan == 1 and (np.isnan(first).any() or np.isnan(second).any()):
        raise Unsupported("an error of SciPy 1.10 where NaN are to be left out of trimmed samples, which is done here")
    return Result(*_shaped(SERVER.ask(TTEST, first.shape[1], len(first), len(second), (first, second), bool(equal_var),
                                      which, nan, trim=float(trim)), shape))


def _permuted(a, b, axis, equal_var, nan_policy, permutations, random_state, alternative, trim):
    """p of every voxel by itself; which permutations are drawn is roi's own choice."""
    if trim:
        raise ValueError("Permutations are currently not supported with trimming.")
    if permutations < 0 or (np.isfinite(permutations) and int(permutations) != permutations):
        raise ValueError("Permutations must be a non-negative integer.")
    if random_state is not None and not isinstance(random_state, (int, np.integer, np.random.RandomState,
                                                                   np.random.Generator)):
        raise ValueError(f"{random_state!r} cannot be used to seed a numpy.random.RandomState instance")
    if not equal_var:
        raise Unsupported("permutations of Welch's t")
    which, nan = _word(alternative, ALTERNATIVES), _word(nan_policy, POLICIES)
    (first, second), shape = _samples((a, b), axis)
    odd = np.isnan(first).any(0) | np.isnan(second).any(0)
    if odd.any() and nan == 2:
        raise ValueError("The input contains nan values")
    if odd.any() and nan == 1:
        raise Unsupported("permutations without the volumes that are NaN in a voxel")
    answer = np.full((2, first.shape[1]), np.nan)
    if not odd.all():
        answer[:, ~odd] = SERVER.ask(PERMUTE, (~odd).sum(), len(first), len(second), (first[:, ~odd], second[:, ~odd]),
                                     alternative=which, groups=int(min(permutations, 1e6)))
    return Result(*_shaped(answer, shape))


def ttest_ind_from_stats(mean1, std1, nobs1, mean2, std2, nobs2, equal_var=True, alternative="two-sided"):
    which = _word(alternative, ALTERNATIVES)
    words = np.broadcast_arrays(*(np.asarray(word, float) for word in (mean1, std1, nobs1, mean2, std2, nobs2)))
    rows = [SERVER.ask(FROM_STATS, 1, 0, 0, [np.array(row)], bool(equal_var), which)
            for row in zip(*(word.ravel() for word in words))]
    return Result(*_shaped(np.hstack(rows), words[0].shape))


def f_oneway(*args, axis=0):
    if len(args) < 2:
        raise TypeError(f"at least two inputs are required; got {len(args)}.")
    arrays = [np.asarray(arg, dtype=float) for arg in args]
    np.concatenate(arrays, axis=axis)  # raises what does not fit
    if any(array.shape[axis] == 0 for array in arrays) or all(array.shape[axis] == 1 for array in arrays):
        raise Unsupported("conditions without a volume, or with one each: an error here")
    parts, shape = _samples(arrays, axis)
    groups = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    values = np.concatenate(parts)
    if any((part == part[0]).all(0).any() for part in [values]) or \
            np.all([(part == part[0]).all(0) for part in parts], axis=0).any():
        warnings.warn(stats.ConstantInputWarning("Each of the input arrays is constant;"
                                                 "the F statistic is not defined or infinite"))
    return Result(*_shaped(SERVER.ask(F, values.shape[1], len(values), 0, (groups, values), groups=len(parts)), shape))


def f_classif(X, y):
    X = X.toarray() if sparse.issparse(X) else np.asarray(X, float)
    kinds, groups = np.unique(np.asarray(y), return_inverse=True)
    if not np.isfinite(X).all():
        raise ValueError("Input contains NaN or infinity")
    if (X == X[0]).all(0).any():
        warnings.warn("Features are constant.", UserWarning)
    return tuple(SERVER.ask(F, X.shape[1], len(X), 0, (groups, X), groups=len(kinds)).copy())


def sklearn_f_oneway(*args):
    parts = [arg.toarray() if sparse.issparse(arg) else np.asarray(arg, float) for arg in args]
    groups = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    values = np.concatenate(parts)
    return tuple(SERVER.ask(F, values.shape[1], len(values), 0, (groups, values), groups=len(parts)).copy())
