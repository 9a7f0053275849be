// What kind of values an image holds, and which interpolation they bear.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/spatial/interpolation.hpp>
#include <roi/spatial/resample_options.hpp>
#include <roi/stream/filter.hpp>
#include <roi/stream/look_of_values.hpp>
#include <roi/stream/source.hpp>

#include <concepts>
#include <cstdint>
#include <mutex>
#include <span>

namespace roi::detail {

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

}  // namespace roi::detail
