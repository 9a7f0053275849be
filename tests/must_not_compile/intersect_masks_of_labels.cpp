// Of labels it must be said which voxels they mean.
// expected: roi: intersect_masks takes masks: write a != 0 of each map or label image
// errors: 1
#include <roi/image/comparison.hpp>
#include <roi/regions/intersect_masks.hpp>

int main() {
    const roi::Labels a(roi::Shape(2, 2, 2), 1);
#ifdef ROI_CONTROL
    const auto both = roi::intersect_masks({a != 0, a != 0});
#else
    const auto both = roi::intersect_masks({a, a});
#endif
    return both[0] ? 0 : 1;
}
