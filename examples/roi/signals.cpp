// roi signals: statistics of regions in every volume; roi clean: of a table of them; roi signals-to-image: the way back.
#include <roi/core/units.hpp>
#include <roi/io/read_header.hpp>
#include <roi/signals/clean.hpp>
#include <roi/signals/clean_run.hpp>
#include <roi/signals/confounds.hpp>
#include <roi/signals/maps_of.hpp>
#include <roi/signals/region_signals.hpp>
#include <roi/signals/signals_to_image.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/table/names.hpp>
#include <roi/table/table.hpp>

#include "commands.hpp"
#include "support/beyond_run.hpp"
#include "support/centres.hpp"
#include "support/cleaning.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include "support/moved_run.hpp"
#include "support/parse.hpp"
#include "support/resampling.hpp"
#include "support/signal_table.hpp"
#include "support/statistic_words.hpp"
#include "support/wording.hpp"
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace command {

namespace {

struct SignalsOptions {
    std::string input, output, format, columns, labels, spheres, maps, names, mask, resample = "none",
                                                                                    lost = "drop";
    std::string non_finite = "zero";
    std::optional<double> radius;
    bool overlap = false;
    std::vector<std::string> statistics;
    std::optional<double> trim;
    std::vector<double> fwhm;
    std::int64_t background = 0;
    Cleaning cleaning;

    /// \param background_option  where it was declared
    void require_sense(const CLI::Option* background_option) const {
        if (labels.empty() && spheres.empty() && maps.empty())
            throw UsageError("no regions: at least one of --labels, --spheres, --maps is needed");
        require_effect(background_option, !labels.empty(), "is for --labels");
        const bool lie_on_a_grid = !labels.empty() || !maps.empty();
        if (resample == "labels" && !lie_on_a_grid)
            throw UsageError(
                "--resample labels is for --labels and --maps, which lie on a grid; spheres lie on none");
        if (resample == "data" && !lie_on_a_grid && mask.empty())
            throw UsageError(
                "--resample data is for --labels, --maps and --mask, which lie on a grid; spheres lie on "
                "none");
        if (non_finite != "zero" && std::any_of(fwhm.begin(), fwhm.end(), [](double mm) { return mm > 0.0; }))
            throw UsageError("--non-finite " + non_finite +
                             " cannot be with --fwhm: smoothing counts what is NaN or infinite as 0");
    }
};

/// The maps of weights of a file.
roi::SignalRegions maps_in(Session& session, const std::string& path, const roi::RegionNames& names) {
    return with_source(session, path, [&](auto&& maps) {
        return roi::maps_of(maps, {.names = names, .warning = session.warning()});
    });
}

/// The same regions, if there is one.
roi::SignalRegions at_least_one(roi::SignalRegions regions, const std::string& file, std::string_view what) {
    if (!regions.regions().empty()) return regions;
    throw roi::InvalidArgument(roi::text(file, ": there is no ", what, ", so there are no signals"));
}

/// The spheres of a table.
/// \param named  are those without a name called as --names says?
std::vector<roi::Sphere> spheres_in(Session& session, const std::string& path, std::optional<double> radius,
                                    bool named) {
    const auto file = session.input(path);
    return examples::in_file(file, [&] {
        const auto table = read_centres(file);
        auto out = roi::spheres_of(table, radius.value_or(0.0));
        if (radius) warn_of_own_radii(session, file, table);
        const bool nameless = std::any_of(out.begin(), out.end(),
                                          [](const roi::Sphere& sphere) { return sphere.name.empty(); });
        if (named && nameless)
            warn_of_other_numbers(session, file, table, "--names names rows here, so order them by it");
        return out;
    });
}

/// The regions that the options name, in the order labels, spheres, maps.
std::vector<roi::SignalRegions> regions_of(Session& session, const SignalsOptions& options) {
    roi::RegionNames names;
    if (!options.names.empty()) names = roi::read_names(options.names);
    // One table of names is for the regions of one kind: labels, else spheres without names of their own, else maps.
    const auto for_this_kind = [&] { return std::exchange(names, {}); };
    std::vector<roi::SignalRegions> out;
    if (!options.labels.empty()) {
        out.push_back(at_least_one(
            roi::labels_of(
                read_volume<std::int64_t>(session, options.labels),
                {.names = for_this_kind(), .background = options.background, .warning = session.warning()}),
            options.labels, "label but that of the background"));
    }
    if (!options.spheres.empty()) {
        const auto spheres = spheres_in(session, options.spheres, options.radius, !names.empty());
        const bool nameless = std::any_of(spheres.begin(), spheres.end(),
                                          [](const roi::Sphere& sphere) { return sphere.name.empty(); });
        const bool take = nameless || options.maps.empty();
        out.push_back(
            at_least_one(roi::spheres_at(spheres, {.names = take ? for_this_kind() : roi::RegionNames(),
                                                   .overlap = options.overlap,
                                                   .warning = session.warning()}),
                         options.spheres, "sphere"));
    }
    if (!options.maps.empty()) {
        out.push_back(maps_in(session, options.maps, for_this_kind()));
    }
    if (!options.maps.empty() && !options.statistics.empty()) {
        constexpr std::string_view why =
            "--statistic is for labels and spheres: maps have a factor each, fitted together";
        if (options.labels.empty() && options.spheres.empty()) throw UsageError(std::string(why));
        session.warn(why);
    }
    return out;
}

roi::RegionSignalsOptions how_to_read(Session& session, const SignalsOptions& options) {
    roi::RegionSignalsOptions out;
    if (options.trim && !(*options.trim >= 0.0 && *options.trim <= 0.5))
        throw UsageError(roi::text("--trim: expected a number from 0 to 0.5, found ", *options.trim));
    const auto trims = [](const std::string& name) {
        return name == "trimmed_mean" || name == "winsorized_mean";
    };
    if (options.trim && std::none_of(options.statistics.begin(), options.statistics.end(), trims))
        throw UsageError("--trim is for --statistic trimmed_mean and winsorized_mean");
    if (!options.statistics.empty()) out.statistics.clear();
    for (const auto& name : options.statistics) {
        if (std::count(options.statistics.begin(), options.statistics.end(), name) > 1)
            throw UsageError(roi::text("--statistic: ", name, " is given twice"));
        out.statistics.push_back(examples::statistic_named(name, options.trim.value_or(0.1)));
    }
    if (!options.mask.empty()) out.mask = read_mask(session, options.mask);
    out.lost = options.lost == "keep"    ? roi::LostRegions::keep
               : options.lost == "error" ? roi::LostRegions::error
                                         : roi::LostRegions::drop;
    out.non_finite = options.non_finite == "omit"        ? roi::NonFinite::omit
                     : options.non_finite == "propagate" ? roi::NonFinite::propagate
                                                         : roi::NonFinite::zero;
    if (options.resample == "data") out.resample = roi::ResampleFor::data;
    if (options.resample == "labels") out.resample = roi::ResampleFor::labels;  // the mask goes with the run
    out.progress = session.progress("signals");
    out.warning = session.warning();
    out.stop = Session::stop();
    return out;
}

/// The signals of a source on its way to the grid of the regions, smoothed as wanted.
/// \param file  where the source comes from
template <class Source>
roi::Signals signals_of_source(Session& session, Source source, const std::string& file,
                               const SignalsOptions& options) {
    const auto regions = regions_of(session, options);
    const auto how = how_to_read(session, options);
    const auto smoothed = [&](auto frames) {
        if (options.fwhm.empty()) return roi::region_signals(frames, regions, how);
        const auto [x, y, z] = three("--fwhm", options.fwhm, true);
        const auto fwhm = from_options([&, x = x, y = y, z = z] { return roi::Fwhm(x, y, z); });
        return roi::region_signals(roi::smooth(std::move(frames), fwhm), regions, how);
    };
    if (options.resample == "labels") {
        for (const auto& of_kind : regions) {
            if (of_kind.grid() && !roi::same_grid(*of_kind.grid(), source.grid())) {
                for (const auto& labels : regions) {
                    examples::warn_of_beyond(labels, source.grid(), how.mask, session.warning());
                }
                const auto range = range_of(session, file);
                return smoothed(examples::moved_run(std::move(source), *of_kind.grid(), range));
            }
        }
    }
    if (options.resample != "none") return smoothed(std::move(source));
    try {
        return smoothed(std::move(source));
    } catch (const roi::GridMismatch& error) {
        throw roi::GridMismatch(
            roi::text(error.what(),
                      "; or choose --resample data (the regions are moved) or --resample labels (the run)"));
    }
}

/// Says which signals are 0 all the time: an atlas may reach beyond what was scanned. Spreads and numbers of voxels are 0 for
/// other reasons.
void warn_of_zeros(const roi::Signals& signals, const roi::WarningHandler& warning) {
    if (!warning || signals.values.rows() < 2) return;
    std::vector<std::string> zeros;
    const auto names = roi::column_names(signals);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto& statistic = signals.columns[i].statistic;
        if (statistic == "count" || statistic == "std" || statistic == "variance") continue;
        if ((signals.values.col(static_cast<Eigen::Index>(i)).array() == 0.0).all())
            zeros.push_back(names[i]);
    }
    if (zeros.empty()) return;
    warning(roi::text(roi::listed(zeros, 10), zeros.size() == 1 ? " is" : " are",
                      " 0 in every volume, as outside what was scanned"));
}

constexpr const char* nothing_to_do = "nothing to do: say how to clean, as with --detrend";

}  // namespace

void add_signals(Cli& cli) {
    const auto [command, options] = cli.add<SignalsOptions>(
        "signals", "Signals", "The signal of every region of a run, cleaned if wanted");
    command.input(options->input, "RUN");
    command.output_table(options->output, options->format);
    command.written_table("--columns", options->columns,
                          "Table to write of what each column is: kind, id, name, statistic, voxels, mm3");
    command.file("--labels", options->labels, "Atlas, a label per voxel");
    auto* const spheres =
        command.table("--spheres", options->spheres,
                      "Table with columns x, y, z in mm, and radius and name if it has them");
    command.number("--radius", options->radius, "MM", "Of spheres without one; 0 is the nearest voxel")
        ->default_str("0")
        ->check(at_least_zero())
        ->needs(spheres);
    command.flag("--overlap", options->overlap, "Spheres may share voxels")->needs(spheres);
    command.file("--maps", options->maps, "Maps of weights, a volume each");
    command.table("--names", options->names, "Names of the labels, or of spheres and maps by number from 1");
    command.app()
        .add_option("--statistic", options->statistics,
                    "mean, sum, std, variance, min, max, median, trimmed_mean, winsorized_mean, count or "
                    "eigenvariate; one or more; std and variance are those of the population, divided by n")
        ->type_name("NAME,...")
        ->delimiter(',')
        ->default_str("mean")
        ->check(CLI::IsMember(examples::statistic_names()));
    command
        .number("--trim", options->trim, "F",
                "Share of the values at either end that trimmed_mean leaves out and winsorized_mean pulls "
                "in, from 0 to 0.5")
        ->default_str("0.1");
    command.file("--mask", options->mask, "Voxels outside this mask belong to no region");
    command.numbers("--fwhm", options->fwhm, "MM", "Smooth first");
    command.choice("--resample", options->resample, {"none", "data", "labels"},
                   "Bring regions to the grid of the run, or the run to that of the regions");
    const auto* const background =
        command.number("--background", options->background, "N",
                       "The label that is no region; what lies beyond the atlas is none either");
    command.choice("--lost", options->lost, {"drop", "keep", "error"},
                   "What becomes of regions without a voxel");
    command.choice("--non-finite", options->non_finite, {"zero", "omit", "propagate"},
                   "What NaN and infinity are: 0 as in nilearn, nothing, or NaN of all that depends on them");
    options->cleaning.declare(command, "that of --confounds");
    command.run([options = options, background](Session& session) {
        options->require_sense(background);
        const bool cleans = !options->cleaning.idle();
        if (options->cleaning.computes() &&
            std::count(options->statistics.begin(), options->statistics.end(), "count") > 0)
            throw UsageError(
                "--statistic count is a number of voxels, of which cleaning leaves nothing: ask for it "
                "alone");
        const auto file = session.input(options->input);
        with_source(session, file, [&](auto source) {
            const auto t_r = roi::repetition_time(source.metadata());
            const auto volumes = source.frames();
            auto signals = signals_of_source(session, std::move(source), file, *options);
            warn_of_zeros(signals, session.warning());
            if (cleans) {
                const auto shared = [&](std::int64_t count) {
                    return with_source(session, file, [&](auto first) {
                        return with_source(session, file, [&](auto second) {
                            return roi::high_variance_confounds(
                                first, second,
                                {.count = count, .warning = session.warning(), .stop = Session::stop()});
                        });
                    });
                };
                signals = roi::clean(signals, options->cleaning.read(session, volumes, t_r, shared));
            }
            if (!options->columns.empty())
                session.output_table(roi::describe(signals), options->columns, "tsv");
            session.output_table(roi::to_table(std::move(signals)), options->output, options->format);
        });
    });
}

void add_clean(Cli& cli) {
    struct Options {
        std::string input, output, format;
        Cleaning cleaning;
    };
    const auto [command, options] =
        cli.add<Options>("clean", "Signals", "Cleans the columns of a table of signals");
    command
        .maybe_nameless(command.tables(command.app().add_option(
            "table", options->input, "Table of signals, a row per volume; - for standard input")))
        ->type_name("TABLE")
        ->required();
    command.output_table(options->output, options->format);
    options->cleaning.declare(command, "the table that is cleaned");
    command.run([options = options](Session& session) {
        const auto& cleaning = options->cleaning;
        if (cleaning.idle()) throw UsageError(nothing_to_do);
        const auto file = session.input(options->input);
        const auto as_read =
            session.read_table("table", file, {cleaning.chunk_table.empty() ? cleaning.chunks : ""});
        require_volumes(as_read, file);
        auto table = signals_in(as_read, file);
        if (!cleaning.chunks.empty() && cleaning.chunk_table.empty()) {
            table = examples::in_file(file, [&] { return with_texts(table, cleaning.chunks_of(as_read)); });
        }
        const auto shared = [&](std::int64_t count) {
            require_finite(table, file, "--high-variance-confounds");
            return roi::high_variance_confounds(roi::numbers_of(table), {.count = count, .percentile = 2.0});
        };
        const auto how = cleaning.read(session, table.rows(), std::nullopt, shared, &as_read);
        session.output_table(roi::clean(table, how), options->output, options->format);
    });
}

void add_clean_run(Cli& cli) {
    struct Options {
        std::vector<std::string> inputs;
        std::string output;
        Cleaning cleaning;
    };
    const auto [command, options] = cli.add<Options>(
        "clean-run", "Signals",
        "Cleans every voxel of runs, each for itself; reads them twice and keeps none of them in memory");
    command.inputs(options->inputs, "RUN...");
    command.output(options->output);
    options->cleaning.declare(command, "that of --confounds");
    command.run([options = options](Session& session) {
        if (options->cleaning.idle()) throw UsageError(nothing_to_do);
        std::vector<std::string> files, runs;
        for (const auto& input : options->inputs) {
            files.push_back(session.input(input));
            const auto frames = roi::read_header(files.back(), reading(session)).frames;
            runs.insert(runs.end(), static_cast<std::size_t>(frames), roi::text(files.size()));
        }
        auto source = source_of(session, files);
        const auto shared = [&](std::int64_t count) {
            return roi::high_variance_confounds(source_of(session, files), source_of(session, files),
                                                {.count = count});
        };
        if (files.size() == 1) runs.clear();
        const auto how = options->cleaning.read(
            session, source.frames(), roi::repetition_time(source.metadata()), shared, nullptr, runs);
        write_source(session, roi::clean_run(source, source_of(session, files), how), options->output);
    });
}

void add_signals_to_image(Cli& cli) {
    struct Options {
        std::string input, output, labels, spheres, maps, mask, names;
        std::optional<double> radius, t_r;
    };
    const auto [command, options] = cli.add<Options>(
        "signals-to-image", "Signals", "Makes images of signals: each voxel gets that of its region");
    command
        .maybe_nameless(command.tables(command.app().add_option(
            "table", options->input, "Table of signals, a row per volume; - for standard input")))
        ->type_name("TABLE")
        ->required();
    command.output(options->output);
    auto* const labels = command.file("--labels", options->labels, "Atlas, a label per voxel");
    auto* const maps =
        command.file("--maps", options->maps, "Maps of weights, a volume each")->excludes(labels);
    auto* const mask =
        command.file("--mask", options->mask, "Voxels outside it are 0; spheres lie on its grid");
    auto* const spheres = command
                              .table("--spheres", options->spheres,
                                     "Table with columns x, y, z in mm, and radius and name if it has them")
                              ->excludes(labels)
                              ->excludes(maps)
                              ->needs(mask);
    command.number("--radius", options->radius, "MM", "Of spheres without one; 0 is the nearest voxel")
        ->default_str("0")
        ->check(at_least_zero())
        ->needs(spheres);
    command.table("--names", options->names, "Names of the labels, spheres or maps");
    command.number("--t-r", options->t_r, "S", "Seconds between volumes")->check(above_zero());
    command.run([options = options](Session& session) {
        if (options->labels.empty() && options->maps.empty() && options->spheres.empty())
            throw UsageError("one of --labels, --spheres and --maps is needed");
        const auto file = session.input(options->input);
        const auto given = session.read_table("table", file);
        const auto table = only_signals(signals_in(given, file), file);
        roi::RegionNames names;
        if (!options->names.empty()) names = roi::read_names(options->names);
        const auto regions =
            !options->labels.empty()
                ? at_least_one(roi::labels_of(read_volume<std::int64_t>(session, options->labels),
                                              {.names = names, .warning = session.warning()}),
                               options->labels, "label but that of the background")
            : !options->maps.empty()
                ? maps_in(session, options->maps, names)
                : roi::spheres_at(spheres_in(session, options->spheres, options->radius, !names.empty()),
                                  {.names = names, .overlap = true, .warning = session.warning()});
        roi::SignalsToImageOptions how{.warning = session.warning()};
        if (!options->mask.empty()) {
            how.mask = read_mask(session, options->mask);
            if (std::none_of(how.mask->begin(), how.mask->end(), [](bool inside) { return inside; }))
                throw roi::InvalidArgument(
                    roi::text(options->mask, ": the mask is empty, so every signal would be lost"));
        }
        if (options->t_r) how.t_r = roi::Seconds{*options->t_r};
        if (!given.has_names()) {
            std::vector<std::string> known;
            for (const auto& region : regions.regions()) known.push_back(region.name);
            throw roi::InvalidArgument(roi::text(
                file,
                ": expected a first line with the name of each column's region, found none; there are: ",
                roi::listed(known, 10)));
        }
        write_source(session, roi::signals_to_image(roi::signals_of(table, regions), regions, how),
                     options->output);
    });
}

}  // namespace command
