// Images on other grids, by world coordinates.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/memory.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/spatial/detail/resampler.hpp>
#include <roi/spatial/interpolation.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/filter.hpp>
#include <roi/stream/look_of_values.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>
#include <roi/stream/value_range.hpp>

#include <algorithm>
#include <bitset>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// Does nothing when a place lies within both grids, or one of them has no voxel.
///
/// \param image, target  grids of an image and of where it is to be brought
/// \param what           names both for the message, as in "resample_to: the image and the target"
/// \throws InvalidArgument when the grids share no place, or only parts of voxels beyond their centres, with both in full
inline void require_overlap(const Grid& image, const Grid& target, std::string_view what) {
    if (image.size() == 0 || target.size() == 0 || detail::grids_overlap(image, target)) return;
    const auto both = text(image.to_string(), " against ", target.to_string());
    if (detail::grids_overlap(image, target, 0.5)) {
        throw InvalidArgument(
            text(what, " meet in no voxel centre: ", both,
                 "; an image reaches from its first voxel centre to its last along each axis, so one of one "
                 "voxel has to be met in that voxel's centre: move one of them there"));
    }
    throw InvalidArgument(
        text(what, " share no place: ", both, "; check the affines, or whether both are in one space"));
}

/// What `resample_to` does about voxels that are NaN or infinite, which would spoil all that is interpolated around them.
enum class NonFiniteVoxels : std::uint8_t {
    bridge,  ///< the mean of their neighbours stands in; places nearest to one of them become NaN: nilearn's way
    leave_out  ///< the other voxels share their weight; places with more than half of it among them become NaN
};

/// The options of `resample_to`.
struct ResampleOptions {
    /// Value of voxels that lie outside the image.
    double fill = 0.0;

    /// Keeps interpolated values within this range, which a spline leaves beside sharp edges; `value_range(image)` is
    /// that of the image. Voxels outside the image are `fill` all the same.
    std::optional<ValueRange> clip = {};

    /// What the values are, where the header does not say it: `mask` and `labels` are for `nearest` alone; `unknown` has a look
    /// at them, takes what is only 0 and 1 for a mask, and warns where means are made of what looks like either.
    ValueKind values = ValueKind::unknown;

    /// How voxels that are not finite are kept out, unless `nearest` copies them.
    NonFiniteVoxels non_finite = NonFiniteVoxels::bridge;

    /// What a label is called, for the warning: `[&](auto label) { return names[label]; }` with `read_names(path)`.
    std::function<std::string(std::int64_t)> name_of_label = {};

    /// Told of labels that have no voxel on the new grid, of means of what looks like a mask or labels, and of voxels that are not
    /// finite.
    WarningHandler warning = {};

    /// Told the number of volumes done; for runs in memory, as is what follows.
    Progress progress = {};

    /// Asked between blocks of volumes whether to stop.
    StopRequest stop = {};

    /// Number of threads for this call; 0 is `threads()`.
    int threads = 0;
};

namespace detail {

/// A volume, a run, a source.
template <class Image>
concept HasGrid = requires(const std::remove_cvref_t<Image>& image) {
    { image.grid() } -> std::convertible_to<const Grid&>;
};

/// The voxel type of what `T` becomes: itself where it is not averaged, else real numbers.
template <Voxel T, class How>
struct ResampledVoxel {
    using type = RealOf<T>;
};
template <NeverAveraged T, class How>
struct ResampledVoxel<T, How> {
    using type = T;
};
template <Voxel T>
requires(!NeverAveraged<T>) struct ResampledVoxel<T, NamedInterpolation<InterpolationKind::nearest>> {
    using type = T;
};

/// Refuses to compile what would average masks and labels.
template <Voxel T, class How>
constexpr void forbid_averages() {
    constexpr bool averaging = std::same_as<How, NamedInterpolation<InterpolationKind::linear>> ||
                               std::same_as<How, NamedInterpolation<InterpolationKind::continuous>>;
    static_assert(!averaging || !NeverAveraged<T>,
                  "roi::resample_to does not average masks and labels, whole numbers of 32 bits and more: "
                  "use Interpolation::nearest, or write "
                  "resample_to(image * 1.0f, ...) where numbers are meant");
}

/// The same of what is chosen while the program runs.
/// \throws InvalidArgument
template <Voxel T>
void refuse_averages(Interpolation how) {
    if (!NeverAveraged<T> || how.kind() == InterpolationKind::automatic ||
        how.kind() == InterpolationKind::nearest) {
        return;
    }
    throw InvalidArgument(
        "resample_to: masks and labels, whole numbers of 32 bits and more, have no mean; use "
        "Interpolation::nearest, or resample "
        "`image * 1.0f` where numbers are meant");
}

/// Number of samples along an axis that a value is made of.
[[nodiscard]] inline int taps_of(InterpolationKind kind) {
    return kind == InterpolationKind::nearest ? 1 : kind == InterpolationKind::linear ? 2 : 4;
}

/// Are the values labels or a mask, by type or by what the header says?
template <Voxel T>
[[nodiscard]] bool says_labels(const VolumeView<const T>& view) {
    return NeverAveraged<T> || view.metadata().intent.code == label_intent;
}

/// Chooses an interpolation for an image, and refuses one that would average labels.
///
/// \param labels  are they labels or a mask?
/// \param said    does the header say so?
/// \param values  what the caller says
[[nodiscard]] inline InterpolationKind chosen(InterpolationKind kind, bool labels, bool said,
                                              ValueKind values) {
    const bool asked = values == ValueKind::mask || values == ValueKind::labels;
    if (kind == InterpolationKind::automatic && asked) return InterpolationKind::nearest;
    if (asked && kind != InterpolationKind::nearest) {
        throw InvalidArgument(text("resample_to: `.values` says that the image is ",
                                   values == ValueKind::mask ? "a mask, which has" : "of labels, which have",
                                   " no mean; use Interpolation::nearest"));
    }
    if (kind == InterpolationKind::automatic) {
        return labels ? InterpolationKind::nearest : InterpolationKind::continuous;
    }
    if (said && kind != InterpolationKind::nearest) {
        throw InvalidArgument(
            "resample_to: the header says that the values are labels (intent 1002), which have no mean; use "
            "Interpolation::nearest, or set the intent to 0");
    }
    return kind;
}

/// The limits of `.clip`.
[[nodiscard]] inline ClipLimits limits_of(const roi::ValueRange& clip) {
    if (clip.low <= clip.high) return {clip.low, clip.high};
    throw InvalidArgument(
        text("resample_to: `.clip` must go from low to high, found ", clip.low, " to ", clip.high));
}

/// What becomes of voxels that are not finite, for warnings.
[[nodiscard]] inline const char* effect_of_non_finite(const ResampleOptions& options) {
    return options.non_finite == NonFiniteVoxels::bridge
               ? "places nearest to them become NaN"
               : "they are left out, and places with most of their weight among them become NaN";
}

inline constexpr std::string_view both_images = "resample_to: the image and the target";

/// What `resample_to` says of one image, as `who` says it.
[[nodiscard]] inline std::string said_of(std::string_view who, const std::string& image,
                                         std::string_view line) {
    constexpr std::string_view speaker = "resample_to: ";
    if (line.substr(0, speaker.size()) == speaker) line.remove_prefix(speaker.size());
    return text(who, ": ", image, ": ", line);
}

/// What `resample` makes of an image; what is wrong is said with its name, where it has one.
template <class Resample>
auto named_in_errors(std::string_view who, const std::string& image, const Resample& resample) {
    try {
        return resample();
    } catch (const InvalidArgument& error) {
        if (image.empty()) throw;
        throw InvalidArgument(said_of(who, image, error.what()));
    }
}

/// \throws Error out_of_memory when there is none for a volume of `each` bytes a voxel on the target, with its size
inline void require_memory_for(const Grid& target, std::size_t each) {
    if (is_memory_for(target.size(), each)) return;
    const double bytes = static_cast<double>(target.size()) * static_cast<double>(each);
    throw Error(ErrorCode::out_of_memory,
                text("resample_to: a volume of ", target.shape().to_string(), " voxels needs ",
                     static_cast<std::int64_t>(std::ceil(bytes / 1e6)), " MB of memory, more than the ",
                     available_memory() / 1'000'000,
                     " there are; take larger voxels, or the grid of a part of the image"));
}

/// Says that everything becomes `fill`, where it does.
inline void warn_of_nothing(const WarningHandler& warning, const Resampler& resampler, const Grid& source,
                            const Grid& target) {
    if (!warning || source.size() == 0 || target.size() == 0 || resampler.reaches()) return;
    const Shape& shape = source.shape();
    const bool flat = shape.x() == 1 || shape.y() == 1 || shape.z() == 1;
    warning(
        text("resample_to: no voxel of the target lies within the outermost voxel centres of the image: "
             "every voxel becomes the fill",
             flat ? "; an image of one voxel along an axis reaches no further than that voxel's centre, so "
                    "keep the "
                    "size of its voxels along that axis"
                  : ""));
}

/// `fill` as a voxel of type `T`.
template <Voxel T>
[[nodiscard]] T fill_of(double fill) {
    if constexpr (std::floating_point<T>) {
        if (std::isfinite(fill) && !(std::abs(fill) <= static_cast<double>(std::numeric_limits<T>::max()))) {
            throw InvalidArgument(text("resample_to: `fill` ", fill, " does not fit the type of the image"));
        }
        return static_cast<T>(fill);
    } else {
        // Two to the power of the digits is exact in double, as the largest 64-bit integer is not.
        const double end = std::ldexp(1.0, std::numeric_limits<T>::digits);
        const double low = std::is_signed_v<T> ? -end : 0.0;
        if (!(fill >= low && fill < end && fill == std::floor(fill))) {
            throw InvalidArgument(
                text("resample_to: `fill` must be a number that the image's type holds, found ", fill));
        }
        return static_cast<T>(fill);
    }
}

/// What a result on another grid inherits: the space stays, while slice times are no more.
[[nodiscard]] inline Metadata inherited_on(const Grid& target, const Grid& source, Metadata metadata) {
    if (same_grid(target, source)) return metadata;
    if (metadata.sform_code == xform::unknown) {
        if (metadata.qform_code == xform::unknown) metadata.qform_code = xform::aligned;
        metadata.sform_code = metadata.qform_code;
    }
    metadata.slices = {};
    return in_same_space(std::move(metadata), source.affine(), target.affine());
}

/// Which values occur: whole numbers of 16 bits in a table, so that a pass over a volume is quick, others in a set.
template <NumberVoxel T>
class Occurring {
public:
    void look_at(std::span<const T> values) {
        std::vector<T> others;
        T last{};
        bool any = false;
        for (const T value : values) {
            if (any && value == last) continue;
            if constexpr (RealVoxel<T>) {
                if (std::isnan(value)) continue;
            }
            last = value;
            any = true;
            if (const auto place = place_of(value)) {
                small_[*place] = true;
            } else {
                others.push_back(value);
            }
        }
        std::sort(others.begin(), others.end());
        others_.insert(others.begin(), std::unique(others.begin(), others.end()));
    }

    void add(const Occurring& other) {
        small_ |= other.small_;
        others_.insert(other.others_.begin(), other.others_.end());
    }

    [[nodiscard]] bool holds(T value) const {
        const auto place = place_of(value);
        return place ? small_[*place] : others_.count(value) > 0;
    }

    /// Calls `visit(value)` for all, ascending among those of either kind.
    template <class Visit>
    void for_each(const Visit& visit) const {
        for (std::size_t i = 0; i < small_.size(); ++i) {
            if (small_[i]) visit(static_cast<T>(static_cast<std::int64_t>(i) + lowest));
        }
        for (const T value : others_) visit(value);
    }

private:
    static constexpr std::int64_t lowest = -32768;

    [[nodiscard]] static std::optional<std::size_t> place_of(T value) {
        if constexpr (RealVoxel<T>) {
            if (!(value >= T{-32768} && value <= T{32767}) || value != std::trunc(value)) return std::nullopt;
        } else {
            if (!std::in_range<std::int16_t>(value)) return std::nullopt;
        }
        return static_cast<std::size_t>(static_cast<std::int64_t>(value) - lowest);
    }

    std::bitset<65536> small_;
    std::set<T> others_;
};

/// The labels of images before and after they were brought to another grid: of one, or of all volumes of a run, which
/// several threads look at.
template <NumberVoxel T>
class LostLabels {
public:
    LostLabels() = default;
    LostLabels(const LostLabels& other) : before_(other.before_), after_(other.after_), told_(other.told_) {}
    LostLabels& operator=(const LostLabels& other) {
        before_ = other.before_;
        after_ = other.after_;
        told_ = other.told_;
        return *this;
    }

    void look_at(std::span<const T> before, std::span<const T> after) {
        Occurring<T> there, left;
        there.look_at(before);
        left.look_at(after);
        const std::lock_guard lock(mutex_);
        before_.add(there);
        after_.add(left);
    }

    /// Says, once, which labels have no voxel any more.
    /// \param name   what they are called; may be empty
    /// \param image  what the image is called; may be empty
    void warn(const WarningHandler& warning, const std::function<std::string(std::int64_t)>& name,
              std::string_view image = {}) const {
        if (told_ || !warning) return;
        std::vector<T> lost;
        std::int64_t labels = 0;
        before_.for_each([&](T label) {
            if (label == T{0}) return;
            ++labels;
            if (!after_.holds(label)) lost.push_back(label);
        });
        if (lost.empty()) return;
        told_ = true;
        const std::size_t shown = std::min<std::size_t>(lost.size(), 20);
        std::vector<std::string> called;
        for (const T label : std::span(lost).first(shown)) {
            const bool whole = std::abs(static_cast<double>(label)) < 9e15;  // numbers that names can have
            called.push_back(name && whole ? text(label, " (", name(static_cast<std::int64_t>(label)), ")")
                                           : text(label));
        }
        warning(text("resample_to: ", image, image.empty() ? "" : ": ", lost.size(), " of ", labels,
                     labels == 1 ? " label" : " labels", lost.size() == 1 ? " has" : " have",
                     " no voxel on the new grid: ", joined(std::span<const std::string>(called)),
                     shown < lost.size() ? ", ..." : ""));
    }

private:
    std::mutex mutex_;
    Occurring<T> before_, after_;
    mutable bool told_ = false;
};

/// A look at the volumes of a run, by several threads.
class LookOfRun {
public:
    LookOfRun() = default;
    explicit LookOfRun(bool patches) : fresh_(patches), look_(patches) {}
    LookOfRun(const LookOfRun& other) : fresh_(other.fresh_), look_(other.look_), any_(other.any_) {}
    LookOfRun& operator=(const LookOfRun& other) {
        fresh_ = other.fresh_;
        look_ = other.look_;
        any_ = other.any_;
        return *this;
    }

    template <Voxel T>
    void look_at(std::span<const T> volume) {
        LookOfValues look = fresh_;
        look.look_at(volume);
        const std::lock_guard lock(mutex_);
        look_.add(look);
        any_ = true;
    }
    void restart() { *this = LookOfRun(fresh_); }
    [[nodiscard]] ValueKind kind() const { return any_ ? look_.kind() : ValueKind::unknown; }

private:
    explicit LookOfRun(const LookOfValues& fresh) : fresh_(fresh), look_(fresh) {}

    std::mutex mutex_;
    LookOfValues fresh_, look_;
    bool any_ = false;
};

/// Says that means are made of what has none.
inline void warn_of_means(const WarningHandler& warning, ValueKind kind) {
    if (kind != ValueKind::mask && kind != ValueKind::labels) return;
    const bool mask = kind == ValueKind::mask;
    warning(text(
        "resample_to: the image holds ",
        mask ? "0 and one other value, as a mask does" : "whole numbers in patches, as labels of regions are",
        ", and means are made of them; if ", mask ? "it is a mask" : "they are labels",
        ", use Interpolation::nearest, or say with `.values` what they are"));
}

/// Says what is done with whole numbers that are taken for labels by their type alone and do not look so.
/// \throws InvalidArgument when the caller says that they are not
template <class View>
void warn_of_labels_by_type(const View& image, const ResampleOptions& options) {
    using T = VoxelOf<View>;
    if constexpr (IntegerVoxel<T> && NeverAveraged<T>) {
        require(options.values != ValueKind::measured,
                "resample_to: `.values` says that the image is measured, while whole numbers of 32 bits or "
                "more are "
                "labels: resample `image * 1.0`");
        if (!options.warning || options.values != ValueKind::unknown) return;
        if (image.metadata().intent.code == label_intent) return;
        LookOfValues look;
        look.look_at(image.values());
        if (look.kind() != ValueKind::measured || !look.has_neighbours()) return;
        options.warning(
            "resample_to: the image holds whole numbers of 32 bits or more, which are taken for labels, and "
            "looks measured; if "
            "it is, resample `image * 1.0`, or say with Interpolation::nearest or `.values` what is meant");
    }
}

/// Volumes of a repetition time are no atlases, though they may be whole numbers.
[[nodiscard]] inline bool is_measured_run(std::int64_t frames, const Metadata& metadata) {
    return frames > 1 && stated_repetition_time(metadata);
}

/// Does a source pass whole numbers on as they are?
template <StagedSource Source>
[[nodiscard]] bool passes_integers([[maybe_unused]] const Source& source) {
    bool out = false;
    // What a filter has stored is what it starts from, not what it gives.
    if constexpr (StoredSource<Source> && !FilteredSource<Source>) {
        source.visit_stored([&]<class V>(V) { out = IntegerVoxel<V>; });
    }
    return out;
}

}  // namespace detail

namespace detail {

/// The real numbers that hold integers; masks have none.
template <Voxel T>
struct ExactVoxel {
    using type = T;
};
template <NumberVoxel T>
struct ExactVoxel<T> {
    using type = ExactReal<T>;
};

/// Every volume of a run of whole numbers, or of masks, copied from the nearest voxels.
template <Voxel T>
[[nodiscard]] Volume4D<T> moved_run(const Volume4DView<const T>& run, const Grid& target,
                                    const ResampleOptions& options) {
    const ThreadsOfCall threads_of_call(options.threads);
    require_overlap(run.grid(), target, both_images);
    require_memory_for(target, sizeof(T));
    if (options.clip) (void)limits_of(*options.clip);
    const T fill = fill_of<T>(options.fill);
    Resampler resampler(run.grid(), target, taps_of(InterpolationKind::nearest));
    warn_of_nothing(options.warning, resampler, run.grid(), target);
    Volume4D<T> out(target, run.frames(), Uninitialized{},
                    inherited(inherited_on(target, run.grid(), run.metadata())));
    Resampler::Workspace work;
    LostLabels<std::conditional_t<NumberVoxel<T>, T, std::uint8_t>> lost;
    const bool labels = NumberVoxel<T> && (run.metadata().intent.code == label_intent ||
                                           !is_measured_run(run.frames(), run.metadata()));
    for (std::int64_t t = 0; t < run.frames(); ++t) {
        if (options.stop && options.stop()) {
            throw Error(ErrorCode::stopped,
                        text("resample_to: stopped on request after ", t, " of ", run.frames(), " volumes"));
        }
        const auto from = run.frame(t);
        const auto to = out.frame(t);
        resampler.apply(from.data(), to.data(), fill, work,
                        [](std::int64_t count, std::int64_t grain, const auto& body) {
                            parallel_for(count, grain, body);
                        });
        if constexpr (NumberVoxel<T>) {
            if (options.warning && labels) lost.look_at(from.values(), std::span<const T>(to.values()));
        }
        if (options.progress) options.progress(t + 1, run.frames());
    }
    lost.warn(options.warning, options.name_of_label);
    return out;
}

}  // namespace detail

/// The voxel type that `resample_to` gives: `T` for `nearest`, masks and whole numbers of 32 bits and more,
/// which are labels, else float or double.
template <Voxel T, class How>
using ResampledVoxel = typename detail::ResampledVoxel<T, How>::type;

/// Brings a volume to another grid: every voxel gets the value at its place in millimetres.
///
/// \param image    any voxel type. NaN and infinite voxels are bridged by their neighbours before a value is
///                 interpolated, and places nearest to one become NaN, or they are left out; `nearest` copies them
/// \param target   grid of the result: that of another image, or made by `grid_of_voxel_size` or `grid_of_affine`
/// \param how      `Interpolation::nearest`, `linear`, `continuous` (cubic B-spline), or `automatic`: `nearest` for masks
///                 and labels, which are whole numbers of 32 bits and more or said so by the header, else `continuous`, of which
///                 the integers that are left become float
/// \param options  `.fill` (0; value outside the outermost voxel centres of `image`), `.clip` (a range to keep values
///                 in), `.non_finite` (`bridge` or `leave_out`), `.warning` (labels that vanish, voxels that are not
///                 finite, and when no voxel of `target` lies between centres of `image`)
/// \returns        a volume on `target`, with the metadata of `image`
/// \throws InvalidArgument when the two grids share no place, an affine cannot be inverted, `.fill` does not fit the
///         type, or labels would be averaged; Error out_of_memory when the result is larger than what memory is left
///
/// Equals nilearn's `resample_img` and scipy's `affine_transform(mode="constant")`, orders 0, 1 and 3, but for four
/// points: places up to 1e-4 voxels outside the outermost centres count as on them, so that rounding blanks no face; a
/// target whose voxels are all voxels of `image` gets copies; grids that share nothing are an error; unsigned integers
/// become real numbers too. Computed in double and rounded once. Where the axes of the grids run along each other the
/// image is filtered along one after the other, a few operations a voxel; else 8 or 64 samples are read for each voxel.
/// Memory: the result, and the image or the result in double. Leaving voxels out takes the mean of the finite ones with
/// their own weights, R(image) / R(1 where finite), and twice the time where there are any.
template <AnyVolume V, class How = detail::NamedInterpolation<detail::InterpolationKind::automatic>>
requires std::convertible_to<How, Interpolation>
[[nodiscard]] auto resample_to(const V& image, const Grid& target, [[maybe_unused]] How how = {},
                               const ResampleOptions& options = {}) {
    using T = VoxelOf<V>;
    using Kind = detail::InterpolationKind;
    detail::forbid_averages<T, How>();
    static_assert(
        !std::same_as<How, Interpolation> || RealVoxel<T> || NeverAveraged<T>,
        "roi::resample_to of integers must know the interpolation when it is compiled, because the type of "
        "the result depends on it: write Interpolation::nearest or another by name");
    using Out = ResampledVoxel<T, How>;

    const auto view = view_of(image);
    require_overlap(view.grid(), target, detail::both_images);
    detail::require_memory_for(target, sizeof(Out));
    const Interpolation wanted = how;
    const bool look = options.values == ValueKind::unknown;
    const bool labels = wanted.kind() == Kind::automatic &&
                        (detail::says_labels(view) || (look && detail::zeros_and_ones(view.values())));
    const bool said = view.metadata().intent.code == label_intent;
    detail::refuse_averages<T>(wanted);
    const Kind kind = detail::chosen(wanted.kind(), labels || NeverAveraged<T>, said, options.values);
    if (wanted.kind() == Kind::automatic) detail::warn_of_labels_by_type(view, options);

    detail::Resampler resampler(view.grid(), target, detail::taps_of(kind));
    detail::warn_of_nothing(options.warning, resampler, view.grid(), target);
    if (options.clip) resampler.set_limits(detail::limits_of(*options.clip));
    if (options.non_finite == NonFiniteVoxels::leave_out) resampler.leave_out_non_finite();
    Volume<Out> out(target, detail::Uninitialized{},
                    inherited_by_volume(detail::inherited_on(target, view.grid(), view.metadata())));
    detail::Resampler::Workspace work;
    resampler.apply(
        view.data(), out.data(), detail::fill_of<Out>(options.fill), work,
        [](std::int64_t count, std::int64_t grain, const auto& body) { parallel_for(count, grain, body); });
    if (options.warning) {
        if (kind != Kind::nearest && look && !resampler.copies()) {
            LookOfValues values;
            values.look_at(view.values());
            detail::warn_of_means(options.warning, values.kind());
        }
        if constexpr (NumberVoxel<T> && std::same_as<T, Out>) {
            if (kind == Kind::nearest && (IntegerVoxel<T> || said || options.values == ValueKind::labels)) {
                detail::LostLabels<T> lost;
                lost.look_at(view.values(), std::as_const(out).values());
                lost.warn(options.warning, options.name_of_label);
            }
        }
        if constexpr (RealVoxel<T>) {
            NonFiniteCount odd;
            if (!resampler.copies()) odd.look_at(0, view.values());
            odd.warn(options.warning, "resample_to", detail::effect_of_non_finite(options), view.size());
        }
    }
    return out;
}

/// A source whose volumes are those of another on another grid.
template <StagedSource Inner>
class Resampled : public SourceFilter<Inner> {
public:
    using typename SourceFilter<Inner>::value_type;

    struct Workspace : SourceFilter<Inner>::Workspace {
        detail::Resampler::Workspace resampler;
    };

    /// \param name  what warnings call the source; may be empty
    Resampled(Inner inner, const Grid& target, Interpolation how, const ResampleOptions& options,
              std::string name)
        : Resampled::SourceFilter(std::move(inner),
                                  inherited(detail::inherited_on(target, inner.grid(), inner.metadata()))),
          target_(target),
          fill_(detail::fill_of<value_type>(options.fill)),
          name_(std::move(name)) {
        const Grid& from = this->inner().grid();
        require_overlap(from, target, detail::both_images);
        detail::require_memory_for(target, sizeof(value_type));
        const bool said = this->inner().metadata().intent.code == label_intent;
        const bool asks = how.kind() == detail::InterpolationKind::automatic && !said &&
                          options.values == ValueKind::unknown && !same_grid(from, target);
        const bool mask = asks && detail::only_zeros_and_ones(this->inner());
        const auto kind = detail::chosen(how.kind(), said || mask, said, options.values);
        labels_ = said || (kind == detail::InterpolationKind::nearest &&
                           detail::passes_integers(this->inner()) && !is_measured_run(this->inner()));
        resampler_ = detail::Resampler(from, target, detail::taps_of(kind));
        looks_ = kind != detail::InterpolationKind::nearest && options.values == ValueKind::unknown &&
                 !resampler_.copies();
        look_ = detail::LookOfRun(!is_measured_run(this->inner()));
        if (options.clip) resampler_.set_limits(detail::limits_of(*options.clip));
        if (options.non_finite == NonFiniteVoxels::leave_out) resampler_.leave_out_non_finite();
        effect_ = detail::effect_of_non_finite(options);
        name_of_label_ = options.name_of_label;
    }

    [[nodiscard]] const Grid& grid() const { return target_; }

    void rewind() requires RewindableSource<Inner> {
        SourceFilter<Inner>::rewind();
        odd_.restart();
        look_.restart();
    }

    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        const auto volume = this->volume(raw, workspace);
        resampler_.apply(volume.data(), out.data(), fill_, workspace.resampler, detail::InTurn{});
        if (!resampler_.copies()) odd_.look_at(raw.index, volume);
        if (labels_) lost_.look_at(volume, out);
        if (looks_) look_.look_at(volume);
        return out;
    }

    /// Says which labels have no voxel on the new grid, and how many voxels are not finite.
    void warn(const WarningHandler& warning) const {
        SourceFilter<Inner>::warn(warning);
        if (!std::exchange(told_, true)) {
            detail::warn_of_nothing(warning, resampler_, this->inner().grid(), target_);
        }
        if (warning && looks_ && look_.kind() != ValueKind::unknown && !std::exchange(told_of_means_, true)) {
            detail::warn_of_means(warning, look_.kind());
        }
        lost_.warn(warning, name_of_label_, name_);
        odd_.warn(warning, "resample_to", effect_, this->inner().grid().size());
    }

private:
    [[nodiscard]] static bool is_measured_run(const Inner& inner) {
        return detail::is_measured_run(inner.frames(), inner.metadata());
    }

    Grid target_;
    value_type fill_;
    std::string name_;
    bool labels_ = false;  // is it worth saying which values are lost?
    bool looks_ = false;   // may means be made of what has none?
    mutable detail::LookOfRun look_;
    mutable bool told_of_means_ = false;
    const char* effect_ = "";
    std::function<std::string(std::int64_t)> name_of_label_;
    detail::Resampler resampler_;
    mutable NonFiniteCount odd_;
    mutable bool told_ = false;  // that nothing of the source is left
    mutable detail::LostLabels<value_type> lost_;
};

/// Brings the volumes of a source to another grid as they pass; nothing is read yet.
///
/// \param source   an opened file, a filter over one, or a source of your own; becomes part of the result
/// \param target   grid of the result
/// \param how      as for a volume; `automatic` is `nearest` when the header says labels (intent 1002) and for what is only 0
///                 and 1, NaN beside them or not, as far as that can be known before it is read: a file is looked at up to the first other value, so a
///                 mask is read twice, and so are runs in memory and what `select`, `concat`, `crop`, `reorder`, `cached` and
///                 comparisons make of them. Else it is `continuous`, and a warning says what showed to be labels or a mask
/// \param options  `.fill`, `.clip` and `.non_finite` as for a volume; what there is to say goes to the warning handler of what
///                 reads the source, as `save` and `scan`
/// \returns        a source for `scan`, with the values that each volume gets when it is resampled alone
/// \throws InvalidArgument as for a volume
///
/// Memory: one volume of the source, and the source's or the target's in double, a thread.
template <StreamedSource Source>
[[nodiscard]] Resampled<detail::MovedIn<Source>> resample_to(Source&& source, const Grid& target,
                                                             Interpolation how = Interpolation::automatic,
                                                             const ResampleOptions& options = {}) {
    auto inner = detail::moved_in(std::forward<Source>(source));
    const auto name = detail::source_name(inner);
    return detail::named_in_errors("resample_to", name, [&] {
        return Resampled<detail::MovedIn<Source>>(std::move(inner), target, how, options, name);
    });
}

/// The voxel type that `resample_to` gives of a run in memory: as of a volume, but exact real numbers of integers.
template <Voxel T, class How>
using ResampledRunVoxel =
    std::conditional_t<std::same_as<ResampledVoxel<T, How>, T>, T, typename detail::ExactVoxel<T>::type>;

/// Brings every volume of a run in memory to another grid, as the volumes alone.
///
/// \param how  as for a volume: runs of masks and of labels, and what is only 0 and 1 in all volumes, are `nearest`
/// \returns    masks, labels, and with `Interpolation::nearest` what the run holds; else a run of float, or double for double
///             and for integers of 32 bits and more
template <AnyRun R, class How = detail::NamedInterpolation<detail::InterpolationKind::automatic>>
requires(std::convertible_to<How, Interpolation> && !StreamedSource<R>)  //
    [[nodiscard]] auto resample_to(const R& run, const Grid& target, How how = {},
                                   const ResampleOptions& options = {}) {
    using T = VoxelOf<R>;
    using Out = ResampledRunVoxel<T, How>;
    detail::forbid_averages<T, How>();
    if constexpr (std::integral<Out>) {
        const Interpolation wanted = how;
        detail::refuse_averages<T>(wanted);
        if (wanted.kind() == detail::InterpolationKind::automatic) {
            detail::warn_of_labels_by_type(view_of(run), options);
        }
        return detail::moved_run(view_of(run), target, options);
    } else {
        Collect<Out> kept;
        scan(resample_to(staged(run), target, how, options), kept, detail::scan_options(options));
        return std::move(kept).result();
    }
}

/// An image is no grid, and has one.
template <class Image, class Target, class... More>
requires(detail::HasGrid<Image>&& detail::HasGrid<Target> && !std::convertible_to<Target, Grid>)  //
    [[nodiscard]] auto resample_to(Image&& image, const Target& target, const More&... more) {
    static_assert(detail::never<Target>,
                  "roi: resample_to takes a grid: write resample_to(image, target.grid())");
    return resample_to(std::forward<Image>(image), target.grid(), more...);
}

/// Nor is a number.
template <class Image, class Number, class... More>
requires detail::HasGrid<Image> && std::is_arithmetic_v<Number>
[[nodiscard]] auto resample_to(Image&& image, Number, const More&... more) {
    static_assert(detail::never<Number>,
                  "roi: resample_to takes a grid: write resample_to(image, grid_of_voxel_size(image.grid(), "
                  "2.0)) for voxels of 2 mm");
    return resample_to(std::forward<Image>(image), Grid(), more...);
}

/// Neither is what has none, nor a name an image.
template <class Image, class Target, class... More>
requires(!detail::HasGrid<Image> || (!detail::HasGrid<Target> && !std::convertible_to<const Target&, Grid> &&
                                     !std::is_arithmetic_v<Target>))  //
    [[nodiscard]] Volume<float> resample_to(const Image&, const Target&, const More&...) {
    static_assert(detail::never<Target>,
                  "roi: resample_to takes an image and a grid: write resample_to(open(path), "
                  "read_header(like).grid) for files, resample_to(image, target.grid()) for images");
    return {};
}

/// An interpolation has a name that is no text.
template <class Image, std::convertible_to<std::string_view> Text, class... More>
requires detail::HasGrid<Image>
[[nodiscard]] auto resample_to(Image&& image, const Grid& target, const Text&, const More&... more) {
    static_assert(detail::never<Text>,
                  "roi: resample_to takes an Interpolation: write Interpolation::linear, or another by name");
    return resample_to(std::forward<Image>(image), target, Interpolation::automatic, more...);
}

}  // namespace roi
