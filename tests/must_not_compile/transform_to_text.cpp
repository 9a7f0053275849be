// Voxels are numbers.
// expected: roi::transform: f must return bool, an integer, float or double, the voxels of the result
// errors: 1
#include <roi/image/arithmetic.hpp>

int main() {
    const roi::Volume<float> volume(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    const auto result = roi::transform([](float x, double y) { return x * y; }, volume, 2.0);
#else
    const auto result = roi::transform([](float, double) { return "two"; }, volume, 2.0);
#endif
    return result(0, 0, 0) == 2.0 ? 0 : 1;
}
