// Names are a list, be it of one.
// expected: roi: regions_together takes a list of names: write regions_together.atlas, names,.*a.
// errors: 1
#include <roi/regions/regions.hpp>

int main() {
    const roi::Labels atlas(roi::Shape(2, 2, 2), 1);
    const roi::RegionNames names({{1, "a"}});
#ifdef ROI_CONTROL
    const auto region = roi::regions_together(atlas, names, {"a"});
#else
    const auto region = roi::regions_together(atlas, names, "a");
#endif
    return region[0] ? 0 : 1;
}
