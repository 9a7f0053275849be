// What is known of a run that was worked on: the JSON beside its signals.
#pragma once

#include "layout.hpp"
#include "options.hpp"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bids {

struct Record {
    Name name;           ///< of the signals, without suffix and extension
    std::string folder;  ///< below the output
    std::string version, settings;
    std::vector<std::string> inputs, outputs, warnings, lost, contrasts, conditions;
    std::vector<std::string> marks;      ///< of all outputs but the record itself, see `mark_of`
    std::vector<std::int64_t> left_out;  ///< volumes without a row, by number from 0
    std::int64_t volumes = 0, regions = 0, non_finite = 0;
    std::optional<double> t_r, temporal_snr;
    std::string error;  ///< why there are no signals

    /// The name of one of its files.
    [[nodiscard]] std::string file(const std::string& suffix, const std::string& extension) const;
};

/// The entities that must not be mixed: task, acquisition, echo, space ... Runs of a subject that share them, of all
/// sessions, directions and numbers, have one mean.
[[nodiscard]] Name shared_entities(const Name& name);

/// An entity with the name of its column in tables over subjects.
struct EntityColumn {
    const char* key;
    const char* name;
};
/// Session, task, run, space and set of regions, and of the others those that a record has; in the order of names.
[[nodiscard]] std::vector<EntityColumn> entity_columns(const std::vector<Record>& records);

/// How the results of a run are called.
[[nodiscard]] Name result_name(const Run& run, const std::string& seg);
/// The name of one of its maps: of a contrast, or of all its volumes where that is empty. Like the signals it is called by
/// the set of regions, so that each job of an output has maps of its own.
[[nodiscard]] Name map_name(const Name& result, const std::string& contrast, const std::string& stat = {});
/// The name of its table of means of conditions.
[[nodiscard]] Name means_name(const Name& result);
/// The name of the JSON that says why a run has no results.
[[nodiscard]] std::string failure_name(const Name& result);

/// A data set that results come from, as the output's dataset_description.json links it.
struct DatasetLink {
    std::string name, folder;
};
/// The data sets of an output: the one with the runs, and that with their events.
[[nodiscard]] std::vector<DatasetLink> dataset_links(const Places& places);
/// A file as BIDS writes it: `bids:raw:sub-01/func/...` in a linked data set, `file:///...` anywhere else.
[[nodiscard]] std::string uri_of(const std::string& path, const std::vector<DatasetLink>& links);

/// The files that the results of a run are made of, the run first.
[[nodiscard]] std::vector<std::string> input_files(const Run& run, const Options& options);
/// What the files that results are made of were: path, size and time of the last change.
[[nodiscard]] std::vector<std::string> inputs_of(const Run& run, const Options& options);
/// What tells a file from another of its name, or from a part of it: its size and its last eight bytes, which of a gzip file are
/// the check sum of all of it; empty when there is none.
[[nodiscard]] std::string mark_of(const std::string& path);
/// The first output of a record that is missing, or not what was written: damaged, or of a job with other options; else empty.
[[nodiscard]] std::string changed_output(const Record& record, const std::string& output_dir);
/// A file with its size and time, its path below `root` where it lies there.
[[nodiscard]] std::string stamped(const std::string& path, const std::string& root);
/// The path of such a stamp.
[[nodiscard]] std::string path_of(const std::string& stamp);

/// The record of a run that is complete and whose inputs, options and version have not changed; nothing otherwise.
[[nodiscard]] std::optional<Record> complete_record(const Run& run, const Options& options,
                                                    const std::string& seg,
                                                    const std::vector<std::string>& inputs);

/// How the results that stand at the place of those of a run were made, where that is with other options or of another
/// file; nothing where there are none.
[[nodiscard]] std::optional<std::string> made_otherwise(const Run& run, const Options& options,
                                                        const std::string& seg,
                                                        const std::vector<std::string>& inputs);

/// All records of an output, in the order of their names, failures among them.
[[nodiscard]] std::vector<Record> read_records(const std::string& output_dir);

}  // namespace bids
