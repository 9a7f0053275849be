"""peer_nibabel.py FOLDER: does nibabel read what we save as we meant it?"""

import sys

import nibabel
import samples

report = samples.Report()
for sample in samples.read(sys.argv[1]):
    image = nibabel.load(sample.path)
    header = image.header
    report.check(sample, "shape", list(image.shape), sample.shape)
    report.check(sample, "type", str(header.get_data_dtype()), sample.type)
    report.check_values(sample, "affine", list(image.affine[:3].ravel()), sample.affine, 0.0)
    found = list(image.get_fdata().ravel(order="F"))
    report.check_values(sample, "values", found, list(sample.values), sample.tolerance)
    report.check(sample, "description", bytes(header["descrip"]).rstrip(b"\0").decode(), sample.description)
    report.check(sample, "units", header.get_xyzt_units(), ("mm", "sec"))
    report.check(sample, "extensions", [e.get_code() for e in header.extensions], [6, 44])
    report.check(sample, "NIfTI version", "Nifti2" in type(image).__name__, "-v2" in sample.name)
    if len(sample.shape) == 4:
        report.check(sample, "repetition time", float(header.get_zooms()[3]), sample.time_step)
    sheared = sample.name.split(".")[0] in ("mask", "labels", "scaled")
    report.check(sample, "codes", [int(header["sform_code"]), int(header["qform_code"])], [2, 0 if sheared else 2])
    if not sheared:
        qform = list(image.get_qform()[:3].ravel())
        report.check_values(sample, "qform", qform, sample.affine, 1e-4)
report.end()
