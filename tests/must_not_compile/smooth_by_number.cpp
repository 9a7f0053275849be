// smooth() takes a width in millimetres by name, never a number that might be a sigma.
// expected: roi::smooth takes a width with its unit: write Fwhm.6.0. for millimetres
#include <roi/spatial/smooth.hpp>

int main() {
    const roi::Volume<float> image(roi::Shape(4, 4, 4), 1.0f);
#ifdef ROI_CONTROL
    return roi::smooth(image, roi::Fwhm{6.0}).size() == 64 ? 0 : 1;
#else
    return roi::smooth(image, 6.0).size() == 64 ? 0 : 1;
#endif
}
