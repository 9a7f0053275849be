// A table chooses volumes by its column, a text does not.
// expected: roi: select takes numbers, a FrameRange or a Selection
// errors: 1
#include <roi/stream/select.hpp>

int main() {
    const roi::Volume4D<float> run(roi::Shape(2, 2, 2), 3);
#ifdef ROI_CONTROL
    const auto result = roi::select(run, {0, 2});
#else
    const auto result = roi::select(run, "face");
#endif
    return result.grid().size() == 0 ? 0 : 1;
}
