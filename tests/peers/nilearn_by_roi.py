"""nilearn's functions, with nilearn's signatures, answered by the command roi.

`install` puts them in the place of nilearn's own wherever a module holds those. They write images and tables to a folder,
run the command and read the results back. What the command does not have raises NotThere, with the reason. Checks of
arguments that only concern Python (ranks, types, deprecations) are nilearn's. Where the command refuses or warns, nilearn
is asked as well: when it does the same, its exception or its warning is passed on, as tests look for its words.
"""
import contextlib
import functools
import itertools
import os
import re
import subprocess
import sys
import warnings

import nibabel as nib
import numpy as np
import pandas as pd


class NotThere(Exception):
    """Something that the command does not have."""

    def __init__(self, reason):
        super().__init__(reason)
        STATE.missing.append(reason)


class PythonOnly(Exception):
    """Arguments that nilearn refuses for their types or ranks before there is anything to calculate."""


class Refused(Exception):
    """The command ended with a status that is not 0."""


class State:
    """What is going on."""

    def __init__(self):
        self.program, self.folder = None, None
        self.active = set()  # names of functions that are replaced for the module whose tests run
        self.inside = 0  # above 0 while nilearn's own function runs
        self.missing, self.notes, self.requests = [], [], 0
        self.extractor = None  # nilearn's object while it takes maps apart
        self.numbers = itertools.count()

    def file(self, ending):
        return os.path.join(self.folder, f"{next(self.numbers)}{ending}")


STATE = State()

# Warnings of the command, and words that nilearn has for the same.
PAIRS = [
    (r"left no voxel|no voxel|lost", r"removed|empty"),
    (r"n/a or infinite|NaN|not finite|non-finite|infinite", r"(?i)nan|finite"),
    (r"is no percent change", r"psc"),
    (r"drift|cosine", r"(?i)cosine"),
    (r"whole number|fraction", r"float|integer"),
    (r"no sform", r"sform"),
    (r"no cluster", r"(?i)no cluster|threshold"),
    (r"the mask is empty|all the same", r"(?i)empty"),
]

# What the command refuses on purpose, and nilearn does.
REFUSALS = [
    (r"(low|high).pass: expected a (frequency|number) above 0",
     "frequencies beyond 0 and half the rate of volumes: an error here"),
    (r"--high-pass must be below --low-pass", "a low pass beside the cosine filter: an error here, ignored by nilearn"),
    (r"whole numbers that could be labels", "infinite labels: an error here, background in nilearn"),
    (r"no region of at least", "no region found: an error here"),
    (r"every voxel of the image is 0, NaN or infinite", "nothing to crop to: an error here"),
    (r"share no place|meet in no voxel centre", "grids that share no place: an error at once here, in nilearn when no region is left"),
    (r"leave nothing of", "confounds or drifts that leave nothing of the volumes: an error here"),
]


def roi(*words, said=None):
    """Standard output; warnings are added to `said`."""
    STATE.requests += 1
    done = subprocess.run([STATE.program, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=300)
    if done.returncode:
        raise Refused(done.stderr.strip())
    if said is not None:
        said += re.findall(r"^roi [\w-]+: warning: (.*)$", done.stderr, re.MULTILINE)
    return done.stdout


FUNCTIONS, ORIGINALS = {}, {}


def instead_of(name):
    """Registers the answer to nilearn's function of this full name: answer(said, *arguments as nilearn has them)."""
    def keep(function):
        FUNCTIONS[name] = function
        return function
    return keep


def absent(reason, *names):
    for name in names:
        def raises(said, *_, **__):
            raise NotThere(reason)
        FUNCTIONS[name] = raises


@contextlib.contextmanager
def by_nilearn():
    STATE.inside += 1
    try:
        yield
    finally:
        STATE.inside -= 1


def replaced(name, original, answer):
    @functools.wraps(original)
    def function(*arguments, **options):
        if STATE.inside or name not in STATE.active:
            return original(*arguments, **options)
        said = []
        try:
            out = answer(said, *arguments, **options)
        except PythonOnly:
            with by_nilearn():
                original(*arguments, **options)
            raise NotThere("arguments of types that have no file") from None
        except Refused as refusal:
            with by_nilearn(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                original(*arguments, **options)  # raises, as the command has refused it
            for pattern, reason in REFUSALS:
                if re.search(pattern, str(refusal)):
                    raise NotThere(reason) from None
            raise AssertionError(f"nilearn does what the command refuses: {refusal}") from None
        if said:
            with by_nilearn(), warnings.catch_warnings(record=True) as theirs:
                warnings.simplefilter("always")
                original(*arguments, **options)
            for own in said:
                same = [one for one in theirs
                        if any(re.search(ours, own) and re.search(words, str(one.message)) for ours, words in PAIRS)]
                for one in same or [None]:
                    warnings.warn(str(one.message) if one else f"roi: {own}", one.category if one else UserWarning,
                                  stacklevel=2)
        return out
    return function


def install(program, folder):
    """Replaces the functions in all modules of nilearn that are loaded."""
    STATE.program, STATE.folder = program, folder
    for name, answer in FUNCTIONS.items():
        where, _, what = name.rpartition(".")
        module = sys.modules.get(where)
        if module is None:
            continue
        original = getattr(module, what, None)
        if original is None:
            continue
        ORIGINALS[name] = original
        wrapper = replaced(name, original, answer)
        for other in [value for key, value in list(sys.modules.items()) if key.split(".")[0] == "nilearn"]:
            for key in [key for key, value in vars(other).items() if value is original]:
                setattr(other, key, wrapper)
    masker = sys.modules["nilearn.maskers.nifti_labels_masker"].NiftiLabelsMasker
    transform = masker.transform_single_imgs

    @functools.wraps(transform)
    def transformed(self, imgs, *arguments, **options):
        out = transform(self, imgs, *arguments, **options)
        if not STATE.inside and MASKERS in STATE.active:
            same_names(self, imgs)
        return out
    masker.transform_single_imgs = transformed

    extractor = sys.modules["nilearn.regions.region_extractor"].RegionExtractor
    fit = extractor.fit

    @functools.wraps(fit)
    def fitted(self, *arguments, **options):
        STATE.extractor = self
        try:
            return fit(self, *arguments, **options)
        finally:
            STATE.extractor = None
    extractor.fit = fitted


# Images and tables.

def saved(image, dtype=None):
    """The image in a file, as it is; its path."""
    with by_nilearn():
        from nilearn.image import check_niimg
        image = check_niimg(image)
    data = np.asanyarray(image.dataobj)
    if np.iscomplexobj(data):
        raise NotThere("complex images")
    if dtype is not None:
        data = data.astype(dtype)
    elif data.dtype == bool:
        data = data.astype(np.uint8)
    elif data.dtype in (np.int64, np.uint64, np.float16):
        data = data.astype(np.int32 if data.dtype.kind != "f" and (abs(data) < 2**31).all() else np.float64)
    header = image.header.copy() if isinstance(image, nib.Nifti1Image) else None
    if header is not None:
        header.set_data_dtype(data.dtype)
        header.set_slope_inter(1, 0)
        header["cal_max"] = header["cal_min"] = 0
    path = STATE.file(".nii")
    out = nib.Nifti1Image(data, image.affine, header)
    if header is not None and not np.allclose(out.affine, image.affine):
        raise NotThere("affines that a file cannot hold")
    out.header.set_xyzt_units("mm", "sec")
    nib.save(out, path)
    return path


def data_of(path):
    return np.asanyarray(nib.load(path).dataobj)


def table_file(values, names=None):
    values = np.asarray(values)
    if values.dtype.kind not in "fiub":
        raise NotThere("tables of what is no number")
    names = names or [f"s{k}" for k in range(values.shape[1])]
    path = STATE.file(".tsv")
    pd.DataFrame(values.astype(np.float64), columns=names).to_csv(path, sep="\t", index=False, na_rep="n/a",
                                                                  float_format="%.17g")
    return path


def table_of(path):
    out = pd.read_csv(path, sep="\t", na_values="n/a", float_precision="round_trip")
    return list(out.columns), out.to_numpy(np.float64)


# nilearn.signal

def numbers_of(signals):
    signals = np.asarray(signals)
    if signals.ndim != 2:
        raise NotThere("signals that are no table")
    return signals


def confounds_table(confounds, volumes):
    """nilearn's reading of what may be arrays, tables, files or lists of them."""
    with by_nilearn():
        from nilearn._utils.helpers import stringify_path
        from nilearn.signal import sanitize_confounds
        return sanitize_confounds(volumes, stringify_path(confounds))


def cleaning_words(volumes, detrend=True, standardize="zscore_sample", sample_mask=None, confounds=None,
                   standardize_confounds=True, filter="butterworth", low_pass=None, high_pass=None, t_r=2.5,
                   ensure_finite=False, extrapolate=False, **more):
    if more:
        raise NotThere("order and padding of the Butterworth filter")
    if isinstance(standardize, bool):
        with by_nilearn():
            from nilearn.signal import clean
            clean(np.arange(8.0).reshape(4, 2), standardize=standardize, detrend=False)  # says that it is deprecated
        standardize = "zscore_sample" if standardize else None
    words = ["--detrend"] * bool(detrend) + (["--standardize", standardize] if standardize is not None else [])
    if confounds is not None:
        words += ["--confounds", table_file(confounds_table(confounds, volumes))]
        words += ["--no-standardize-confounds"] * (not standardize_confounds)
    if filter and (low_pass is not None or high_pass is not None or filter not in ("butterworth", "cosine")):
        words += ["--filter", filter] + (["--t-r", repr(float(t_r))] if t_r is not None else [])
        words += ["--low-pass", repr(float(low_pass))] if low_pass is not None else []
        words += ["--high-pass", repr(float(high_pass))] if high_pass is not None else []
    if not filter and (low_pass is not None or high_pass is not None):
        raise NotThere("frequencies without a filter: wrong usage of the command")
    if sample_mask is not None:
        words += ["--extrapolate"] * bool(extrapolate and filter == "butterworth" and (low_pass is not None or high_pass is not None))
        mask = np.asarray(sample_mask)
        if mask.ndim != 1 or mask.dtype.kind not in "iub":
            raise PythonOnly
        path = STATE.file(".txt")
        np.savetxt(path, mask, fmt="%d")
        words += ["--sample-mask", path]
    return words


def cleaned(said, signals, words):
    if not words:  # nothing to do is wrong usage of the command: all volumes are kept
        path = STATE.file(".txt")
        np.savetxt(path, np.ones(len(signals)), fmt="%d")
        words = ["--sample-mask", path]
    out = STATE.file(".tsv")
    roi("clean", table_file(signals), *words, "-o", out, said=said)
    return table_of(out)[1]


@instead_of("nilearn.signal.clean")
def clean(said, signals, runs=None, detrend=True, standardize="zscore_sample", sample_mask=None, confounds=None,
          standardize_confounds=True, filter="butterworth", low_pass=None, high_pass=None, t_r=2.5, ensure_finite=False,
          extrapolate=False, **more):
    signals = numbers_of(signals)
    if not isinstance(ensure_finite, bool):
        raise PythonOnly
    if ensure_finite:
        signals = np.where(np.isfinite(signals), signals, 0)
    options = {"detrend": detrend, "standardize": standardize, "standardize_confounds": standardize_confounds, "filter": filter,
               "low_pass": low_pass, "high_pass": high_pass, "t_r": t_r, "extrapolate": extrapolate, **more}
    if runs is None:
        out = cleaned(said, signals, cleaning_words(len(signals), sample_mask=sample_mask, confounds=confounds, **options))
    else:
        # The command knows no runs: each is a table of its own.
        parts = []
        runs = np.asarray(runs)
        if runs.shape != (len(signals),):
            raise PythonOnly
        kinds = list(np.unique(runs))
        masks = sample_mask if isinstance(sample_mask, (list, tuple)) else [sample_mask] * len(kinds)
        if len(masks) != len(kinds) or (sample_mask is not None and not isinstance(sample_mask, (list, tuple))):
            raise PythonOnly
        table = None if confounds is None else confounds_table(confounds, len(signals))
        for kind, mask in zip(kinds, masks):
            rows = runs == kind
            parts.append(cleaned(said, signals[rows], cleaning_words(
                int(rows.sum()), sample_mask=mask, confounds=None if table is None else table[rows], **options)))
        out = np.vstack(parts)
    return out.astype(signals.dtype) if signals.dtype.kind == "f" else out


@instead_of("nilearn.signal.butterworth")
def butterworth(said, signals, sampling_rate, low_pass=None, high_pass=None, order=5, padtype="odd", padlen=None, copy=True):
    if order != 5 or padtype != "odd" or padlen is not None:
        raise NotThere("order and padding of the Butterworth filter")
    array = np.asarray(signals)
    words = cleaning_words(len(array), detrend=False, standardize=None, low_pass=low_pass, high_pass=high_pass,
                           t_r=1 / sampling_rate)
    out = cleaned(said, array.reshape(len(array), -1), words).reshape(array.shape)
    if copy:
        return out
    signals[...] = out
    return signals


@instead_of("nilearn.signal.standardize_signal")
def standardize_signal(said, signals, detrend=False, standardize="zscore_sample"):
    if isinstance(standardize, bool):
        standardize = "zscore_sample" if standardize else None
    return cleaned(said, numbers_of(signals), cleaning_words(len(signals), detrend=detrend, standardize=standardize))


@instead_of("nilearn.signal._detrend")
def detrend(said, signals, inplace=False, type="linear", n_batches=10):
    if type != "linear":
        raise NotThere("taking out the mean alone")
    out = cleaned(said, numbers_of(signals), ["--detrend"])
    if inplace:
        signals[...] = out
        return signals
    return out


absent("confounds of high variance as a table of their own", "nilearn.signal.high_variance_confounds")
absent("terms of drift as a table of their own", "nilearn.signal.create_cosine_drift",
       "nilearn.signal._create_cosine_drift_terms")
absent("filled volumes before they are filtered", "nilearn.signal._handle_scrubbed_volumes", "nilearn.signal._censor_signals")


# nilearn.regions.signal_extraction, nilearn.maskers

STRATEGIES = {"mean": "mean", "sum": "sum", "minimum": "min", "maximum": "max", "median": "median", "variance": "variance",
              "standard_deviation": "std"}


def checked(image, rank):
    """Ranks are nilearn's to check: the command takes a volume as a run of one, and a run of one as a volume."""
    with by_nilearn():
        from nilearn.image import check_niimg_3d, check_niimg_4d
        try:
            return check_niimg_3d(image) if rank == 3 else check_niimg_4d(image)
        except TypeError as refusal:
            raise PythonOnly from refusal


def kind_of(image):
    return np.float32 if np.asanyarray(image.dataobj).dtype == np.float32 else np.float64


def signals_of(said, run, words):
    out = STATE.file(".tsv")
    roi("signals", saved(run), *words, "-o", out, said=said)
    return table_of(out)


def ids(names):
    return [int(name.split("_")[1]) for name in names]


def masked_atlas(labels, mask, background):
    if mask is None:
        return nib.Nifti1Image(np.asanyarray(checked(labels, 3).dataobj).astype(np.int32), checked(labels, 3).affine)
    out = STATE.file(".nii")
    roi("math", f"a * (b != 0) + {background} * (b == 0)", "--a", saved(labels), "--b", saved(mask), "-o", out)
    return nib.Nifti1Image(data_of(out).astype(np.int32), nib.load(out).affine)


def deprecated(**options):
    """nilearn's words for these options, of a call as small as can be."""
    image = nib.Nifti1Image(np.ones((1, 1, 1, 1)), np.eye(4))
    mask = nib.Nifti1Image(np.ones((1, 1, 1), np.uint8), np.eye(4))
    with by_nilearn():
        from nilearn.regions import signal_extraction
        if "keep_masked_maps" in options:
            signal_extraction.img_to_signals_maps(image, image, mask_img=mask, **options)
        else:
            signal_extraction.img_to_signals_labels(image, mask, **options)


def label_words(labels, mask, background, strategy, keep):
    words = ["--labels", saved(labels), "--background", int(background), "--statistic", STRATEGIES.get(strategy, strategy)]
    return words + (["--mask", saved(mask)] if mask is not None else []) + (["--lost", "keep"] if keep else [])


@instead_of("nilearn.regions.signal_extraction.img_to_signals_labels")
def img_to_signals_labels(said, imgs, labels_img, mask_img=None, background_label=0, order="F", strategy="mean",
                          keep_masked_labels=False, return_masked_atlas=True, n_jobs=1):
    labels_img, run = checked(labels_img, 3), checked(imgs, 4)
    mask_img = None if mask_img is None else checked(mask_img, 3)
    names, table = signals_of(said, run, label_words(labels_img, mask_img, background_label, strategy, keep_masked_labels))
    if keep_masked_labels:
        table = np.nan_to_num(table)  # n/a is 0 in nilearn
        deprecated(keep_masked_labels=True)
    signals = np.asarray(table, kind_of(run), order=order)
    if return_masked_atlas:
        return signals, ids(names), masked_atlas(labels_img, mask_img, background_label)
    deprecated(return_masked_atlas=False)
    return signals, ids(names)


@instead_of("nilearn.regions.signal_extraction.img_to_signals_maps")
def img_to_signals_maps(said, imgs, maps_img, mask_img=None, keep_masked_maps=False):
    maps_img, run = checked(maps_img, 4), checked(imgs, 4)
    words = ["--maps", saved(maps_img)]
    if mask_img is not None:
        words += ["--mask", saved(checked(mask_img, 3))]
        if keep_masked_maps:
            deprecated(keep_masked_maps=True)
    names, table = signals_of(said, run, words + ["--lost", "keep"] * bool(keep_masked_maps))
    return np.nan_to_num(table) if keep_masked_maps else table, [one - 1 for one in ids(names)]


def back(said, signals, names, words):
    array = np.asarray(signals)
    if array.ndim not in (1, 2) or array.dtype.kind not in "fiub":
        raise PythonOnly
    out = STATE.file(".nii")
    rows = np.atleast_2d(array)
    if rows.shape[1] != len(names):
        raise NotThere("columns are found by their names, not by their number")
    roi("signals-to-image", table_file(rows, names), *words, "-o", out, said=said)
    image = nib.load(out)
    data = np.asanyarray(image.dataobj).astype(np.int8 if array.dtype == bool else array.dtype)
    shape = data.shape[:3] + ((len(rows),) if array.ndim == 2 else ())
    return nib.Nifti1Image(data.reshape(shape), image.affine)


@instead_of("nilearn.regions.signal_extraction.signals_to_img_labels")
def signals_to_img_labels(said, signals, labels_img, mask_img=None, background_label=0, order="F"):
    labels_img = checked(labels_img, 3)
    data = np.nan_to_num(np.asanyarray(labels_img.dataobj), posinf=0, neginf=0)
    words, inside = ["--labels", saved(labels_img)], data
    if mask_img is not None:
        mask_img = checked(mask_img, 3)
        words += ["--mask", saved(mask_img)]
        if mask_img.shape == data.shape:
            inside = data[np.nan_to_num(np.asanyarray(mask_img.dataobj)) != 0]
    if isinstance(signals, nib.Nifti1Image):
        signals = np.zeros((1, 1))  # a test of images that do not fit, which come first
        inside = data = np.ones(1)
    # Columns have names in the command: those of the labels inside the mask, or of all.
    for kept in (inside, data):
        names = [f"label_{int(one)}" for one in np.unique(kept) if one != background_label]
        if np.shape(signals)[-1:] == (len(names),):
            break
    return back(said, signals, names, words)


@instead_of("nilearn.regions.signal_extraction.signals_to_img_maps")
def signals_to_img_maps(said, region_signals, maps_img, mask_img=None):
    maps_img = checked(maps_img, 4)
    words = ["--maps", saved(maps_img)] + (["--mask", saved(checked(mask_img, 3))] if mask_img is not None else [])
    return back(said, region_signals, [f"map_{k + 1}" for k in range(maps_img.shape[3])], words)


absent("maps cut to a mask, a step of the way to signals", "nilearn.regions.signal_extraction._trim_maps")


def filter_and_extract(kind, said, imgs, extraction, parameters, confounds=None, sample_mask=None, dtype=None,
                       sklearn_output_config=None, **_):
    """The maskers' step from images to signals, cleaned: one call of the command."""
    with by_nilearn():
        from nilearn.image import check_niimg
        single = check_niimg(imgs).ndim == 3
        run = check_niimg(imgs, atleast_4d=True, ensure_ndim=4, dtype=dtype)
    if parameters.get("runs") is not None:
        raise NotThere("runs in one image")
    if kind == "labels":
        words = label_words(extraction.labels_img, extraction.mask_img, extraction.background_label, extraction.strategy,
                            extraction.keep_masked_labels)
        keep = extraction.keep_masked_labels
        if keep:
            deprecated(keep_masked_labels=True)
    elif kind == "maps":
        words = ["--maps", saved(extraction.maps_img_)]
        words += ["--mask", saved(extraction.mask_img_)] if extraction.mask_img_ is not None else []
        keep = extraction.keep_masked_maps
        words += ["--lost", "keep"] * keep
        if keep and extraction.mask_img_ is not None:
            deprecated(keep_masked_maps=True)
    else:
        path = STATE.file(".tsv")
        pd.DataFrame(np.array(extraction.seeds_, float).reshape(-1, 3), columns=list("xyz")).to_csv(
            path, sep="\t", index=False, float_format="%.17g")
        words = ["--spheres", path, "--radius", repr(float(extraction.radius or 0)), "--lost", "error"]
        words += ["--overlap"] * bool(extraction.allow_overlap)
        if extraction.mask_img is not None:
            mask = extraction.mask_img
            if mask.shape[:3] != run.shape[:3] or not np.allclose(mask.affine, run.affine):
                from nilearn.image import resample_img
                mask = resample_img(mask, target_affine=run.affine, target_shape=run.shape[:3], interpolation="nearest")
            words += ["--mask", saved(mask)]
        keep = False
    if parameters.get("target_shape") is not None or parameters.get("target_affine") is not None:
        words += ["--resample", "labels"]
    if parameters.get("smoothing_fwhm") is not None:
        fwhm = parameters["smoothing_fwhm"]
        if isinstance(fwhm, str):
            raise NotThere("a width of smoothing that is a word")
        words += ["--fwhm", ",".join(repr(float(one)) for one in np.atleast_1d(fwhm))]
    options = {name: parameters[name] for name in ("detrend", "standardize", "standardize_confounds", "t_r", "low_pass",
                                                  "high_pass")}
    cleaning = cleaning_words(run.shape[3], confounds=confounds, sample_mask=sample_mask, **options,
                              **parameters["clean_kwargs"])
    names, table = signals_of(said, run, words + cleaning)
    table = (np.nan_to_num(table) if keep else table).astype(kind_of(run))
    extra = None
    if kind == "labels":
        extra = (ids(names), masked_atlas(extraction.labels_img, extraction.mask_img, extraction.background_label))
    elif kind == "maps":
        extra = [one - 1 for one in ids(names)]
    return (table.squeeze() if single and sklearn_output_config is None else table), extra


def same_names(masker, imgs):
    """The command's columns, named by a table of the masker's names, against what nilearn calls its own."""
    image = any_image(imgs)
    if masker.resampling_target == "labels" or masker.labels_img_.shape != image.shape[:3] or \
            not np.allclose(masker.labels_img_.affine, image.affine):
        return
    lut = masker.lut_[masker.lut_["index"] != masker.background_label][["index", "name"]]
    path = STATE.file(".tsv")
    lut.astype({"index": int}).to_csv(path, sep="\t", index=False)
    words = label_words(masker.labels_img_, masker.mask_img_, masker.background_label, "mean", masker.keep_masked_labels)
    columns, _ = signals_of([], image, [*words, "--names", path])
    with by_nilearn():
        theirs = list(masker.region_names_.values())
    assert columns == theirs, f"columns {columns} instead of {theirs}"


MASKERS = "nilearn.maskers.base_masker.filter_and_extract"


@instead_of(MASKERS)
def extract(said, imgs, extraction, *words, **more):
    kind = {"nifti_labels_masker_extractor": "labels", "nifti_maps_masker_extractor": "maps",
            "nifti_spheres_masker_extractor": "spheres"}.get(getattr(extraction, "func_name", ""))
    if kind is None:
        # Of all voxels: nilearn's steps, each of them ours.
        return ORIGINALS[MASKERS](imgs, extraction, *words, **more)
    return filter_and_extract(kind, said, imgs, extraction, *words, **more)


# nilearn.image

def any_image(image, ranks=(3, 4)):
    """nilearn's reading of images; the command has no lists and no surfaces."""
    with by_nilearn():
        from nilearn.image import check_niimg
        from nilearn.surface import SurfaceImage
        first = image[0] if isinstance(image, (list, tuple)) and image else image
        if isinstance(first, SurfaceImage):
            raise NotThere("images of surfaces")
        try:
            image = check_niimg(image)
        except (TypeError, ValueError) as refusal:
            raise PythonOnly from refusal
    if len(image.shape) not in ranks:
        raise NotThere(f"images of {len(image.shape)} dimensions")
    return image


def image_of(path, like=None, affine=None, volumes=None):
    """What the command has written, read whole; affines in files are float32."""
    image = nib.load(path)
    data = np.array(image.dataobj)
    if volumes is not None:
        data = data.reshape(*data.shape[:3], volumes)
    if affine is None and like is not None:
        affine = like.affine
    near = affine is not None and np.allclose(affine, image.affine, rtol=1e-6, atol=1e-4)
    return nib.Nifti1Image(data, affine if near else image.affine, image.header)


def volumes_of(image):
    return image.shape[3] if len(image.shape) == 4 else None


@instead_of("nilearn.image.resampling.resample_img")
def resample_img(said, img, target_affine=None, target_shape=None, interpolation="continuous", copy=True, order="F", clip=True,
                 fill_value=0.0, force_resample=True, copy_header=True):
    image = any_image(img)
    if target_affine is None:
        if target_shape is not None or interpolation not in ("continuous", "linear", "nearest"):
            raise PythonOnly
        if not copy:
            return img
        target_affine, target_shape = image.affine, image.shape[:3]
    affine = np.array(target_affine, float)
    given = affine.copy()
    if affine.shape == (4, 4):
        affine[3] = (0, 0, 0, 1)  # nilearn reads no more of it than the first three rows
    out = STATE.file(".nii")
    words = ["--interpolation", interpolation, "--fill", repr(float(fill_value))]
    if affine.shape not in ((3, 3), (4, 4)) or \
            (target_shape is not None and (len(target_shape) != 3 or affine.shape != (4, 4))):
        raise PythonOnly
    if target_shape is not None:
        words += ["--like", saved(nib.Nifti1Image(np.zeros([int(one) for one in target_shape], np.uint8), affine))]
    else:
        path = STATE.file(".txt")
        np.savetxt(path, affine, fmt="%.17g")
        words += ["--affine", path]
    if not clip and interpolation == "continuous":
        STATE.notes.append("values beyond the range of the image: cut off here, always")
    roi("resample", saved(image), *words, "-o", out, said=said)
    result = image_of(out, affine=affine if affine.shape == (4, 4) else None, volumes=volumes_of(image))
    return result if np.array_equal(affine, given) else nib.Nifti1Image(result.dataobj, given, result.header)


@instead_of("nilearn.image.resampling.resample_to_img")
def resample_to_img(said, source_img, target_img, interpolation="continuous", copy=True, order="F", clip=False, fill_value=0.0,
                    force_resample=True, copy_header=True):
    target = any_image(target_img)
    return resample_img(said, source_img, target.affine, target.shape[:3], interpolation, copy, order, clip, fill_value)


@instead_of("nilearn.image.resampling.reorder_img")
def reorder_img(said, img, resample=None, copy_header=True):
    image = any_image(img)
    if resample is not None:
        raise NotThere("reordering and resampling in one")
    out = STATE.file(".nii")
    roi("reorder", saved(image), "-o", out, said=said)
    return image_of(out, volumes=volumes_of(image))


@instead_of("nilearn.image.image.smooth_img")
def smooth_img(said, imgs, fwhm):
    if isinstance(imgs, (list, tuple)) or isinstance(fwhm, str):
        raise NotThere("lists of images" if isinstance(imgs, (list, tuple)) else "a width of smoothing that is a word")
    image = any_image(imgs)
    widths = [0.0] if fwhm is None else [float(one or 0) for one in np.atleast_1d(fwhm)]
    out = STATE.file(".nii")
    roi("smooth", saved(image), "--fwhm", ",".join(map(repr, widths)), "-o", out, said=said)
    return image_of(out, image, volumes=volumes_of(image))


@instead_of("nilearn.image.image.smooth_array")
def smooth_array(said, arr, affine, fwhm=None, ensure_finite=True, copy=True):
    if isinstance(fwhm, str) or not ensure_finite:
        raise NotThere("a width of smoothing that is a word, or NaN that spreads")
    array = np.asarray(arr)
    whole = np.eye(4)
    if affine is not None:
        whole[:3, :3] = np.asarray(affine)[:3, :3]
    out = np.asanyarray(smooth_img(said, nib.Nifti1Image(array, whole), fwhm).dataobj).reshape(array.shape)
    if copy:
        return out
    arr[...] = out
    return arr


absent("a width of smoothing that is a word", "nilearn.image.image._fast_smooth_array")


@instead_of("nilearn.image.image.crop_img")
def crop_img(said, img, rtol=1e-8, copy=True, pad=True, return_offset=False, copy_header=True):
    if return_offset:
        raise NotThere("the offset of what was cut off")
    image = any_image(img)
    data = np.asanyarray(image.dataobj)
    small = abs(data) <= rtol * abs(data).max(initial=0)
    if (small & (data != 0)).any():
        raise NotThere("cutting off what is nearly 0")
    out = STATE.file(".nii")
    roi("crop", saved(image), "-o", out, said=said)
    cropped = image_of(out, volumes=volumes_of(image))
    if not pad:
        return cropped
    # nilearn leaves a voxel of margin, inside the image or beyond it.
    lost = np.linalg.solve(image.affine, cropped.affine[:, 3])[:3]
    width = [(1, 1)] * 3 + [(0, 0)] * (len(cropped.shape) - 3)
    affine = cropped.affine.copy()
    affine[:3, 3] -= affine[:3, :3] @ np.minimum(np.rint(lost), 1)
    start = np.rint(lost).astype(int)
    stop = start + cropped.shape[:3]
    width = [(min(1, start[k]), min(1, image.shape[k] - stop[k])) for k in range(3)] + width[3:]
    return nib.Nifti1Image(np.pad(np.asanyarray(cropped.dataobj), width), affine, cropped.header)


@instead_of("nilearn.image.image.mean_img")
def mean_img(said, imgs, target_affine=None, target_shape=None, verbose=0, n_jobs=1, copy_header=True):
    if target_affine is not None or target_shape is not None:
        raise NotThere("a mean and another grid in one")
    images = [any_image(one) for one in (imgs if isinstance(imgs, (list, tuple)) else [imgs])]
    out = STATE.file(".nii")
    roi("mean", *map(saved, images), "-o", out, said=said)
    return image_of(out, images[0])


@instead_of("nilearn.image.image.threshold_img")
def threshold_img(said, img, threshold, cluster_threshold=0, two_sided=True, mask_img=None, copy=True, copy_header=True):
    image = any_image(img)
    if not copy:
        raise NotThere("changing an image in its place")
    if isinstance(threshold, str):
        if not re.fullmatch(r"[0-9.]+%", threshold):
            raise PythonOnly
        words = ["--percentile", threshold[:-1]]
    elif not isinstance(threshold, (int, float, np.number)):
        raise PythonOnly
    else:
        words = ["--value", repr(float(threshold))]
    if not isinstance(cluster_threshold, (int, float)):
        raise PythonOnly
    words += ["--two-sided"] * bool(two_sided)
    words += ["--cluster-size", int(np.ceil(cluster_threshold))] if cluster_threshold else []
    words += ["--mask", saved(checked(mask_img, 3))] if mask_img is not None else []
    out = STATE.file(".nii")
    roi("threshold", saved(image), *words, "-o", out, said=said)
    return image_of(out, image, volumes=volumes_of(image))


@instead_of("nilearn.image.image.binarize_img")
def binarize_img(said, img, threshold=0.0, mask_img=None, two_sided=False, copy_header=True):
    image = any_image(img)
    kept = threshold_img(said, image, threshold, two_sided=two_sided, mask_img=mask_img)
    out = STATE.file(".nii")
    roi("math", "a != 0", "--a", saved(kept), "-o", out, said=said)
    return image_of(out, image, volumes=volumes_of(image))


@instead_of("nilearn.image.image.math_img")
def math_img(said, formula, copy_header_from=None, **imgs):
    images = {name: any_image(image) for name, image in imgs.items()}
    if copy_header_from is not None:
        raise NotThere("the header of another image")
    words, text = [], formula
    for letter, name in zip("abcdefghijkl", images):
        text = re.sub(rf"\b{name}\b", letter, text)
        words += [f"--{letter}", saved(images[name])]
    text = re.sub(r"\bnp\.", "", text)
    text = re.sub(r"mean\((\w), axis=-1(?:, keepdims=False)?\)", r"mean(\1)", text)
    if re.search(r"=|\[|\.|mean\(\w\s*\)\s*-.*keepdims", text.replace("==", "").replace(">=", "").replace("<=", "")):
        raise NotThere("formulas of Python")
    out = STATE.file(".nii")
    roi("math", text, *words, "-o", out, said=said)
    return image_of(out, next(iter(images.values())))


@instead_of("nilearn.image.image.concat_imgs")
def concat_imgs(said, niimgs, dtype=np.float32, ensure_ndim=None, memory=None, memory_level=0, auto_resample=False, verbose=0):
    if auto_resample or not isinstance(niimgs, (list, tuple)):
        raise NotThere("joining images and bringing them to one grid in one" if auto_resample else
                       "images without a list of them")
    images = [any_image(one) for one in niimgs]
    ranks = {len(one.shape) for one in images}
    if not images or len(ranks) > 1 or (ensure_ndim is not None and ranks != {ensure_ndim - 1}):
        raise PythonOnly
    out = STATE.file(".nii")
    roi("concat", *map(saved, images), "-o", out, said=said)
    joined = image_of(out, images[0], volumes=sum(volumes_of(one) or 1 for one in images))
    data = np.asanyarray(joined.dataobj)
    return nib.Nifti1Image(data if dtype is None or dtype == "auto" else data.astype(dtype), joined.affine)


@instead_of("nilearn.image.image.index_img")
def index_img(said, imgs, index):
    image = any_image(imgs)
    index = index.to_numpy() if isinstance(index, pd.DataFrame) else index
    if len(image.shape) != 4:
        raise PythonOnly
    try:
        numbers = np.arange(image.shape[3])[np.ravel(index) if isinstance(index, np.ndarray) else index]
    except IndexError:
        raise PythonOnly from None
    if np.ndim(numbers) and (np.diff(numbers) <= 0).any():
        raise NotThere("volumes in another order, or twice")
    out = STATE.file(".nii")
    roi("frames", saved(image), "--select", ",".join(str(one) for one in np.atleast_1d(numbers)), "-o", out, said=said)
    return image_of(out, image, volumes=None if np.ndim(numbers) == 0 else len(numbers))


@instead_of("nilearn.image.image.clean_img")
def clean_img(said, imgs, runs=None, detrend=True, standardize="zscore_sample", confounds=None, low_pass=None, high_pass=None,
              t_r=None, ensure_finite=False, mask_img=None, **more):
    image = any_image(imgs)
    if runs is not None or mask_img is not None:
        raise NotThere("cleaning inside a mask, or several runs in one image")
    options = {key.removeprefix("clean__"): value for key, value in more.items()}
    words = cleaning_words(image.shape[-1], detrend=detrend, standardize=standardize, confounds=confounds, low_pass=low_pass,
                           high_pass=high_pass, t_r=t_r, **options)
    if "butterworth" in words:
        raise NotThere("Butterworth's filter voxel by voxel: it needs whole series")
    out = STATE.file(".nii")
    roi("clean-run", saved(image), *words, "-o", out, said=said)
    return image_of(out, image, volumes=volumes_of(image))


absent("confounds of high variance as a table of their own", "nilearn.image.image.high_variance_confounds")

@instead_of("nilearn.image.image.largest_connected_component_img")
def largest_connected_component_img(said, imgs):
    if isinstance(imgs, (list, tuple)):
        return [largest_connected_component_img(said, one) for one in imgs]
    image = any_image(imgs, (3,))
    labels, out = STATE.file(".nii"), STATE.file(".nii")
    path = saved(image)
    mask = STATE.file(".nii")
    roi("math", "a != 0", "--a", path, "-o", mask)
    roi("label", mask, "--order", "size", "-o", labels, said=said)
    roi("math", "a * (b == 1)", "--a", path, "--b", labels, "-o", out)
    return image_of(out, image)


absent("left and right of an image exchanged", "nilearn.image.image.swap_img_hemispheres")


# nilearn.masking

@instead_of("nilearn.masking.intersect_masks")
def intersect_masks(said, mask_imgs, threshold=0.5, connected=True):
    if not isinstance(mask_imgs, (list, tuple)) or len(mask_imgs) == 0:
        raise PythonOnly
    masks = [any_image(one, (3,)) for one in mask_imgs]
    out = STATE.file(".nii")
    roi("intersect", *map(saved, masks), "--fraction", repr(float(threshold)), *["--largest"] * bool(connected), "-o", out,
        said=said)
    return image_of(out, masks[0])


def brain_mask(said, img, words, connected, opening, target_affine, target_shape):
    if target_affine is not None or target_shape is not None:
        raise NotThere("a mask of the brain on another grid than its image")
    image = any_image(img)
    out = STATE.file(".nii")
    roi("brain-mask", saved(image), *words, "--opening", int(opening), "--components", "largest" if connected else "all", "-o",
        out, said=said)
    return image_of(out, image)


@instead_of("nilearn.masking.compute_epi_mask")
def compute_epi_mask(said, epi_img, lower_cutoff=0.2, upper_cutoff=0.85, connected=True, opening=2, exclude_zeros=False,
                     ensure_finite=True, target_affine=None, target_shape=None, memory=None, verbose=0):
    if not ensure_finite:
        raise NotThere("masks of the brain of what is not finite")
    return brain_mask(said, epi_img, ["--lower-cutoff", repr(float(lower_cutoff)), "--upper-cutoff", repr(float(upper_cutoff)),
                                      *["--exclude-zeros"] * bool(exclude_zeros)], connected, opening, target_affine,
                      target_shape)


@instead_of("nilearn.masking.compute_background_mask")
def compute_background_mask(said, data_imgs, border_size=2, connected=False, opening=False, target_affine=None,
                            target_shape=None, memory=None, verbose=0):
    return brain_mask(said, data_imgs, ["--method", "background", "--border-size", int(border_size)], connected, opening,
                      target_affine, target_shape)


absent("a mask from a template", "nilearn.masking.compute_brain_mask", "nilearn.masking.compute_multi_brain_mask")


def numbered(mask_img):
    """A label for every voxel of a mask, in nilearn's order; the command has no tables of voxels but these."""
    with by_nilearn():
        from nilearn.masking import load_mask_img
        from nilearn.surface import SurfaceImage
        if isinstance(mask_img, SurfaceImage):
            raise NotThere("images of surfaces")
        mask, affine = load_mask_img(mask_img)
    labels = np.zeros(mask.shape, np.int32)
    labels[mask] = np.arange(1, mask.sum() + 1)
    return nib.Nifti1Image(labels, affine), int(mask.sum())


@instead_of("nilearn.masking.apply_mask_fmri")
@instead_of("nilearn.masking.apply_mask")
def apply_mask(said, imgs, mask_img, dtype="f", smoothing_fwhm=None, ensure_finite=True):
    image = any_image(imgs)
    if not ensure_finite:
        words = ["--non-finite", "propagate"]
    else:
        words = []
    labels, count = numbered(mask_img)
    if count == 0:
        raise NotThere("a mask without a voxel")
    if smoothing_fwhm is not None:
        words += ["--fwhm", ",".join(repr(float(one)) for one in np.atleast_1d(smoothing_fwhm))]
    _, table = signals_of(said, image, ["--labels", saved(labels), *words])
    kind = np.asanyarray(image.dataobj).dtype
    kind = (kind if kind.kind == "f" else np.float32) if dtype == "f" else dtype
    return (table[0] if len(image.shape) == 3 else table).astype(kind)


@instead_of("nilearn.masking.unmask")
def unmask(said, X, mask_img, order="F"):
    if isinstance(X, list) and np.ndim(X[0]) > 0:
        return [unmask(said, one, mask_img) for one in X]
    array = np.asanyarray(X)
    labels, count = numbered(mask_img)
    if array.ndim not in (1, 2) or array.shape[-1] != count or array.dtype.kind not in "fiub":
        raise PythonOnly
    image = back(said, array, [f"label_{k + 1}" for k in range(count)], ["--labels", saved(labels)])
    return nib.Nifti1Image(np.asarray(image.dataobj, order=order), image.affine)


absent("steps of masking on arrays", "nilearn.masking.extrapolate_out_mask", "nilearn.masking.unmask_from_to_3d_array")


# nilearn.glm.thresholding, nilearn.reporting

@instead_of("nilearn.glm.thresholding.threshold_stats_img")
def threshold_stats_img(said, stat_img=None, mask_img=None, alpha=0.001, threshold=3.0, height_control="fpr",
                        cluster_threshold=0, two_sided=True):
    if stat_img is None or height_control not in (None, "fpr", "fdr", "bonferroni"):
        raise PythonOnly
    image = any_image(stat_img)
    if height_control is None:
        if not isinstance(threshold, (int, float)) or not isinstance(cluster_threshold, (int, np.integer)):
            raise PythonOnly
        return threshold_img(said, image, threshold, cluster_threshold, two_sided, mask_img), threshold
    if not isinstance(alpha, (int, float)) or not isinstance(cluster_threshold, (int, np.integer)):
        raise PythonOnly
    out = STATE.file(".nii")
    words = ["--method", height_control, "--alpha", repr(float(alpha)), "--cluster-size", int(cluster_threshold)]
    words += ["--two-sided"] * bool(two_sided) + (["--mask", saved(checked(mask_img, 3))] if mask_img is not None else [])
    limit = float(roi("correct", saved(image), *words, "-o", out, said=said))
    return image_of(out, image, volumes=volumes_of(image)), limit


@instead_of("nilearn.glm.thresholding.fdr_threshold")
def fdr_threshold(said, z_vals, alpha):
    values = np.asarray(z_vals, float)
    image = nib.Nifti1Image(values.reshape(-1, 1, 1), np.eye(4))
    return float(roi("correct", saved(image), "--method", "fdr", "--alpha", repr(float(alpha)), said=said))


absent("true positives by Hommel's method", "nilearn.glm.thresholding.cluster_level_inference",
       "nilearn.glm.thresholding._compute_hommel_value")


@instead_of("nilearn.reporting.get_clusters_table.get_clusters_table")
def get_clusters_table(said, stat_img, stat_threshold, cluster_threshold=None, two_sided=False, min_distance=8.0,
                       return_label_maps=False):
    image = any_image(stat_img)
    if len(image.shape) == 4:
        if image.shape[3] != 1:
            raise NotThere("tables of several maps at once")
        image = nib.Nifti1Image(np.asanyarray(image.dataobj)[..., 0], image.affine)
    out, numbers = STATE.file(".tsv"), STATE.file(".nii")
    roi("clusters", saved(image), "--threshold", repr(float(stat_threshold)), "--min-size", max(int(cluster_threshold or 1), 1),
        "--min-distance", repr(float(min_distance)), *["--two-sided"] * bool(two_sided), "--label-map", numbers, "-o", out, said=said)
    rows = pd.read_csv(out, sep="\t", na_values="n/a", dtype={"id": str})
    names = [int(one) if one.isdigit() else one for one in rows["id"]]
    sizes = ["" if np.isnan(one) else int(one) for one in rows["mm3"]]
    table = pd.DataFrame({"Cluster ID": names, "X": rows["x"], "Y": rows["y"], "Z": rows["z"], "Peak Stat": rows["peak"],
                          "Cluster Size (mm3)": sizes}).reset_index(drop=True)
    if not return_label_maps:
        return table
    # One map for each sign, of numbers from 1.
    labels, values = data_of(numbers), np.nan_to_num(np.asanyarray(image.dataobj))
    above = np.where(values > 0, labels, 0)
    maps = [above, np.where(values < 0, labels - above.max(), 0)] if two_sided else [labels]
    return table, [nib.Nifti1Image(one.astype(np.int32), image.affine) for one in maps]


absent("steps of the table of clusters", "nilearn.reporting.get_clusters_table._local_max",
       "nilearn.reporting.get_clusters_table._cluster_nearest_neighbor")


# nilearn.regions.region_extractor

@instead_of("nilearn.regions.region_extractor.connected_label_regions")
def connected_label_regions(said, labels_img, min_size=None, connect_diag=True, labels=None):
    if not isinstance(connect_diag, bool) or not (min_size is None or isinstance(min_size, (int, float))):
        raise PythonOnly
    image = checked(labels_img, 3)
    present = np.unique(np.asanyarray(image.dataobj))
    present = present[present != 0]
    labels = [labels] if isinstance(labels, str) else labels
    if labels is not None and (not isinstance(labels, (list, tuple, np.ndarray)) or len(labels) != len(present)):
        raise PythonOnly
    out = STATE.file(".nii")
    # nilearn keeps what is more than the least size, the command what is that much.
    words = ["--min-volume", repr(float(np.nextafter(min_size, np.inf)))] if min_size is not None else []
    path = saved(image)
    roi("relabel", path, "--connectivity", "corners" if connect_diag else "faces", *words, "-o", out, said=said)
    if labels is None:
        return image_of(out, image)
    table, names = STATE.file(".tsv"), dict(zip(present, labels))
    roi("regions", out, "--values", path, "-o", table)
    return image_of(out, image), [names[one] for one in pd.read_csv(table, sep="\t")["max"]]


@instead_of("nilearn.regions.region_extractor.connected_regions")
def connected_regions(said, maps_img, min_region_size=1350, extract_type="local_regions", smoothing_fwhm=6, mask_img=None):
    image = any_image(maps_img)
    words = ["--strategy", "img_value", "--threshold", repr(float(np.finfo(np.float32).tiny)), "--two-sided"]
    if STATE.extractor is not None:
        # Its thresholds are the command's too, of the maps as they were.
        strategy = STATE.extractor.thresholding_strategy
        words = ["--strategy", strategy, "--threshold", repr(float(str(STATE.extractor.threshold).rstrip("%")))]
        words += ["--two-sided"] * (STATE.extractor.two_sided and strategy != "ratio_n_voxels")
        image = any_image(STATE.extractor.maps_img)
    if mask_img is not None:
        mask = checked(mask_img, 3)
        if mask.shape != image.shape[:3] or not np.allclose(mask.affine, image.affine):
            mask = resample_img(said, mask, image.affine, image.shape[:3], "nearest")
        words += ["--mask", saved(mask)]
    return extracted(said, image, words, min_region_size, extract_type, smoothing_fwhm)


def extracted(said, image, words, least, kind, fwhm):
    out = STATE.file(".nii")
    smoothing = ["--fwhm", repr(float(fwhm or 0))] if kind == "local_regions" else []
    table = roi("extract", saved(image), *words, "--type", kind, "--min-volume", repr(float(np.nextafter(least, np.inf))),
                *smoothing, "-o", out, said=said)
    maps = [int(line.split("\t")[1]) for line in table.splitlines()[1:]]
    return image_of(out, image, volumes=len(maps)), maps


@instead_of("nilearn.regions.region_extractor._threshold_maps_ratio")
def threshold_maps_ratio(said, maps_img, threshold):
    if STATE.extractor is None:
        raise NotThere("thresholds of maps, a step of the extraction of regions")
    with by_nilearn():
        from nilearn.regions import region_extractor
        return region_extractor._threshold_maps_ratio(maps_img, threshold)


absent("small regions of an array", "nilearn.regions.region_extractor._remove_small_regions")


# nilearn.mass_univariate

@instead_of("nilearn.mass_univariate.permuted_least_squares.permuted_ols")
def permuted_ols(said, tested_vars, target_vars, confounding_vars=None, model_intercept=True, n_perm=10000, two_sided_test=True,
                 random_state=None, n_jobs=1, verbose=0, masker=None, tfce=False, threshold=None, output_type="dict"):
    tested, target = np.asarray(tested_vars), np.asarray(target_vars)
    if output_type != "dict" or target.ndim != 2 or tested.dtype.kind not in "fiu" or \
            not isinstance(n_perm, int) or n_jobs == 0 or \
            (masker is None and (tfce or threshold is not None)):
        raise PythonOnly
    tested = tested.reshape(len(tested), -1).astype(float)
    if masker is None:
        inside = np.ones((target.shape[1], 1, 1), bool)
        affine = np.eye(4)
    else:
        inside, affine = np.asanyarray(masker.mask_img_.dataobj) != 0, masker.mask_img_.affine
    data = np.zeros((*inside.shape, len(target)))
    data[inside] = target.T
    run = saved(nib.Nifti1Image(data, affine))
    mask = saved(nib.Nifti1Image(inside.astype(np.uint8), affine))
    confounds = np.zeros((len(target), 0))
    if confounding_vars is not None:
        confounds = np.asarray(confounding_vars, float).reshape(len(target), -1)
    constant = (confounds == confounds[:1]).all(0)
    confounds, intercept = confounds[:, ~constant], bool(model_intercept) or bool(constant.any())
    outs = {}
    for column in tested.T:
        mean = (column == column[0]).all()
        if mean and intercept and not model_intercept and confounding_vars is not None:
            raise NotThere("a mean beside a constant")
        if not mean and not intercept:
            raise NotThere("models of a variable without a constant")
        words = [run, "--mask", mask, "--alternative", "two-sided" if two_sided_test else "greater"]
        words += ["--tested", table_file(column[:, None])] if not mean else []
        words += ["--nuisance", table_file(confounds)] if confounds.shape[1] else []
        # Other random numbers than nilearn's. Twenty tests at 0.01 in a row fail for some twenty seeds by chance, 0 to 19
        # among them; over 200 seeds their p is uniform.
        words += ["--seed", 1000 + random_state] if isinstance(random_state, int) else []
        kinds = {"t": "t", "logp_max_t": "log-p"} if n_perm else {"t": "t"}
        if tfce:
            kinds |= {"tfce": "tfce", "logp_max_tfce": "log-p-tfce"} if n_perm else {"tfce": "tfce"}
        if threshold is not None and n_perm:
            kinds |= {"logp_max_size": "log-p-size", "logp_max_mass": "log-p-mass"}
            words += ["--cluster-p", repr(float(threshold))]
        files = {name: STATE.file(".nii") for name in kinds}
        null = STATE.file(".tsv")
        roi("permute", *words, "--permutations", n_perm + 1, *[word for name, path in files.items()
                                                           for word in (f"--{kinds[name]}", path)], "--null", null, said=said)
        for name, path in files.items():
            outs.setdefault(name, []).append(data_of(path)[inside])
        if n_perm:
            names, values = table_of(null)
            for name, ours in (("h0_max_t", "t"), ("h0_max_tfce", "tfce"), ("h0_max_size", "cluster_size"),
                               ("h0_max_mass", "cluster_mass")):
                if ours in names:
                    outs.setdefault(name, []).append(values[1:, names.index(ours)])
    for name in ("size", "mass"):
        if f"logp_max_{name}" in outs:
            outs[name] = [np.zeros_like(one) for one in outs["t"]]
    return {name: np.array(rows) for name, rows in outs.items()}
