// A bare number, which may be a sigma or a count of voxels, does not pass for a width.
// expected: (could not convert|no viable conversion|no known conversion).*Fwhm
#include <roi/core/units.hpp>

double width(roi::Fwhm fwhm) { return fwhm[0]; }

int main() {
#ifdef ROI_CONTROL
    return width(roi::Fwhm{6.0}) > 0.0 ? 0 : 1;
#else
    return width(6.0) > 0.0 ? 0 : 1;
#endif
}
