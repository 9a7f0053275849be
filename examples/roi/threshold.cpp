// roi threshold, roi binarize: what is strong in a map.
#include <roi/regions/regions.hpp>
#include <roi/stats/threshold.hpp>
#include <roi/table/names.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include "support/parse.hpp"
#include "support/wording.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace command {

void add_threshold(Cli& cli) {
    struct Options {
        std::string input, output, mask, connectivity = "faces";
        std::optional<double> value, percentile;
        bool two_sided = false;
        std::int64_t cluster_size = 1;
        double cluster_volume = 0.0;
    };
    const auto [command, options] =
        cli.add<Options>("threshold", "Masks and regions",
                         "Keeps what reaches a value, in clusters of a least size if wanted");
    command.input(options->input, "MAP");
    command.output(options->output);
    auto* value = command
                      .number("--value", options->value, "X",
                              "Smallest value kept; less than 0: the largest, unless both sides are")
                      ->check(CLI::Validator(
                          [](const std::string& word) {
                              if (!word.ends_with('%')) return std::string();
                              return "expected a value, found " + word + "; percentiles are --percentile " +
                                     word.substr(0, word.size() - 1);
                          },
                          ""));
    command
        .number("--percentile", options->percentile, "P",
                "In place of a value: that of so many percent of the voxels (of |x| with --two-sided, else "
                "of those "
                "of 0 or more), plus 0.00001 as in nilearn")
        ->check(CLI::Range(0.0, 100.0))
        ->excludes(value);
    command.flag("--two-sided", options->two_sided, "Keeps what is at most minus the value as well");
    auto* size =
        command
            .number("--cluster-size", options->cluster_size, "N", "Fewest voxels of a cluster of one sign")
            ->check(at_least_zero());
    auto* const volume = command
                             .number("--cluster-volume", options->cluster_volume, "MM3",
                                     "Least volume of a cluster of one sign")
                             ->check(at_least_zero())
                             ->excludes(size);
    auto* const connected = command.text("--connectivity", options->connectivity, "S",
                                         "Voxels of a cluster: faces or 6, edges or 18, corners or 26");
    command.file("--mask", options->mask, "Everything outside this mask becomes 0");
    command.run([options = options, size, volume, connected](Session& session) {
        if (connected->count() > 0 && !session.was_given(size) && !session.was_given(volume))
            throw UsageError("--connectivity is for --cluster-size and --cluster-volume");
        if (!options->value && !options->percentile) {
            throw UsageError("give --value or --percentile");
        }
        if (options->value && std::isnan(*options->value)) throw UsageError("--value: expected a number");
        if (options->value && options->two_sided && *options->value < 0.0) {
            throw UsageError("--value: expected 0 or more with --two-sided");
        }
        roi::ThresholdOptions how{.two_sided = options->two_sided,
                                  .cluster_size = options->cluster_size,
                                  .cluster_volume = options->cluster_volume,
                                  .connectivity = connectivity(options->connectivity),
                                  .warning = session.warning()};
        if (!options->mask.empty()) how.mask = read_mask(session, options->mask);
        const auto file = session.input(options->input);
        const auto info = roi::read_header(file);
        const bool run = info.run;
        how.whole_numbers = is_of_whole_numbers(info);
        if (how.mask) roi::require_same_grid(info.grid, how.mask->grid(), "threshold: `mask` and the map");
        const auto by_percentile = [&](auto image) {
            return examples::in_file(options->input, [&] {
                return roi::threshold(std::move(image), roi::Percentile{*options->percentile}, how);
            });
        };
        with_opened(session, file, [&](auto source) {
            if (source.frames() == 1 && !run) {
                auto map = volume_of(session, source);
                write_image(session,
                            options->value ? roi::threshold(std::move(map), *options->value, how)
                                           : by_percentile(std::move(map)),
                            options->output);
            } else if (options->value && source.frames() == 1) {
                write_image(session, roi::threshold(run_of(session, source), *options->value, how),
                            options->output);
            } else if (options->value) {
                write_source(session, roi::threshold(std::move(source), *options->value, how),
                             options->output);
            } else {
                // A percentile is of all volumes, which are kept until it is known.
                write_image(session, by_percentile(run_of(session, source)), options->output);
            }
        });
    });
}

void add_binarize(Cli& cli) {
    struct Options {
        std::string input, output, select, names;
        std::vector<std::string> regions;
        std::optional<double> value;
    };
    const auto [command, options] = cli.add<Options>(
        "binarize", "Masks and regions", "Where a map reaches a value, or is not 0; regions of an atlas");
    command.input(options->input, "MAP");
    command.output(options->output);
    auto* const value =
        command.number("--value", options->value, "X", "Smallest value that counts; without: what is not 0");
    command.ranges("--select", options->select, "The regions with these labels together")->excludes(value);
    auto* const regions =
        command.app()
            .add_option("--region", options->regions, "The regions with these names together, as --select")
            ->type_name("NAME...")
            ->excludes(value);
    auto* const named = command.table("--names", options->names, "Names of the labels");
    regions->needs(named);
    named->needs(regions);
    command.run([options = options](Session& session) {
        if (options->value && std::isnan(*options->value)) throw UsageError("--value: expected a number");
        std::vector<std::int64_t> chosen;
        if (!options->select.empty()) chosen = label_numbers("--select", options->select);
        if (std::find(chosen.begin(), chosen.end(), 0) != chosen.end()) {
            throw UsageError("--select: 0 is the background, not a region; roi not makes its mask");
        }
        if (!options->names.empty()) {
            const auto names = roi::read_names(options->names);
            for (const auto& name : options->regions) chosen.push_back(names.number(name));
        }
        if (!chosen.empty()) {
            const auto labels = read_volume<std::int64_t>(session, options->input);
            return write_image(session, roi::regions_together(labels, chosen), options->output);
        }
        const auto file = session.input(options->input);
        const auto info = roi::read_header(file);
        const bool run = info.run;
        // What is not 0 can be told of long whole numbers, too, which are not the same as double.
        const auto not_zero = [&]<class T>(T) {
            write_image(session,
                        roi::binarize(roi::load<T>(file, reading(session)), {.warning = session.warning()}),
                        options->output);
        };
        if (!options->value && info.frames == 1 && !run) {
            const auto type = stored_type(file);
            if (type == roi::Datatype::int64) return not_zero(std::int64_t{});
            if (type == roi::Datatype::uint64) return not_zero(std::uint64_t{});
        }
        auto least = options->value;
        if (least && is_of_whole_numbers(info)) least = std::ceil(*least);  // which float holds, too
        with_opened(session, file, [&](auto source) {
            if (source.frames() > 1 || run) {
                auto masks =
                    least ? roi::binarize(std::move(source), *least) : roi::binarize(std::move(source));
                return write_source(session, std::move(masks), options->output,
                                    {.type = roi::Datatype::uint8, .run = run});
            }
            const auto map = volume_of(session, source);
            const roi::BinarizeOptions how{.warning = session.warning()};
            write_image(session, least ? roi::binarize(map, *least, how) : roi::binarize(map, how),
                        options->output);
        });
    });
}

}  // namespace command
