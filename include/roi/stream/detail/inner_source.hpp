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
