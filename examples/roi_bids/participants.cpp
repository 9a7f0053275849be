#include "participants.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/core/version.hpp>
#include <roi/io/read_header.hpp>

#include "json_fields.hpp"
#include "records.hpp"
#include "run.hpp"
#include "support/json.hpp"
#include "support/program.hpp"
#include "support/signals.hpp"
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>

namespace bids {

namespace {

/// Megabytes for one run at a time: what the scan holds, and the signals several times over. Of a run that cannot be
/// opened nothing is known, and it will not need much.
double megabytes_of(const Run& run, const Options& options) {
    try {
        const auto info = roi::read_header(run.file);
        const double voxels = static_cast<double>(info.grid.size());
        const double block = std::max(4e6, 4.0 * voxels);
        const double maps = 8.0 * voxels * 4.0 * static_cast<double>(options.contrasts.size());
        const auto frames = static_cast<double>(info.frames);
        const double quality = options.quality_maps ? 8.0 * voxels * 6.0 : 0.0;
        // Of 2 % of the voxels all values are kept, twice while they are looked at; before that no map is there.
        const double shared = options.high_variance > 0 ? 8.0 * voxels * (4.0 + 0.04 * frames) : 0.0;
        return (20e6 + 3.0 * block + 16.0 * voxels + std::max(maps + quality, shared) +
                frames * 8.0 * 1000.0) /
               1e6;
    } catch (const roi::Error&) {
        return 20.0;
    }
}

/// How many subjects at once: one a core, as many as the memory holds.
int workers_of(const std::vector<Subject>& subjects, const Options& options, int cores) {
    auto workers = std::min<std::int64_t>(cores, static_cast<std::int64_t>(subjects.size()));
    if (options.threads > 0) workers = std::min<std::int64_t>(workers, std::max(1, cores / options.threads));
    if (options.mem_mb > 0) {
        double most = 0.0;
        for (const auto& subject : subjects) {
            for (const auto& run : subject.runs) most = std::max(most, megabytes_of(run, options));
        }
        const double available = static_cast<double>(options.mem_mb);
        if (most > available && !options.quiet) {
            examples::complain(program_name,
                               roi::text("warning: a run needs about ", std::llround(most),
                                         " MB, --mem-mb allows ", options.mem_mb, "; one subject at a time"));
        }
        workers = std::min(workers, static_cast<std::int64_t>(available / most));
    }
    return static_cast<int>(std::max<std::int64_t>(1, workers));
}

/// Holds a folder for this job alone for as long as it lives; where a file system knows no such locks it holds nothing.
class HeldFolder {
public:
    explicit HeldFolder(const std::string& folder) : number_(::open(folder.c_str(), O_RDONLY | O_CLOEXEC)) {
        while (number_ >= 0 && ::flock(number_, LOCK_EX) != 0 && errno == EINTR) {
        }
    }
    HeldFolder(const HeldFolder&) = delete;
    HeldFolder& operator=(const HeldFolder&) = delete;
    ~HeldFolder() {
        if (number_ >= 0) ::close(number_);
    }

private:
    int number_;
};

/// Where the linked data sets lie, from the output; those of other jobs as they are told in its description.
std::string links_of_output(const std::string& description, const std::string& output_dir,
                            const std::vector<DatasetLink>& links) {
    namespace fs = std::filesystem;
    std::map<std::string, std::string> all;
    std::error_code ignored;
    if (fs::exists(description, ignored)) {
        try {
            for (const auto& [name, place] : read_json(description).texts_under("DatasetLinks."))
                all[name] = place;
        } catch (const roi::FileError&) {
            // It is written anew.
        }
    }
    for (const auto& link : links) {
        all[link.name] = fs::proximate(fs::weakly_canonical(link.folder, ignored),
                                       fs::weakly_canonical(output_dir, ignored), ignored)
                             .string();
    }
    json::Object out;
    for (const auto& [name, place] : all) out.add(name, json::text(roi::valid_utf8(place)));
    return out.text();
}

/// What several workers tell, line by line, and the counts of the last line.
class Account {
public:
    explicit Account(bool quiet, std::int64_t subjects)
        : quiet_(quiet), subjects_(subjects), bar_("subjects", quiet), progress_(bar_.callback()) {}

    void add(const Outcome& outcome, const Run& run) {
        const std::lock_guard lock(mutex_);
        ++counts_[outcome.what];
        if (outcome.replaced && replaced_++ == 0)
            first_replaced_ = roi::text(run.name.text(), ", made ", *outcome.replaced);
        if (!quiet_) {
            for (const auto& warning : outcome.warnings)
                examples::complain(program_name, roi::text(run.name.text(), ": warning: ", warning));
        }
        if (outcome.what != Outcome::failed) return;
        examples::complain(program_name, outcome.error);
        // Data that are wrong weigh more than what another try may mend.
        if (status_ == done || outcome.status == bad_data) status_ = outcome.status;
    }

    void subject_is_done() {
        const std::lock_guard lock(mutex_);
        if (progress_) progress_(++done_, subjects_);
    }

    [[nodiscard]] Status finish() {
        if (progress_) progress_(subjects_, subjects_);
        if (!quiet_ && replaced_ > 0) {
            examples::complain(
                program_name,
                roi::text("warning: earlier results of ", replaced_, replaced_ == 1 ? " run" : " runs",
                          " were made with other options or of other files and are replaced (first: ",
                          first_replaced_, "); another --seg or output folder keeps both"));
        }
        if (!quiet_) {
            std::printf("%s\n",
                        roi::text(subjects_, subjects_ == 1 ? " subject: " : " subjects: ",
                                  counts_[Outcome::written], " runs done, ", counts_[Outcome::skipped],
                                  " complete before, ", counts_[Outcome::failed], " failed")
                            .c_str());
        }
        return status_;
    }

private:
    std::mutex mutex_;
    bool quiet_;
    std::int64_t subjects_, done_ = 0;
    std::int64_t counts_[3] = {}, replaced_ = 0;
    std::string first_replaced_;
    examples::ProgressBar bar_;
    roi::Progress progress_;
    Status status_ = done;
};

}  // namespace

void warn_of_unknown(const Options& options, const Places& places, const std::vector<Subject>& subjects) {
    if (options.quiet) return;
    for (const auto& label : options.selection.participants) {
        if (std::any_of(subjects.begin(), subjects.end(),
                        [&](const auto& one) { return one.label == label; }))
            continue;
        examples::complain(program_name,
                           roi::text("warning: there is no subject sub-", label, " in ", places.data));
    }
}

std::vector<Subject> selected_subjects(const Options& options) {
    const auto places =
        places_of(options.bids_dir, options.derivatives, options.events_dir, options.validate);
    auto subjects = find_runs(places, options.selection);
    warn_of_unknown(options, places, subjects);
    std::erase_if(subjects, [](const Subject& subject) { return subject.runs.empty(); });
    if (!subjects.empty()) return subjects;
    std::string hint;
    const auto prepared = places.data + "/derivatives/fmriprep";
    std::error_code ignored;
    if (!places.derivative && (!options.selection.spaces.empty() || !options.selection.desc.empty()) &&
        std::filesystem::exists(prepared, ignored)) {
        hint = "; raw runs have neither space nor desc, those of --derivatives fmriprep have";
    }
    throw NothingSelected(
        roi::text(places.data, ": no run of those subjects, sessions, tasks, runs, spaces and desc", hint));
}

void describe_output(const Options& options, const std::vector<DatasetLink>& links) {
    json::Object made_by;
    made_by.add("Name", json::text(program_name));
    made_by.add("Version", json::text(roi::version));
    made_by.add("Description",
                json::text(roi::text("roi_bids BIDS_DIR OUTPUT_DIR participant ", options.settings)));
    json::Object all;
    all.add("Name", json::text("Signals and contrasts of regions of interest"));
    all.add("BIDSVersion", json::text("1.8.0"));
    all.add("DatasetType", json::text("derivative"));
    all.add("GeneratedBy", json::list({made_by.text()}));
    const auto path = options.output_dir + "/dataset_description.json";
    // Two jobs at once would each lose the other's links.
    const HeldFolder held(options.output_dir);
    all.add("DatasetLinks", links_of_output(path, options.output_dir, links));
    const auto content = all.text() + "\n";
    std::ifstream old(path, std::ios::binary);
    if (old && std::string(std::istreambuf_iterator<char>(old), {}) == content) return;
    write_text(path, content);
}

Status dry_run(const Options& options) {
    const bool regions = options.has_regions();
    const auto seg = regions ? seg_of(options) : std::string();
    for (const auto& subject : selected_subjects(options)) {
        for (const auto& run : subject.runs) {
            if (!regions) {
                std::printf("%s\n", run.file.c_str());
                continue;
            }
            const bool complete = complete_record(run, options, seg, inputs_of(run, options)).has_value();
            std::printf("%s -> %s/%s%s\n", run.file.c_str(), run.folder.c_str(),
                        result_name(run, seg).text().c_str(), complete ? " (complete)" : "");
        }
    }
    return done;
}

Status participants(const Options& options) {
    const auto subjects = selected_subjects(options);
    const auto links =
        dataset_links(places_of(options.bids_dir, options.derivatives, options.events_dir, options.validate));
    const RunWorker worker(options, links);
    examples::make_output_folder(options.output_dir);
    describe_output(options, links);
    const int cores = options.n_cpus > 0 ? options.n_cpus
                                         : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    const int workers = workers_of(subjects, options, cores);
    roi::set_threads(options.threads > 0 ? options.threads : std::max(1, cores / workers));
    Account account(options.quiet, static_cast<std::int64_t>(subjects.size()));
    std::atomic<std::size_t> next{0};
    const auto stop = [] { return examples::caught_signal() != 0; };
    const auto work = [&] {
        for (std::size_t i = next++; i < subjects.size() && !stop(); i = next++) {
            for (const auto& run : subjects[i].runs) {
                try {
                    account.add(worker.work_on(run, stop), run);
                } catch (const roi::Error&) {
                    return;  // stopped
                }
            }
            account.subject_is_done();
        }
    };
    std::vector<std::thread> team;
    for (int i = 1; i < workers; ++i) {
        try {
            team.emplace_back(work);
        } catch (const std::system_error&) {
            break;  // fewer will do
        }
    }
    work();
    for (auto& one : team) one.join();
    if (const int number = examples::caught_signal()) examples::end_by_signal(number);
    return account.finish();
}

}  // namespace bids
