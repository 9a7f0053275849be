// Volumes are calculated with volumes and numbers.
// expected: roi: . takes volumes, runs and numbers
// errors: 1
#include <roi/image/arithmetic.hpp>

int main() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    const auto sum = map + 1;
#else
    const auto sum = map + "1";
#endif
    return sum[0] == 2.0f ? 0 : 1;
}
