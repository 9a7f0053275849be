// Whole numbers of 64 bits beyond those that double holds: moved as they are, in memory.
#pragma once

#include <roi/image/volume4d.hpp>
#include <roi/io/load.hpp>
#include <roi/stream/value_range.hpp>

#include "images.hpp"
#include <cstdint>
#include <string>
#include <utility>

namespace command {

/// Holds a file whole numbers that are not the same as double?
[[nodiscard]] inline bool beyond_double(const std::string& file) {
    const auto type = stored_type(file);
    if (type != roi::Datatype::int64 && type != roi::Datatype::uint64) return false;
    constexpr double end = 9007199254740992.0;  // 2^53; one more is rounded to it
    roi::ScanOptions options;
    options.stop = Session::stop();  // what there is to be warned of is said when the file is read again
    auto source = roi::open<double>(file);
    if (source.frames() == 0 || source.grid().size() == 0) return false;
    const auto range = roi::value_range(source, options);
    return range.low <= -end || range.high >= end;
}

/// Writes a run in memory, one volume as a volume unless it is to be a run.
template <class T>
void write_run(Session& session, const roi::Volume4D<T>& run, const std::string& path, bool as_run) {
    if (run.frames() == 1 && !as_run) return write_image(session, roi::Volume<T>(run.frame(0)), path);
    write_image(session, run, path);
}

/// Where a file holds whole numbers beyond double, writes what `move(run)` makes of them; false where it does not.
template <class Move>
[[nodiscard]] bool moved_exactly(Session& session, const std::string& file, const std::string& output,
                                 bool as_run, const Move& move) {
    if (!beyond_double(file)) return false;
    if (stored_type(file) == roi::Datatype::int64) {
        write_run(session, move(roi::load4d<std::int64_t>(file, reading(session))), output, as_run);
    } else {
        write_run(session, move(roi::load4d<std::uint64_t>(file, reading(session))), output, as_run);
    }
    return true;
}

}  // namespace command
