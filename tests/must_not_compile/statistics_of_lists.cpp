// A list of maps is joined first: it is one source then, of a volume a map. A mean is over time, of which one volume has none,
// and a name is no image.
// expected: roi: a list of maps is one source: write ttest_1samp.concat.maps..
// expected: roi: a list of maps is one source: write ttest_rel.concat.a., concat.b..
// expected: roi: a list of maps is one source: write ttest_ind.concat.a., concat.b..
// expected: roi: a list of maps is one source: write permute.concat.maps..
// expected: roi: a list of maps is one source: write permute.concat.maps., tested.
// expected: roi: mean takes a run, a source or a list of images.*roi: mean takes a run, a source or a list of images
// expected: roi: variance takes a run or a source: write variance.open.path.., variance.concat.images.. for a list
// expected: roi: standard_deviation takes a run or a source
// expected: roi: minimum takes a run or a source
// expected: roi: maximum takes a run or a source
// errors: 11
#include <roi/stats/extremes.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/permute.hpp>
#include <roi/stats/ttest_1samp.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stats/variance.hpp>
#include <roi/stream/concat.hpp>

#include <string>
#include <vector>

int main() {
    const std::vector<roi::Volume<float>> maps(3, roi::Volume<float>(roi::Shape(2, 2, 2), 1.0f));
#ifdef ROI_CONTROL
    const auto run = roi::concat(maps);
    (void)roi::mean(maps);
    (void)roi::mean(std::vector{run, run});
#else
    const auto& run = maps;
    (void)roi::mean(maps[0]);
    (void)roi::mean(std::string("bold.nii"));
#endif
    (void)roi::ttest_1samp(run);
    (void)roi::ttest_rel(run, run);
    (void)roi::ttest_ind(run, run, {.equal_var = false});
    (void)roi::permute(run, {.permutations = 10});
    (void)roi::permute(run, std::vector<double>{0, 0, 1});
    (void)roi::variance(run);
    (void)roi::standard_deviation(run, {.ddof = 1});
    (void)roi::minimum(run);
    (void)roi::maximum(run, {.threads = 1});
    return 0;
}
