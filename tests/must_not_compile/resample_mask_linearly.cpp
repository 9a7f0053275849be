// The mean of true and false is neither.
// expected: roi::resample_to does not average masks and labels, whole numbers of 32 bits and more: use Interpolation::nearest
#include <roi/spatial/resample.hpp>

int main() {
    const roi::Mask mask(roi::Shape(2, 2, 2), true);
#ifdef ROI_CONTROL
    return roi::resample_to(mask, mask.grid(), roi::Interpolation::nearest)[0] ? 0 : 1;
#else
    return roi::resample_to(mask, mask.grid(), roi::Interpolation::linear)[0] ? 0 : 1;
#endif
}
