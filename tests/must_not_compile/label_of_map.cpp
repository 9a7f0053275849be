// Components are those of a mask: a map must say first which voxels it means.
// expected: roi::label takes a mask: write label.map != 0.
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
