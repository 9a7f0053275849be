// roi_extraction: the notebook "Computing a Region of Interest (ROI) mask manually" as a program.
#include "program.hpp"

#include <roi/core/encoding.hpp>
#include <roi/core/parallel.hpp>
#include <roi/datasets/haxby.hpp>
#include <roi/image/logical.hpp>
#include <roi/io.hpp>
#include <roi/table/data_table.hpp>

#include "notebook.hpp"
#include "pictures.hpp"
#include "report.hpp"
#include "support/left_out.hpp"
#include "support/program.hpp"
#include "support/program_manual.hpp"
#include "support/report_page.hpp"
#include "support/results_folder.hpp"
#include "support/signals.hpp"
#include "support/statistic_words.hpp"
#include "support/synthetic_subject.hpp"
#include "support/table_words.hpp"
#include "viewer.hpp"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iterator>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

struct Options {
    std::string haxby;
    int subject = 2;
    std::string bold, labels, mask, column = "labels", atlas, names, resample = "none";
    std::string statistic = "mean", standardize = "none";
    bool detrend = false;
    std::vector<std::string> contrast{"face", "house"};
    double fwhm = 6.0;
    double threshold = 5.0;
    std::string output = "results/plot_roi_extraction";
    std::string mode = "stream";
    std::string size = "small";
    roi::Formulas formulas = roi::Formulas::keep;
    int threads = 0;
    bool report = false;
    std::string viewer;
    bool quiet = false;
};

/// Declares the options; what they mean is in --help.
void declare(CLI::App& app, Options& options) {
    const auto file = [&](const char* name, std::string& value, const char* type, const char* what) {
        return app.add_option(name, value, what)->type_name(type)->check(examples::not_empty());
    };
    auto* haxby =
        file("--haxby", options.haxby, "FOLDER", "Folder of the Haxby 2001 data set, with subj1, subj2 ...");
    app.add_option("--subject", options.subject, "Subject of the data set, 1 to 6; 2 unless told")
        ->check(CLI::Range(1, 6))
        ->needs(haxby);
    auto* bold = file("--bold", options.bold, "FILE", "4-D run, .nii or .nii.gz")->excludes(haxby);
    auto* labels = file("--labels", options.labels, "FILE",
                        "Table with the condition of each volume, one row per volume");
    bold->needs(labels);
    labels->needs(bold);
    file("--column", options.column, "NAME", "Column of the table that holds the conditions")
        ->capture_default_str();
    file("--mask", options.mask, "FILE",
         "Mask that regions start from, on the grid of the run; without --bold instead of mask4_vt");
    auto* atlas =
        file("--atlas", options.atlas, "FILE",
             "Take the signals of these regions, a label per voxel, and not of those that are found");
    file("--names", options.names, "FILE", "Names of the labels of the atlas")->needs(atlas);
    app.add_option("--resample", options.resample,
                   "Where the atlas lies on another grid: bring it to that of the run (data), or the run to "
                   "it (labels)")
        ->check(CLI::IsMember({"none", "data", "labels"}))
        ->needs(atlas)
        ->capture_default_str();
    app.add_option("--statistic", options.statistic, "Of the values of a region")
        ->check(CLI::IsMember(examples::statistic_names()))
        ->capture_default_str();
    app.add_flag("--detrend", options.detrend, "Subtract mean and linear trend of every signal");
    app.add_option("--standardize", options.standardize, "Scale of the signals")
        ->check(CLI::IsMember({"none", "zscore_sample", "psc"}))
        ->capture_default_str();
    app.add_option("--contrast", options.contrast, "Conditions to compare: t > 0 where the first is larger")
        ->type_name("NAME")
        ->expected(2)
        ->capture_default_str();
    app.add_option("--fwhm", options.fwhm, "Full width at half maximum of the smoothing in mm, 0 for none")
        ->type_name("MM")
        ->capture_default_str();
    app.add_option("--threshold", options.threshold,
                   "Smallest -log10 p that counts (the map is clipped at 10)")
        ->type_name("X")
        ->capture_default_str();
    file("--output", options.output, "FOLDER", "Folder for the results, made when it is not there")
        ->capture_default_str();
    examples::add_formulas(app, options.formulas);
    app.add_option("--mode", options.mode, "Bounded memory, or the run held in memory; same results")
        ->check(CLI::IsMember({"stream", "memory"}))
        ->capture_default_str();
    app.add_option("--size", options.size, "Size of the synthetic subject that is made without a data option")
        ->check(CLI::IsMember({"small", "full"}))
        ->excludes(haxby)
        ->excludes(bold)
        ->capture_default_str();
    app.add_option("--threads", options.threads, "Number of threads, 0 for one per processor; same results")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    auto* report =
        app.add_flag("--report", options.report, "Write report.html and the pictures in figures/ as well");
    app.add_option("--viewer", options.viewer,
                   "Browser build of niivue (dist/niivue.umd.js of the npm package @niivue/niivue) to put an "
                   "interactive view into the report")
        ->needs(report);
    app.add_flag("--quiet", options.quiet, "Print nothing but errors");
    app.footer(
        "Writes mean_epi, t_values, log_p_values, log_p_values_thresholded, mask_intersection, "
        "mask_dilated and\n"
        "mask_atlas as .nii.gz, roi_signals.tsv, and with --atlas atlas_on_run.nii.gz, the atlas on the "
        "grid of the run:\n"
        "all of them or, when something fails, none.\n"
        "Exit status: 0 done, also when there is no region; 1 unusable data or files; 2 wrong usage.");
}

/// Refuses to replace what is read: results have fixed names, and an input may be one of them, of an earlier run say.
void require_apart(const Options& options) {
    namespace fs = std::filesystem;
    std::vector<std::string> names{"mean_epi.nii.gz",          "t_values.nii.gz",
                                   "log_p_values.nii.gz",      "log_p_values_thresholded.nii.gz",
                                   "mask_intersection.nii.gz", "mask_dilated.nii.gz",
                                   "mask_atlas.nii.gz",        "roi_signals.tsv",
                                   "atlas_on_run.nii.gz"};  // which a run without --atlas takes away
    if (options.report) {
        names.emplace_back("report.html");
        for (const auto* name : pictures::names) {
            for (const char* suffix : {".svg", ".png"}) names.push_back(roi::text("figures/", name, suffix));
        }
    }
    std::vector<std::string> inputs{options.bold,  options.labels, options.mask,
                                    options.atlas, options.names,  options.viewer};
    if (!options.haxby.empty()) {
        try {
            const auto files = roi::haxby(options.haxby, options.subject);
            inputs.insert(inputs.end(), {files.bold, files.labels, files.mask_vt});
        } catch (const roi::Error&) {
            // Said when they are read.
        }
    }
    for (const auto& input : inputs) {
        for (const auto& name : names) {
            std::error_code missing;
            if (input.empty() || !fs::equivalent(input, fs::path(options.output) / name, missing)) continue;
            throw examples::UsageError(
                roi::text("--output: ", input, " is read, and a result of the same name would replace it in ",
                          options.output, "; choose another folder"));
        }
    }
}

/// Where the run, its labels and its mask are.
notebook::Settings inputs(const Options& options) {
    notebook::Settings settings;
    if (!options.bold.empty()) {
        settings.bold = options.bold;
        settings.labels = options.labels;
    } else {
        examples::ProgressBar bar("making the synthetic subject", options.quiet);
        const auto files = options.haxby.empty()
                               ? examples::ensure_synthetic_subject(
                                     options.output + "/synthetic_haxby",
                                     options.size == "full" ? examples::Size::full : examples::Size::small, 1,
                                     examples::until_signal(bar.callback()))
                               : roi::haxby(options.haxby, options.subject);
        settings.bold = files.bold;
        settings.labels = files.labels;
        if (options.mask.empty()) settings.mask = files.mask_vt;
    }
    if (!options.mask.empty()) settings.mask = options.mask;
    return settings;
}

/// `frame condition label_1 label_2 ...`, or the names of the regions; one row per volume, numbers in their shortest exact
/// form.
void write_signals(const std::string& path, const roi::Column& conditions, const roi::Signals& signals,
                   const roi::TableTextOptions& texts) {
    std::vector<std::int64_t> frames;
    for (std::int64_t frame = 0; frame < conditions.size(); ++frame) frames.push_back(frame);
    roi::DataTable out;
    out.add("frame", frames).add("condition", std::vector<std::string>(conditions.begin(), conditions.end()));
    const auto names = roi::column_names(signals);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto column = signals.values.col(static_cast<Eigen::Index>(i));
        out.add(names[i] == "frame" || names[i] == "condition"
                    ? roi::text(names[i], "_", signals.columns[i].id)
                    : names[i],
                roi::DataTable::Numbers(column.begin(), column.end()));
    }
    roi::write_table(out, path, texts);
}

void write_results(examples::ResultsFolder& folder, const notebook::Results& results,
                   const roi::Column& conditions, const roi::TableTextOptions& texts) {
    if (!results.given) folder.remove("atlas_on_run.nii.gz");
    std::vector<std::function<void()>> saves;
    const auto add = [&](const auto& volume, const char* name, const roi::SaveOptions& options = {}) {
        saves.emplace_back([&volume, path = folder / name, options] { roi::save(volume, path, options); });
    };
    // Statistics are computed in double; in the files float is plenty and what other programs expect.
    const roi::SaveOptions map{.datatype = roi::Datatype::float32};
    add(results.mean, "mean_epi.nii.gz", map);
    add(results.test.t, "t_values.nii.gz", map);
    add(results.log_p, "log_p_values.nii.gz", map);
    add(results.kept, "log_p_values_thresholded.nii.gz", map);
    add(results.intersection, "mask_intersection.nii.gz");
    add(results.dilated, "mask_dilated.nii.gz");
    add(results.atlas, "mask_atlas.nii.gz");
    // Saving waits for the disk most of the time.
    roi::parallel_for(std::ssize(saves), 1, [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first) saves[static_cast<std::size_t>(first)]();
    });
    if (results.given) roi::save(*results.given, folder / "atlas_on_run.nii.gz");
    write_signals(folder / "roi_signals.tsv", conditions, results.signals, texts);
}

/// Every picture as SVG, and as PNG where the program was built with what that needs.
void write_pictures(examples::ResultsFolder& folder, report::Details& details,
                    const notebook::Settings& settings) {
    for (const auto* name : pictures::names) {
        for (const char* suffix : {".svg", ".png"}) folder.remove("figures/" + std::string(name) + suffix);
    }
    for (const auto& picture : details.pictures) {
        for (const char* suffix : {".svg", ".png"}) {
            notebook::stop_if_asked(settings);
            const auto name = roi::text("figures/", picture.name, suffix);
            const auto problem = examples::drawing_problem([&] { picture.figure.save(folder / name); });
            if (!problem) continue;
            folder.remove(name);
            report::add_warning(details, roi::text("pictures are incomplete: ", *problem));
        }
    }
}

/// Wall time since the last call.
class StopWatch {
public:
    double lap() {
        const auto now = std::chrono::steady_clock::now();
        return std::chrono::duration<double>(now - std::exchange(last_, now)).count();
    }

private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// What was found, in a few lines.
void tell(const notebook::Settings& settings, const notebook::Results& results,
          const roi::Column& conditions) {
    using notebook::counted;
    using roi::text;
    const auto say = [](const std::string& line) { std::printf("%s\n", roi::visible_text(line).c_str()); };
    const double width = settings.fwhm[0];
    say(text(settings.bold, ": ", results.mean.shape().to_string(), " voxels, ",
             counted(conditions.size(), "volume"), ", ",
             width > 0 ? text("smoothed by ", width, " mm (full width at half maximum)") : "not smoothed"));
    say(text(settings.first, " against ", settings.second, ": ",
             counted(roi::count(results.kept != 0.0), "voxel"), " with -log10 p of ", settings.threshold,
             " or more", settings.mask ? text(", ", roi::count(results.intersection), " in the mask") : ""));
    if (!results.signals.columns.empty()) {
        const auto contrast = text(settings.statistic, " signal, ", settings.first, " - ", settings.second);
        if (results.given) {
            say(text(counted(std::ssize(results.signals.columns), "region"), " of ", *settings.atlas, ":"));
        } else {
            say(counted(results.count, "region") + " after dilation:");
        }
        say("  label  voxels      mm3    centre x, y, z (mm)   " + contrast);
        for (const auto& region : notebook::summarise(settings, results, conditions)) {
            const auto* name = results.names.find(region.label);
            std::printf("  %5lld  %6lld  %7.0f   %6.1f %6.1f %6.1f   %+*.3f%s\n",
                        static_cast<long long>(region.label), static_cast<long long>(region.voxels),
                        region.volume, region.centre[0], region.centre[1], region.centre[2],
                        static_cast<int>(contrast.size()), region.difference,
                        name ? roi::visible_text("  " + *name).c_str() : "");
        }
    }
}

void extract(const Options& options) {
    const auto start = std::chrono::steady_clock::now();
    if (!(options.fwhm >= 0.0) || std::isinf(options.fwhm)) {
        throw examples::UsageError(
            roi::text("--fwhm: expected a width in mm of 0 or more, found ", options.fwhm));
    }
    if (std::isnan(options.threshold))
        throw examples::UsageError("--threshold: expected a number, found nan");
    if (options.contrast[0] == options.contrast[1]) {
        throw examples::UsageError(
            roi::text("--contrast: expected two conditions, found ", options.contrast[0], " twice"));
    }
    require_apart(options);
    roi::set_threads(options.threads);

    std::optional<viewer::Code> viewer_code;
    if (!options.viewer.empty()) viewer_code = viewer::read_code(options.viewer);

    report::Details details;
    StopWatch watch;
    examples::ResultsFolder folder(options.output);
    auto settings = inputs(options);
    details.seconds.emplace_back("time for the input", watch.lap());
    settings.column = options.column;
    settings.first = options.contrast[0];
    settings.second = options.contrast[1];
    settings.fwhm = roi::Fwhm(options.fwhm);
    settings.threshold = options.threshold;
    if (!options.atlas.empty()) settings.atlas = options.atlas;
    if (!options.names.empty()) settings.names = options.names;
    if (options.resample == "data") settings.resample = roi::ResampleFor::data;
    if (options.resample == "labels") settings.resample = roi::ResampleFor::labels;
    settings.statistic = options.statistic;
    settings.detrend = options.detrend;
    if (options.standardize == "psc") settings.standardize = roi::Standardize::psc;
    if (options.standardize == "zscore_sample") settings.standardize = roi::Standardize::zscore_sample;
    settings.stop = [] { return examples::caught_signal() != 0; };
    settings.warning = [&details](std::string_view line) {
        report::add_warning(details, examples::for_a_shell(std::string(line)));
    };
    examples::ProgressBar bar("analysing", options.quiet);
    settings.progress = bar.callback();

    const auto results =
        options.mode == "memory" ? notebook::in_memory(settings) : notebook::streamed(settings);
    const auto conditions = notebook::read_conditions(settings);
    details.seconds.emplace_back("time for the analysis", watch.lap());
    notebook::stop_if_asked(settings);
    write_results(folder, results, conditions, {.formulas = options.formulas});
    details.seconds.emplace_back("time for the results", watch.lap());
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    if (options.report) {
        details.mode = options.mode;
        details.pictures = pictures::of_notebook(settings, results, conditions);
        write_pictures(folder, details, settings);
        details.seconds.emplace_back("time for the pictures", watch.lap());
        std::optional<report::View> view;
        if (viewer_code) {
            view = report::View{std::move(*viewer_code), folder.bytes_of("mean_epi.nii.gz"),
                                folder.bytes_of("log_p_values.nii.gz"),
                                folder.bytes_of(results.given ? "atlas_on_run.nii.gz" : "mask_atlas.nii.gz")};
        }
        folder.write_text("report.html", report::html(settings, results, conditions, details, view));
    }
    notebook::stop_if_asked(settings);

    if (!options.quiet) {
        for (const auto& line : details.warnings) examples::complain("roi_extraction: warning", line);
    }
    if (results.count == 0) {
        examples::complain("roi_extraction",
                           roi::text("no voxel survives the threshold", settings.mask ? " and the mask" : "",
                                     ": the atlas is empty"));
    }
    if (!options.quiet) tell(settings, results, conditions);
    // What cannot be told is noticed before older results are gone.
    examples::require_printed();
    folder.publish();
    if (!options.quiet) {
        std::printf("done in %.2f s; results are in %s\n", seconds.count(),
                    roi::visible_text(folder.path()).c_str());
    }
}

}  // namespace

int notebook::program(int argc, char** argv) try {
    CLI::App app(
        "Finds regions where a 4-D run differs between two conditions, and reads their signals.\n"
        "Without a data option it makes a synthetic subject under the output folder and runs on that.",
        "roi_extraction");
    Options options;
    declare(app, options);
    if (examples::print_manual(app, argc, argv)) return examples::done;
    examples::watch_signals();
    return examples::run(app, argc, argv, [&] { extract(options); });
} catch (const std::bad_alloc&) {
    // Already for the options.
    examples::complain("roi_extraction", "not enough memory");
    return examples::failed;
}
