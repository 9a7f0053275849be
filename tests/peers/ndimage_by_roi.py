"""SciPy's functions of binary morphology, with SciPy's signatures, answered by roi.

Arrays of up to three dimensions go as volumes, their last axis as x. What roi does not have raises Unsupported, with the
reason. Checks of arguments that only concern Python (ranks, types) raise what SciPy raises.
"""
import operator
import struct
import subprocess

import numpy as np

ERODE, DILATE, OPEN, CLOSE, FILL, PROPAGATE, HIT, ITERATE, DISTANCE, CONNECTIVITY = range(10)
GRADIENTS = ("gradient", "outer_gradient", "inner_gradient", "white_top_hat", "black_top_hat")


class Unsupported(Exception):
    """Something that roi does not have."""


class Server:
    """The program morphology_server."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.requests = 0

    def ask(self, operation, array, structure=None, origin=None, iterations=1, border=0, mask=None, second=None,
            second_origin=None, sampling=(1.0, 1.0, 1.0)):
        self.requests += 1

        def shape(values):
            return (0, 0, 0) if values is None else (values.shape[::-1] + (1, 1, 1))[:3]

        def numbers(values):
            return (tuple(values or ())[::-1] + (0, 0, 0))[:3]

        def truths(values):
            return b"" if values is None else np.ascontiguousarray(values).astype(bool).tobytes()

        head = (operation, *shape(array), *shape(structure), *numbers(origin), iterations, int(bool(border)),
                int(mask is not None), *shape(second), *numbers(second_origin))
        self.process.stdin.write(struct.pack("=19q3d", *head, *sampling) + truths(array) + truths(mask) +
                                 truths(structure) + truths(second))
        self.process.stdin.flush()
        status, x, y, z, size = struct.unpack("=5q", self.process.stdout.read(40))
        answer = self.process.stdout.read(size)
        if status:
            raise RuntimeError(answer.decode())
        rank = array.ndim
        values = np.frombuffer(answer, np.float64 if operation == DISTANCE else bool)
        return values.reshape((z, y, x)[3 - rank:]).copy()


SERVER = None


def _input(input):
    array = np.asarray(input)
    if np.iscomplexobj(array):
        raise TypeError("Complex type not supported")
    if array.ndim > 3:
        raise Unsupported(f"arrays of {array.ndim} dimensions; roi has volumes")
    return array != 0


def _sequence(values, rank):
    if np.ndim(values) == 0:
        return [operator.index(values)] * rank
    if len(values) != rank:
        raise RuntimeError("sequence argument must have length equal to input rank")
    return [operator.index(value) for value in values]


def _structure(structure, rank):
    if structure is None:
        return generate_binary_structure(rank, 1)
    structure = np.asarray(structure, dtype=bool)
    if structure.ndim != rank:
        raise RuntimeError("structure and input must have same dimensionality")
    if structure.size < 1:
        raise RuntimeError("structure must not be empty")
    return structure


def _give(result, output):
    if output is None:
        return result
    if isinstance(output, np.ndarray):
        if np.iscomplexobj(output):
            raise TypeError("Complex output type not supported")
        output[...] = result
        return output
    return result.astype(output)


def _apply(operation, input, structure, iterations, mask, output, border_value, origin):
    try:
        iterations = operator.index(iterations)
    except TypeError as error:
        raise TypeError("iterations parameter should be an integer") from error
    array = _input(input)
    structure = _structure(structure, array.ndim)
    if mask is not None:
        mask = np.asarray(mask) != 0
        if mask.shape != array.shape:
            raise RuntimeError("mask and input must have equal sizes")
    return _give(SERVER.ask(operation, array, structure, _sequence(origin, array.ndim), iterations, border_value, mask),
                 output)


def binary_erosion(input, structure=None, iterations=1, mask=None, output=None, border_value=0, origin=0,
                   brute_force=False):
    return _apply(ERODE, input, structure, iterations, mask, output, border_value, origin)


def binary_dilation(input, structure=None, iterations=1, mask=None, output=None, border_value=0, origin=0,
                    brute_force=False):
    return _apply(DILATE, input, structure, iterations, mask, output, border_value, origin)


def binary_opening(input, structure=None, iterations=1, output=None, origin=0, mask=None, border_value=0,
                   brute_force=False):
    return _apply(OPEN, input, structure, iterations, mask, output, border_value, origin)


def binary_closing(input, structure=None, iterations=1, output=None, origin=0, mask=None, border_value=0,
                   brute_force=False):
    return _apply(CLOSE, input, structure, iterations, mask, output, border_value, origin)


def binary_propagation(input, structure=None, mask=None, output=None, border_value=0, origin=0):
    return _apply(PROPAGATE, input, structure, 1, mask, output, border_value, origin)


def binary_fill_holes(input, structure=None, output=None, origin=0):
    return _apply(FILL, input, structure, 1, None, output, 0, origin)


def binary_hit_or_miss(input, structure1=None, structure2=None, output=None, origin1=0, origin2=None):
    array = _input(input)
    first = _structure(structure1, array.ndim)
    second = None if structure2 is None else _structure(structure2, array.ndim)
    origin = _sequence(origin1, array.ndim)
    other = origin if origin2 is None else _sequence(origin2, array.ndim)
    return _give(SERVER.ask(HIT, array, first, origin, second=second, second_origin=other), output)


def generate_binary_structure(rank, connectivity):
    if rank > 3:
        raise Unsupported(f"structures of {rank} dimensions; roi has boxes of three")
    rank = max(rank, 0)
    cube = SERVER.ask(CONNECTIVITY, np.zeros((0, 0, 0), bool), iterations=min(max(connectivity, 1), 3))
    # Of fewer dimensions it is the middle of the one of three.
    return np.array(cube[(1,) * (3 - rank)])


def iterate_structure(structure, iterations, origin=None):
    structure = np.asarray(structure, dtype=bool)
    if structure.ndim > 3:
        raise Unsupported(f"structures of {structure.ndim} dimensions")
    out = SERVER.ask(ITERATE, np.zeros((0,) * structure.ndim, bool), structure, iterations=operator.index(iterations))
    if origin is None or iterations < 2:
        return out
    return out, [iterations * one for one in _sequence(origin, structure.ndim)]


def distance_transform_edt(input, sampling=None, return_distances=True, return_indices=False, distances=None,
                           indices=None):
    array = _input(input)
    if return_indices or indices is not None or not return_distances:
        raise Unsupported("indices of the nearest voxel")
    if array.size and array.all():
        raise Unsupported("distances where no voxel is false: infinite, not to one at index -1")
    sampling = [1.0] * array.ndim if sampling is None else list(np.broadcast_to(sampling, array.ndim).astype(float))
    result = SERVER.ask(DISTANCE, ~array, sampling=(sampling[::-1] + [1.0] * 3)[:3])
    if distances is None:
        return result
    distances[...] = result
    return None


FUNCTIONS = [generate_binary_structure, binary_erosion, binary_dilation, binary_opening, binary_closing, binary_propagation, binary_fill_holes,
             binary_hit_or_miss, iterate_structure, distance_transform_edt]


def gradient_by_roi(name, input, structure=None, iterations=1, mask=None, border_value=0, origin=0):
    """One of GRADIENTS, which SciPy has only of grey values."""
    return _apply(CONNECTIVITY + 1 + GRADIENTS.index(name), input, structure, iterations, mask, None, border_value, origin)
