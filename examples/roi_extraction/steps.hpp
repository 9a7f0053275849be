// What both ways of running the notebook share: what is asked before the run is read, and what follows the test.
#pragma once

#include <roi/image/selection.hpp>
#include <roi/signals/region_signals.hpp>
#include <roi/stream/scan.hpp>

#include "notebook.hpp"
#include <optional>

namespace notebook {

/// An atlas that was given.
struct Atlas {
    roi::Labels labels;      ///< on its own grid
    roi::Labels on_run;      ///< on the grid of the run
    bool moves_run = false;  ///< the run comes to its grid, not it to that of the run
};

/// What a run is asked for before it is read.
struct Question {
    roi::Selection first, second;      ///< volumes of the two conditions
    std::optional<roi::Mask> anatomy;  ///< where regions may start, everywhere without it
    std::optional<Atlas> atlas;
    roi::RegionNames names;
    bool wide = false;  ///< values of the run need double
};

[[nodiscard]] Question read_question(const Settings& settings);

/// How the run is read.
[[nodiscard]] roi::ScanOptions scan_options(const Settings& settings);

/// How signals are read.
[[nodiscard]] roi::RegionSignalsOptions signal_options(const Settings& settings);

/// Signals as asked for: without trends, and scaled.
void clean_signals(Results& results, const Settings& settings);

/// The signals of regions in a source, in one more pass.
template <class Source>
[[nodiscard]] roi::Signals signals_of(Source frames, const roi::Labels& labels, const roi::RegionNames& names,
                                      const Settings& settings) {
    roi::RegionSignals sink(roi::labels_of(labels, {.names = names}), signal_options(settings));
    roi::scan(frames, sink, scan_options(settings));
    return sink.result();
}

/// The signals of the regions, in one more pass over the file, or two where the run comes to the grid of an atlas.
[[nodiscard]] roi::Signals signals_from_file(const Settings& settings, const Question& question,
                                             const roi::Labels& regions);

/// From p values to regions: everything between the two looks at the run.
void find_regions(Results& results, const Settings& settings, const Question& question);

}  // namespace notebook
