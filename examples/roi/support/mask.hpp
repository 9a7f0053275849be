// Masks that options name.
#pragma once

#include <roi/core/text.hpp>
#include <roi/image/volume.hpp>

#include "images.hpp"
#include <cmath>
#include <cstdint>
#include <set>
#include <string>

namespace command {

/// Reads a mask; says where its file holds several values, as an atlas or a map does, which are all inside, and of NaN and
/// infinity what `roi::load<bool>` says.
[[nodiscard]] inline roi::Mask read_mask(Session& session, const std::string& path) {
    const auto file = session.input(path);
    const auto values = roi::load<double>(file, reading(session));
    roi::Mask out(values.grid(), false, values.metadata());
    std::set<double> found;
    std::int64_t nan = 0, infinite = 0;
    for (std::int64_t i = 0; i < values.size(); ++i) {
        nan += std::isnan(values[i]);
        infinite += std::isinf(values[i]);
        out[i] = values[i] != 0.0 && !std::isnan(values[i]);
        if (out[i] && found.size() < 100) found.insert(values[i]);
    }
    const auto tell = session.warning();
    const auto tell_of = [&](std::int64_t count, const char* kind, const char* where) {
        if (!tell || count == 0) return;
        tell(roi::text(path, ": ", count, count == 1 ? " voxel is " : " voxels are ", kind,
                       count == 1 ? " and counts as " : " and count as ", where));
    };
    tell_of(nan, "NaN", "outside");
    tell_of(infinite, "infinite", "inside");
    if (tell && found.size() > 1) {
        tell(roi::text(path, " is taken for a mask and holds ",
                       found.size() < 100 ? roi::text(found.size()) : std::string("many"),
                       " values beside 0, which are all inside"));
    }
    return out;
}

}  // namespace command
