// Maps of subjects, by files and folders: which subject each is of, and what would count as one without being it.
#pragma once

#include <roi/table/table.hpp>

#include "command.hpp"
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace command {

/// `sub-LABEL` of a file's name, else of a folder that it lies in; empty where there is none.
[[nodiscard]] std::string subject_of(const std::string& path);

/// Images that a list of files and folders stands for; those of a folder in the order of their subjects, then names, numbers in
/// them by value: sub-2 before sub-10.
///
/// \throws roi::FileError when a folder holds no image
/// \throws roi::InvalidArgument when a folder holds two maps of one subject, or a map of none beside those of others
[[nodiscard]] std::vector<std::string> maps_of(const std::vector<std::string>& paths);

/// A table with a row a map, in their order.
///
/// Warns where its column participant_id cannot be compared with the names of the maps.
///
/// \param which, asked  as for `Session::read_table`
/// \param volumes  of all maps together: a file may hold several
/// \throws roi::InvalidArgument where that is of other subjects than these names, or of them in another order
[[nodiscard]] roi::Table read_table_of_maps(Session& session, std::string_view which, const std::string& path,
                                            const std::vector<std::string>& maps, std::int64_t volumes,
                                            std::vector<std::string> asked = {});

/// Says which file among maps holds a run, every volume of which would count as if it were of another subject.
void warn_of_runs(Session& session, std::initializer_list<const std::vector<std::string>*> lists);

/// Says where maps that count as if each were of another subject are not: where some of several subjects have two.
void warn_of_same_subjects(Session& session, std::initializer_list<const std::vector<std::string>*> lists);

/// Maps that are written must not lie in a folder of maps, where the next call would take them for those of subjects.
///
/// \param inputs   as they were given
/// \param outputs  name of each option, and its file or nothing
/// \throws UsageError
void require_apart(const std::vector<std::string>& inputs,
                   std::initializer_list<std::pair<std::string_view, const std::string*>> outputs);

}  // namespace command
