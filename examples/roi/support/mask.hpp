// Masks that options name.
#pragma once

#include <roi/core/text.hpp>
#include <roi/image/volume.hpp>

#include "images.hpp"
#include <cmath>
#include <set>
#include <string>

namespace command {

/// Reads a mask; says where its file holds several values, as an atlas or a map does, which are all inside.
[[nodiscard]] inline roi::Mask read_mask(Session& session, const std::string& path) {
    const auto file = session.input(path);
    const auto values = roi::load<double>(file, reading(session));
    roi::Mask out(values.grid(), false, values.metadata());
    std::set<double> found;
    for (std::int64_t i = 0; i < values.size(); ++i) {
        out[i] = values[i] != 0.0 && !std::isnan(values[i]);
        if (out[i] && found.size() < 100) found.insert(values[i]);
    }
    if (const auto tell = session.warning(); tell && found.size() > 1) {
        tell(roi::text(path, " is taken for a mask and holds ",
                       found.size() < 100 ? roi::text(found.size()) : std::string("many"),
                       " values beside 0, which are all inside"));
    }
    return out;
}

}  // namespace command
