// roi extract: maps taken apart into regions.
#include <roi/regions/extract.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace command {

namespace {

/// What maps may lack that local regions need.
template <class T>
std::string lacking(std::span<const T> values) {
    if (std::any_of(values.begin(), values.end(), [](T value) { return value < T{0}; })) {
        return "; local_regions forms regions round peaks above 0: for those below turn the signs with "
               "roi math, or take --type connected_components";
    }
    const bool level = std::all_of(values.begin(), values.end(), [&](T value) { return value == values[0]; });
    return roi::text("; local_regions forms regions round peaks above 0",
                     level ? ", and a map of one value has none" : "",
                     ": --type connected_components takes what is left as it is");
}

/// The largest value of maps in a mask, or the largest of |value|; 0 where none is above.
template <class T>
double largest(const roi::Volume4D<T>& maps, const std::optional<roi::Mask>& mask, bool of_both_signs) {
    double out = 0.0;
    for (std::int64_t i = 0; i < maps.grid().size() * maps.frames(); ++i) {
        const auto value = static_cast<double>(maps.data()[i]);
        if (!std::isfinite(value) || (mask && !(*mask)[i % maps.grid().size()])) continue;
        out = std::max(out, of_both_signs ? std::abs(value) : value);
    }
    return out;
}

}  // namespace

void add_extract(Cli& cli) {
    struct Options {
        std::string input, output, mask, strategy = "ratio_n_voxels", type = "local_regions";
        double threshold = 1.0, min_volume = 1350.0, fwhm = 6.0;
        bool two_sided = false;
    };
    const auto [command, options] =
        cli.add<Options>("extract", "Masks and regions", "Takes maps apart into regions, a volume each");
    command.input(options->input, "MAPS");
    command.output(options->output);
    command.number("--threshold", options->threshold, "X", "What is kept, in the unit of the strategy");
    command.choice("--strategy", options->strategy, {"ratio_n_voxels", "img_value", "percentile"},
                   "Share of all voxels, value, or percentile and 1e-5");
    command.flag("--two-sided", options->two_sided,
                 "Keeps what is at most minus the value or percentile as well; a ratio counts both sides");
    command.file("--mask", options->mask, "Everything outside this mask becomes 0");
    command.choice("--type", options->type, {"connected_components", "local_regions"},
                   "Connected components, or regions round local peaks, which are above 0");
    command.number("--min-volume", options->min_volume, "MM3", "Smallest region that stays")
        ->check(at_least_zero());
    auto* const fwhm = command
                           .number("--fwhm", options->fwhm, "MM",
                                   "Smoothing before the peaks of local regions are looked for")
                           ->check(at_least_zero());
    command.run([options = options, fwhm](Session& session) {
        if (fwhm->count() > 0 && options->type != "local_regions")
            throw UsageError("--fwhm makes no sense with --type " + options->type);
        roi::ExtractOptions how;
        how.threshold = options->threshold;
        how.two_sided = options->two_sided;
        if (how.two_sided && options->strategy == "ratio_n_voxels") {
            throw UsageError(
                "--two-sided is for --strategy img_value and percentile: a ratio counts both sides");
        }
        how.strategy = options->strategy == "img_value"    ? roi::ExtractThreshold::img_value
                       : options->strategy == "percentile" ? roi::ExtractThreshold::percentile
                                                           : roi::ExtractThreshold::ratio_n_voxels;
        how.regions.type = options->type == "connected_components" ? roi::ExtractType::connected_components
                                                                   : roi::ExtractType::local_regions;
        if (how.strategy == roi::ExtractThreshold::percentile &&
            !(options->threshold >= 0.0 && options->threshold <= 100.0)) {
            throw UsageError(
                roi::text("--threshold: a percentile is from 0 to 100, found ", options->threshold));
        }
        if (how.two_sided && how.strategy == roi::ExtractThreshold::img_value && options->threshold < 0.0) {
            throw UsageError(
                roi::text("--threshold: expected 0 or more with --two-sided, found ", options->threshold));
        }
        if (how.strategy == roi::ExtractThreshold::ratio_n_voxels && !(options->threshold > 0.0)) {
            throw UsageError(roi::text("--threshold: a ratio is above 0, found ", options->threshold));
        }
        if (!std::isfinite(options->threshold))
            throw UsageError(roi::text("--threshold: expected a finite number, found ", options->threshold));
        how.regions.min_volume = options->min_volume;
        std::vector<std::string> warnings;
        how.regions.warning = [&](std::string_view line) { warnings.emplace_back(line); };
        how.regions.fwhm = from_options([&] { return roi::Fwhm{options->fwhm}; });
        const auto file = session.input(options->input);
        const auto maps = roi::read_header(file).frames;
        if (how.strategy == roi::ExtractThreshold::ratio_n_voxels &&
            options->threshold > static_cast<double>(maps)) {
            throw UsageError(roi::text("--threshold: a ratio is at most the number of maps, which is ", maps,
                                       " in ", options->input, ", found ", options->threshold,
                                       "; --strategy img_value takes values"));
        }
        if (!options->mask.empty()) {
            how.regions.mask = read_mask(session, options->mask);
            roi::require_same_grid(roi::read_header(file).grid, how.regions.mask->grid(),
                                   roi::text(options->input, " and ", options->mask));
        }
        with_opened(session, file, [&](auto source) {
            using T = typename decltype(source)::value_type;
            roi::Collect<T> collect;
            roi::scan(source, collect, scanning(session));
            how.regions.progress = session.progress("extract");
            how.regions.stop = Session::stop();
            const auto values = std::move(collect).result();
            const auto found = roi::extract_regions(values, how);
            // That there is no region is an error here, in place of the last warning.
            if (found.sources.empty()) warnings.pop_back();
            if (const auto warn = session.warning()) {
                for (const auto& line : warnings) warn(line);
            }
            if (found.sources.empty()) {
                std::vector<std::string> advice;
                const double most = largest(values, how.regions.mask, how.two_sided);
                if (how.strategy == roi::ExtractThreshold::percentile && most > 0.0 && most < 1e-5) {
                    throw roi::InvalidArgument(roi::text(
                        "no region: a percentile has 1e-5 added, as nilearn's, and the largest value is ",
                        most, "; multiply the maps with roi math, or take --strategy img_value"));
                }
                const bool ratio = how.strategy == roi::ExtractThreshold::ratio_n_voxels;
                if (!ratio || options->threshold < static_cast<double>(maps))
                    advice.emplace_back(ratio || options->threshold < 0.0 ? "a larger --threshold"
                                                                          : "a smaller --threshold");
                if (options->min_volume > 0.0) advice.emplace_back("a smaller --min-volume");
                throw roi::InvalidArgument(roi::text(
                    "no region",
                    options->min_volume > 0.0 ? roi::text(" of at least ", options->min_volume, " mm3") : "",
                    advice.empty() ? "" : roi::text("; ", roi::joined(advice, " or "), " may leave some"),
                    how.regions.type == roi::ExtractType::local_regions ? lacking(values.values()) : ""));
            }
            std::vector<std::int64_t> regions(found.sources.size());
            for (std::size_t i = 0; i < regions.size(); ++i) regions[i] = static_cast<std::int64_t>(i);
            roi::DataTable table;
            table.add("region", regions).add("map", found.sources);
            // Standard output may carry the image; else what cannot be printed leaves the file as it was.
            const bool piped = options->output == "-";
            if (!piped) {
                session.output_table(table, {}, "tsv");
                session.flush();
            }
            write_image(session, found.maps, options->output);
            if (!piped) return;
            std::fputs(roi::format_table(table, roi::TableFormat::tsv).c_str(), stderr);
        });
    });
}

}  // namespace command
