"""SciPy's labels and measurements, with SciPy's signatures, answered by roi.

Arrays of up to three dimensions go as volumes, their first axis as x. What roi does not have raises Unsupported, with the
reason. Checks of arguments that only concern Python (ranks, types) raise what SciPy raises.
"""
import operator
import struct
import subprocess

import numpy as np

LABEL, MEASURE, GATHER = range(3)
# Where each measurement stands in a row of the answer.
SIZE, SUM, MEAN, VARIANCE, STD, MIN, MAX, MEDIAN = range(8)
CENTRE, MIN_PLACE, MAX_PLACE, FIRST, SHAPE, HISTOGRAM = 8, 11, 14, 17, 20, 23


class Unsupported(Exception):
    """Something that roi does not have."""


class Server:
    """The program measurements_server."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.requests = 0

    def ask(self, operation, shape, parts, asked=0, bins=0, low=0.0, high=0.0):
        self.requests += 1
        shape = (tuple(shape) + (1, 1, 1))[:3]
        self.process.stdin.write(struct.pack("=6q2d", operation, *shape, asked, bins, low, high) + b"".join(parts))
        self.process.stdin.flush()
        status, size = struct.unpack("=2q", self.process.stdout.read(16))
        answer = self.process.stdout.read(size)
        if status:
            raise RuntimeError(answer.decode())
        return answer


SERVER = None


def _array(input):
    array = np.asarray(input)
    if np.iscomplexobj(array):
        raise TypeError("Complex type not supported")
    if array.ndim > 3:
        raise Unsupported(f"arrays of {array.ndim} dimensions; roi has volumes")
    return array


def label(input, structure=None, output=None):
    array = _array(input)
    rank = array.ndim
    if structure is None:
        offsets = np.abs(np.indices((3,) * rank) - 1).sum(0) if rank else np.zeros(())
        structure = offsets <= 1
    structure = np.asarray(structure, dtype=bool)
    if structure.ndim != rank:
        raise RuntimeError("structure and input must have equal rank")
    if any(length != 3 for length in structure.shape):
        raise ValueError("structure dimensions must be equal to 3")
    box = np.zeros((3, 3, 3), bool)
    box[(slice(None),) * rank + (1,) * (3 - rank)] = structure
    answer = SERVER.ask(LABEL, array.shape, [box.tobytes(order="F"), (array != 0).tobytes(order="F")])
    found = np.frombuffer(answer, np.int32).reshape(array.shape, order="F").copy()
    count = int(found.max(initial=0))
    if output is None:
        return found, count
    if isinstance(output, np.ndarray):
        if output.shape != array.shape:
            raise ValueError("output shape not correct")
        output[...] = found
        return count
    return found.astype(output), count


def find_objects(input, max_label=0):
    array = _array(input)
    if array.dtype.kind not in "iub":
        raise TypeError("labels are whole numbers")
    most = max_label if max_label > 0 else max(int(array.max(initial=0)), 0)
    rows = _rows(np.zeros(array.shape), array, np.arange(1, most + 1))
    out = []
    for row in rows:
        first, length = row[FIRST:FIRST + 3].astype(int), row[SHAPE:SHAPE + 3].astype(int)
        axes = tuple(slice(int(a), int(a + n), None) for a, n in zip(first, length))
        out.append(axes[:array.ndim] if row[SIZE] > 0 else None)
    return out


def _rows(values, labels, index, **bins):
    """One row for each label of an array of them."""
    labels = np.broadcast_to(labels, values.shape)
    if labels.dtype.kind == "f" and not (labels == np.trunc(labels)).all():
        raise Unsupported("labels that are not whole numbers")
    numbers = np.ravel(index)
    if not (numbers == np.trunc(numbers)).all():
        raise Unsupported("labels that are not whole numbers")
    parts = [values.astype(np.float64).tobytes(order="F"), labels.astype(np.int64).tobytes(order="F"),
             numbers.astype(np.int64).tobytes()]
    answer = SERVER.ask(MEASURE, values.shape, parts, asked=numbers.size, **bins)
    return np.frombuffer(answer).reshape(numbers.size, -1 if numbers.size else HISTOGRAM)


def _measured(input, labels, index, what, **bins):
    """What SciPy makes of input, labels and index: `what` of each row, in the shape of index."""
    values = _array(input)
    if labels is None:
        labels, index = np.ones(values.shape, int), 1
    elif index is None:
        labels, index = np.asarray(labels) > 0, 1
    labels = np.asarray(labels)
    if labels.ndim > 3:
        raise Unsupported(f"labels of {labels.ndim} dimensions; roi has volumes")
    shape = np.broadcast_shapes(values.shape, labels.shape)
    values = np.broadcast_to(values, shape)
    rows = _rows(values, labels, index, **bins)
    found = [what(row, len(shape)) for row in rows]
    return found[0] if np.ndim(index) == 0 else found


def _number(column):
    def function(input, labels=None, index=None):
        found = _measured(input, labels, index, lambda row, rank: row[column])
        return found if np.ndim(found) == 0 else np.array(found).reshape(np.shape(index))
    return function


def _place(column):
    def function(input, labels=None, index=None):
        return _measured(input, labels, index,
                         lambda row, rank: tuple(int(k) for k in row[column:column + rank]))
    return function


sum = _number(SUM)
sum_labels = _number(SUM)
mean = _number(MEAN)
variance = _number(VARIANCE)
standard_deviation = _number(STD)
median = _number(MEDIAN)


def _extreme(column):
    def value(row, rank):
        if row[SIZE] == 0:
            raise Unsupported("the extreme of a label that no voxel has: NaN, not 0")
        return row[column]

    def function(input, labels=None, index=None):
        found = _measured(input, labels, index, value)
        return found if np.ndim(found) == 0 else np.array(found).reshape(np.shape(index))
    return function


minimum = _extreme(MIN)
maximum = _extreme(MAX)
minimum_position = _place(MIN_PLACE)
maximum_position = _place(MAX_PLACE)


def extrema(input, labels=None, index=None):
    return tuple(function(input, labels, index) for function in (minimum, maximum, minimum_position, maximum_position))


def center_of_mass(input, labels=None, index=None):
    return _measured(input, labels, index, lambda row, rank: tuple(row[CENTRE:CENTRE + rank]))


def histogram(input, min, max, bins, labels=None, index=None):
    what = lambda row, rank: row[HISTOGRAM:].astype(int) if row[SIZE] > 0 else None  # noqa: E731
    found = _measured(input, labels, index, what, bins=operator.index(bins), low=float(min), high=float(max))
    if labels is None or np.ndim(index) == 0:
        return found
    out = np.empty(len(found), object)
    out[:] = found
    return out


def _gathered(values, labels, numbers):
    """The values and places, first axis slowest, of each label."""
    parts = [values.astype(np.float64).tobytes(order="F"), labels.astype(np.int64).tobytes(order="F"),
             numbers.astype(np.int64).tobytes()]
    answer = np.frombuffer(SERVER.ask(GATHER, values.shape, parts, asked=numbers.size))
    out = []
    for _ in numbers:
        count, answer = int(answer[0]), answer[1:]
        found, places, answer = answer[:count], answer[count:2 * count].astype(int), answer[2 * count:]
        voxels = np.unravel_index(places, values.shape, order="F")
        out.append((found, np.ravel_multi_index(voxels, values.shape) if count else places))
    return out


def labeled_comprehension(input, labels, index, func, out_dtype, default, pass_positions=False):
    values = _array(input)
    if labels is None:
        if index is not None:
            raise ValueError("index without defined labels")
        labels, index = np.ones(values.shape, int), 1
    elif index is None:
        labels, index = (np.asarray(labels) > 0).astype(int), 1
    labels = np.asarray(labels)
    if labels.dtype.kind == "f" and not (labels == np.trunc(labels)).all():
        raise Unsupported("labels that are not whole numbers")
    shape = np.broadcast_shapes(values.shape, labels.shape)
    values, labels = np.broadcast_to(values, shape), np.broadcast_to(labels, shape)
    numbers = np.ravel(index)
    out = np.full(numbers.shape, default, dtype=out_dtype)
    for k, (found, places) in enumerate(_gathered(values, labels, numbers)):
        if found.size:
            found = found.astype(values.dtype)
            out[k] = func(found, places) if pass_positions else func(found)
    return out[0] if np.ndim(index) == 0 else out.reshape(np.shape(index))


def value_indices(arr, *, ignore_value=None):
    array = _array(arr)
    if array.dtype.kind not in "iu":
        raise ValueError("Parameter 'arr' must be an integer array")
    numbers = np.unique(array)
    if ignore_value is not None:
        numbers = numbers[numbers != ignore_value]
    found = _gathered(np.zeros(array.shape), array, numbers)
    return {number: np.unravel_index(places, array.shape) for number, (_, places) in zip(numbers, found)}


def _missing(name):
    def function(*_words, **_options):
        raise Unsupported(name)
    return function


FUNCTIONS = {name: globals()[name] for name in (
    "label", "find_objects", "sum", "sum_labels", "mean", "variance", "standard_deviation", "median", "minimum", "maximum",
    "minimum_position", "maximum_position", "extrema", "center_of_mass", "histogram", "labeled_comprehension",
    "value_indices")}
FUNCTIONS |= {name: _missing(name) for name in ("watershed_ift",)}
