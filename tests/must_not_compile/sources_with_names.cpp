// A source passes once; one that has a name is given away. Each is of another type: a compiler says it once for each.
// expected: roi: a source moves in: write std::move.a., or open.path. here
// errors: 5
#include <roi/io/open.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stream/cached.hpp>
#include <roi/stream/concat.hpp>
#include <roi/stream/run_arithmetic.hpp>
#include <roi/stream/select.hpp>

#include <utility>

int main() {
    auto a = roi::open("a.nii");
    auto b = roi::open("b.nii");
    auto c = roi::open<double>("c.nii");
    auto d = roi::select(roi::open("d.nii"), {0});
    auto e = roi::select(roi::open<double>("e.nii"), {0});
    auto f = roi::cached(roi::open("f.nii"));
#ifdef ROI_CONTROL
    const auto difference = std::move(a) - std::move(b);
    const auto kept = roi::cached(std::move(c));
    const auto resampled = roi::resample_to(std::move(d), roi::Grid());
    const auto smoothed = roi::smooth(std::move(e), roi::Fwhm{6.0});
    const auto joined = roi::concat(std::move(f), roi::open("g.nii"));
#else
    const auto difference = a - b;
    const auto kept = roi::cached(c);
    const auto resampled = roi::resample_to(d, roi::Grid());
    const auto smoothed = roi::smooth(e, roi::Fwhm{6.0});
    const auto joined = roi::concat(f, roi::open("g.nii"));
#endif
    return difference.frames() + kept.frames() + resampled.frames() + smoothed.frames() + joined.frames() == 0
               ? 0
               : 1;
}
