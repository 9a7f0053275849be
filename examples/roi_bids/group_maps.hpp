// Tests over subjects: one map of effects from each.
#pragma once

#include <roi/core/error.hpp>
#include <roi/image/volume.hpp>
#include <roi/io/output_folder.hpp>

#include "options.hpp"
#include "records.hpp"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bids {

/// What a test found.
struct GroupMap {
    std::string title;
    std::int64_t subjects = 0, survivors = 0, clusters = 0, permutations = 0;
    double threshold = 0.0;             ///< of z; infinite where nothing survives
    roi::Volume<double> z;              ///< empty where there is no test
    std::string problem;                ///< why there is none
    std::vector<std::string> left_out;  ///< subjects whose maps cannot be tested with the others', and why
};

/// The group that a table of participants says everybody is in.
struct Groups {
    std::string first, second;
    std::vector<std::pair<std::string, std::string>> members;  ///< label and group

    [[nodiscard]] std::string of(const std::string& label) const;
};

/// Tests the effects of every task, space and contrast against 0, and two groups against each other, and writes the maps.
///
/// A subject whose maps lie on another grid than those of most, or cannot be read, is left out, and said.
[[nodiscard]] std::vector<GroupMap> group_maps(const Options& options, const std::vector<Record>& records,
                                               const std::optional<Groups>& groups, roi::OutputFolder& folder,
                                               const roi::WarningHandler& warning);

}  // namespace bids
