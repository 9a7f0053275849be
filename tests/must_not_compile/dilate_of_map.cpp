// Binary morphology is for masks.
// expected: roi::dilate takes a mask: write dilate.map != 0.
#include <roi/morphology/dilate.hpp>

int main() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    const roi::Mask kept(map.grid(), true);
#else
    const auto& kept = map;
#endif
    return roi::dilate(kept)[0] ? 0 : 1;
}
