// A source passes once; one that has a name is given away.
// expected: roi: a source moves in: write std::move.a., or open.path. here
// errors: 1
#include <roi/io/open.hpp>
#include <roi/spatial/smooth.hpp>

#include <utility>

int main() {
    auto a = roi::open("a.nii");
#ifdef ROI_CONTROL
    const auto result = roi::smooth(std::move(a), roi::Fwhm{6.0});
#else
    const auto result = roi::smooth(a, roi::Fwhm{6.0});
#endif
    return result.grid().size() == 0 ? 0 : 1;
}
