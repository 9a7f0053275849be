// A function takes one value of each operand.
// expected: roi::transform: f must take one value of each volume, run and number, in their order
// errors: 1
#include <roi/stream/transform.hpp>

int main() {
    const roi::Volume4D<float> run(roi::Shape(2, 2, 2), 3, 1.0f);
    const roi::Volume<float> volume(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    const auto sum = roi::transform([](float x, float y) { return x + y; }, run, volume);
#else
    const auto sum = roi::transform([](float x) { return x; }, run, volume);
#endif
    return sum(0, 0, 0, 0) == 2.0f ? 0 : 1;
}
