// An image is no grid.
// expected: roi: resample_to takes a grid: write resample_to.image, target.grid...*
// errors: 1
#include <roi/spatial/resample.hpp>

int main() {
    const roi::Volume<float> v(roi::Shape(2, 2, 2)), w(roi::Shape(3, 3, 3));
#ifdef ROI_CONTROL
    const auto result = roi::resample_to(v, w.grid());
#else
    const auto result = roi::resample_to(v, w);
#endif
    return result.grid().size() == 0 ? 0 : 1;
}
