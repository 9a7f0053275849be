// A list of maps is joined first: it is one source then, of a volume a map.
// expected: roi: a list of maps is one source: write ttest_1samp.concat.maps..
// errors: 1
#include <roi/stats/ttest_1samp.hpp>
#include <roi/stream/concat.hpp>

#include <vector>

int main() {
    const std::vector<roi::Volume<float>> maps(3, roi::Volume<float>(roi::Shape(2, 2, 2), 1.0f));
#ifdef ROI_CONTROL
    const auto test = roi::ttest_1samp(roi::concat(maps));
#else
    const auto test = roi::ttest_1samp(maps);
#endif
    return test.t.size() == 8 ? 0 : 1;
}
