// What crop, reorder, select, Collect, calculated sources and grids to resample to are not made of is said in one line each.
// expected: roi: crop takes a volume, a run or a source: write crop
// expected: roi: crop takes a Box or CropOptions: .*roi: crop takes a Box or CropOptions: .*roi: crop takes a Box or CropOptions:
// expected: roi: reorder takes a volume, a run or a source: write reorder
// expected: roi: reorder takes an Orientation: write reorder.image, orientation_of
// expected: roi: select takes a run or a source: write select
// expected: roi: Collect keeps volumes of the type that its source has: write Collect<double>
// expected: roi: what is calculated of a source is a source: write `auto`.*mean.source. for a volume
// expected: roi: grid_of_affine takes a grid: write grid_of_affine
// expected: roi: grid_of_affine takes a matrix: write grid_of_voxel_size
// expected: roi: grid_of_affine takes a matrix of 3 x 3 or 4 x 4 numbers
// expected: roi: grid_of_voxel_size takes a grid: .*roi: grid_of_voxel_size takes a grid: write grid_of_voxel_size
// errors: 15
#include <roi/io/open.hpp>
#include <roi/spatial/crop.hpp>
#include <roi/spatial/reorder.hpp>
#include <roi/spatial/target_grid.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/run_arithmetic.hpp>
#include <roi/stream/select.hpp>

int main() {
    const roi::Volume<float> v(roi::Shape(2, 2, 2), 1.0F);
    const roi::Volume4D<float> run(v.grid(), 2, 1.0F);
    const Eigen::MatrixXd matrix = Eigen::MatrixXd::Identity(3, 3);
    auto source = roi::open<double>("bold.nii");
#ifdef ROI_CONTROL
    (void)roi::crop(v, roi::Box{{0, 0, 0}, {1, 1, 1}});
    (void)roi::crop(run, {.margin = 1});
    (void)roi::reorder(run, roi::orientation_of(v.grid()));
    (void)roi::select(run, {1});
    roi::Collect<double> collect;
    roi::scan(source, collect);
    const auto kept = roi::open("a.nii") + run;
    (void)roi::grid_of_affine(v.grid(), roi::Axes(matrix));
    (void)roi::grid_of_affine(v.grid(), Eigen::Matrix3d::Identity() * 2.0);
    (void)roi::grid_of_affine(v.grid(), Eigen::Matrix4d::Identity());
    (void)roi::grid_of_voxel_size(v.grid(), 2.0);
#else
    (void)roi::crop("a.nii");
    (void)roi::crop(v, 1);
    (void)roi::crop(v, v);
    (void)roi::crop(v, v.grid());
    (void)roi::reorder("a.nii");
    (void)roi::reorder(v, v.grid());
    (void)roi::select("a.nii", {1});
    roi::Collect<float> collect;
    roi::scan(source, collect);
    const roi::Volume4D<float> kept = roi::open("a.nii") + run;
    const roi::Mask above = roi::open("a.nii") > 2.0F;
    (void)roi::grid_of_affine(v, matrix);
    (void)roi::grid_of_affine(v.grid(), 2.0);
    (void)roi::grid_of_affine(v.grid(), matrix);
    (void)roi::grid_of_voxel_size(v, 2.0);
    (void)roi::grid_of_voxel_size(v.shape(), 2.0);
#endif
    return kept.frames() == 0 ? 0 : 1;
}
