// The runs of a data set: raw BIDS, what fMRIPrep leaves of it, and the layout of the Haxby data.
#pragma once

#include "names.hpp"
#include <string>
#include <vector>

namespace bids {

/// Which runs are wanted; an empty list takes all.
struct Selection {
    std::vector<std::string> participants, sessions, tasks, runs, spaces;
    std::string desc;  ///< of preprocessed runs; empty takes `preproc`, or all where none is called so
};

/// A run with all that the data set says about it.
struct Run {
    Name name;
    std::string file;
    std::string folder;                 ///< below the data set: `sub-01/ses-a/func`
    std::vector<std::string> sidecars;  ///< JSON files that hold for it, the nearest last
    std::string events;                 ///< table of events; empty where there is none
    std::string conditions;             ///< Haxby: table with a condition a volume
    std::string confounds;              ///< fMRIPrep's table
    std::string brain_mask;             ///< fMRIPrep's mask
};

struct Subject {
    std::string label;  ///< without `sub-`
    std::vector<Run> runs;
};

/// Where the runs lie.
struct Places {
    std::string data;    ///< folder of the data set whose runs are taken
    std::string events;  ///< folder of the raw data set, for events of preprocessed runs; may be empty
    bool derivative = false;
    bool haxby = false;
};

/// Finds out what a folder holds.
///
/// \param folder       raw BIDS, preprocessed, or Haxby
/// \param derivatives  folder of the preprocessed runs, or its name below `derivatives/`; may be empty
/// \param events       folder of the raw data set, where that is not `folder`; may be empty
/// \param validate     is a data set without a proper dataset_description.json refused?
/// \throws roi::FileError not_found; InvalidDataset
[[nodiscard]] Places places_of(const std::string& folder, const std::string& derivatives,
                               const std::string& events, bool validate);

/// Subjects in the order of their names, each with its runs in the order of theirs; also those without any.
[[nodiscard]] std::vector<Subject> find_runs(const Places& places, const Selection& selection);

}  // namespace bids
