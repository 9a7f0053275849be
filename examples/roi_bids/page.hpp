// The page about a group: figures, and a row a subject.
#pragma once

#include "group_maps.hpp"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bids {

/// What the page says of one subject.
struct SubjectRow {
    std::string label;
    std::int64_t runs = 0, failed = 0, missing = 0;  ///< missing: not worked on
    std::int64_t volumes = 0, non_finite = 0, lost = 0;
    std::optional<double> temporal_snr;  ///< the smallest of its runs
    std::vector<std::string> remarks;
};

/// Means of conditions, subject by subject, of one task, space and set of regions.
struct ConditionMeans {
    std::string title;
    std::vector<std::string> conditions;
    std::vector<std::pair<std::string, std::vector<std::vector<double>>>> regions;  ///< [condition][subject]
    std::vector<std::string> left_out;  ///< subjects that are not in every region, for want of a mean
};

/// \returns  a page of HTML that needs no other file
[[nodiscard]] std::string group_page(const Options& options, const std::vector<SubjectRow>& subjects,
                                     const std::vector<GroupMap>& maps,
                                     const std::vector<ConditionMeans>& means);

}  // namespace bids
