// Keeps every volume of a source: the run in memory.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/stream/scan.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace roi {

/// Sink of `scan`: all volumes, as a run in memory.
///
/// With it a file is read, smoothed and kept in one pass, each volume made where it is kept; `load4d` and `smooth` one
/// after the other give the same run. Memory: the run.
template <RealVoxel T = float>
class Collect : public SinkState {
public:
    void begin(const ScanInfo& info) {
        run_ = Volume4D<T>(info.grid, info.frames, detail::Uninitialized{}, info.metadata);
    }

    /// Where a volume goes that is about to be made.
    [[nodiscard]] std::span<T> place(std::int64_t frame) {
        const auto kept = volume(frame);
        detail::map_before_writing(kept.data(), kept.size_bytes());
        return kept;
    }

    void update(const FrameBlock<T>& block, VoxelRange range) {
        for (std::size_t i = 0; i < block.frames.size(); ++i) {
            const auto kept = volume(block.first + static_cast<std::int64_t>(i));
            if (block.frames[i] == kept.data()) continue;
            std::copy(block.frames[i] + range.first, block.frames[i] + range.last, kept.data() + range.first);
        }
    }

    template <RealVoxel Other>
    requires(!std::same_as<Other, T>)  //
        void update(const FrameBlock<Other>&, VoxelRange) {
        static_assert(
            detail::never<Other>,
            "roi: Collect keeps volumes of the type that its source has: write Collect<double> for double, "
            "Collect<float> for float");
    }

    /// The run; moved out of a temporary sink: `std::move(collect).result()`.
    /// \throws InvalidArgument when no run was scanned to its end
    [[nodiscard]] const Volume4D<T>& result() const& {
        require_complete("collect");
        return run_;
    }
    [[nodiscard]] Volume4D<T> result() && {
        require_complete("collect");
        result_taken();
        return std::move(run_);
    }

private:
    [[nodiscard]] std::span<T> volume(std::int64_t frame) {
        const std::int64_t voxels = run_.grid().size();
        return {run_.data() + frame * voxels, static_cast<std::size_t>(voxels)};
    }

    Volume4D<T> run_;
};

}  // namespace roi
