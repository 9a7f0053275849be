// What resample_to, smooth and reorder do not take is said in one line each, with what to write.
// expected: roi: resample_to takes a grid: write resample_to.image, target.grid
// expected: roi: resample_to takes a grid: write resample_to.image, grid_of_voxel_size
// expected: roi: resample_to takes a grid: write resample_to.image, target.grid.*takes a grid: write resample_to.image, target.grid.*takes a grid: write resample_to.image, target.grid.*takes a grid: write resample_to.image, target.grid
// expected: roi: resample_to takes an image and a grid: .*resample_to takes an image and a grid: .*resample_to takes an image and a grid: .*resample_to takes an image and a grid:
// expected: roi: resample_to takes an Interpolation: write Interpolation::linear.*roi: resample_to takes an Interpolation:
// expected: roi::resample_to does not average masks and labels, whole numbers of 32 bits and more: use Interpolation::nearest
// expected: roi: reorder takes an Orientation: write reorder
// expected: roi: smooth takes a width with its unit: write Fwhm.6.0. .*smooth takes a width with its unit:
// expected: roi: smooth takes a volume, a run or a source: write smooth.open
// expected: roi: smooth takes SmoothOptions behind the width: write smooth_within
// expected: roi: smooth_within takes a mask: write smooth_within.image, map != 0, Fwhm
// errors: 19
#include <roi/spatial/reorder.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/spatial/target_grid.hpp>

#include <string>

int main() {
    const roi::Volume<float> v(roi::Shape(2, 2, 2), 1.0F), w(roi::Shape(3, 3, 3));
    const roi::Volume<double> d(v.grid());  // a compiler says it once for each pair of types
    const roi::Mask mask(v.grid(), true);
#ifdef ROI_CONTROL
    (void)roi::resample_to(v, w.grid());
    (void)roi::resample_to(v, roi::grid_of_voxel_size(v.grid(), 2.0));
    (void)roi::resample_to(v, w.grid(), roi::Interpolation::linear);
    (void)roi::resample_to(v, w.grid(), {.fill = 1.0});
    (void)roi::resample_to(mask, w.grid(), roi::Interpolation::nearest);
    (void)roi::reorder(v, roi::Orientation("LPS"));
    (void)roi::smooth(v, roi::Fwhm{6.0});
    (void)roi::smooth(mask, roi::Sigma{1.0}, {.truncate = 2.0});
    (void)roi::smooth_within(mask, mask, roi::Fwhm{6.0});
#else
    (void)roi::resample_to(v, w);
    (void)roi::resample_to(v, 2.0);
    (void)roi::resample_to(v, "like.nii");
    (void)roi::resample_to(d, w, {.fill = 1.0});
    (void)roi::resample_to(d, 2.0, {.fill = 1.0});
    (void)roi::resample_to(v, mask, roi::Interpolation::linear, {.fill = 1.0});
    (void)roi::resample_to(std::string("a.nii"), w.grid());
    (void)roi::resample_to("a.nii", w.grid(), {.fill = 1.0});
    (void)roi::resample_to("a.nii", w.grid(), roi::Interpolation::linear, {.fill = 1.0});
    (void)roi::resample_to(v, w.grid(), "linear");
    (void)roi::resample_to(v, w.grid(), "nearest", {.fill = 1.0});
    (void)roi::resample_to(v, w.shape(), {.fill = 1.0});
    (void)roi::resample_to(mask, w.grid(), roi::Interpolation::linear);
    (void)roi::reorder(v, "LPS");
    (void)roi::smooth(v, 6.0);
    (void)roi::smooth(v, "6");
    (void)roi::smooth("a.nii", roi::Fwhm{6.0});
    (void)roi::smooth(v, roi::Fwhm{6.0}, mask);
    (void)roi::smooth_within(v, w, roi::Fwhm{6.0});
#endif
    return 0;
}
