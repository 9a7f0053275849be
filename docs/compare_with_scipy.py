"""Compares the results of roi_extraction with SciPy's.

    roi_extraction --haxby DIR --subject N --output OUT
    python3 docs/compare_with_scipy.py DIR/subjN OUT

Runs the notebook's chain with NumPy, SciPy and nibabel, once in double and once in float32 as the notebook does, and
prints how far the files in OUT are from it. Needs the default contrast, width and threshold, and memory for the run.
"""
import sys

import nibabel
import numpy as np
from scipy import ndimage, stats


def smooth(run, affine, fwhm=6.0):
    sizes = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    for axis in range(3):
        sigma = fwhm / (np.sqrt(8 * np.log(2)) * sizes[axis])
        run = ndimage.gaussian_filter1d(run, sigma, axis=axis, mode="reflect")
    return run


def compare(name, run, conditions, mask, out):
    def ours(file):
        return nibabel.load(f"{out}/{file}.nii.gz").get_fdata()

    t, p = stats.ttest_ind(run[..., conditions == "face"], run[..., conditions == "house"], axis=-1)
    log_p = -np.log10(p)
    log_p[np.isnan(log_p)] = 0
    log_p[log_p > 10] = 10
    both = np.logical_and(log_p >= 5, mask)
    dilated = ndimage.binary_dilation(both)
    atlas, count = ndimage.label(dilated)
    signals = np.array([run[atlas == label].mean(axis=0) for label in range(1, count + 1)]).T
    table = np.loadtxt(f"{out}/roi_signals.tsv", delimiter="\t", skiprows=1, usecols=range(2, 2 + count), ndmin=2)

    print(f"SciPy in {name}:")
    print(f"  mean         {np.max(np.abs(ours('mean_epi') - run.mean(axis=-1))):.2g}")
    print(f"  t            {np.nanmax(np.abs(ours('t_values') - t)):.2g}")
    print(f"  -log10 p     {np.max(np.abs(ours('log_p_values') - log_p)):.2g}")
    for file, expected in ("mask_intersection", both), ("mask_dilated", dilated), ("mask_atlas", atlas):
        print(f"  {file:<18}{np.count_nonzero(ours(file) != expected)} voxels differ")
    if count:
        print(f"  signals      {np.max(np.abs(table / signals - 1)):.2g} relative, {count} regions")


def main(subject, out):
    image = nibabel.load(f"{subject}/bold.nii.gz")
    conditions = np.loadtxt(f"{subject}/labels.txt", dtype=str, skiprows=1)[:, 0]
    mask = np.asarray(nibabel.load(f"{subject}/mask4_vt.nii.gz").dataobj) != 0
    raw = np.asarray(image.dataobj)
    for name, kind in ("double", np.float64), ("float32, as the notebook", np.float32):
        compare(name, smooth(raw.astype(kind), image.affine), conditions, mask, out)


main(*sys.argv[1:])
