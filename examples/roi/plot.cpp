// roi plot: pictures of images, of regions, and of signals by condition.
#include <roi/plot/plot_anat.hpp>
#include <roi/plot/plot_boxplot.hpp>
#include <roi/plot/plot_epi.hpp>
#include <roi/plot/plot_roi.hpp>
#include <roi/plot/plot_stat_map.hpp>
#include <roi/regions/regions.hpp>
#include <roi/signals/condition_values.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/names.hpp>
#include <roi/table/table.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include "support/signal_table.hpp"
#include "support/slices.hpp"
#include "support/wording.hpp"
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace command {

namespace {

struct PlotChoices {
    std::string kind, input, output, background, title, colormap, sheet, interpolation, names;
    std::string labels, column = "labels", y_label;
    std::vector<std::string> regions;
    std::vector<double> size;
    SliceOptions slices;
    std::optional<double> threshold, vmin, vmax, alpha, dim, line_width, rotation;
    std::optional<int> digits, decimals;
    double dpi = 150.0;
    bool contours = false, no_colorbar = false, no_cross = false, no_sides = false, no_positions = false;
    bool radiological = false, share_y = false, symmetric = false;
    bool symmetric_given = false;  // without it the map decides
};

/// Options that only some kinds of pictures have, with those kinds; the others refuse them.
struct Belongs {
    CLI::Option* option;
    std::string kinds;
};

std::optional<roi::FigureSize> figure_size(const PlotChoices& options) {
    if (options.size.empty()) return std::nullopt;
    if (options.size.size() != 2) throw UsageError("--size: expected width and height in inches");
    const bool fine = std::all_of(options.size.begin(), options.size.end(),
                                  [](double length) { return length > 0.0 && length < 1000.0; });
    if (!fine) throw UsageError("--size: expected lengths above 0 and below 1000 inches");
    return roi::FigureSize{options.size[0], options.size[1]};
}

roi::PlotOptions plot_options(Session& session, const PlotChoices& options) {
    roi::PlotOptions out;
    options.slices.apply(out);
    out.title = options.title;
    out.threshold = options.threshold;
    out.vmin = options.vmin;
    out.vmax = options.vmax;
    if (options.symmetric_given) out.symmetric = options.symmetric;
    if (!options.colormap.empty()) {
        out.cmap = from_options([&] { return roi::Colormap::named(options.colormap); });
    }
    out.alpha = options.alpha;
    if (options.contours) out.style = roi::RoiStyle::contours;
    if (options.line_width) out.line_width = *options.line_width;
    if (!options.names.empty()) out.names = roi::read_names(options.names);
    out.colorbar = !options.no_colorbar;
    if (options.digits) out.tick_digits = *options.digits;
    out.left_right = !options.no_sides;
    out.positions = !options.no_positions;
    if (options.decimals) out.decimals = *options.decimals;
    out.draw_cross = !options.no_cross;
    if (!options.sheet.empty()) out.black_bg = options.sheet == "black";
    out.dim = options.dim;
    out.radiological = options.radiological;
    if (options.interpolation == "nearest") out.interpolation = roi::Interpolation::nearest;
    if (options.interpolation == "linear") out.interpolation = roi::Interpolation::linear;
    if (options.interpolation == "continuous") out.interpolation = roi::Interpolation::continuous;
    out.size = figure_size(options);
    out.warning = session.warning();
    from_options([&] { roi::require_color_range(out); });
    return out;
}

roi::Figure of_image(Session& session, const PlotChoices& options) {
    const auto how = plot_options(session, options);
    std::optional<roi::Volume<double>> background;
    if (!options.background.empty()) background = read_volume<double>(session, options.background);
    if (options.kind == "roi") {
        const auto regions = read_volume<std::int64_t>(session, options.input);
        roi::warn_of_names(how.names, roi::region_labels(regions), session.warning());
        return background ? roi::plot_roi(regions, *background, how) : roi::plot_roi(regions, how);
    }
    const auto image = read_volume<double>(session, options.input);
    if (options.kind == "anat") return roi::plot_anat(image, how);
    if (options.kind == "epi") return roi::plot_epi(image, how);
    return background ? roi::plot_stat_map(image, *background, how) : roi::plot_stat_map(image, how);
}

/// A panel for each column of signals with a box a condition; without conditions one panel with a box a column.
roi::Figure of_signals(Session& session, const PlotChoices& options) {
    const auto file = session.input(options.input);
    const auto table = session.read_table("input", file, options.regions);
    const auto names = options.regions.empty() ? signal_names(table, file) : options.regions;
    std::vector<roi::Column> signals;
    for (const auto& name : names) signals.push_back(table[name]);
    roi::BoxplotOptions how{.title = options.title, .y_label = options.y_label};
    how.share_y = options.share_y;
    how.size = figure_size(options);
    if (options.rotation) how.label_rotation = *options.rotation;

    std::vector<roi::ConditionValues> whole;
    std::vector<roi::BoxPanel> panels;
    std::optional<roi::Column> conditions;
    if (!options.labels.empty())
        conditions = session.read_table("labels", options.labels, {options.column})[options.column];
    for (const auto& column : signals) {
        auto numbers = roi::numbers(column);
        std::vector<roi::ConditionValues> boxes{{column.name(), numbers}};
        if (conditions) {
            boxes = examples::in_file(options.labels, [&] {
                return roi::condition_values(Eigen::Map<const Eigen::VectorXd>(
                                                 numbers.data(), static_cast<Eigen::Index>(numbers.size())),
                                             *conditions);
            });
        }
        std::size_t missing = 0;
        for (auto& box : boxes)
            missing += std::erase_if(box.values, [](double value) { return std::isnan(value); });
        if (missing > 0) {
            session.warn(roi::text("plot: column \"", column.name(), "\" of ", options.input, " has ",
                                   missing, missing == 1 ? " value that is" : " values that are",
                                   " n/a, left out of its boxes"));
        }
        if (conditions) {
            panels.emplace_back(std::move(boxes), column.name());
        } else {
            whole.push_back(std::move(boxes.front()));
        }
    }
    if (!conditions) panels.emplace_back(std::move(whole));
    if (!options.title.empty()) {
        if (panels.size() > 1)
            throw UsageError(
                "--title is for one panel, several have the names of their signals; --region chooses one");
        panels.front().title = options.title;
    }
    return roi::plot_boxplot(panels, how);
}

}  // namespace

void add_plot(Cli& cli) {
    const auto [command, options] = cli.add<PlotChoices>(
        "plot", "Pictures", "A picture of a map, of regions, of an image, or box plots of signals");
    auto belongs = std::make_shared<std::vector<Belongs>>();
    const auto only = [&](const char* kinds, CLI::Option* option) { belongs->push_back({option, kinds}); };
    const char* const images = "stat, roi, anat, epi";

    command.app()
        .add_option("kind", options->kind,
                    "stat: a statistical map, roi: regions, anat and epi: an image, box: a table of signals")
        ->required()
        ->check(CLI::IsMember({"stat", "roi", "anat", "epi", "box"}));
    command.maybe_nameless(command.input(options->input, "INPUT"));
    command.written("-o,--output", options->output, "Picture to write: .svg or .png")
        ->required()
        ->check(picture_problem);
    command.text("--title", options->title, "TEXT", "Written above or over the picture");
    command.numbers("--size", options->size, "W,H", "Width and height in inches");
    command.number("--dpi", options->dpi, "N", "Pixels per inch of a .png")->check(CLI::Range(1.0, 10000.0));

    only("stat, roi",
         command.file("--background", options->background, "Image drawn in gray below, on any grid"));
    for (auto* const option : options->slices.declare(command)) only(images, option);
    only(images,
         command.number("--threshold", options->threshold, "X", "Values up to this size are transparent"));
    only(images,
         command.number("--vmin", options->vmin, "X", "Value of the first colour")->check(any_number()));
    only(images,
         command.number("--vmax", options->vmax, "X", "Value of the last colour")->check(any_number()));
    auto* const symmetric = command.flag(
        "--symmetric", options->symmetric,
        "Colours reach as far below 0 as above; --symmetric=false: they do not. Without it they do for a "
        "map with both signs, between --vmin and --vmax");
    only("stat", symmetric);
    only(images,
         command.text("--colormap", options->colormap, "NAME",
                      "gray, nipy_spectral, cold_hot, RdBu_r, gist_ncar, viridis, magma, inferno, plasma or "
                      "cividis; with _r reversed"));
    only(images, command.number("--alpha", options->alpha, "X", "Opacity of the colours")
                     ->check(CLI::Range(0.0, 1.0)));
    auto* const contours =
        command.flag("--contours", options->contours, "Outlines of the regions, not areas");
    only("roi", contours);
    only("roi", command.number("--line-width", options->line_width, "PT", "Of outlines, in points")
                    ->check(above_zero())
                    ->needs(contours));
    only("roi", command.table(
                    "--names", options->names,
                    "Names of the labels, for a legend in place of the colour bar; with their numbers where "
                    "shortened names would be equal"));
    only(images, command.flag("--no-colorbar", options->no_colorbar, "No colour bar and no legend"));
    only(images, command.number("--digits", options->digits, "N", "Significant digits at the colour bar")
                     ->check(CLI::Range(1, 17)));
    only(images, command.flag("--no-cross", options->no_cross, "No lines where the other slices cut"));
    only(images, command.flag("--no-sides", options->no_sides, "No L and R"));
    only(images, command.flag("--no-positions", options->no_positions, "No coordinates of the slices"));
    only(images, command.number("--decimals", options->decimals, "N", "Of these coordinates")
                     ->check(CLI::Range(0, 9)));
    only(images, command.choice("--sheet", options->sheet, {"white", "black"}, "Colour behind the slices"));
    only("stat, roi, anat", command.number("--dim", options->dim, "X",
                                           "Darkens the background on black, lightens it on white, -2 to 2"));
    only(images, command.flag("--radiological", options->radiological, "The patient's right on the left"));
    only(images, command.choice("--interpolation", options->interpolation,
                                {"nearest", "linear", "continuous"}, "Between the voxels of oblique images"));

    auto* const labels = command.maybe_nameless(command.table(
        "--labels", options->labels,
        "Table with the condition of each row: a panel for each signal, a box for each condition"));
    only("box", command.app().get_option("--header"));
    only("box", labels);
    only("box",
         command.text("--column", options->column, "NAME", "Column of that table that holds the conditions")
             ->needs(labels));
    only("box", command.app()
                    .add_option("--region", options->regions, "Columns of signals to draw; all unless told")
                    ->type_name("NAME"));
    only("box", command.text("--y-label", options->y_label, "TEXT", "Beside the vertical axis"));
    only("box", command.number("--rotation", options->rotation, "DEGREES", "Of the names under the boxes"));
    only("box",
         command.flag("--share-y", options->share_y, "One range of values for all panels")->needs(labels));

    command.run([options = options, belongs, symmetric](Session& session) {
        options->symmetric_given = symmetric->count() > 0;
        for (const auto& [option, kinds] : *belongs) {
            const auto all = roi::text(", ", kinds, ",");
            if (option->count() == 0 || all.find(roi::text(" ", options->kind, ",")) != std::string::npos)
                continue;
            throw UsageError(roi::text(option->get_name(), " is for ", kinds, ", not for ", options->kind));
        }
        options->slices.require_consistent();
        const auto figure =
            options->kind == "box" ? of_signals(session, *options) : of_image(session, *options);
        figure.save(options->output, {.dpi = options->dpi});
    });
}

}  // namespace command
