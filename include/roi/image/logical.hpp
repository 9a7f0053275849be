// From volumes to masks: comparisons, and, or, not, and how many voxels are true.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace roi {

/// A number that the voxels of a volume can be compared with.
template <class T>
concept Scalar = std::is_arithmetic_v<T>;

namespace detail {

/// NumPy's truth: everything but zero, so NaN is true and -0.0 is not.
template <Voxel T>
[[nodiscard]] constexpr bool truth(T value) {
    return value != T{0};
}

/// `a && b` and `a || b` without a branch, which random voxels would mispredict.
[[nodiscard]] constexpr bool both(bool a, bool b) {
    return (static_cast<unsigned>(a) & static_cast<unsigned>(b)) != 0;
}
[[nodiscard]] constexpr bool either(bool a, bool b) {
    return (static_cast<unsigned>(a) | static_cast<unsigned>(b)) != 0;
}

/// Two numbers as one type in which they compare by value: no wrapped signs, no cut fractions.
///
/// A 64-bit integer beside a real number is rounded to double, as in NumPy.
template <class Comparison, Scalar A, Scalar B>
[[nodiscard]] constexpr bool holds(A a, B b) {
    constexpr Comparison compare;
    if constexpr (std::same_as<A, bool>) {
        return holds<Comparison>(static_cast<unsigned char>(a), b);
    } else if constexpr (std::same_as<B, bool>) {
        return holds<Comparison>(a, static_cast<unsigned char>(b));
    } else if constexpr (std::floating_point<A> != std::floating_point<B>) {
        return compare(static_cast<double>(a), static_cast<double>(b));
    } else if constexpr (std::signed_integral<A> && std::unsigned_integral<B>) {
        return a < 0 ? compare(-1, 0) : compare(static_cast<std::make_unsigned_t<A>>(a), b);
    } else if constexpr (std::unsigned_integral<A> && std::signed_integral<B>) {
        return b < 0 ? compare(0, -1) : compare(a, static_cast<std::make_unsigned_t<B>>(b));
    } else {
        return compare(a, b);
    }
}

/// The voxels of a volume; those of a mask as bytes 0 and 1, which GCC vectorises beside numbers, as it does not `bool`.
template <Voxel T>
[[nodiscard]] auto numbers(const Volume<T>& volume) {
    if constexpr (std::same_as<T, bool>) {
        return reinterpret_cast<const unsigned char*>(volume.data());
    } else {
        return volume.data();
    }
}

/// out[i] = relation(voxels[i]...) for `count` voxels.
template <class Relation, class... T>
ROI_ALWAYS_INLINE void where_body(const Relation& relation, std::int64_t count, bool* out,
                                  const T*... voxels) {
    for (std::int64_t i = 0; i < count; ++i) out[i] = relation(voxels[i]...);
}

template <class Relation, class... T>
ROI_TARGET_AVX2 void where_avx2(const Relation& relation, std::int64_t count, bool* out, const T*... voxels) {
    where_body(relation, count, out, voxels...);
}

template <class Relation, class... T>
void where(const Relation& relation, std::int64_t count, bool* out, const T*... voxels) {
    if (use_avx2()) return where_avx2(relation, count, out, voxels...);
    where_body(relation, count, out, voxels...);
}

/// `relation(voxel)` of every voxel.
template <Voxel T, class Relation>
[[nodiscard]] Mask where(const Volume<T>& volume, const Relation& relation) {
    Mask out(volume.grid(), Uninitialized{}, inherited(volume.metadata()));
    where(relation, out.size(), out.data(), numbers(volume));
    return out;
}

/// `relation(voxel of a, voxel of b)` of every voxel; `what` names both for the error message.
template <Voxel A, Voxel B, class Relation>
[[nodiscard]] Mask where(const Volume<A>& a, const Volume<B>& b, std::string_view what,
                         const Relation& relation) {
    require_same_grid(a.grid(), b.grid(), what);
    Mask out(a.grid(), Uninitialized{}, inherited(a.metadata()));
    where(relation, out.size(), out.data(), numbers(a), numbers(b));
    return out;
}

/// Compares every voxel with one number, which takes the precision of a volume of reals first.
template <class Comparison, Voxel T, Scalar S>
[[nodiscard]] Mask compare(const Volume<T>& volume, S scalar) {
    if constexpr (RealVoxel<T>) {
        const auto rounded = static_cast<T>(scalar);
        return where(volume, [rounded](T value) { return Comparison{}(value, rounded); });
    } else {
        return where(volume, [scalar](auto value) { return holds<Comparison>(value, scalar); });
    }
}

template <class Comparison, Voxel A, Voxel B>
[[nodiscard]] Mask compare(const Volume<A>& a, const Volume<B>& b) {
    return where(a, b, "comparison: the two volumes",
                 [](auto left, auto right) { return holds<Comparison>(left, right); });
}

}  // namespace detail

/// \name Comparisons
/// Voxel by voxel, as NumPy's operators on arrays: `map != 0.0f`, `labels == 5`, `0 < map`, `a >= b`.
///
/// \param a, b  a volume and a number in either order, or two volumes on one grid
/// \returns     where the relation holds, on the grid of the first volume and with its metadata
/// \throws GridMismatch when two volumes lie on different grids
///
/// One pass. Every relation with NaN is false but `!=`. Numbers compare by value whatever their types, so
/// `labels == 2.5` holds nowhere and an unsigned voxel is never below 0; only a number beside a volume of
/// float or double is rounded to that type first, as NumPy does, so that `map >= 0.1` finds a float 0.1.
/// \{
template <Voxel A, Voxel B>
[[nodiscard]] Mask operator==(const Volume<A>& a, const Volume<B>& b) {
    return detail::compare<std::equal_to<>>(a, b);
}
template <Voxel T, Scalar S>
[[nodiscard]] Mask operator==(const Volume<T>& a, S b) {
    return detail::compare<std::equal_to<>>(a, b);
}
template <Scalar S, Voxel T>
[[nodiscard]] Mask operator==(S a, const Volume<T>& b) {
    return detail::compare<std::equal_to<>>(b, a);
}

template <Voxel A, Voxel B>
[[nodiscard]] Mask operator!=(const Volume<A>& a, const Volume<B>& b) {
    return detail::compare<std::not_equal_to<>>(a, b);
}
template <Voxel T, Scalar S>
[[nodiscard]] Mask operator!=(const Volume<T>& a, S b) {
    return detail::compare<std::not_equal_to<>>(a, b);
}
template <Scalar S, Voxel T>
[[nodiscard]] Mask operator!=(S a, const Volume<T>& b) {
    return detail::compare<std::not_equal_to<>>(b, a);
}

template <Voxel A, Voxel B>
[[nodiscard]] Mask operator<(const Volume<A>& a, const Volume<B>& b) {
    return detail::compare<std::less<>>(a, b);
}
template <Voxel T, Scalar S>
[[nodiscard]] Mask operator<(const Volume<T>& a, S b) {
    return detail::compare<std::less<>>(a, b);
}
template <Scalar S, Voxel T>
[[nodiscard]] Mask operator<(S a, const Volume<T>& b) {
    return detail::compare<std::greater<>>(b, a);
}

template <Voxel A, Voxel B>
[[nodiscard]] Mask operator<=(const Volume<A>& a, const Volume<B>& b) {
    return detail::compare<std::less_equal<>>(a, b);
}
template <Voxel T, Scalar S>
[[nodiscard]] Mask operator<=(const Volume<T>& a, S b) {
    return detail::compare<std::less_equal<>>(a, b);
}
template <Scalar S, Voxel T>
[[nodiscard]] Mask operator<=(S a, const Volume<T>& b) {
    return detail::compare<std::greater_equal<>>(b, a);
}

template <Voxel A, Voxel B>
[[nodiscard]] Mask operator>(const Volume<A>& a, const Volume<B>& b) {
    return detail::compare<std::greater<>>(a, b);
}
template <Voxel T, Scalar S>
[[nodiscard]] Mask operator>(const Volume<T>& a, S b) {
    return detail::compare<std::greater<>>(a, b);
}
template <Scalar S, Voxel T>
[[nodiscard]] Mask operator>(S a, const Volume<T>& b) {
    return detail::compare<std::less<>>(b, a);
}

template <Voxel A, Voxel B>
[[nodiscard]] Mask operator>=(const Volume<A>& a, const Volume<B>& b) {
    return detail::compare<std::greater_equal<>>(a, b);
}
template <Voxel T, Scalar S>
[[nodiscard]] Mask operator>=(const Volume<T>& a, S b) {
    return detail::compare<std::greater_equal<>>(a, b);
}
template <Scalar S, Voxel T>
[[nodiscard]] Mask operator>=(S a, const Volume<T>& b) {
    return detail::compare<std::less_equal<>>(b, a);
}
/// \}

/// Where both volumes are true: anything but zero, NaN included.
///
/// \param a, b  volumes of any voxel types on one grid
/// \returns     a mask on the grid of `a`, with its metadata
/// \throws GridMismatch when the volumes lie on different grids
///
/// One pass. Equals NumPy's function of the same name for arrays of one shape; nothing is broadcast.
template <Voxel A, Voxel B>
[[nodiscard]] Mask logical_and(const Volume<A>& a, const Volume<B>& b) {
    return detail::where(a, b, "logical_and: the two volumes", [](auto left, auto right) {
        return detail::both(detail::truth(left), detail::truth(right));
    });
}

/// Where at least one of two volumes is true; otherwise as `logical_and`.
template <Voxel A, Voxel B>
[[nodiscard]] Mask logical_or(const Volume<A>& a, const Volume<B>& b) {
    return detail::where(a, b, "logical_or: the two volumes", [](auto left, auto right) {
        return detail::either(detail::truth(left), detail::truth(right));
    });
}

/// Where exactly one of two volumes is true; otherwise as `logical_and`.
template <Voxel A, Voxel B>
[[nodiscard]] Mask logical_xor(const Volume<A>& a, const Volume<B>& b) {
    return detail::where(a, b, "logical_xor: the two volumes",
                         [](auto left, auto right) { return detail::truth(left) != detail::truth(right); });
}

/// Where a volume is zero.
///
/// \param volume  any voxel type; NaN is true, so it becomes false
/// \returns       a mask on the grid of `volume`, with its metadata
///
/// One pass. Equals NumPy's function of the same name.
template <Voxel T>
[[nodiscard]] Mask logical_not(const Volume<T>& volume) {
    return detail::where(volume, [](auto value) { return !detail::truth(value); });
}

/// Number of voxels that are true. One pass; equals NumPy's `count_nonzero`.
[[nodiscard]] inline std::int64_t count(const Mask& mask) {
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
    return out + std::count(mask.begin() + words * width, mask.end(), true);
}

}  // namespace roi
