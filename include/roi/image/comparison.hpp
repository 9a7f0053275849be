// From volumes to masks: comparisons voxel by voxel.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/image/detail/elementwise.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>

#include <concepts>
#include <functional>
#include <limits>
#include <string_view>
#include <type_traits>

namespace roi {

/// Two volumes, or a volume and a number in either order.
template <class A, class B>
concept Comparable = (AnyVolume<A> && (AnyVolume<B> || Scalar<B>)) || (Scalar<A> && AnyVolume<B>);

namespace detail {

/// A volume and a text: who compares so has a name of a region in mind.
template <class A, class B>
concept ComparedWithText = (AnyVolume<A> && std::convertible_to<const B&, std::string_view> &&
                            !std::is_null_pointer_v<B>) ||
                           (std::convertible_to<const A&, std::string_view> && !std::is_null_pointer_v<A> &&
                            AnyVolume<B>);

/// A volume and something that it cannot be compared with.
template <class A, class B>
concept ComparedWithNone = ((AnyVolume<A> && NoOperand<B>) || (NoOperand<A> && AnyVolume<B>)) &&
                           !Comparable<A, B> && !ComparedWithText<A, B> && !AnyRun<A> && !AnyRun<B>;

template <class A, class B>
concept WronglyCompared = ComparedWithText<A, B> || ComparedWithNone<A, B>;

/// A whole number beside a real one: by value, also where double does not hold the whole number.
template <class Comparison, std::integral A>
[[nodiscard]] constexpr bool holds_exactly(A whole, double real) {
    constexpr Comparison compare;
    if constexpr (std::numeric_limits<A>::digits <= std::numeric_limits<double>::digits) {
        return compare(static_cast<double>(whole), real);
    } else {
        constexpr double end = 2.0 * static_cast<double>(A{1} << (std::numeric_limits<A>::digits - 1));
        if (real >= end) return compare(-1, 0);
        if (real < (std::is_signed_v<A> ? -end : 0.0)) return compare(1, 0);
        if (real != real) return compare(0.0, real);
        const auto cut = static_cast<A>(real);
        return whole == cut ? compare(0.0, real - static_cast<double>(cut)) : compare(whole, cut);
    }
}

/// A relation with its sides exchanged.
template <class Comparison>
struct Turned {
    [[nodiscard]] constexpr bool operator()(auto a, auto b) const { return Comparison{}(b, a); }
};

/// Does a relation hold between two numbers? They compare by value: no wrapped signs, no cut fractions, nothing rounded.
template <class Comparison, Scalar A, Scalar B>
[[nodiscard]] constexpr bool holds(A a, B b) {
    constexpr Comparison compare;
    if constexpr (std::same_as<A, bool>) {
        return holds<Comparison>(static_cast<unsigned char>(a), b);
    } else if constexpr (std::same_as<B, bool>) {
        return holds<Comparison>(a, static_cast<unsigned char>(b));
    } else if constexpr (std::integral<A> && std::floating_point<B>) {
        return holds_exactly<Comparison>(a, static_cast<double>(b));
    } else if constexpr (std::floating_point<A> && std::integral<B>) {
        return holds_exactly<Turned<Comparison>>(b, static_cast<double>(a));
    } else if constexpr (std::signed_integral<A> && std::unsigned_integral<B>) {
        return a < 0 ? compare(-1, 0) : compare(static_cast<std::make_unsigned_t<A>>(a), b);
    } else if constexpr (std::unsigned_integral<A> && std::signed_integral<B>) {
        return b < 0 ? compare(0, -1) : compare(a, static_cast<std::make_unsigned_t<B>>(b));
    } else {
        return compare(a, b);
    }
}

/// A number beside voxels of type `T`: rounded to a type of reals, else as it is.
template <Voxel T, Scalar S>
[[nodiscard]] auto beside(S number) {
    if constexpr (RealVoxel<T>) {
        return static_cast<T>(number);
    } else {
        return number;
    }
}

template <class Comparison, class A, class B>
[[nodiscard]] Mask compare(const A& a, const B& b) {
    if constexpr (Scalar<A>) {
        return mask_where(
            "comparison",
            [number = beside<VoxelOf<B>>(a)](auto value) { return holds<Comparison>(number, value); }, b);
    } else if constexpr (Scalar<B>) {
        return mask_where(
            "comparison",
            [number = beside<VoxelOf<A>>(b)](auto value) { return holds<Comparison>(value, number); }, a);
    } else {
        return mask_where(
            "comparison", [](auto left, auto right) { return holds<Comparison>(left, right); }, a, b);
    }
}

}  // namespace detail

/// \name Comparisons
/// Voxel by voxel, as NumPy's operators on arrays: `map != 0.0f`, `labels == 5`, `0 < map`, `a >= b`.
///
/// \param a, b  a volume and a number in either order, or two volumes on one grid
/// \returns     where the relation holds, on the grid of the first volume and with its metadata
/// \throws GridMismatch when two volumes lie on different grids
///
/// One pass. Every relation with NaN is false but `!=`. Numbers compare by value whatever their types, 64 bits beside double too,
/// so `labels == 2.5` holds nowhere and an unsigned voxel is never below 0; only a number beside a volume of
/// float or double is rounded to that type first, as NumPy does, so that `map >= 0.1` finds a float 0.1.
/// \{
template <class A, class B>
requires Comparable<A, B>
[[nodiscard]] Mask operator==(const A& a, const B& b) { return detail::compare<std::equal_to<>>(a, b); }

template <class A, class B>
requires Comparable<A, B>
[[nodiscard]] Mask operator!=(const A& a, const B& b) { return detail::compare<std::not_equal_to<>>(a, b); }

template <class A, class B>
requires Comparable<A, B>
[[nodiscard]] Mask operator<(const A& a, const B& b) { return detail::compare<std::less<>>(a, b); }

template <class A, class B>
requires Comparable<A, B>
[[nodiscard]] Mask operator<=(const A& a, const B& b) { return detail::compare<std::less_equal<>>(a, b); }

template <class A, class B>
requires Comparable<A, B>
[[nodiscard]] Mask operator>(const A& a, const B& b) { return detail::compare<std::greater<>>(a, b); }

template <class A, class B>
requires Comparable<A, B>
[[nodiscard]] Mask operator>=(const A& a, const B& b) { return detail::compare<std::greater_equal<>>(a, b); }

// A wrong operand gets a line of its own in place of all candidates.
template <class A, class B>
requires detail::WronglyCompared<A, B>
[[nodiscard]] Mask operator==(const A&, const B&) {
    static_assert(!detail::ComparedWithText<A, B>,
                  "roi: == compares volumes with volumes and numbers, not with text");
    static_assert(!detail::ComparedWithNone<A, B>, "roi: == compares volumes with volumes and numbers");
    return {};
}
template <class A, class B>
requires detail::WronglyCompared<A, B>
[[nodiscard]] Mask operator!=(const A&, const B&) {
    static_assert(!detail::ComparedWithText<A, B>,
                  "roi: != compares volumes with volumes and numbers, not with text");
    static_assert(!detail::ComparedWithNone<A, B>, "roi: != compares volumes with volumes and numbers");
    return {};
}
template <class A, class B>
requires detail::WronglyCompared<A, B>
[[nodiscard]] Mask operator<(const A&, const B&) {
    static_assert(!detail::ComparedWithText<A, B>,
                  "roi: < compares volumes with volumes and numbers, not with text");
    static_assert(!detail::ComparedWithNone<A, B>, "roi: < compares volumes with volumes and numbers");
    return {};
}
template <class A, class B>
requires detail::WronglyCompared<A, B>
[[nodiscard]] Mask operator<=(const A&, const B&) {
    static_assert(!detail::ComparedWithText<A, B>,
                  "roi: <= compares volumes with volumes and numbers, not with text");
    static_assert(!detail::ComparedWithNone<A, B>, "roi: <= compares volumes with volumes and numbers");
    return {};
}
template <class A, class B>
requires detail::WronglyCompared<A, B>
[[nodiscard]] Mask operator>(const A&, const B&) {
    static_assert(!detail::ComparedWithText<A, B>,
                  "roi: > compares volumes with volumes and numbers, not with text");
    static_assert(!detail::ComparedWithNone<A, B>, "roi: > compares volumes with volumes and numbers");
    return {};
}
template <class A, class B>
requires detail::WronglyCompared<A, B>
[[nodiscard]] Mask operator>=(const A&, const B&) {
    static_assert(!detail::ComparedWithText<A, B>,
                  "roi: >= compares volumes with volumes and numbers, not with text");
    static_assert(!detail::ComparedWithNone<A, B>, "roi: >= compares volumes with volumes and numbers");
    return {};
}
/// \}

}  // namespace roi
