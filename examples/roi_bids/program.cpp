// roi_bids BIDS_DIR OUTPUT_DIR {participant,group}: signals and contrasts of regions for whole studies, a BIDS App.
#include "program.hpp"

#include <CLI/CLI.hpp>

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/core/version.hpp>

#include "group.hpp"
#include "options.hpp"
#include "participants.hpp"
#include "run.hpp"
#include "support/program.hpp"
#include "support/program_manual.hpp"
#include "support/signals.hpp"
#include "support/statistic_words.hpp"
#include "support/table_words.hpp"
#include "support/wording.hpp"
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <vector>

namespace bids {

namespace {

/// `sub-01,02` as labels, in one word or several. None in an option that was given would be taken for all.
/// \throws WrongUsage
std::vector<std::string> labels(const std::vector<std::string>& words, const char* option,
                                const std::string& prefix) {
    std::vector<std::string> out;
    for (const auto& word : words) {
        std::size_t at = 0;
        while (at <= word.size()) {
            const auto end = std::min(word.find_first_of(", ", at), word.size());
            auto label = word.substr(at, end - at);
            if (!prefix.empty() && label.compare(0, prefix.size(), prefix) == 0)
                label.erase(0, prefix.size());
            if (!label.empty()) out.push_back(std::move(label));
            at = end + 1;
        }
    }
    if (out.empty() && !words.empty())
        throw WrongUsage(roi::text(option, ": expected a name, found an empty text"));
    return out;
}

/// The command line, and what it is read into.
class CommandLine {
public:
    CommandLine()
        : app_("Signals and contrasts of regions of interest for whole studies, as a BIDS App.", "roi_bids") {
        app_.set_version_flag("--version", std::string("roi_bids ") + roi::version);
        app_.add_option("bids_dir", options_.bids_dir,
                        "Raw BIDS, what fMRIPrep leaves, or the Haxby data; only read")
            ->required();
        app_.add_option("output_dir", options_.output_dir, "Where results go; shared by many jobs")
            ->required();
        app_.add_option("level", options_.level, "Runs of subjects, or all of them together")
            ->type_name("{participant,group}")
            ->required();
        which_runs();
        signals();
        conditions();
        group();
        machine();
        app_.footer(
            "Exit status: 0 done, 16 invalid data set, 17 no such level, 18 nothing selected, 64 wrong "
            "usage,\n"
            "65 wrong data (of one run or more; the others are done), 66 no such input, 73 the output cannot "
            "be\n"
            "written, 74 input or output error, 75 not enough of something, try again.");
    }

    /// \throws CLI::ParseError, WrongUsage
    [[nodiscard]] Options parse(int argc, char** argv) {
        app_.parse(argc, argv);
        auto& selection = options_.selection;
        selection.participants = labels(participants_, "--participant-label", "sub-");
        selection.sessions = labels(sessions_, "--session", "ses-");
        selection.tasks = labels(tasks_, "--task", "task-");
        selection.runs = labels(runs_, "--run", "run-");
        selection.spaces = labels(spaces_, "--space", "space-");
        options_.confounds = labels(confounds_, "--confounds", "");
        options_.validate = !skip_validator_;
        if (contrasts_.size() % 2 != 0) throw WrongUsage("--contrast: expected two conditions");
        for (std::size_t i = 0; i + 1 < contrasts_.size(); i += 2)
            options_.contrasts.emplace_back(contrasts_[i], contrasts_[i + 1]);
        for (const auto& contrast : options_.contrasts) {
            if (contrast_label(contrast).size() < 4 || contrast.first == contrast.second)
                throw WrongUsage("--contrast: expected two conditions");
            for (const auto& other : options_.contrasts) {
                if (&other == &contrast || contrast_label(other) != contrast_label(contrast)) continue;
                throw WrongUsage(roi::text("--contrast: ", contrast.first, ' ', contrast.second, " and ",
                                           other.first, ' ', other.second,
                                           " would give files of the same name, contrast-",
                                           contrast_label(contrast), ": names keep letters and digits only"));
            }
        }
        if (const auto wrong = options_.cleaning.problem(true); !wrong.empty()) throw WrongUsage(wrong);
        if (!options_.baseline.empty() && options_.cleaning.standardize != "psc")
            throw WrongUsage("--baseline needs --standardize psc");
        if (!options_.seg.empty() && label_of(options_.seg) != options_.seg)
            throw WrongUsage("--seg: expected letters and digits");
        require_statistics();
        require_output_outside_input();
        options_.settings = settings();
        return options_;
    }

    [[nodiscard]] CLI::App& app() { return app_; }

private:
    void which_runs() {
        app_.option_defaults()->group("Which runs");
        const auto list = [&](const char* name, std::vector<std::string>& values, const char* what) {
            app_.add_option(name, values, what)->type_name("LABEL...")->expected(1, 1 << 20);
        };
        list("--participant-label,--participant_label", participants_,
             "Subjects, with or without sub-; all unless told");
        list("--session,--session-label", sessions_, "Sessions");
        list("--task,--task-id", tasks_, "Tasks");
        list("--run", runs_, "Runs; 1 is also 01");
        list("--space", spaces_, "Spaces of preprocessed runs");
        app_.add_option("--desc", options_.selection.desc, "Of preprocessed runs; preproc unless told")
            ->type_name("LABEL")
            ->check(examples::not_empty());
        app_.add_option(
                "-d,--derivatives", options_.derivatives,
                "Take the preprocessed runs in this folder, or of this name below BIDS_DIR/derivatives")
            ->type_name("DIR")
            ->check(examples::not_empty());
        app_.add_option("--events-dir", options_.events_dir,
                        "Raw data set with the events, where BIDS_DIR holds preprocessed runs")
            ->type_name("DIR")
            ->check(examples::not_empty());
        app_.add_flag("--skip-bids-validator,--skip_bids_validator", skip_validator_,
                      "Go on without a proper dataset_description.json");
    }

    void signals() {
        app_.option_defaults()->group("Signals");
        result("--atlas", options_.atlas, "FILE", "Labels, on any grid of the same space");
        result("--maps", options_.maps, "FILE",
               "Maps of weights, a volume each, such as a probabilistic atlas");
        result("--names", options_.names, "FILE",
               "Names of the labels, or of maps and spheres by number from 1");
        result("--spheres", options_.spheres, "FILE",
               "Table with columns x, y, z in mm, and radius and name if it has them");
        kept_.push_back(
            app_.add_option("--radius", options_.radius, "Of spheres without one; 0 is the nearest voxel")
                ->type_name("MM")
                ->check(CLI::NonNegativeNumber));
        kept_.push_back(app_.add_flag("--overlap", options_.overlap, "Spheres may share voxels"));
        app_.add_option("--seg", options_.seg,
                        "Name of the regions in file names; that of the atlas unless told")
            ->type_name("LABEL")
            ->check(examples::not_empty());
        kept_.push_back(app_.add_option("--statistic", options_.statistics,
                                        "mean (default), sum, std, variance, min, max, median, trimmed_mean, "
                                        "winsorized_mean, count, "
                                        "eigenvariate")
                            ->type_name("NAME")
                            ->expected(1, static_cast<int>(examples::statistic_names().size()))
                            ->check(CLI::IsMember(examples::statistic_names())));
        kept_.push_back(app_.add_option("--background", options_.background, "The label that is no region")
                            ->type_name("N"));
        kept_.push_back(
            app_.add_option("--non-finite", options_.non_finite,
                            "What NaN and infinity are: 0, nothing, or NaN of all that needs them")
                ->check(CLI::IsMember({"zero", "omit", "propagate"})));
        kept_.push_back(app_.add_flag("--brain-mask", options_.brain_mask,
                                      "Voxels outside the run's own brain mask belong to no region"));
        kept_.push_back(app_.add_option("--fwhm", options_.fwhm, "Smooth first")
                            ->type_name("MM")
                            ->check(CLI::NonNegativeNumber));
        kept_.push_back(
            app_.add_option("--confounds", confounds_,
                            "Columns of fMRIPrep's table to take out; a_comp_cor_* is all that begin so")
                ->type_name("NAME...")
                ->expected(1, 1 << 20));
        kept_.push_back(app_.add_option("--high-variance-confounds", options_.high_variance,
                                        "Also this many of what the loudest voxels of the run share")
                            ->type_name("N")
                            ->check(CLI::Range(1, 1000)));
        kept_.push_back(
            app_.add_option("--max-displacement", options_.max_displacement,
                            "Leave out volumes whose framewise_displacement in fMRIPrep's table is larger")
                ->type_name("MM")
                ->check(CLI::NonNegativeNumber));
        auto& cleaning = options_.cleaning;
        kept_.push_back(app_.add_flag("--detrend", cleaning.detrend, "Subtract mean and linear trend"));
        kept_.push_back(app_.add_option("--standardize", cleaning.standardize, "Scale at the end")
                            ->check(CLI::IsMember({"zscore_sample", "psc"})));
        kept_.push_back(
            app_.add_option("--baseline", options_.baseline,
                            "Condition that psc counts from, such as rest; all volumes unless told")
                ->type_name("NAME"));
        kept_.push_back(app_.add_option("--low-pass", cleaning.low_pass, "Faster changes go")
                            ->type_name("HZ")
                            ->check(CLI::PositiveNumber));
        kept_.push_back(app_.add_option("--high-pass", cleaning.high_pass, "Slower changes go")
                            ->type_name("HZ")
                            ->check(CLI::PositiveNumber));
        kept_.push_back(app_.add_option("--filter", cleaning.filter, "Which filter")
                            ->check(CLI::IsMember({"butterworth", "cosine"})));
        kept_.push_back(
            app_.add_option(
                    "--chunks", options_.chunks,
                    "Column with the run of each volume, where a file holds several joined, as the Haxby "
                    "data: each is cleaned for itself, and contrasts compare within them; of the table of "
                    "conditions of volumes, or of the confounds")
                ->type_name("NAME")
                ->check(examples::not_empty()));
        kept_.push_back(
            app_.add_option("--t-r", options_.t_r, "Seconds between volumes, whatever the data say")
                ->type_name("S")
                ->check(CLI::PositiveNumber));
        kept_.push_back(examples::add_formulas(app_, options_.formulas));
        kept_.push_back(app_.add_flag("--quality-maps", options_.quality_maps,
                                      "Also write the mean of every voxel and its temporal signal-to-noise"));
    }

    void conditions() {
        app_.option_defaults()->group("Conditions");
        kept_.push_back(
            app_.add_option("--contrast", contrasts_, "Map of condition A less condition B; any number")
                ->type_name("A B")
                ->expected(2)
                ->take_all());
        kept_.push_back(
            app_.add_option("--event-column", options_.column, "Column of the events that names them")
                ->type_name("NAME"));
        kept_.push_back(
            app_.add_option("--delay", options_.delay, "Of the response behind the event")->type_name("S"));
        kept_.push_back(
            app_.add_option("--slice-time", options_.slice_time,
                            "When in its volume a volume was taken, from 0 to 1; as the JSON files say")
                ->check(CLI::Range(0.0, 1.0)));
        kept_.push_back(app_.add_option("--event-overlap", options_.event_overlap,
                                        "What becomes of a volume in two conditions")
                            ->check(CLI::IsMember({"error", "first", "last", "drop"})));
    }

    void group() {
        app_.option_defaults()->group("Group");
        app_.add_option("--groups", options_.groups, "Column of participants.tsv with two groups to compare")
            ->type_name("COLUMN")
            ->check(examples::not_empty());
        app_.add_option("--correction", options_.correction,
                        "Of the maps: false discovery rate, Bonferroni, largest t of permutations, or none")
            ->check(CLI::IsMember({"fdr", "bonferroni", "permutation", "none"}))
            ->capture_default_str();
        app_.add_option("--permutations", options_.permutations, "How many; all where there are no more")
            ->type_name("N")
            ->check(CLI::Range(1, 100000000))
            ->capture_default_str();
        app_.add_option("--seed", options_.seed, "Another seed draws other permutations")->type_name("N");
        app_.add_option("--alpha", options_.alpha, "The rate that is held down")
            ->check(CLI::Range(0.0, 1.0))
            ->capture_default_str();
        app_.add_option("--cluster-size", options_.cluster_size,
                        "Smaller clusters of what survives are dropped")
            ->type_name("VOXELS")
            ->check(CLI::NonNegativeNumber);
    }

    void machine() {
        app_.option_defaults()->group("Machine");
        app_.add_option("--n-cpus,--n_cpus", options_.n_cpus, "Cores, one a subject; all unless told")
            ->check(CLI::Range(1, 4096));
        app_.add_option("--threads", options_.threads, "Threads of one run; same results")
            ->check(CLI::Range(1, 1024));
        app_.add_option("--mem-mb,--mem_mb", options_.mem_mb, "Memory: as many subjects at once as it holds")
            ->type_name("MB")
            ->check(CLI::Range(1, 1 << 30));
        app_.add_flag("--dry-run", options_.dry_run, "Say what would be done, and do nothing");
        app_.add_flag("--quiet", options_.quiet, "No warnings, no progress, no summary");
    }

    /// An option that names a file which results depend on.
    void result(const char* name, std::string& value, const char* type, const char* what) {
        kept_.push_back(app_.add_option(name, value, what)->type_name(type)->check(examples::not_empty()));
    }

    void require_statistics() const {
        const auto& statistics = options_.statistics;
        for (auto at = statistics.begin(); at != statistics.end(); ++at) {
            if (std::find(statistics.begin(), at, *at) != at)
                throw WrongUsage(roi::text("--statistic: ", *at, " stands there twice"));
        }
        if (!statistics.empty() && options_.atlas.empty() && options_.spheres.empty() &&
            !options_.maps.empty())
            throw WrongUsage(
                "--statistic is for labels and spheres: maps have a factor each, fitted together");
    }

    /// Nor among the files of a subject: all of the input is only read.
    void require_output_outside_input() const {
        namespace fs = std::filesystem;
        std::error_code ignored;
        const auto plain = [&](const fs::path& path) {
            return fs::weakly_canonical(path, ignored).string() + "/";
        };
        const auto output = plain(options_.output_dir);
        std::vector<std::string> inputs{options_.bids_dir, options_.events_dir, options_.derivatives};
        if (!options_.derivatives.empty())
            inputs.push_back(roi::text(options_.bids_dir, "/derivatives/", options_.derivatives));
        for (const auto& input : inputs) {
            if (input.empty() || !fs::exists(input, ignored)) continue;
            const auto folder = plain(input);
            if (folder.compare(0, output.size(), output) == 0) {
                throw WrongUsage(roi::text("the output folder ", options_.output_dir, " holds ", input,
                                           ", which is only read; choose another"));
            }
            if (output.compare(0, folder.size(), folder) == 0 &&
                output.compare(folder.size(), 4, "sub-") == 0) {
                throw WrongUsage(roi::text("the output folder ", options_.output_dir,
                                           " is among the files of a subject of ", input,
                                           ", which is only read; choose another"));
            }
        }
    }

    /// The options that results depend on, as they were given, in the order of --help.
    [[nodiscard]] std::string settings() const {
        std::string out;
        for (const auto* option : kept_) {
            if (option->count() == 0) continue;
            if (!out.empty()) out += ' ';
            out += option->get_name();
            if (option->get_expected_max() == 0) continue;
            for (const auto& value : option->results()) out.append(" ").append(value);
        }
        return out;
    }

    CLI::App app_;
    Options options_;
    std::vector<const CLI::Option*> kept_;  // what results depend on
    std::vector<std::string> participants_, sessions_, tasks_, runs_, spaces_, confounds_, contrasts_;
    bool skip_validator_ = false;
};

Status run(const Options& options) {
    if (options.level != "participant" && options.level != "group") {
        examples::complain(program_name,
                           roi::text("level: expected participant or group, found ", options.level));
        return wrong_level;
    }
    if (options.level == "group") return options.dry_run ? group_dry_run(options) : group(options);
    return options.dry_run ? dry_run(options) : participants(options);
}

}  // namespace

std::string seg_of(const Options& options) {
    if (!options.seg.empty()) return options.seg;
    const auto& regions = options.atlas.empty() ? options.maps : options.atlas;
    if (regions.empty()) return "spheres";
    const auto file = std::filesystem::path(regions).filename().string();
    if (const auto name = parse_name(file)) {
        for (const char* key : {"seg", "atlas"}) {
            if (const auto* value = name->find(key)) return label_of(*value);
        }
    }
    const auto label = label_of(file.substr(0, file.find('.')));
    return !label.empty() ? label : options.atlas.empty() ? "maps" : "atlas";
}

std::string contrast_label(const std::pair<std::string, std::string>& contrast) {
    return label_of(roi::text(contrast.first, " Vs ", contrast.second));
}

}  // namespace bids

int bids::program(int argc, char** argv) {
    examples::watch_signals();
    bids::CommandLine line;
    int status = bids::done;
    try {
        if (!examples::print_manual(line.app(), argc, argv)) status = bids::run(line.parse(argc, argv));
        if (const auto problem = examples::stdout_problem(); !problem.empty()) {
            examples::complain(bids::program_name, problem);
            status = bids::io_error;
        }
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return line.app().exit(error);
        examples::complain(bids::program_name,
                           examples::parse_problem(line.app(), error) + " (--help lists the options)");
        status = bids::wrong_usage;
    } catch (const std::exception& error) {
        try {
            examples::complain(bids::program_name, examples::said(error));
        } catch (const std::bad_alloc&) {
            examples::complain(bids::program_name, error.what());
        }
        status = bids::status_of(error);
    }
    if (const int number = examples::caught_signal()) examples::end_by_signal(number);
    return status;
}
