// Which voxels belong to which region, and how their values are fetched: in the order of memory.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/detail/whole_columns.hpp>
#include <roi/image/grid.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi::detail {

/// The voxels of regions, region after region, each in SciPy's order, x slowest, in which the peers add.
///
/// Values are fetched once, in the order of memory: each voxel that a region wants gets a row with its values in some
/// volumes side by side. The rows of one region lie close together, so taking them in SciPy's order waits for nothing.
class SignalPlaces {
public:
    /// Adds a region. \param voxels  positions in memory, in any order
    void add(std::vector<std::int64_t> voxels, const Shape& shape) {
        std::sort(voxels.begin(), voxels.end(), [&](std::int64_t a, std::int64_t b) {
            return shape.voxel(a) < shape.voxel(b);  // by x, then y, then z
        });
        add_ordered(voxels);
    }

    /// Adds a region whose voxels are in SciPy's order already.
    void add_ordered(const std::vector<std::int64_t>& voxels) {
        voxels_.insert(voxels_.end(), voxels.begin(), voxels.end());
        starts_.push_back(voxels_.size());
    }

    /// Makes the rows ready, when all regions have been added.
    void finish() {
        constexpr std::uint32_t none = 0xFFFFFFFF;
        std::int64_t end = 0;
        for (const std::int64_t voxel : voxels_) end = std::max(end, voxel + 1);
        std::vector<std::uint32_t> row_of(static_cast<std::size_t>(end), none);
        for (const std::int64_t voxel : voxels_) row_of[static_cast<std::size_t>(voxel)] = 0;
        distinct_ = 0;
        stretches_.clear();
        for (std::size_t voxel = 0; voxel < row_of.size(); ++voxel) {
            if (row_of[voxel] == none) continue;
            row_of[voxel] = distinct_;
            const bool goes_on = voxel > 0 && row_of[voxel - 1] != none && distinct_ % part != 0;
            if (!goes_on) stretches_.push_back({static_cast<std::int64_t>(voxel), distinct_, 0});
            ++stretches_.back().count;
            ++distinct_;
        }
        rows_.resize(voxels_.size());
        for (std::size_t place = 0; place < voxels_.size(); ++place) {
            rows_[place] = row_of[static_cast<std::size_t>(voxels_[place])];
        }
        find_pieces();
    }

    /// The same regions where voxel v lies at `place_of(v)`.
    template <class PlaceOf>
    void move_voxels(PlaceOf&& place_of) {
        for (auto& voxel : voxels_) voxel = place_of(voxel);
        finish();
    }

    [[nodiscard]] std::size_t regions() const { return starts_.size() - 1; }
    /// Voxels of all regions together.
    [[nodiscard]] std::size_t size() const { return voxels_.size(); }
    [[nodiscard]] std::size_t first(std::size_t region) const { return starts_[region]; }
    [[nodiscard]] std::size_t size(std::size_t region) const { return starts_[region + 1] - starts_[region]; }
    /// Voxels of the region that has most.
    [[nodiscard]] std::size_t largest() const {
        std::size_t out = 0;
        for (std::size_t region = 0; region < regions(); ++region) out = std::max(out, size(region));
        return out;
    }
    [[nodiscard]] std::span<const std::int64_t> voxels(std::size_t region) const {
        return std::span(voxels_).subspan(first(region), size(region));
    }

    /// The smallest box around all regions.
    [[nodiscard]] Box box(const Shape& shape) const {
        Box out;
        for (const std::int64_t voxel : voxels_) out.include(shape, voxel);
        return out;
    }

    /// Different voxels of all regions together.
    [[nodiscard]] std::size_t distinct() const { return distinct_; }
    /// The rows of a region's voxels.
    [[nodiscard]] std::span<const std::uint32_t> rows(std::size_t region) const {
        return std::span(rows_).subspan(first(region), size(region));
    }

    /// Fetches the values of some volumes.
    ///
    /// \tparam Zeroing  put 0 for values that are NaN or infinite
    /// \param out  receives `distinct()` rows of `Count` values
    /// \returns    whether all values are finite
    template <bool Zeroing, std::size_t Count, NumberVoxel T>
    [[nodiscard]] bool fetch(const std::array<const T*, Count>& volumes, T* out) const {
        if constexpr (std::is_same_v<T, WholeNumber> && Count == whole_columns) {
            for (const auto& stretch : stretches_) {
                fetch_wholes(volumes, stretch, out + stretch.row * Count);
            }
            return true;
        } else {
            FiniteSoFar<std::conditional_t<RealVoxel<T>, T, double>> finite;
            for (const auto& stretch : stretches_) {
                T* to = out + stretch.row * Count;
                for (std::int64_t i = stretch.voxel; i < stretch.voxel + stretch.count; ++i, to += Count) {
                    for (std::size_t k = 0; k < Count; ++k) {
                        const T value = volumes[k][i];
                        if constexpr (RealVoxel<T>) finite.look_at(value);
                        if constexpr (RealVoxel<T> && Zeroing) {
                            to[k] = static_cast<T>(finite_or_zero(value));
                        } else {
                            to[k] = value;
                        }
                    }
                }
            }
            return finite.all();
        }
    }

    /// The sums of all regions in sixteen volumes of whole numbers, where no region has 65,536 voxels or more.
    /// \param sums  sixteen for each region
    void add_up(const std::array<const WholeNumber*, whole_columns>& volumes, std::int32_t* sums) const {
        std::array<WholeNumber, part * whole_columns> rows;
        std::size_t piece = 0;
        for (std::size_t i = 0; i < stretches_.size();) {
            const std::uint32_t first = stretches_[i].row, end = first + part;
            for (; i < stretches_.size() && stretches_[i].row < end; ++i) {
                fetch_wholes(volumes, stretches_[i],
                             rows.data() + (stretches_[i].row - first) * whole_columns);
            }
            const std::size_t from = piece;
            while (piece < pieces_.size() && pieces_[piece].part == first / part) ++piece;
            if (use_avx2()) {
                add_pieces_avx2(pieces_.data() + from, piece - from, rows.data(), sums);
            } else {
                add_pieces(pieces_.data() + from, piece - from, rows.data(), sums);
            }
        }
    }

    /// How many of those voxels are NaN or infinite in a volume, each once, whatever number of regions it lies in.
    template <RealVoxel T>
    [[nodiscard]] std::int64_t non_finite(const T* volume) const {
        std::int64_t out = 0;
        for (const auto& stretch : stretches_) {
            const T* const values = volume + stretch.voxel;
            out +=
                std::count_if(values, values + stretch.count, [](T value) { return !std::isfinite(value); });
        }
        return out;
    }

private:
    /// Rows that are worked on together stay in the first-level cache; no stretch and no piece goes beyond its part.
    static constexpr std::uint32_t part = 512;

    /// Consecutive voxels of the volume, and of the rows.
    struct Stretch {
        std::int64_t voxel;
        std::uint32_t row, count;
    };

    static void fetch_wholes(const std::array<const WholeNumber*, whole_columns>& volumes,
                             const Stretch& stretch, WholeNumber* out) {
        if (use_avx2()) {
            side_by_side_avx2(volumes.data(), stretch.voxel, stretch.count, out);
        } else {
            side_by_side(volumes.data(), stretch.voxel, stretch.count, out);
        }
    }

    /// Finds consecutive rows of one region, in the order of the rows.
    void find_pieces() {
        std::vector<std::size_t> starts(distinct_ + std::size_t{1});
        for (const std::uint32_t row : rows_) ++starts[row + 1];
        for (std::size_t row = 0; row < distinct_; ++row) starts[row + 1] += starts[row];
        std::vector<std::uint32_t> of_row(rows_.size());
        for (std::size_t region = 0; region < regions(); ++region) {
            for (const std::uint32_t row : rows(region)) {
                of_row[starts[row]++] = static_cast<std::uint32_t>(region);
            }
        }
        pieces_.clear();
        std::vector<std::size_t> latest(regions(), 0);  // one behind the piece that was begun last
        std::size_t at = 0;
        for (std::uint32_t row = 0; row < distinct_; ++row) {
            for (; at < starts[row]; ++at) {
                const std::uint32_t region = of_row[at], number = row / part;
                auto& last = latest[region];
                if (last > 0 && pieces_[last - 1].part == number &&
                    pieces_[last - 1].first + pieces_[last - 1].count == row % part) {
                    ++pieces_[last - 1].count;
                } else {
                    pieces_.push_back({row % part, 1, region, number});
                    last = pieces_.size();
                }
            }
        }
    }

    std::vector<std::int64_t> voxels_;
    std::vector<std::size_t> starts_{0};
    std::vector<std::uint32_t> rows_;  // of each place
    std::uint32_t distinct_ = 0;
    std::vector<Stretch> stretches_;  // in the order of memory
    std::vector<WholePiece> pieces_;  // in the order of rows
};

}  // namespace roi::detail
