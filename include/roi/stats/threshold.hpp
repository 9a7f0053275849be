// Keeps the voxels of a map that reach a value, in clusters that reach a size.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/quantile.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/comparison.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/morphology/structure.hpp>
#include <roi/regions/label.hpp>
#include <roi/stream/filter.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// A threshold by rank: the value that so many percent of the voxels lie below.
struct Percentile {
    /// \throws InvalidArgument when it is not a number from 0 to 100
    explicit Percentile(double percent) : value(percent) {
        if (!(percent >= 0.0 && percent <= 100.0)) {
            throw InvalidArgument(text("percentile: expected a number from 0 to 100, found ", percent));
        }
    }

    double value;
};

/// The options of `threshold`.
struct ThresholdOptions {
    bool two_sided = false;         ///< keeps what is at most minus the threshold as well
    std::int64_t cluster_size = 1;  ///< clusters of fewer voxels, each of one sign, become 0
    double cluster_volume = 0.0;    ///< as `cluster_size`, in cubic millimetres; both must be met

    /// Which voxels belong to one cluster.
    Structure connectivity = Connectivity::faces;

    /// The values are whole numbers, as those of a file of integers that was read as float: 1911 does not reach 1911.00001, which
    /// has no float of its own.
    bool whole_numbers = false;

    /// Voxels outside it become 0, and do not count in a percentile.
    std::optional<Mask> mask = {};

    /// Told when the threshold is above every value or clusters are too small, of NaN, of infinite values that are kept, and of a mask without a voxel.
    WarningHandler warning = {};
};

/// The options of `binarize`.
struct BinarizeOptions {
    WarningHandler warning = {};  ///< told of NaN, and where nothing is left
};

namespace detail {

/// Whether `threshold` or `binarize` leaves anything, told of its volumes from several threads at once.
class Left {
public:
    Left() = default;
    Left(const Left& other) : found_(other.found_), told_(other.told_) {}
    Left& operator=(const Left& other) {
        found_ = other.found_;
        told_ = other.told_;
        return *this;
    }

    /// Forgets the volumes, but not that it was said: for the start of a scan.
    void restart() { found_ = {}; }

    /// Is something left of a volume?
    [[nodiscard]] bool any() {
        const std::lock_guard lock(mutex_);
        return found_.left;
    }

    /// Takes in one volume.
    /// \param reached  does a voxel reach the threshold?
    /// \param left     and is one left once small clusters are gone?
    /// \param most     the value nearest to the threshold; NaN where no voxel is a number
    void add(bool reached, bool left, double most) {
        const std::lock_guard lock(mutex_);
        found_.most = std::fmax(found_.most, most);
        found_.seen = true;
        found_.reached = found_.reached || reached;
        found_.left = found_.left || left;
    }

    /// The same of a volume that became a mask; NaN are said elsewhere.
    template <class T, class Truth>
    void add_mask(std::span<const T> values, const Truth* mask) {
        if (any()) return;
        const auto* const end = mask + values.size();
        const bool left = std::find(mask, end, static_cast<Truth>(1)) != end;
        double most = std::numeric_limits<double>::quiet_NaN();
        for (std::size_t i = 0; !left && i < values.size(); ++i)
            most = std::fmax(most, static_cast<double>(values[i]));
        if (left || !std::isnan(most)) add(left, left, most);
    }

    /// Says, the first time, that everything has become 0.
    /// \param value    the threshold; without one it is what is not 0 that stays
    /// \param below    values at most the threshold stay, and the most that was told is that of minus the values
    /// \param cluster  the least that a cluster must have
    void warn(const WarningHandler& warning, std::string_view who, std::optional<double> value,
              bool below = false, std::string_view cluster = {}) const {
        if (!warning || !found_.seen || found_.left || std::exchange(told_, true)) return;
        const auto what = found_.reached ? text("cluster has ", cluster)
                          : !value       ? std::string("voxel is other than 0")
                          : std::isnan(found_.most)
                              ? std::string("voxel is a number")
                              : text("voxel reaches ", *value, below ? ", the least is " : ", the most is ",
                                     below ? -found_.most : found_.most);
        warning(text(who, ": no ", what, "; everything becomes 0"));
    }

private:
    struct Found {
        bool seen = false, reached = false, left = false;
        double most = std::numeric_limits<double>::quiet_NaN();
    };

    std::mutex mutex_;
    Found found_;
    mutable bool told_ = false;
};

/// What there is to say of what `threshold` has found.
struct OddValues {
    NonFiniteCount nan, infinite;
    Left left;

    void restart() {
        nan.restart();
        infinite.restart();
        left.restart();
    }
};

/// What `threshold` does to each volume on a grid.
template <NumberVoxel T>
class Thresholding {
public:
    /// \throws InvalidArgument, GridMismatch when the options do not fit
    Thresholding(const Grid& grid, ThresholdOptions options) : grid_(grid), options_(std::move(options)) {
        if (options_.mask) require_same_grid(grid, options_.mask->grid(), "threshold: `mask` and the map");
        empty_ = options_.mask &&
                 std::find(options_.mask->begin(), options_.mask->end(), true) == options_.mask->end();
        least_ = std::max(options_.cluster_size,
                          least_voxels(grid, options_.cluster_volume, "threshold: `cluster_volume`"));
    }

    /// \throws InvalidArgument when the value is no threshold
    void set(double value) {
        require(!std::isnan(value), "threshold: the value is NaN, expected a number");
        if (options_.two_sided && value < 0.0) {
            throw InvalidArgument(
                text("threshold: expected 0 or more when both sides are kept, found ", value));
        }
        value_ = value;
        if (options_.whole_numbers)
            value = !options_.two_sided && value < 0.0 ? std::floor(value) : std::ceil(value);
        kept_ = Kept(value, options_.two_sided);
    }

    /// The threshold that a percentile of the values of all volumes stands for.
    [[nodiscard]] double of(const Percentile& percentile, std::span<const T> values) const {
        // nilearn's rule: NaN count as the 0 that they become, and one side is that of the values that are not negative.
        std::vector<double> counted;
        const auto voxels = static_cast<std::size_t>(grid_.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (options_.mask && !options_.mask->data()[i % voxels]) continue;
            const double value = number(values[i]);
            if (options_.two_sided || value >= 0.0) counted.push_back(std::abs(value));
        }
        require(!empty_, "threshold: there is no value to take a percentile of: the mask has no voxel");
        require(!counted.empty(),
                "threshold: there is no value to take a percentile of; with one side only those of 0 or more "
                "count");
        const auto infinite =
            std::count_if(counted.begin(), counted.end(), [](double value) { return std::isinf(value); });
        const double out = quantile(std::span(counted), percentile.value / 100.0);
        if (std::isnan(out)) {
            throw InvalidArgument(text(
                "threshold: `percentile` ", percentile.value, " lies among infinite values, which ", infinite,
                " of ", counted.size(), " are, and is no number; leave them out by `mask`, or give a value"));
        }
        return out + 1e-5;
    }

    /// Does the mask hold no voxel?
    [[nodiscard]] bool empty() const { return empty_; }

    /// Says that nothing is left, by the mask, the threshold or the size of clusters, and what is no number.
    void warn(const OddValues& odd, const WarningHandler& warning) const {
        const bool by_size = options_.cluster_size >= least_;
        odd.left.warn(warning, "threshold", value_, value_ < 0.0,
                      by_size ? text(options_.cluster_size, " voxels, see `cluster_size`")
                              : text(options_.cluster_volume, " mm3, see `cluster_volume`"));
        odd.nan.warn(warning, "threshold", "they become 0", grid_.size(), "NaN");
        odd.infinite.warn(warning, "threshold", "they are kept", grid_.size(), "infinite");
    }

    /// Sets the voxels of one volume to 0 that are not kept.
    /// \param odd  told how many of those in the mask are NaN, how many that are kept infinite, and whether any is left; nullptr
    ///             when nobody asks
    void apply(T* volume, std::int64_t frame, OddValues* odd) const {
        const std::int64_t size = grid_.size();
        const bool* inside = options_.mask ? options_.mask->data() : nullptr;
        const std::span<const T> values(volume, static_cast<std::size_t>(size));
        bool finite = true;
        if constexpr (RealVoxel<T>) {
            finite = !odd || all_finite(values);
            std::int64_t nan = 0;
            for (std::int64_t i = 0; !finite && i < size; ++i)
                nan += (!inside || inside[i]) && std::isnan(volume[i]);
            if (odd) odd->nan.add(frame, nan);
        }
        const Kept kept = kept_;  // not a member, which the voxels written might be part of
        const bool look = odd && !empty_ && size > 0 && !odd->left.any();
        const Nearest nearest = look ? nearest_to_threshold(volume, inside) : Nearest{};
        if (inside) {
            for (std::int64_t i = 0; i < size; ++i)
                volume[i] = (kept(volume[i]) & inside[i]) ? volume[i] : T{0};
        } else {
            for (std::int64_t i = 0; i < size; ++i) volume[i] = kept(volume[i]) ? volume[i] : T{0};
        }
        Dropped dropped;
        if (least_ > 1) {
            drop_small(volume, dropped, [](T value) { return value > T{0}; });
            if constexpr (std::is_signed_v<T>) {
                drop_small(volume, dropped, [](T value) { return value < T{0}; });
            }
        }
        if (look) {
            odd->left.add(nearest.reached, nearest.reached && (dropped.kept || !dropped.any), nearest.most);
        }
        if constexpr (RealVoxel<T>) {
            if (!finite) odd->infinite.look_at(frame, values);
        }
    }

    static constexpr const char* nothing_inside = "threshold: the mask has no voxel; everything becomes 0";

private:
    /// Which values reach the threshold: those of at least one bound, of at most the other, or both.
    class Kept {
    public:
        Kept() = default;
        Kept(double value, bool two_sided) {
            const bool negative = !two_sided && value < 0.0;
            if (!negative) set_least(value);
            if (negative || two_sided) set_most(two_sided ? -value : value);
        }

        [[nodiscard]] bool operator()(T value) const {
            return (above_ & (value >= least_)) | (below_ & (value <= most_));
        }

    private:
        // A number beside floats takes their precision first, as NumPy's does, so that 0.1 keeps a float 0.1. Whole numbers
        // are compared as such: of those of 64 bits double does not hold all.
        void set_least(double value) {
            if constexpr (RealVoxel<T>) {
                above_ = true;
                least_ = static_cast<T>(value);
            } else {
                above_ = std::ceil(value) < beyond;
                const bool all = std::ceil(value) <= static_cast<double>(std::numeric_limits<T>::min());
                least_ = all || !above_ ? std::numeric_limits<T>::min() : static_cast<T>(std::ceil(value));
            }
        }
        void set_most(double value) {
            if constexpr (RealVoxel<T>) {
                below_ = true;
                most_ = static_cast<T>(value);
            } else {
                below_ = std::floor(value) >= static_cast<double>(std::numeric_limits<T>::min());
                const bool all = std::floor(value) >= beyond;
                most_ = all || !below_ ? std::numeric_limits<T>::max() : static_cast<T>(std::floor(value));
            }
        }

        /// The least whole number that is too large.
        static inline const double beyond = std::ldexp(1.0, std::numeric_limits<T>::digits);

        bool above_ = false, below_ = false;
        T least_ = T{0}, most_ = T{0};
    };

    static double number(T value) {
        const auto out = static_cast<double>(value);
        return std::isnan(out) ? 0.0 : out;
    }

    /// The value that comes nearest to the threshold, on its side of 0.
    struct Nearest {
        bool reached = false;
        double most = std::numeric_limits<double>::quiet_NaN();
    };
    [[nodiscard]] Nearest nearest_to_threshold(const T* volume, const bool* inside) const {
        Nearest out;
        for (std::int64_t i = 0; i < grid_.size() && !out.reached; ++i) {
            if (inside && !inside[i]) continue;
            const auto one = static_cast<double>(volume[i]);
            out.reached = kept_(volume[i]);
            out.most = std::fmax(out.most, options_.two_sided ? std::abs(one) : value_ < 0.0 ? -one : one);
        }
        return out;
    }

    /// Are there clusters that were too small, and others?
    struct Dropped {
        bool any = false, kept = false;
    };
    template <class Sign>
    void drop_small(T* volume, Dropped& dropped, Sign sign) const {
        Mask one_sign(grid_, Uninitialized{}, {});
        for (std::int64_t i = 0; i < one_sign.size(); ++i) one_sign[i] = sign(volume[i]);
        const auto large = label(one_sign, {.connectivity = options_.connectivity, .min_size = least_});
        for (std::int64_t i = 0; i < one_sign.size(); ++i) {
            if (!one_sign[i] || large.atlas[i] != 0) continue;
            volume[i] = T{0};
            dropped.any = true;
        }
        dropped.kept = dropped.kept || large.count > 0;
    }

    Grid grid_;
    ThresholdOptions options_;
    bool empty_ = false;      ///< is the mask?
    std::int64_t least_ = 1;  ///< voxels of a cluster
    double value_ = 0.0;
    Kept kept_;
};

/// A volume or a run with every volume thresholded by a value or by a percentile of all of them.
template <class Image, class Value>
[[nodiscard]] Image thresholded(Image image, const Value& value, const ThresholdOptions& options) {
    using T = typename Image::value_type;
    Thresholding<T> thresholding(image.grid(), options);
    const std::span<const T> values(image.data(), static_cast<std::size_t>(image.size()));
    if constexpr (std::is_same_v<Value, Percentile>) {
        if (!values.empty()) thresholding.set(thresholding.of(value, values));
    } else {
        thresholding.set(value);
    }
    if (options.warning && thresholding.empty() && !values.empty()) {
        options.warning(Thresholding<T>::nothing_inside);
    }
    const std::int64_t voxels = image.grid().size();
    OddValues odd;
    for (std::int64_t first = 0; first < image.size(); first += voxels)
        thresholding.apply(image.data() + first, first / voxels, options.warning ? &odd : nullptr);
    thresholding.warn(odd, options.warning);
    image.metadata() = inherited(std::move(image.metadata()));
    return image;
}

}  // namespace detail

/// Keeps the voxels of a map that reach a threshold, where wanted in clusters of a least size only, and sets the others to
/// zero.
///
/// \param map      a volume or a run, of which every volume is treated alone; a temporary is reused
/// \param value    the smallest value kept, in the units of the map; when it is negative and one side is kept, the
///                 largest; or a `Percentile` of the voxels of all volumes in the mask
/// \param options  `.two_sided` (also what is at most -value), `.cluster_size` in voxels and `.cluster_volume` in mm3 (the
///                 least of a cluster, one sign at a time), `.connectivity` (faces), `.mask`, `.warning`
/// \returns        an image on the grid of `map`, with its metadata but for the display range; NaN become 0
/// \throws InvalidArgument when the value is NaN, or negative with two sides; when there is nothing to take a percentile of;
///         GridMismatch when `.mask` lies on another grid
///
/// Equals nilearn's `threshold_img` (0.14; one-sided unless told), but that infinite values are kept, and said, and other sizes of
/// neighbourhoods can be asked for; of a map without NaN and a value of 0 or more NumPy's `map[map < value] = 0`. The same in
/// memory and of sources. A percentile is of |x| with two sides, else of the x that are 0 or more, linear between
/// ranks, plus 1e-5. Two passes, and for sizes `label` once for each sign; memory: the result, for sizes 5 bytes a voxel,
/// for a percentile 8 bytes a value.
template <NumberVoxel T>
[[nodiscard]] Volume<T> threshold(Volume<T> map, double value, const ThresholdOptions& options = {}) {
    return detail::thresholded(std::move(map), value, options);
}
template <NumberVoxel T>
[[nodiscard]] Volume<T> threshold(Volume<T> map, const Percentile& value,
                                  const ThresholdOptions& options = {}) {
    return detail::thresholded(std::move(map), value, options);
}
template <NumberVoxel T>
[[nodiscard]] Volume4D<T> threshold(Volume4D<T> map, double value, const ThresholdOptions& options = {}) {
    return detail::thresholded(std::move(map), value, options);
}
template <NumberVoxel T>
[[nodiscard]] Volume4D<T> threshold(Volume4D<T> map, const Percentile& value,
                                    const ThresholdOptions& options = {}) {
    return detail::thresholded(std::move(map), value, options);
}

/// As for a `Volume`, of which a view makes one first.
template <AnyVolume V>
requires(!std::same_as<V, Volume<VoxelOf<V>>>)
    [[nodiscard]] auto threshold(const V& map, double value, const ThresholdOptions& options = {}) {
    return threshold(Volume<VoxelOf<V>>(view_of(map)), value, options);
}
template <AnyVolume V>
requires(!std::same_as<V, Volume<VoxelOf<V>>>)
    [[nodiscard]] auto threshold(const V& map, const Percentile& value,
                                 const ThresholdOptions& options = {}) {
    return threshold(Volume<VoxelOf<V>>(view_of(map)), value, options);
}
/// Refused: nilearn's "95%".
template <class Image, class Text>
requires(std::convertible_to<const Text&, std::string_view>)  //
    void threshold(const Image&, const Text&, const ThresholdOptions& = {}) {
    static_assert(detail::never<Image>,
                  "roi: threshold takes a number or a Percentile: write threshold(map, Percentile(95))");
}

/// A source whose volumes are those of another, thresholded; made by `threshold(source, value)`.
template <StagedSource Inner>
class Thresholded : public SourceFilter<Inner> {
public:
    using typename SourceFilter<Inner>::value_type;
    using typename SourceFilter<Inner>::Workspace;

    Thresholded(Inner inner, double value, const ThresholdOptions& options)
        : Thresholded::SourceFilter(std::move(inner)), thresholding_(this->grid(), options) {
        thresholding_.set(value);
    }

    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        const auto volume = this->inner().convert(raw, out, workspace.inner);
        if (volume.data() != out.data()) std::copy(volume.begin(), volume.end(), out.begin());
        thresholding_.apply(out.data(), raw.index, &odd_);
        return out.first(volume.size());
    }

    void rewind() requires RewindableSource<Inner> {
        SourceFilter<Inner>::rewind();
        odd_.restart();
    }

    /// Says that nothing is left, how many voxels of the mask are NaN or stay infinite, and that it has none.
    void warn(const WarningHandler& warning) const {
        SourceFilter<Inner>::warn(warning);
        if (warning && thresholding_.empty() && !std::exchange(told_, true)) {
            warning(detail::Thresholding<value_type>::nothing_inside);
        }
        thresholding_.warn(odd_, warning);
    }

private:
    detail::Thresholding<value_type> thresholding_;
    mutable detail::OddValues odd_;
    mutable bool told_ = false;
};

/// Thresholds the volumes of a source as they pass, each alone; nothing is read yet.
///
/// \param value    as for a volume; a percentile needs all volumes, so it needs them in memory
/// \param options  as for a volume; `.warning` is not used
template <StreamedSource Source>
[[nodiscard]] Thresholded<detail::MovedIn<Source>> threshold(Source&& source, double value,
                                                             const ThresholdOptions& options = {}) {
    return {detail::moved_in(std::forward<Source>(source)), value, options};
}

namespace detail {

/// What is true of each voxel of a volume or a run. NaN, of which nothing is, is said, and that nothing is true at all.
/// \param lowest  that must be reached, for the message
template <class Image, class Truth>
[[nodiscard]] auto truths_of(const Image& image, const WarningHandler& warning, std::optional<double> lowest,
                             const Truth& truth) {
    const auto view = view_of(image);
    warn_of_nan("binarize", view, "they are not in the mask", warning);
    auto out = [&] {
        if constexpr (AnyVolume<Image>) {
            return like<bool>(image);
        } else {
            return Volume4D<bool>(view.grid(), view.frames(), Uninitialized{},
                                  inherited_with_new_meaning(view.metadata()));
        }
    }();
    std::transform(view.values().begin(), view.values().end(), out.data(), truth);
    if (warning) {
        Left left;
        left.add_mask(view.values(), out.data());
        left.warn(warning, "binarize", lowest);
    }
    return out;
}

}  // namespace detail

/// The voxels of a map that are neither 0 nor NaN.
///
/// \param image    a volume or a run of any voxel type
/// \param options  `.warning`
/// \returns        a mask on the grid of `image`, of a run one a volume, with its metadata
///
/// One pass. nilearn's `binarize_img` with its default threshold keeps positive values only.
template <class Image>
requires(AnyVolume<Image> || AnyRun<Image>)  //
    [[nodiscard]] auto binarize(const Image& image, const BinarizeOptions& options = {}) {
    using T = VoxelOf<Image>;
    return detail::truths_of(image, options.warning, {}, [](T value) {
        if constexpr (RealVoxel<T>) {
            return value < T{0} || value > T{0};
        } else {
            return value != T{0};
        }
    });
}

/// The voxels of a volume or a run that are at least `lowest`; NaN is not. The same as `image >= lowest`.
///
/// \throws InvalidArgument when `lowest` is NaN
template <class Image>
requires(AnyVolume<Image> || AnyRun<Image>)  //
    [[nodiscard]] auto binarize(const Image& image, double lowest, const BinarizeOptions& options = {}) {
    require(!std::isnan(lowest), "binarize: `lowest` is NaN, expected a number");
    using T = VoxelOf<Image>;
    return detail::truths_of(image, options.warning, lowest, [least = detail::beside<T>(lowest)](T value) {
        return detail::holds<std::greater_equal<>>(value, least);
    });
}

/// A source whose volumes are 1 where those of another reach a value, else 0; made by `binarize(source)`.
template <StagedSource Inner>
class Binarized : public SourceFilter<Inner> {
public:
    using typename SourceFilter<Inner>::value_type;
    using typename SourceFilter<Inner>::Workspace;

    /// \param lowest  that is reached; without it everything but 0 counts
    explicit Binarized(Inner inner, std::optional<double> lowest = {})
        : Binarized::SourceFilter(std::move(inner), without_intent(inherited(inner.metadata()))),
          lowest_(lowest) {
        require(!lowest || !std::isnan(*lowest), "binarize: `lowest` is NaN, expected a number");
    }

    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        const auto values = this->volume(raw, workspace);
        const auto lowest = static_cast<value_type>(lowest_.value_or(0.0));
        std::int64_t nan = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto value = values[i];
            const bool counts = lowest_ ? value >= lowest : value < 0 || value > 0;
            out[i] = counts ? value_type{1} : value_type{0};
            nan += value != value;
        }
        nan_.add(raw.index, nan);
        left_.add_mask(values, out.data());
        return out.first(values.size());
    }

    void rewind() requires RewindableSource<Inner> {
        SourceFilter<Inner>::rewind();
        nan_.restart();
        left_.restart();
    }

    /// Says how many voxels are NaN, and that nothing is left.
    void warn(const WarningHandler& warning) const {
        SourceFilter<Inner>::warn(warning);
        nan_.warn(warning, "binarize", "they are not in the mask", this->grid().size(), "NaN");
        left_.warn(warning, "binarize", lowest_);
    }

private:
    static Metadata without_intent(Metadata metadata) {
        metadata.intent = {};
        return metadata;
    }

    std::optional<double> lowest_;
    mutable NonFiniteCount nan_;
    mutable detail::Left left_;
};

/// Where the volumes of a source are neither 0 nor NaN: 1 there and 0 elsewhere, as they pass; nothing is read yet.
template <StreamedSource Source>
[[nodiscard]] Binarized<detail::MovedIn<Source>> binarize(Source&& source) {
    return Binarized<detail::MovedIn<Source>>(detail::moved_in(std::forward<Source>(source)));
}

/// Where the volumes of a source are at least `lowest`.
/// \throws InvalidArgument when `lowest` is NaN
template <StreamedSource Source>
[[nodiscard]] Binarized<detail::MovedIn<Source>> binarize(Source&& source, double lowest) {
    return Binarized<detail::MovedIn<Source>>(detail::moved_in(std::forward<Source>(source)), lowest);
}

}  // namespace roi
