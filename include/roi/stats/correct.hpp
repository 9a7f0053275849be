// Thresholds of maps that account for how many voxels were tested.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/structure.hpp>
#include <roi/regions/label.hpp>
#include <roi/stats/p_values.hpp>
#include <roi/stats/test_result.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace roi {

/// What the values of a map are.
enum class MapKind : std::uint8_t {
    z,           ///< normal values
    t,           ///< values of t, with degrees of freedom
    log_p,       ///< -log10 p
    r,           ///< Pearson's r, with degrees of freedom: for n volumes n - 2
    f,           ///< values of F, with degrees of freedom of numerator and denominator
    chi_square,  ///< values of chi-square, with degrees of freedom
};

/// What a threshold holds down.
enum class Correction : std::uint8_t {
    none,                ///< the false positive rate of every voxel alone
    bonferroni,          ///< the chance of any false positive in the map
    fdr,                 ///< the share of false ones among what is found (Benjamini and Hochberg 1995)
    fdr_any_dependence,  ///< the same whatever depends on what (Benjamini and Yekutieli 2001)
};

/// Settings of `correct`.
struct CorrectOptions {
    MapKind kind = MapKind::z;
    double df = std::numeric_limits<double>::
        quiet_NaN();  ///< degrees of freedom of t (infinite: z), r and chi-square; of F the numerator's
    double df2 = std::numeric_limits<double>::quiet_NaN();  ///< degrees of freedom of the denominator of F
    Correction method = Correction::none;
    double alpha = 0.001;           ///< the rate that is held down, from 0 to 1
    bool two_sided = false;         ///< large negative values count too; alpha is halved
    std::int64_t cluster_size = 0;  ///< smaller clusters of what survives are dropped, each sign for itself
    Structure connectivity = Connectivity::faces;  ///< which voxels are one cluster
    std::optional<Mask> mask = {};                 ///< the voxels that were tested; none: all that are finite
    /// Told how many infinite voxels survive, how many of the mask are NaN, and how many are 0 where there is no mask.
    WarningHandler warning{};
};

/// What survives a correction.
struct Corrected {
    Volume<double> map;      ///< the values that reach the threshold, 0 elsewhere
    double threshold = 0.0;  ///< in the units of the map; infinite where nothing survives
};

namespace detail {

inline void require_alpha(double alpha) {
    if (alpha >= 0.0 && alpha <= 1.0) return;
    throw InvalidArgument(text("correct: expected an alpha from 0 to 1, found ", alpha));
}

/// 1 + 1/2 + ... + 1/n.
[[nodiscard]] inline double harmonic(std::size_t n) {
    double sum = 0.0;
    for (std::size_t j = n; j > 0; --j) sum += 1.0 / static_cast<double>(j);
    return sum;
}

/// Has a statistic one side only, because it is never negative?
[[nodiscard]] constexpr bool one_sided(MapKind kind) {
    return kind == MapKind::log_p || kind == MapKind::f || kind == MapKind::chi_square;
}

/// -log10 p of a value of a map, in the direction of large values or in both.
[[nodiscard]] inline double neg_log10_p(double value, const CorrectOptions& options, Alternative side) {
    switch (options.kind) {
        case MapKind::t:
            return neg_log10_p_of_t(value, options.df, side);
        case MapKind::log_p:
            return value;
        case MapKind::r:
            return neg_log10_p_of_r(value, options.df + 2.0, side);
        case MapKind::f:
            return neg_log10_p_of_f(value, options.df, options.df2);
        case MapKind::chi_square:
            return neg_log10_p_of_chi_square(value, options.df);
        case MapKind::z:
            break;
    }
    return neg_log10_p_of_z(value, side);
}

/// p of a value of a map in the direction of large values.
[[nodiscard]] inline double upper_p(double value, const CorrectOptions& options) {
    switch (options.kind) {
        case MapKind::t:
            return p_of_t(value, options.df, Alternative::greater);
        case MapKind::log_p:
            return probability(value);
        case MapKind::r:
            return p_of_r(value, options.df + 2.0, Alternative::greater);
        case MapKind::f:
            return p_of_f(value, options.df, options.df2);
        case MapKind::chi_square:
            return p_of_chi_square(value, options.df);
        case MapKind::z:
            break;
    }
    return p_of_z(value, Alternative::greater);
}

/// The value above 0 whose -log10 p is this, of a statistic that is never negative: halving of the logarithm.
[[nodiscard]] inline double positive_value(double neg_log10, const CorrectOptions& options) {
    if (neg_log10 == 0.0) return 0.0;
    if (std::isinf(neg_log10)) return neg_log10;
    double low = -745.0, high = 709.0;
    for (int step = 0; step < 80; ++step) {
        const double middle = 0.5 * (low + high);
        const bool below = detail::neg_log10_p(std::exp(middle), options, Alternative::greater) < neg_log10;
        (below ? low : high) = middle;
    }
    return std::exp(high);
}

/// The value of a map whose p in the direction of large values is this.
[[nodiscard]] inline double value_of_p(double p, const CorrectOptions& options) {
    switch (options.kind) {
        case MapKind::t:
            return t_of_neg_log10_p(-std::log10(p), options.df, Alternative::greater);
        case MapKind::log_p:
            return 0.0 - std::log10(p);
        case MapKind::r: {
            const double t = t_of_neg_log10_p(-std::log10(p), options.df, Alternative::greater);
            // No r is above 1, whose p is 0.
            return std::isinf(t) ? t : t / std::hypot(t, std::sqrt(options.df));
        }
        case MapKind::f:
        case MapKind::chi_square:
            return positive_value(0.0 - std::log10(p), options);
        case MapKind::z:
            break;
    }
    return z_of_p(p);
}

/// \throws InvalidArgument when what a map is, its degrees of freedom, its sides and the mask do not go together
template <class View>
void require_corrections(const View& view, const CorrectOptions& options) {
    require_alpha(options.alpha);
    require(!options.two_sided || options.kind != MapKind::log_p,
            "correct: -log10 p has one side; correct the statistic, or make -log10 p of a two-sided test");
    require(!options.two_sided || !one_sided(options.kind),
            "correct: F and chi-square have one side, that of large values: leave out `.two_sided`");
    require(options.kind != MapKind::t || options.df > 0.0,
            "correct: a map of t needs its degrees of freedom, a number above 0: `.df`");
    require(std::isnan(options.df) || (options.kind != MapKind::z && options.kind != MapKind::log_p),
            "correct: maps of z and -log10 p have no degrees of freedom: leave out `.df`, or give the kind "
            "of map that this is");
    require(std::isnan(options.df2) || options.kind == MapKind::f,
            "correct: only maps of F have the degrees of freedom of a denominator: leave out `.df2`");
    if (options.cluster_size < 0) {
        throw InvalidArgument(
            text("correct: expected a cluster size of 0 voxels or more, found ", options.cluster_size));
    }
    require(
        (options.kind != MapKind::r && options.kind != MapKind::f && options.kind != MapKind::chi_square) ||
            (options.df > 0.0 && std::isfinite(options.df)),
        "correct: maps of r, F and chi-square need their degrees of freedom, a finite number above 0: `.df`");
    require(options.kind != MapKind::f || options.df2 > 0.0,
            "correct: a map of F needs the degrees of freedom of its denominator, a number above 0: `.df2`");
    if (options.mask) require_same_grid(view.grid(), options.mask->grid(), "correct: map and mask");
}

/// \throws InvalidArgument when no statistic of the kind has this value
template <class View>
void require_possible(double value, std::int64_t voxel, const View& view, MapKind kind) {
    const char* what = kind == MapKind::log_p && value < 0.0 ? ", which is -log10 of no p"
                       : one_sided(kind) && value < 0.0      ? ", but F and chi-square are never negative"
                       : kind == MapKind::r && std::abs(value) > 1.0 ? ", but r is from -1 to 1"
                                                                     : nullptr;
    if (what == nullptr) return;
    throw InvalidArgument(text("correct: voxel (", joined(view.shape().voxel(voxel)), ") is ", value, what,
                               "; give the kind of map that this is"));
}

/// The smallest value whose p is below alpha times its rank over n; infinite where there is none.
[[nodiscard]] inline double fdr_threshold(std::vector<double> values, double n, double alpha,
                                          const CorrectOptions& options) {
    std::sort(values.begin(), values.end(), std::greater<>());
    for (std::size_t k = values.size(); k > 0; --k) {
        if (upper_p(values[k - 1], options) < alpha * static_cast<double>(k) / n)
            return values[k - 1] - 1e-12;
    }
    return std::numeric_limits<double>::infinity();
}

/// Sets voxels to 0 that are in clusters of fewer voxels than `least`, the two signs apart.
inline void drop_small_clusters(Volume<double>& map, std::int64_t least, const Structure& connectivity) {
    for (const double sign : {1.0, -1.0}) {
        Mask side(map.grid(), false);
        for (std::int64_t i = 0; i < map.size(); ++i) side[i] = sign * map[i] > 0.0;
        const auto kept = label(side, {.connectivity = connectivity, .min_size = least}).atlas;
        for (std::int64_t i = 0; i < map.size(); ++i) {
            if (side[i] && kept[i] == 0) map[i] = 0.0;
        }
    }
}

}  // namespace detail

/// Keeps what survives a threshold that accounts for how many voxels were tested.
///
/// \param map      normal values, values of t, r, F or chi-square, or -log10 p
/// \param options  what the map is and its degrees of freedom, what is held down and at which rate, sides, smallest cluster, mask
/// \returns        the map with 0 where it does not survive, and the threshold in its own units
/// \throws GridMismatch     when the mask lies on another grid
/// \throws InvalidArgument  when alpha is not from 0 to 1, two sides are asked of what has one, degrees of freedom are missing, a
///                          value is none of its kind, or no voxel is tested
///
/// With n voxels and a = alpha, or alpha / 2 for two sides: no correction keeps p <= a, Bonferroni p <= a / n, and the false
/// discovery rate the largest k values for which the k-th p is below a k / n, for any dependence divided by
/// 1 + 1/2 + ... + 1/n. Equals nilearn's `threshold_stats_img` with the same mask (its `fpr`, `bonferroni` and `fdr`, with
/// the 1e-12 that its fdr leaves below the last value); without a mask all finite voxels count, where nilearn guesses one
/// and n with it; infinite ones then have no rank, and survive where their sign does. NaN is 0 in the result. One sort; memory: one double a voxel beside the result.
template <RealVolume V>
[[nodiscard]] Corrected correct(const V& map, const CorrectOptions& options = {}) {
    const auto view = view_of(map);
    detail::require_corrections(view, options);

    Corrected out{Volume<double>(view.grid(), 0.0, inherited(view.metadata())), 0.0};
    std::vector<double> tested;
    std::int64_t count = 0, infinite = 0, nan = 0, zeros = 0;
    for (std::int64_t i = 0; i < view.size(); ++i) {
        const auto value = static_cast<double>(view.data()[i]);
        if (options.mask && !(*options.mask)[i]) continue;
        if (options.mask || std::isfinite(value)) ++count;
        if (std::isnan(value)) {
            ++nan;
            continue;
        }
        detail::require_possible(value, i, view, options.kind);
        out.map[i] = value;
        if (value == 0.0) ++zeros;
        if (std::isinf(value)) {
            if (options.two_sided || value > 0.0) ++infinite;
            // What is not counted has no rank either.
            if (!options.mask) continue;
        }
        tested.push_back(options.two_sided ? std::abs(value) : value);
    }
    require(count > 0, "correct: no voxel is tested: the mask is empty, or no value is finite");
    if (nan > 0 && options.mask && options.warning) {
        options.warning(text("correct: ", nan,
                             nan == 1
                                 ? " voxel of the mask is NaN: it counts as tested, and does not survive"
                                 : " voxels of the mask are NaN: they count as tested, and do not survive"));
    }
    if (infinite > 0 && options.warning) {
        options.warning(
            text("correct: ", infinite, infinite == 1 ? " voxel is" : " voxels are",
                 " infinite, as those that do not vary are, and survive; leave them out by a mask if "
                 "they should not"));
    }

    const auto counts_voxels =
        options.method != Correction::none && !options.mask && zeros >= std::max<std::int64_t>(count / 20, 1);
    if (counts_voxels && options.warning) {
        options.warning(
            text("correct: ", zeros, " of ", count,
                 " voxels are exactly 0 and count as tested; a mask leaves out those that are not"));
    }

    const auto n = static_cast<double>(count);
    const double alpha = options.two_sided ? 0.5 * options.alpha : options.alpha;
    switch (options.method) {
        case Correction::none:
            out.threshold = detail::value_of_p(alpha, options);
            break;
        case Correction::bonferroni:
            out.threshold = detail::value_of_p(alpha / n, options);
            break;
        case Correction::fdr:
            out.threshold = detail::fdr_threshold(std::move(tested), n, alpha, options);
            break;
        case Correction::fdr_any_dependence:
            out.threshold = detail::fdr_threshold(
                std::move(tested), n, alpha / detail::harmonic(static_cast<std::size_t>(count)), options);
            break;
    }
    for (double& value : out.map) {
        if (!((options.two_sided ? std::abs(value) : value) >= out.threshold)) value = 0.0;
    }
    if (options.cluster_size > 1) {
        detail::drop_small_clusters(out.map, options.cluster_size, options.connectivity);
    }
    return out;
}

/// -log10 of the p of every voxel, adjusted for how many were tested: what is at most alpha then survives at alpha.
///
/// \param map      as of `correct`
/// \param options  what the map is and its degrees of freedom, method, sides, mask; alpha is not used
/// \returns        a map of 0 and more: 0 outside the mask and where the map is NaN; infinite only where the statistic is
/// \throws GridMismatch     when the mask lies on another grid
/// \throws InvalidArgument  as `correct`, and where there is nothing to adjust: with no correction, or a least cluster
///
/// In log space throughout, so that it is right for p that are no doubles. One sort; memory: three doubles a voxel. Equals
/// `-log10(scipy.stats.false_discovery_control(p, method="bh"))`, or `"by"`, and for Bonferroni `-log10(minimum(1, n p))`.
template <RealVolume V>
[[nodiscard]] Volume<double> adjusted_neg_log10_p(const V& map, const CorrectOptions& options) {
    const auto view = view_of(map);
    detail::require_corrections(view, options);
    require(options.method != Correction::none,
            "adjusted_neg_log10_p: without a correction there is nothing to adjust: `.method`");
    require(options.cluster_size <= 1,
            "adjusted_neg_log10_p: p of voxels do not know of clusters: leave out `.cluster_size`");
    Volume<double> out(view.grid(), 0.0, inherited_with_new_meaning(view.metadata()));
    const auto side = options.two_sided ? Alternative::two_sided : Alternative::greater;
    std::vector<std::int64_t> order;
    std::int64_t count = 0;
    for (std::int64_t i = 0; i < view.size(); ++i) {
        const auto value = static_cast<double>(view.data()[i]);
        if (options.mask && !(*options.mask)[i]) continue;
        if (options.mask || std::isfinite(value)) ++count;
        if (std::isnan(value)) continue;
        detail::require_possible(value, i, view, options.kind);
        // F of 0 has a p of 1, whose logarithm may be -0.
        out[i] = std::abs(detail::neg_log10_p(value, options, side));
        // As in `correct`, what is not counted has no rank.
        if (options.mask || std::isfinite(value)) order.push_back(i);
    }
    require(count > 0, "correct: no voxel is tested: the mask is empty, or no value is finite");
    const double tests = std::log10(static_cast<double>(count));
    if (options.method == Correction::bonferroni) {
        for (const std::int64_t i : order) out[i] = std::max(0.0, out[i] - tests);
        return out;
    }
    const double factor = options.method == Correction::fdr_any_dependence
                              ? tests + std::log10(detail::harmonic(static_cast<std::size_t>(count)))
                              : tests;
    std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return out[a] > out[b]; });
    double most = 0.0;
    for (std::size_t k = order.size(); k > 0; --k) {
        double& value = out[order[k - 1]];
        most = std::max(most, value - factor + std::log10(static_cast<double>(k)));
        value = most;
    }
    return out;
}

/// The same as p: 1 outside the mask and where the map is NaN, and 0 where it is too small for a double.
template <RealVolume V>
[[nodiscard]] Volume<double> adjusted_p(const V& map, const CorrectOptions& options) {
    auto out = adjusted_neg_log10_p(map, options);
    for (double& value : out) value = detail::probability(value);
    return out;
}

/// Which dependence between tests `false_discovery_control` allows for.
enum class Dependence : std::uint8_t {
    positive,  ///< none or positive: Benjamini and Hochberg
    any,       ///< any: Benjamini and Yekutieli
};

/// Adjusts p values so that keeping those of at most alpha holds the share of false discoveries down to alpha.
///
/// q_(i) = min over j >= i of p_(j) n / j, at most 1; for any dependence times 1 + 1/2 + ... + 1/n.
///
/// \param p  from 0 to 1
/// \returns  the adjusted values in the order of `p`
/// \throws InvalidArgument when a p is not from 0 to 1
///
/// Equals `scipy.stats.false_discovery_control(p, method="bh")`, or `"by"`.
[[nodiscard]] inline std::vector<double> false_discovery_control(
    std::span<const double> p, Dependence dependence = Dependence::positive) {
    for (const double value : p) {
        if (value >= 0.0 && value <= 1.0) continue;
        throw InvalidArgument(text("false_discovery_control: expected p from 0 to 1, found ", value));
    }
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
    const double factor =
        (dependence == Dependence::any ? detail::harmonic(p.size()) : 1.0) * static_cast<double>(p.size());
    std::vector<double> out(p.size());
    double least = 1.0;
    for (std::size_t j = p.size(); j > 0; --j) {
        const std::size_t i = order[j - 1];
        least = std::min(least, p[i] * factor / static_cast<double>(j));
        out[i] = least;
    }
    return out;
}

}  // namespace roi
