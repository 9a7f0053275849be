// The voxels of an image in another order, or some of them: a copy with strides.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/parallel.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/stream/filter.hpp>
#include <roi/stream/source.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace roi::detail {

/// Which voxels of a volume go where: (x, y, z) of the result lies `offset` + the sum of its `strides` in the volume.
struct Rearrangement {
    Grid grid;  ///< of the result
    std::int64_t offset = 0;
    std::array<std::int64_t, 3> strides{};
    Metadata metadata;  ///< of the result, with its time axis

    template <class T>
    void copy(const T* in, T* out) const {
        for (std::int64_t z = 0; z < grid.shape().z(); ++z) {
            for (std::int64_t y = 0; y < grid.shape().y(); ++y) {
                const T* line = in + (offset + y * strides[1] + z * strides[2]);
                for (std::int64_t x = 0; x < grid.shape().x(); ++x) *out++ = line[x * strides[0]];
            }
        }
    }

    template <Voxel T>
    [[nodiscard]] Volume<T> of(const VolumeView<const T>& volume) const {
        Metadata fields = metadata;
        fields.time_step = fields.time_offset = 0.0;
        Volume<T> out(grid, Uninitialized{}, std::move(fields));
        if (out.size() > 0) copy(volume.data(), out.data());
        return out;
    }

    template <Voxel T>
    [[nodiscard]] Volume4D<T> of(const Volume4DView<const T>& run) const {
        Volume4D<T> out(grid, run.frames(), Uninitialized{}, metadata);
        if (out.size() == 0) return out;
        parallel_for(run.frames(), 1, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t t = first; t < last; ++t) {
                copy(run.data() + t * run.grid().size(), out.data() + t * grid.size());
            }
        });
        return out;
    }
};

/// A source whose volumes are those of another, rearranged.
template <StagedSource Inner>
class Rearranged : public SourceFilter<Inner> {
public:
    using typename SourceFilter<Inner>::value_type;
    using typename SourceFilter<Inner>::Workspace;

    Rearranged(Inner inner, Rearrangement arrangement)
        : Rearranged::SourceFilter(std::move(inner), arrangement.metadata),
          arrangement_(std::move(arrangement)) {}

    [[nodiscard]] const Grid& grid() const { return arrangement_.grid; }
    [[nodiscard]] bool only_zeros_and_ones() const { return detail::only_zeros_and_ones(this->inner()); }

    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        arrangement_.copy(this->volume(raw, workspace).data(), out.data());
        return out;
    }

private:
    Rearrangement arrangement_;
};

}  // namespace roi::detail
