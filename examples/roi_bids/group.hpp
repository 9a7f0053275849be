// The level of the group: tables, maps, figures and one page about all subjects.
#pragma once

#include "options.hpp"
#include "statuses.hpp"

namespace bids {

/// Writes what the results of all subjects say together, into `group` of the output.
[[nodiscard]] Status group(const Options& options);

/// Which runs it would take, on standard output.
[[nodiscard]] Status group_dry_run(const Options& options);

}  // namespace bids
