// threshold() returns the kept voxels; its argument does not change, so a dropped result is a mistake.
// expected: (nodiscard|unused-result)
#include <roi/stats/threshold.hpp>

int main() {
    roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    map = roi::threshold(map, 2.0f);
#else
    roi::threshold(map, 2.0f);
#endif
    return map[0] == 0.0f ? 0 : 1;
}
