// Images on other grids, by world coordinates.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/spatial/detail/lost_labels.hpp>
#include <roi/spatial/detail/resample_rules.hpp>
#include <roi/spatial/detail/resampled_values.hpp>
#include <roi/spatial/detail/resampler.hpp>
#include <roi/spatial/interpolation.hpp>
#include <roi/spatial/require_overlap.hpp>
#include <roi/spatial/resample_options.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/filter.hpp>
#include <roi/stream/look_of_values.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace roi {

namespace detail {

/// A volume, a run, a source.
template <class Image>
concept HasGrid = requires(const std::remove_cvref_t<Image>& image) {
    { image.grid() } -> std::convertible_to<const Grid&>;
};

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
template <StreamedSource Source, std::convertible_to<Interpolation> How = Interpolation>
[[nodiscard]] Resampled<detail::MovedIn<Source>> resample_to(Source&& source, const Grid& target,
                                                             How how = {},
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

/// The same with `Interpolation::automatic`.
template <class Image>
requires detail::HasGrid<Image>
[[nodiscard]] auto resample_to(Image&& image, const Grid& target, const ResampleOptions& options) {
    return resample_to(std::forward<Image>(image), target, Interpolation::automatic, options);
}

namespace detail {

/// A shape does not say where its voxels lie, though it makes a grid of voxels of 1 mm for images that lie nowhere.
template <class T>
concept TargetGrid = std::convertible_to<const T&, Grid> && !std::same_as<T, Shape>;

/// What was given for an image, a grid or an interpolation, in one line.
template <class Image, class Target, class How>
void refuse_to_resample() {
    constexpr bool image = HasGrid<Image>, grid = TargetGrid<Target>, shape = std::same_as<Target, Shape>;
    constexpr bool of_image = HasGrid<Target>, number = std::is_arithmetic_v<Target>;
    static_assert(image && (grid || of_image || number || shape),
                  "roi: resample_to takes an image and a grid: write resample_to(open(path), "
                  "read_header(like).grid) for files, resample_to(image, target.grid()) for images");
    static_assert(!image || grid || !(of_image || shape),
                  "roi: resample_to takes a grid: write resample_to(image, target.grid())");
    static_assert(!image || !number,
                  "roi: resample_to takes a grid: write resample_to(image, grid_of_voxel_size(image.grid(), "
                  "2.0)) for voxels of 2 mm");
    static_assert(!image || !grid || std::convertible_to<const How&, Interpolation>,
                  "roi: resample_to takes an Interpolation: write Interpolation::linear, or another by name");
}

/// What is no image, or no grid.
template <class Image, class Target>
concept NothingToResample = !HasGrid<Image> || !TargetGrid<Target>;

/// No interpolation, nor options in its place.
template <class How>
concept NoInterpolation =
    !std::convertible_to<const How&, Interpolation> && !std::convertible_to<const How&, ResampleOptions>;

}  // namespace detail

/// What is no image, no grid or no interpolation; options in braces have no type of their own, so they have a place.
/// \{
template <class Image, class Target, class... More>
requires detail::NothingToResample<Image, Target>
[[nodiscard]] Volume<float> resample_to(Image&&, const Target&, const More&...) {
    detail::refuse_to_resample<std::remove_cvref_t<Image>, Target, Interpolation>();
    return {};
}
template <class Image, class Target>
requires detail::NothingToResample<Image, Target>
[[nodiscard]] Volume<float> resample_to(Image&&, const Target&, const ResampleOptions&) {
    detail::refuse_to_resample<std::remove_cvref_t<Image>, Target, Interpolation>();
    return {};
}
template <class Image, class Target, class How>
requires detail::NothingToResample<Image, Target> || detail::NoInterpolation<How>
[[nodiscard]] Volume<float> resample_to(Image&&, const Target&, const How&, const ResampleOptions&) {
    detail::refuse_to_resample<std::remove_cvref_t<Image>, Target, How>();
    return {};
}
template <class Image, class Target, detail::NoInterpolation How>
requires(!detail::NothingToResample<Image, Target>)  //
    [[nodiscard]] Volume<float> resample_to(Image&&, const Target&, const How&) {
    detail::refuse_to_resample<std::remove_cvref_t<Image>, Target, How>();
    return {};
}
template <class Image>
[[nodiscard]] Volume<float> resample_to(const Image&) {
    detail::refuse_to_resample<std::remove_cvref_t<Image>, Image, Interpolation>();
    return {};
}
/// \}

}  // namespace roi
