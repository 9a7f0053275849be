// roi concat, roi frames: runs one after the other, and some volumes of one.
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/selection.hpp>
#include <roi/io/image_info.hpp>
#include <roi/spatial/interpolation.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/stream/concat.hpp>
#include <roi/stream/select.hpp>
#include <roi/stream/value_range.hpp>
#include <roi/table/table.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/long_integers.hpp"
#include "support/parse.hpp"
#include "support/resampling.hpp"
#include "support/wording.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace command {

namespace {

struct ConcatOptions {
    std::vector<std::string> inputs;
    std::string output, interpolation;
    bool resample = false;
    std::optional<double> t_r;

    [[nodiscard]] roi::ConcatOptions joining() const {
        roi::ConcatOptions out;
        if (t_r) out.t_r = roi::Seconds{*t_r};
        return out;
    }
};

/// How one image is brought to the grid of the first.
struct Brought {
    roi::Interpolation how = roi::Interpolation::nearest;
    std::optional<roi::ValueRange> clip;
    roi::ValueKind values = roi::ValueKind::unknown;
};

bool is_moved(const Brought& one) { return one.how == roi::Interpolation(roi::Interpolation::nearest); }

/// As asked for, or as `roi resample` chooses, for each image.
std::vector<Brought> brought_by(Session& session, const std::vector<std::string>& files,
                                const ConcatOptions& options) {
    const auto& word = options.interpolation;
    const auto target = roi::read_header(files.front()).grid;
    std::vector<Brought> out;
    std::vector<std::string> whole;
    for (std::size_t k = 0; k < files.size(); ++k) {
        const auto info = roi::read_header(files[k]);
        roi::require_overlap(info.grid, target,
                             roi::text(options.inputs[k], " and ", options.inputs.front()));
        Brought& one = out.emplace_back();
        if (!word.empty()) one.how = interpolation(word);
        if (word == "nearest" || roi::same_grid(info.grid, target)) continue;
        if (word == "linear" && info.run) continue;
        // Moved, or refused as soon as means are to be made of them.
        if (info.metadata.intent.code == roi::label_intent) continue;
        // Runs are looked at only where it decides.
        const auto seen =
            word.empty() || !info.run ? look_at(session, files[k]) : Seen{range_of(session, files[k])};
        if (seen.values == roi::ValueKind::mask && word.empty()) continue;
        if (seen.values == roi::ValueKind::mask) session.warn(means_of_mask(options.inputs[k], word));
        if (seen.values == roi::ValueKind::labels) whole.push_back(options.inputs[k]);
        if (word != "linear") one = {roi::Interpolation::continuous, seen.range};
        if (word.empty() || !info.run) one.values = roi::ValueKind::measured;  // what there is to say is said
    }
    if (!whole.empty()) {
        session.warn(means_of_labels(roi::joined(whole) + (whole.size() == 1 ? " holds" : " hold")));
    }
    return out;
}

/// \param ways  how each is brought to the grid of the first, with --resample
template <class T>
void write_joined(Session& session, const std::vector<std::string>& files, const ConcatOptions& options,
                  const std::vector<Brought>& ways, WrittenAs as) {
    std::vector<decltype(roi::open<T>(files.front()))> sources;
    for (const auto& file : files) sources.push_back(roi::open<T>(file, reading(session)));
    if (!options.resample) {
        return write_source(session, roi::concat(std::move(sources), options.joining()), options.output, as);
    }
    const auto grid = sources.front().grid();
    std::vector<decltype(roi::resample_to(std::move(sources.front()), grid))> parts;
    for (std::size_t k = 0; k < files.size(); ++k) {
        if (!is_moved(ways[k])) as = {.run = true};
        parts.push_back(examples::in_file(files[k], [&] {
            return roi::resample_to(
                std::move(sources[k]), grid, ways[k].how,
                {.clip = ways[k].clip, .values = ways[k].values, .warning = session.warning()});
        }));
    }
    write_source(session, roi::concat(std::move(parts), options.joining()), options.output, as);
}

/// \throws GridMismatch or InvalidArgument that names the files which do not fit together
void require_joinable(const std::vector<std::string>& paths, const std::vector<roi::ImageInfo>& images,
                      const ConcatOptions& options) {
    std::size_t timed = 0;
    for (std::size_t k = 1; k < paths.size(); ++k) {
        if (!options.resample) {
            roi::require_same_grid(images[0].grid, images[k].grid, roi::text(paths[0], " and ", paths[k]));
        }
        if (options.t_r) continue;
        const auto first = roi::stated_repetition_time(images[timed].metadata);
        const auto other = roi::stated_repetition_time(images[k].metadata);
        if (!first) timed = k;
        if (!first || !other || std::abs(first->value - other->value) <= 1e-6 * first->value) continue;
        throw roi::InvalidArgument(roi::text("the repetition times of ", paths[timed], " and ", paths[k],
                                             " differ: ", first->value, " s and ", other->value,
                                             " s; say with --t-r which holds"));
    }
}

template <class T>
void write_joined_exactly(Session& session, const std::vector<std::string>& files,
                          const ConcatOptions& options) {
    std::vector<roi::Volume4D<T>> runs;
    for (const auto& file : files) {
        auto run = roi::load4d<T>(file, reading(session));
        if (options.resample && !runs.empty()) {
            run = examples::in_file(file, [&] {
                return roi::resample_to(run, runs.front().grid(), roi::Interpolation::nearest,
                                        {.warning = session.warning()});
            });
        }
        runs.push_back(std::move(run));
    }
    write_run(session, roi::concat(runs, options.joining()), options.output, true);
}

/// Volumes of a run in another order than theirs, or twice: those that are wanted are kept until all have passed.
template <class Source>
[[nodiscard]] auto in_order(Session& session, Source source, const std::vector<std::int64_t>& wanted) {
    auto once = wanted;
    std::sort(once.begin(), once.end());
    once.erase(std::unique(once.begin(), once.end()), once.end());
    const auto run = run_of(session, roi::select(std::move(source), once));
    auto places = wanted;
    for (auto& place : places) place = std::lower_bound(once.begin(), once.end(), place) - once.begin();
    return roi::select(run, places);
}

}  // namespace

void add_concat(Cli& cli) {
    const auto [command, options] =
        cli.add<ConcatOptions>("concat", "Images", "Joins volumes and runs to one run, in the order given");
    command.inputs(options->inputs, "IMAGE...");
    command.output(options->output);
    auto* const resample =
        command.flag("--resample", options->resample, "Brings all to the grid of the first");
    command
        .choice("--interpolation", options->interpolation, {"nearest", "linear", "continuous"},
                "How values between voxels are found: continuous (cubic spline), but nearest for masks and "
                "labels")
        ->needs(resample);
    command.number("--t-r", options->t_r, "S", "Seconds between volumes, whatever the headers say")
        ->check(above_zero());
    command.run([options = options](Session& session) {
        std::vector<std::string> files;
        for (const auto& path : options->inputs) files.push_back(session.input(path));
        // As the files are stored where that is the same in all of them, else in the smallest whole numbers that hold all.
        auto as = as_stored(files.front());
        as.run = true;
        const auto first = roi::read_header(files.front()).metadata.storage;
        auto joined = as.type;
        bool small = true, alike = true, whole = true;
        std::vector<roi::ImageInfo> images;
        for (const auto& file : files) {
            const auto& info = images.emplace_back(roi::read_header(file));
            alike = alike && info.metadata.storage == first;
            small = small && fits_float(info);
            whole = whole && is_of_whole_numbers(info);
            joined = roi::joined_datatype(joined, stored_type(file));
        }
        whole = whole && joined != roi::Datatype::float64;
        if (!alike) as = {.type = whole ? joined : roi::Datatype::unknown, .run = true};
        require_joinable(options->inputs, images, *options);
        const bool long_numbers = as.type == roi::Datatype::int64 || as.type == roi::Datatype::uint64;
        std::vector<Brought> ways;
        if (options->resample) ways = brought_by(session, files, *options);
        const bool moved = std::all_of(ways.begin(), ways.end(), is_moved);
        if (long_numbers && moved && std::any_of(files.begin(), files.end(), beyond_double)) {
            if (as.type == roi::Datatype::int64) {
                return write_joined_exactly<std::int64_t>(session, files, *options);
            }
            return write_joined_exactly<std::uint64_t>(session, files, *options);
        }
        if (small) return write_joined<float>(session, files, *options, ways, as);
        write_joined<double>(session, files, *options, ways, as);
    });
}

void add_frames(Cli& cli) {
    struct Options {
        std::string input, output, numbers, labels, column = "labels";
        std::vector<std::string> conditions;
    };
    const auto [command, options] = cli.add<Options>("frames", "Images", "Takes some volumes of a run");
    command.input(options->input, "RUN");
    command.output(options->output);
    auto* numbers = command.ranges(
        "--select", options->numbers,
        "Volumes to take, counted from 0, in this order; those that do not ascend are held in memory");
    auto* labels =
        command.maybe_nameless(command.table("--labels", options->labels, "Table with one row per volume"))
            ->excludes(numbers);
    command.text("--column", options->column, "NAME", "Column of the table that holds the conditions")
        ->needs(labels);
    auto* conditions =
        command.app()
            .add_option("--condition", options->conditions, "Takes the volumes of these conditions")
            ->type_name("NAME")
            ->needs(labels);
    labels->needs(conditions);
    command.run([options = options](Session& session) {
        if (options->numbers.empty() && options->labels.empty()) {
            throw UsageError("which volumes? --select, or --labels with --condition is needed");
        }
        const auto file = session.input(options->input);
        auto as = as_stored(file);
        const auto frames = roi::read_header(file).frames;
        // One volume, asked for by its number, is a volume; a list of one, or the only one of a condition, a run.
        const auto& word = options->numbers;
        as.run = word.empty() || word.find_first_not_of("0123456789") != std::string::npos;
        const auto take = [&](const auto& choice) {
            const auto move = [&](const auto& run) { return roi::select(run, choice); };
            if (moved_exactly(session, file, options->output, as.run, move)) return;
            with_source(session, file, [&](auto source) {
                write_source(session, roi::select(std::move(source), choice), options->output, as);
            });
        };
        if (!options->numbers.empty()) {
            const auto wanted = indices("--select", options->numbers);
            for (const auto frame : wanted) {
                if (frame < frames) continue;
                throw roi::InvalidArgument(roi::text("--select: ", options->input, " has no volume ", frame,
                                                     "; there are ", frames, ", counted from 0"));
            }
            const bool ascending =
                std::adjacent_find(wanted.begin(), wanted.end(), std::greater_equal<>()) == wanted.end();
            if (ascending || beyond_double(file)) return take(wanted);
            return with_source(session, file, [&](auto source) {
                write_source(session, roi::staged(in_order(session, std::move(source), wanted)),
                             options->output, as);
            });
        }
        const auto table = session.read_table("labels", options->labels, {options->column});
        const auto chosen = examples::in_file(options->labels, [&] {
            const auto& column = table[options->column];
            auto of_any = column == options->conditions.front();
            for (const auto& name : options->conditions) of_any = of_any || column == name;
            return of_any;
        });
        if (chosen.size() != frames) {
            throw roi::InvalidArgument(roi::text(options->labels, " has ", chosen.size(),
                                                 chosen.size() == 1 ? " row" : " rows", ", ", options->input,
                                                 " ", frames, frames == 1 ? " volume" : " volumes",
                                                 "; --labels takes a table with one row per volume"));
        }
        take(chosen);
    });
}

}  // namespace command
