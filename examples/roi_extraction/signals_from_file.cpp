#include <roi/io/open.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stream/value_range.hpp>

#include "steps.hpp"
#include "support/beyond_run.hpp"
#include <optional>
#include <utility>

namespace notebook {

namespace {

template <class T>
roi::Signals read_in(const Settings& settings, const Question& question, const roi::Labels& regions) {
    const auto smoothed = [&] { return roi::smooth(roi::open<T>(settings.bold), settings.fwhm); };
    auto run = smoothed();
    if (!question.atlas || !question.atlas->moves_run)
        return signals_of(std::move(run), regions, question.names, settings);
    examples::warn_of_beyond(roi::labels_of(regions), run.grid(), std::nullopt, settings.warning);
    // As nilearn's masker does it: a spline leaves the range of the run beside sharp edges.
    const auto range = roi::value_range(smoothed(), {.stop = settings.stop});
    return signals_of(
        roi::resample_to(std::move(run), regions.grid(), roi::Interpolation::continuous, {.clip = range}),
        regions, question.names, settings);
}

}  // namespace

roi::Signals signals_from_file(const Settings& settings, const Question& question,
                               const roi::Labels& regions) {
    return question.wide ? read_in<double>(settings, question, regions)
                         : read_in<float>(settings, question, regions);
}

}  // namespace notebook
