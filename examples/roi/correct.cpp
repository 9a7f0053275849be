// roi correct: a threshold that accounts for how many voxels were tested.
#include <roi/stats/correct.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include "support/parse.hpp"
#include "support/say_before.hpp"
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

namespace command {

namespace {

/// Has a map many values and none below 0? Of z about half are.
template <class Map>
bool seems_of_p(const Map& map) {
    const auto above = std::count_if(map.begin(), map.end(), [](auto value) { return value > 0; });
    return above >= 20 && std::none_of(map.begin(), map.end(), [](auto value) { return value < 0; });
}

/// What the word of `--kind` stands for, and how many degrees of freedom go with it.
struct Kind {
    const char* word;
    roi::MapKind kind;
    std::size_t degrees;
    bool one_sided;
};
constexpr Kind map_kinds[] = {{"z", roi::MapKind::z, 0, false},
                              {"t", roi::MapKind::t, 1, false},
                              {"r", roi::MapKind::r, 1, false},
                              {"f", roi::MapKind::f, 2, true},
                              {"chi2", roi::MapKind::chi_square, 1, true},
                              {"log-p", roi::MapKind::log_p, 0, true}};

/// Degrees of freedom as `--df` gives them.
/// \throws UsageError when they are missing, idle or no numbers above 0
void take_degrees(const Kind& kind, const std::vector<double>& given, roi::CorrectOptions& how) {
    const auto option = roi::text("--kind ", kind.word);
    if (kind.degrees == 0 && !given.empty()) {
        throw UsageError(roi::text("--df is for --kind t, r, f and chi2, not for ", option));
    }
    if (given.size() != kind.degrees) {
        throw UsageError(roi::text(
            option, " needs --df, ",
            kind.degrees == 2 ? "two numbers above 0: of numerator and denominator" : "a number above 0",
            ", found ", given.empty() ? std::string("none") : roi::text(given.size())));
    }
    for (std::size_t i = 0; i < given.size(); ++i) {
        // An infinite t is z, and an infinite denominator makes F a chi-square; of the others nothing is left.
        const bool finite = std::isfinite(given[i]) || kind.kind == roi::MapKind::t || i == 1;
        if (given[i] > 0.0 && finite) continue;
        throw UsageError(roi::text(option, ": --df: expected a number above 0, found ", given[i]));
    }
    if (!given.empty()) how.df = given[0];
    if (given.size() > 1) how.df2 = given[1];
}

}  // namespace

void add_correct(Cli& cli) {
    struct Options {
        std::string input, output, kind = "z", method = "fpr", mask, connectivity = "faces";
        std::string adjusted_p, adjusted_log_p;
        std::vector<double> df;
        double alpha = 0.001;
        bool two_sided = false;
        std::int64_t cluster_size = 0;
    };
    const auto [command, options] = cli.add<Options>(
        "correct", "Statistics", "Keeps what survives a correction for all voxels; prints the threshold");
    command.input(options->input, "MAP");
    command.output(options->output)->required(false);
    auto* const kind = command.choice("--kind", options->kind, {"z", "t", "r", "f", "chi2", "log-p"},
                                      "What the values of the map are: a map does not say it itself");
    command.numbers("--df", options->df, "N",
                    "Degrees of freedom, of --kind t, r (volumes less 2) and chi2; of f two numbers");
    command.choice("--method", options->method, {"fdr", "fdr-by", "bonferroni", "fpr"},
                   "False discovery rate (for any dependence: fdr-by), any false positive, each voxel alone");
    command.number("--alpha", options->alpha, "A", "The rate that is held down");
    command.flag("--two-sided", options->two_sided, "Large negative values count too; alpha is halved");
    auto* const size =
        command.number("--cluster-size", options->cluster_size, "N", "Smallest cluster kept, in voxels");
    auto* const connected =
        command.text("--connectivity", options->connectivity, "S", "faces or 6, edges or 18, corners or 26");
    command.file("--mask", options->mask, "The voxels that were tested; all finite ones unless told");
    command.written("--adjusted-p", options->adjusted_p, "Map of p adjusted by --method to write")
        ->check(image_problem);
    command
        .written("--adjusted-log-p", options->adjusted_log_p,
                 "Map of -log10 p adjusted by --method to write, in log space")
        ->check(image_problem);
    command.run([options = options, kind, size, connected](Session& session) {
        if (connected->count() > 0 && !session.was_given(size))
            throw UsageError("--connectivity is for --cluster-size");
        const auto& is = *std::find_if(std::begin(map_kinds), std::end(map_kinds),
                                       [&](const Kind& each) { return options->kind == each.word; });
        roi::CorrectOptions how{.kind = is.kind,
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
        take_degrees(is, options->df, how);
        if (how.two_sided && is.one_sided) {
            throw UsageError(
                roi::text("--two-sided makes no sense with --kind ", is.word, ", which has one side"));
        }
        const bool adjusts = !options->adjusted_p.empty() || !options->adjusted_log_p.empty();
        if (adjusts && how.method == roi::Correction::none) {
            throw UsageError(
                "--adjusted-p and --adjusted-log-p need --method fdr, fdr-by or bonferroni: fpr adjusts "
                "nothing");
        }
        if (adjusts && how.cluster_size > 1) {
            throw UsageError(
                "--adjusted-p and --adjusted-log-p are of voxels and exclude --cluster-size, which drops "
                "some");
        }
        if (how.cluster_size < 0) {
            throw UsageError(roi::text("--cluster-size: expected a number from 0, found ", how.cluster_size));
        }
        if (!options->mask.empty()) how.mask = read_mask(session, options->mask);
        roi::Volume<double> adjusted, adjusted_log;
        const auto found = with_volume(session, options->input, [&](const auto& map) {
            if (how.mask) {
                roi::require_same_grid(map.grid(), how.mask->grid(),
                                       roi::text(options->input, " and ", options->mask));
            }
            if (!session.was_given(kind) && how.warning && seems_of_p(map)) {
                how.warning("no value is negative, as in maps of p; they are taken as z: see --kind");
            }
            if (!options->adjusted_p.empty()) adjusted = roi::adjusted_p(map, how);
            if (!options->adjusted_log_p.empty()) adjusted_log = roi::adjusted_neg_log10_p(map, how);
            return roi::correct(map, how);
        });
        const bool piped =
            options->output == "-" || options->adjusted_p == "-" || options->adjusted_log_p == "-";
        say_before(session, roi::text(found.threshold), piped, [&] {
            if (!options->output.empty()) write_image(session, found.map, options->output);
            if (!options->adjusted_p.empty()) write_image(session, adjusted, options->adjusted_p);
            if (!options->adjusted_log_p.empty()) write_image(session, adjusted_log, options->adjusted_log_p);
        });
    });
}

}  // namespace command
