// Functions are of volumes, runs and numbers.
// expected: roi: transform takes volumes, runs and numbers
// errors: 1
#include <roi/stream/transform.hpp>

int main() {
    const roi::Volume4D<float> run(roi::Shape(2, 2, 2), 3, 1.0f);
    const auto sum = [](float x, float y) { return x + y; };
#ifdef ROI_CONTROL
    const auto result = roi::transform(sum, run, 2.0f);
#else
    const auto result = roi::transform(sum, run, "2");
#endif
    return result(0, 0, 0, 0) == 3.0f ? 0 : 1;
}
