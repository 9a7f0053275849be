// roi group: from maps of subjects to a table of clusters that survive a correction, with a picture and a page.
#include <roi/core/version.hpp>
#include <roi/io/gzip.hpp>
#include <roi/plot/plot_stat_map.hpp>
#include <roi/stats/correct.hpp>
#include <roi/stats/neg_log10.hpp>
#include <roi/stats/p_values.hpp>
#include <roi/stats/permute.hpp>
#include <roi/stats/ttest_1samp.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/transform.hpp>

#include "commands.hpp"
#include "support/atlas.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include "support/paired_maps.hpp"
#include "support/parse.hpp"
#include "support/report_page.hpp"
#include "support/same_values.hpp"
#include "support/slices.hpp"
#include "support/subject_maps.hpp"
#include "support/survivors.hpp"
#include "support/test_outputs.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace command {

namespace {

struct GroupOptions {
    std::vector<std::string> inputs, a, b;
    std::string output, format, t, z, log_p, kept, plot, report, mask, background, atlas, names, title;
    std::string method = "fdr", alternative = "two-sided", nan_policy = "propagate", connectivity = "faces";
    SliceOptions slices{.mode = "peaks"};
    bool paired = false, welch = false;
    double alpha = 0.05, cluster_p = 0.001, min_distance = 8.0;
    std::int64_t cluster_size = 1, permutations = 5000;
    std::uint64_t seed = 0;

    /// Is the null distribution found by permutation?
    [[nodiscard]] bool permutes() const {
        return method == "max-t" || method == "tfce" || method == "cluster-size" || method == "cluster-mass";
    }
};

/// What was tested, and what is left of it.
struct GroupResult {
    roi::Volume<double> t, z, log_p;
    roi::Mask tested;
    examples::Survivors found;
    std::string df;            ///< degrees of freedom; a range where voxels differ
    std::string what;          ///< the maps and what is asked of them
    std::string procedure;     ///< what was held down, and how
    std::string limit;         ///< what a voxel had to reach
    bool corrected_p = false;  ///< is `log_p` corrected for all voxels?
    bool finite_limit = true;  ///< can a finite value survive?
};

/// Every map is of another subject: a file that comes twice would count as two.
void require_different(const GroupOptions& options) {
    std::set<std::string> seen;
    for (const auto* const paths : {&options.inputs, &options.a, &options.b}) {
        for (const auto& path : *paths) {
            std::error_code ignored;
            auto file = std::filesystem::canonical(path, ignored).string();
            if (!file.empty() && !seen.insert(std::move(file)).second)
                throw roi::InvalidArgument(roi::text(path, ": this map is given twice"));
        }
    }
}

void require_consistent(const GroupOptions& options) {
    const bool two = !options.a.empty() && !options.b.empty();
    if (two ? !options.inputs.empty() : options.inputs.empty() || !options.a.empty() || !options.b.empty())
        throw UsageError("expected MAP..., or --a MAP... with --b MAP...");
    if (options.paired && !two) throw UsageError("--paired needs --a and --b");
    if (options.welch && options.paired)
        throw UsageError(
            "--welch is for two groups; --paired tests the differences, which have one variance");
    if (options.welch && !two) throw UsageError("--welch is for two groups, --a and --b");
    if (options.welch && options.permutes())
        throw UsageError("--welch makes no sense with --method " + options.method + ", which permutes");
    if (options.permutes() && options.nan_policy != "propagate")
        throw UsageError("--nan-policy makes no sense with --method " + options.method +
                         ", which leaves out voxels that are NaN in any map");
    if (!(options.alpha > 0.0 && options.alpha < 1.0))
        throw UsageError(roi::text("--alpha: expected a number above 0 and below 1, found ", options.alpha));
    require_cluster_p(options.cluster_p, options.alternative);
    if (options.permutations < 1)
        throw UsageError(roi::text("--permutations: expected 1 or more, found ", options.permutations));
    if (options.cluster_size < 0)
        throw UsageError(roi::text("--cluster-size: expected a number from 0, found ", options.cluster_size));
    if (!(options.min_distance > 0.0))
        throw UsageError(
            roi::text("--min-distance: expected a number above 0, found ", options.min_distance));
}

/// The maps, and for pairs their differences, given to `use`; two groups as one list.
template <class Use>
auto with_maps(Session& session, const GroupOptions& options, Use&& use) {
    if (options.a.empty()) return use(source_of(session, options.inputs));
    if (!options.paired) {
        auto all = options.a;
        all.insert(all.end(), options.b.begin(), options.b.end());
        return use(source_of(session, all));
    }
    auto first = source_of(session, options.a), second = source_of(session, options.b);
    require_as_many(first, second);
    return use(roi::transform([](double a, double b) { return a - b; }, std::move(first), std::move(second)));
}

/// Volumes of the first group; all where there is one.
std::int64_t first_group(Session& session, const GroupOptions& options) {
    return source_of(session, options.a.empty() ? options.inputs : options.a).frames();
}

roi::TTest test_of(Session& session, const GroupOptions& options, const roi::WarningHandler& warning) {
    const auto sides = alternative(options.alternative);
    const auto nan = nan_policy(options.nan_policy);
    if (!options.a.empty() && !options.paired) {
        return roi::ttest_ind(source_of(session, options.a), source_of(session, options.b),
                              {.equal_var = !options.welch,
                               .alternative = sides,
                               .nan_policy = nan,
                               .infinite_t = false,
                               .progress = session.progress("group"),
                               .warning = warning});
    }
    return with_maps(session, options, [&](auto maps) {
        return roi::ttest_1samp(maps, 0.0,
                                {.alternative = sides,
                                 .nan_policy = nan,
                                 .infinite_t = false,
                                 .progress = session.progress("group"),
                                 .warning = warning});
    });
}

/// As `map`, but with the other sign.
roi::Volume<double> turned_over(roi::Volume<double> map) {
    for (double& value : map) value = 0.0 - value;
    return map;
}

/// The values where a voxel survives, 0 elsewhere, by a threshold for all voxels.
roi::Volume<double> corrected(GroupResult& result, const GroupOptions& options,
                              const std::optional<roi::Mask>& mask, const roi::WarningHandler& warning) {
    const roi::CorrectOptions how{.method = options.method == "fdr"      ? roi::Correction::fdr
                                            : options.method == "fdr-by" ? roi::Correction::fdr_any_dependence
                                            : options.method == "bonferroni" ? roi::Correction::bonferroni
                                                                             : roi::Correction::none,
                                  .alpha = options.alpha,
                                  .two_sided = options.alternative == "two-sided",
                                  .mask = mask,
                                  .warning = warning};
    const bool less = options.alternative == "less";
    auto kept = roi::correct(less ? turned_over(result.z) : result.z, how);
    result.procedure = roi::text(options.method == "fdr"      ? "false discovery rate of "
                                 : options.method == "fdr-by" ? "false discovery rate, any dependence, of "
                                 : options.method == "bonferroni"
                                     ? "Bonferroni's correction, a family-wise error rate of "
                                     : "no correction: a false positive rate of every voxel of ",
                                 options.alpha);
    const auto least = report::rounded(kept.threshold, 3);
    result.finite_limit = std::isfinite(kept.threshold);
    result.limit = !result.finite_limit ? "no z is evidence enough"
                   : less               ? "z of -" + least + " or less"
                   : how.two_sided      ? "z beyond " + least + " on either side"
                                        : "z of " + least + " or more";
    return less ? turned_over(std::move(kept.map)) : std::move(kept.map);
}

/// The same where permutations of the maps say how large a statistic becomes by chance.
roi::Volume<double> permuted(Session& session, GroupResult& result, const GroupOptions& options,
                             const std::optional<roi::Mask>& mask, const roi::WarningHandler& warning) {
    roi::PermuteOptions how{.permutations = options.permutations,
                            .seed = options.seed,
                            .alternative = alternative(options.alternative),
                            .tfce = options.method == "tfce",
                            .connectivity = connectivity(options.connectivity),
                            .alpha = options.alpha,
                            .mask = mask,
                            .threads = session.threads,
                            .progress = session.progress("permute"),
                            .warning = warning,
                            .stop = roi::StopRequest(Session::stop())};
    const bool clusters = options.method == "cluster-size" || options.method == "cluster-mass";
    if (clusters) how.cluster_p = options.cluster_p;
    const auto first = first_group(session, options);
    auto test = with_maps(session, options, [&](auto maps) {
        std::vector<double> tested(static_cast<std::size_t>(maps.frames()), 1.0);
        if (!options.a.empty() && !options.paired) std::fill(tested.begin() + first, tested.end(), 0.0);
        return roi::permute(maps, tested, how);
    });
    if (test.stopped) {
        throw roi::Error(roi::ErrorCode::stopped, roi::text("stopped after ", test.null.size(), " of ",
                                                            test.permutations, " permutations"));
    }
    result.log_p = std::move(options.method == "max-t"          ? test.log_p
                             : options.method == "tfce"         ? test.log_p_tfce
                             : options.method == "cluster-size" ? test.log_p_cluster_size
                                                                : test.log_p_cluster_mass);
    result.corrected_p = true;
    result.df = roi::text(test.df);
    result.t = std::move(test.t);
    result.z = result.t;
    for (double& value : result.z) value = roi::z_of_t(value, test.df);
    const double least = -std::log10(options.alpha) * (1.0 - 1e-12);
    auto kept = result.z;
    for (std::int64_t i = 0; i < kept.size(); ++i) {
        if (!(result.log_p[i] >= least)) kept[i] = 0.0;
    }
    const char* const statistic = options.method == "max-t"          ? "the largest t"
                                  : options.method == "tfce"         ? "threshold-free cluster enhancement"
                                  : options.method == "cluster-size" ? "the size of clusters"
                                                                     : "the mass of clusters";
    result.procedure = roi::text("family-wise error rate of ", options.alpha, ", ", statistic,
                                 clusters ? roi::text(" formed at p = ", options.cluster_p) : std::string(),
                                 ", ", test.exact ? "all " : "", test.permutations,
                                 options.a.empty() || options.paired ? " flips of signs" : " permutations",
                                 test.exact ? " there are" : " drawn at random",
                                 test.exact ? std::string() : roi::text(", seed ", options.seed));
    result.limit = roi::text("a corrected p of ", options.alpha, " or less");
    return kept;
}

std::string what_is_tested(const GroupOptions& options, std::int64_t first, std::int64_t all) {
    if (options.a.empty()) return roi::text("the mean of ", all, " maps against 0");
    if (options.paired) return roi::text(first, " pairs of maps, the first less the second");
    const auto maps = [](std::int64_t count) { return roi::text(count, count == 1 ? " map" : " maps"); };
    return maps(first) + " less " + maps(all - first);
}

/// Can signs of so many maps be flipped, or maps of two groups be exchanged, in so many ways that a corrected p is alpha
/// or less?
bool can_permute(const GroupOptions& options, std::int64_t first, std::int64_t all) {
    const bool flips = options.a.empty() || options.paired;
    double ways = 1.0;
    if (flips) {
        ways = std::exp2(static_cast<double>(first));
    } else {
        for (std::int64_t i = 1; i <= first; ++i)
            ways *= static_cast<double>(all - first + i) / static_cast<double>(i);
    }
    const auto most = static_cast<double>(options.permutations);
    if (ways > most) return 1.0 / (most + 1.0) <= options.alpha;
    // All signs turned over, or equal groups exchanged, are as large on the other side.
    const bool twice = options.alternative == "two-sided" && (flips || 2 * first == all);
    return (twice ? 2.0 : 1.0) / ways <= options.alpha * (1.0 + 1e-12);
}

/// The voxel that speaks most against no effect, on the sides that are tested, and how much: |z|, or -log10 of its corrected p.
struct Evidence {
    double value = 0.0;
    std::int64_t voxel = 0;
};

/// \return nothing where nothing was tested
std::optional<Evidence> most_evidence(const GroupOptions& options, const GroupResult& result) {
    std::optional<Evidence> out;
    const auto& map = result.corrected_p ? result.log_p : result.z;
    for (std::int64_t i = 0; i < map.size(); ++i) {
        if (!result.tested[i] || !std::isfinite(map[i])) continue;
        const double value = result.corrected_p                   ? map[i]
                             : options.alternative == "two-sided" ? std::abs(map[i])
                             : options.alternative == "less"      ? -map[i]
                                                                  : map[i];
        if (!out || value > out->value) out = {value, i};
    }
    return out;
}

/// Says that nothing survives, how far away it is, and what may find more with these maps and options.
void warn_of_nothing(const GroupOptions& options, const GroupResult& result, std::int64_t first,
                     std::int64_t all, const roi::WarningHandler& warning) {
    const bool less = options.alternative == "less", two_sided = options.alternative == "two-sided";
    const auto most = most_evidence(options, result);
    const bool enough = can_permute(options, first, all);
    // Where nothing was tested, or permutations are too few, that was said.
    if (!most || (options.permutes() && !enough)) return;
    std::string advice;
    if (options.method != "fpr") {  // without a correction it counts for nothing how many voxels there are
        advice = options.mask.empty() ? "a --mask of where the effect is expected, "
                                      : "a smaller --mask of where the effect is expected, ";
    }
    advice += "more maps";
    if (options.method.starts_with("cluster-") && most->value == 0.0)
        advice += roi::text(", a larger --cluster-p than ", options.cluster_p);
    const bool enhances = !options.welch && options.nan_policy == "propagate" && enough;
    if (enhances && options.method != "tfce" && options.method != "fpr") advice += ", --method tfce";
    const auto found = result.finite_limit ? "no voxel has " + result.limit : result.limit;
    warning(roi::text("group: ", found, ", the ",
                      result.corrected_p ? "least is "
                      : less             ? "smallest is "
                      : two_sided        ? "largest on either side is "
                                         : "largest is ",
                      result.corrected_p ? report::rounded(std::pow(10.0, -most->value), 4)
                                         : report::rounded(less ? -most->value : most->value, 3),
                      "; ", advice, " or a larger --alpha than ", options.alpha, " may find more"));
}

/// The numbers of a map in tested voxels: one, or the smallest and the largest.
std::string range_where(const roi::Mask& tested, const roi::Volume<double>& map) {
    double least = std::numeric_limits<double>::infinity(), most = -least;
    for (std::int64_t i = 0; i < map.size(); ++i) {
        if (!tested[i] || !std::isfinite(map[i])) continue;
        least = std::min(least, map[i]);
        most = std::max(most, map[i]);
    }
    if (!(least <= most)) return "n/a";
    if (least == most) return roi::text(least);
    return report::rounded(least, 1) + " to " + report::rounded(most, 1);
}

/// Takes out of a mask what has no z: it counts for no correction, as it counts for none where maps are permuted.
void leave_out_untested(roi::Mask& mask, const roi::Volume<double>& z) {
    for (std::int64_t i = 0; i < z.size(); ++i) {
        if (std::isnan(z[i])) mask[i] = false;
    }
    if (roi::count(mask) == 0)
        throw roi::InvalidArgument("no voxel can be tested: none is in the mask, finite and varies");
}

/// What is not tested is 0 in all maps, whatever the method, as `permute` has it.
void untested_is_zero(roi::Volume<double>& map) {
    for (double& value : map) {
        if (std::isnan(value)) value = 0.0;
    }
}

GroupResult result_of(Session& session, const GroupOptions& options, const roi::WarningHandler& warning) {
    std::optional<roi::Mask> mask;
    if (!options.mask.empty()) {
        mask = read_mask(session, options.mask);
        const auto& first = options.a.empty() ? options.inputs.front() : options.a.front();
        roi::require_same_grid(roi::read_header(session.input(first)).grid, mask->grid(),
                               roi::text(first, " and ", options.mask));
    }
    roi::ClusterOptions how;
    how.min_size = std::max<std::int64_t>(options.cluster_size, 1);
    how.min_distance = options.min_distance;
    how.connectivity = connectivity(options.connectivity);
    read_atlas(session, options.atlas, options.names, warning, how);

    GroupResult out;
    roi::Volume<double> kept, df;
    if (options.permutes()) {
        kept = permuted(session, out, options, mask, warning);
    } else {
        auto test = test_of(session, options, warning);
        out.z = roi::z_map(test);
        out.log_p = roi::neg_log10(test);
        out.t = std::move(test.t);
        df = std::move(test.df);
        if (mask) leave_out_untested(*mask, out.z);
        kept = corrected(out, options, mask, warning);
        for (auto* const map : {&out.t, &out.z}) untested_is_zero(*map);
    }
    out.tested = mask ? std::move(*mask) : roi::Mask(out.z.grid(), true);
    for (std::int64_t i = 0; i < out.tested.size(); ++i) {
        out.tested[i] = out.tested[i] && std::isfinite(out.z[i]) && out.z[i] != 0.0;
    }
    if (df.size() > 0) out.df = range_where(out.tested, df);
    const auto first = first_group(session, options);
    const auto second = options.b.empty() ? 0 : source_of(session, options.b).frames();
    out.what = what_is_tested(options, first, first + second);
    const bool any = std::any_of(kept.begin(), kept.end(), [](double value) { return value != 0.0; });
    out.found = examples::survivors(std::move(kept), how);
    if (warning && !any) {
        warn_of_nothing(options, out, first, first + second, warning);
    } else if (warning && out.found.voxels == 0) {
        warning(roi::text("group: of what has ", out.limit, " no cluster has ", options.cluster_size,
                          " voxels, see --cluster-size"));
    }
    if (options.cluster_size > 1)
        out.limit += roi::text(", in clusters of ", options.cluster_size, " voxels or more");
    return out;
}

/// What survives is drawn as it is: values between it and the 0 around it survive nothing.
const roi::Interpolation as_it_is(roi::Interpolation::nearest);

/// Clusters of which a picture shows the peak.
constexpr std::size_t most_peaks = 5;

/// Cuts a picture through the highest peaks of the largest clusters, a column each in the order of the table.
void cut_through_peaks(const roi::ClusterTable& clusters, roi::PlotOptions& how) {
    std::vector<const roi::ClusterPeak*> shown;
    for (const auto& peak : clusters.peaks) {
        // A picture cannot show what is infinite.
        if (peak.sub_peak == 0 && std::isfinite(peak.value)) shown.push_back(&peak);
    }
    std::stable_sort(shown.begin(), shown.end(),
                     [](const auto* a, const auto* b) { return a->voxels > b->voxels; });
    shown.resize(std::min(shown.size(), most_peaks));
    std::sort(shown.begin(), shown.end(),
              [](const auto* a, const auto* b) { return a->cluster < b->cluster; });
    if (shown.empty()) return;
    if (shown.size() == 1) {
        how.cut = roi::Cuts(shown.front()->position);
        return;
    }
    std::array<std::vector<double>, 3> at;
    for (const auto* const peak : shown) {
        for (int axis = 0; axis < 3; ++axis)
            at[static_cast<std::size_t>(axis)].push_back(peak->position[axis]);
    }
    how.display = roi::Display::mosaic;
    how.cut = roi::Cuts::per_axis(at[0], at[1], at[2]);
    how.draw_cross = false;
}

/// A map above the background, or above what was tested: without it a picture would end where the last cluster does.
roi::Figure picture(Session& session, const GroupOptions& options, const GroupResult& result,
                    const roi::Volume<double>& map, const std::string& title,
                    std::optional<roi::Interpolation> interpolation = {}) {
    // One side of the colours for each sign, also where one sign alone survives.
    roi::PlotOptions how{.title = title, .symmetric = true, .interpolation = interpolation};
    how.warning = session.warning();
    if (options.slices.known()) {
        options.slices.apply(how);
    } else if (result.found.voxels > 0) {
        cut_through_peaks(result.found.clusters, how);
    } else if (const auto most = most_evidence(options, result)) {
        const auto& shape = result.z.grid().shape();
        const auto x = most->voxel % shape[0], y = most->voxel / shape[0] % shape[1],
                   z = most->voxel / (shape[0] * shape[1]);
        how.cut = roi::Cuts(
            result.z.grid().world({static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)}));
    }
    if (options.background.empty()) {
        // A mask of nearly all is white by itself, on white.
        how.black_bg = how.black_bg.value_or(true);
        return roi::plot_stat_map(map, result.tested, how);
    }
    return roi::plot_stat_map(map, read_volume<double>(session, options.background), how);
}

/// Capital letter at the front.
std::string sentence(std::string words) {
    if (!words.empty() && words[0] >= 'a' && words[0] <= 'z')
        words[0] = static_cast<char>(words[0] - 'a' + 'A');
    return words;
}

/// -log10 p at the peak of a cluster: with clusters by size or mass that of the cluster.
double log_p_of(const GroupResult& result, const roi::ClusterPeak& peak) {
    return result.log_p(peak.voxel[0], peak.voxel[1], peak.voxel[2]);
}

std::string clusters_section(const GroupOptions& options, const GroupResult& result) {
    const auto& clusters = result.found.clusters;
    if (clusters.peaks.empty()) return "<p>Nothing survives.</p>\n";
    std::vector<std::string> heading{"id", "x (mm)", "y (mm)", "z (mm)", "peak z", "mm\xc2\xb3", "voxels"};
    if (result.corrected_p) heading.emplace_back("corrected p");
    if (clusters.with_atlas) heading.emplace_back("region");
    std::vector<std::vector<std::string>> rows;
    for (const auto& peak : clusters.peaks) {
        std::vector<std::string> row{peak.id()};
        for (int axis = 0; axis < 3; ++axis) row.push_back(report::rounded(peak.position[axis], 1));
        row.push_back(report::rounded(peak.value, 2));
        const bool sub_peak = peak.sub_peak > 0;
        const double volume = static_cast<double>(peak.voxels) * clusters.clusters.grid().voxel_volume();
        row.push_back(sub_peak ? "" : report::rounded(volume, 0));
        row.push_back(sub_peak ? "" : roi::text(peak.voxels));
        if (result.corrected_p) row.push_back(report::rounded(std::pow(10.0, -log_p_of(result, peak)), 4));
        if (clusters.with_atlas) row.push_back(peak.label ? clusters.names[*peak.label] : "");
        rows.push_back(std::move(row));
    }
    return report::table("numbers", heading, rows) +
           roi::text(
               "<p class=\"quiet\">Peaks of z, those of negative clusters last; letters are peaks of the "
               "same cluster, more than ",
               options.min_distance, " mm apart.</p>\n");
}

std::string page_of(Session& session, const GroupOptions& options, const GroupResult& result) {
    const auto title = options.title.empty() ? sentence(result.what) : options.title;
    const auto count = result.found.cluster_count();
    std::string figures = "<div class=\"figures\">\n";
    const bool everywhere =
        std::all_of(result.tested.begin(), result.tested.end(), [](bool in) { return in; });
    const std::string below = !options.background.empty() ? ""
                              : everywhere                ? " Every voxel was tested."
                                                          : " Gray is what was tested.";
    const auto shown = std::min(static_cast<std::size_t>(count), most_peaks);
    const auto columns = options.slices.known() || shown < 2 ? std::string()
                         : static_cast<std::size_t>(count) > shown
                             ? roi::text(" A column is the peak of a cluster, of the ", shown,
                                         " largest in the order of the table.")
                             : " A column is the peak of a cluster, in the order of the table.";
    if (result.found.voxels > 0) {
        figures += report::figure(
            [&] { return picture(session, options, result, result.found.map, "What survives", as_it_is); },
            "survivors", roi::text("z where it survives: ", result.limit, ".", below, columns));
    }
    figures +=
        report::figure([&] { return picture(session, options, result, result.z, "z"); }, "z",
                       result.found.voxels > 0 || options.slices.known()
                           ? "z of all voxels, whatever the correction."
                           : "z of all voxels, whatever the correction, through the one that speaks most "
                             "against no effect.");
    figures += "</div>\n";
    const auto listed = [&](const std::vector<std::string>& paths) {
        return session.as_given(roi::listed(paths, 200));
    };
    std::vector<std::vector<std::string>> facts{{"Test", result.what}};
    if (options.a.empty()) {
        facts.push_back({"Maps", listed(options.inputs)});
    } else {
        facts.push_back({"First maps", listed(options.a)});
        facts.push_back({"Second maps", listed(options.b)});
        facts.push_back({"Variances", options.paired  ? "of the differences"
                                      : options.welch ? "need not be equal (Welch)"
                                                      : "equal (Student)"});
    }
    facts.push_back({"Degrees of freedom", result.df});
    facts.push_back({"Alternative", options.alternative});
    facts.push_back({"Correction", result.procedure});
    facts.push_back({"A voxel survives with", result.limit});
    facts.push_back({"Connectivity", options.connectivity});
    facts.push_back({"Mask", options.mask.empty() ? "none: all voxels that can be tested"
                                                  : session.as_given(options.mask)});
    if (!options.atlas.empty()) facts.push_back({"Atlas", session.as_given(options.atlas)});
    if (!options.names.empty()) facts.push_back({"Names", session.as_given(options.names)});
    facts.push_back({"Grid", result.z.grid().to_string()});
    auto content =
        roi::text("<h1>", roi::xml_escaped(title), "</h1>\n<p class=\"lead\">", result.found.voxels, " of ",
                  roi::count(result.tested), " voxels that were tested survive, in ", count,
                  count == 1 ? " cluster" : " clusters", ": ", roi::xml_escaped(result.limit), ".</p>\n");
    // Last, because pictures warn too.
    const auto warnings = report::warnings(session.warnings());
    if (!session.warnings().empty()) content += warnings;
    content += report::section("clusters", "Clusters", clusters_section(options, result));
    content += report::section("figures", "Maps", figures);
    content += report::section("parameters", "Parameters", report::table("facts", {}, facts));
    if (session.warnings().empty()) content += warnings;
    content += roi::text("<p class=\"quiet\">Made by roi ", roi::version, ".</p>\n");
    return report::page(title, content);
}

}  // namespace

void add_group(Cli& cli) {
    const auto [command, options] = cli.add<GroupOptions>(
        "group", "Statistics",
        "Tests maps of subjects; the clusters that survive a correction, a picture, a page");
    command.maps("inputs", options->inputs, "MAP...",
                 "Maps of one group, tested against 0; a folder stands for its images, in the order of the "
                 "numbers in their names");
    command.maps("--a", options->a, "MAP...", "Maps of the first group");
    command.maps("--b", options->b, "MAP...", "Maps of the second group; z > 0 where the first is larger");
    command.flag("--paired", options->paired, "--a and --b are pairs, in the same order");
    command.flag("--welch", options->welch, "Variances need not be equal");
    declare_test(command, options->alternative, options->nan_policy);
    command.choice(
        "--method", options->method,
        {"fdr", "fdr-by", "bonferroni", "fpr", "max-t", "tfce", "cluster-size", "cluster-mass"},
        "Correction: as `correct` has it, or by permutation of the largest t, of enhanced t, or of "
        "clusters");
    command.number("--alpha", options->alpha, "A", "The rate that is held down");
    auto* const permutations =
        command.number("--permutations", options->permutations, "N", "How many; all where there are no more");
    auto* const seed = command.number("--seed", options->seed, "N", "Another seed draws other permutations")
                           ->check(at_least_zero());
    auto* const cluster_p =
        command.number("--cluster-p", options->cluster_p, "P",
                       "Voxels whose own p is below this form the clusters of cluster-size and cluster-mass");
    command.number("--cluster-size", options->cluster_size, "N", "Smallest cluster kept, in voxels");
    command.text("--connectivity", options->connectivity, "S", "faces or 6, edges or 18, corners or 26");
    command.number("--min-distance", options->min_distance, "MM", "Between the peaks of a cluster");
    command.file("--mask", options->mask, "The voxels that are tested; all that can be unless told");
    auto* const atlas = command.file("--atlas", options->atlas, "An atlas that says the region of each peak");
    command.table("--names", options->names, "Names of the atlas's labels")->needs(atlas);
    command.output_table(options->output, options->format);
    command.written("--report", options->report, "Page to write: .html")->check([](const std::string& name) {
        return name.ends_with(".html") ? std::string()
                                       : roi::text("expected a name that ends in .html, found ", name);
    });
    command.written("--plot", options->plot, "Picture of what survives to write: .svg or .png")
        ->check(picture_problem);
    std::vector<CLI::Option*> of_pictures{
        command.file(
            "--background", options->background,
            "Image drawn in gray below, on any grid; unless told what was tested, where that is not every "
            "voxel"),
        command.text("--title", options->title, "TEXT", "Of picture and page")};
    for (auto* const option : options->slices.declare(
             command, {"peaks"},
             "Which slices, and how they stand; peaks: a column of three through the peak of each of the "
             "largest clusters"))
        of_pictures.push_back(option);
    command.written("--kept", options->kept, "Map of z where it survives to write, 0 elsewhere")
        ->check(image_problem);
    command.written("--t", options->t, "Map of t to write, 0 where nothing is tested")->check(image_problem);
    command.written("--z", options->z, "Map of z to write, 0 where nothing is tested")->check(image_problem);
    command
        .written("--log-p", options->log_p,
                 "Map of -log10 p to write: of each voxel, with permutations corrected for all")
        ->check(image_problem);
    command.run([options = options, permutations, seed, cluster_p, of_pictures](Session& session) {
        require_consistent(*options);
        // Whoever says where to cut has chosen.
        const bool mode_given = session.was_given(of_pictures.back());
        if (!mode_given && !options->slices.cut.empty()) options->slices.mode = "ortho";
        options->slices.require_consistent();
        for (const auto* const option : of_pictures) {
            if (option->count() > 0 && options->plot.empty() && options->report.empty())
                throw UsageError(option->get_name() + " is for --plot and --report");
        }
        for (const auto* const option : {permutations, seed}) {
            if (option->count() > 0 && !options->permutes())
                throw UsageError(
                    roi::text(option->get_name(), ": --method ", options->method, " permutes nothing"));
        }
        if (cluster_p->count() > 0 && !options->method.starts_with("cluster-"))
            throw UsageError("--cluster-p is for --method cluster-size and cluster-mass");
        auto given = *options;
        for (const auto* const folders : {&given.inputs, &given.a, &given.b}) {
            require_apart(
                *folders,
                {{"--t", &given.t}, {"--z", &given.z}, {"--log-p", &given.log_p}, {"--kept", &given.kept}});
        }
        session.keeps_warnings = !given.report.empty();
        given.inputs = maps_of(options->inputs);
        given.a = maps_of(options->a);
        given.b = maps_of(options->b);
        warn_of_runs(session, {&given.inputs, &given.a, &given.b});
        require_different(given);
        if (given.paired) {
            require_pairs(session, given.a, given.b);
        } else if (given.a.empty()) {
            warn_of_same_subjects(session, {&given.inputs});
        } else {
            warn_of_same_subjects(session, {&given.a, &given.b});
        }
        // Maps are read more than once, standard input is not.
        for (auto* const paths : {&given.inputs, &given.a, &given.b}) {
            for (auto& path : *paths) path = session.input(path);
        }
        with_maps(session, given, [&](auto maps) {
            warn_of_same_values(session, maps, given.paired ? "difference of a pair" : "map");
        });
        const auto result = result_of(session, given, session.warning());
        for (const auto& [path, map] :
             {std::pair{&given.t, &result.t}, std::pair{&given.z, &result.z},
              std::pair{&given.log_p, &result.log_p}, std::pair{&given.kept, &result.found.map}}) {
            if (!path->empty()) write_image(session, *map, *path);
        }
        if (!given.plot.empty()) {
            session.output_picture("--plot", given.plot, [&](const std::string& file) {
                picture(session, given, result, result.found.map, given.title, as_it_is).save(file);
            });
        }
        if (!given.report.empty()) {
            const auto page = page_of(session, given, result);
            session.output_file(given.report, [&](const std::string& file) {
                roi::ByteWriter writer(file, roi::Compression::none);
                writer.write(page);
                writer.commit();
            });
        }
        auto table = roi::to_table(result.found.clusters);
        if (result.corrected_p) {
            roi::DataTable::Numbers corrected;
            for (const auto& peak : result.found.clusters.peaks) corrected.push_back(log_p_of(result, peak));
            table.add("log_p", std::move(corrected));
        }
        session.output_table(table, given.output, given.format);
        if (session.quiet || given.output.empty() || given.output == "-") return;
        const auto count = result.found.cluster_count();
        session.say(roi::text(count, count == 1 ? " cluster" : " clusters", " of ", result.found.voxels,
                              result.found.voxels == 1 ? " voxel: " : " voxels: ", result.what, ", df ",
                              result.df, "; ", result.limit));
    });
}

}  // namespace command
