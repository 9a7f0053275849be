// What a source holds is known when it has passed.
// expected: roi: crop of a source takes a box
// errors: 1
#include <roi/io/open.hpp>
#include <roi/spatial/crop.hpp>

int main() {
    const char* const path = "bold.nii";
#ifdef ROI_CONTROL
    const auto result = roi::crop(roi::open(path), roi::content_box(roi::open(path)));
#else
    const auto result = roi::crop(roi::open(path));
#endif
    return result.frames() == 0 ? 0 : 1;
}
