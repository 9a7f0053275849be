#include <roi/image/logical.hpp>
#include <roi/io.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/signals/region_signals.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/keep_voxels.hpp>

#include "steps.hpp"
#include <utility>

namespace notebook {

namespace {

/// Where regions may lie whose voxels are kept: nowhere, when they are too many.
template <class T>
roi::Mask reachable(const roi::Mask& anatomy, std::int64_t frames) {
    constexpr std::int64_t most_kept_bytes = std::int64_t{32} << 20;
    auto mask = roi::dilate(anatomy);
    const auto bytes = roi::count(mask) * frames * static_cast<std::int64_t>(sizeof(T));
    return bytes <= most_kept_bytes ? mask : roi::Mask(mask.grid(), false);
}

template <class T>
Results run_streamed(const Settings& settings, const Question& question) {
    auto frames = roi::smooth(roi::open<T>(settings.bold, {.warning = settings.warning}), settings.fwhm);
    roi::Mean mean;
    roi::TTestInd ttest(question.first, question.second);
    Results results;
    const auto found = [&] {
        results.mean = std::move(mean).result();
        results.test = std::move(ttest).result();
        find_regions(results, settings, question);
    };
    const roi::Mask nowhere(frames.grid(), false);
    if (question.atlas && !question.atlas->moves_run) {
        roi::RegionSignals signals(roi::labels_of(question.atlas->on_run, {.names = question.names}),
                                   signal_options(settings));
        roi::scan(frames, mean, ttest, signals, scan_options(settings));
        found();
        results.signals = signals.result();
    } else {
        const bool keeps = question.anatomy && !question.atlas;
        roi::KeepVoxels<T> keep(keeps ? reachable<T>(*question.anatomy, frames.frames()) : nowhere);
        roi::scan(frames, mean, ttest, keep, scan_options(settings));
        found();
        if (question.atlas) {
            results.signals = signals_from_file(settings, question, question.atlas->labels);
        } else if (results.count == 0) {
            results.signals.values.resize(frames.frames(), 0);
        } else if (keep.result().voxels().empty()) {
            results.signals = signals_from_file(settings, question, results.atlas);
        } else {
            results.signals =
                roi::region_signals(keep.result(), roi::labels_of(results.atlas), signal_options(settings));
        }
    }
    clean_signals(results, settings);
    return results;
}

}  // namespace

Results streamed(const Settings& settings) {
    const auto question = read_question(settings);
    return question.wide ? run_streamed<double>(settings, question) : run_streamed<float>(settings, question);
}

}  // namespace notebook
