// What the nine step programs share: which subject, where the results go, and the steps before the one shown.
#pragma once

#include <roi/plot.hpp>
#include <roi/roi.hpp>

#include "cleaning_words.hpp"
#include "program.hpp"
#include "signals.hpp"
#include "statistic_words.hpp"
#include "synthetic_subject.hpp"
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace examples {

/// What the signals of steps 8 and 9 are of, and what is done with them: the options of the notebook's masker.
struct Masker {
    std::string atlas, names, resample = "none", statistic = "mean";
    CleaningWords cleaning;
};

/// What the options of a step say.
struct StepOptions {
    std::string program;  ///< its name
    std::string haxby, output = "results/steps", column = "labels";
    int subject = 2;
    Masker masker;
};

/// Prints one line put together from texts and numbers.
template <class... Parts>
void say(const Parts&... parts) {
    std::printf("%s\n", roi::visible_text(roi::text(parts...)).c_str());
}

/// One step of the notebook: its subject, and what earlier steps would have left in memory.
///
/// Every step can be run alone; what comes before it is computed again, with one function per step.
class Step {
public:
    Step(roi::HaxbySubject files, StepOptions options)
        : subject(std::move(files)),
          column(options.column),
          warning([name = options.program](std::string_view line) { complain(name + ": warning", line); }),
          options_(std::move(options)) {}

    const roi::HaxbySubject subject;
    const std::string column;           ///< of the table of conditions
    const roi::WarningHandler warning;  ///< says on stderr what the library warns of

    /// Step 1: one condition name per volume.
    [[nodiscard]] roi::Column conditions() const { return roi::read_table(subject.labels)[column]; }

    /// Step 2: the run, smoothed by 6 mm.
    [[nodiscard]] roi::Volume4D<float> smoothed() const {
        return roi::smooth(roi::load4d<float>(subject.bold, {.warning = warning}), roi::Fwhm{6.0},
                           {.warning = warning});
    }

    /// Step 3: -log10 p of faces against houses, clipped at 10.
    [[nodiscard]] roi::Volume<double> log_p(const roi::Volume4D<float>& bold) const {
        const auto names = conditions();
        const auto test =
            roi::ttest_ind(bold, names == "face", names == "house", roi::TTestOptions{.warning = warning});
        return roi::neg_log10(test, {.max = 10.0});
    }

    /// Steps 4 and 5: where -log10 p is 5 or more inside ventral temporal cortex.
    [[nodiscard]] roi::Mask selected(const roi::Volume4D<float>& bold) const {
        const auto kept = roi::threshold(log_p(bold), 5.0);
        return roi::logical_and(kept != 0.0, roi::load<bool>(subject.mask_vt, {.warning = warning}));
    }

    /// Steps 6 and 7: numbered regions.
    [[nodiscard]] roi::Labelling labelled(const roi::Volume4D<float>& bold) const {
        return roi::label(roi::dilate(selected(bold)));
    }

    /// The regions of step 8: those of steps 6 and 7, or of `--atlas`.
    [[nodiscard]] roi::Labels atlas(const roi::Volume4D<float>& bold) const;

    /// The numbers of regions to be looked at one by one: all that were found, the first two of an atlas.
    [[nodiscard]] std::vector<std::int32_t> single_regions(const roi::Labels& atlas) const;

    /// Step 8: the signal of every region, as `--statistic`, `--detrend` and `--standardize` say.
    [[nodiscard]] roi::Signals signals(const roi::Volume4D<float>& bold, const roi::Labels& atlas) const;

    /// Where every picture is cut: through the voxels that the data set itself calls selective for faces, else
    /// through ventral temporal cortex.
    [[nodiscard]] roi::Cuts place() const {
        const auto& faces = subject.mask_face;
        return roi::find_xyz_cut_coords(roi::load<bool>(faces.exists() ? faces : subject.mask_vt), 0.5);
    }

    /// How maps of -log10 p are drawn: from black through red to light yellow at 10, transparent at 0.
    [[nodiscard]] roi::PlotOptions p_values(const std::string& title) const {
        return {.cut = place(),
                .title = title,
                .vmin = 0.0,
                .vmax = 10.0,
                .cmap = roi::Colormap::inferno(),
                .warning = warning};
    }

    /// Writes what `make` draws to the output folder, as SVG and as PNG, and says so.
    ///
    /// What cannot be drawn costs that picture and not the step: a warning says why. A format that the program was built
    /// without is left out, with a line that says what it needs. What a disk refuses is an error.
    template <class Make>
    void draw(const std::string& name, const Make& make) const {
        try {
            const roi::Figure figure = make();
            for (const char* suffix : {".svg", ".png"}) write(figure, name + suffix);
        } catch (const roi::FileError&) {
            throw;
        } catch (const roi::Error& error) {
            warning(roi::text("picture ", name, " is left out: ", error.what()));
        } catch (const std::bad_alloc&) {
            warning(roi::text("picture ", name, " is left out: not enough memory for it"));
        }
    }

    /// Writes an image to the output folder and says so.
    template <class Image>
    void save(const Image& image, const std::string& name, roi::SaveOptions options = {}) const {
        const auto path = path_of(name);
        // Single precision is asked for where it is plenty.
        if (options.datatype == roi::Datatype::unknown) options.warning = warning;
        roi::save(image, path, options);
        say("wrote ", path);
    }

    /// Writes a text file to the output folder and says so.
    void save_text(std::string_view content, const std::string& name) const {
        const auto path = path_of(name);
        roi::ByteWriter writer(path, roi::Compression::none);
        writer.write(content);
        writer.commit();
        say("wrote ", path);
    }

private:
    /// Where a result goes.
    /// \throws UsageError when that is a file that the step reads; roi::Error when a signal has asked to stop
    [[nodiscard]] std::string path_of(const std::string& name) const {
        if (caught_signal() != 0) throw roi::Error(roi::ErrorCode::stopped, "stopped");
        const auto path = roi::text(options_.output, "/", name);
        for (const std::string& input :
             {subject.bold, subject.labels, options_.masker.atlas, options_.masker.names}) {
            std::error_code missing;
            if (input.empty() || !std::filesystem::equivalent(input, path, missing)) continue;
            throw UsageError(roi::text("--output: ", input,
                                       " is read, and a result of the same name would replace it in ",
                                       options_.output, "; choose another folder"));
        }
        return path;
    }

    void write(const roi::Figure& figure, const std::string& name) const {
        const auto path = path_of(name);
        try {
            figure.save(path);
            say("wrote ", path);
        } catch (const roi::Error& error) {
            if (error.code() != roi::ErrorCode::unsupported) throw;
            say("left out ", path, ": ", error.what());
        }
    }

    StepOptions options_;
};

/// The `main` of a step program.
///
/// \param name  name of the program
/// \param what  what the step shows, for --help
/// \param body  called with a `Step`
template <class Body>
int run_step(int argc, char** argv, const char* name, const char* what, Body&& body) {
    CLI::App app(what, name);
    StepOptions options;
    options.program = name;
    auto& masker = options.masker;
    auto* folder = app.add_option("--haxby", options.haxby,
                                  "Folder of the Haxby 2001 data set; without it a synthetic subject");
    app.add_option("--subject", options.subject, "Subject of the data set, 1 to 6")
        ->needs(folder)
        ->capture_default_str();
    app.add_option("--output", options.output, "Folder for what the step writes")->capture_default_str();
    app.add_option("--column", options.column, "Column of the table of conditions")->capture_default_str();
    // Every step takes these, so that all can be run with the same options.
    auto* atlas =
        app.add_option("--atlas", masker.atlas,
                       "Steps 8 and 9: the regions, a label per voxel, in place of those that are found")
            ->check(not_empty());
    app.add_option("--names", masker.names, "Steps 8 and 9: names of the labels of the atlas")
        ->check(not_empty())
        ->needs(atlas);
    app.add_option("--resample", masker.resample,
                   "Where the atlas lies on another grid: bring it to that of the run (data), or the run to "
                   "it (labels)")
        ->check(CLI::IsMember({"none", "data", "labels"}))
        ->needs(atlas)
        ->capture_default_str();
    app.add_option("--statistic", masker.statistic, "Steps 8 and 9: of the values of a region")
        ->check(CLI::IsMember(statistic_names()))
        ->capture_default_str();
    app.add_flag("--detrend", masker.cleaning.detrend,
                 "Steps 8 and 9: subtract mean and linear trend of every signal");
    masker.cleaning.standardize = "none";
    app.add_option("--standardize", masker.cleaning.standardize, "Steps 8 and 9: scale of the signals")
        ->check(CLI::IsMember({"none", "zscore_sample", "psc"}))
        ->capture_default_str();
    watch_signals();
    return run(app, argc, argv, [&] {
        make_output_folder(options.output);
        auto subject = options.haxby.empty() ? ensure_synthetic_subject(options.output + "/synthetic_haxby",
                                                                        Size::small, 1, until_signal())
                                             : roi::haxby(options.haxby, options.subject);
        body(Step(std::move(subject), options));
    });
}

}  // namespace examples
