// The steps of the notebook, compiled once for the nine programs that show them.
#include "step.hpp"

#include <roi/spatial/resample.hpp>
#include <roi/stream/value_range.hpp>

#include "beyond_run.hpp"
#include "moved_run.hpp"
#include "program.hpp"
#include "signals.hpp"
#include "statistic_words.hpp"
#include "synthetic_subject.hpp"
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

namespace roi {
template Figure plot_epi(const Volume<float>&, const PlotOptions&);
template Figure plot_epi(const Volume<double>&, const PlotOptions&);
template Figure plot_stat_map(const Volume<double>&, const Volume<double>&, const PlotOptions&);
template Figure plot_roi(const Mask&, const Volume<double>&, const PlotOptions&);
template Figure plot_roi(const Labels&, const Volume<double>&, const PlotOptions&);
template Volume<double> mean<const Volume4D<float>&>(const Volume4D<float>&, const ScanOptions&);
template Volume4D<float> load4d<float>(const std::string&, const LoadOptions&);
template Mask load<bool>(const std::string&, const LoadOptions&);
template Volume4D<float> smooth(Volume4D<float>, const Fwhm&, const SmoothOptions&);
template TTest ttest_ind<const Volume4D<float>&>(const Volume4D<float>&, Selection, Selection,
                                                 const TTestOptions&);
}  // namespace roi

namespace examples {

namespace {

/// Does this step write a result of this name?
bool writes(std::string_view program, std::string_view name) {
    using Result = std::pair<std::string_view, std::string_view>;
    constexpr Result results[] = {{"01_load", "first_volume.nii.gz"},
                                  {"02_smooth", "mean_epi.nii.gz"},
                                  {"03_ttest", "t_values.nii.gz"},
                                  {"03_ttest", "log_p_values.nii.gz"},
                                  {"04_threshold", "log_p_values_thresholded.nii.gz"},
                                  {"05_intersection", "mask_intersection.nii.gz"},
                                  {"06_dilation", "mask_dilated.nii.gz"},
                                  {"07_label", "mask_atlas.nii.gz"},
                                  {"08_signals", "signals.tsv"}};
    if (program == "08_signals" && name.starts_with("mask_region_")) return true;
    if (program == "09_conditions" && name.starts_with("X") && name.ends_with(".tsv")) return true;
    return std::find(std::begin(results), std::end(results), Result{program, name}) != std::end(results);
}

/// \throws UsageError when a result would replace what the step reads, before anything is computed
void require_other_names(const roi::HaxbySubject& subject, const StepOptions& options) {
    for (const std::string& input :
         {subject.bold, subject.labels, options.masker.atlas, options.masker.names}) {
        const auto name = std::filesystem::path(input).filename();
        std::error_code missing;
        if (!writes(options.program, name.string()) ||
            !std::filesystem::equivalent(input, options.output / name, missing)) {
            continue;
        }
        throw UsageError(roi::text("--output: ", input,
                                   " is read, and a result of the same name would replace it in ",
                                   options.output, "; choose another folder"));
    }
}

}  // namespace

Step::Step(roi::HaxbySubject files, StepOptions options)
    : subject(std::move(files)),
      column(options.column),
      warning([name = options.program](std::string_view line) {
          complain(name + ": warning", for_a_shell(std::string(line)));
      }),
      options_(std::move(options)) {}

roi::Column Step::conditions() const { return roi::read_table(subject.labels, {.header = true})[column]; }

roi::Volume4D<float> Step::smoothed() const {
    return roi::smooth(roi::load4d<float>(subject.bold, {.warning = warning}), roi::Fwhm{6.0},
                       {.warning = warning});
}

roi::Volume<double> Step::log_p(const roi::Volume4D<float>& bold) const {
    const auto names = conditions();
    const auto test =
        roi::ttest_ind(bold, names == "face", names == "house", roi::TTestOptions{.warning = warning});
    return roi::neg_log10(test, {.max = 10.0});
}

roi::Mask Step::selected(const roi::Volume4D<float>& bold) const {
    const auto kept = roi::threshold(log_p(bold), 5.0);
    return roi::logical_and(kept != 0.0, roi::load<bool>(subject.mask_vt, {.warning = warning}));
}

roi::Labelling Step::labelled(const roi::Volume4D<float>& bold) const {
    return roi::label(roi::dilate(selected(bold)));
}

roi::Cuts Step::place() const {
    const auto& faces = subject.mask_face;
    return roi::find_xyz_cut_coords(roi::load<bool>(faces.exists() ? faces : subject.mask_vt), 0.5);
}

roi::PlotOptions Step::p_values(const std::string& title) const {
    return {.cut = place(),
            .title = title,
            .vmin = 0.0,
            .vmax = 10.0,
            .cmap = roi::Colormap::inferno(),
            .warning = warning};
}

void Step::draw(const std::string& name, const std::function<roi::Figure()>& make) const {
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

template <class Image>
void Step::save(const Image& image, const std::string& name, roi::SaveOptions options) const {
    const auto path = path_of(name);
    // Single precision is asked for where it is plenty.
    if (options.datatype == roi::Datatype::unknown) options.warning = warning;
    roi::save(image, path, options);
    say("wrote ", path);
}
template void Step::save(const roi::Volume<float>&, const std::string&, roi::SaveOptions) const;
template void Step::save(const roi::Volume<double>&, const std::string&, roi::SaveOptions) const;
template void Step::save(const roi::Mask&, const std::string&, roi::SaveOptions) const;
template void Step::save(const roi::Labels&, const std::string&, roi::SaveOptions) const;

void Step::save(const roi::DataTable& table, const std::string& name) const {
    const auto path = path_of(name);
    roi::write_table(table, path);
    say("wrote ", path);
}

std::string Step::path_of(const std::string& name) const {
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

void Step::write(const roi::Figure& figure, const std::string& name) const {
    const auto path = path_of(name);
    try {
        figure.save(path);
        say("wrote ", path);
    } catch (const roi::Error& error) {
        if (error.code() != roi::ErrorCode::unsupported) throw;
        say("left out ", path, ": ", error.what());
    }
}

roi::Labels Step::atlas(const roi::Volume4D<float>& bold) const {
    const auto& masker = options_.masker;
    if (masker.atlas.empty()) return labelled(bold).atlas;
    auto atlas = roi::load_labels<std::int32_t>(masker.atlas, {.warning = warning});
    if (roi::same_grid(atlas.grid(), bold.grid()) || masker.resample == "labels") return atlas;
    if (masker.resample == "data") {
        return roi::resample_to(atlas, bold.grid(), roi::Interpolation::nearest, {.warning = warning});
    }
    try {
        roi::require_same_grid(atlas.grid(), bold.grid(), masker.atlas + " and " + subject.bold);
    } catch (const roi::GridMismatch& error) {
        throw roi::InvalidArgument(roi::text(
            error.what(), "; or choose --resample data (the atlas is moved) or --resample labels (the run)"));
    }
    return atlas;
}

std::vector<std::int32_t> Step::single_regions(const roi::Labels& atlas) const {
    auto labels = roi::region_labels(atlas);
    if (!options_.masker.atlas.empty() && labels.size() > 2) labels.resize(2);
    return labels;
}

roi::Signals Step::signals(const roi::Volume4D<float>& bold, const roi::Labels& atlas) const {
    const auto& masker = options_.masker;
    if (roi::region_labels(atlas).empty()) return {{}, Eigen::MatrixXd(bold.frames(), 0)};
    const auto names = masker.names.empty() ? roi::RegionNames() : roi::read_names(masker.names);
    const auto regions = roi::labels_of(atlas, {.names = names, .warning = warning});
    const roi::RegionSignalsOptions how{.statistics = {statistic_named(masker.statistic)},
                                        .warning = warning};
    const auto taken = [&] {
        if (masker.resample != "labels" || roi::same_grid(atlas.grid(), bold.grid()))
            return roi::region_signals(bold, regions, how);
        warn_of_beyond(regions, bold.grid(), std::nullopt, warning);
        return roi::region_signals(examples::moved_run(bold, atlas.grid(), roi::find_value_range(bold)),
                                   regions, how);
    };
    const auto signals = taken();
    const auto cleaning = masker.cleaning.settings({}, warning);
    if (!cleaning.detrend && cleaning.standardize == roi::Standardize::none) return signals;
    return roi::clean(signals, cleaning);
}

int run_step(int argc, char** argv, const char* name, const char* what,
             const std::function<void(const Step&)>& body) {
    CLI::App app(what, name);
    StepOptions options;
    options.program = name;
    auto& masker = options.masker;
    auto* folder = app.add_option("--haxby", options.haxby,
                                  "Folder of the Haxby 2001 data set; without it a synthetic subject");
    app.add_option("--subject", options.subject, "Subject of the data set, 1 to 6; 2 unless told")
        ->needs(folder);
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
        require_other_names(subject, options);
        body(Step(std::move(subject), options));
    });
}

}  // namespace examples
