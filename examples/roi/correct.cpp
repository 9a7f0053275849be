// roi correct: a threshold that accounts for how many voxels were tested.
#include <roi/stats/correct.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include "support/parse.hpp"
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

namespace command {

namespace {

/// Has a map many values and none below 0? Of z about half are.
template <class Map>
bool seems_of_p(const Map& map) {
    const auto above = std::count_if(map.begin(), map.end(), [](auto value) { return value > 0; });
    return above >= 20 && std::none_of(map.begin(), map.end(), [](auto value) { return value < 0; });
}

}  // namespace

void add_correct(Cli& cli) {
    struct Options {
        std::string input, output, kind = "z", method = "fpr", mask, connectivity = "faces";
        double df = std::numeric_limits<double>::quiet_NaN(), alpha = 0.001;
        bool two_sided = false;
        std::int64_t cluster_size = 0;
    };
    const auto [command, options] = cli.add<Options>(
        "correct", "Statistics", "Keeps what survives a correction for all voxels; prints the threshold");
    command.input(options->input, "MAP");
    command.output(options->output)->required(false);
    auto* const kind = command.choice("--kind", options->kind, {"z", "t", "log-p"},
                                      "What the values of the map are: a map does not say it itself");
    auto* const df = command.number("--df", options->df, "N", "Degrees of freedom, of --kind t");
    command.choice("--method", options->method, {"fdr", "fdr-by", "bonferroni", "fpr"},
                   "False discovery rate (for any dependence: fdr-by), any false positive, each voxel alone");
    command.number("--alpha", options->alpha, "A", "The rate that is held down");
    command.flag("--two-sided", options->two_sided, "Large negative values count too; alpha is halved");
    command.number("--cluster-size", options->cluster_size, "N", "Smallest cluster kept, in voxels");
    command.text("--connectivity", options->connectivity, "S", "faces (6), edges (18) or corners (26)");
    command.file("--mask", options->mask, "The voxels that were tested; all finite ones unless told");
    command.run([options = options, df, kind](Session& session) {
        if (options->kind != "t" && df->count() > 0) {
            throw UsageError("--df is for --kind t, not for --kind " + options->kind);
        }
        roi::CorrectOptions how{.kind = options->kind == "t"       ? roi::MapKind::t
                                        : options->kind == "log-p" ? roi::MapKind::log_p
                                                                   : roi::MapKind::z,
                                .df = options->df,
                                .method = options->method == "fdr"      ? roi::Correction::fdr
                                          : options->method == "fdr-by" ? roi::Correction::fdr_any_dependence
                                          : options->method == "bonferroni" ? roi::Correction::bonferroni
                                                                            : roi::Correction::none,
                                .alpha = options->alpha,
                                .two_sided = options->two_sided,
                                .cluster_size = options->cluster_size,
                                .connectivity = connectivity(options->connectivity),
                                .warning = session.warning()};
        if (!(how.alpha >= 0.0 && how.alpha <= 1.0))
            throw UsageError(roi::text("--alpha: expected a number from 0 to 1, found ", how.alpha));
        if (how.kind == roi::MapKind::t && !(how.df > 0.0)) {
            throw UsageError("--kind t needs --df, a number above 0");
        }
        if (how.two_sided && how.kind == roi::MapKind::log_p) {
            throw UsageError("--two-sided makes no sense with --kind log-p, which has one side");
        }
        if (how.cluster_size < 0) {
            throw UsageError(roi::text("--cluster-size: expected a number from 0, found ", how.cluster_size));
        }
        if (!options->mask.empty()) how.mask = read_mask(session, options->mask);
        const auto found = with_volume(session, options->input, [&](const auto& map) {
            if (how.mask) {
                roi::require_same_grid(map.grid(), how.mask->grid(),
                                       roi::text(options->input, " and ", options->mask));
            }
            if (kind->count() == 0 && how.warning && seems_of_p(map)) {
                how.warning("no value is negative, as in maps of p; they are taken as z: see --kind");
            }
            return roi::correct(map, how);
        });
        if (!options->output.empty()) write_image(session, found.map, options->output);
        session.say(roi::text(found.threshold));
    });
}

}  // namespace command
