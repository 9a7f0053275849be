// roi resample: a volume or a run on another grid.
#include <roi/core/datatype.hpp>
#include <roi/core/error.hpp>
#include <roi/image/volume.hpp>
#include <roi/regions/regions.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/spatial/target_grid.hpp>
#include <roi/stream/value_range.hpp>
#include <roi/table/names.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/long_integers.hpp"
#include "support/parse.hpp"
#include "support/resampling.hpp"
#include "support/wording.hpp"
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace command {

namespace {

struct TargetOptions {
    std::string input, output, like, affine, interpolation, non_finite = "bridge", names, clip = "image";
    std::vector<double> voxel_size;
    double fill = 0.0;
};

/// The grid of a text file of 4 x 4 numbers, an affine, or of 3 x 3, its axes.
roi::Grid grid_of_text(const roi::Grid& image, const std::string& path) {
    std::ifstream file(path);
    if (!file) throw roi::FileError(roi::ErrorCode::unreadable, path, "cannot be read");
    const auto wrong = [&](const std::string& problem) {
        return roi::FileError(roi::ErrorCode::bad_format, path, problem);
    };
    std::vector<double> numbers;
    for (std::string word; file >> word;) {
        char* end = nullptr;
        numbers.push_back(std::strtod(word.c_str(), &end));
        if (*end == '\0' && std::isfinite(numbers.back())) continue;
        // As a C text: of a file that is no text it ends at the first zero byte.
        throw wrong(
            roi::text("expected finite numbers with blanks between them, found \"", word.c_str(), "\""));
    }
    try {
        if (numbers.size() == 16) {
            roi::Affine affine;
            for (int i = 0; i < 16; ++i) affine(i / 4, i % 4) = numbers[static_cast<std::size_t>(i)];
            return roi::grid_of_affine(image, affine);
        }
        if (numbers.size() == 9) {
            roi::Axes axes;
            for (int i = 0; i < 9; ++i) axes(i / 3, i % 3) = numbers[static_cast<std::size_t>(i)];
            return roi::grid_of_affine(image, axes);
        }
    } catch (const roi::InvalidArgument& error) {
        throw wrong(
            roi::text("no affine that the image can be brought to: ", examples::for_a_shell(error.what())));
    }
    throw wrong(
        roi::text("expected 4 x 4 numbers, or 3 x 3 for axes without an origin, found ", numbers.size()));
}

/// The range of `--clip`: that of the image, none, or two numbers.
std::optional<roi::ValueRange> clip_of(const std::string& words,
                                       const std::optional<roi::ValueRange>& image) {
    if (words == "image") return image;
    if (words == "none") return std::nullopt;
    const auto comma = words.find_first_of(", ");
    const auto number = [&](std::string word) {
        word.erase(0, word.find_first_not_of(' '));
        char* end = nullptr;
        const double out = std::strtod(word.c_str(), &end);
        const bool good = !word.empty() && *end == '\0' && !std::isnan(out);
        if (!good || comma == std::string::npos) {
            throw UsageError(roi::text("--clip: expected image, none or LOW,HIGH, found \"", words, "\""));
        }
        return out;
    };
    const roi::ValueRange out{number(words.substr(0, comma)),
                              number(comma == std::string::npos ? "" : words.substr(comma + 1))};
    if (!(out.low <= out.high)) throw UsageError(roi::text("--clip: ", out.low, " is more than ", out.high));
    return out;
}

/// The labels that names are for.
roi::Volume<std::int64_t> labels_of(const std::string& file, const std::string& input) {
    try {
        return roi::load_labels<std::int64_t>(file);
    } catch (const roi::FileError& error) {
        if (error.code() != roi::ErrorCode::unsupported) throw;
        std::string problem = error.what();
        problem.erase(0, error.path().size() + 2);
        throw roi::FileError(error.code(), input, roi::text("--names is for an image of labels: ", problem));
    }
}

roi::Grid target_of(Session& session, const roi::Grid& image, const TargetOptions& options) {
    if (!options.like.empty()) return roi::read_header(session.input(options.like), reading(session)).grid;
    if (!options.affine.empty()) return grid_of_text(image, options.affine);
    const auto mm = three("--voxel-size", options.voxel_size, true);
    for (const double size : mm) {
        if (!(size > 0.0)) throw UsageError("--voxel-size: expected sizes above 0");
    }
    return examples::in_file(options.input,
                             [&] { return roi::grid_of_voxel_size(image, roi::Point(mm[0], mm[1], mm[2])); });
}

}  // namespace

void add_resample(Cli& cli) {
    const auto [command, options] =
        cli.add<TargetOptions>("resample", "Images", "Brings a volume or a run to another grid");
    command.input(options->input, "IMAGE");
    command.output(options->output);
    auto* const like = command.file("--like", options->like, "To the grid of this image");
    auto* const size = command.numbers("--voxel-size", options->voxel_size, "MM[,MM,MM]",
                                       "To voxels of this size along the same axes");
    auto* const affine = command.table("--affine", options->affine,
                                       "To the affine in this text file, 4 x 4 numbers, or 3 x 3 for axes");
    auto* const group = command.app().add_option_group("target");
    for (auto* const option : {like, size, affine}) group->add_option(option);
    group->require_option(1);
    command.choice(
        "--interpolation", options->interpolation, {"nearest", "linear", "continuous"},
        "How values between voxels are found: continuous (cubic spline), but nearest for masks and labels, "
        "which the image holds where --names are given");
    command.table(
        "--names", options->names,
        "Names of labels, for a warning of those that have no voxel left; the image is one of labels "
        "then, and nearest");
    // May be nan, which other numbers may not.
    command.app()
        .add_option("--fill", options->fill, "Value outside the image")
        ->type_name("X")
        ->default_str("0");
    auto* const clip =
        command.text("--clip", options->clip, "LOW,HIGH",
                     "Keeps values that are interpolated in this range, in place of the range of the "
                     "image; none: where the spline takes them");
    command.choice(
        "--non-finite", options->non_finite, {"bridge", "leave-out"},
        "Voxels that are NaN or infinite: bridged by their neighbours, and NaN at the places nearest to "
        "them; or left out of every mean, and NaN where they have most of the weight");
    command.run([options = options, clip](Session& session) {
        if (options->clip != "image") (void)clip_of(options->clip, {});  // a slip is said first
        const auto file = session.input(options->input);
        const auto info = roi::read_header(file);
        const auto target = target_of(session, info.grid, *options);
        const auto& named = options->like.empty() ? options->affine : options->like;
        roi::require_overlap(info.grid, target,
                             roi::text(options->input, " and ", named.empty() ? "the target" : named));
        const bool whole = is_of_whole_numbers(info);
        auto how = options->interpolation;
        std::optional<roi::ValueRange> range;
        if (how.empty() && info.metadata.intent.code == roi::label_intent) how = "nearest";
        if (how.empty() && !options->names.empty()) how = "nearest";
        if (how != "nearest" && !options->names.empty())
            throw UsageError(roi::text("--names is for labels, of which --interpolation ", how,
                                       " makes means; --interpolation nearest moves them"));
        // Runs are looked at only where it decides: the file is read once more for it.
        const bool averages = !how.empty() && how != "nearest" && !info.run &&
                              info.metadata.intent.code != roi::label_intent;  // which is refused below
        bool stored_as_reals = false;                                          // labels that are
        auto values = roi::ValueKind::unknown;
        if (how.empty() || averages) {
            const auto seen = look_at(session, file);
            range = seen.range;
            values = roi::ValueKind::measured;  // what there is to be said is said here
            if (averages && seen.values == roi::ValueKind::mask)
                session.warn(means_of_mask(options->input, how));
            if (how.empty()) how = seen.values == roi::ValueKind::mask ? "nearest" : "continuous";
            if (seen.values == roi::ValueKind::labels)
                session.warn(means_of_labels(options->input + " holds"));
            if (how == "linear" && !session.was_given(clip)) range.reset();
        } else if (how == "nearest" && !whole && info.frames == 1 && !info.run) {
            stored_as_reals =
                !options->names.empty() || look_at(session, file).values == roi::ValueKind::labels;
        } else if (options->clip == "image" &&
                   (how == "continuous" || (how == "linear" && session.was_given(clip)))) {
            range = range_of(session, file);
        }
        if (how == "nearest" && options->clip != "image" && options->clip != "none") {
            throw UsageError(
                roi::text("--clip: --interpolation nearest, which masks and labels have unless another is ",
                          "given, copies the values of the image; leave --clip out"));
        }
        roi::RegionNames names;
        if (!options->names.empty()) {
            names = roi::read_names(session.input(options->names));
            if ((stored_as_reals || whole) && info.frames == 1) {
                const auto labels = labels_of(file, options->input);
                roi::warn_of_names(names, roi::region_labels(labels), session.warning());
            }
        }
        roi::ResampleOptions settings{.fill = options->fill,
                                      .clip = clip_of(options->clip, range),
                                      .values = values,
                                      .non_finite = options->non_finite == "bridge"
                                                        ? roi::NonFiniteVoxels::bridge
                                                        : roi::NonFiniteVoxels::leave_out,
                                      .warning = session.warning()};
        if (!names.empty()) settings.name_of_label = [&](std::int64_t label) { return names[label]; };
        WrittenAs as{.run = info.run};
        if (how == "nearest" && whole) {
            // Volumes of a run pass as reals, whose type says nothing of the file's.
            bool fits = false;
            roi::visit_type(info.datatype, [&]<class T>(T) {
                using Limits = std::numeric_limits<T>;
                fits = options->fill == std::floor(options->fill) &&
                       options->fill >= static_cast<double>(Limits::lowest()) &&
                       options->fill <= static_cast<double>(Limits::max());
            });
            if (!fits) {
                throw roi::InvalidArgument(roi::text("--fill: ", roi::name_of(info.datatype),
                                                     ", which nearest leaves as it is, does not hold ",
                                                     options->fill));
            }
            as.type = info.datatype;
        }
        const auto move = [&](const auto& run) {
            return examples::in_file(
                file, [&] { return roi::resample_to(run, target, roi::Interpolation::nearest, settings); });
        };
        if (how == "nearest" && whole && (info.frames > 1 || info.run) &&
            moved_exactly(session, file, options->output, info.run, move)) {
            return;
        }
        if (how == "nearest" && whole && info.frames == 1 && !info.run) {
            return roi::visit_type(info.datatype, [&]<class T>(T) {
                const auto volume = roi::load<T>(file, reading(session));
                write_image(session, move(volume), options->output);
            });
        }
        if (stored_as_reals) {
            // Whatever type they are stored in, labels that vanish are named.
            (void)roi::resample_to(roi::load_labels<std::int64_t>(file), target, roi::Interpolation::nearest,
                                   settings);
        }
        with_opened(session, file, [&](auto source) {
            write_source(session,
                         examples::in_file(file,
                                           [&] {
                                               return roi::resample_to(std::move(source), target,
                                                                       interpolation(how), settings);
                                           }),
                         options->output, as);
        });
    });
}

}  // namespace command
