// Repeats a dilation or erosion until nothing changes, 64 voxels along x at a time.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/image/grid.hpp>
#include <roi/morphology/detail/neighbours.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
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
///
/// Words are kept with margins of closed ones as wide as the neighbourhood, so that a step from one word to another is
/// one number, and none has to ask whether it stays inside the volume.
class Flood {
public:
    /// \param offsets  where a voxel looks: voxel p is reached when p + o is, for any of them
    /// \param open     the voxels that may be reached
    Flood(const std::vector<Offset>& offsets, const PackedMask& open) : shape_(open.shape()) {
        const auto ways = reflected(offsets);
        Offset margin{};
        for (const auto& offset : offsets) {
            for (std::size_t axis = 0; axis < 3; ++axis) {
                low_[axis] = std::min(low_[axis], offset[axis]);
                high_[axis] = std::max(high_[axis], offset[axis]);
                margin[axis] = std::max(margin[axis], std::abs(offset[axis]));
            }
        }
        // One margin lies behind each line and behind each plane; the next one's front is the last one's back.
        words_ = open.words_per_line();
        line_ = words_ + (margin[0] + 63) / 64;
        plane_ = line_ * (shape_.y() + margin[1]);
        first_ = plane_ * margin[2] + line_ * margin[1] + line_ - words_;
        const std::int64_t size = 2 * first_ + plane_ * shape_.z();
        open_ = Buffer<std::uint64_t>(size, std::uint64_t{0});
        pending_ = Buffer<std::uint64_t>(size, std::uint64_t{0});
        for_each_line([&](std::int64_t at, std::int64_t from, std::int64_t, std::int64_t) {
            std::copy_n(open.words() + from, words_, open_.data() + at);
        });

        for (const auto& [lines, shifts] : shifted_lines(ways)) {
            Group group;
            for (const auto& [dy, dz] : lines) group.steps.push_back(dy * line_ + dz * plane_);
            for (const std::int64_t shift : shifts) {
                if (shift > -64 && shift < 64) {
                    group.near.push_back(shift);
                } else {
                    group.far.emplace_back(shift >> 6, static_cast<int>(shift & 63));
                }
            }
            groups_.push_back(std::move(group));
        }
        const auto goes = [&](const Offset& way) {
            return std::find(ways.begin(), ways.end(), way) != ways.end();
        };
        along_x_ = goes({1, 0, 0}) && goes({-1, 0, 0});
    }

    /// Starts from voxels that are true already.
    void start_from(const PackedMask& seeds) {
        for_each_line([&](std::int64_t at, std::int64_t from, std::int64_t, std::int64_t) {
            for (std::int64_t w = 0; w < words_; ++w) pending_.data()[at + w] |= seeds.words()[from + w];
        });
    }

    /// Starts from everything outside the volume.
    void start_from_outside() {
        for_each_line([&](std::int64_t at, std::int64_t, std::int64_t y, std::int64_t z) {
            const bool whole =
                y < -low_[1] || y >= shape_.y() - high_[1] || z < -low_[2] || z >= shape_.z() - high_[2];
            for (std::int64_t w = 0; w < words_; ++w) {
                const std::uint64_t beside =
                    whole ? ~std::uint64_t{0}
                          : below(-low_[0] - 64 * w) | ~below(shape_.x() - high_[0] - 64 * w);
                std::uint64_t& open = open_.data()[at + w];
                pending_.data()[at + w] |= open & beside;
                open &= ~beside;
            }
        });
    }

    /// \returns  the open voxels that were never reached
    [[nodiscard]] PackedMask run() && {
        const std::int64_t size = pending_.size();
        waiting_ = size - std::count(pending_.data(), pending_.data() + size, std::uint64_t{0});
        // Many words are visited in the order of memory, to and fro, where a word gathers much before its turn comes;
        // few are listed, so that a long winding way costs no more than its length.
        const std::int64_t few = size / 64;
        while (waiting_ > 0) {
            if (waiting_ > few) {
                for (std::int64_t w = 0; w < size; ++w) {
                    if (pending_.data()[w] != 0) spread(w, [](std::int64_t) {});
                }
                for (std::int64_t w = size - 1; w >= 0; --w) {
                    if (pending_.data()[w] != 0) spread(w, [](std::int64_t) {});
                }
                continue;
            }
            std::vector<std::int64_t> now, next;
            for (std::int64_t w = 0; w < size; ++w) {
                if (pending_.data()[w] != 0) now.push_back(w);
            }
            while (!now.empty() && waiting_ <= few) {
                for (const std::int64_t w : now)
                    spread(w, [&](std::int64_t reached) { next.push_back(reached); });
                now.swap(next);
                next.clear();
            }
        }
        PackedMask out(shape_);
        for_each_line([&](std::int64_t at, std::int64_t from, std::int64_t, std::int64_t) {
            std::copy_n(open_.data() + at, words_, out.words() + from);
        });
        return out;
    }

private:
    /// Neighbours that are the same lines at several shifts along x, in words.
    struct Group {
        std::vector<std::int64_t> steps;                ///< to the same word of each line
        std::vector<std::int64_t> near;                 ///< shifts of less than a word
        std::vector<std::pair<std::int64_t, int>> far;  ///< others, as words and the bits above them
    };

    /// The lowest `count` bits.
    static std::uint64_t below(std::int64_t count) {
        if (count <= 0) return 0;
        return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    }

    /// Calls `visit(its first word here, in a PackedMask, y, z)` for every line.
    template <class Visit>
    void for_each_line(Visit visit) const {
        std::int64_t packed = 0;
        for (std::int64_t z = 0; z < shape_.z(); ++z) {
            for (std::int64_t y = 0; y < shape_.y(); ++y, packed += words_) {
                visit(first_ + z * plane_ + y * line_, packed, y, z);
            }
        }
    }

    /// Shows the pending voxels of a word to their neighbours, and tells `found` of words that now wait.
    template <class Found>
    void spread(std::int64_t word, Found found) {
        std::uint64_t bits = std::exchange(pending_.data()[word], 0);
        --waiting_;
        if (along_x_) {
            std::uint64_t& open = open_.data()[word];
            bits = along_rows(bits, bits | open);
            open &= ~bits;
        }
        for (const auto& [steps, near, far] : groups_) {
            std::uint64_t before = 0, here = 0, after = 0;
            for (const std::int64_t shift : near) {
                if (shift >= 0) {
                    here |= bits << shift;
                    if (shift > 0) after |= bits >> (64 - shift);
                } else {
                    here |= bits >> -shift;
                    before |= bits << (64 + shift);
                }
            }
            for (const std::int64_t step : steps) {
                reach(word + step, here, found);
                if (before != 0) reach(word + step - 1, before, found);
                if (after != 0) reach(word + step + 1, after, found);
                for (const auto& [whole, part] : far) {
                    reach(word + step + whole, bits << part, found);
                    if (part != 0) reach(word + step + whole + 1, bits >> (64 - part), found);
                }
            }
        }
    }

    template <class Found>
    void reach(std::int64_t word, std::uint64_t bits, Found& found) {
        std::uint64_t& open = open_.data()[word];
        bits &= open;
        if (bits == 0) return;
        open ^= bits;
        std::uint64_t& pending = pending_.data()[word];
        if (pending == 0) {
            ++waiting_;
            found(word);
        }
        pending |= bits;
    }

    Shape shape_;
    std::int64_t words_ = 0;  ///< of a line without its margin
    std::int64_t line_ = 0;   ///< from one line to the next, in words
    std::int64_t plane_ = 0;
    std::int64_t first_ = 0;  ///< the word of voxel (0, 0, 0)
    Buffer<std::uint64_t> open_;
    Buffer<std::uint64_t> pending_;  ///< reached, and not yet shown to their neighbours
    std::int64_t waiting_ = 0;       ///< words with pending voxels
    std::vector<Group> groups_;
    bool along_x_ = false;  ///< from a voxel to both neighbours along x?
    Offset low_{}, high_{};
};

}  // namespace roi::detail
