// Dilation and erosion of bytes that are 0 or 1, line by line: every output line is the OR (AND) of shifted
// input lines.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/detail/flood.hpp>
#include <roi/morphology/detail/neighbours.hpp>
#include <roi/morphology/structure.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace roi::detail {

/// One when any neighbour is: dilation. What decides is a 1.
struct AnyOf {
    static constexpr MaskByte decisive = 1;
    template <class Bits>
    ROI_ALWAYS_INLINE static void add(Bits& sum, const Bits& other) {
        sum |= other;
    }
};

/// One when all neighbours are: erosion. What decides is a 0.
struct AllOf {
    static constexpr MaskByte decisive = 0;
    template <class Bits>
    ROI_ALWAYS_INLINE static void add(Bits& sum, const Bits& other) {
        sum &= other;
    }
};

/// Several bytes of a line, as one register.
using Bytes16 = MaskByte __attribute__((vector_size(16)));
using Bytes32 = MaskByte __attribute__((vector_size(32)));

/// Combines four registers from place `x` of every line.
template <class Rule, class Bytes>
ROI_ALWAYS_INLINE void combine_four(const std::vector<const MaskByte*>& lines, MaskByte* out,
                                    std::int64_t x) {
    constexpr std::size_t size = sizeof(Bytes);
    // Not arrays, which GCC 12 keeps in memory.
    Bytes a, b, c, d, other;
    std::memcpy(&a, lines[0] + x, size);
    std::memcpy(&b, lines[0] + x + size, size);
    std::memcpy(&c, lines[0] + x + 2 * size, size);
    std::memcpy(&d, lines[0] + x + 3 * size, size);
    for (std::size_t k = 1; k < lines.size(); ++k) {
        const MaskByte* line = lines[k] + x;
        std::memcpy(&other, line, size);
        Rule::add(a, other);
        std::memcpy(&other, line + size, size);
        Rule::add(b, other);
        std::memcpy(&other, line + 2 * size, size);
        Rule::add(c, other);
        std::memcpy(&other, line + 3 * size, size);
        Rule::add(d, other);
    }
    std::memcpy(out + x, &a, size);
    std::memcpy(out + x + size, &b, size);
    std::memcpy(out + x + 2 * size, &c, size);
    std::memcpy(out + x + 3 * size, &d, size);
}

/// Combines whole blocks of four registers.
/// \returns how many bytes that were
template <class Rule>
ROI_TARGET_AVX2 std::int64_t combine_avx2(const std::vector<const MaskByte*>& lines, MaskByte* out,
                                          std::int64_t length) {
    std::int64_t x = 0;
    for (; x + 128 <= length; x += 128) combine_four<Rule, Bytes32>(lines, out, x);
    return x;
}

/// Writes the combination of some lines, at least one, to `out`, which is none of them.
template <class Rule>
void combine_lines(const std::vector<const MaskByte*>& lines, MaskByte* out, std::int64_t length) {
    std::int64_t x = use_avx2() ? combine_avx2<Rule>(lines, out, length) : 0;
    for (; x + 64 <= length; x += 64) combine_four<Rule, Bytes16>(lines, out, x);
    if (length >= 32) {
        // The last block overlaps what is done already, where the result is the same again.
        for (; x < length; x += 32) combine_four<Rule, std::uint64_t>(lines, out, std::min(x, length - 32));
        return;
    }
    for (; x < length; ++x) {
        out[x] = lines[0][x];
        for (std::size_t k = 1; k < lines.size(); ++k) Rule::add(out[x], lines[k][x]);
    }
}

/// Puts back the bytes of `before` where `changeable` is 0.
inline void keep_outside(MaskByte* __restrict line, const MaskByte* __restrict before,
                         const MaskByte* __restrict changeable, std::int64_t count) {
    for (std::int64_t x = 0; x < count; ++x) {
        const auto may = static_cast<MaskByte>(-changeable[x]);
        line[x] = static_cast<MaskByte>((line[x] & may) | (before[x] & ~may));
    }
}

/// The neighbourhood of one operation and everything a step needs but the voxels.
template <class Rule>
class Morphology {
public:
    /// \param offsets     the neighbours that a voxel looks at
    /// \param changeable  nothing, or 0 where voxels keep their value
    /// \param outside     the value of neighbours outside the volume
    Morphology(const Shape& shape, const std::vector<Offset>& offsets, const MaskByte* changeable,
               bool outside)
        : shape_(axes_of_voxels(shape)),
          offsets_(offsets),
          neighbours_(nested_lines(shifted_lines(offsets_))),
          changeable_(changeable),
          outside_(outside ? 1 : 0) {
        for (const auto& offset : offsets_) margin_ = std::max(margin_, std::abs(offset[0]));
    }

    /// Does a voxel look at itself? Then values only ever turn into the decisive one.
    [[nodiscard]] bool looks_at_itself() const { return holds_centre(offsets_); }

    /// One pass from `in` to `out`, which do not overlap.
    void step(const MaskByte* in, MaskByte* out) const {
        constexpr std::int64_t voxels_at_once = std::int64_t{1} << 18;
        const auto plane = std::max<std::int64_t>(1, shape_.x() * shape_.y());
        parallel_for(shape_.z(), std::max<std::int64_t>(1, voxels_at_once / plane),
                     [&](std::int64_t first, std::int64_t last) {
                         Room room = room_for_planes();
                         const auto from = [&](std::int64_t z) { return in + z * plane; };
                         for (std::int64_t z = first; z < last; ++z) step(from, z, out + z * plane, room);
                     });
    }

    /// What a thread needs beside the voxels.
    struct Room {
        Buffer<MaskByte>
            padded;  ///< lines with margins: one outside the volume, one for each group that is shifted
        std::vector<const MaskByte*> parts, group;
    };
    [[nodiscard]] Room room_for_planes() const {
        const auto lines = static_cast<std::int64_t>(neighbours_.size() + 1);
        return {Buffer<MaskByte>(lines * padded_length(), outside_), {}, {}};
    }

    /// One plane of a step.
    /// \param in   from the number of a plane to its first voxel
    /// \param out  receives the plane `z`
    template <class PlaneOf>
    void step(const PlaneOf& in, std::int64_t z, MaskByte* out, Room& room) const {
        const std::int64_t nx = shape_.x();
        const MaskByte* const beyond = room.padded.data() + margin_;
        for (std::int64_t y = 0; y < shape_.y(); ++y) {
            MaskByte* const to = out + y * nx;
            room.parts.clear();
            MaskByte* line = room.padded.data() + margin_;
            const MaskByte* before = nullptr;  // what the group before was combined to
            for (const auto& [group, goes_on, is_continued] : neighbours_) {
                const bool in_place = group.shifts.size() == 1 && group.shifts[0] == 0 && !is_continued;
                auto& into = in_place ? room.parts : room.group;
                if (!in_place) room.group.clear();
                if (goes_on && before) into.push_back(before);
                add_lines(in, y, z, group.lines, beyond, into);
                if (in_place) continue;
                line += padded_length();
                before = nullptr;
                if (room.group.empty()) continue;
                combine_lines<Rule>(room.group, line, nx);
                before = line;
                for (const auto shift : group.shifts) room.parts.push_back(line + shift);
            }
            if (room.parts.empty()) {
                std::fill_n(to, nx, MaskByte{1} - Rule::decisive);
            } else {
                combine_lines<Rule>(room.parts, to, nx);
            }
            if (changeable_) keep_outside(to, in(z) + y * nx, changeable_ + shape_.index(0, y, z), nx);
        }
    }

    [[nodiscard]] const Shape& shape() const { return shape_; }

    /// The first and the last plane that a plane looks at, counted from itself.
    [[nodiscard]] std::array<std::int64_t, 2> planes() const {
        std::array<std::int64_t, 2> out{};
        for (const auto& offset : offsets_) {
            out = {std::min(out[0], offset[2]), std::max(out[1], offset[2])};
        }
        return out;
    }

    /// Repeats steps until nothing changes; for neighbourhoods that hold the voxel itself. What has turned stays, so
    /// each voxel is shown to its neighbours once.
    void flood(const MaskByte* in, MaskByte* out) const {
        PackedMask turned(shape_, in);
        if (Rule::decisive == 0) turned.flip();
        PackedMask open = turned;
        open.flip();
        if (changeable_) {
            const PackedMask changeable(shape_, changeable_);
            open.with(changeable, [](std::uint64_t& word, std::uint64_t may) { word &= may; });
        }
        Flood flood(offsets_, open, Flood::slabs_for(shape_));
        flood.start_from(turned);
        if (outside_ == Rule::decisive) flood.start_from_outside();
        const PackedMask left = std::move(flood).run();
        open.with(left, [](std::uint64_t& word, std::uint64_t still) { word ^= still; });
        turned.with(open, [](std::uint64_t& word, std::uint64_t reached) { word |= reached; });
        if (Rule::decisive == 0) turned.flip();
        turned.unpack(out);
    }

private:
    [[nodiscard]] std::int64_t padded_length() const { return shape_.x() + 2 * margin_; }

    /// Adds the lines at some offsets from (y, z); those outside only where they decide.
    template <class PlaneOf>
    void add_lines(const PlaneOf& in, std::int64_t y, std::int64_t z,
                   const std::vector<std::array<std::int64_t, 2>>& offsets, const MaskByte* beyond,
                   std::vector<const MaskByte*>& lines) const {
        for (const auto& [dy, dz] : offsets) {
            if (shape_.contains(0, y + dy, z + dz)) {
                lines.push_back(in(z + dz) + (y + dy) * shape_.x());
            } else if (outside_ == Rule::decisive) {
                lines.push_back(beyond);
            }
        }
    }

    Shape shape_;
    std::vector<Offset> offsets_;
    std::vector<NestedLines> neighbours_;
    const MaskByte* changeable_;
    MaskByte outside_;
    std::int64_t margin_ = 0;
};

/// One step and then another, plane by plane: what the first makes stays in cache until the second has seen it, and never
/// becomes a volume. On several threads each makes anew the few planes where its part ends.
template <class First, class Second>
void step_both(const Morphology<First>& first_step, const Morphology<Second>& second_step, const MaskByte* in,
               MaskByte* out) {
    const Shape& shape = first_step.shape();
    if (shape.size() == 0) return;
    const std::int64_t plane = shape.x() * shape.y();
    const auto planes = second_step.planes();  // by name: Clang 14 captures no structured bindings
    const std::int64_t low = planes[0], high = planes[1];
    const std::int64_t kept = std::min(high - low + 1, shape.z());
    constexpr std::int64_t least_voxels = std::int64_t{1} << 18;
    const std::int64_t grain =
        std::max({shape.z() / (4 * std::int64_t{threads()}) + 1, 4 * kept, least_voxels / plane});
    parallel_for(shape.z(), grain, [&](std::int64_t begin, std::int64_t end) {
        auto first_room = first_step.room_for_planes();
        auto second_room = second_step.room_for_planes();
        Buffer<MaskByte> between(kept * plane, Uninitialized{});
        const auto from = [&](std::int64_t z) { return in + z * plane; };
        const auto made = [&](std::int64_t z) { return between.data() + z % kept * plane; };
        std::int64_t next = std::max<std::int64_t>(0, begin + low);
        for (std::int64_t z = begin; z < end; ++z) {
            for (; next <= std::min(z + high, shape.z() - 1); ++next) {
                first_step.step(from, next, made(next), first_room);
            }
            second_step.step(made, z, out + z * plane, second_room);
        }
    });
}

/// \throws Error stopped when the caller asks for it
inline void stop_if_asked(const StopRequest& stop, std::string_view who, std::int64_t done) {
    if (!stop || !stop()) return;
    throw Error(ErrorCode::stopped, text(who, ": stopped on request after ", done, " iterations"));
}

/// Repeats steps from `in` into `out`, at most `iterations` of them or, when that is less than 1, until
/// nothing changes.
/// \throws InvalidArgument when that never happens; Error stopped when `stop` says so
template <class Rule>
void repeat(const Morphology<Rule>& morphology, const MaskByte* in, MaskByte* out, std::int64_t size,
            std::int64_t iterations, std::string_view who, const StopRequest& stop) {
    stop_if_asked(stop, who, 0);
    if (size == 0) return;
    if (iterations < 1 && morphology.looks_at_itself()) return morphology.flood(in, out);
    morphology.step(in, out);
    if (iterations == 1) return;

    // Without itself in view a voxel may blink for ever. A state that returns proves it; comparing with the
    // state after 1, 2, 4, 8 ... steps finds every cycle (Brent 1980).
    const auto bytes = static_cast<std::size_t>(size);
    Buffer<MaskByte> second(size, Uninitialized{}), seen;
    MaskByte* now = out;
    MaskByte* next = second.data();
    for (std::int64_t done = 1, mark = 1; iterations < 1 || done < iterations; ++done) {
        if (iterations < 1 && done == mark) {
            if (seen.size() == 0) seen = Buffer<MaskByte>(size, Uninitialized{});
            std::copy_n(now, size, seen.data());
            mark *= 2;
        }
        stop_if_asked(stop, who, done);
        morphology.step(now, next);
        std::swap(now, next);
        if (std::memcmp(now, next, bytes) == 0) break;
        if (iterations < 1 && std::memcmp(now, seen.data(), bytes) == 0) {
            throw InvalidArgument(text(who,
                                       ": repeated until nothing changes, but the mask changes for ever; let "
                                       "the structure hold its own centre, or give a number of iterations"));
        }
    }
    if (now != out) std::copy_n(now, size, out);
}

/// Where voxels may change; nothing when that is everywhere.
/// \throws GridMismatch when the mask of the options lies on another grid
[[nodiscard]] inline const MaskByte* changeable_voxels(std::string_view who,
                                                       const VolumeView<const bool>& mask,
                                                       const std::optional<Mask>& changeable) {
    if (!changeable) return nullptr;
    require_same_grid(mask.grid(), changeable->grid(), text(who, ": `mask` and the input"));
    return reinterpret_cast<const MaskByte*>(changeable->data());
}

/// Applies a rule to a mask: what `dilate` and `erode` share.
template <class Rule>
[[nodiscard]] Mask apply(std::string_view who, const VolumeView<const bool>& mask,
                         const std::vector<Offset>& offsets, const MorphologyOptions& options) {
    const MaskByte* const changeable = changeable_voxels(who, mask, options.mask);
    const ThreadsOfCall threads_of_call(options.threads);
    auto out = like<bool>(mask);
    const Morphology<Rule> morphology(mask.shape(), offsets, changeable, options.border_value);
    repeat(morphology, reinterpret_cast<const MaskByte*>(mask.data()),
           reinterpret_cast<MaskByte*>(out.data()), mask.size(), options.iterations, who, options.stop);
    return out;
}

/// Applies one rule and then another, each once: what `opening` and `closing` share.
template <class First, class Second>
[[nodiscard]] Mask apply_both(std::string_view who, const VolumeView<const bool>& mask,
                              const std::vector<Offset>& first, const std::vector<Offset>& second,
                              const MorphologyOptions& options) {
    const MaskByte* const changeable = changeable_voxels(who, mask, options.mask);
    const ThreadsOfCall threads_of_call(options.threads);
    stop_if_asked(options.stop, who, 0);
    auto out = like<bool>(mask);
    step_both(Morphology<First>(mask.shape(), first, changeable, options.border_value),
              Morphology<Second>(mask.shape(), second, changeable, options.border_value),
              reinterpret_cast<const MaskByte*>(mask.data()), reinterpret_cast<MaskByte*>(out.data()));
    return out;
}

}  // namespace roi::detail
