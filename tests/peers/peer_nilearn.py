#!/usr/bin/env python3
"""Runs nilearn's own tests with nilearn's functions answered by the command roi.

usage: peer_nilearn.py ROI [MODULE...]

ROI is the command. The functions are those of nilearn_by_roi.py. A test counts as passed when it passes and the command was
called for it; as missing when it asks for what the command does not have, with the reason; as wrong otherwise. Tests that
only concern Python are listed with their kind below. Ends with status 1 if any test is wrong, or fewer pass than before.
Without nilearn 0.14 and pytest everything is skipped with a word.
"""
import collections
import importlib
import os
import subprocess
import sys
import tempfile
import types
import unittest.mock
import warnings

try:
    import nilearn
    import pytest
except ImportError as absent:
    print(f"skipped: {absent}")
    sys.exit(0)
if tuple(int(part) for part in nilearn.__version__.split(".")[:2]) < (0, 14):
    print(f"skipped: nilearn {nilearn.__version__}; these tests are for 0.14")
    sys.exit(0)
for name in ("polars", "numpydoc", "numpydoc.docscrape"):
    try:
        importlib.import_module(name)
    except ImportError:
        sys.modules[name] = unittest.mock.MagicMock()  # the checks of estimators want it, which are not asked for

SIGNAL = "nilearn.signal."
EXTRACTION = "nilearn.regions.signal_extraction."
MASKER = ["nilearn.maskers.base_masker.filter_and_extract", "nilearn.image.resampling.resample_img"] + \
    [EXTRACTION + one for one in ("signals_to_img_labels", "signals_to_img_maps")]
VOXELS = ["nilearn.maskers.base_masker.filter_and_extract", "nilearn.image.resampling.resample_img",
          "nilearn.image.image.smooth_img", "nilearn.masking.apply_mask_fmri", "nilearn.masking.unmask", SIGNAL + "clean"]

# Module of tests: functions that are replaced while it runs, and how many of its tests have to pass.
MODULES = {
    "tests/test_signal.py": ([SIGNAL], 28),
    "maskers/tests/test_nifti_labels_masker.py": (MASKER, 68),
    "maskers/tests/test_nifti_maps_masker.py": (MASKER, 10),
    "maskers/tests/test_nifti_spheres_masker.py": (MASKER, 7),
    "maskers/tests/test_nifti_masker.py": (VOXELS, 18),
    "maskers/tests/test_multi_nifti_masker.py": (VOXELS, 13),
    "maskers/tests/test_multi_nifti_labels_masker.py": (MASKER, 12),
    "maskers/tests/test_multi_nifti_maps_masker.py": (MASKER, 6),
    "regions/tests/test_signal_extraction.py": ([EXTRACTION], 25),
    "regions/tests/test_region_extractor.py": (
        ["nilearn.regions.region_extractor.", "nilearn.image.image.threshold_img", *MASKER], 22),
    "image/tests/test_resampling.py": (["nilearn.image."], 149),
    "image/tests/test_image.py": (["nilearn.image."], 65),
    "tests/test_masking.py": (["nilearn.masking."], 29),
    "glm/tests/test_thresholding.py": (["nilearn.glm.thresholding."], 10),
    "reporting/tests/test_get_clusters_table.py": (["nilearn.reporting."], 17),
    "mass_univariate/tests/test_permuted_least_squares.py": (["nilearn.mass_univariate."], 10),
}

# Tests of what is only Python's: parts of names, kinds.
PYTHON = [
    ("test_check_estimator", "scikit-learn's contract of estimators"),
]

# Tests that fail for a reason: names without parameters.
REASONS = {
    **{f"test_{one}_copied_header": "headers field by field: a qform is written beside the sform" for one in (
        "resample_img", "reorder_img", "crop_img", "mean_img", "threshold_img", "binarize_img")},
    "test_resampling_warning_binary_image": "a warning where a mask is not taken from the nearest voxel",
    "test_resampling_copy_has_no_shared_memory": "objects of Python that are the same",
    "test_index_img_volume": "a singular affine: another is made up here, with a warning",
    "test_smooth_img_warning": "a warning of a width of 0",
    "test_smooth_array_raise_warning_if_fwhm_is_zero": "a warning of a width of 0",
    "test_math_img_warnings": "a warning of images that a formula does not name",
    "test_permuted_ols_warnings_n_perm_n_job": "warnings of jobs of Python",
    "test_permuted_ols_with_multiple_constants_and_covars_warnings": "a warning of a constant beside the constant",
    "test_reorder_img_mirror": "affines of double precision, which files do not hold",
}


class Record:
    """A plugin of pytest that keeps what became of every test."""

    def __init__(self, functions):
        self.functions, self.outcomes, self.now = functions, {}, None
        self.python = collections.Counter()

    def pytest_collection_modifyitems(self, config, items):
        kept = []
        for item in items:
            kind = next((kind for part, kind in PYTHON if part in item.name), None)
            if kind is None:
                kept.append(item)
            else:
                self.python[kind, module_of(item.nodeid)] += 1
        items[:] = kept

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item):
        by = self.functions
        module = module_of(item.nodeid)
        by.STATE.active = {name for name in by.FUNCTIONS
                           if any(name == one or (one.endswith(".") and name.startswith(one)) for one in MODULES[module][0])}
        by.STATE.missing, by.STATE.notes, by.STATE.requests = [], [], 0
        self.outcomes[item.nodeid] = ["passed", ""]

    def pytest_runtest_logreport(self, report):
        if report.outcome != "passed":
            self.outcomes[report.nodeid] = [report.outcome, str(report.longrepr)]
        if report.when == "teardown":
            state = self.functions.STATE
            self.outcomes[report.nodeid] += [list(dict.fromkeys(state.missing)), state.requests, list(state.notes)]


def module_of(name):
    return name.split("::")[0].split("nilearn/")[-1]


def tests(paths, plugins):
    root = os.path.dirname(os.path.dirname(nilearn.__file__))
    with open(os.devnull, "w", encoding="ascii") as nothing:
        out, sys.stdout = sys.stdout, nothing
        try:
            return pytest.main(["-c", os.devnull, "--rootdir", root, "-p", "no:cacheprovider", "-W",
                                "ignore::pytest.PytestUnknownMarkWarning", *paths], plugins)
        finally:
            sys.stdout = out


def alone(names):
    """Which of these tests fail with nilearn alone, here."""
    if not names:
        return []
    done = subprocess.run([sys.executable, os.path.abspath(__file__), "--alone", *names], capture_output=True, text=True)
    return done.stdout.splitlines()


def main():
    here = os.path.dirname(nilearn.__file__)
    if sys.argv[1] == "--alone":
        record = Record(types.SimpleNamespace(FUNCTIONS={}, STATE=types.SimpleNamespace(missing=[], notes=[], requests=0)))
        tests([os.path.join(os.path.dirname(here), name) for name in sys.argv[2:]], [record])
        print("\n".join(name for name, outcome in record.outcomes.items() if outcome[0] != "passed"))
        return 0
    import nilearn_by_roi as by
    for module in ("signal", "image", "masking", "maskers", "regions", "reporting", "mass_univariate", "glm",
                   "glm.thresholding",
                   "_utils.data_gen", "_utils.estimator_checks", "image.resampling", "conftest"):
        importlib.import_module(f"nilearn.{module}")
    chosen = [one for one in MODULES if len(sys.argv) < 3 or any(word in one for word in sys.argv[2:])]
    record = Record(by)
    with tempfile.TemporaryDirectory() as folder:
        by.install(os.path.abspath(sys.argv[1]), folder)
        tests([os.path.join(here, one) for one in chosen if os.path.exists(os.path.join(here, one))], [record])

    suspects = [name for name, (outcome, _, missing, *_) in record.outcomes.items() if outcome == "failed" and not missing]
    broken = set(alone(suspects))
    counts = {one: collections.Counter() for one in chosen}
    reasons, wrong = collections.defaultdict(list), []
    for name, (outcome, text, missing, requests, notes) in record.outcomes.items():
        module, test = module_of(name), name.split("::")[-1]
        reason = missing[0] if missing else None
        if outcome == "failed" and not missing:
            reason = notes[0] if notes else REASONS.get(test.split("[")[0])
        if name in broken:
            kind, reason = "not asked", "fail with nilearn alone"
        elif reason:
            kind = "missing"
        elif outcome == "failed":
            kind = "wrong"
            wrong.append((name, text))
        elif outcome == "skipped" or not requests:
            kind, reason = "not asked", "skipped by nilearn" if outcome == "skipped" else "need nothing that is replaced"
        else:
            kind = "passed"
        counts[module][kind] += 1
        if reason:
            reasons[kind, reason].append(f"{module}::{test}")
    for (kind, module), count in record.python.items():
        counts[module]["not asked"] += count
        reasons["not asked", kind] += [""] * count

    kinds = ["passed", "wrong", "missing", "not asked"]
    print("\t".join(["module", *kinds]))
    for module in chosen:
        print("\t".join([module, *(str(counts[module][kind]) for kind in kinds)]))
    for (kind, reason), names in sorted(reasons.items()):
        print(f"  {len(names)} {kind}: {reason}")
        if "-v" in os.environ.get("PEER_NILEARN", ""):
            print("".join(f"      {name}\n" for name in names if name), end="")
    few = [module for module in chosen if counts[module]["passed"] < MODULES[module][1]]
    for name, text in wrong:
        last = [line for line in text.splitlines() if line.startswith("E ")] or text.splitlines()[-3:]
        print("WRONG", name, *last[:4], sep="\n    ")
    for module in few:
        print(f"WRONG {module}: {counts[module]['passed']} pass, {MODULES[module][1]} have to")
    return 1 if wrong or few else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    warnings.simplefilter("ignore")
    sys.exit(main())
