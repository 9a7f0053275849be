// Binary morphology is for masks, and components are those of one: a map must say first which voxels it means.
// expected: roi::dilate takes a mask: write dilate.map != 0.*roi::erode takes a mask.*roi::opening takes a mask.*roi::closing takes a mask.*roi::gradient takes a mask.*roi::outer_gradient takes.*roi::inner_gradient takes.*roi::white_top_hat takes.*roi::black_top_hat takes.*roi::fill_holes takes.*roi::propagate takes a mask.*roi::hit_or_miss takes a mask.*roi::distance_to takes a mask.*roi::grow takes a mask.*roi::shrink takes a mask.*roi::label takes a mask: write label.map != 0.
// errors: 16
#include <roi/morphology.hpp>
#include <roi/regions/label.hpp>

int main() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    const roi::Mask kept(map.grid(), true);
#else
    const auto& kept = map;
#endif
    (void)roi::dilate(kept);
    (void)roi::erode(kept);
    (void)roi::opening(kept);
    (void)roi::closing(kept);
    (void)roi::gradient(kept);
    (void)roi::outer_gradient(kept);
    (void)roi::inner_gradient(kept);
    (void)roi::white_top_hat(kept);
    (void)roi::black_top_hat(kept);
    (void)roi::fill_holes(kept);
    (void)roi::propagate(kept);
    (void)roi::hit_or_miss(kept);
    (void)roi::distance_to(kept);
    (void)roi::grow(kept, 1.0);
    (void)roi::shrink(kept, 1.0);
    return roi::label(kept).count == 1 ? 0 : 1;
}
