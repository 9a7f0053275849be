// Tests whose p values come from flipping signs or shuffling volumes, corrected for all voxels at once.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/structure.hpp>
#include <roi/stats/detail/cluster_work.hpp>
#include <roi/stats/detail/masked_voxels.hpp>
#include <roi/stats/detail/permutations.hpp>
#include <roi/stats/detail/unit_data.hpp>
#include <roi/stats/p_values.hpp>
#include <roi/stats/test_result.hpp>
#include <roi/stats/tfce.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>
#include <roi/table/data_table.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// The largest statistics of the map of every permutation so far: what a permutation test goes on from.
struct PermutationNull {
    std::uint64_t seed = 0;
    std::vector<double> t;             ///< |t| for two sides, -t where small ones count
    std::vector<double> tfce;          ///< empty without it
    std::vector<double> cluster_size;  ///< voxels; empty without a cluster-forming p
    std::vector<double> cluster_mass;  ///< likewise
    std::string source = {};           ///< the file it comes from, which messages name; none unless told

    /// Permutations that are done.
    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(t.size()); }
};

/// The largest statistics as a table: a row for every permutation, a column for every statistic there is.
[[nodiscard]] inline DataTable to_table(const PermutationNull& null) {
    DataTable out;
    out.add("t", null.t);
    if (!null.tfce.empty()) out.add("tfce", null.tfce);
    if (!null.cluster_size.empty()) out.add("cluster_size", null.cluster_size);
    if (!null.cluster_mass.empty()) out.add("cluster_mass", null.cluster_mass);
    return out;
}

/// What `to_table` has written, of a call with this seed: to go on from it.
///
/// \param source  the file of the table, which messages name
/// \throws InvalidArgument when there is no column t or one of the others holds texts
[[nodiscard]] inline PermutationNull permutation_null(const DataTable& table, std::uint64_t seed = 0,
                                                      const std::string& source = {}) {
    const auto column = [&](std::string_view name) {
        const bool there = std::any_of(table.columns().begin(), table.columns().end(),
                                       [&](const auto& known) { return known.name == name; });
        return there ? table.numbers(name) : std::vector<double>{};
    };
    try {
        return {seed,  table.numbers("t"), column("tfce"), column("cluster_size"), column("cluster_mass"),
                source};
    } catch (const InvalidArgument& error) {
        if (source.empty()) throw;
        throw InvalidArgument(
            text(source, ": expected the largest statistics of permutations, found ", error.what()));
    }
}

/// Settings of `permute`.
struct PermuteOptions {
    /// How many; all there are, each once, when they are no more than this.
    std::int64_t permutations = 10000;
    std::uint64_t seed = 0;                            ///< permutation k depends on the seed and k alone
    Alternative alternative = Alternative::two_sided;  ///< which t count as evidence

    bool tfce = true;                              ///< also threshold-free cluster enhancement
    double extent_power = 0.5;                     ///< its E
    double height_power = 2.0;                     ///< its H
    Structure connectivity = Connectivity::faces;  ///< which voxels are one cluster

    /// Also clusters of voxels whose own p is below this, with one side below 0.5; 0: none.
    double cluster_p = 0.0;

    bool uncorrected = false;  ///< also p of every voxel by itself

    /// The corrected p that counts: `.warning` is told where there are too few permutations to reach it.
    double alpha = 0.05;

    /// Columns of one number per volume whose effect is taken out.
    std::vector<std::vector<double>> nuisance = {};

    /// What messages call these columns; none: by number.
    std::vector<std::string> nuisance_names = {};

    /// One number per volume: only volumes of the same number are exchanged. None: all are.
    std::vector<std::int64_t> blocks = {};

    std::optional<Mask> mask = {};  ///< voxels that are tested

    /// What an earlier, stopped call left: the permutations it did are not done again.
    std::optional<PermutationNull> resume = {};
    /// Shown what is done every few permutations, from the calling thread: to keep it in case that the program ends.
    std::function<void(const PermutationNull&)> save = {};

    int threads = 0;           ///< 0 is the default
    Progress progress{};       ///< told the number of permutations done, from the calling thread
    WarningHandler warning{};  ///< told how many values are not finite, and what the source warns of
    /// True ends the work early, with what is done so far, or with an `Error` stopped while the volumes are read; asked on
    /// the calling thread.
    StopRequest stop = {};
};

/// Maps of a permutation test; 0 where there was no test.
struct PermutationTest {
    Volume<double> t;                   ///< the statistic
    Volume<double> tfce;                ///< enhanced, with the sign of t
    Volume<double> log_p;               ///< -log10 p, corrected for all voxels, of the height of t
    Volume<double> log_p_tfce;          ///< of the enhanced map
    Volume<double> log_p_cluster_size;  ///< of the cluster that a voxel belongs to
    Volume<double> log_p_cluster_mass;  ///< likewise, of the sum of what is above the threshold
    Volume<double> log_p_uncorrected;   ///< -log10 p of the height of t in this voxel alone
    double df = 0.0;
    double cluster_threshold = 0.0;  ///< the t of the cluster-forming p
    Alternative alternative = Alternative::two_sided;
    Structure connectivity = Connectivity::faces;
    bool exact = false;             ///< were all permutations done, each once?
    std::int64_t permutations = 0;  ///< how many there were to be; `null.size()` are done
    /// Did `.stop` end the work early? Maps of p are then shares of fewer permutations: of those done, and where `.uncorrected`
    /// was to count again those that were resumed, of those counted.
    bool stopped = false;
    PermutationNull null;
};

namespace detail {

/// The largest statistics of one map.
struct Largest {
    double t = 0.0, tfce = 0.0, cluster_size = 0.0, cluster_mass = 0.0;
};

/// -log10 of the p of a statistic that `count` of `all` permutations reach, where all there are were done or some.
[[nodiscard]] inline double neg_log10_p_of_count(double count, double all, bool complete) {
    return 0.0 - std::log10(complete ? count / all : (count + 1.0) / (all + 1.0));
}

/// The least statistic of a permutation that reaches one of the volumes as they are: sums in another order may differ by
/// rounding where the exact values are equal, by more than their own digits where these are 0.
[[nodiscard]] inline double least_that_reaches(double value) {
    return value - 1e-9 * std::max(std::abs(value), 1e-3);
}

/// -log10 of corrected p: how many of the largest values of all permutations are at least this one.
class CorrectedP {
public:
    CorrectedP(std::vector<double> null, bool complete) : null_(std::move(null)), complete_(complete) {
        std::sort(null_.begin(), null_.end());
    }
    [[nodiscard]] double operator()(double value) const {
        const auto first = std::lower_bound(null_.begin(), null_.end(), least_that_reaches(value));
        return neg_log10_p_of_count(static_cast<double>(null_.end() - first),
                                    static_cast<double>(null_.size()), complete_);
    }

private:
    std::vector<double> null_;
    bool complete_;
};

/// The least corrected p that a statistic with these largest values can have.
[[nodiscard]] inline double least_corrected_p(const std::vector<double>& null, bool complete) {
    const auto all = static_cast<double>(null.size());
    if (!complete) return 1.0 / (all + 1.0);
    const double largest = *std::max_element(null.begin(), null.end());
    if (largest == 0.0) return 1.0 / all;  // no cluster anywhere
    // Of two sides every map has one that is as large, with all signs turned over.
    const double reached = least_that_reaches(largest);
    return static_cast<double>(
               std::count_if(null.begin(), null.end(), [&](double value) { return value >= reached; })) /
           all;
}

/// Says which columns make the mean that is tested one of no volume: that where they are 0, far from what they are.
inline void warn_of_columns_off_zero(const std::vector<std::vector<double>>& nuisance,
                                     const std::vector<std::string>& names, const WarningHandler& warning) {
    if (!warning) return;
    for (std::size_t k = 0; k < nuisance.size(); ++k) {
        const auto n = static_cast<double>(nuisance[k].size());
        const double mean = std::accumulate(nuisance[k].begin(), nuisance[k].end(), 0.0) / n;
        double squares = 0.0;
        for (const double value : nuisance[k]) squares += (value - mean) * (value - mean);
        const double spread = std::sqrt(squares / n);
        if (!(spread > 0.0) || std::abs(mean) <= 0.05 * spread) continue;
        warning(text("permute: the mean is tested where ", nuisance_column(k, names),
                     " is 0, but its mean is ", in_four_digits(mean), " and its standard deviation ",
                     in_four_digits(spread), "; take its mean off it first to test the mean of all volumes"));
    }
}

/// Says when so few permutations were done that nothing can be found.
inline void warn_of_few_permutations(const PermutationNull& null, bool complete, bool in_blocks, double alpha,
                                     const WarningHandler& warning) {
    if (!warning || null.t.empty()) return;
    if (complete && null.size() == 1) {
        return warning(
            text("permute: there is no permutation but the volumes as they are, so p is 1 everywhere",
                 in_blocks ? ": no block holds volumes that differ in what is tested" : ""));
    }
    const std::pair<const std::vector<double>*, std::string_view> statistics[] = {
        {&null.t, "p"},
        {&null.tfce, "p of enhanced t"},
        {&null.cluster_size, "p of a cluster's size"},
        {&null.cluster_mass, "p of a cluster's mass"}};
    for (const auto& [values, name] : statistics) {
        if (values->empty()) continue;
        const double least = least_corrected_p(*values, complete);
        if (least <= alpha * (1.0 + 1e-12)) continue;
        warning(text("permute: of the ", null.size(), " permutations that ",
                     complete ? "there are" : "were done", " no ", name, " can be below ",
                     in_four_digits(least), ", so nothing can be found by it at ", alpha));
        return;
    }
}

}  // namespace detail

/// Tests every voxel by permutation, corrected for all of them at once.
///
/// \param source   a run, or a list of subjects' maps as `concat(maps)`, in memory or streamed: anything that `scan` takes
/// \param tested   the variable that is tested, one number per volume: 0 and 1 for two groups, an age; the same number
///                 for all tests whether their mean is 0
/// \param options  how many permutations, seed, sides, what clusters are, nuisance columns, blocks, mask; `.warning` is told
///                 of values that are NaN or infinite, of nuisance columns that are far from 0 where the mean is tested or
///                 nearly made of others, and where there are too few permutations for a p of `.alpha`
/// \returns        maps of t, of the enhanced t, and of corrected -log10 p of height, enhancement and clusters
/// \throws InvalidArgument when a column is not about the source's volumes, there are too few, nothing is left to test, an
///         option makes no sense, or what is to be resumed was left by a call with other volumes, settings or another seed
/// \throws GridMismatch when the mask lies on another grid
///
/// t is that of the general linear model with the tested variable, an intercept and the nuisance columns. A constant
/// variable is tested by flipping signs of volumes, any other by shuffling the rows of variable and nuisance columns together,
/// after the effect of the latter was taken out of the volumes. The p of a voxel is the share of permutations, the volumes
/// as they are counted among them, whose largest statistic anywhere is as large (Westfall and Young 1993): (count + 1) /
/// (m + 1) for m random ones, count / all where all are done. A group of equal rows makes fewer permutations. With
/// `.uncorrected` there is also the share of permutations whose t in the voxel itself is as large, for which maps of t of
/// permutations that are resumed are made again.
///
/// As nilearn's `permuted_ols`, but with enhancement that is an exact integral (`tfce`), p of clusters that is never 0, a
/// constant nuisance column that changes nothing, and voxels left out that never change or, with a warning, change with the
/// tested variable or with nuisance columns alone. The same for any number of
/// threads. Memory: a double for every tested voxel and volume, and about 100 bytes a voxel and thread.
template <FrameSource Source>
[[nodiscard]] PermutationTest permute(Source&& source, std::span<const double> tested,
                                      const PermuteOptions& options = {}) {
    if (options.permutations < 1) {
        throw InvalidArgument(text("permute: expected 1 or more permutations, found ", options.permutations));
    }
    // Of one side a larger p is that of a t below 0, which is no evidence.
    const bool two_sided = options.alternative == Alternative::two_sided;
    if (!(options.cluster_p >= 0.0 && options.cluster_p < (two_sided ? 1.0 : 0.5))) {
        throw InvalidArgument(text("permute: expected a cluster-forming p from 0 to below ",
                                   two_sided ? "1" : "0.5, as there is one side", ", found ",
                                   options.cluster_p));
    }
    if (!(options.alpha >= 0.0 && options.alpha <= 1.0)) {
        throw InvalidArgument(text("permute: expected an alpha from 0 to 1, found ", options.alpha));
    }
    detail::require_powers("permute",
                           {.extent_power = options.extent_power, .height_power = options.height_power});
    require(options.nuisance_names.empty() || options.nuisance_names.size() == options.nuisance.size(),
            "permute: expected as many nuisance_names as nuisance columns");
    const detail::Design design =
        detail::design_of(tested, options.nuisance, options.nuisance_names, options.warning);
    const detail::Permutations permutations(design, options.permutations, options.seed, options.blocks);

    if (design.flips) {
        detail::warn_of_columns_off_zero(options.nuisance, options.nuisance_names, options.warning);
    }

    using T = typename std::remove_cvref_t<decltype(staged(source))>::value_type;
    auto kept = std::make_unique<detail::KeptVolumes<T>>();
    kept->names("permute", "they are not tested");
    scan(source, *kept,
         ScanOptions{.warning = options.warning, .stop = options.stop, .threads = options.threads});
    const ScanInfo info = kept->info();
    if (info.frames != static_cast<std::int64_t>(tested.size())) {
        throw InvalidArgument(text("permute: the tested variable has ", tested.size(), " values, the source ",
                                   info.frames, " volumes"));
    }
    Mask mask(info.grid, true);
    if (options.mask) {
        require_same_grid(info.grid, options.mask->grid(), "permute: volumes and mask");
        mask = *options.mask;
    }
    const detail::UnitData data(*kept, design, mask);
    kept.reset();
    const auto say = [&](const detail::LeftOut& voxels, std::string_view one, std::string_view several,
                         std::string_view why) {
        if (!options.warning || voxels.count == 0) return;
        options.warning(
            text("permute: ", voxels.voxels(one, several), why, voxels.not_tested(info.grid.shape())));
    };
    say(data.explained(), "changes", "change", " with the tested variable alone: t would be infinite, ");
    say(data.without_nuisance(), "changes", "change",
        " with the nuisance columns alone: nothing is left there, ");
    if (design.flips) {
        say(data.constant(), "has", "have", " one value that is not 0 in all volumes: t would be infinite, ");
    }
    require(data.size() > 0, "permute: no voxel can be tested: none is in the mask, finite and changes");
    const detail::MaskedVoxels voxels(mask, options.connectivity);

    PermutationTest out;
    out.df = design.df;
    out.alternative = options.alternative;
    out.connectivity = options.connectivity;
    out.exact = permutations.exact();
    out.permutations = permutations.count();
    const auto require_left = [&](bool holds, std::string_view what) {
        if (holds) return;
        const auto& file = out.null.source;
        throw InvalidArgument(text(file.empty() ? "permute: resume" : file, ": expected ", what));
    };
    if (options.resume) {
        out.null = *options.resume;
        require_left(out.null.seed == options.seed,
                     text("what a call with a seed of ", options.seed, " left, found one of ", out.null.seed,
                          "; remove it or name another file to begin anew"));
        require_left(
            out.null.size() <= permutations.count(),
            permutations.exact()
                ? text("at most ", permutations.count(),
                       permutations.count() == 1 ? " permutation" : " permutations",
                       ", which are all that there are of these volumes, found ", out.null.size(),
                       ", left by a call with other volumes or settings; remove it or name another file to "
                       "begin anew")
                : text("at most ", permutations.count(), " permutations, as many as are asked for, found ",
                       out.null.size(),
                       "; ask for no fewer, or remove it or name another file to begin anew"));
        const auto fits = [&](const std::vector<double>& values, bool wanted) {
            return static_cast<std::int64_t>(values.size()) == (wanted ? out.null.size() : 0);
        };
        const bool clusters = options.cluster_p > 0.0;
        const auto finite = [](const std::vector<double>& values) {
            return std::all_of(values.begin(), values.end(),
                               [](double value) { return std::isfinite(value); });
        };
        require_left(finite(out.null.t) && finite(out.null.tfce) && finite(out.null.cluster_size) &&
                         finite(out.null.cluster_mass),
                     "finite numbers only");
        const auto columns = [](bool enhanced, bool of_sizes, bool of_masses) {
            return text("t", enhanced ? ", tfce" : "", of_sizes ? ", cluster_size" : "",
                        of_masses ? ", cluster_mass" : "");
        };
        require_left(fits(out.null.tfce, options.tfce) && fits(out.null.cluster_size, clusters) &&
                         fits(out.null.cluster_mass, clusters),
                     text("the statistics ", columns(options.tfce, clusters, clusters), ", found ",
                          columns(!out.null.tfce.empty(), !out.null.cluster_size.empty(),
                                  !out.null.cluster_mass.empty()),
                          " of every permutation: what it was left by asked for others; ask for the same "
                          "(.tfce, .cluster_p), or remove it or name another file to begin anew"));
    }
    out.null.seed = options.seed;
    const bool clusters = options.cluster_p > 0.0;
    if (clusters) {
        out.cluster_threshold = t_of_neg_log10_p(
            -std::log10(options.cluster_p), design.df,
            options.alternative == Alternative::two_sided ? Alternative::two_sided : Alternative::greater);
    }
    const auto sided = [&](double value) {
        return options.alternative == Alternative::two_sided ? std::abs(value)
               : options.alternative == Alternative::less    ? -value
                                                             : value;
    };
    std::vector<double> signs;
    if (options.alternative != Alternative::less) signs.push_back(1.0);
    if (options.alternative != Alternative::greater) signs.push_back(-1.0);

    struct Workspace {
        std::vector<double> t;
        std::optional<detail::ClusterWork> work;
        std::vector<std::size_t> rows;
        std::vector<double> signs;
        std::vector<std::uint64_t> reached;  // permutations whose t is as large, of every voxel
    };
    const int wanted = options.threads > 0 ? options.threads : threads();
    ThreadTeam team(static_cast<int>(std::min<std::int64_t>(wanted, permutations.count())));
    std::vector<Workspace> workspaces(static_cast<std::size_t>(team.size()));
    for (Workspace& own : workspaces) {
        own.t.resize(voxels.size());
        own.work.emplace(voxels, options.extent_power, options.height_power);
    }
    const auto largest_of = [&](Workspace& own) {
        detail::Largest largest{-std::numeric_limits<double>::infinity()};
        for (const double t : own.t) largest.t = std::max(largest.t, sided(t));
        for (const double sign : signs) {
            if (options.tfce) {
                largest.tfce = std::max(largest.tfce, own.work->enhance(own.t.data(), sign, nullptr));
                require(std::isfinite(largest.tfce),
                        "permute: enhanced t is infinite: the powers are too large for these maps");
            }
            if (!clusters) continue;
            own.work->clusters(own.t.data(), sign, out.cluster_threshold,
                               [&](const auto& members, double mass) {
                                   largest.cluster_size =
                                       std::max(largest.cluster_size, static_cast<double>(members.size()));
                                   largest.cluster_mass = std::max(largest.cluster_mass, mass);
                               });
        }
        return largest;
    };

    const auto map_in = [&](const detail::Permutations& all, std::int64_t k, Workspace& own) {
        all.get(k, own.rows, own.signs);
        data.t_map(design, own.rows, own.signs, own.t.data());
    };
    const auto map_of = [&](std::int64_t k, Workspace& own) { map_in(permutations, k, own); };
    const auto largest_in = [&](std::int64_t k, Workspace& own) {
        map_of(k, own);
        return largest_of(own);
    };
    const auto map_of_volumes = [&](Workspace& own) {
        own.rows.resize(tested.size());
        std::iota(own.rows.begin(), own.rows.end(), std::size_t{0});
        own.signs.assign(tested.size(), 1.0);
        data.t_map(design, own.rows, own.signs, own.t.data());
    };
    std::vector<double> least;  // t that count against a voxel's own
    if (options.uncorrected) {
        map_of_volumes(workspaces[0]);
        for (const double t : workspaces[0].t) least.push_back(detail::least_that_reaches(sided(t)));
        for (Workspace& own : workspaces) own.reached.assign(voxels.size(), 0);
    }
    const auto count_voxels = [&](Workspace& own) {
        for (std::size_t v = 0; v < least.size(); ++v) {
            own.reached[v] += static_cast<std::uint64_t>(sided(own.t[v]) >= least[v]);
        }
    };
    // Some are done again: what other data, settings or seeds left is not gone on from.
    std::vector<std::int64_t> again;
    for (std::int64_t i = 0, rows = std::min<std::int64_t>(out.null.size(), 24); i < rows; ++i)
        again.push_back(rows == 1 ? 0 : i * (out.null.size() - 1) / (rows - 1));
    struct Difference {
        std::string_view name;
        double before, now;
    };
    const auto difference = [&](const detail::Permutations& all,
                                std::int64_t k) -> std::optional<Difference> {
        map_in(all, k, workspaces[0]);
        const auto largest = largest_of(workspaces[0]);
        const std::tuple<std::string_view, double, const std::vector<double>&> statistics[] = {
            {"t", largest.t, out.null.t},
            {"tfce", largest.tfce, out.null.tfce},
            {"cluster_size", largest.cluster_size, out.null.cluster_size},
            {"cluster_mass", largest.cluster_mass, out.null.cluster_mass}};
        for (const auto& [name, now, left] : statistics) {
            if (left.empty()) continue;
            const double before = left[static_cast<std::size_t>(k)];
            if (!(std::abs(now - before) <= 1e-9 * std::abs(now))) return Difference{name, before, now};
        }
        return std::nullopt;
    };
    for (const std::int64_t k : again) {
        const auto found = difference(permutations, k);
        if (!found) continue;
        const auto left_by = [&](const detail::Permutations& others) {
            return std::none_of(again.begin(), again.end(),
                                [&](std::int64_t row) { return difference(others, row).has_value(); });
        };
        if (permutations.exact() && out.null.size() < permutations.count()) {
            const detail::Permutations drawn(design, out.null.size(), options.seed, options.blocks);
            require_left(
                !left_by(drawn),
                text("what a call left that does all ", permutations.count(),
                     " permutations in order, as this one does, found ", out.null.size(),
                     " that were drawn at random, because fewer were asked for; ask for fewer again, "
                     "or remove it or name another file to begin anew"));
        }
        if (!permutations.exact()) {
            // All flips are numbers; of other permutations there is a list.
            const std::int64_t most = design.flips ? std::int64_t{1} << 62 : 100000;
            const detail::Permutations all(design, most, options.seed, options.blocks);
            require_left(!all.exact() || !left_by(all),
                         text("what a call left that draws permutations at random, as this one does, found ",
                              out.null.size(), " of all ", all.count(),
                              ", done in order, because as many were asked for; ask for as many again, or "
                              "remove it or name another file to begin anew"));
        }
        require_left(false, text("what a call with the same volumes, settings and seed left, found ",
                                 found->name, ' ', found->before, " in row ", k + 1, " where these give ",
                                 found->now, "; remove it or name another file to begin anew"));
    }

    // In rounds, between which the caller hears of them.
    const std::int64_t round = 4 * std::int64_t{team.size()};
    // What was left says nothing of single voxels; maps of t alone are little work.
    std::int64_t counted = 0;
    while (options.uncorrected && counted < out.null.size() && !(options.stop && options.stop())) {
        const std::int64_t first = counted;
        counted = std::min(first + round, out.null.size());
        team.run(counted - first, [&](std::int64_t k, int member) {
            Workspace& own = workspaces[static_cast<std::size_t>(member)];
            map_of(first + k, own);
            count_voxels(own);
        });
    }
    std::vector<detail::Largest> found;
    if (options.progress) options.progress(out.null.size(), out.permutations);
    while (out.null.size() < out.permutations && !(options.stop && options.stop())) {
        const std::int64_t first = out.null.size();
        found.assign(static_cast<std::size_t>(std::min(round, out.permutations - first)), {});
        team.run(static_cast<std::int64_t>(found.size()), [&](std::int64_t k, int member) {
            Workspace& own = workspaces[static_cast<std::size_t>(member)];
            found[static_cast<std::size_t>(k)] = largest_in(first + k, own);
            count_voxels(own);
        });
        for (const auto& largest : found) {
            out.null.t.push_back(largest.t);
            if (options.tfce) out.null.tfce.push_back(largest.tfce);
            if (clusters) out.null.cluster_size.push_back(largest.cluster_size);
            if (clusters) out.null.cluster_mass.push_back(largest.cluster_mass);
        }
        counted += static_cast<std::int64_t>(found.size());
        if (options.progress) options.progress(out.null.size(), out.permutations);
        if (options.save) options.save(out.null);
    }

    out.stopped = out.null.size() < out.permutations || (options.uncorrected && counted < out.null.size());
    Workspace& own = workspaces[0];
    map_of_volumes(own);
    const Volume<double> zeros(info.grid, 0.0, inherited_with_new_meaning(info.metadata));
    out.t = out.tfce = out.log_p = out.log_p_tfce = out.log_p_cluster_size = out.log_p_cluster_mass = zeros;
    out.log_p_uncorrected = zeros;
    const bool complete = out.exact && out.null.size() == out.permutations;
    detail::warn_of_few_permutations(out.null, complete, !options.blocks.empty(), options.alpha,
                                     options.warning);
    const detail::CorrectedP p_of_t(out.null.t, complete), p_of_tfce(out.null.tfce, complete),
        p_of_size(out.null.cluster_size, complete), p_of_mass(out.null.cluster_mass, complete);
    std::vector<double> enhanced(voxels.size(), 0.0);
    for (const double sign : signs) {
        if (options.tfce) own.work->enhance(own.t.data(), sign, enhanced.data());
        if (!clusters) continue;
        own.work->clusters(own.t.data(), sign, out.cluster_threshold, [&](const auto& members, double mass) {
            const double of_size = p_of_size(static_cast<double>(members.size())), of_mass = p_of_mass(mass);
            for (const auto member : members) {
                const auto i = voxels.voxel(static_cast<std::size_t>(member));
                out.log_p_cluster_size[i] = of_size;
                out.log_p_cluster_mass[i] = of_mass;
            }
        });
    }
    for (std::size_t k = 0; k < voxels.size(); ++k) {
        const auto i = voxels.voxel(k);
        out.t[i] = own.t[k];
        out.log_p[i] = p_of_t(sided(own.t[k]));
        if (options.uncorrected) {
            std::uint64_t reached = 0;
            for (const Workspace& one : workspaces) reached += one.reached[k];
            out.log_p_uncorrected[i] =
                detail::neg_log10_p_of_count(static_cast<double>(reached), static_cast<double>(counted),
                                             complete && counted == out.permutations);
        }
        if (!options.tfce) continue;
        out.tfce[i] = enhanced[k];
        out.log_p_tfce[i] = p_of_tfce(sided(enhanced[k]));
    }
    return out;
}

/// Tests by permutation whether the mean of every voxel is 0, by flipping the signs of volumes; otherwise as above.
template <FrameSource Source>
[[nodiscard]] PermutationTest permute(Source&& source, const PermuteOptions& options = {}) {
    const std::vector<double> ones(static_cast<std::size_t>(staged(source).frames()), 1.0);
    return permute(source, ones, options);
}

/// Lists of maps are one source as `concat` of them.
template <class Map>
[[nodiscard]] PermutationTest permute(const std::vector<Map>&, std::span<const double>,
                                      const PermuteOptions& = {}) {
    static_assert(detail::never<Map>,
                  "roi: a list of maps is one source: write permute(concat(maps), tested)");
    return {};
}
template <class Map>
[[nodiscard]] PermutationTest permute(const std::vector<Map>&, const PermuteOptions& = {}) {
    static_assert(detail::never<Map>, "roi: a list of maps is one source: write permute(concat(maps))");
    return {};
}

}  // namespace roi
