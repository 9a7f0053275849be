#include <roi/image/logical.hpp>
#include <roi/io.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/signals/labels_masker.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/keep_voxels.hpp>

#include "steps.hpp"
#include <optional>
#include <utility>

namespace notebook {

namespace {

template <class T>
Results run(const Settings& settings, const Question& question) {
    constexpr std::int64_t most_kept_bytes = std::int64_t{32} << 20;

    auto frames = roi::smooth(roi::open<T>(settings.bold, {.warning = settings.warning}), settings.fwhm);

    roi::Mean mean;
    roi::TTestInd ttest(question.first, question.second);
    std::optional<roi::KeepVoxels<T>> keep;
    if (question.anatomy) {
        const auto reachable = roi::dilate(*question.anatomy);
        const auto bytes = roi::count(reachable) * frames.frames() * static_cast<std::int64_t>(sizeof(T));
        if (bytes <= most_kept_bytes) keep.emplace(reachable);
    }
    const roi::ScanOptions options{.progress = settings.progress, .warning = settings.warning};
    if (keep) {
        roi::scan(frames, mean, ttest, *keep, options);
    } else {
        roi::scan(frames, mean, ttest, options);
    }

    Results results;
    results.mean = std::move(mean).result();
    results.test = std::move(ttest).result();
    find_regions(results, settings, question.anatomy);
    const auto masker = roi::labels_masker(results.atlas);
    if (keep) {
        results.signals = masker.transform(keep->result());
    } else if (results.count == 0) {
        results.signals.resize(frames.frames(), 0);
    } else {
        results.signals = masker.transform(roi::smooth(roi::open<T>(settings.bold), settings.fwhm), options);
    }
    return results;
}

}  // namespace

Results streamed(const Settings& settings) {
    const auto question = read_question(settings);
    return question.wide ? run<double>(settings, question) : run<float>(settings, question);
}

}  // namespace notebook
