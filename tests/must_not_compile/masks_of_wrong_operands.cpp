// Masks and atlases have functions of their own, and each names the other's.
// expected: overlap takes two masks: write overlap_of_labels.*dice takes two masks: write overlap_of_labels.*jaccard takes two masks: write overlap_of_labels.*hausdorff takes two masks: write distances_of_labels.*mean_surface_distance takes two masks: write distances_of_labels.*overlap_of_labels takes two atlases: write overlap.a, b. of masks.*distances_of_labels takes two atlases: write hausdorff.a, b. of masks
// expected: roi: intersect_masks takes masks: write a != 0 of each map or label image
// errors: 8
#include <roi/image/comparison.hpp>
#include <roi/regions/intersect_masks.hpp>
#include <roi/regions/overlap.hpp>

// Masks and atlases have functions of their own, and each names the other's.
int overlap_of_wrong_volumes() {
    const roi::Mask mask(roi::Shape(2, 2, 2), true);
    const roi::Labels labels(mask.grid(), 1);
#ifdef ROI_CONTROL
    const auto& a = mask;
    const auto& c = labels;
#else
    const auto& a = labels;
    const auto& c = mask;
#endif
    (void)roi::overlap(a, mask);
    (void)roi::dice(a, mask);
    (void)roi::jaccard(a, mask);
    (void)roi::hausdorff(a, mask);
    (void)roi::mean_surface_distance(a, mask);
    (void)roi::overlap_of_labels(c, labels);
    (void)roi::distances_of_labels(c, labels);
    return 0;
}

// Of labels it must be said which voxels they mean.
int intersect_masks_of_labels() {
    const roi::Labels a(roi::Shape(2, 2, 2), 1);
#ifdef ROI_CONTROL
    const auto both = roi::intersect_masks({a != 0, a != 0});
#else
    const auto both = roi::intersect_masks({a, a});
#endif
    return both[0] ? 0 : 1;
}
