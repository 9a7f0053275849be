// What keeps a source has it; one that has a name is given away.
// expected: roi: a source moves in: write std::move.a., or open.path. here
// errors: 1
#include <roi/io/open.hpp>
#include <roi/stream/cached.hpp>

#include <utility>

int main() {
    auto a = roi::open("a.nii");
#ifdef ROI_CONTROL
    const auto result = roi::cached(std::move(a));
#else
    const auto result = roi::cached(a);
#endif
    return result.grid().size() == 0 ? 0 : 1;
}
