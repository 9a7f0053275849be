"""python3 names.py DATASET: every name is one of BIDS, every JSON file is JSON, pandas reads every table, and each column
of signals is described beside it."""
import json
import pathlib
import re
import sys
import urllib.parse

import pandas
from bids_validator import BIDSValidator

root = pathlib.Path(sys.argv[1])
validator = BIDSValidator()
# The validator knows raw names in full, and of derivatives that they lie in their folder; so these by the order of
# entities in the standard.
order = ["sub", "ses", "task", "acq", "ce", "rec", "dir", "run", "echo", "part", "space", "seg", "res", "contrast",
         "stat", "desc"]
# What stands in the JSON beside signals and is no column.
reserved = {"RepetitionTime", "SamplingFrequency", "Sources", "RoiBids"}
problems = []


def members(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"a member twice: {names}")
    return dict(pairs)


def no_number(text):
    raise ValueError(f"{text} is no JSON")


def strict(path):
    return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=members, parse_constant=no_number)


output = root / "derivatives" / "roi"
links = strict(output / "dataset_description.json")["DatasetLinks"]


def exists(source):
    """Is there a file at a URI: of a linked data set, or anywhere?"""
    if source.startswith("file:///"):
        return pathlib.Path(urllib.parse.unquote(source[7:])).is_file()
    scheme, dataset, path = source.split(":", 2)
    return scheme == "bids" and (output / links[dataset] / urllib.parse.unquote(path)).is_file()


files = sorted(path for path in root.rglob("*") if path.is_file())
for path in files:
    name = "/" + path.relative_to(root).as_posix()
    if not validator.is_bids(name):
        problems.append(f"{name}: no name of BIDS")
    if path.suffix == ".json":
        strict(path)
    if path.name.endswith((".tsv", ".tsv.gz")):
        table = pandas.read_csv(path, sep="\t", na_values="n/a", dtype={"session": str, "run": str})
        if table.shape[1] == 0 or any(str(column).startswith("Unnamed") for column in table.columns):
            problems.append(f"{name}: columns without a name")
        # What is only looked at as text is misspelt; the rest of the table is numbers.
        texts = {"participant_id", "session", "task", "run", "space", "seg", "acquisition", "echo", "description", "region",
                 "condition", "trial_type", "group", "name", "id", "warnings", "error"}
        for column in set(table.columns) - texts if len(table) > 0 else ():
            if not pandas.api.types.is_numeric_dtype(table[column]):
                problems.append(f"{name}: column {column} is not read as numbers")
    if path.name.endswith("_timeseries.tsv") and "/derivatives/roi/" in name:
        about = strict(path.with_suffix(".json"))
        if set(about) - reserved != set(table.columns) or not all("Description" in about[key] for key in table.columns):
            problems.append(f"{name}: the JSON beside it describes other columns")
        if about["RoiBids"]["Volumes"] != len(table):
            problems.append(f"{name}: {len(table)} rows for {about['RoiBids']['Volumes']} volumes")
        problems += [f"{name}: there is no source {source}" for source in about["Sources"] if not exists(source)]
    if "/derivatives/roi/" not in name or path.name in ("dataset_description.json", "report.html"):
        continue
    stem, _, _ = path.name.partition(".")
    *entities, suffix = stem.split("_")
    keys = [entity.partition("-")[0] for entity in entities]
    if not re.fullmatch("[a-z]+", suffix):
        problems.append(f"{name}: suffix {suffix}")
    if any(not re.fullmatch("[a-z]+-[A-Za-z0-9]+", entity) for entity in entities):
        problems.append(f"{name}: an entity is no key and label")
    elif [key for key in order if key in keys] != keys:
        problems.append(f"{name}: entities out of order")
if len(files) < 60:
    problems.append(f"only {len(files)} files")
print("\n".join(problems))
sys.exit(bool(problems))
