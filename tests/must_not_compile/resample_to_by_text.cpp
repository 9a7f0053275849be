// An interpolation has a name that is no text.
// expected: roi: resample_to takes an Interpolation: write Interpolation::linear
// errors: 1
#include <roi/spatial/resample.hpp>

int main() {
    const roi::Volume<float> v(roi::Shape(2, 2, 2)), w(roi::Shape(3, 3, 3));
#ifdef ROI_CONTROL
    const auto result = roi::resample_to(v, w.grid(), roi::Interpolation::linear);
#else
    const auto result = roi::resample_to(v, w.grid(), "linear");
#endif
    return result.grid().size() == 0 ? 0 : 1;
}
