// A time is not a width.
// expected: (no matching function|no matching constructor|could not convert|no viable conversion).*Fwhm
#include <roi/core/units.hpp>

int main() {
#ifdef ROI_CONTROL
    const roi::Fwhm width{2.5};
#else
    const roi::Fwhm width{roi::Seconds{2.5}};
#endif
    return width[0] > 0.0 ? 0 : 1;
}
