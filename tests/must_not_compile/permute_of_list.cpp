// A list of maps is joined first: it is one source then, of a volume a map.
// expected: roi: a list of maps is one source: write permute.concat.maps..
// errors: 1
#include <roi/stats/permute.hpp>
#include <roi/stream/concat.hpp>

#include <vector>

int main() {
    const std::vector<roi::Volume<float>> maps(3, roi::Volume<float>(roi::Shape(2, 2, 2), 1.0f));
#ifdef ROI_CONTROL
    const auto test = roi::permute(roi::concat(maps), {.permutations = 10});
#else
    const auto test = roi::permute(maps, {.permutations = 10});
#endif
    return test.t.size() == 8 ? 0 : 1;
}
