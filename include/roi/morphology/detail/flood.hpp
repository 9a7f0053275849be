// Repeats a dilation or erosion until nothing changes, 64 voxels along x at a time.
//
// Threads each take slabs of planes. What a slab reaches in its neighbours it collects in its margins, and hands over when
// it has come to rest; so rounds go on until no margin holds anything. What is reached in the end does not depend on who
// came first.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/core/parallel.hpp>
#include <roi/image/grid.hpp>
#include <roi/morphology/detail/neighbours.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace roi::detail {

/// A mask with 64 voxels along x in a word: bit i of word w of a line is voxel 64 w + i. Bits behind the end are 0.
class PackedMask {
public:
    /// A mask whose words are written next.
    explicit PackedMask(const Shape& shape)
        : shape_(axes_of_voxels(shape)),
          words_per_line_((shape_.x() + 63) / 64),
          words_(words_per_line_ * shape_.y() * shape_.z(), Uninitialized{}) {}

    /// Packs bytes that are 0 or 1.
    PackedMask(const Shape& shape, const MaskByte* bytes) : PackedMask(shape) {
        for_each_line([&](std::int64_t line, std::uint64_t* word) {
            for (std::int64_t x = 0; x < shape_.x(); x += 64, ++word) {
                *word = packed(bytes + line * shape_.x() + x, std::min<std::int64_t>(64, shape_.x() - x));
            }
        });
    }

    [[nodiscard]] const Shape& shape() const { return shape_; }
    [[nodiscard]] std::int64_t words_per_line() const { return words_per_line_; }
    /// Number of words.
    [[nodiscard]] std::int64_t size() const { return words_.size(); }
    [[nodiscard]] std::uint64_t* words() { return words_.data(); }
    [[nodiscard]] const std::uint64_t* words() const { return words_.data(); }

    /// Turns every voxel into its opposite.
    void flip() {
        for_each_line([&](std::int64_t, std::uint64_t* word) {
            for (std::int64_t w = 0; w < words_per_line_; ++w) word[w] ^= inside(w);
        });
    }

    /// Calls `change(word of this mask, word of the other)` for all words.
    template <class Change>
    void with(const PackedMask& other, const Change& change) {
        for_each_line([&](std::int64_t line, std::uint64_t* word) {
            const std::uint64_t* const beside = other.words() + line * words_per_line_;
            for (std::int64_t w = 0; w < words_per_line_; ++w) change(word[w], beside[w]);
        });
    }

    /// The bits of word `w` of a line that are voxels.
    [[nodiscard]] std::uint64_t inside(std::int64_t w) const {
        return ~std::uint64_t{0} >> (64 - std::min<std::int64_t>(64, shape_.x() - 64 * w));
    }

    /// Writes one byte a voxel, 0 or 1.
    void unpack(MaskByte* bytes) {
        for_each_line([&](std::int64_t line, const std::uint64_t* word) {
            for (std::int64_t x = 0; x < shape_.x(); x += 64, ++word) {
                unpack(*word, bytes + line * shape_.x() + x, std::min<std::int64_t>(64, shape_.x() - x));
            }
        });
    }

private:
    static constexpr bool little_endian = std::endian::native == std::endian::little;

    /// Calls `visit(line, its first word)` for every line, on several threads.
    template <class Visit>
    void for_each_line(const Visit& visit) {
        if (shape_.size() == 0) return;
        // What a thread costs is more than it saves below a quarter of a million voxels.
        parallel_for(shape_.y() * shape_.z(), std::max<std::int64_t>(1, (1 << 18) / shape_.x()),
                     [&](std::int64_t first, std::int64_t last) {
                         for (std::int64_t line = first; line < last; ++line) {
                             visit(line, words_.data() + line * words_per_line_);
                         }
                     });
    }

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

/// Spreads voxels through a neighbourhood until nothing changes, in some planes of a volume.
///
/// Words are kept with margins of closed ones as wide as the neighbourhood, so that a step from one word to another is
/// one number, and none has to ask whether it stays inside the volume. Margins that are planes of other slabs are open
/// once: what is reached there waits to be handed over.
class FloodSlab {
public:
    /// \param offsets      where a voxel looks: voxel p is reached when p + o is, for any of them
    /// \param open         the voxels of the whole volume that may be reached
    /// \param first, last  the planes of this slab
    FloodSlab(const std::vector<Offset>& offsets, const PackedMask& open, std::int64_t first,
              std::int64_t last)
        : shape_(open.shape()), first_plane_(first), last_plane_(last) {
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
        start_ = plane_ * margin[2] + line_ * margin[1] + line_ - words_;
        end_ = start_ + plane_ * (last - first);
        const std::int64_t size = start_ + end_;
        open_ = Buffer<std::uint64_t>(size, std::uint64_t{0});
        pending_ = Buffer<std::uint64_t>(size, std::uint64_t{0});
        for_each_line(first, last, [&](std::int64_t at, std::int64_t from, std::int64_t, std::int64_t) {
            std::copy_n(open.words() + from, words_, open_.data() + at);
        });
        below_ = std::max<std::int64_t>(0, first - margin[2]);
        above_ = std::min(shape_.z(), last + margin[2]);
        for_each_margin([&](std::int64_t at, std::int64_t from, std::int64_t, std::int64_t) {
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

    [[nodiscard]] std::int64_t first_plane() const { return first_plane_; }
    [[nodiscard]] std::int64_t last_plane() const { return last_plane_; }

    /// Words with voxels that were not yet shown to their neighbours.
    [[nodiscard]] std::int64_t waiting() const { return waiting_; }

    /// Starts from voxels that are true already.
    void start_from(const PackedMask& seeds) {
        for_each_line(first_plane_, last_plane_,
                      [&](std::int64_t at, std::int64_t from, std::int64_t, std::int64_t) {
                          for (std::int64_t w = 0; w < words_; ++w) start(at + w, seeds.words()[from + w]);
                      });
    }

    /// Starts from everything outside the volume.
    void start_from_outside() {
        for_each_line(
            first_plane_, last_plane_, [&](std::int64_t at, std::int64_t, std::int64_t y, std::int64_t z) {
                const bool whole =
                    y < -low_[1] || y >= shape_.y() - high_[1] || z < -low_[2] || z >= shape_.z() - high_[2];
                for (std::int64_t w = 0; w < words_; ++w) {
                    const std::uint64_t beside =
                        whole ? ~std::uint64_t{0}
                              : below(-low_[0] - 64 * w) | ~below(shape_.x() - high_[0] - 64 * w);
                    std::uint64_t& open = open_.data()[at + w];
                    start(at + w, open & beside);
                    open &= ~beside;
                }
            });
    }

    /// Spreads until this slab is at rest.
    void run() {
        // Many words are visited in the order of memory, to and fro, where a word gathers much before its turn comes;
        // few are listed, so that a long winding way costs no more than its length.
        const std::int64_t few = (end_ - start_) / 64;
        while (waiting_ > 0) {
            if (waiting_ > few) {
                arrived_.clear();
                for (std::int64_t w = start_; w < end_; ++w) {
                    if (pending_.data()[w] != 0) spread(w, [](std::int64_t) {});
                }
                for (std::int64_t w = end_ - 1; w >= start_; --w) {
                    if (pending_.data()[w] != 0) spread(w, [](std::int64_t) {});
                }
                continue;
            }
            std::vector<std::int64_t> now = std::exchange(arrived_, {}), next;
            if (static_cast<std::int64_t>(now.size()) != waiting_) {
                now.clear();
                for (std::int64_t w = start_; w < end_; ++w) {
                    if (pending_.data()[w] != 0) now.push_back(w);
                }
            }
            while (!now.empty() && waiting_ <= few) {
                for (const std::int64_t w : now)
                    spread(w, [&](std::int64_t reached) { next.push_back(reached); });
                now.swap(next);
                next.clear();
            }
        }
        arrived_.clear();
    }

    /// Hands over what the margins of another slab have collected of this one.
    void take_from(FloodSlab& other) {
        if (!other.sends_) return;
        const auto arrive = [this](std::int64_t word) { arrived_.push_back(word); };
        other.for_each_margin([&](std::int64_t at, std::int64_t, std::int64_t y, std::int64_t z) {
            if (z < first_plane_ || z >= last_plane_) return;
            const std::int64_t here = start_ + (z - first_plane_) * plane_ + y * line_;
            for (std::int64_t w = 0; w < words_; ++w) {
                if (const auto bits = std::exchange(other.pending_.data()[at + w], 0); bits != 0) {
                    reach(here + w, bits, arrive);
                }
            }
        });
    }

    /// The margins are empty again.
    void handed_over() { sends_ = false; }

    /// Writes the open voxels that were never reached.
    void write_left(PackedMask& out) const {
        for_each_line(first_plane_, last_plane_,
                      [&](std::int64_t at, std::int64_t from, std::int64_t, std::int64_t) {
                          std::copy_n(open_.data() + at, words_, out.words() + from);
                      });
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

    /// Calls `visit(its first word here, in a PackedMask, y, z)` for every line of some planes.
    template <class Visit>
    void for_each_line(std::int64_t first, std::int64_t last, const Visit& visit) const {
        std::int64_t packed = first * shape_.y() * words_;
        for (std::int64_t z = first; z < last; ++z) {
            for (std::int64_t y = 0; y < shape_.y(); ++y, packed += words_) {
                visit(start_ + (z - first_plane_) * plane_ + y * line_, packed, y, z);
            }
        }
    }

    /// The same for the planes of other slabs that this one reaches.
    template <class Visit>
    void for_each_margin(const Visit& visit) const {
        for_each_line(below_, first_plane_, visit);
        for_each_line(last_plane_, above_, visit);
    }

    void start(std::int64_t word, std::uint64_t bits) {
        std::uint64_t& pending = pending_.data()[word];
        waiting_ += pending == 0 && bits != 0;
        pending |= bits;
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
            if (word < start_ || word >= end_) {
                sends_ = true;
            } else {
                ++waiting_;
                found(word);
            }
        }
        pending |= bits;
    }

    Shape shape_;
    std::int64_t first_plane_, last_plane_;
    std::int64_t below_ = 0, above_ = 0;  ///< the planes from `below_` to before `above_` are reached
    std::int64_t words_ = 0;              ///< of a line without its margin
    std::int64_t line_ = 0;               ///< from one line to the next, in words
    std::int64_t plane_ = 0;
    std::int64_t start_ = 0, end_ = 0;  ///< the word of voxel (0, 0, `first_plane_`), and of `last_plane_`
    Buffer<std::uint64_t> open_;
    Buffer<std::uint64_t> pending_;      ///< reached, and not yet shown to their neighbours
    std::int64_t waiting_ = 0;           ///< words with pending voxels
    std::vector<std::int64_t> arrived_;  ///< words that wait since they were handed over
    bool sends_ = false;                 ///< have margins pending voxels?
    std::vector<Group> groups_;
    bool along_x_ = false;  ///< from a voxel to both neighbours along x?
    Offset low_{}, high_{};
};

/// Spreads voxels through a neighbourhood until nothing changes.
class Flood {
public:
    /// \param offsets  where a voxel looks: voxel p is reached when p + o is, for any of them
    /// \param open     the voxels that may be reached
    /// \param slabs    how many parts are worked on at a time, see `slabs_for`
    Flood(const std::vector<Offset>& offsets, const PackedMask& open, std::int64_t slabs)
        : shape_(open.shape()) {
        slabs = std::clamp<std::int64_t>(slabs, 1, std::max<std::int64_t>(1, shape_.z()));
        slabs_.resize(static_cast<std::size_t>(slabs));
        parallel_for(slabs, 1, [&](std::int64_t i, std::int64_t) {
            slabs_[static_cast<std::size_t>(i)].emplace(offsets, open, i * shape_.z() / slabs,
                                                        (i + 1) * shape_.z() / slabs);
        });
    }

    /// As many slabs as threads have work for; two each, as some have more to do than others.
    [[nodiscard]] static std::int64_t slabs_for(const Shape& shape) {
        const std::int64_t helped = std::min<std::int64_t>(threads(), shape.size() >> 18);
        return helped > 1 ? 2 * helped : 1;
    }

    /// Starts from voxels that are true already.
    void start_from(const PackedMask& seeds) {
        for_slabs([&](FloodSlab& slab) { slab.start_from(seeds); });
    }

    /// Starts from everything outside the volume.
    void start_from_outside() {
        for_slabs([](FloodSlab& slab) { slab.start_from_outside(); });
    }

    /// \returns  the open voxels that were never reached
    [[nodiscard]] PackedMask run() && {
        // Waking threads takes longer than little work.
        constexpr std::int64_t little = 512;
        for (;;) {
            std::int64_t waiting = 0;
            for (const auto& slab : slabs_) waiting += slab->waiting();
            if (waiting == 0) break;
            if (waiting > little) {
                for_slabs([](FloodSlab& slab) { slab.run(); });
            } else {
                for (auto& slab : slabs_) slab->run();
            }
            for (auto& from : slabs_) {
                for (auto& to : slabs_) to->take_from(*from);
                from->handed_over();
            }
        }
        PackedMask out(shape_);
        for_slabs([&](const FloodSlab& slab) { slab.write_left(out); });
        return out;
    }

private:
    template <class Body>
    void for_slabs(const Body& body) {
        parallel_for(static_cast<std::int64_t>(slabs_.size()), 1,
                     [&](std::int64_t i, std::int64_t) { body(*slabs_[static_cast<std::size_t>(i)]); });
    }

    Shape shape_;
    std::vector<std::optional<FloodSlab>> slabs_;
};

}  // namespace roi::detail
