// Keeps every volume of a source: the run in memory.
#pragma once

#include <roi/concepts.hpp>
#include <roi/detail/buffer.hpp>
#include <roi/metadata.hpp>
#include <roi/scan.hpp>
#include <roi/volume4d.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace roi {

/// Sink of `scan`: all volumes, as a run in memory.
///
/// With it a file is read, smoothed and kept in one pass, each volume while it is in cache; `load4d` and `smooth` one
/// after the other give the same run. Memory: the run.
template <RealVoxel T = float>
class Collect {
public:
    void begin(const ScanInfo& info) {
        run_ = Volume4D<T>(info.grid, info.frames, detail::Uninitialized{}, info.metadata);
    }

    void update(const FrameBlock<T>& block, VoxelRange range) {
        for (std::size_t i = 0; i < block.frames.size(); ++i) {
            const auto frame = block.first + static_cast<std::int64_t>(i);
            std::copy(block.frames[i] + range.first, block.frames[i] + range.last,
                      run_.data() + frame * run_.grid().size() + range.first);
        }
    }

    /// The run; moved out of a temporary sink: `std::move(collect).result()`.
    [[nodiscard]] const Volume4D<T>& result() const& { return run_; }
    [[nodiscard]] Volume4D<T> result() && { return std::move(run_); }

private:
    Volume4D<T> run_;
};

}  // namespace roi
