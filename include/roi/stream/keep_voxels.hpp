// Keeps the time courses of the voxels of a mask while a run passes by.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>
#include <roi/stream/kept_voxels.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace roi {

/// Sink of `scan`: the values over time of every voxel of a mask.
///
/// Memory: voxels of the mask * volumes * sizeof(T).
template <RealVoxel T = float>
class KeepVoxels : public SinkState {
public:
    /// \param mask  voxels to keep, on the grid of the run
    explicit KeepVoxels(const Mask& mask) : kept_(mask) {}

    /// \throws GridMismatch when mask and run lie on different grids
    void begin(const ScanInfo& info) {
        require_same_grid(kept_.grid(), info.grid, "keep_voxels: mask and run");
        kept_.resize(info.frames);
    }

    /// The smallest box around the voxels that are kept: nothing else is looked at.
    [[nodiscard]] Box box() const {
        Box out;
        for (const std::int64_t voxel : kept_.voxels()) out.include(kept_.grid().shape(), voxel);
        return out;
    }

    void update(const FrameBlock<T>& block, VoxelRange range) {
        const auto& voxels = kept_.voxels();
        const auto first = std::lower_bound(voxels.begin(), voxels.end(), range.first);
        const auto last = std::lower_bound(first, voxels.end(), range.last);
        const auto offset = first - voxels.begin();
        for (std::size_t i = 0; i < block.frames.size(); ++i) {
            const T* values = block.frames[i];
            T* out = kept_.frame(block.first + static_cast<std::int64_t>(i)).data() + offset;
            for (auto voxel = first; voxel != last; ++voxel) *out++ = values[*voxel];
        }
    }

    /// The kept values; moved out of a temporary sink.
    /// \throws InvalidArgument when no run was scanned to its end
    [[nodiscard]] const KeptVoxels<T>& result() const& {
        require_complete("keep_voxels");
        return kept_;
    }
    [[nodiscard]] KeptVoxels<T> result() && {
        require_complete("keep_voxels");
        result_taken();
        return std::move(kept_);
    }

private:
    KeptVoxels<T> kept_;
};

}  // namespace roi
