// A source passes once; one that has a name is given away.
// expected: roi: a source moves in: write std::move.a., or open.path. here
// errors: 1
#include <roi/io/open.hpp>
#include <roi/stream/concat.hpp>

#include <utility>

int main() {
    auto a = roi::open("a.nii");
    auto b = roi::open("b.nii");
#ifdef ROI_CONTROL
    const auto result = roi::concat(std::move(a), std::move(b));
#else
    const auto result = roi::concat(a, b);
#endif
    return result.grid().size() == 0 ? 0 : 1;
}
