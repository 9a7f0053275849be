"""One function of another library on raw files, repeated and timed: the peers of driver.cpp.

    peers.py PEER FUNCTION INPUT OUTPUT REPEAT [ARGUMENT...]
    peers.py PEER notebook SUBJECT_FOLDER OUTPUT 1

Same arguments, files and output as driver.cpp. Exit status 3: the peer has no such function or is not installed.
Programs (mrtrix3, niimath) read and write files, so their time includes that; the line `with files` says so.
"""
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np


def cpu_seconds():
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak_megabytes():
    """Of this process; what the system counts for it and hands down from its parent is of no use."""
    with open("/proc/self/status") as status:
        own = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    return own / 1024


def absent():
    sys.exit(3)


class Call:
    def __init__(self, input, output, repeat, *arguments):
        self.input, self.output, self.repeat, self.arguments = input, output, int(repeat), arguments

    @property
    def shape(self):
        return tuple(int(n) for n in self.arguments[:3])

    def integer(self, i):
        return int(self.arguments[i])

    def volume(self, kind, path=None):
        """As NumPy users hold images: memory order x, y, z with z fastest."""
        values = np.fromfile(path or self.input, kind).reshape(self.shape, order="F")
        return np.ascontiguousarray(values)

    def run(self):
        return np.fromfile(self.input, np.float32).reshape(*self.shape, self.integer(3), order="F")

    def timed(self, function):
        for _ in range(self.repeat):
            start = cpu_seconds()
            result = function()
            print(f"{(cpu_seconds() - start) * 1e3:.3f}")
        return result

    def write(self, values):
        np.asarray(values).ravel(order="F").tofile(self.output)


def box(connectivity):
    from scipy import ndimage
    return ndimage.generate_binary_structure(3, 1 if connectivity == 6 else 3)


class Scipy:
    """NumPy, SciPy and nibabel as the notebook and nilearn use them."""

    @staticmethod
    def smooth(call):
        from scipy import ndimage
        sizes, fwhm = [float(a) for a in call.arguments[4:7]], float(call.arguments[7])

        def smooth():
            run = call.run_values
            for axis in range(3):
                sigma = fwhm / (np.sqrt(8 * np.log(2)) * sizes[axis])
                run = ndimage.gaussian_filter1d(run, sigma, axis=axis, mode="reflect")
            return run
        call.run_values = call.run()
        call.write(call.timed(smooth))

    @staticmethod
    def mean(call):
        run = call.run()
        call.write(call.timed(lambda: run.mean(axis=-1, dtype=np.float64)))

    @staticmethod
    def ttest_ind(call):
        from scipy import stats
        run, first = np.ascontiguousarray(call.run()), np.arange(call.integer(3)) < call.integer(4)
        t, p = call.timed(lambda: stats.ttest_ind(run[..., first], run[..., ~first], axis=-1))
        call.write(np.concatenate([t.ravel(order="F"), p.ravel(order="F")]).astype(np.float64))

    @staticmethod
    def f_classif(call):
        """scikit-learn's, of a table of volumes x voxels in double, as NumPy makes it of an image and a mask."""
        try:
            from sklearn.feature_selection import f_classif
        except ImportError:
            absent()
        run = call.run().astype(np.float64)
        table = run[np.ones(run.shape[:3], bool)].T
        conditions = np.arange(run.shape[3]) // 9 % call.integer(4)
        f, p = call.timed(lambda: f_classif(table, conditions))
        call.write(np.concatenate([column.reshape(run.shape[:3]).ravel(order="F") for column in (f, p)]))

    @staticmethod
    def permute(call):
        """Flips of signs with enhancement in 100 steps of the height, which is how nilearn does it."""
        from scipy import ndimage
        maps, mask = call.run(), call.volume(np.bool_, call.arguments[4])
        flips = np.random.default_rng(0)

        def t_of(values):
            mean, spread = values.mean(axis=1), values.std(axis=1, ddof=1)
            return mean / (spread / np.sqrt(values.shape[1]))

        def enhanced(t):
            out, image = np.zeros(mask.shape), np.zeros(mask.shape)
            for sign in 1, -1:
                image[mask] = sign * t
                step = image.max() / 100
                for height in np.arange(step, image.max(), step):
                    clusters, _ = ndimage.label(image >= height)
                    sizes = np.bincount(clusters.ravel())
                    sizes[0] = 0
                    out += sign * (sizes ** 0.5 * height ** 2 * step)[clusters]
            return out[mask]

        def permute():
            values = maps[mask].astype(np.float64)
            t = t_of(values)
            enhanced(t)
            for _ in range(call.integer(5)):
                flipped = t_of(values * flips.choice([-1.0, 1.0], values.shape[1]))
                np.abs(flipped).max(), np.abs(enhanced(flipped)).max()
            out = np.zeros(mask.shape)
            out[mask] = t
            return out
        call.write(call.timed(permute).ravel(order="F"))

    @staticmethod
    def neg_log10(call):
        p = call.volume(np.float64)

        def neg_log10():
            out = -np.log10(p)
            out[np.isnan(out)] = 0.0
            out[out > 10.0] = 10.0
            return out
        call.write(call.timed(neg_log10))

    @staticmethod
    def threshold_and(call):
        map, lowest = call.volume(np.float64), float(call.arguments[3])
        mask = call.volume(bool, call.arguments[4])

        def threshold_and():
            kept = map.copy()
            kept[kept < lowest] = 0.0
            return np.logical_and(kept != 0.0, mask)
        call.write(call.timed(threshold_and))

    @staticmethod
    def dilate(call):
        from scipy import ndimage
        mask, structure = call.volume(bool), box(call.integer(3))
        call.write(call.timed(lambda: ndimage.binary_dilation(mask, structure)))

    @staticmethod
    def erode(call):
        from scipy import ndimage
        mask, structure = call.volume(bool), box(call.integer(3))
        call.write(call.timed(lambda: ndimage.binary_erosion(mask, structure)))

    @staticmethod
    def opening(call):
        from scipy import ndimage
        mask, structure = call.volume(bool), box(call.integer(3))
        call.write(call.timed(lambda: ndimage.binary_opening(mask, structure)))

    @staticmethod
    def closing(call):
        from scipy import ndimage
        mask, structure = call.volume(bool), box(call.integer(3))
        call.write(call.timed(lambda: ndimage.binary_closing(mask, structure)))

    @staticmethod
    def fill_holes(call):
        from scipy import ndimage
        mask = call.volume(bool)
        call.write(call.timed(lambda: ndimage.binary_fill_holes(mask)))

    @staticmethod
    def distance(call):
        from scipy import ndimage
        mask, sizes = call.volume(bool), [float(a) for a in call.arguments[3:6]]
        call.write(call.timed(lambda: ndimage.distance_transform_edt(mask, sampling=sizes)))

    @staticmethod
    def resample(call):
        """Volume by volume, a diagonal matrix as a vector, as nilearn calls it."""
        from scipy import ndimage
        run, shape, order = call.run(), tuple(int(n) for n in call.arguments[4:7]), call.integer(7)
        rows = np.array([float(a) for a in call.arguments[8:20]]).reshape(3, 4)
        matrix, offset = rows[:, :3], rows[:, 3]
        if np.array_equal(np.diag(np.diag(matrix)), matrix):
            matrix = np.diag(matrix)

        def resample():
            out = np.empty((*shape, run.shape[-1]), np.float32, order="F")
            for t in range(run.shape[-1]):
                ndimage.affine_transform(run[..., t], matrix, offset, shape, out[..., t], order=order)
            return out
        call.write(call.timed(resample))

    @staticmethod
    def measure(call):
        """One function after the other, for all labels at once."""
        from scipy import ndimage
        map, atlas = call.volume(np.float32), call.volume(np.int32, call.arguments[3])
        labels = np.arange(1, atlas.max() + 1)

        def measure():
            ndimage.find_objects(atlas)
            ndimage.minimum_position(map, atlas, labels), ndimage.maximum_position(map, atlas, labels)
            columns = [f(map, atlas, labels) for f in (
                ndimage.sum_labels, ndimage.mean, ndimage.variance, ndimage.standard_deviation, ndimage.minimum,
                ndimage.maximum, ndimage.median)]
            sizes = ndimage.sum_labels(np.ones(atlas.shape, np.uint8), atlas, labels)
            return np.column_stack([sizes, *columns, ndimage.center_of_mass(map, atlas, labels)])
        call.write(call.timed(measure).astype(np.float64).ravel())

    @staticmethod
    def clusters(call):
        """Size and peak of every cluster alone, without sub-peaks and places."""
        from scipy import ndimage
        map, size, threshold = call.volume(np.float32), float(call.arguments[3]), float(call.arguments[4])

        def clusters():
            labels, count = ndimage.label(map > threshold)
            index = np.arange(1, count + 1)
            peaks = ndimage.maximum(map, labels, index)
            sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
            order = np.lexsort((-sizes, -peaks))
            return np.column_stack([peaks[order], sizes[order] * size ** 3])
        call.write(call.timed(clusters).astype(np.float64).ravel())

    @staticmethod
    def count(call):
        mask = call.volume(bool)
        call.write(np.float64(call.timed(lambda: np.count_nonzero(mask))))

    @staticmethod
    def regions(call):
        from scipy import ndimage
        atlas = call.volume(np.int32)
        labels = np.arange(1, atlas.max() + 1)

        def regions():
            ndimage.find_objects(atlas)
            ones = np.ones(atlas.shape, np.uint8)
            return ndimage.sum_labels(ones, atlas, labels), ndimage.center_of_mass(ones, atlas, labels)
        sizes, centres = call.timed(regions)
        call.write(np.column_stack([sizes, centres]).astype(np.float64).ravel())

    @staticmethod
    def label(call):
        from scipy import ndimage
        mask, structure = call.volume(bool), box(call.integer(3))
        call.write(call.timed(lambda: ndimage.label(mask, structure)[0]).astype(np.int32))

    @staticmethod
    def labels_masker(call):
        from scipy import ndimage
        run, atlas = call.run(), call.volume(np.int32, call.arguments[4])
        labels = np.unique(atlas[atlas != 0])

        def signals():  # as NiftiLabelsMasker: one pass over the volume for every frame
            return np.array([ndimage.mean(run[..., t], atlas, labels) for t in range(run.shape[-1])])
        call.write(call.timed(signals))

    @staticmethod
    def save(call):
        import nibabel
        nibabel.openers.Opener.default_compresslevel = 1
        run = call.run()
        call.timed(lambda: nibabel.save(nibabel.Nifti1Image(run, np.eye(4)), call.output))

    @staticmethod
    def load(call):
        import nibabel
        call.write(call.timed(lambda: nibabel.load(call.input).get_fdata(dtype=np.float32)))

    @staticmethod
    def notebook(call):
        """The whole chain; writes the atlas."""
        from scipy import ndimage, stats
        import nibabel
        start = cpu_seconds()
        image = nibabel.load(f"{call.input}/bold.nii.gz")
        run = image.get_fdata(dtype=np.float32)
        sizes = np.sqrt((image.affine[:3, :3] ** 2).sum(axis=0))
        for axis in range(3):
            sigma = 6.0 / (np.sqrt(8 * np.log(2)) * sizes[axis])
            ndimage.gaussian_filter1d(run, sigma, axis=axis, mode="reflect", output=run)
        conditions = np.loadtxt(f"{call.input}/labels.txt", dtype=str, skiprows=1)[:, 0]
        run.mean(axis=-1)
        _, p = stats.ttest_ind(run[..., conditions == "face"], run[..., conditions == "house"], axis=-1)
        log_p = np.nan_to_num(-np.log10(p)).clip(max=10)
        mask = np.asarray(nibabel.load(f"{call.input}/mask4_vt.nii.gz").dataobj) != 0
        atlas, count = ndimage.label(ndimage.binary_dilation(np.logical_and(log_p >= 5, mask)))
        for label in range(1, count + 1):
            run[atlas == label].mean(axis=0)
        print(f"{(cpu_seconds() - start) * 1e3:.3f}")
        call.write(atlas.astype(np.int32))


class Nilearn:
    @staticmethod
    def notebook(call):
        """The notebook with nilearn's own functions; writes the atlas."""
        try:
            from nilearn import image
            from nilearn.maskers import NiftiLabelsMasker
        except ImportError:
            absent()
        from scipy import ndimage, stats
        start = cpu_seconds()
        bold = image.smooth_img(f"{call.input}/bold.nii.gz", fwhm=6)
        run = bold.get_fdata()
        image.mean_img(bold)
        conditions = np.loadtxt(f"{call.input}/labels.txt", dtype=str, skiprows=1)[:, 0]
        _, p = stats.ttest_ind(run[..., conditions == "face"], run[..., conditions == "house"], axis=-1)
        log_p = np.nan_to_num(-np.log10(p)).clip(max=10)
        mask = image.load_img(f"{call.input}/mask4_vt.nii.gz").get_fdata() != 0
        atlas, _ = ndimage.label(ndimage.binary_dilation(np.logical_and(log_p >= 5, mask)))
        NiftiLabelsMasker(image.new_img_like(bold, atlas.astype(np.int32))).fit_transform(bold)
        print(f"{(cpu_seconds() - start) * 1e3:.3f}")
        call.write(atlas.astype(np.int32))

    @staticmethod
    def labels_masker(call):
        """As the notebook calls it on the image that is in memory."""
        try:
            from nilearn.maskers import NiftiLabelsMasker
        except ImportError:
            absent()
        import nibabel
        run = nibabel.Nifti1Image(call.run(), np.eye(4))
        atlas = nibabel.Nifti1Image(call.volume(np.int32, call.arguments[4]), np.eye(4))
        call.write(call.timed(lambda: NiftiLabelsMasker(atlas).fit_transform(run)).astype(np.float64))

    @staticmethod
    def cut_coords(call):
        try:
            from nilearn.plotting import find_xyz_cut_coords
        except ImportError:
            absent()
        import nibabel
        image = nibabel.Nifti1Image(call.volume(np.float32), np.eye(4))
        call.write(np.float64(call.timed(lambda: find_xyz_cut_coords(image))))


    @staticmethod
    def clusters(call):
        try:
            from nilearn.reporting import get_clusters_table
        except ImportError:
            absent()
        import nibabel
        size, threshold = float(call.arguments[3]), float(call.arguments[4])
        image = nibabel.Nifti1Image(call.volume(np.float32), np.diag([size, size, size, 1]))
        rows = call.timed(lambda: get_clusters_table(image, threshold))
        main = rows[rows["Cluster Size (mm3)"] != ""]
        call.write(main[["Peak Stat", "Cluster Size (mm3)"]].to_numpy(np.float64).ravel())


class Cc3d:
    @staticmethod
    def label(call):
        try:
            import cc3d
        except ImportError:
            absent()
        mask = np.asfortranarray(call.volume(bool))
        call.write(call.timed(lambda: cc3d.connected_components(mask, connectivity=call.integer(3))).astype(np.int32))


class Program:
    """A program on files in the folder of temporary files."""
    name = ""

    @classmethod
    def apply(cls, call, values, affine, arguments, kind):
        import nibabel
        if not shutil.which(cls.name):
            absent()
        print("with files")
        with tempfile.TemporaryDirectory() as folder:
            before, after = f"{folder}/in.nii", f"{folder}/out.nii"
            nibabel.save(nibabel.Nifti1Image(values, affine), before)

            def run():
                command = [a.format(before=before, after=after) for a in arguments]
                # niimath packs what it writes unless told otherwise.
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=os.environ | {"FSLOUTPUTTYPE": "NIFTI"})
            call.timed(run)
            call.write(np.asarray(nibabel.load(after).dataobj).astype(kind))


class Mrtrix3(Program):
    name = "mrfilter"

    @classmethod
    def dilate(cls, call):
        if call.integer(3) != 6:
            absent()
        cls.apply(call, call.volume(np.uint8), np.eye(4), ["maskfilter", "{before}", "dilate", "{after}", "-force"],
                  bool)

    @classmethod
    def label(cls, call):
        corners = ["-connectivity"] if call.integer(3) == 26 else []
        cls.apply(call, call.volume(np.uint8), np.eye(4),
                  ["maskfilter", "{before}", "connect", "{after}", "-force"] + corners, np.int32)


class Niimath(Program):
    name = "niimath"

    @classmethod
    def smooth(cls, call):
        sizes, fwhm = [float(a) for a in call.arguments[4:7]], float(call.arguments[7])
        sigma = fwhm / np.sqrt(8 * np.log(2))
        cls.apply(call, call.run(), np.diag(sizes + [1.0]),
                  ["niimath", "{before}", "-s", f"{sigma:.9g}", "{after}", "-odt", "float"], np.float32)


peers = {"scipy": Scipy, "nilearn": Nilearn, "cc3d": Cc3d, "mrtrix3": Mrtrix3, "niimath": Niimath}


def main(peer, function, *call):
    work = getattr(peers[peer], function, None)
    if work is None:
        absent()
    work(Call(*call))
    print(f"peak {peak_megabytes():.1f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
