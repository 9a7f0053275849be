// A number is no grid.
// expected: roi: resample_to takes a grid: write resample_to.image, grid_of_voxel_size
// errors: 1
#include <roi/spatial/resample.hpp>
#include <roi/spatial/target_grid.hpp>

int main() {
    const roi::Volume<float> v(roi::Shape(2, 2, 2));
#ifdef ROI_CONTROL
    const auto result = roi::resample_to(v, roi::grid_of_voxel_size(v.grid(), 2.0));
#else
    const auto result = roi::resample_to(v, 2.0);
#endif
    return result.grid().size() == 0 ? 0 : 1;
}
