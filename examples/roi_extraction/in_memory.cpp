#include <roi/io.hpp>
#include <roi/signals/region_signals.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/cached.hpp>

#include "steps.hpp"
#include <utility>

namespace notebook {

namespace {

template <class T>
Results run_in_memory(const Settings& settings, const Question& question) {
    auto frames =
        roi::smooth(roi::cached(roi::open<T>(settings.bold, {.warning = settings.warning})), settings.fwhm);

    roi::Mean mean;
    roi::TTestInd ttest(question.first, question.second);
    roi::scan(frames, mean, ttest, scan_options(settings));

    Results results;
    results.mean = std::move(mean).result();
    results.test = std::move(ttest).result();
    find_regions(results, settings, question);
    if (question.atlas && question.atlas->moves_run) {
        results.signals = signals_from_file(settings, question, question.atlas->labels);
    } else if (!question.atlas && results.count == 0) {
        results.signals.values.resize(frames.frames(), 0);
    } else {
        results.signals = signals_of(std::move(frames), results.regions(), question.names, settings);
    }
    clean_signals(results, settings);
    return results;
}

}  // namespace

Results in_memory(const Settings& settings) {
    const auto question = read_question(settings);
    return question.wide ? run_in_memory<double>(settings, question)
                         : run_in_memory<float>(settings, question);
}

}  // namespace notebook
