// A text is no orientation.
// expected: roi: reorder takes an Orientation: write reorder
// errors: 1
#include <roi/spatial/reorder.hpp>

int main() {
    const roi::Volume<float> v(roi::Shape(2, 2, 2));
#ifdef ROI_CONTROL
    const auto result = roi::reorder(v, roi::Orientation("LPS"));
#else
    const auto result = roi::reorder(v, "LPS");
#endif
    return result.grid().size() == 0 ? 0 : 1;
}
