// One run: signals, cleaning, means of conditions and contrasts, as files that appear together.
#pragma once

#include <roi/core/error.hpp>

#include "layout.hpp"
#include "options.hpp"
#include "records.hpp"
#include "statuses.hpp"
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bids {

struct Outcome {
    enum What { written, skipped, failed };
    What what = written;
    Status status = done;
    std::string error;
    std::vector<std::string> warnings;
    std::optional<std::string> replaced;  ///< how other results were made, whose place these have taken
};

/// Works on runs, from several threads at once; it knows the regions.
class RunWorker {
public:
    /// Reads atlas, maps, names and spheres.
    /// \param links  data sets that the files of runs are named by
    /// \throws what reading them throws, and WrongUsage without any
    RunWorker(const Options& options, std::vector<DatasetLink> links);
    ~RunWorker();
    RunWorker(const RunWorker&) = delete;
    RunWorker& operator=(const RunWorker&) = delete;

    /// Writes the results of a run, or why it has none; skips one that is complete and unchanged.
    /// \throws roi::Error of the code stopped, and nothing else
    [[nodiscard]] Outcome work_on(const Run& run, const roi::StopRequest& stop) const;

private:
    struct Regions;

    void write(const Run& run, const std::vector<std::string>& inputs, const roi::StopRequest& stop,
               std::vector<std::string>& warnings) const;

    const Options& options_;
    std::vector<DatasetLink> links_;
    std::string seg_;
    std::unique_ptr<const Regions> regions_;
};

/// The status that a failure ends the program with.
[[nodiscard]] Status status_of(const std::exception& error);

/// Writes a text file that appears whole.
void write_text(const std::string& path, const std::string& content);

}  // namespace bids
