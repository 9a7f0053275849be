// How a value between voxel centres is found.
#pragma once

#include <cstdint>

namespace roi {

class Interpolation;

namespace detail {

enum class InterpolationKind : std::uint8_t { automatic, nearest, linear, continuous };

/// One way of interpolating as a type of its own.
template <InterpolationKind Kind>
struct NamedInterpolation {
    constexpr operator Interpolation() const;
};

}  // namespace detail

/// How a value between voxel centres is found: `Interpolation::nearest`, `linear`, `continuous` or `automatic`.
///
/// The four names have types of their own, since integers stay integers with `nearest` and become real numbers with the
/// others; an `Interpolation` holds any of them, where it is chosen while the program runs.
class Interpolation {
    using Kind = detail::InterpolationKind;

public:
    /// `nearest` for masks and labels, else `continuous`. Labels are whole numbers of 32 bits and more, as `Labels`, and images
    /// whose header says so (intent 1002); masks are those of bool, and volumes, runs and sources that are known to be only 0 and 1.
    static constexpr detail::NamedInterpolation<Kind::automatic> automatic{};
    /// The voxel whose centre is nearest; half way between two the one with the higher index.
    static constexpr detail::NamedInterpolation<Kind::nearest> nearest{};
    /// The weighted mean of the 8 voxels around.
    static constexpr detail::NamedInterpolation<Kind::linear> linear{};
    /// A cubic B-spline through all voxels, from the 64 around; overshoots beside sharp edges.
    static constexpr detail::NamedInterpolation<Kind::continuous> continuous{};

    constexpr Interpolation() = default;
    constexpr explicit Interpolation(detail::InterpolationKind kind) : kind_(kind) {}

    [[nodiscard]] constexpr detail::InterpolationKind kind() const { return kind_; }

    friend constexpr bool operator==(Interpolation, Interpolation) = default;

private:
    Kind kind_ = Kind::automatic;
};

template <detail::InterpolationKind Kind>
constexpr detail::NamedInterpolation<Kind>::operator Interpolation() const {
    return Interpolation(Kind);
}

}  // namespace roi
