// Components are those of a mask: a map must say first which voxels it means.
// expected: (no viable conversion from|invalid initialization).*Volume<float>
#include <roi/regions/label.hpp>

int main() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    const roi::Mask kept(map.grid(), true);
#else
    const auto& kept = map;
#endif
    return roi::label(kept).count == 1 ? 0 : 1;
}
