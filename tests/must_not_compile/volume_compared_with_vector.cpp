// Voxels are compared with voxels and numbers.
// expected: roi: > compares volumes with volumes and numbers
// errors: 1
#include <roi/image/comparison.hpp>

#include <vector>

int main() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 5.0F);
#ifdef ROI_CONTROL
    const auto mask = map > 1;
#else
    const auto mask = map > std::vector<int>{1};
#endif
    return mask[0] ? 0 : 1;
}
