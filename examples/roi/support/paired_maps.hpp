// Pairs of maps: as many on either side, each pair of one subject.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>

#include "session.hpp"
#include <string>
#include <vector>

namespace command {

/// Pairs of maps: as many on either side, on one grid.
///
/// \param a, b  what `--a` and `--b` name, as sources
/// \throws roi::InvalidArgument
template <class A, class B>
void require_as_many(const A& a, const B& b) {
    roi::require_same_grid(a.grid(), b.grid(), "--a and --b");
    if (a.frames() == b.frames()) return;
    throw roi::InvalidArgument(
        roi::text("--a and --b: expected as many maps, in pairs, found ", a.frames(), " and ", b.frames()));
}

/// Pairs of maps are of one subject each. Says where names tell otherwise, and where several pairs are of one of several.
///
/// \throws roi::InvalidArgument when both lists are of the same subjects in another order
void require_pairs(Session& session, const std::vector<std::string>& a, const std::vector<std::string>& b);

}  // namespace command
