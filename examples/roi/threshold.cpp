// roi threshold, roi binarize: what is strong in a map.
#include <roi/stats/threshold.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

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
    command
        .number("--cluster-volume", options->cluster_volume, "MM3", "Least volume of a cluster of one sign")
        ->check(at_least_zero())
        ->excludes(size);
    command.text("--connectivity", options->connectivity, "S",
                 "Voxels of a cluster: faces (6), edges (18) or corners (26)");
    command.file("--mask", options->mask, "Everything outside this mask becomes 0");
    command.run([options = options](Session& session) {
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
        if (!options->mask.empty()) how.mask = read_volume<bool>(session, options->mask);
        const auto file = session.input(options->input);
        const bool run = roi::read_header(file).run;
        with_opened(session, file, [&](auto source) {
            if (source.frames() == 1 && !run) {
                auto map = volume_of(session, source);
                write_image(session,
                            options->value
                                ? roi::threshold(std::move(map), *options->value, how)
                                : roi::threshold(std::move(map), roi::Percentile{*options->percentile}, how),
                            options->output);
            } else if (options->value && source.frames() == 1) {
                write_image(session, roi::threshold(run_of(session, source), *options->value, how),
                            options->output);
            } else if (options->value) {
                write_source(session, roi::threshold(std::move(source), *options->value, how),
                             options->output);
            } else {
                // A percentile is of all volumes, which are kept until it is known.
                write_image(
                    session,
                    roi::threshold(run_of(session, source), roi::Percentile{*options->percentile}, how),
                    options->output);
            }
        });
    });
}

void add_binarize(Cli& cli) {
    struct Options {
        std::string input, output;
        std::optional<double> value;
    };
    const auto [command, options] =
        cli.add<Options>("binarize", "Masks and regions", "Where a map reaches a value, or is not 0");
    command.input(options->input, "MAP");
    command.output(options->output);
    command.number("--value", options->value, "X", "Smallest value that counts; without: what is not 0");
    command.run([options = options](Session& session) {
        if (options->value && std::isnan(*options->value)) throw UsageError("--value: expected a number");
        with_volume(session, options->input, [&](const auto& map) {
            const roi::BinarizeOptions how{.warning = session.warning()};
            write_image(session,
                        options->value ? roi::binarize(map, *options->value, how) : roi::binarize(map, how),
                        options->output);
        });
    });
}

}  // namespace command
