// Connected components by runs: voxels as bits, one union-find entry per run of voxels along x.
//
// Lines along x are packed 64 voxels a word. Two runs of neighbouring lines meet where one of them starts
// beside the other, so a few bit operations find 64 voxels' worth of meetings at once, each pair of runs only
// once, and the number of a run is a count of the starts before it. Nothing is kept per voxel but the result.
#pragma once

#include <roi/detail/text.hpp>
#include <roi/error.hpp>
#include <roi/grid.hpp>
#include <roi/structure.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
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
[[nodiscard]] inline std::uint32_t bit_count(std::uint64_t bits) {
#ifdef __POPCNT__
    return static_cast<std::uint32_t>(std::popcount(bits));
#else
    bits -= (bits >> 1) & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + ((bits >> 2) & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return static_cast<std::uint32_t>((bits * 0x0101010101010101u) >> 56);
#endif
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
        : shape_(shape), words_per_line_((shape.x() + 63) / 64) {
        find_runs(mask, connected(1, 0, 0));
        join_all(connected);
        count_ = name_components();
    }

    [[nodiscard]] std::int64_t count() const { return count_; }

    /// Renumbers the components by their first voxels, x slowest and z fastest.
    void order_by_first_voxel() {
        std::vector<First> firsts = first_voxels();
        sort(firsts);
        std::vector<std::uint32_t> number(firsts.size() + 1, 0);
        for (std::uint32_t i = 0; i < firsts.size(); ++i) number[firsts[i].component] = i + 1;
        for (std::uint32_t& component : component_of_) component = number[component];
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
    /// The first voxel of a component: its position with x slowest and z fastest.
    struct First {
        std::uint64_t position;
        std::uint32_t component;
    };

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
    void find_runs(const bool* mask, bool joined_along_x) {
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
                word->starts = joined_along_x ? word->voxels & ~(word->voxels << 1 | last) : word->voxels;
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
        component_of_.resize(static_cast<std::size_t>(runs) + 1);
        for (std::uint32_t run = 0; run < component_of_.size(); ++run) component_of_[run] = run;
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
        for (std::int64_t z = 0; z < shape_.z(); ++z) {
            for (std::int64_t y = 0; y < shape_.y(); ++y) {
                for (const Link& link : links) {
                    if (!shape_.contains(0, y + link.dy, z + link.dz)) continue;
                    const RunWord* a = &words_[index(z * shape_.y() + y, 0)];
                    const RunWord* b = &words_[index((z + link.dz) * shape_.y() + y + link.dy, 0)];
                    if (link.all) {
                        join_touching(a, b);
                    } else {
                        join_shifted(a, b, link.dx);
                    }
                }
            }
        }
    }

    /// Joins runs of two lines that hold voxels at most one apart along x.
    ///
    /// Such runs either overlap, and then one of them starts inside the other, or one starts where the
    /// other has just ended.
    void join_touching(const RunWord* a, const RunWord* b) {
        std::uint64_t last_a = 0, last_b = 0;
        for (std::int64_t w = 0; w < words_per_line_; ++w) {
            const std::uint64_t after_a = (a[w].voxels << 1 | last_a) & ~a[w].voxels;
            const std::uint64_t after_b = (b[w].voxels << 1 | last_b) & ~b[w].voxels;
            std::uint64_t meetings = (a[w].voxels & b[w].voxels & (a[w].starts | b[w].starts)) |
                                     (a[w].starts & after_b) | (b[w].starts & after_a);
            for (; meetings != 0; meetings &= meetings - 1) {
                const int bit = std::countr_zero(meetings);
                join(run_at(a[w], bit), run_at(b[w], bit));
            }
            last_a = a[w].voxels >> 63;
            last_b = b[w].voxels >> 63;
        }
    }

    /// Joins runs of two lines where the voxels x of one and x + dx of the other are true.
    void join_shifted(const RunWord* a, const RunWord* b, int dx) {
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
                join(run_at(a[w], bit), run_at(b[x / 64], static_cast<int>(x % 64)));
            }
        }
    }

    /// The run that holds, or last held, a voxel of a word.
    [[nodiscard]] static std::uint32_t run_at(const RunWord& word, int bit) {
        return word.runs_before + bit_count(word.starts & (~std::uint64_t{0} >> (63 - bit)));
    }

    /// Joins two runs by Rem's algorithm: climbs from both at once, always from the one whose link is later,
    /// and links it to the earlier one on the way. Links lead to earlier runs only.
    ///
    /// E. W. Dijkstra, "A Discipline of Programming", 1976, chapter 23; the fastest of those compared by
    /// Patwary, Blair and Manne, "Experiments on union-find algorithms for the disjoint-set data structure",
    /// 2010.
    void join(std::uint32_t a, std::uint32_t b) {
        std::uint32_t* const link = component_of_.data();
        while (link[a] != link[b]) {
            if (link[a] < link[b]) std::swap(a, b);
            const std::uint32_t next = link[a];
            link[a] = link[b];
            if (next == a) return;
            a = next;
        }
    }

    /// Replaces roots by numbers from 1 in memory order; a root comes before all runs joined with it.
    [[nodiscard]] std::uint32_t name_components() {
        std::uint32_t count = 0;
        for (std::uint32_t run = 1; run < component_of_.size(); ++run) {
            const std::uint32_t before = component_of_[run];
            component_of_[run] = before == run ? ++count : component_of_[before];
        }
        return count;
    }

    /// The least position among the starts of each component's runs: no other voxel of a run comes earlier.
    [[nodiscard]] std::vector<First> first_voxels() const {
        std::vector<First> out(static_cast<std::size_t>(count_));
        for (std::uint32_t i = 0; i < out.size(); ++i) {
            out[i] = {std::numeric_limits<std::uint64_t>::max(), i + 1};
        }
        const std::int64_t plane = shape_.y() * shape_.z();
        auto word = words_.begin();
        std::uint32_t run = 0;
        for (std::int64_t z = 0; z < shape_.z(); ++z) {
            for (std::int64_t y = 0; y < shape_.y(); ++y) {
                for (std::int64_t w = 0; w < words_per_line_; ++w, ++word) {
                    for (std::uint64_t starts = word->starts; starts != 0; starts &= starts - 1) {
                        const std::int64_t x = 64 * w + std::countr_zero(starts);
                        auto& first = out[component_of_[++run] - 1].position;
                        first = std::min(first, static_cast<std::uint64_t>(x * plane + y * shape_.z() + z));
                    }
                }
            }
        }
        return out;
    }

    /// Sorts by position, 12 bits at a time from the lowest: noise has millions of components.
    void sort(std::vector<First>& firsts) const {
        std::vector<First> sorted(firsts.size());
        for (int shift = 0; shift < 63 && (shape_.size() - 1) >> shift > 0; shift += 12) {
            const auto digit = [shift](const First& first) { return (first.position >> shift) & 4095u; };
            std::vector<std::size_t> place(4097, 0);
            for (const First& first : firsts) ++place[digit(first) + 1];
            for (std::size_t i = 1; i < place.size(); ++i) place[i] += place[i - 1];
            for (const First& first : firsts) sorted[place[digit(first)]++] = first;
            firsts.swap(sorted);
        }
    }

    void write_word(const RunWord& word, std::int32_t* labels, int count) const {
        const std::uint64_t full = ~std::uint64_t{0} >> (64 - count);
        if (word.voxels == 0) {
            std::fill_n(labels, count, 0);
        } else if (word.voxels == full && (word.starts & ~std::uint64_t{1}) == 0) {
            std::fill_n(labels, count, static_cast<std::int32_t>(component_of_[run_at(word, 0)]));
        } else {
            std::uint32_t run = word.runs_before;
            for (int i = 0; i < count; ++i) {
                run += static_cast<std::uint32_t>(word.starts >> i) & 1u;
                const auto is_voxel = static_cast<std::uint32_t>(word.voxels >> i) & 1u;
                labels[i] = static_cast<std::int32_t>(component_of_[run & (0u - is_voxel)]);
            }
        }
    }

    Shape shape_;
    std::int64_t words_per_line_;
    std::vector<RunWord> words_;
    std::vector<std::uint32_t>
        component_of_;  ///< by run; while joining, an earlier run of the same component
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
