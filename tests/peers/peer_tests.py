#!/usr/bin/env python3
"""Runs SciPy's own tests of ttest_ind and f_oneway and scikit-learn's of f_classif against roi.

usage: peer_tests.py SERVER

SERVER is the program tests_server. The peers' test files run with the functions replaced by those of tests_by_roi.py: a test
that fails is an error, one that asks for what roi does not have is listed with the reason. Without the peers everything is
skipped with a word.
"""
import importlib
import inspect
import itertools
import sys
import types
import warnings

try:
    import numpy as np
    import scipy.stats
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(0)

import tests_by_roi as roi


# What a test asks for beside a right answer.
OTHERWISE = {"Test_ttest_ind_permutations.test_ttest_ind_randperm_alternative":
             "two p that add up to the last bit, as those of SciPy's own draws do"}


class Marks:
    """pytest.mark: only parameters matter."""

    def __getattr__(self, name):
        def mark(*words, **options):
            if name == "parametrize":
                def add(function):
                    function.parameters = [*getattr(function, "parameters", []), words[:2]]
                    return function
                return add
            return words[0] if len(words) == 1 and callable(words[0]) and not options else lambda function: function
        return mark


class Expected:
    """pytest.raises and pytest.warns."""

    def __init__(self, kind, caught=None):
        self.kind, self.caught = kind, caught

    def __enter__(self):
        if self.caught:
            self.seen = self.caught.__enter__()
            warnings.simplefilter("always")
        return self

    def __exit__(self, kind, error, trace):
        if self.caught:
            self.caught.__exit__(kind, error, trace)
            if kind is None and not any(issubclass(one.category, self.kind) for one in self.seen):
                raise AssertionError(f"no {self.kind}")
            return False
        if kind is None:
            raise AssertionError(f"no {self.kind}")
        return issubclass(kind, self.kind) and not issubclass(kind, roi.Unsupported)


def raises(kind, *words, match=None, **options):
    if not words:
        return Expected(kind)
    with Expected(kind):
        words[0](*words[1:], **options)


def warns(kind, *words, match=None, **options):
    expected = Expected(kind, warnings.catch_warnings(record=True))
    if not words:
        return expected
    with expected:
        return words[0](*words[1:], **options)


def shim():
    """What the files want of pytest, which need not be there."""
    module = types.ModuleType("pytest")
    module.mark, module.raises, module.warns = Marks(), raises, warns
    module.fixture = lambda *words, **options: words[0] if words and callable(words[0]) else lambda function: function
    module.param = lambda *words, **options: words if len(words) > 1 else words[0]
    module.skip = lambda *words, **options: None
    module.importorskip = importlib.import_module
    return module


def calls_of(function):
    """The function with each of its combinations of parameters."""
    lists = []
    for names, values in getattr(function, "parameters", []):
        names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
        lists.append([dict(zip(names, value if len(names) > 1 else [value])) for value in values])
    for choice in itertools.product(*lists):
        words = {name: value for part in choice for name, value in part.items()}
        if set(inspect.signature(function).parameters) <= set(words):
            yield words


def tests_of(module):
    for name, value in list(vars(module).items()):
        if name.startswith("test_") and callable(value):
            yield name, value
        if name.lower().startswith("test") and isinstance(value, type):
            for method in dir(value):
                if method.startswith("test_"):
                    yield f"{name}.{method}", getattr(value(), method)


def own_tests(peer, name, replaced):
    """Runs the tests of a file that ask for one of the functions that are replaced: {(module, name): function}."""
    try:
        module = importlib.import_module(name)
    except ImportError as missing:
        print(f"{peer}'s own tests skipped: {missing}")
        return True
    places = [(module if where is None else where, word, function) for (where, word), function in replaced.items()]
    kept = [(where, word, getattr(where, word)) for where, word, _ in places]
    passed, failed, absent = 0, [], {}
    try:
        for where, word, function in places:
            setattr(where, word, function)
        for test, function in tests_of(module):
            if not any(word in inspect.getsource(function) for _, word in replaced):
                continue  # thousands test something else, some of them for minutes
            for words in calls_of(function):
                before = roi.SERVER.requests
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        function(**words)
                    passed += roi.SERVER.requests > before  # the others only name it
                except roi.Unsupported as reason:
                    absent.setdefault(str(reason), []).append(test)
                except Exception as error:  # noqa: BLE001
                    if test in OTHERWISE:
                        absent.setdefault(OTHERWISE[test], []).append(test)
                    elif roi.SERVER.requests > before:
                        failed.append(f"{test}: {error!r}")
    finally:
        for where, word, function in kept:
            setattr(where, word, function)
    total = passed + len(failed) + sum(map(len, absent.values()))
    print(f"{peer}'s own tests: {total} ask for them, {passed} pass, {len(failed)} are wrong")
    for reason, names in sorted(absent.items()):
        print(f"  {len(names)} not there: {reason}")
    for line in failed:
        print("  WRONG", line)
    return passed > 0 and not failed


if __name__ == "__main__":
    sys.modules["pytest"] = shim()
    roi.SERVER = roi.Server(sys.argv[1])
    right = own_tests("SciPy", "scipy.stats.tests.test_stats",
                      {(scipy.stats, "ttest_ind"): roi.ttest_ind,
                       (scipy.stats, "ttest_ind_from_stats"): roi.ttest_ind_from_stats,
                       (scipy.stats, "f_oneway"): roi.f_oneway})
    right &= own_tests("scikit-learn", "sklearn.feature_selection.tests.test_feature_select",
                       {(None, "f_classif"): roi.f_classif, (None, "f_oneway"): roi.sklearn_f_oneway})
    roi.SERVER.process.stdin.close()
    sys.exit(0 if right and roi.SERVER.process.wait() == 0 else 1)
