// Binary morphology is for masks.
// expected: (no viable conversion from|invalid initialization).*Volume<float>
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
