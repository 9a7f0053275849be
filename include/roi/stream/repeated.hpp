// A run in which every volume is the same.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/stream/source.hpp>

#include <cstdint>
#include <span>
#include <utility>

namespace roi {

/// A source that shows one volume again and again; made by `repeated(volume, frames)`.
template <RealVoxel T>
class Repeated {
public:
    using value_type = T;
    struct Workspace {};
    static constexpr bool resident = true;

    /// \throws InvalidArgument when `frames` is negative
    Repeated(Volume<T> volume, std::int64_t frames) : volume_(std::move(volume)), frames_(frames) {
        if (frames < 0) throw InvalidArgument(text("repeated: expected 0 or more volumes, found ", frames));
    }

    [[nodiscard]] const Grid& grid() const { return volume_.grid(); }
    [[nodiscard]] const Metadata& metadata() const { return volume_.metadata(); }
    [[nodiscard]] std::int64_t frames() const { return frames_; }
    [[nodiscard]] bool reads_ahead() const { return false; }
    [[nodiscard]] bool only_zeros_and_ones() const {
        return detail::zeros_and_ones(std::as_const(volume_).values());
    }
    void rewind() { next_ = 0; }
    void pull(RawFrame& raw) { raw.index = next_++; }
    [[nodiscard]] std::span<const T> convert(const RawFrame&, std::span<T>, Workspace&) const {
        return volume_.values();
    }
    [[nodiscard]] std::span<const T> convert_range(const RawFrame&, VoxelRange range, std::span<T>,
                                                   Workspace&) const {
        return range.of(volume_.values());
    }

private:
    Volume<T> volume_;
    std::int64_t frames_ = 0;
    std::int64_t next_ = 0;
};

/// A run of one volume, again and again; `transform` and operators put a volume beside every volume of a run by themselves.
///
/// \param volume  float or double
/// \param frames  how often it is shown
/// \returns       a source with the grid and metadata of `volume`
/// \throws InvalidArgument when `frames` is negative
///
/// Memory: the volume, once.
template <RealVolume V>
[[nodiscard]] Repeated<VoxelOf<V>> repeated(const V& volume, std::int64_t frames) {
    return {Volume<VoxelOf<V>>(view_of(volume)), frames};
}

}  // namespace roi
