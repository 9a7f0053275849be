// Connected components by runs: voxels as bits, one union-find entry per run of voxels along x.
//
// Lines along x are packed 64 voxels a word. Two runs of neighbouring lines meet where one of them starts
// beside the other, so a few bit operations find 64 voxels' worth of meetings at once, each pair of runs only
// once, and the number of a run is a count of the starts before it. Nothing is kept per voxel but the result.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/morphology/structure.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace roi::detail {

/// 64 voxels along x.
struct RunWord {
    std::uint64_t voxels;       ///< bit i: voxel i is true
    std::uint64_t starts;       ///< bit i: a run starts at voxel i
    std::uint32_t runs_before;  ///< runs that start before the first voxel, in the whole volume
};

/// Number of bits set; without the processor's own instruction `std::popcount` is a call into a table.
///
/// \tparam Instruction  there is one: every processor with AVX2 has it, and what is compiled for AVX2 uses it
template <bool Instruction = false>
[[nodiscard]] ROI_ALWAYS_INLINE std::uint32_t bit_count(std::uint64_t bits) {
    if constexpr (Instruction) return static_cast<std::uint32_t>(std::popcount(bits));
    bits -= (bits >> 1) & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + ((bits >> 2) & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return static_cast<std::uint32_t>((bits * 0x0101010101010101u) >> 56);
}

/// One bit for each of 64 bytes that are 0 or 1; a multiplication moves eight of them side by side.
[[nodiscard]] inline std::uint64_t packed_bits(const bool* voxels) {
    constexpr std::uint64_t gather =
        std::endian::native == std::endian::little ? 0x0102040810204080u : 0x8040201008040201u;
    std::uint64_t bits = 0;
    for (int byte = 0; byte < 8; ++byte) {
        std::uint64_t eight;
        std::memcpy(&eight, voxels + 8 * byte, 8);
        bits |= ((eight * gather) >> 56) << (8 * byte);
    }
    return bits;
}

/// Whether a voxel and the one `dx, dy, dz` beside it (each -1, 0 or 1) belong together.
class Neighbourhood {
public:
    /// \param connected  27 truth values, x fastest; the same in opposite directions
    explicit Neighbourhood(const std::array<bool, 27>& connected) : connected_(connected) {}

    [[nodiscard]] bool operator()(int dx, int dy, int dz) const {
        return connected_[static_cast<std::size_t>(dx + 1 + 3 * (dy + 1) + 9 * (dz + 1))];
    }

private:
    std::array<bool, 27> connected_;
};

/// The neighbours of a voxel in a structure.
/// \throws InvalidArgument when it is not one for labelling
[[nodiscard]] inline Neighbourhood neighbourhood(const Structure& structure) {
    if (structure.shape() != Shape(3, 3, 3)) {
        throw InvalidArgument(text("label: `connectivity` must be a structure of 3 x 3 x 3 values, found ",
                                   structure.shape().to_string()));
    }
    require(structure.symmetric(),
            "label: `connectivity` must be the same in opposite directions, found a structure that differs "
            "from its mirror image through the centre; set both values of each pair");
    std::array<bool, 27> connected{};
    for (std::int64_t i = 0; i < 27; ++i) {
        const auto [x, y, z] = structure.shape().voxel(i);
        connected[static_cast<std::size_t>(i)] = structure(x, y, z);
    }
    return Neighbourhood(connected);
}

/// Runs of a volume and the components they belong to. Runs count from 1 in memory order; 0 is background.
class RunComponents {
public:
    RunComponents(const bool* mask, const Shape& shape, const Neighbourhood& connected)
        : shape_(shape), words_per_line_((shape.x() + 63) / 64), joined_along_x_(connected(1, 0, 0)) {
        find_runs(mask);
        join_all(connected);
        name_components();
    }

    [[nodiscard]] std::int64_t count() const { return count_; }

    /// Renumbers the components by their first voxels, x slowest and z fastest.
    void order_by_first_voxel() {
        const auto number = ranks(std::move(firsts_));
        for (std::uint32_t& component : component_of_.span()) component = number.data()[component];
    }

    /// Writes the component of every voxel.
    void write(std::int32_t* labels) const {
        for (std::int64_t line = 0; line < lines(); ++line) {
            for (std::int64_t w = 0; w < words_per_line_; ++w) {
                const auto count = static_cast<int>(std::min<std::int64_t>(64, shape_.x() - 64 * w));
                write_word(words_[index(line, w)], labels + line * shape_.x() + 64 * w, count);
            }
        }
    }

private:
    /// A line that is joined with the one `dy`, `dz` beside it where voxels `dx` apart are both true.
    struct Link {
        int dy, dz;
        int dx;
        bool all;  ///< at dx = -1, 0 and 1, found at once
    };

    [[nodiscard]] std::int64_t lines() const { return shape_.y() * shape_.z(); }
    [[nodiscard]] std::size_t index(std::int64_t line, std::int64_t word) const {
        return static_cast<std::size_t>(line * words_per_line_ + word);
    }

    /// Packs the voxels and counts the runs; runs of one voxel each when neighbours along x are apart.
    void find_runs(const bool* mask) {
        words_.resize(shape_.x() > 0 ? index(lines(), 0) : 0);
        std::uint64_t runs = 0;
        auto word = words_.begin();
        for (std::int64_t line = 0; line < lines(); ++line) {
            std::uint64_t last = 0;
            for (std::int64_t w = 0; w < words_per_line_; ++w, ++word) {
                const bool* voxels = mask + line * shape_.x() + 64 * w;
                const std::int64_t count = shape_.x() - 64 * w;
                if (count >= 64) {
                    word->voxels = packed_bits(voxels);
                } else {
                    std::array<bool, 64> rest{};
                    std::copy_n(voxels, count, rest.begin());
                    word->voxels = packed_bits(rest.data());
                }
                word->starts = joined_along_x_ ? word->voxels & ~(word->voxels << 1 | last) : word->voxels;
                word->runs_before = static_cast<std::uint32_t>(runs);
                runs += bit_count(word->starts);
                last = word->voxels >> 63;
            }
        }
        if (runs >= std::numeric_limits<std::uint32_t>::max()) {
            throw InvalidArgument(
                text("label: the mask has ", runs,
                     " separate runs of voxels along x, more than 4294967294; label parts of "
                     "the volume one by one"));
        }
        component_of_ = Buffer<std::uint32_t>(static_cast<std::int64_t>(runs) + 1, Uninitialized{});
        std::iota(component_of_.span().begin(), component_of_.span().end(), std::uint32_t{0});
    }

    /// Joins every line with the neighbours that lie before it in memory.
    void join_all(const Neighbourhood& connected) {
        std::vector<Link> links;
        for (const auto& [dy, dz] : {std::array{-1, 0}, {-1, -1}, {0, -1}, {1, -1}}) {
            const bool all =
                connected(1, 0, 0) && connected(-1, dy, dz) && connected(0, dy, dz) && connected(1, dy, dz);
            if (all) links.push_back({dy, dz, 0, true});
            for (int dx = -1; dx <= 1 && !all; ++dx) {
                if (connected(dx, dy, dz)) links.push_back({dy, dz, dx, false});
            }
        }
        if (words_.empty()) return;
        if (use_avx2()) return join_lines_avx2(links);
        join_lines<false>(links);
    }

    ROI_TARGET_AVX2 void join_lines_avx2(const std::vector<Link>& links) { join_lines<true>(links); }

    template <bool Popcount>
    ROI_ALWAYS_INLINE void join_lines(const std::vector<Link>& links) {
        const bool corners =
            links.size() == 4 && std::all_of(links.begin(), links.end(), [](const Link& l) { return l.all; });
        for (std::int64_t z = 0; z < shape_.z(); ++z) {
            for (std::int64_t y = 0; y < shape_.y(); ++y) {
                if (corners) {
                    join_corners<Popcount>(y, z);
                    continue;
                }
                for (const Link& link : links) {
                    if (!shape_.contains(0, y + link.dy, z + link.dz)) continue;
                    const RunWord* a = &words_[index(z * shape_.y() + y, 0)];
                    const RunWord* b = &words_[index((z + link.dz) * shape_.y() + y + link.dy, 0)];
                    if (link.all) {
                        join_touching<Popcount>(a, b);
                    } else {
                        join_shifted<Popcount>(a, b, link.dx);
                    }
                }
            }
        }
    }

    /// Joins runs of two lines that hold voxels at most one apart along x.
    template <bool Popcount>
    ROI_ALWAYS_INLINE void join_touching(const RunWord* a, const RunWord* b) {
        std::uint64_t last_a = 0, last_b = 0;
        for (std::int64_t w = 0; w < words_per_line_; ++w) {
            join_meetings<Popcount>(a[w], b[w], last_a, last_b, 0);
            last_a = a[w].voxels >> 63;
            last_b = b[w].voxels >> 63;
        }
    }

    /// Joins a line with its four neighbours before it when all 26 neighbours of a voxel belong to it.
    ///
    /// Where the line right below has a voxel next to both of a meeting, that voxel has joined them already:
    /// most meetings of noise fall away. The idea of the decision trees for blocks, K. Wu, E. Otoo and
    /// K. Suzuki, "Optimizing two-pass connected-component labeling algorithms", Pattern Anal. Appl. 12, 2009.
    template <bool Popcount>
    ROI_ALWAYS_INLINE void join_corners(std::int64_t y, std::int64_t z) {
        const auto line = [&](std::int64_t dy, std::int64_t dz) -> const RunWord* {
            return shape_.contains(0, y + dy, z + dz) ? &words_[index((z + dz) * shape_.y() + y + dy, 0)]
                                                      : nullptr;
        };
        const RunWord* const a = line(0, 0);
        const RunWord* const below = line(0, -1);
        const RunWord* const side = line(-1, 0);
        const RunWord* const below_side = line(-1, -1);
        const RunWord* const below_other = line(1, -1);
        std::uint64_t last_a = 0, last_below = 0, last_side = 0, last_below_side = 0, last_below_other = 0;
        for (std::int64_t w = 0; w < words_per_line_; ++w) {
            std::uint64_t by_below = 0, by_side = 0;
            if (below) {
                join_meetings<Popcount>(a[w], below[w], last_a, last_below, 0);
                by_below = below[w].voxels;
                last_below = by_below >> 63;
            }
            if (side) {
                join_meetings<Popcount>(a[w], side[w], last_a, last_side, by_below);
                by_side = side[w].voxels;
                last_side = by_side >> 63;
            }
            if (below_side) {
                join_meetings<Popcount>(a[w], below_side[w], last_a, last_below_side, by_below | by_side);
                last_below_side = below_side[w].voxels >> 63;
            }
            if (below_other) {
                join_meetings<Popcount>(a[w], below_other[w], last_a, last_below_other, by_below);
                last_below_other = below_other[w].voxels >> 63;
            }
            last_a = a[w].voxels >> 63;
        }
    }

    /// Joins runs of two words that hold voxels at most one apart along x.
    ///
    /// Such runs either overlap, and then one of them starts inside the other, or one starts where the
    /// other has just ended.
    /// \param last_a, last_b  1 when the voxel before the word is true
    /// \param joining         voxels that have already joined whatever lies beside them in both lines
    template <bool Popcount>
    ROI_ALWAYS_INLINE void join_meetings(const RunWord& a, const RunWord& b, std::uint64_t last_a,
                                         std::uint64_t last_b, std::uint64_t joining) {
        const std::uint64_t after_a = (a.voxels << 1 | last_a) & ~a.voxels;
        const std::uint64_t after_b = (b.voxels << 1 | last_b) & ~b.voxels;
        const std::uint64_t overlaps = a.voxels & b.voxels & (a.starts | b.starts);
        const std::uint64_t slants = (a.starts & after_b) | (b.starts & after_a);
        const std::uint64_t to_here = joining | joining << 1;
        std::uint64_t meetings = (overlaps & ~(to_here | joining >> 1)) | (slants & ~to_here);
        for (; meetings != 0; meetings &= meetings - 1) {
            const int bit = std::countr_zero(meetings);
            join(run_at<Popcount>(a, bit), run_at<Popcount>(b, bit));
        }
    }

    /// Joins runs of two lines where the voxels x of one and x + dx of the other are true.
    template <bool Popcount>
    ROI_ALWAYS_INLINE void join_shifted(const RunWord* a, const RunWord* b, int dx) {
        for (std::int64_t w = 0; w < words_per_line_; ++w) {
            std::uint64_t voxels = b[w].voxels, starts = b[w].starts;
            if (dx < 0) {
                voxels = voxels << 1 | (w > 0 ? b[w - 1].voxels >> 63 : 0);
                starts = starts << 1 | (w > 0 ? b[w - 1].starts >> 63 : 0);
            } else if (dx > 0) {
                voxels = voxels >> 1 | (w + 1 < words_per_line_ ? b[w + 1].voxels << 63 : 0);
                starts = starts >> 1 | (w + 1 < words_per_line_ ? b[w + 1].starts << 63 : 0);
            }
            std::uint64_t meetings = a[w].voxels & voxels & (a[w].starts | starts);
            for (; meetings != 0; meetings &= meetings - 1) {
                const int bit = std::countr_zero(meetings);
                const std::int64_t x = 64 * w + bit + dx;
                join(run_at<Popcount>(a[w], bit), run_at<Popcount>(b[x / 64], static_cast<int>(x % 64)));
            }
        }
    }

    /// The run that holds, or last held, a voxel of a word.
    template <bool Popcount = false>
    [[nodiscard]] ROI_ALWAYS_INLINE static std::uint32_t run_at(const RunWord& word, int bit) {
        return word.runs_before + bit_count<Popcount>(word.starts & (~std::uint64_t{0} >> (63 - bit)));
    }

    /// Joins two runs by Rem's algorithm: climbs from both at once, always from the one whose link is later,
    /// and links it to the earlier one on the way. Links lead to earlier runs only.
    ///
    /// E. W. Dijkstra, "A Discipline of Programming", 1976, chapter 23; the fastest of those compared by
    /// Patwary, Blair and Manne, "Experiments on union-find algorithms for the disjoint-set data structure",
    /// 2010.
    ROI_ALWAYS_INLINE void join(std::uint32_t a, std::uint32_t b) {
        std::uint32_t* const link = component_of_.data();
        while (link[a] != link[b]) {
            if (link[a] < link[b]) std::swap(a, b);
            const std::uint32_t next = link[a];
            link[a] = link[b];
            if (next == a) return;
            a = next;
        }
    }

    /// Replaces roots by numbers from 1 in memory order, and finds the least position, x slowest and z fastest, among
    /// the starts of each component's runs: no other voxel of a run comes earlier. A root comes before all runs joined
    /// with it.
    void name_components() {
        std::uint32_t* const component_of = component_of_.data();
        for (std::uint32_t i = 1; i < component_of_.size(); ++i) count_ += component_of[i] == i;
        firsts_ = Buffer<std::uint64_t>(count_, Uninitialized{});
        std::uint64_t* const firsts = firsts_.data();
        std::uint32_t count = 0, run = 0;
        auto word = words_.begin();
        for (std::int64_t z = 0; z < shape_.z(); ++z) {
            for (std::int64_t y = 0; y < shape_.y(); ++y) {
                for (std::int64_t w = 0; w < words_per_line_; ++w, ++word) {
                    for (std::uint64_t starts = word->starts; starts != 0; starts &= starts - 1) {
                        const std::uint64_t here = position(64 * w + std::countr_zero(starts), y, z);
                        const std::uint32_t before = component_of[++run];
                        if (before == run) {
                            firsts[count] = here;
                            component_of[run] = ++count;
                        } else {
                            const std::uint32_t component = component_of[before];
                            component_of[run] = component;
                            firsts[component - 1] = std::min(firsts[component - 1], here);
                        }
                    }
                }
            }
        }
    }

    /// The place of a voxel with x slowest and z fastest, with x in the bits above `plane_bits()`.
    [[nodiscard]] std::uint64_t position(std::int64_t x, std::int64_t y, std::int64_t z) const {
        return static_cast<std::uint64_t>(x) << plane_bits() | static_cast<std::uint64_t>(y * shape_.z() + z);
    }
    [[nodiscard]] int plane_bits() const {
        return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(shape_.y() * shape_.z())));
    }

    /// The rank of each component, from 1, by the position of its first voxel; the background stays 0.
    ///
    /// Components are dealt out to planes of equal x; in a plane first voxels are marked as bits, and the bits
    /// before each are counted. That stays in cache and sorts millions of components of noise in one pass.
    /// \param firsts  positions; given back once they are dealt out
    [[nodiscard]] Buffer<std::uint32_t> ranks(Buffer<std::uint64_t> firsts) const {
        const std::uint64_t in_plane = (std::uint64_t{1} << plane_bits()) - 1;
        std::vector<std::size_t> ends(static_cast<std::size_t>(shape_.x()) + 1, 0);
        for (const std::uint64_t first : firsts.span())
            ++ends[static_cast<std::size_t>(first >> plane_bits()) + 1];
        for (std::size_t x = 1; x < ends.size(); ++x) ends[x] += ends[x - 1];
        Buffer<std::uint32_t> dealt(count_, Uninitialized{});
        Buffer<std::uint64_t> places(count_, Uninitialized{});
        for (std::uint32_t i = 0; const std::uint64_t first : firsts.span()) {
            const std::size_t at = ends[static_cast<std::size_t>(first >> plane_bits())]++;
            dealt.span()[at] = i++;
            places.span()[at] = first & in_plane;
        }
        firsts = {};

        Buffer<std::uint32_t> rank(count_ + 1, Uninitialized{});
        rank.span()[0] = 0;
        std::vector<std::uint64_t> marks(static_cast<std::size_t>((shape_.y() * shape_.z() + 63) / 64));
        std::vector<std::uint32_t> before(marks.size());
        std::size_t begin = 0;
        for (std::size_t x = 0; x + 1 < ends.size(); ++x) {
            const auto taken = places.span().subspan(begin, ends[x] - begin);
            if (taken.empty()) continue;
            std::fill(marks.begin(), marks.end(), 0);
            for (const std::uint64_t place : taken)
                marks[static_cast<std::size_t>(place / 64)] |= std::uint64_t{1} << place % 64;
            auto done = static_cast<std::uint32_t>(begin);
            for (std::size_t i = 0; i < marks.size(); ++i) {
                before[i] = done;
                done += bit_count(marks[i]);
            }
            for (const std::uint32_t* i = dealt.data() + begin; const std::uint64_t place : taken) {
                rank.span()[*i++ + 1] = before[static_cast<std::size_t>(place / 64)] +
                                        bit_count(marks[static_cast<std::size_t>(place / 64)] &
                                                  (~std::uint64_t{0} >> (63 - place % 64)));
            }
            begin = ends[x];
        }
        return rank;
    }

    void write_word(const RunWord& word, std::int32_t* labels, int count) const {
        const std::uint64_t full = ~std::uint64_t{0} >> (64 - count);
        if (word.voxels == 0) {
            std::fill_n(labels, count, 0);
        } else if (word.voxels == full && (word.starts & ~std::uint64_t{1}) == 0) {
            std::fill_n(labels, count, static_cast<std::int32_t>(component_of_.data()[run_at(word, 0)]));
        } else if (bit_count(word.voxels) <= 32) {
            // From one voxel to the next takes fewer steps than passing over all while no more than half are set.
            std::fill_n(labels, count, 0);
            std::uint32_t run = word.runs_before;
            for (std::uint64_t rest = word.voxels; rest != 0; rest &= rest - 1) {
                const int i = std::countr_zero(rest);
                run += static_cast<std::uint32_t>(word.starts >> i) & 1u;
                labels[i] = static_cast<std::int32_t>(component_of_.data()[run]);
            }
        } else {
            std::uint32_t run = word.runs_before;
            for (int i = 0; i < count; ++i) {
                run += static_cast<std::uint32_t>(word.starts >> i) & 1u;
                const auto is_voxel = static_cast<std::uint32_t>(word.voxels >> i) & 1u;
                labels[i] = static_cast<std::int32_t>(component_of_.data()[run & (0u - is_voxel)]);
            }
        }
    }

    Shape shape_;
    std::int64_t words_per_line_;
    bool joined_along_x_;
    std::vector<RunWord> words_;
    Buffer<std::uint32_t> component_of_;  ///< by run; while joining, an earlier run of the same component
    Buffer<std::uint64_t> firsts_;        ///< by component, which count from 1: position of its first voxel
    std::int64_t count_ = 0;
};

/// Labels the components of a mask with 1, 2, ... in the order of their first voxels, x slowest.
///
/// \param labels  receives one label a voxel, 0 for background
/// \param most    the largest label allowed
/// \returns       the number of components
inline std::int64_t label(const bool* mask, std::int32_t* labels, const Shape& shape,
                          const Neighbourhood& connected,
                          std::int64_t most = std::numeric_limits<std::int32_t>::max()) {
    RunComponents components(mask, shape, connected);
    if (components.count() > most) {
        throw InvalidArgument(
            text("label: the mask has ", components.count(), " components, more than the ", most,
                 " that the labels can number; remove small ones first, or label parts of the "
                 "volume one by one"));
    }
    components.order_by_first_voxel();
    components.write(labels);
    return components.count();
}

}  // namespace roi::detail
