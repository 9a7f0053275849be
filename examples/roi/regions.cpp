// roi regions: what an atlas holds, a row a region, and what a map is in each.
#include <roi/regions/measure.hpp>
#include <roi/regions/regions.hpp>
#include <roi/table/names.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace command {

namespace {

/// Low end, high end and number, as `--histogram` has them.
roi::Bins bins_of(const std::vector<double>& words) {
    constexpr double most = 1 << 20;
    const bool fine = words.size() == 3 && std::isfinite(words[0]) && std::isfinite(words[1]) &&
                      words[0] < words[1] && words[2] >= 1.0 && words[2] <= most &&
                      std::floor(words[2]) == words[2];
    if (!fine) {
        throw UsageError(roi::text(
            "--histogram: expected LOW,HIGH,N with LOW below HIGH and N, the number of bins, from 1 to ",
            static_cast<std::int64_t>(most), ", found ", roi::joined(words, ",")));
    }
    return {words[0], words[1], static_cast<std::int64_t>(words[2])};
}

}  // namespace

void add_regions(Cli& cli) {
    struct Options {
        std::string input, output, format, values, names, select, nan_policy = "omit";
        std::vector<double> percentiles, histogram;
        bool all = false;
    };
    const auto [command, options] =
        cli.add<Options>("regions", "Masks and regions",
                         "Size, centre and box of every region of an atlas, and a map's values in it");
    command.input(options->input, "LABELS");
    command.output_table(options->output, options->format);
    auto* const values = command.file("--values", options->values, "A map to measure in every region");
    command.table("--names", options->names, "Names of the labels");
    command.ranges("--select", options->select,
                   "Only these labels, in this order, 0 and those that no voxel has included");
    command
        .flag("--all", options->all,
              "Also columns variance, count (voxels that are not NaN), mass_x mass_y mass_z (centre weighted "
              "by the values, in mm), min_x min_y min_z (place of the least value, in mm) and both places in "
              "voxels: min_i min_j min_k peak_i peak_j peak_k")
        ->needs(values);
    command
        .numbers("--percentiles", options->percentiles, "P,...",
                 "Also these percentiles, from 0 to 100, as columns percentileP")
        ->needs(values);
    command
        .numbers("--histogram", options->histogram, "LOW,HIGH,N",
                 "Also counts in N bins of one width, as columns bin_LOW_HIGH; the last holds HIGH as well")
        ->needs(values);
    command
        .choice("--nan-policy", options->nan_policy, {"omit", "propagate"},
                "NaN in the map: left out, or n/a of all that depends on it")
        ->needs(values);
    command.run([options = options](Session& session) {
        roi::MeasureOptions how{.omit_nan = options->nan_policy == "omit",
                                .percentiles = options->percentiles,
                                .warning = session.warning()};
        if (!options->select.empty()) how.labels = label_numbers("--select", options->select);
        if (!options->histogram.empty()) how.histogram = bins_of(options->histogram);
        for (const double percentile : how.percentiles) {
            if (percentile >= 0.0 && percentile <= 100.0) continue;
            throw UsageError(roi::text("--percentiles: expected numbers from 0 to 100, found ", percentile));
        }
        if (std::set(how.percentiles.begin(), how.percentiles.end()).size() < how.percentiles.size()) {
            throw UsageError("--percentiles: a number stands there twice");
        }

        const auto names = options->names.empty() ? roi::RegionNames() : roi::read_names(options->names);
        const auto labels = read_volume<std::int64_t>(session, options->input);
        roi::warn_of_names(names, roi::region_labels(labels), session.warning());
        if (options->values.empty()) {
            auto rows = how.labels ? roi::regions(labels, *how.labels) : roi::regions(labels);
            return session.output_table(roi::to_table(rows, labels.grid(), names), options->output,
                                        options->format);
        }
        with_volume(session, options->values, [&](const auto& map) {
            const auto rows = roi::measure(map, labels, how);
            const roi::MeasurementColumns columns{options->all, how.percentiles, how.histogram};
            session.output_table(roi::to_table(rows, labels.grid(), names, columns), options->output,
                                 options->format);
        });
    });
}

}  // namespace command
