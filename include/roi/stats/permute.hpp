// Tests whose p values come from flipping signs or shuffling volumes, corrected for all voxels at once.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/structure.hpp>
#include <roi/stats/detail/cluster_work.hpp>
#include <roi/stats/detail/masked_voxels.hpp>
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
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
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

/// Settings of `permute`.
struct PermuteOptions {
    /// How many; all there are, each once, when they are no more than this.
    std::int64_t permutations = 10000;
    std::uint64_t seed = 0;                            ///< permutation k depends on the seed and k alone
    Alternative alternative = Alternative::two_sided;  ///< which t count as evidence

    bool tfce = true;                                 ///< also threshold-free cluster enhancement
    double extent_power = 0.5;                        ///< its E
    double height_power = 2.0;                        ///< its H
    Connectivity connectivity = Connectivity::faces;  ///< which voxels are one cluster

    /// Also clusters of voxels whose own p is below this; 0: none.
    double cluster_p = 0.0;

    /// Columns of one number per volume whose effect is taken out.
    std::vector<std::vector<double>> nuisance = {};

    /// One number per volume: only volumes of the same number are exchanged. None: all are.
    std::vector<std::int64_t> blocks = {};

    std::optional<Mask> mask = {};  ///< voxels that are tested

    /// What an earlier, stopped call left: the permutations it did are not done again.
    std::optional<PermutationNull> resume = {};

    int threads = 0;                  ///< 0 is the default
    Progress progress{};              ///< told the number of permutations done, from the calling thread
    std::function<bool()> stop = {};  ///< true ends the work early; asked on the calling thread
};

/// Maps of a permutation test; 0 where there was no test.
struct PermutationTest {
    Volume<double> t;                   ///< the statistic
    Volume<double> tfce;                ///< enhanced, with the sign of t
    Volume<double> log_p;               ///< -log10 p, corrected for all voxels, of the height of t
    Volume<double> log_p_tfce;          ///< of the enhanced map
    Volume<double> log_p_cluster_size;  ///< of the cluster that a voxel belongs to
    Volume<double> log_p_cluster_mass;  ///< likewise, of the sum of what is above the threshold
    double df = 0.0;
    double cluster_threshold = 0.0;  ///< the t of the cluster-forming p
    bool exact = false;              ///< were all permutations done, each once?
    std::int64_t permutations = 0;   ///< how many there were to be; `null.size()` are done
    PermutationNull null;
};

namespace detail {

/// Random bits that depend on a seed and a counter alone (Steele, Lea and Flood's SplitMix64).
class CountedBits {
public:
    CountedBits(std::uint64_t seed, std::uint64_t counter)
        : state_(mixed(seed + 0x9E3779B97F4A7C15U) ^ mixed(counter * 0xD1342543DE82EF95U + 1)) {}

    std::uint64_t operator()() { return mixed(state_ += 0x9E3779B97F4A7C15U); }

    /// A number below `end`, all equally likely.
    std::uint64_t below(std::uint64_t end) {
        const std::uint64_t least = (0 - end) % end;
        for (;;) {
            const std::uint64_t bits = (*this)();
            if (bits >= least) return bits % end;
        }
    }

private:
    [[nodiscard]] static std::uint64_t mixed(std::uint64_t z) {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31);
    }
    std::uint64_t state_;
};

[[nodiscard]] inline double dot(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Takes out of a column what others of length 1 hold of it; twice, so that rounding does not stay.
inline void take_out(std::vector<double>& column, const std::vector<std::vector<double>>& units) {
    for (int pass = 0; pass < 2; ++pass) {
        for (const auto& unit : units) {
            const double share = dot(column, unit);
            for (std::size_t t = 0; t < column.size(); ++t) column[t] -= share * unit[t];
        }
    }
}

/// What is tested, made of columns that are at right angles and of length 1.
struct Design {
    std::vector<double> tested;
    std::vector<std::vector<double>> nuisance;  ///< without the intercept, which no permutation changes
    bool flips = false;                         ///< is the mean tested, by flipping signs?
    double df = 0.0;

    [[nodiscard]] std::size_t volumes() const { return tested.size(); }
};

[[nodiscard]] inline Design design_of(std::span<const double> tested, const PermuteOptions& options) {
    const auto n = tested.size();
    const auto check = [&](std::span<const double> column, std::string_view what) {
        if (column.size() != n) {
            throw InvalidArgument(text("permute: ", what, " has ", column.size(), " values, expected ", n));
        }
        for (const double value : column) {
            if (std::isfinite(value)) continue;
            throw InvalidArgument(text("permute: ", what, " holds ", value, ", expected finite numbers"));
        }
    };
    check(tested, "the tested variable");
    for (const auto& column : options.nuisance) check(column, "a nuisance column");
    Design out;
    out.tested.assign(tested.begin(), tested.end());
    out.flips = std::all_of(tested.begin(), tested.end(), [&](double value) { return value == tested[0]; });
    std::vector<std::vector<double>> units;
    if (!out.flips) units.emplace_back(n, 1.0 / std::sqrt(static_cast<double>(n)));
    const auto length = [](const std::vector<double>& column) { return std::sqrt(dot(column, column)); };
    for (auto column : options.nuisance) {
        const double before = length(column);
        take_out(column, units);
        const double after = length(column);
        // Constant, or made of the columns before it: nothing new.
        if (!(after > 1e-10 * before)) continue;
        for (double& value : column) value /= after;
        units.push_back(column);
        out.nuisance.push_back(std::move(column));
    }
    const double before = length(out.tested);
    take_out(out.tested, units);
    const double after = length(out.tested);
    require(before > 0.0 && after > 1e-10 * before,
            "permute: the tested variable is 0, or made of the nuisance columns: there is nothing to test");
    for (double& value : out.tested) value /= after;
    out.df = static_cast<double>(n) - static_cast<double>(units.size()) - 1.0;
    if (!(out.df >= 1.0)) {
        throw InvalidArgument(
            text("permute: ", n, " volumes are too few for ", units.size() + 1, " columns"));
    }
    return out;
}

/// The permutations of a design: which row, with which sign, each volume gets.
class Permutations {
public:
    Permutations(const Design& design, const PermuteOptions& options)
        : design_(&design), seed_(options.seed), blocks_(options.blocks) {
        const std::size_t n = design.volumes();
        if (!blocks_.empty() && blocks_.size() != n) {
            throw InvalidArgument(text("permute: blocks has ", blocks_.size(), " values, expected ", n));
        }
        if (blocks_.empty()) blocks_.assign(n, 0);
        const double most = static_cast<double>(options.permutations);
        if (design.flips) {
            exact_ = n < 62 && std::ldexp(1.0, static_cast<int>(n)) <= most;
            count_ = exact_ ? std::int64_t{1} << n : options.permutations;
            return;
        }
        std::map<std::int64_t, std::vector<std::size_t>> members;
        for (std::size_t t = 0; t < n; ++t) members[blocks_[t]].push_back(t);
        for (auto& [block, volumes] : members) members_.push_back(std::move(volumes));
        rank_rows();
        double all = 1.0;
        for (const auto& volumes : members_) all *= arrangements(volumes);
        exact_ = all <= most;
        if (exact_) list_arrangements();
        count_ = exact_ ? static_cast<std::int64_t>(std::llround(all)) : options.permutations;
    }

    [[nodiscard]] bool exact() const { return exact_; }
    [[nodiscard]] std::int64_t count() const { return count_; }

    /// Rows and signs of permutation k.
    void get(std::int64_t k, std::vector<std::size_t>& rows, std::vector<double>& signs) const {
        const std::size_t n = design_->volumes();
        rows.resize(n);
        std::iota(rows.begin(), rows.end(), std::size_t{0});
        signs.assign(n, 1.0);
        CountedBits bits(seed_, static_cast<std::uint64_t>(k));
        if (design_->flips) {
            std::uint64_t pool = static_cast<std::uint64_t>(k);
            for (std::size_t t = 0; t < n; ++t) {
                if (!exact_ && t % 64 == 0) pool = bits();
                if ((pool >> (t % 64)) & 1U) signs[t] = -1.0;
            }
        } else if (exact_) {
            for (std::size_t b = 0; b < members_.size(); ++b) {
                const auto size = static_cast<std::int64_t>(listed_[b].size());
                const auto& ranks = listed_[b][static_cast<std::size_t>(k % size)];
                k /= size;
                for (std::size_t i = 0; i < ranks.size(); ++i) rows[members_[b][i]] = row_of_rank_[ranks[i]];
            }
        } else {
            for (const auto& volumes : members_) {
                for (std::size_t i = volumes.size(); i > 1; --i) {
                    std::swap(rows[volumes[i - 1]], rows[volumes[static_cast<std::size_t>(bits.below(i))]]);
                }
            }
        }
    }

private:
    /// Rows that are equal in all columns have one rank: to exchange them changes nothing.
    void rank_rows() {
        std::map<std::vector<double>, std::size_t> ranks;
        for (std::size_t t = 0; t < design_->volumes(); ++t) {
            std::vector<double> row{design_->tested[t]};
            for (const auto& column : design_->nuisance) row.push_back(column[t]);
            // Equal numbers that different sums have led to.
            for (double& value : row) value = std::round(value * 1e12);
            const auto [at, fresh] = ranks.try_emplace(row, ranks.size());
            if (fresh) row_of_rank_.push_back(t);
            rank_.push_back(at->second);
        }
    }

    /// n! / (n1! n2! ...) with the numbers of equal rows.
    [[nodiscard]] double arrangements(const std::vector<std::size_t>& volumes) const {
        std::map<std::size_t, double> seen;
        double out = 1.0, n = 0.0;
        for (const std::size_t t : volumes) out *= ++n / ++seen[rank_[t]];
        return out;
    }

    void list_arrangements() {
        for (const auto& volumes : members_) {
            std::vector<std::size_t> ranks;
            for (const std::size_t t : volumes) ranks.push_back(rank_[t]);
            std::sort(ranks.begin(), ranks.end());
            auto& list = listed_.emplace_back();
            do list.push_back(ranks);
            while (std::next_permutation(ranks.begin(), ranks.end()));
        }
    }

    const Design* design_;
    std::uint64_t seed_;
    std::vector<std::int64_t> blocks_;
    std::vector<std::vector<std::size_t>> members_;  // volumes of each block
    std::vector<std::size_t> rank_, row_of_rank_;
    std::vector<std::vector<std::vector<std::size_t>>> listed_;  // all arrangements of each block
    bool exact_ = false;
    std::int64_t count_ = 0;
};

/// out = sum over volumes of weight * value, for `size` voxels whose volumes lie `stride` apart.
ROI_ALWAYS_INLINE void weighted_sums_body(const double* data, std::int64_t stride,
                                          std::span<const double> weights, double* __restrict out,
                                          std::int64_t size) {
    std::fill(out, out + size, 0.0);
    const auto n = weights.size();
    std::size_t t = 0;
    for (; t + 4 <= n; t += 4) {
        const double* a = data + static_cast<std::int64_t>(t) * stride;
        const double *b = a + stride, *c = b + stride, *d = c + stride;
        const double wa = weights[t], wb = weights[t + 1], wc = weights[t + 2], wd = weights[t + 3];
        for (std::int64_t i = 0; i < size; ++i) out[i] += (wa * a[i] + wb * b[i]) + (wc * c[i] + wd * d[i]);
    }
    for (; t < n; ++t) {
        const double* a = data + static_cast<std::int64_t>(t) * stride;
        for (std::int64_t i = 0; i < size; ++i) out[i] += weights[t] * a[i];
    }
}

ROI_TARGET_AVX2 inline void weighted_sums_avx2(const double* data, std::int64_t stride,
                                               std::span<const double> weights, double* out,
                                               std::int64_t size) {
    weighted_sums_body(data, stride, weights, out, size);
}

inline void weighted_sums(const double* data, std::int64_t stride, std::span<const double> weights,
                          double* out, std::int64_t size) {
    if (use_avx2()) return weighted_sums_avx2(data, stride, weights, out, size);
    weighted_sums_body(data, stride, weights, out, size);
}

/// The volumes in the tested voxels, without what the nuisance columns hold, each voxel of length 1.
class UnitData {
public:
    static constexpr std::int64_t together = 512;  ///< voxels that stay in cache for several permutations

    /// \param keep  told the numbers of voxels that can be tested
    template <class T>
    UnitData(const KeptVolumes<T>& kept, const Design& design, Mask& tested) {
        const auto n = static_cast<std::int64_t>(design.volumes());
        std::vector<std::vector<double>> units = design.nuisance;
        if (!design.flips) units.emplace_back(n, 1.0 / std::sqrt(static_cast<double>(n)));
        std::vector<std::int64_t> voxels;
        std::vector<double> series(static_cast<std::size_t>(n));
        for (std::int64_t i = 0; i < tested.size(); ++i) {
            if (tested[i]) tested[i] = unit_series(kept, i, design.flips, units, series);
            if (tested[i]) voxels.push_back(i);
        }
        size_ = static_cast<std::int64_t>(voxels.size());
        values_.resize(static_cast<std::size_t>(n * size_));
        parallel_for(size_, 4096, [&](std::int64_t first, std::int64_t last) {
            std::vector<double> own(static_cast<std::size_t>(n));
            for (std::int64_t i = first; i < last; ++i) {
                unit_series(kept, voxels[static_cast<std::size_t>(i)], design.flips, units, own);
                for (std::int64_t t = 0; t < n; ++t) {
                    values_[static_cast<std::size_t>(t * size_ + i)] = own[static_cast<std::size_t>(t)];
                }
            }
        });
    }

    [[nodiscard]] std::int64_t size() const { return size_; }

    /// t of every voxel, for rows and signs of one permutation.
    void t_map(const Design& design, const std::vector<std::size_t>& rows, const std::vector<double>& signs,
               double* t) const {
        const std::size_t n = design.volumes();
        std::vector<double> weights(n);
        const auto arranged = [&](const std::vector<double>& column) {
            for (std::size_t k = 0; k < n; ++k) weights[k] = column[rows[k]] * signs[k];
            return std::span<const double>(weights);
        };
        // What is left beside a perfect fit is rounding.
        constexpr double least = 1e-14;
        std::array<double, together> share, rest;
        for (std::int64_t first = 0; first < size_; first += together) {
            const std::int64_t count = std::min(together, size_ - first);
            rest.fill(1.0);
            for (const auto& column : design.nuisance) {
                weighted_sums(values_.data() + first, size_, arranged(column), share.data(), count);
                for (std::size_t i = 0; i < together; ++i) rest[i] -= share[i] * share[i];
            }
            weighted_sums(values_.data() + first, size_, arranged(design.tested), share.data(), count);
            for (std::int64_t i = 0; i < count; ++i) {
                const double b = share[static_cast<std::size_t>(i)];
                const double left = std::max(least, rest[static_cast<std::size_t>(i)] - b * b);
                t[first + i] = b * std::sqrt(design.df / left);
            }
        }
    }

private:
    /// \returns  can the voxel be tested? Not when it holds NaN or infinite values, or never changes
    template <class T>
    static bool unit_series(const KeptVolumes<T>& kept, std::int64_t voxel, bool flips,
                            const std::vector<std::vector<double>>& units, std::vector<double>& series) {
        double largest = 0.0;
        bool changes = false;
        const double origin = flips ? 0.0 : kept.value(0, voxel);
        for (std::size_t t = 0; t < series.size(); ++t) {
            const double value = kept.value(static_cast<std::int64_t>(t), voxel);
            if (!std::isfinite(value)) return false;
            changes = changes || value != kept.value(0, voxel);
            series[t] = value - origin;
            largest = std::max(largest, std::abs(series[t]));
        }
        if (!changes) return false;
        for (double& value : series) value /= largest;
        const double before = std::sqrt(dot(series, series));
        take_out(series, units);
        const double after = std::sqrt(dot(series, series));
        if (!(after > 1e-10 * before)) return false;
        for (double& value : series) value /= after;
        return true;
    }

    std::int64_t size_ = 0;
    std::vector<double> values_;  // [volume][voxel]
};

/// The largest statistics of one map.
struct Largest {
    double t = 0.0, tfce = 0.0, cluster_size = 0.0, cluster_mass = 0.0;
};

/// -log10 of corrected p: how many of the largest values of all permutations are at least this one.
class CorrectedP {
public:
    CorrectedP(std::vector<double> null, bool complete) : null_(std::move(null)), complete_(complete) {
        std::sort(null_.begin(), null_.end());
    }
    [[nodiscard]] double operator()(double value) const {
        // Sums in another order may differ by rounding where the exact values are equal.
        const double least = value - 1e-9 * std::abs(value);
        const auto first = std::lower_bound(null_.begin(), null_.end(), least);
        const auto count = static_cast<double>(null_.end() - first);
        const auto all = static_cast<double>(null_.size());
        return 0.0 - std::log10(complete_ ? count / all : (count + 1.0) / (all + 1.0));
    }

private:
    std::vector<double> null_;
    bool complete_;
};

}  // namespace detail

/// Tests every voxel by permutation, corrected for all of them at once.
///
/// \param source   the volumes, as a list of subjects' maps in memory or streamed: anything that `scan` takes
/// \param tested   the variable that is tested, one number per volume: 0 and 1 for two groups, an age; the same number
///                 for all tests whether their mean is 0
/// \param options  how many permutations, seed, sides, what clusters are, nuisance columns, blocks, mask
/// \returns        maps of t, of the enhanced t, and of corrected -log10 p of height, enhancement and clusters
/// \throws InvalidArgument when a column is not about the source's volumes, there are too few, nothing is left to test, or
///         an option makes no sense
/// \throws GridMismatch when the mask lies on another grid
///
/// t is that of the general linear model with the tested variable, an intercept and the nuisance columns. A constant
/// variable is tested by flipping signs of volumes, any other by shuffling the rows of variable and nuisance columns together,
/// after the effect of the latter was taken out of the volumes. The p of a voxel is the share of permutations, the volumes
/// as they are counted among them, whose largest statistic anywhere is as large (Westfall and Young 1993): (count + 1) /
/// (m + 1) for m random ones, count / all where all are done. A group of equal rows makes fewer permutations.
///
/// As nilearn's `permuted_ols`, but with enhancement that is an exact integral (`tfce`), p of clusters that is never 0, a
/// constant nuisance column that changes nothing, and voxels that never change left out. The same for any number of
/// threads. Memory: a double for every tested voxel and volume, and about 100 bytes a voxel and thread.
template <FrameSource Source>
[[nodiscard]] PermutationTest permute(Source&& source, std::span<const double> tested,
                                      const PermuteOptions& options = {}) {
    if (options.permutations < 1) {
        throw InvalidArgument(text("permute: expected 1 or more permutations, found ", options.permutations));
    }
    if (!(options.cluster_p >= 0.0 && options.cluster_p < 1.0)) {
        throw InvalidArgument(
            text("permute: expected a cluster-forming p from 0 to below 1, found ", options.cluster_p));
    }
    detail::require_powers({.extent_power = options.extent_power, .height_power = options.height_power});
    const detail::Design design = detail::design_of(tested, options);
    const detail::Permutations permutations(design, options);

    using T = typename std::remove_cvref_t<decltype(staged(source))>::value_type;
    auto kept = std::make_unique<detail::KeptVolumes<T>>();
    scan(source, *kept);
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
    require(data.size() > 0, "permute: no voxel can be tested: none is in the mask, finite and changes");
    const detail::MaskedVoxels voxels(mask, options.connectivity);

    PermutationTest out;
    out.df = design.df;
    out.exact = permutations.exact();
    out.permutations = permutations.count();
    if (options.resume) {
        out.null = *options.resume;
        require(out.null.seed == options.seed && out.null.size() <= permutations.count(),
                "permute: resume: expected what a call with the same seed and no fewer permutations left");
        const auto fits = [&](const std::vector<double>& values, bool wanted) {
            return static_cast<std::int64_t>(values.size()) == (wanted ? out.null.size() : 0);
        };
        const bool clusters = options.cluster_p > 0.0;
        require(fits(out.null.tfce, options.tfce) && fits(out.null.cluster_size, clusters) &&
                    fits(out.null.cluster_mass, clusters),
                "permute: resume: expected what a call with the same statistics left");
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

    // In rounds, between which the caller hears of them.
    const std::int64_t round = 4 * std::int64_t{team.size()};
    std::vector<detail::Largest> found;
    if (options.progress) options.progress(out.null.size(), out.permutations);
    while (out.null.size() < out.permutations && !(options.stop && options.stop())) {
        const std::int64_t first = out.null.size();
        found.assign(static_cast<std::size_t>(std::min(round, out.permutations - first)), {});
        team.run(static_cast<std::int64_t>(found.size()), [&](std::int64_t k, int member) {
            Workspace& own = workspaces[static_cast<std::size_t>(member)];
            permutations.get(first + k, own.rows, own.signs);
            data.t_map(design, own.rows, own.signs, own.t.data());
            found[static_cast<std::size_t>(k)] = largest_of(own);
        });
        for (const auto& largest : found) {
            out.null.t.push_back(largest.t);
            if (options.tfce) out.null.tfce.push_back(largest.tfce);
            if (clusters) out.null.cluster_size.push_back(largest.cluster_size);
            if (clusters) out.null.cluster_mass.push_back(largest.cluster_mass);
        }
        if (options.progress) options.progress(out.null.size(), out.permutations);
    }

    Workspace& own = workspaces[0];
    own.rows.resize(tested.size());
    std::iota(own.rows.begin(), own.rows.end(), std::size_t{0});
    own.signs.assign(tested.size(), 1.0);
    data.t_map(design, own.rows, own.signs, own.t.data());
    const Volume<double> zeros(info.grid, 0.0, inherited_by_volume(info.metadata));
    out.t = out.tfce = out.log_p = out.log_p_tfce = out.log_p_cluster_size = out.log_p_cluster_mass = zeros;
    const bool complete = out.exact && out.null.size() == out.permutations;
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

}  // namespace roi
