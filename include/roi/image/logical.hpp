// Masks put together: and, or, not, and how many voxels are true.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/image/comparison.hpp>
#include <roi/image/detail/elementwise.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace roi {

namespace detail {

/// NumPy's truth: everything but zero, so NaN is true and -0.0 is not.
template <Voxel T>
[[nodiscard]] constexpr bool truth(T value) {
    return value != T{0};
}

// Without a branch, which random voxels would mispredict.
struct And {
    template <Voxel... T>
    [[nodiscard]] constexpr bool operator()(T... values) const {
        return (static_cast<unsigned>(truth(values)) & ...) != 0;
    }
};
struct Or {
    template <Voxel... T>
    [[nodiscard]] constexpr bool operator()(T... values) const {
        return (static_cast<unsigned>(truth(values)) | ...) != 0;
    }
};
struct Xor {
    template <Voxel... T>
    [[nodiscard]] constexpr bool operator()(T... values) const {
        return (static_cast<unsigned>(truth(values)) ^ ...) != 0;
    }
};

}  // namespace detail

/// Where all volumes are true: anything but zero, NaN included.
///
/// \param a, b, more  two or more volumes of any voxel types on one grid
/// \returns           a mask on the grid of `a`, with its metadata
/// \throws GridMismatch when the volumes lie on different grids
///
/// One pass over all of them. Equals NumPy's `logical_and.reduce` for arrays of one shape; nothing is broadcast.
template <AnyVolume A, AnyVolume B, AnyVolume... More>
[[nodiscard]] Mask logical_and(const A& a, const B& b, const More&... more) {
    return detail::mask_where("logical_and", detail::And{}, a, b, more...);
}

/// Where at least one of the volumes is true; otherwise as `logical_and`.
template <AnyVolume A, AnyVolume B, AnyVolume... More>
[[nodiscard]] Mask logical_or(const A& a, const B& b, const More&... more) {
    return detail::mask_where("logical_or", detail::Or{}, a, b, more...);
}

/// Where an odd number of the volumes is true, of two exactly one; otherwise as `logical_and`.
template <AnyVolume A, AnyVolume B, AnyVolume... More>
[[nodiscard]] Mask logical_xor(const A& a, const B& b, const More&... more) {
    return detail::mask_where("logical_xor", detail::Xor{}, a, b, more...);
}

/// Where a volume is zero.
///
/// \param volume  any voxel type; NaN is true, so it becomes false
/// \returns       a mask on the grid of `volume`, with its metadata
///
/// One pass. Equals NumPy's function of the same name.
template <AnyVolume V>
[[nodiscard]] Mask logical_not(const V& volume) {
    return detail::mask_where(
        "logical_not", [](auto value) { return !detail::truth(value); }, volume);
}

/// Number of voxels that are true. One pass; equals NumPy's `count_nonzero`.
template <AnyVolume M>
[[nodiscard]] std::int64_t count(const M& volume) {
    static_assert(AnyMask<M>, "roi::count counts the voxels of a mask that are true: write count(map != 0)");
    const auto mask = view_of(volume);
    // Bytes of 0 and 1 are added eight to a word; 255 words fill no byte.
    constexpr std::int64_t width = sizeof(std::uint64_t);
    constexpr std::uint64_t every_other = 0x00FF00FF00FF00FF;
    constexpr std::uint64_t sum_of_four = 0x0001000100010001;
    const std::int64_t words = mask.size() / width;
    std::int64_t out = 0;
    for (std::int64_t first = 0; first < words; first += 255) {
        std::uint64_t bytes = 0;
        for (std::int64_t i = first; i < std::min(first + 255, words); ++i) {
            std::uint64_t word;
            std::memcpy(&word, mask.data() + i * width, sizeof(word));
            bytes += word;
        }
        const std::uint64_t pairs = (bytes & every_other) + ((bytes >> 8) & every_other);
        out += static_cast<std::int64_t>((pairs * sum_of_four) >> 48);
    }
    return out + std::count(mask.data() + words * width, mask.data() + mask.size(), true);
}

/// \name No operators
/// Masks are put together by name, `logical_and(a, b)`: C++'s `&` binds weaker than `==`, and `&&` promises not to look at `b`.
/// \{
template <class A, class B>
requires(AnyVolume<A> || AnyVolume<B>)  //
    [[nodiscard]] Mask
    operator&(const A&, const B&) {
    static_assert(detail::never<A>, "roi: masks have no operator &: write logical_and(a, b)");
    return Mask(Shape());
}
template <class A, class B>
requires(AnyVolume<A> || AnyVolume<B>)  //
    [[nodiscard]] Mask
    operator&&(const A&, const B&) {
    static_assert(detail::never<A>, "roi: masks have no operator &&: write logical_and(a, b)");
    return Mask(Shape());
}
template <class A, class B>
requires(AnyVolume<A> || AnyVolume<B>)  //
    [[nodiscard]] Mask
    operator|(const A&, const B&) {
    static_assert(detail::never<A>, "roi: masks have no operator |: write logical_or(a, b)");
    return Mask(Shape());
}
template <class A, class B>
requires(AnyVolume<A> || AnyVolume<B>)  //
    [[nodiscard]] Mask
    operator||(const A&, const B&) {
    static_assert(detail::never<A>, "roi: masks have no operator ||: write logical_or(a, b)");
    return Mask(Shape());
}
template <class A, class B>
requires(AnyVolume<A> || AnyVolume<B>)  //
    [[nodiscard]] Mask
    operator^(const A&, const B&) {
    static_assert(detail::never<A>, "roi: masks have no operator ^: write logical_xor(a, b), pow(a, b)");
    return Mask(Shape());
}
template <AnyVolume V>
[[nodiscard]] Mask operator!(const V&) {
    static_assert(detail::never<V>, "roi: masks have no operator !: write logical_not(mask)");
    return Mask(Shape());
}
template <AnyVolume V>
[[nodiscard]] Mask operator~(const V&) {
    static_assert(detail::never<V>, "roi: masks have no operator ~: write logical_not(mask)");
    return Mask(Shape());
}
/// \}

}  // namespace roi
