#!/usr/bin/env python3
"""Compares the statistics of `roi` with SciPy and scikit-learn on random runs and lists of maps.

usage: peer_stats.py ROI [CASES] [SEED]

ROI is the program; every function gets CASES (600) voxels, each its own random samples: sizes from 2 to 30, levels from 0 to
1e6, scales from 1e-140 to 1e140, float and double. Statistics, p and z agree to 1e-11. SciPy gets values without their
level, which loses nothing, and of a size at which its squares are numbers: it rounds where these tests must not. `permute` is
compared with all sign flips of small groups, done one by one as nilearn's permuted_ols would, and where permutations are drawn
with permuted_ols itself, if nilearn is there: both estimate the same p, so they differ by no more than their Monte Carlo error.
Skips with a word when SciPy, scikit-learn or nibabel is missing.
"""
import itertools
import os
import subprocess
import sys
import tempfile
import warnings

try:
    import nibabel
    import numpy as np
    from scipy import ndimage, stats
    from sklearn.feature_selection import f_classif
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(0)


def run(*words):
    done = subprocess.run([ROI, *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        print("FAILED:", *words, "\n", done.stderr)
        sys.exit(1)
    return done.stdout


def save(name, series):
    """Voxels x volumes as a run."""
    image = nibabel.Nifti1Image(series.reshape(-1, 1, 1, series.shape[-1]), np.eye(4))
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, name)


def load(name):
    return np.asanyarray(nibabel.load(name).dataobj).ravel()


def agree(what, ours, theirs, tolerance):
    ours, theirs = np.asarray(ours), np.broadcast_to(theirs, np.shape(ours))
    wrong = ~np.isclose(ours, theirs, rtol=tolerance, atol=tolerance * 1e-3, equal_nan=True)
    if wrong.any():
        i = int(np.flatnonzero(wrong)[0])
        print(f"FAILED: {what}: voxel {i}: {ours[i]!r}, expected {theirs[i]!r}, {wrong.sum()} of {wrong.size}")
        sys.exit(1)


def samples(rng, kind, voxels, volumes):
    """Random values."""
    data = rng.normal(0, 1, (voxels, volumes)) + rng.normal(0, 0.7, (voxels, 1))
    return {"level": data + 1e6, "tiny": data * 2.0**-465, "huge": data * 2.0**465,
            "float": data.astype(np.float32)}.get(kind, data)


def easy(kind, data):
    """The same values as SciPy can take them; each step is exact."""
    data = data.astype(float)
    return {"level": data - 1e6, "tiny": data * 2.0**465, "huge": data * 2.0**-465}.get(kind, data)


def ttests(rng, kind, voxels):
    na, nb = rng.integers(2, 30, 2)
    a = samples(rng, kind, voxels, na)
    b = samples(rng, kind, voxels, nb)
    save("a.nii", a)
    save("b.nii", b)
    mean = float(a[0, 0])
    a, b = easy(kind, a), easy(kind, b)
    for alternative in ("two-sided", "less", "greater"):
        for welch in (False, True):
            for trim in (0, 0.2):
                run("ttest-ind", "--a", "a.nii", "--b", "b.nii", "--alternative", alternative, "--trim", trim,
                    "--t", "t.nii", "--p", "p.nii", *(["--welch"] if welch else []))
                t, p = stats.ttest_ind(a, b, axis=1, equal_var=not welch, alternative=alternative, trim=trim)
                agree(f"ttest-ind {kind} {alternative} welch {welch} trim {trim}: t", load("t.nii"), t, 1e-11)
                agree(f"ttest-ind {kind} {alternative} welch {welch} trim {trim}: p", load("p.nii"), p, 1e-11)
        run("ttest-1samp", "a.nii", "--alternative", alternative, "--t", "t.nii", "--p", "p.nii", "--z", "z.nii", "--mean",
            repr(mean))
        t, p = stats.ttest_1samp(a, a[0, 0], axis=1, alternative=alternative)
        agree(f"ttest-1samp {kind} {alternative}: t", load("t.nii"), t, 1e-11)
        agree(f"ttest-1samp {kind} {alternative}: p", load("p.nii"), p, 1e-11)
        above, below = (stats.ttest_1samp(a, a[0, 0], axis=1, alternative=side).pvalue for side in ("greater", "less"))
        agree(f"ttest-1samp {kind} {alternative}: z", load("z.nii"),
              np.where(t > 0, stats.norm.isf(above), -stats.norm.isf(below)), 1e-11)
        c = samples(rng, kind, voxels, na)
        save("c.nii", c)
        run("ttest-rel", "--a", "a.nii", "--b", "c.nii", "--alternative", alternative, "--t", "t.nii", "--p", "p.nii")
        t, p = stats.ttest_rel(a, easy(kind, c), axis=1, alternative=alternative)
        agree(f"ttest-rel {kind} {alternative}: t", load("t.nii"), t, 1e-11)
        agree(f"ttest-rel {kind} {alternative}: p", load("p.nii"), p, 1e-11)


def f_tests(rng, kind, voxels):
    groups = rng.integers(2, 9)
    labels = np.concatenate([np.arange(groups), rng.integers(0, groups, rng.integers(2, 40))])
    rng.shuffle(labels)
    data = samples(rng, kind, voxels, len(labels))
    save("run.nii", data)
    with open("labels.tsv", "w") as file:
        file.write("labels\n" + "".join(f"c{k}\n" for k in labels))
    numerator = run("f-classif", "run.nii", "--labels", "labels.tsv", "--f", "f.nii", "--p", "p.nii", "--df", "df.nii")
    data = easy(kind, data)
    f, p = stats.f_oneway(*[data[:, labels == k] for k in range(groups)], axis=1)
    agree(f"f-classif {kind}: F", load("f.nii"), f, 1e-11)
    agree(f"f-classif {kind}: p", load("p.nii"), p, 1e-11)
    assert int(numerator) == groups - 1 and (load("df.nii") == len(labels) - groups).all()
    if kind == "plain":
        f, p = f_classif(data.T, labels)
        agree("f-classif, scikit-learn: F", load("f.nii"), f, 1e-9)
        agree("f-classif, scikit-learn: p", load("p.nii"), p, 1e-9)


def correlations(rng, kind, voxels):
    data = samples(rng, kind, voxels, rng.integers(3, 60))
    volumes = data.shape[1]
    seed = rng.normal(5, 2, volumes)
    save("run.nii", data)
    np.savetxt("seed.tsv", seed, header="seed", comments="", fmt="%r")
    for alternative in ("two-sided", "less", "greater"):
        run("correlate", "run.nii", "--seed", "seed.tsv", "--alternative", alternative, "--r", "r.nii", "--p", "p.nii")
        found = [stats.pearsonr(series, seed, alternative=alternative) for series in easy(kind, data)]
        agree(f"correlate {kind}: r", load("r.nii"), [r for r, _ in found], 1e-11)
        agree(f"correlate {kind} {alternative}: p", load("p.nii"), [p for _, p in found], 1e-11)

    # With the mean of every run taken out: the correlation of what is left, with fewer degrees of freedom.
    runs = np.arange(volumes) * rng.integers(1, 4) // volumes if volumes > 5 else np.zeros(volumes, int)
    rng.shuffle(runs)
    columns = (runs[:, None] == np.unique(runs)).astype(float)
    table = "".join(f"{value!r}\trun {chunk}\n" for value, chunk in zip(seed.tolist(), runs))
    with open("seed.tsv", "w", encoding="utf-8") as file:
        file.write("seed\tchunks\n" + table)
    run("correlate", "run.nii", "--seed", "seed.tsv", "--chunks", "chunks", "--r", "r.nii", "--p", "p.nii")
    remain = np.eye(volumes) - columns @ np.diag(1 / columns.sum(0)) @ columns.T
    x, s = easy(kind, data) @ remain, remain @ seed
    r = x @ s / np.sqrt((x * x).sum(1) * (s @ s))
    df = volumes - columns.shape[1] - 1
    agree(f"correlate {kind} in chunks: r", load("r.nii"), r, 1e-11)
    agree(f"correlate {kind} in chunks: p", load("p.nii"), 2 * stats.t.sf(np.abs(r) * np.sqrt(df / (1 - r * r)), df), 1e-9)


def left_out(rng, kind, voxels):
    """NaN that is left out, as SciPy's tests do voxel by voxel."""
    groups = rng.integers(2, 6)
    labels = np.concatenate([np.arange(groups)] * 2 + [rng.integers(0, groups, rng.integers(2, 30))])
    data = samples(rng, kind, voxels, len(labels))
    data[rng.random(data.shape) < 0.2] = np.nan
    seed = rng.normal(5, 2, len(labels))
    save("run.nii", data)
    with open("labels.tsv", "w", encoding="utf-8") as file:
        file.write("labels\tseed\n" + "".join(f"c{k}\t{value!r}\n" for k, value in zip(labels, seed.tolist())))
    data = easy(kind, data)
    there = ~np.isnan(data)
    run("f-classif", "run.nii", "--labels", "labels.tsv", "--nan-policy", "omit", "--f", "f.nii", "--p", "p.nii", "--df",
        "df.nii")
    f = np.full(voxels, np.nan)
    p, df = f.copy(), f.copy()
    for i in range(voxels):
        of = [data[i, there[i] & (labels == k)] for k in range(groups)]
        if min(map(len, of)) == 0 or there[i].sum() <= groups:
            continue
        f[i], p[i] = stats.f_oneway(*of)
        df[i] = there[i].sum() - groups
    agree(f"f-classif {kind}, NaN left out: F", load("f.nii"), f, 1e-11)
    agree(f"f-classif {kind}, NaN left out: p", load("p.nii"), p, 1e-11)
    agree(f"f-classif {kind}, NaN left out: df", load("df.nii"), df, 0)
    run("correlate", "run.nii", "--seed", "labels.tsv", "--seed-column", "seed", "--nan-policy", "omit", "--r", "r.nii",
        "--p", "p.nii")
    found = [stats.pearsonr(x[here], seed[here]) if here.sum() > 1 else (np.nan, np.nan) for x, here in zip(data, there)]
    agree(f"correlate {kind}, NaN left out: r", load("r.nii"), [r for r, _ in found], 1e-11)
    agree(f"correlate {kind}, NaN left out: p", load("p.nii"), [p for _, p in found], 1e-11)


def chunks_left_out(rng, kind, voxels):
    """NaN that is left out where every chunk has a mean of its own: least squares on what every voxel has left."""
    groups, blocks = rng.integers(2, 6), rng.integers(1, 5)
    labels = np.concatenate([np.arange(groups)] * 2 + [rng.integers(0, groups, rng.integers(2, 30))])
    runs = np.concatenate([np.zeros(groups, int), rng.integers(0, blocks, len(labels) - groups)])
    order = rng.permutation(len(labels)) if rng.random() < 0.5 else np.argsort(runs, kind="stable")
    labels, runs = labels[order], runs[order]
    data = samples(rng, kind, voxels, len(labels)) + (0 if kind in ("tiny", "huge") else 3 * runs)
    data = data.astype(np.float32) if kind == "float" else data
    data[rng.random(data.shape) < rng.choice([0.1, 0.4])] = np.nan
    data[0, runs == 0] = np.nan
    data[1, labels == 1] = np.nan
    seed = rng.normal(5, 2, len(labels)) + runs
    save("run.nii", data)
    with open("labels.tsv", "w", encoding="utf-8") as file:
        file.write("labels\tchunks\tseed\n" +
                   "".join(f"c{k}\trun {r}\t{s!r}\n" for k, r, s in zip(labels, runs, seed.tolist())))
    words = ["run.nii", "--labels", "labels.tsv", "--chunks", "chunks", "--nan-policy", "omit", "--p", "p.nii", "--df", "df.nii"]
    values = easy(kind, data)

    def residual(design, y):
        solved, _, rank, _ = np.linalg.lstsq(design, y, rcond=1e-10)
        return y - design @ solved, rank, solved

    def designs(there):
        chunk = (runs[there, None] == np.unique(runs[there])).astype(float)
        return chunk, np.hstack([chunk, (labels[there, None] == np.arange(groups)).astype(float)])

    f, p, df = np.full((3, voxels), np.nan)
    r, pr, dfr = np.full((3, voxels), np.nan)
    for i, there in enumerate(~np.isnan(values)):
        if there.sum() < 2:
            continue
        y = values[i, there]
        chunk, whole = designs(there)
        (less, few, _), (rest, rank, _) = residual(chunk, y), residual(whole, y)
        df2, s = len(y) - rank, residual(chunk, seed[there])[0]
        if rank - few == groups - 1 and df2 > 0:
            df[i] = df2
            f[i] = (less @ less - rest @ rest) / (groups - 1) / (rest @ rest / df2)
            p[i] = stats.f.sf(f[i], groups - 1, df2)
        if len(y) - few - 1 > 0:
            dfr[i] = len(y) - few - 1
            r[i] = less @ s / np.sqrt(less @ less * (s @ s))
            pr[i] = 2 * stats.t.sf(abs(r[i]) * np.sqrt(dfr[i] / (1 - r[i] ** 2)), dfr[i])
    run("f-classif", *words, "--f", "f.nii")
    for what, name, known, tolerance in (("F", "f", f, 1e-9), ("p", "p", p, 1e-8), ("df", "df", df, 0)):
        agree(f"f-classif {kind} in chunks, NaN left out: {what}", load(f"{name}.nii"), known, tolerance)
    run("correlate", *words, "--seed", "labels.tsv", "--seed-column", "seed", "--r", "r.nii")
    tested = ~np.isnan(dfr)
    for what, name, known, tolerance in (("r", "r", r, 1e-10), ("p", "p", pr, 1e-8), ("df", "df", dfr, 0)):
        agree(f"correlate {kind} in chunks, NaN left out: {what}", load(f"{name}.nii")[tested], known[tested], tolerance)
    # Of two conditions: t and its sign.
    two = labels < 2
    if not (len(np.unique(labels[two & (runs == 0)])) == 2 and two.sum() > 2 + len(np.unique(runs[two]))):
        return
    run("ttest-ind", *words, "--conditions", "c0", "c1", "--t", "t.nii")
    t, p = np.full((2, voxels), np.nan)
    for i, there in enumerate(~np.isnan(values) & two):
        if there.sum() < 2:
            continue
        y = values[i, there]
        chunk, whole = designs(there)
        (less, few, _), (rest, rank, solved) = residual(chunk, y), residual(whole, y)
        if rank - few == 1 and len(y) > rank:
            effect = solved[-groups] - solved[-groups + 1]
            t[i] = np.sign(effect) * np.sqrt((less @ less - rest @ rest) / (rest @ rest / (len(y) - rank)))
            p[i] = 2 * stats.t.sf(abs(t[i]), len(y) - rank)
    agree(f"ttest-ind {kind} in chunks, NaN left out: t", load("t.nii"), t, 1e-8)
    agree(f"ttest-ind {kind} in chunks, NaN left out: p", load("p.nii"), p, 1e-8)


def trimmed_left_out(rng, kind, voxels):
    """NaN that is left out before a share of what is left is cut."""
    a, b = samples(rng, kind, voxels, rng.integers(6, 30)), samples(rng, kind, voxels, rng.integers(6, 30))
    for data in (a, b):
        data[rng.random(data.shape) < 0.2] = np.nan
    save("a.nii", a)
    save("b.nii", b)
    for welch in (False, True):
        run("ttest-ind", "--a", "a.nii", "--b", "b.nii", "--trim", 0.2, "--nan-policy", "omit", "--t", "t.nii", "--p", "p.nii",
            *(["--welch"] if welch else []))
        known = [stats.ttest_ind(x[~np.isnan(x)], y[~np.isnan(y)], equal_var=not welch, trim=0.2)
                 if min((~np.isnan(x)).sum(), (~np.isnan(y)).sum()) > 3 else (np.nan, np.nan)
                 for x, y in zip(easy(kind, a), easy(kind, b))]
        there = ~np.isnan([t for t, _ in known])
        agree(f"ttest-ind {kind} trim, NaN left out: t", load("t.nii")[there], np.array(known)[there, 0], 1e-11)
        agree(f"ttest-ind {kind} trim, NaN left out: p", load("p.nii")[there], np.array(known)[there, 1], 1e-11)


def corrections(rng, kind, voxels):
    z = rng.normal(0, 1, voxels) + 4 * (rng.random(voxels) < 0.1)
    save("z.nii", z[:, None])
    for alpha in (0.001, 0.05, 0.2):
        for two_sided in (False, True):
            sides = ["--two-sided"] if two_sided else []
            values, a = (np.abs(z), alpha / 2) if two_sided else (z, alpha)
            expected = {"fpr": stats.norm.isf(a), "bonferroni": stats.norm.isf(a / voxels)}
            order = np.sort(values)[::-1]
            below = np.flatnonzero(stats.norm.sf(order) < a * np.arange(1, voxels + 1) / voxels)
            expected["fdr"] = order[below[-1]] - 1e-12 if len(below) else np.inf
            for method, threshold in expected.items():
                found = float(run("correct", "z.nii", "--method", method, "--alpha", alpha, *sides, "-o", "kept.nii"))
                agree(f"correct {method}", [found], [threshold], 1e-11)
                agree(f"correct {method}: map", load("kept.nii"), np.where(values >= threshold, z, 0), 1e-14)
            if not hasattr(stats, "false_discovery_control"):  # SciPy before 1.11
                continue
            p = stats.norm.sf(values) * (2 if two_sided else 1)
            expected = {"bonferroni": np.minimum(1, p * voxels), "fdr": stats.false_discovery_control(p),
                        "fdr-by": stats.false_discovery_control(p, method="by")}
            for method, adjusted in expected.items():
                run("correct", "z.nii", "--method", method, *sides, "--adjusted-p", "q.nii", "--adjusted-log-p", "ql.nii")
                agree(f"correct {method}: adjusted p", load("q.nii"), adjusted, 1e-11)
                agree(f"correct {method}: adjusted -log10 p", load("ql.nii"), -np.log10(adjusted), 1e-11)


def sign_flips(rng, kind, voxels):
    """nilearn's permuted_ols of a mean, with all 2^n sign flips one by one: p of heights, of cluster sizes and of masses."""
    if kind != "plain":
        return
    for _ in range(12):
        shape, n = tuple(rng.integers(2, 5, 3)), int(rng.integers(3, 9))
        data = rng.normal(0.5, 1, (*shape, n))
        nibabel.save(nibabel.Nifti1Image(data, np.eye(4)), "maps.nii")
        for alternative in ("two-sided", "greater"):
            two = alternative == "two-sided"
            run("permute", "maps.nii", "--permutations", 2**n, "--cluster-p", 0.1, "--alternative", alternative,
                "--t", "t.nii", "--log-p", "height.nii", "--log-p-size", "size.nii", "--log-p-mass", "mass.nii")
            threshold = stats.t.isf(0.05 if two else 0.1, n - 1)

            def clusters(t):
                """Size and mass of the cluster of every voxel."""
                size, mass = np.zeros(shape), np.zeros(shape)
                for sign in (1, -1) if two else (1,):
                    labels, count = ndimage.label(sign * t > threshold)
                    for k in range(1, count + 1):
                        size[labels == k] = (labels == k).sum()
                        mass[labels == k] = (sign * t - threshold)[labels == k].sum()
                return (np.abs(t) if two else t), size, mass

            def t_of(signs):
                return stats.ttest_1samp(data * signs, 0, axis=-1).statistic

            null = [[part.max() for part in clusters(t_of(signs))] for signs in itertools.product((1, -1), repeat=n)]
            null = np.array(null)
            observed = clusters(t_of(np.ones(n)))
            agree("permute: t", load("t.nii"), t_of(np.ones(n)).ravel(), 1e-11)
            for name, values, largest in zip(("height", "size", "mass"), observed, null.T):
                counts = (largest >= values.ravel()[:, None] * (1 - 1e-9 * np.sign(values.ravel()[:, None]))).sum(1)
                agree(f"permute {alternative}: {name}", 10.0 ** -load(f"{name}.nii"), counts / 2**n, 1e-12)


def drawn_permutations(rng, kind, voxels):
    """Permutations that are drawn, against permuted_ols: every p within five times the error of both, and on average nearer."""
    try:
        from nilearn.mass_univariate import permuted_ols
    except ImportError:
        return
    if kind != "plain":
        return
    many = 2000
    for subjects, grouped in ((14, False), (16, True)):
        data = rng.normal(0, 1, (40, subjects))
        tested = np.repeat([0.0, 1.0], subjects // 2) if grouped else np.ones(subjects)
        age = rng.normal(40, 10, subjects)
        data[:12] += (2 * tested if grouped else 1) * rng.uniform(0, 1.2, (12, 1))
        save("maps.nii", data)
        np.savetxt("design.tsv", np.column_stack([tested, age]), header="tested\tage", comments="", fmt="%r", delimiter="\t")
        words = ["--tested", "design.tsv", "--nuisance", "design.tsv", "--nuisance-columns", "age"] if grouped else []
        theirs = permuted_ols(tested[:, None], data.T, age[:, None] if grouped else None, model_intercept=grouped,
                              n_perm=many, random_state=7, output_type="dict", verbose=0)
        run("permute", "maps.nii", *words, "--permutations", many, "--seed", 5, "--t", "t.nii", "--log-p", "p.nii")
        agree("permute: t of permuted_ols", load("t.nii"), theirs["t"][0], 1e-9)
        p, q = 10.0 ** -load("p.nii"), 10.0 ** -theirs["logp_max_t"][0]
        away = np.abs(p - q) / np.sqrt(np.maximum(2 * q * (1 - q), 2 / many) / many)
        if away.max() > 5 or away.mean() > 2:
            print(f"FAILED: permute: p is {away.max():.1f} errors from permuted_ols', {away.mean():.1f} on average")
            sys.exit(1)


ROI = os.path.abspath(sys.argv[1])
CASES = int(sys.argv[2]) if len(sys.argv) > 2 else 600
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    warnings.simplefilter("ignore")
    kinds = ("plain", "level", "tiny", "huge", "float")
    for i, kind in enumerate(kinds):
        rng = np.random.default_rng(SEED + i)
        voxels = max(2, CASES // len(kinds))
        for test in (ttests, f_tests, correlations, left_out, chunks_left_out, trimmed_left_out, corrections, sign_flips,
                     drawn_permutations):
            test(rng, kind, voxels)
    os.chdir("/")
print(f"{CASES} cases each agree")
