// A source inside another: staged, and with what it needs to make a volume of values.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/stream/source.hpp>

#include <cstdint>
#include <span>
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

/// A source of a user's as one in two stages.
template <StagedSource Source>
[[nodiscard]] Source in_stages(Source source) {
    return source;
}
template <UnstagedSource Source>
[[nodiscard]] StagedReader<Source> in_stages(Source source) {
    return StagedReader<Source>(std::move(source));
}

}  // namespace roi::detail
