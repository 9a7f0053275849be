// Labels are numbers; the name of a region is in a table of names.
// expected: roi: == compares volumes with volumes and numbers, not with text
// errors: 1
#include <roi/image/comparison.hpp>

int main() {
    const roi::Volume<int> labels(roi::Shape(2, 2, 2), 5);
#ifdef ROI_CONTROL
    const auto mask = labels == 5;
#else
    const auto mask = labels == "Amygdala";
#endif
    return mask[0] ? 0 : 1;
}
