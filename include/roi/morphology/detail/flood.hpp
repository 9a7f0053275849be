// Repeats a dilation or erosion until nothing changes, 64 voxels along x at a time.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/image/grid.hpp>
#include <roi/morphology/detail/neighbours.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace roi::detail {

/// A mask with 64 voxels along x in a word: bit i of word w of a line is voxel 64 w + i. Bits behind the end are 0.
class PackedMask {
public:
    explicit PackedMask(const Shape& shape)
        : shape_(shape),
          words_per_line_((shape.x() + 63) / 64),
          words_(words_per_line_ * shape.y() * shape.z(), std::uint64_t{0}) {}

    /// Packs bytes that are 0 or 1.
    PackedMask(const Shape& shape, const MaskByte* bytes) : PackedMask(shape) {
        std::uint64_t* word = words_.data();
        for (std::int64_t line = 0; line < shape.y() * shape.z(); ++line) {
            for (std::int64_t x = 0; x < shape.x(); x += 64, ++word) {
                *word = packed(bytes + line * shape.x() + x, std::min<std::int64_t>(64, shape.x() - x));
            }
        }
    }

    [[nodiscard]] const Shape& shape() const { return shape_; }
    [[nodiscard]] std::int64_t words_per_line() const { return words_per_line_; }
    /// Number of words.
    [[nodiscard]] std::int64_t size() const { return words_.size(); }
    [[nodiscard]] std::uint64_t* words() { return words_.data(); }
    [[nodiscard]] const std::uint64_t* words() const { return words_.data(); }

    /// Turns every voxel into its opposite.
    void flip() {
        for (std::int64_t w = 0; w < size(); ++w) words_.data()[w] ^= inside(w % words_per_line_);
    }

    /// The bits of word `w` of a line that are voxels.
    [[nodiscard]] std::uint64_t inside(std::int64_t w) const {
        return ~std::uint64_t{0} >> (64 - std::min<std::int64_t>(64, shape_.x() - 64 * w));
    }

    /// Writes one byte a voxel, 0 or 1.
    void unpack(MaskByte* bytes) const {
        const std::uint64_t* word = words_.data();
        for (std::int64_t line = 0; line < shape_.y() * shape_.z(); ++line) {
            for (std::int64_t x = 0; x < shape_.x(); x += 64, ++word) {
                unpack(*word, bytes + line * shape_.x() + x, std::min<std::int64_t>(64, shape_.x() - x));
            }
        }
    }

private:
    static constexpr bool little_endian = std::endian::native == std::endian::little;

    static std::uint64_t packed(const MaskByte* bytes, std::int64_t count) {
        std::uint64_t out = 0;
        std::int64_t i = 0;
        if constexpr (little_endian) {
            // The product moves the lowest bit of byte k to bit 56 + k, and nothing else there.
            for (std::uint64_t eight; i + 8 <= count; i += 8) {
                std::memcpy(&eight, bytes + i, 8);
                out |= (eight * 0x0102040810204080u >> 56) << i;
            }
        }
        for (; i < count; ++i) out |= std::uint64_t{bytes[i]} << i;
        return out;
    }

    static void unpack(std::uint64_t bits, MaskByte* bytes, std::int64_t count) {
        std::int64_t i = 0;
        if constexpr (little_endian) {
            for (; i + 8 <= count; i += 8) {
                // Bit k of eight alone in byte k, then to the lowest bit there.
                const std::uint64_t apart = (bits >> i & 0xff) * 0x0101010101010101u & 0x8040201008040201u;
                const std::uint64_t eight = (apart + 0x7f7f7f7f7f7f7f7fu) >> 7 & 0x0101010101010101u;
                std::memcpy(bytes + i, &eight, 8);
            }
        }
        for (; i < count; ++i) bytes[i] = static_cast<MaskByte>(bits >> i & 1);
    }

    Shape shape_;
    std::int64_t words_per_line_;
    Buffer<std::uint64_t> words_;
};

/// The voxels of `way` that lie in a row with one of `from`, 64 along x; `from` lies inside `way`.
[[nodiscard]] inline std::uint64_t along_rows(std::uint64_t from, std::uint64_t way) {
    // An addition carries from each voxel to the end of its row, and clears what it passes.
    std::uint64_t out = way & (~(way + from) | from);
    // The other way round by doubling.
    std::uint64_t open = way;
    for (int step = 1; step < 64; step *= 2) {
        out |= open & (out >> step);
        open &= open >> step;
    }
    return out;
}

/// Spreads voxels through a neighbourhood until nothing changes.
class Flood {
public:
    /// \param offsets  where a voxel looks: voxel p is reached when p + o is, for any of them
    /// \param open     the voxels that may be reached
    Flood(const std::vector<Offset>& offsets, PackedMask open)
        : shape_(open.shape()), open_(std::move(open)), pending_(shape_) {
        std::vector<Offset> ways;
        for (const auto& [dx, dy, dz] : offsets) ways.push_back({-dx, -dy, -dz});
        for (auto& group : shifted_lines(ways)) {
            const auto [low, high] = std::minmax_element(group.shifts.begin(), group.shifts.end());
            groups_.push_back({std::move(group), *low > -64 && *high < 64});
        }
        const auto goes = [&](const Offset& way) {
            return std::find(ways.begin(), ways.end(), way) != ways.end();
        };
        along_x_ = goes({1, 0, 0}) && goes({-1, 0, 0});
        for (const auto& offset : offsets) {
            for (std::size_t axis = 0; axis < 3; ++axis) {
                low_[axis] = std::min(low_[axis], offset[axis]);
                high_[axis] = std::max(high_[axis], offset[axis]);
            }
        }
    }

    /// Starts from voxels that are true already.
    void start_from(const PackedMask& seeds) {
        for (std::int64_t w = 0; w < seeds.size(); ++w) pending_.words()[w] |= seeds.words()[w];
    }

    /// Starts from everything outside the volume.
    void start_from_outside() {
        const auto& [nx, ny, nz] = std::array{shape_.x(), shape_.y(), shape_.z()};
        std::uint64_t* open = open_.words();
        std::uint64_t* pending = pending_.words();
        for (std::int64_t z = 0; z < nz; ++z) {
            for (std::int64_t y = 0; y < ny; ++y) {
                const bool whole = y < -low_[1] || y >= ny - high_[1] || z < -low_[2] || z >= nz - high_[2];
                for (std::int64_t w = 0; w < open_.words_per_line(); ++w, ++open, ++pending) {
                    const std::uint64_t beside =
                        whole ? ~std::uint64_t{0} : below(-low_[0] - 64 * w) | ~below(nx - high_[0] - 64 * w);
                    *pending |= *open & beside;
                    *open &= ~beside;
                }
            }
        }
    }

    /// \returns  the open voxels that were never reached
    [[nodiscard]] PackedMask run() && {
        std::vector<std::int64_t> now;
        for (std::int64_t w = 0; w < pending_.size(); ++w) {
            if (pending_.words()[w] != 0) now.push_back(w);
        }
        while (!now.empty()) {
            for (const std::int64_t w : now) spread(w);
            now.swap(next_);
            next_.clear();
        }
        return std::move(open_);
    }

private:
    struct Group {
        ShiftedLines neighbours;
        bool near;  ///< all shifts end in the same word or the ones beside it
    };

    /// The lowest `count` bits.
    static std::uint64_t below(std::int64_t count) {
        if (count <= 0) return 0;
        return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    }

    /// Shows the pending voxels of a word to their neighbours.
    void spread(std::int64_t word) {
        std::uint64_t bits = std::exchange(pending_.words()[word], 0);
        if (along_x_) {
            std::uint64_t& open = open_.words()[word];
            bits = along_rows(bits, bits | open);
            open &= ~bits;
        }
        const std::int64_t length = open_.words_per_line();
        const std::int64_t line = word / length, w = word % length;
        const std::int64_t y = line % shape_.y(), z = line / shape_.y();
        for (const auto& [group, near] : groups_) {
            if (near) {
                std::uint64_t before = 0, here = 0, after = 0;
                for (const std::int64_t shift : group.shifts) {
                    if (shift >= 0) here |= bits << shift;
                    if (shift > 0) after |= bits >> (64 - shift);
                    if (shift < 0) here |= bits >> -shift;
                    if (shift < 0) before |= bits << (64 + shift);
                }
                for (const auto& [dy, dz] : group.lines) {
                    if (!shape_.contains(0, y + dy, z + dz)) continue;
                    const std::int64_t to = word + (dz * shape_.y() + dy) * length;
                    reach(to, here);
                    if (before != 0 && w > 0) reach(to - 1, before);
                    if (after != 0 && w + 1 < length) reach(to + 1, after);
                }
                continue;
            }
            for (const auto& [dy, dz] : group.lines) {
                if (!shape_.contains(0, y + dy, z + dz)) continue;
                const std::int64_t start = word - w + (dz * shape_.y() + dy) * length;
                for (const std::int64_t shift : group.shifts) {
                    const std::int64_t whole = shift >> 6, part = shift & 63;
                    const std::int64_t first = w + whole;
                    if (first >= 0 && first < length) reach(start + first, bits << part);
                    if (part != 0 && first + 1 >= 0 && first + 1 < length) {
                        reach(start + first + 1, bits >> (64 - part));
                    }
                }
            }
        }
    }

    void reach(std::int64_t word, std::uint64_t bits) {
        std::uint64_t& open = open_.words()[word];
        bits &= open;
        if (bits == 0) return;
        open ^= bits;
        std::uint64_t& pending = pending_.words()[word];
        if (pending == 0) next_.push_back(word);
        pending |= bits;
    }

    Shape shape_;
    PackedMask open_;
    PackedMask pending_;  ///< reached, and not yet shown to their neighbours
    std::vector<std::int64_t> next_;
    std::vector<Group> groups_;
    bool along_x_ = false;  ///< from a voxel to both neighbours along x?
    Offset low_{}, high_{};
};

}  // namespace roi::detail
