// The voxel types that images in memory can have.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

// NaN is a value here, and sums that differ from the first value would be reordered: a constant voxel then passes any
// threshold.
#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "roi needs exact floating point: compile without -ffast-math and -ffinite-math-only"
#endif

namespace roi {

/// A type an image can hold: bool, a fixed-width integer of 8 to 64 bits, float or double.
template <class T>
concept Voxel = std::same_as<T, std::remove_cv_t<T>> &&
    (std::same_as<T, bool> || std::same_as<T, float> || std::same_as<T, double> ||
     (std::integral<T> && sizeof(T) <= 8 && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
      !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>));

/// float or double.
template <class T>
concept RealVoxel = Voxel<T> && std::floating_point<T>;

/// An integer that can number regions; not bool.
template <class T>
concept IntegerVoxel = Voxel<T> && std::integral<T> && !std::same_as<T, bool>;

/// A voxel type that stands for a mask or labels, which have no mean: bool, and whole numbers of 32 bits and more.
template <class T>
concept NeverAveraged = Voxel<T> &&
    (std::same_as<T, bool> || (IntegerVoxel<T> && sizeof(T) >= sizeof(std::int32_t)));

/// Any number that arithmetic makes sense on; not bool.
template <class T>
concept NumberVoxel = RealVoxel<T> || IntegerVoxel<T>;

/// The type that arithmetic on `T` is stored in: float up to 32-bit integers, double beyond.
///
/// nilearn's rule for smoothing: masks and 8- to 32-bit integers become float32, 64-bit integers float64.
template <Voxel T>
using RealOf =
    std::conditional_t<std::same_as<T, double> || (std::integral<T> && sizeof(T) == 8), double, float>;

/// float where it holds every `T` exactly, which is up to 16-bit integers, else double.
template <Voxel T>
using ExactReal =
    std::conditional_t<std::same_as<T, float> || (std::integral<T> && sizeof(T) <= 2), float, double>;

namespace detail {

/// False, but not before a template is used: for messages of the compiler.
template <class>
inline constexpr bool never = false;

}  // namespace detail

}  // namespace roi
