"""python3 names.py DATASET: every name is one of BIDS, every JSON file is JSON, pandas reads every table."""
import json
import pathlib
import re
import sys

import pandas
from bids_validator import BIDSValidator

root = pathlib.Path(sys.argv[1])
validator = BIDSValidator()
# The validator knows raw names in full, and of derivatives that they lie in their folder; so these by the order of
# entities in the standard.
order = ["sub", "ses", "task", "acq", "ce", "rec", "dir", "run", "echo", "part", "space", "seg", "res", "contrast",
         "stat", "desc"]
problems = []
files = sorted(path for path in root.rglob("*") if path.is_file())
for path in files:
    name = "/" + path.relative_to(root).as_posix()
    if not validator.is_bids(name):
        problems.append(f"{name}: no name of BIDS")
    if path.suffix == ".json":
        json.loads(path.read_text(encoding="utf-8"))
    if path.name.endswith((".tsv", ".tsv.gz")):
        pandas.read_csv(path, sep="\t", na_values="n/a")
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
