// What both ways of running the notebook share: what is asked before the run is read, and what follows the test.
#pragma once

#include <roi/image/selection.hpp>

#include "notebook.hpp"

namespace notebook {

/// What a run is asked for before it is read.
struct Question {
    roi::Selection first, second;      ///< volumes of the two conditions
    std::optional<roi::Mask> anatomy;  ///< where regions may start, everywhere without it
    bool wide = false;                 ///< values of the run need double
};

[[nodiscard]] Question read_question(const Settings& settings);

/// From p values to regions: everything between the two looks at the run.
void find_regions(Results& results, const Settings& settings, const std::optional<roi::Mask>& anatomy);

}  // namespace notebook
