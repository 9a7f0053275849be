// Several runs or volumes as one run, one after the other in time.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/datatype.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/image/arithmetic.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/stream/detail/inner_source.hpp>
#include <roi/stream/detail/renumbered.hpp>
#include <roi/stream/repeated.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// The options of `concat`.
struct ConcatOptions {
    std::optional<Seconds> t_r{};  ///< between two volumes of the result, whatever the images say
};

namespace detail {

/// Checks what images must share to follow each other, and makes the header fields of all of them.
class Joint {
public:
    /// \throws InvalidArgument for a repetition time that is not above 0
    explicit Joint(const ConcatOptions& options = {}) : t_r_(options.t_r) {
        if (!t_r_ || (t_r_->value > 0.0 && std::isfinite(t_r_->value))) return;
        throw InvalidArgument(text("concat: expected `t_r` above 0 s, found ", t_r_->value));
    }

    /// \param name  what messages call the image; its number where it is empty
    /// \throws GridMismatch, or InvalidArgument when the repetition times differ
    void add(const Grid& grid, const Metadata& metadata, std::string name = {}) {
        names_.push_back(std::move(name));
        const std::size_t now = names_.size() - 1;
        if (now == 0) {
            grid_ = grid;
            metadata_ = metadata;
            if (t_r_) {
                metadata_.time_step = t_r_->value;
                metadata_.time_unit = TimeUnit::second;
            }
            return;
        }
        if (!same_grid(grid_, grid)) require_same_grid(grid_, grid, text("concat: ", both(0, now)));
        keep_shared_intent(metadata.intent);
        if (t_r_) return;
        const auto ours = stated_repetition_time(metadata_), theirs = stated_repetition_time(metadata);
        if (!theirs) {
            // A volume has none; the 1 of a run that states nothing better stays in the header.
            if (!repetition_time(metadata_) && repetition_time(metadata)) keep_time(metadata);
            return;
        }
        if (!ours) {
            keep_time(metadata);
            timed_ = now;
        } else if (std::abs(ours->value - theirs->value) > 1e-6 * ours->value) {
            throw InvalidArgument(
                text("concat: the repetition times of ", both(timed_, now), " differ: ", ours->value,
                     " s and ", theirs->value,
                     " s; say by .t_r of ConcatOptions which holds, or correct metadata().time_step of the "
                     "one that is wrong"));
        }
    }

    [[nodiscard]] const Grid& grid() const {
        require(!names_.empty(), "concat: expected at least one image, found none");
        return grid_;
    }
    [[nodiscard]] const Metadata& metadata() const { return metadata_; }

private:
    [[nodiscard]] std::string both(std::size_t a, std::size_t b) const {
        if (names_[a].empty() && names_[b].empty()) return text("images ", a, " and ", b);
        const auto name = [&](std::size_t k) { return names_[k].empty() ? text("image ", k) : names_[k]; };
        return text(name(a), " and ", name(b));
    }

    void keep_time(const Metadata& metadata) {
        metadata_.time_step = metadata.time_step;
        metadata_.time_unit = metadata.time_unit;
    }

    /// Labels beside a map are no labels.
    void keep_shared_intent(const Intent& other) {
        auto& ours = metadata_.intent;
        if (ours.code != other.code || ours.parameters != other.parameters) ours = {};
        if (ours.name != other.name) ours.name.clear();
    }

    Grid grid_;
    Metadata metadata_;
    std::optional<Seconds> t_r_;
    std::vector<std::string> names_;
    std::size_t timed_ = 0;  // the image that the repetition time comes from
};

/// \throws InvalidArgument after the last volume of sources that are joined
inline void require_left(std::int64_t next, std::int64_t frames) {
    if (next < frames) return;
    throw InvalidArgument(
        text("concat: all ", frames,
             " volumes have been read; open the files again and join them anew to read them twice"));
}

/// The volumes of several sources, one source after the other.
template <StagedSource Part>
class Concat {
public:
    using value_type = typename Part::value_type;
    using Workspace = typename Part::Workspace;

    explicit Concat(std::vector<Part> parts, const ConcatOptions& options = {})
        : parts_(std::move(parts)), starts_{0}, joint_(options) {
        for (const Part& part : parts_) {
            joint_.add(part.grid(), part.metadata(), source_name(part));
            starts_.push_back(starts_.back() + part.frames());
        }
        (void)joint_.grid();  // an error when there is no part
    }

    [[nodiscard]] const Grid& grid() const { return joint_.grid(); }
    [[nodiscard]] const Metadata& metadata() const { return joint_.metadata(); }
    [[nodiscard]] std::int64_t frames() const { return starts_.back(); }
    [[nodiscard]] bool reads_ahead() const {
        return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.reads_ahead(); });
    }

    void rewind() requires RewindableSource<Part> { next_ = 0; }

    void pull(RawFrame& raw) {
        require_left(next_, frames());
        const std::size_t place = place_of(next_);
        Part& part = parts_[place];
        if constexpr (RewindableSource<Part>) {
            if (next_ == starts_[place]) part.rewind();
        }
        part.pull(raw);
        raw.index = next_++;
    }

    void verify_rest() {
        for (Part& part : parts_) detail::verify_rest(part);
    }
    void warn(const WarningHandler& warning) const {
        for (const Part& part : parts_) pass_warnings(part, warning);
    }
    [[nodiscard]] std::string volume_name(std::int64_t frame) const {
        const std::size_t place = place_of(frame);
        return detail::volume_name(parts_[place], frame - starts_[place]);
    }
    [[nodiscard]] bool only_zeros_and_ones() const {
        return std::all_of(parts_.begin(), parts_.end(),
                           [](const Part& part) { return detail::only_zeros_and_ones(part); });
    }

    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        const std::size_t place = place_of(raw.index);
        const Renumbered inner(raw, raw.index - starts_[place]);
        return parts_[place].convert(inner.frame(), out, workspace);
    }
    [[nodiscard]] std::span<const value_type> convert_range(
        const RawFrame& raw, VoxelRange range, std::span<value_type> out,
        Workspace& workspace) const requires RangedSource<Part> {
        const std::size_t place = place_of(raw.index);
        const Renumbered inner(raw, raw.index - starts_[place]);
        return parts_[place].convert_range(inner.frame(), range, out, workspace);
    }

    /// Numbers that are values as they are, where all parts have them in one type; see `StoredSource`.
    template <class Visit>
    bool visit_stored(Visit&& visit) const requires StoredSource<Part> {
        bool alike = false;
        parts_.front().visit_stored([&]<class V>(V stored) {
            alike = std::all_of(parts_.begin(), parts_.end(), [](const Part& part) {
                bool same = false;
                part.visit_stored([&]<class Other>(Other) { same = std::is_same_v<V, Other>; });
                return same;
            });
            if (alike) visit(stored);
        });
        return alike;
    }
    template <NumberVoxel V>
    [[nodiscard]] std::span<const V> stored(const RawFrame& raw) const requires StoredSource<Part> {
        const std::size_t place = place_of(raw.index);
        const Renumbered inner(raw, raw.index - starts_[place]);
        return parts_[place].template stored<V>(inner.frame());
    }

private:
    /// The part that a volume belongs to; parts without volumes have none.
    [[nodiscard]] std::size_t place_of(std::int64_t frame) const {
        return static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), frame) -
                                        starts_.begin() - 1);
    }

    std::vector<Part> parts_;
    std::vector<std::int64_t> starts_;  // number of the first volume of each part, and of all volumes
    Joint joint_;
    std::int64_t next_ = 0;
};

/// The volumes of sources of several types, one source after the other, as values of type `T`.
template <RealVoxel T, StagedSource... Parts>
class ConcatOfKinds {
public:
    using value_type = T;

    struct Workspace {
        std::tuple<InnerVolume<Parts>...> parts;
    };

    explicit ConcatOfKinds(const ConcatOptions& options, Parts... parts)
        : parts_(std::move(parts)...), starts_{0}, joint_(options) {
        std::apply(
            [this](const auto&... part) {
                (joint_.add(part.grid(), part.metadata(), source_name(part)), ...);
                (starts_.push_back(starts_.back() + part.frames()), ...);
            },
            parts_);
    }

    [[nodiscard]] const Grid& grid() const { return joint_.grid(); }
    [[nodiscard]] const Metadata& metadata() const { return joint_.metadata(); }
    [[nodiscard]] std::int64_t frames() const { return starts_.back(); }
    [[nodiscard]] bool reads_ahead() const {
        return std::apply([](const auto&... part) { return (part.reads_ahead() || ...); }, parts_);
    }

    void rewind() requires(RewindableSource<Parts>&&...) {
        std::apply([](auto&... part) { (part.rewind(), ...); }, parts_);
        next_ = 0;
    }

    void pull(RawFrame& raw) {
        require_left(next_, frames());
        on_part(next_, [&](auto k) { std::get<k>(parts_).pull(raw); });
        raw.index = next_++;
    }

    void warn(const WarningHandler& warning) const {
        std::apply([&](const auto&... part) { (pass_warnings(part, warning), ...); }, parts_);
    }
    [[nodiscard]] std::string volume_name(std::int64_t frame) const {
        std::string out;
        on_part(frame, [&](auto k) { out = detail::volume_name(std::get<k>(parts_), frame - starts_[k]); });
        return out;
    }
    [[nodiscard]] bool only_zeros_and_ones() const {
        return std::apply([](const auto&... part) { return (detail::only_zeros_and_ones(part) && ...); },
                          parts_);
    }

    [[nodiscard]] std::span<const T> convert(const RawFrame& raw, std::span<T> out,
                                             Workspace& workspace) const {
        std::span<const T> found = out;
        on_part(raw.index, [&](auto k) {
            const auto& part = std::get<k>(parts_);
            auto& room = std::get<k>(workspace.parts);
            const Renumbered inner(raw, raw.index - starts_[k]);
            if constexpr (std::same_as<typename std::remove_cvref_t<decltype(part)>::value_type, T>) {
                found = part.convert(inner.frame(), out, room.workspace);
            } else {
                const auto values = room.convert(part, inner.frame());
                std::transform(values.begin(), values.end(), out.begin(),
                               [](auto value) { return static_cast<T>(value); });
            }
        });
        return found;
    }

private:
    /// Calls `use(k)` with the number of the part that a volume belongs to, as a constant.
    template <class Use>
    void on_part(std::int64_t frame, const Use& use) const {
        each_part(frame, use, std::index_sequence_for<Parts...>{});
    }
    template <class Use, std::size_t... K>
    void each_part(std::int64_t frame, const Use& use, std::index_sequence<K...>) const {
        const auto try_part = [&](auto k) {
            if (frame >= starts_[k] && frame < starts_[k + 1]) use(k);
        };
        (try_part(std::integral_constant<std::size_t, K>{}), ...);
    }

    std::tuple<Parts...> parts_;
    std::vector<std::int64_t> starts_;  // number of the first volume of each part, and of all volumes
    Joint joint_;
    std::int64_t next_ = 0;
};

/// A run as an inner source, a volume as a run of its own.
template <class Image>
[[nodiscard]] auto as_part(Image&& image) {
    using Plain = std::remove_cvref_t<Image>;
    if constexpr (AnyVolume<Plain>) {
        return repeated(as<RealFor<VoxelOf<Plain>>>(image), 1);
    } else {
        return as_inner(std::forward<Image>(image));
    }
}

/// Volumes of a volume or a run.
template <class Image>
[[nodiscard]] std::int64_t frames_in(const Image& image) {
    if constexpr (AnyRun<Image>) {
        return view_of(image).frames();
    } else {
        return 1;
    }
}

template <class Image>
concept VolumeOrRun = AnyVolume<Image> || AnyRun<Image>;

template <class Image>
concept Joinable = VolumeOrRun<std::remove_cvref_t<Image>> || StreamedSource<std::remove_cvref_t<Image>>;

/// Images, at least one, and options behind them.
template <class... Arguments>
[[nodiscard]] constexpr bool ends_with_options() {
    constexpr std::array is_image{Joinable<Arguments>...};
    constexpr std::array is_options{std::same_as<std::remove_cvref_t<Arguments>, ConcatOptions>...};
    bool out = is_image.size() > 1 && is_options.back();
    for (std::size_t k = 0; k + 1 < is_image.size(); ++k) out = out && is_image[k];
    return out;
}
template <class... Arguments>
concept EndsWithOptions = sizeof...(Arguments) > 1 && ends_with_options<Arguments...>();

/// Names of files and numbers, which are given for images by mistake, and lists of them.
template <class T>
concept NameOrNumber = std::is_arithmetic_v<T> || std::convertible_to<const T&, std::string_view> ||
    std::convertible_to<const T&, std::string>;
template <class T>
struct IsListOfNames : std::false_type {};
template <NameOrNumber T>
struct IsListOfNames<std::vector<T>> : std::true_type {};

/// A list of images, which options alone may follow.
template <class T>
struct IsListOfImages : std::false_type {};
template <Joinable Image>
struct IsListOfImages<std::vector<Image>> : std::true_type {};
template <class List, class Next, class... More>
inline constexpr bool is_list_before_others =
    IsListOfImages<List>::value && !std::convertible_to<const Next&, ConcatOptions>;

/// Images among what cannot be joined, names instead of images, or nothing at all.
template <class... Arguments>
concept JoinedWithOthers = sizeof...(Arguments) == 0 ||
                           ((Joinable<Arguments> || ...) && !(Joinable<Arguments> && ...) &&
                            !EndsWithOptions<Arguments...>) ||
                           ((NameOrNumber<std::decay_t<Arguments>> || IsListOfNames<Arguments>::value ||
                             std::same_as<Arguments, ConcatOptions>)&&...) ||
                           is_list_before_others<Arguments..., ConcatOptions>;

/// `ConcatOptions` with a number in place of seconds, which is what `{.t_r = 2.5}` says.
struct NumbersAsOptions {
    struct Number {
        template <Scalar T>
        Number(T) {}
    } t_r;
};

/// Does `A` hold every value of `B`?
template <Voxel A, Voxel B>
inline constexpr bool holds_all_of = std::same_as<A, B> ||
                                     (std::integral<A>
                                          ? std::integral<B> &&
                                                std::numeric_limits<A>::digits >=
                                                    std::numeric_limits<B>::digits &&
                                                (std::is_signed_v<A> || !std::is_signed_v<B>)
                                          : std::numeric_limits<A>::digits >= std::numeric_limits<B>::digits);

/// The smallest voxel type that holds the values of two; double where none does.
template <Voxel A, Voxel B>
struct JoinedVoxel {
    static constexpr bool whole = std::integral<A> && std::integral<B>;
    static constexpr int digits = std::max(std::numeric_limits<A>::digits, std::numeric_limits<B>::digits);
    using Whole =
        std::conditional_t<digits <= 15, std::int16_t,
                           std::conditional_t<digits <= 31, std::int32_t,
                                              std::conditional_t<digits <= 63, std::int64_t, double>>>;
    using type = std::conditional_t<
        holds_all_of<A, B>, A,
        std::conditional_t<holds_all_of<B, A>, B, std::conditional_t<whole, Whole, double>>>;
};

/// The same for any number of types.
template <Voxel First, Voxel... Rest>
struct JoinedVoxels {
    using type = First;
};
template <Voxel First, Voxel Second, Voxel... Rest>
struct JoinedVoxels<First, Second, Rest...> {
    using type = typename JoinedVoxels<typename JoinedVoxel<First, Second>::type, Rest...>::type;
};

}  // namespace detail

/// The smallest type on disk that holds the values of two, the rule by which `concat` joins images of different types.
///
/// \param a, b  types of values as they are, unscaled
/// \returns     a type of whole numbers where both are and one holds them, else one of reals: float64 where float32 has gaps;
///              `unknown` where one of the two is
[[nodiscard]] inline Datatype joined_datatype(Datatype a, Datatype b) {
    auto out = Datatype::unknown;
    visit_type(a, [&]<class A>(A) {
        visit_type(b, [&]<class B>(B) { out = datatype_of<typename detail::JoinedVoxel<A, B>::type>(); });
    });
    return out;
}

namespace detail {

/// Joins images in memory.
template <VolumeOrRun... Images>
[[nodiscard]] auto joined_images(const ConcatOptions& options, const Images&... images) {
    using T = typename JoinedVoxels<VoxelOf<Images>...>::type;
    Joint joint(options);
    const auto add = [&](const auto& image) { joint.add(image.grid(), image.metadata()); };
    (add(view_of(images)), ...);
    Volume4D<T> out(joint.grid(), (frames_in(images) + ...), Uninitialized{}, joint.metadata());
    T* end = out.data();
    const auto copy = [&](const auto& image) {
        end = std::transform(image.values().begin(), image.values().end(), end,
                             [](auto value) { return static_cast<T>(value); });
    };
    (copy(view_of(images)), ...);
    return out;
}

/// Joins images of which one is a source at least.
template <Joinable... Images>
[[nodiscard]] auto joined_sources(const ConcatOptions& options, Images&&... images) {
    using First = std::remove_cvref_t<std::tuple_element_t<0, std::tuple<Images...>>>;
    if constexpr ((std::same_as<First, std::remove_cvref_t<Images>> && ...)) {
        std::vector<MovedIn<First>> sources;
        sources.reserve(sizeof...(images));
        (sources.push_back(moved_in(std::forward<Images>(images))), ...);
        return Concat<MovedIn<First>>(std::move(sources), options);
    } else {
        constexpr bool precise =
            (std::same_as<typename decltype(as_part(std::forward<Images>(images)))::value_type, double> ||
             ...);
        using T = std::conditional_t<precise, double, float>;
        return ConcatOfKinds<T, decltype(as_part(std::forward<Images>(images)))...>(
            options, as_part(std::forward<Images>(images))...);
    }
}

}  // namespace detail

/// Joins volumes and runs in memory to one run, in the order given.
///
/// \param images  volumes and runs on one grid; behind them, if you like, `ConcatOptions`
/// \returns       all volumes, in the smallest type that holds the values of all (double where none does), with the metadata
///                of the first, but the intent that all share and `.t_r` of the options, or the repetition time of the first
///                that states one: a `time_step` of 1 without a unit, as nibabel writes it where it knows none, does not
/// \throws GridMismatch when they lie on different grids, see `concat_on`; InvalidArgument when their repetition times differ
///         and none is given, or `.t_r` is not above 0
///
/// A copy. Equals nilearn's `concat_imgs`, which takes the first image's type and cuts values that do not fit.
template <detail::VolumeOrRun... Images>
requires(sizeof...(Images) > 0)  //
    [[nodiscard]] auto concat(const Images&... images) {
    return detail::joined_images(ConcatOptions{}, images...);
}

/// The same of a list: `concat(runs, {.t_r = Seconds{2.5}})`.
/// \throws InvalidArgument also when it is empty
template <detail::VolumeOrRun Image>
[[nodiscard]] Volume4D<VoxelOf<Image>> concat(const std::vector<Image>& images,
                                              const ConcatOptions& options = {}) {
    detail::Joint joint(options);
    std::int64_t frames = 0;
    for (const Image& image : images) {
        joint.add(image.grid(), image.metadata());
        frames += detail::frames_in(image);
    }
    Volume4D<VoxelOf<Image>> out(joint.grid(), frames, detail::Uninitialized{}, joint.metadata());
    auto* end = out.data();
    for (const Image& image : images) {
        const auto view = view_of(image);
        end = std::copy(view.values().begin(), view.values().end(), end);
    }
    return out;
}

/// Joins sources to one, whose volumes pass one source after the other; nothing is read yet.
///
/// \param sources  of one type: several `open(path)`, or filters over them; they become part of the result
/// \param options  `.t_r`, where the headers are wrong or say nothing
/// \returns        a source: `smooth(concat(open(first), open(second)), fwhm)`; it can be scanned again when they can
/// \throws GridMismatch when they lie on different grids; InvalidArgument when their repetition times differ and none is given,
///         `.t_r` is not above 0, or there is no source; both name the files
///
/// Memory: that of one source after the other.
template <StagedSource Source>
[[nodiscard]] detail::Concat<Source> concat(std::vector<Source> sources, const ConcatOptions& options = {}) {
    return detail::Concat<Source>(std::move(sources), options);
}
template <UnstagedSource Source>
[[nodiscard]] auto concat(std::vector<Source> sources, const ConcatOptions& options = {}) {
    std::vector<detail::StagedReader<Source>> parts;
    for (Source& source : sources) parts.emplace_back(std::move(source));
    return concat(std::move(parts), options);
}

/// Joins sources of any types, and volumes and runs in memory between them; nothing is read yet.
///
/// \param images  at least one source, which becomes part of the result, as volumes do and runs in memory without a name; a
///                run that has one is looked at, and has to stay as long as the result
/// \returns       a source as above; of double when one part is double or holds integers of 32 bits and more, else of float
template <class... Images>
requires(StreamedSource<std::remove_cvref_t<Images>> || ...) && (detail::Joinable<Images> && ...)  //
    [[nodiscard]] auto concat(Images&&... images) {
    return detail::joined_sources(ConcatOptions{}, std::forward<Images>(images)...);
}

/// Joins images in memory or sources, with options behind them: `concat(open(a), open(b), ConcatOptions{.t_r = Seconds{2.5}})`.
template <class... Arguments>
requires detail::EndsWithOptions<Arguments...>
[[nodiscard]] auto concat(Arguments&&... arguments) {
    const auto all = std::forward_as_tuple(std::forward<Arguments>(arguments)...);
    return [&]<std::size_t... K>(std::index_sequence<K...>) {
        using All = std::tuple<Arguments&&...>;
        const ConcatOptions& options = std::get<sizeof...(K)>(all);
        if constexpr ((StreamedSource<std::tuple_element_t<K, All>> || ...)) {
            return detail::joined_sources(options,
                                          std::forward<std::tuple_element_t<K, All>>(std::get<K>(all))...);
        } else {
            return detail::joined_images(options, std::get<K>(all)...);
        }
    }
    (std::make_index_sequence<sizeof...(Arguments) - 1>{});
}

/// What is no image among images.
template <class... Arguments>
requires detail::JoinedWithOthers<Arguments...>
[[nodiscard]] Volume4D<float> concat(const Arguments&...) {
    static_assert(detail::never<std::tuple<Arguments...>>,
                  "roi: concat takes volumes, runs and sources, of one list or one by one, and ConcatOptions "
                  "behind them: write open(path) for a file");
    return {};
}

/// A list of names, with options in braces.
template <detail::NameOrNumber Name>
[[nodiscard]] Volume4D<float> concat(const std::vector<Name>& names, const ConcatOptions&) {
    return concat(names);
}

/// A number has no unit.
template <class Image>
[[nodiscard]] Volume4D<float> concat(const std::vector<Image>&, const detail::NumbersAsOptions&) {
    static_assert(detail::never<Image>,
                  "roi: concat takes a time with its unit: write {.t_r = roi::Seconds{2.5}}");
    return {};
}

}  // namespace roi
