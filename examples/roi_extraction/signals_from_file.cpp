#include <roi/core/units.hpp>
#include <roi/io/open.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stream/value_range.hpp>

#include "steps.hpp"
#include "support/beyond_run.hpp"
#include "support/moved_run.hpp"
#include <optional>
#include <utility>

namespace notebook {

namespace {

/// \param run  gives the run, whenever it is asked for
template <class Open>
roi::Signals read_moved(const Settings& settings, const Question& question, const roi::Labels& regions,
                        const Open& run) {
    auto source = run();
    examples::warn_of_beyond(roi::labels_of(regions), source.grid(), std::nullopt, settings.warning);
    roi::RangeOfValues range;
    roi::scan(run(), range, roi::ScanOptions{.stop = settings.stop});
    return signals_of(examples::moved_run(std::move(source), regions.grid(), range.found()), regions,
                      question.names, settings);
}

template <class T>
roi::Signals read_in(const Settings& settings, const Question& question, const roi::Labels& regions) {
    const auto open = [&] { return roi::open<T>(settings.bold); };
    const auto smoothed = [&] { return roi::smooth(open(), settings.fwhm); };
    if (!question.atlas || !question.atlas->moves_run)
        return signals_of(smoothed(), regions, question.names, settings);
    // Smoothing makes what is not finite 0, be its width 0; as it stands it is bridged.
    if (settings.fwhm == roi::Fwhm(0.0)) return read_moved(settings, question, regions, open);
    return read_moved(settings, question, regions, smoothed);
}

}  // namespace

roi::Signals signals_from_file(const Settings& settings, const Question& question,
                               const roi::Labels& regions) {
    return question.wide ? read_in<double>(settings, question, regions)
                         : read_in<float>(settings, question, regions);
}

}  // namespace notebook
