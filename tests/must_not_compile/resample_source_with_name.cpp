// A source passes once; one that has a name is given away.
// expected: roi: a source moves in: write std::move.a., or open.path. here
// errors: 1
#include <roi/io/open.hpp>
#include <roi/spatial/resample.hpp>

#include <utility>

int main() {
    auto a = roi::open("a.nii");
#ifdef ROI_CONTROL
    const auto result = roi::resample_to(std::move(a), roi::Grid());
#else
    const auto result = roi::resample_to(a, roi::Grid());
#endif
    return result.grid().size() == 0 ? 0 : 1;
}
