// One number might be one volume or the first few.
// expected: roi: select takes numbers, a FrameRange or a Selection
// errors: 1
#include <roi/stream/select.hpp>

int main() {
    const roi::Volume4D<float> run(roi::Shape(2, 2, 2), 3);
#ifdef ROI_CONTROL
    const auto result = roi::select(run, {1});
#else
    const auto result = roi::select(run, 1);
#endif
    return result.grid().size() == 0 ? 0 : 1;
}
