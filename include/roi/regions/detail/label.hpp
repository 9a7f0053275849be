// Connected components by runs: voxels as bits, one union-find entry per run of voxels along x.
//
// Lines along x are packed 64 voxels a word. Two runs of neighbouring lines meet where one of them starts
// beside the other, so a few bit operations find 64 voxels' worth of meetings at once, each pair of runs only
// once, and the number of a run is a count of the starts before it. Nothing is kept per voxel but the result.
// Threads each take slabs of lines, whose components are joined where slabs meet.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
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
    std::uint32_t runs_before;  ///< runs that start before the first voxel, in the slab
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

/// Joins `a` and `b` by Rem's algorithm: climbs from both at once, always from the one whose link is later, and links it
/// to the earlier one on the way. Links lead to earlier ones only.
///
/// E. W. Dijkstra, "A Discipline of Programming", 1976, chapter 23; the fastest of those compared by Patwary, Blair and
/// Manne, "Experiments on union-find algorithms for the disjoint-set data structure", 2010.
ROI_ALWAYS_INLINE void join_links(std::uint32_t* link, std::uint32_t a, std::uint32_t b) {
    while (link[a] != link[b]) {
        if (link[a] < link[b]) std::swap(a, b);
        const std::uint32_t next = link[a];
        link[a] = link[b];
        if (next == a) return;
        a = next;
    }
}

/// Runs of a volume and the components they belong to. The runs of a slab count from 1 in memory order; 0 is background.
class RunComponents {
public:
    /// \param slabs  how many parts are worked on at a time, see `slabs_for`
    RunComponents(const bool* mask, const Shape& shape, const Neighbourhood& connected, std::int64_t slabs)
        : shape_(axes_of_voxels(shape)),
          words_per_line_((shape_.x() + 63) / 64),
          joined_along_x_(connected(1, 0, 0)),
          links_(links_of(connected)),
          corners_(links_.size() == 4 &&
                   std::all_of(links_.begin(), links_.end(), [](const Link& l) { return l.all; })) {
        words_ = Buffer<RunWord>(lines() * words_per_line_, Uninitialized{});
        slabs_.resize(
            static_cast<std::size_t>(words_.size() > 0 ? std::clamp<std::int64_t>(slabs, 1, lines()) : 0));
        for_slabs([&](std::size_t i, Slab& slab) {
            const auto count = static_cast<std::int64_t>(slabs_.size()), at = static_cast<std::int64_t>(i);
            slab.first = at * lines() / count;
            slab.last = (at + 1) * lines() / count;
            find_runs(mask, slab);
            use_avx2() ? join_slab_avx2(slab) : join_slab<false>(slab);
            name_components(slab);
        });
        join_slabs();
    }

    /// As many slabs as threads have work for: what a thread costs is more than it saves below a quarter of a million
    /// voxels. Two each, as some slabs have fewer runs than others.
    [[nodiscard]] static std::int64_t slabs_for(const Shape& shape) {
        const std::int64_t helped = std::min<std::int64_t>(threads(), shape.size() >> 18);
        return helped > 1 ? 2 * helped : 1;
    }

    [[nodiscard]] std::int64_t count() const { return count_; }

    /// Renumbers the components by their first voxels, x slowest and z fastest.
    void order_by_first_voxel() {
        const auto rank = ranks(std::move(firsts_));
        for (std::uint32_t& number : number_.span()) number = rank.data()[number];
        for_slabs([&](std::size_t, Slab& slab) {
            const std::uint32_t* const of =
                slabs_.size() == 1 ? rank.data() : number_.data() + slab.components_before;
            for (std::uint32_t& component : slab.component_of.span().subspan(1)) component = of[component];
        });
    }

    /// Writes the component of every voxel.
    void write(std::int32_t* labels) const {
        for_slabs([&](std::size_t, const Slab& slab) {
            const std::int64_t lines_of_a_piece = std::max<std::int64_t>(1, (1 << 18) / shape_.x());
            for (std::int64_t line = slab.first; line < slab.last; ++line) {
                if ((line - slab.first) % lines_of_a_piece == 0) {
                    const std::int64_t count = std::min(lines_of_a_piece, slab.last - line) * shape_.x();
                    map_before_writing(labels + line * shape_.x(),
                                       static_cast<std::size_t>(count) * sizeof(std::int32_t));
                }
                for (std::int64_t w = 0; w < words_per_line_; ++w) {
                    const auto count = static_cast<int>(std::min<std::int64_t>(64, shape_.x() - 64 * w));
                    write_word(word(line, w), slab.component_of.data(), labels + line * shape_.x() + 64 * w,
                               count);
                }
            }
        });
    }

private:
    /// A line that is joined with the one `dy`, `dz` beside it where voxels `dx` apart are both true.
    struct Link {
        int dy, dz;
        int dx;
        bool all;  ///< at dx = -1, 0 and 1, found at once
    };

    /// Lines that lie one after the other in memory.
    struct Slab {
        std::int64_t first = 0, last = 0;
        Buffer<std::uint32_t> component_of;  ///< by run; while joining, an earlier run of the same component
        Buffer<std::uint64_t> firsts;  ///< by component, which count from 1: position of its first voxel
        std::uint32_t components_before = 0;  ///< in the slabs before
    };

    /// Joins runs of one slab.
    struct InSlab {
        std::uint32_t* component_of;
        ROI_ALWAYS_INLINE void operator()(std::uint32_t a, std::uint32_t b) const {
            join_links(component_of, a, b);
        }
    };

    /// Joins components by runs of two slabs.
    struct BetweenSlabs {
        const std::uint32_t* of_a;  ///< by run, the component in the slab
        const std::uint32_t* of_b;
        std::uint32_t before_a, before_b;
        std::uint32_t* link;
        ROI_ALWAYS_INLINE void operator()(std::uint32_t a, std::uint32_t b) const {
            join_links(link, before_a + of_a[a], before_b + of_b[b]);
        }
    };

    [[nodiscard]] std::int64_t lines() const { return shape_.y() * shape_.z(); }
    [[nodiscard]] const RunWord* words_of(std::int64_t line) const {
        return words_.data() + line * words_per_line_;
    }
    [[nodiscard]] const RunWord& word(std::int64_t line, std::int64_t w) const { return words_of(line)[w]; }

    /// Calls `body(index, slab)` for all slabs, on as many threads as there are.
    template <class Body>
    void for_slabs(const Body& body) {
        parallel_for(static_cast<std::int64_t>(slabs_.size()), 1, [&](std::int64_t i, std::int64_t) {
            body(static_cast<std::size_t>(i), slabs_[static_cast<std::size_t>(i)]);
        });
    }
    template <class Body>
    void for_slabs(const Body& body) const {
        parallel_for(static_cast<std::int64_t>(slabs_.size()), 1, [&](std::int64_t i, std::int64_t) {
            body(static_cast<std::size_t>(i), slabs_[static_cast<std::size_t>(i)]);
        });
    }

    /// Packs the voxels and counts the runs; runs of one voxel each when neighbours along x are apart.
    void find_runs(const bool* mask, Slab& slab) {
        std::uint64_t runs = 0;
        RunWord* word = words_.data() + slab.first * words_per_line_;
        for (std::int64_t line = slab.first; line < slab.last; ++line) {
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
        require_countable(runs);
        slab.component_of = Buffer<std::uint32_t>(static_cast<std::int64_t>(runs) + 1, Uninitialized{});
        std::iota(slab.component_of.span().begin(), slab.component_of.span().end(), std::uint32_t{0});
    }

    static void require_countable(std::uint64_t runs) {
        if (runs < std::numeric_limits<std::uint32_t>::max()) return;
        throw InvalidArgument(text("label: the mask has ", runs,
                                   " separate runs of voxels along x, more than 4294967294; label parts of "
                                   "the volume one by one"));
    }

    /// The neighbours of a line that lie before it in memory.
    [[nodiscard]] static std::vector<Link> links_of(const Neighbourhood& connected) {
        std::vector<Link> links;
        for (const auto& [dy, dz] : {std::array{-1, 0}, {-1, -1}, {0, -1}, {1, -1}}) {
            const bool all =
                connected(1, 0, 0) && connected(-1, dy, dz) && connected(0, dy, dz) && connected(1, dy, dz);
            if (all) links.push_back({dy, dz, 0, true});
            for (int dx = -1; dx <= 1 && !all; ++dx) {
                if (connected(dx, dy, dz)) links.push_back({dy, dz, dx, false});
            }
        }
        return links;
    }

    ROI_TARGET_AVX2 void join_slab_avx2(Slab& slab) { join_slab<true>(slab); }

    /// Joins every line of a slab with those before it in the slab.
    template <bool Popcount>
    ROI_ALWAYS_INLINE void join_slab(Slab& slab) {
        const InSlab join{slab.component_of.data()};
        for (std::int64_t line = slab.first; line < slab.last; ++line) {
            const std::int64_t y = line % shape_.y(), z = line / shape_.y();
            if (corners_) {
                join_corners<Popcount>(y, z, slab.first, join);
                continue;
            }
            for (const Link& link : links_) {
                if (!shape_.contains(0, y + link.dy, z + link.dz)) continue;
                const std::int64_t other = line + link.dz * shape_.y() + link.dy;
                if (other >= slab.first) join_lines<Popcount>(line, other, link, join);
            }
        }
    }

    template <bool Popcount, class Join>
    ROI_ALWAYS_INLINE void join_lines(std::int64_t line, std::int64_t other, const Link& link,
                                      const Join& join) const {
        if (link.all) {
            join_touching<Popcount>(words_of(line), words_of(other), join);
        } else {
            join_shifted<Popcount>(words_of(line), words_of(other), link.dx, join);
        }
    }

    /// Joins the components of every slab with those of the slabs before it, and numbers all in memory order.
    void join_slabs() {
        if (slabs_.size() == 1) {
            firsts_ = std::move(slabs_.front().firsts);
            count_ = firsts_.size();
            return;
        }
        std::uint64_t all = 0;
        for (Slab& slab : slabs_) {
            slab.components_before = static_cast<std::uint32_t>(all);
            all += static_cast<std::uint64_t>(slab.firsts.size());
            require_countable(all);
        }
        number_ = Buffer<std::uint32_t>(static_cast<std::int64_t>(all) + 1, Uninitialized{});
        std::iota(number_.span().begin(), number_.span().end(), std::uint32_t{0});
        // Lines reach back over a plane and one line more.
        for (const Slab& slab : slabs_) {
            const std::int64_t end = std::min(slab.last, slab.first + shape_.y() + 1);
            for (std::int64_t line = slab.first; line < end; ++line) join_with_slabs_before(slab, line);
        }
        firsts_ = Buffer<std::uint64_t>(static_cast<std::int64_t>(all), Uninitialized{});
        std::uint32_t at = 0;
        for (Slab& slab : slabs_) {
            for (const std::uint64_t first : slab.firsts.span()) {
                std::uint32_t& number = number_.data()[++at];
                if (number == at) {
                    firsts_.data()[count_] = first;
                    number = static_cast<std::uint32_t>(++count_);
                } else {
                    number = number_.data()[number];
                    firsts_.data()[number - 1] = std::min(firsts_.data()[number - 1], first);
                }
            }
            slab.firsts = {};
        }
    }

    void join_with_slabs_before(const Slab& slab, std::int64_t line) {
        const std::int64_t y = line % shape_.y(), z = line / shape_.y();
        for (const Link& link : links_) {
            const std::int64_t other = line + link.dz * shape_.y() + link.dy;
            if (!shape_.contains(0, y + link.dy, z + link.dz) || other >= slab.first) continue;
            const Slab* before = &slab;
            while (other < before->first) --before;
            join_lines<false>(
                line, other, link,
                BetweenSlabs{slab.component_of.data(), before->component_of.data(), slab.components_before,
                             before->components_before, number_.data()});
        }
    }

    /// Joins runs of two lines that hold voxels at most one apart along x.
    template <bool Popcount, class Join>
    ROI_ALWAYS_INLINE void join_touching(const RunWord* a, const RunWord* b, const Join& join) const {
        std::uint64_t last_a = 0, last_b = 0;
        for (std::int64_t w = 0; w < words_per_line_; ++w) {
            join_meetings<Popcount>(a[w], b[w], last_a, last_b, 0, join);
            last_a = a[w].voxels >> 63;
            last_b = b[w].voxels >> 63;
        }
    }

    /// Joins a line with its four neighbours before it when all 26 neighbours of a voxel belong to it.
    ///
    /// Where the line right below has a voxel next to both of a meeting, that voxel has joined them already:
    /// most meetings of noise fall away. The idea of the decision trees for blocks, K. Wu, E. Otoo and
    /// K. Suzuki, "Optimizing two-pass connected-component labeling algorithms", Pattern Anal. Appl. 12, 2009.
    /// \param from  the first line to look at
    template <bool Popcount, class Join>
    ROI_ALWAYS_INLINE void join_corners(std::int64_t y, std::int64_t z, std::int64_t from,
                                        const Join& join) const {
        const auto line = [&](std::int64_t dy, std::int64_t dz) -> const RunWord* {
            const std::int64_t index = (z + dz) * shape_.y() + y + dy;
            return shape_.contains(0, y + dy, z + dz) && index >= from ? words_of(index) : nullptr;
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
                join_meetings<Popcount>(a[w], below[w], last_a, last_below, 0, join);
                by_below = below[w].voxels;
                last_below = by_below >> 63;
            }
            if (side) {
                join_meetings<Popcount>(a[w], side[w], last_a, last_side, by_below, join);
                by_side = side[w].voxels;
                last_side = by_side >> 63;
            }
            if (below_side) {
                join_meetings<Popcount>(a[w], below_side[w], last_a, last_below_side, by_below | by_side,
                                        join);
                last_below_side = below_side[w].voxels >> 63;
            }
            if (below_other) {
                join_meetings<Popcount>(a[w], below_other[w], last_a, last_below_other, by_below, join);
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
    template <bool Popcount, class Join>
    ROI_ALWAYS_INLINE static void join_meetings(const RunWord& a, const RunWord& b, std::uint64_t last_a,
                                                std::uint64_t last_b, std::uint64_t joining,
                                                const Join& join) {
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
    template <bool Popcount, class Join>
    ROI_ALWAYS_INLINE void join_shifted(const RunWord* a, const RunWord* b, int dx, const Join& join) const {
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

    /// Replaces roots by numbers from 1 in memory order, and finds the least position, x slowest and z fastest, among
    /// the starts of each component's runs: no other voxel of a run comes earlier. A root comes before all runs joined
    /// with it.
    void name_components(Slab& slab) const {
        std::uint32_t* const component_of = slab.component_of.data();
        std::int64_t components = 0;
        for (std::uint32_t i = 1; i < slab.component_of.size(); ++i) components += component_of[i] == i;
        slab.firsts = Buffer<std::uint64_t>(components, Uninitialized{});
        std::uint64_t* const firsts = slab.firsts.data();
        std::uint32_t count = 0, run = 0;
        const RunWord* word = words_of(slab.first);
        for (std::int64_t line = slab.first; line < slab.last; ++line) {
            const std::int64_t y = line % shape_.y(), z = line / shape_.y();
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
        const auto used = firsts.span().first(static_cast<std::size_t>(count_));
        std::vector<std::size_t> ends(static_cast<std::size_t>(shape_.x()) + 1, 0);
        for (const std::uint64_t first : used) ++ends[static_cast<std::size_t>(first >> plane_bits()) + 1];
        for (std::size_t x = 1; x < ends.size(); ++x) ends[x] += ends[x - 1];
        Buffer<std::uint32_t> dealt(count_, Uninitialized{});
        Buffer<std::uint64_t> places(count_, Uninitialized{});
        for (std::uint32_t i = 0; const std::uint64_t first : used) {
            const std::size_t at = ends[static_cast<std::size_t>(first >> plane_bits())]++;
            dealt.span()[at] = i++;
            places.span()[at] = first & in_plane;
        }
        firsts = {};

        Buffer<std::uint32_t> rank(count_ + 1, Uninitialized{});
        rank.span()[0] = 0;
        // A share of the planes for each slab, as marks take memory; without components there is none.
        const auto shares = static_cast<std::int64_t>(slabs_.size());
        parallel_for(shares, 1, [&](std::int64_t share, std::int64_t) {
            std::vector<std::uint64_t> marks(static_cast<std::size_t>((shape_.y() * shape_.z() + 63) / 64));
            std::vector<std::uint32_t> before(marks.size());
            for (std::int64_t plane = share * shape_.x() / shares; plane < (share + 1) * shape_.x() / shares;
                 ++plane) {
                const auto x = static_cast<std::size_t>(plane);
                const std::size_t begin = x > 0 ? ends[x - 1] : 0;
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
            }
        });
        return rank;
    }

    static void write_word(const RunWord& word, const std::uint32_t* component_of, std::int32_t* labels,
                           int count) {
        const std::uint64_t full = ~std::uint64_t{0} >> (64 - count);
        if (word.voxels == 0) {
            std::fill_n(labels, count, 0);
        } else if (word.voxels == full && (word.starts & ~std::uint64_t{1}) == 0) {
            std::fill_n(labels, count, static_cast<std::int32_t>(component_of[run_at(word, 0)]));
        } else if (bit_count(word.voxels) <= 32) {
            // From one voxel to the next takes fewer steps than passing over all while no more than half are set.
            std::fill_n(labels, count, 0);
            std::uint32_t run = word.runs_before;
            for (std::uint64_t rest = word.voxels; rest != 0; rest &= rest - 1) {
                const int i = std::countr_zero(rest);
                run += static_cast<std::uint32_t>(word.starts >> i) & 1u;
                labels[i] = static_cast<std::int32_t>(component_of[run]);
            }
        } else {
            std::uint32_t run = word.runs_before;
            for (int i = 0; i < count; ++i) {
                run += static_cast<std::uint32_t>(word.starts >> i) & 1u;
                const auto is_voxel = static_cast<std::uint32_t>(word.voxels >> i) & 1u;
                labels[i] = static_cast<std::int32_t>(component_of[run & (0u - is_voxel)]);
            }
        }
    }

    Shape shape_;
    std::int64_t words_per_line_;
    bool joined_along_x_;
    std::vector<Link> links_;
    bool corners_;  ///< do all 26 neighbours belong to a voxel?
    Buffer<RunWord> words_;
    std::vector<Slab> slabs_;
    Buffer<std::uint32_t> number_;  ///< by component of the slabs, all of them in a row from 1
    Buffer<std::uint64_t> firsts_;  ///< by component, which count from 1: position of its first voxel
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
    RunComponents components(mask, shape, connected, RunComponents::slabs_for(shape));
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
