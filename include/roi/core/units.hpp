// Quantities with a unit, so that a width in millimetres cannot be taken for a sigma or a voxel count.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <array>
#include <cmath>

namespace roi {

/// A time in seconds.
struct Seconds {
    double value = 0.0;

    friend constexpr bool operator==(Seconds, Seconds) = default;
};

/// Full width at half maximum of a Gaussian in millimetres, per voxel axis.
///
/// Only built explicitly, so a bare number, a sigma or a count of voxels does not pass for a width.
class Fwhm {
public:
    /// The same width along x, y and z; 0 leaves the image unsmoothed.
    /// \throws InvalidArgument when the width is negative, NaN or infinite
    explicit Fwhm(double millimetres) : Fwhm(millimetres, millimetres, millimetres) {}

    /// One width per voxel axis in millimetres; 0 skips that axis.
    /// \throws InvalidArgument when a width is negative, NaN or infinite
    Fwhm(double x, double y, double z) : millimetres_{x, y, z} {
        for (const double width : millimetres_) {
            if (!(width >= 0.0) || std::isinf(width)) {
                throw InvalidArgument(
                    text("fwhm: expected a width in millimetres of 0 or more, found ", width));
            }
        }
    }

    /// Width along one voxel axis (0, 1, 2 = x, y, z) in millimetres.
    [[nodiscard]] double operator[](int axis) const { return millimetres_[static_cast<std::size_t>(axis)]; }

    /// Standard deviation in voxels along one axis: fwhm / (sqrt(8 ln 2) * voxel size).
    [[nodiscard]] double sigma(int axis, double voxel_size) const {
        return (*this)[axis] / (2.3548200450309493 * voxel_size);
    }

    friend bool operator==(const Fwhm&, const Fwhm&) = default;

private:
    std::array<double, 3> millimetres_;
};

/// Standard deviation of a Gaussian in voxels, per voxel axis; SciPy's `sigma`.
///
/// Only built explicitly, as `Fwhm`: an image is rarely smoothed by voxels, and never by mistake.
class Sigma {
public:
    /// The same along x, y and z; 0 leaves the image unsmoothed.
    /// \throws InvalidArgument when it is negative, NaN or infinite
    explicit Sigma(double voxels) : Sigma(voxels, voxels, voxels) {}

    /// One per voxel axis; 0 skips that axis.
    /// \throws InvalidArgument when one is negative, NaN or infinite
    Sigma(double x, double y, double z) : voxels_{x, y, z} {
        for (const double sigma : voxels_) {
            if (!(sigma >= 0.0) || std::isinf(sigma)) {
                throw InvalidArgument(
                    text("sigma: expected a standard deviation in voxels of 0 or more, found ", sigma));
            }
        }
    }

    /// Along one voxel axis (0, 1, 2 = x, y, z), in voxels.
    [[nodiscard]] double operator[](int axis) const { return voxels_[static_cast<std::size_t>(axis)]; }

    friend bool operator==(const Sigma&, const Sigma&) = default;

private:
    std::array<double, 3> voxels_;
};

}  // namespace roi
