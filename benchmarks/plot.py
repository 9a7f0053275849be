"""Draws the headline of README.md: time and memory of the whole notebook.

    plot.py FIGURE.svg

Needs matplotlib. The numbers are those of the tables in README.md.
"""
import sys

import matplotlib
import numpy as np

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "roi"
from matplotlib import pyplot  # noqa: E402

# who, CPU seconds, peak MB
NOTEBOOK = [
    ("nilearn 0.10", 23.2, 3417),
    ("SciPy, the same steps", 13.9, 1440),
    ("gzip -dc alone", 3.13, None),
    ("roi, in memory", 1.33, 483),
    ("roi, one pass", 1.15, 34),
    ("igzip -dc alone", 0.92, None),
]


def main(path):
    names = [name for name, *_ in NOTEBOOK][::-1]
    colors = ["#0072b2" if name.startswith("roi") else "#777777" for name in names]
    figure, axes = pyplot.subplots(1, 2, figsize=(10, 2.6), sharey=True)
    for axis, column, label, form in ((axes[0], 1, "CPU seconds", "{:.2f}"), (axes[1], 2, "peak memory, MB", "{:.0f}")):
        values = [row[column] or np.nan for row in NOTEBOOK][::-1]
        bars = axis.barh(names, values, color=colors)
        axis.set_xscale("log")
        axis.bar_label(bars, ["" if np.isnan(value) else form.format(value) for value in values], padding=3)
        axis.set_xlim(right=axis.get_xlim()[1] * 3)
        axis.set_xlabel(label + ", logarithmic")
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
