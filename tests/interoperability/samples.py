"""What write_samples wrote: one entry per line of expected.tsv."""

import array
import os
import sys


class Sample:
    def __init__(self, folder, line):
        self.name, shape, self.type, affine, step, self.description = line.rstrip("\n").split("\t")
        self.path = os.path.join(folder, self.name)
        self.shape = [int(n) for n in shape.split(",")]
        self.affine = [float(x) for x in affine.split(",")]
        self.time_step = float(step)
        with open(self.path + ".f64", "rb") as file:
            self.values = array.array("d", file.read())
        # Half a step of the slope, for the one sample that is stored with less precision than it has.
        self.tolerance = 2e-4 if self.name.startswith("scaled") else 0.0


def read(folder):
    with open(os.path.join(folder, "expected.tsv"), encoding="utf-8") as file:
        return [Sample(folder, line) for line in file]


class Report:
    """Counts what was checked and prints what differed."""

    def __init__(self):
        self.checks = 0
        self.faults = 0

    def check(self, sample, what, found, expected):
        self.checks += 1
        if found != expected:
            self.faults += 1
            print(f"{sample.name}: {what}: expected {expected}, found {found}")

    def check_values(self, sample, what, found, expected, tolerance):
        worst = max((abs(a - b) for a, b in zip(found, expected)), default=0.0)
        self.check(sample, what + ": count", len(found), len(expected))
        self.check(sample, f"{what}: within {tolerance} (worst {worst})", worst <= tolerance, True)

    def end(self):
        print(f"{self.checks} checks, {self.faults} faults")
        sys.exit(1 if self.faults or not self.checks else 0)
