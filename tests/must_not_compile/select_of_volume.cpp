// Volumes are chosen from a run.
// expected: roi: select takes some volumes of a run or a source, and this is one volume.*roi: select takes some volumes
// errors: 2
#include <roi/stream/select.hpp>

int main() {
    const roi::Volume<float> volume(roi::Shape(2, 2, 2));
#ifdef ROI_CONTROL
    const roi::Volume4D<float> run(volume.grid(), 3);
    const auto one = roi::select(run, {1}), two = roi::select(run, roi::FrameRange{0, 2});
#else
    const auto one = roi::select(volume, {1}), two = roi::select(volume, roi::FrameRange{0, 2});
#endif
    return one.frames() + two.frames() == 3 ? 0 : 1;
}
