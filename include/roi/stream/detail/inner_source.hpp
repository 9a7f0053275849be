// A source inside another: staged, and with what it needs to make a volume of values.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/image/view.hpp>
#include <roi/stream/source.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

namespace roi::detail {

/// What one source needs to make a volume of values.
template <StagedSource Source>
struct InnerVolume {
    typename Source::Workspace workspace;
    Buffer<typename Source::value_type> room;

    [[nodiscard]] std::span<const typename Source::value_type> convert(const Source& source,
                                                                       const RawFrame& raw) {
        const std::int64_t voxels = source.grid().size();
        if (room.size() != voxels) room = Buffer<typename Source::value_type>(voxels, Uninitialized{});
        return source.convert(raw, room.span(), workspace);
    }

    /// The same of some voxels.
    [[nodiscard]] std::span<const typename Source::value_type> convert_range(
        const Source& source, const RawFrame& raw, VoxelRange range) requires RangedSource<Source> {
        if (room.size() < range.size()) {
            room = Buffer<typename Source::value_type>(range.size(), Uninitialized{});
        }
        const auto out = room.span().first(static_cast<std::size_t>(range.size()));
        return source.convert_range(raw, range, out, workspace);
    }
};

/// A run in memory as a source that looks at it; masks are bytes of 0 and 1.
template <AnyRun Run>
[[nodiscard]] auto looked_at(const Run& run) {
    const auto view = view_of(run);
    if constexpr (std::same_as<VoxelOf<Run>, bool>) {
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(view.data());
        return ResidentSource<std::uint8_t>(
            Volume4DView<const std::uint8_t>(bytes, view.grid(), view.frames())
                .with_metadata(view.metadata()));
    } else {
        return ResidentSource<VoxelOf<Run>>(view);
    }
}

/// A run in memory that a source keeps.
template <AnyRun Run>
class HeldRun : public decltype(looked_at(std::declval<const Run&>())) {
public:
    explicit HeldRun(Run run) : HeldRun(std::make_shared<const Run>(std::move(run))) {}

private:
    explicit HeldRun(std::shared_ptr<const Run> run)
        : HeldRun::ResidentSource(looked_at(*run)), run_(std::move(run)) {}

    std::shared_ptr<const Run> run_;
};

/// A run as a part of a source: a source moves in, and so does a run in memory without a name; others are looked at.
template <class Run>
[[nodiscard]] auto as_inner(Run&& run) {
    if constexpr (StreamedSource<Run>) {
        return moved_in(std::forward<Run>(run));
    } else if constexpr (std::is_lvalue_reference_v<Run>) {
        return looked_at(run);
    } else {
        return HeldRun<std::remove_cvref_t<Run>>(std::forward<Run>(run));
    }
}

}  // namespace roi::detail
