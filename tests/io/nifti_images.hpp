// Images and files that the tests of NIfTI reading and writing share.
#pragma once

#include <roi/io/load.hpp>

#include "catch.hpp"
#include "nifti_bytes.hpp"
#include "support.hpp"
#include <Eigen/Geometry>
#include <cstring>
#include <string>
#include <vector>

namespace test {

/// Oblique, anisotropic, mirrored, exact in single precision.
inline roi::Affine oblique() {
    roi::Affine affine = roi::Affine::Identity();
    const Eigen::Matrix3d turn =
        Eigen::AngleAxisd(0.3, Eigen::Vector3d(1.0, 2.0, -0.5).normalized()).toRotationMatrix();
    affine.topLeftCorner<3, 3>() = turn * Eigen::Vector3d(-2.0, 3.0, 3.5).asDiagonal();
    affine.topRightCorner<3, 1>() = Eigen::Vector3d(10.25, -20.5, 7.75);
    // GCC 12 at -O3 leaves one number of affine.cast<float>().cast<double>() unrounded.
    for (double& value : affine.reshaped()) value = static_cast<double>(static_cast<float>(value));
    return affine;
}

template <class Image>
void check_same_values(const Image& a, const Image& b) {
    REQUIRE(a.size() == b.size());
    // Bytes, so that NaN equals itself and 0 is not -0.
    CHECK(std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(*a.data())) == 0);
}

/// A NIfTI file of 4 x 3 x 2 counting voxels, perhaps changed.
inline std::string small_file(const HeaderBytes& header = HeaderBytes{}) {
    return header.bytes() + header.voxels(counting(24));
}

}  // namespace test
